"""Why a text is no YAML: what the YAML reader says, as texts of the catalogue."""

import re
from collections.abc import Mapping

from reso.problems.said import Value, said

_REASONS: Mapping[str, str] = {
    r"found unexpected end of stream": "yaml-unexpected-end",
    r"expected ',' or '(?P<close>[\]}])', but got (?P<found>.+)": "yaml-comma-or-bracket",
    r"mapping values are not allowed here": "yaml-no-mapping-here",
    r"could not find expected ':'": "yaml-no-colon",
    r"found character (?P<char>.+) that cannot start any token": "yaml-cannot-start",
    r"expected <block end>, but found (?P<found>.+)": "yaml-block-end",
    r"expected the node content, but found (?P<found>.+)": "yaml-no-content",
    r"sequence entries are not allowed here": "yaml-no-item-here",
    r"found undefined alias (?P<name>.+)": "yaml-undefined-alias",
    r"found unknown escape character (?P<char>.+)": "yaml-unknown-escape",
    r"but found another document": "yaml-another-document",
}


def yaml_reason(reason: str) -> Value:
    """Return the reason as a text of the catalogue; an uncommon one as the reader words it."""
    for pattern, code in _REASONS.items():
        if match := re.match(pattern, reason):
            return said(code, **match.groupdict())
    return reason
