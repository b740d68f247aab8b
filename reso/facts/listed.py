"""The cases a scenario file lists, as plain data: who looks at `expect` is told elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from reso.errors import InputError
from reso.facts.problems import CaseError, InputProblem, shown
from reso.facts.text import load_case_text
from reso.facts.values import Plain

FORM = "A scenario file has `cases:`, a list of {id, platform, given, expect}."


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case as it is listed.

    Attributes:
        platform: the policy it is for.
        given: the case file, as plain data.
        raw: all that stands in the list of it.
    """

    id: str
    platform: str
    given: Mapping[str, Plain]
    raw: Mapping[str, Plain]


def listed_cases(
    text: str, name: str, platform: str = "", *, answered: bool = True
) -> tuple[ListedCase, ...]:
    """Return the cases of a scenario file; `platform` is that of cases which name none.

    Messages call the file `name`. With `answered` false a case may lack `expect`.

    Raises:
        InputError: it is not readable, or has no list of cases.
        CaseError: cases without an id or `given`, or an id that stands twice.
    """
    listed = load_case_text(text, name).get("cases")
    if not isinstance(listed, list):
        raise InputError(name, "there is no list of `cases` in it", FORM)
    problems: list[InputProblem] = []
    found: dict[str, ListedCase] = {}
    for number, raw in enumerate(listed, start=1):
        wrong = _wrong(raw, found, platform, answered)
        if wrong or not isinstance(raw, dict):
            where = f"case {number}"
            problems += [InputProblem(where, what, FORM, name) for what in wrong]
            continue
        case = _case(raw, platform)
        found[case.id] = case
    if problems:
        raise CaseError(problems)
    return tuple(found.values())


def _wrong(raw: object, found: Collection[str], platform: str, answered: bool) -> list[str]:
    if not isinstance(raw, dict):
        return [f"is {shown(raw)}, where a mapping is needed"]
    needed = ("id", "given", "expect") if answered else ("id", "given")
    wrong = [f"has no `{key}`" for key in needed if key not in raw]
    if not raw.get("platform") and not platform:
        wrong.append("has no `platform`")
    if not isinstance(raw.get("given", {}), dict):
        wrong.append(f"`given` is {shown(raw['given'])}, where a mapping is needed")
    if str(raw.get("id")) in found:
        wrong.append(f"{shown(raw['id'])} is the id of an earlier case, too")
    return wrong


def _case(raw: Mapping[str, Plain], platform: str) -> ListedCase:
    given = raw["given"]
    return ListedCase(
        id=str(raw["id"]),
        platform=str(raw.get("platform") or platform),
        given=given if isinstance(given, dict) else {},
        raw=raw,
    )
