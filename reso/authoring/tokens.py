"""The words of a YAML file with the gaps between them, where the comments stand."""

import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ruamel.yaml import YAML
from ruamel.yaml.tokens import ScalarToken, StreamEndToken, StreamStartToken, Token


@lru_cache(maxsize=2)
def scan(text: str) -> tuple[Token, ...]:
    """Return the tokens of a YAML text, those that only mark structure (of no width) included."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    return tuple(yaml.scan(text))


def span(token: Token, text: str) -> tuple[int, int]:
    """Return where a token's text begins and ends.

    A text in block style ends with its last line that is not just indentation; spaces at the end
    of its lines are part of it.
    """
    start, end = token.start_mark.index, token.end_mark.index
    raw = text[start:end]
    if not (isinstance(token, ScalarToken) and token.style in ("|", ">")):
        return start, start + len(raw.rstrip(" \t\n"))
    lines = raw.split("\n")
    while len(lines) > 1 and len(lines[-1]) <= indent_of(lines[1:]):
        lines.pop()
    return start, start + len("\n".join(lines))


def indent_of(lines: Iterable[str]) -> int:
    """Return how far a text in block style is indented; endlessly, if it has no words."""
    return min(
        (len(ln) - len(ln.lstrip(" ")) for ln in lines if ln.strip(" ")), default=sys.maxsize
    )


def is_written(token: Token) -> bool:
    """Whether a token has a text of its own."""
    if isinstance(token, StreamStartToken | StreamEndToken):
        return False
    return bool(token.end_mark.index > token.start_mark.index)


def comments(text: str) -> list[tuple[int, int]]:
    """Return where the comments of a YAML text begin and end, in file order."""
    found: list[tuple[int, int]] = []
    position = 0
    for start, end in [*(span(t, text) for t in scan(text) if is_written(t)), (len(text), 0)]:
        for offset, line in _lines(text[position:start], position):
            at = line.find("#")
            if at >= 0:
                found.append((offset + at, offset + len(line.rstrip())))
        position = end
    return found


def _lines(gap: str, offset: int) -> Iterator[tuple[int, str]]:
    for line in gap.split("\n"):
        yield offset, line
        offset += len(line) + 1
