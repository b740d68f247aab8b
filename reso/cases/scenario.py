"""Scenario files: cases with what a policy must answer to them.

The form is that of the published cases (`given`, `expect`), with the keys of the house policy's
stories and `expect.reasons`, the names of rules that must be among the ruling's reasons.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from reso.facts.listed import ListedCase, listed_cases
from reso.facts.problems import InputProblem, did_you_mean, shown
from reso.facts.text import read_text
from reso.facts.values import Plain
from reso.model.ruling import Decision
from reso.model.time import parse_instant

_ID = re.compile(r"""\bid["']?:\s*["']?(.+?)["']?\s*[,}]?\s*$""", re.MULTILINE)


def _instant(raw: object) -> datetime:
    if isinstance(raw, str | datetime):
        return parse_instant(raw)
    raise ValueError(f"{shown(raw)} is not an instant. Write it like 2026-04-16T10:00+07:00")


Instant = Annotated[datetime, BeforeValidator(_instant)]
Amounts = tuple[Decimal, Decimal]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedDeadline(_Form):
    """When the ruling's clock must end; `kind` is for people."""

    at: Instant
    kind: str = ""
    tolerance_hours: Decimal = Field(default=Decimal(0), ge=0)


class Pattern(_Form):
    """An outcome that must not come out; it does when every key given holds.

    Amounts are in major units. With `outcome` it is for a reader to judge.
    """

    decision: Decision | None = None
    payer: str | None = None
    payee: str | None = None
    of: str | None = None
    amount_over: Decimal | None = None
    amount_under: Decimal | None = None
    return_shipping_payer: str | None = None
    message_contains_any: tuple[str, ...] | None = None
    outcome: str = ""
    why: str = ""


class Leg(_Form):
    """A movement of money that must come out."""

    payer: str | None = None
    payee: str | None = None
    payer_any_of: tuple[str, ...] = ()
    payee_any_of: tuple[str, ...] = ()
    amount: Decimal | None = None
    amount_between: Amounts | None = None
    component: str = ""
    fault: str | None = None
    why: str = ""


class Expectation(_Form):
    """What a policy must answer. Amounts in major units, `percent` 0-100."""

    decision: Decision
    accept_also: tuple[Decision, ...] = ()
    amount: Decimal | None = None
    amount_any_of: tuple[Decimal, ...] = ()
    amount_between: Amounts | None = None
    deadline: ExpectedDeadline | None = None
    deadline_between: tuple[Instant, Instant] | None = None
    payer: str | None = None
    payer_any_of: tuple[str, ...] = ()
    payee: str | None = None
    return_shipping_payer: str | None = None
    quantity: int | None = None
    percent: Decimal | None = None
    of: str | None = None
    of_any_of: tuple[str, ...] = ()
    party: str | None = None
    reasons: tuple[str, ...] = ()
    also: Mapping[str, object] = Field(default_factory=dict)
    legs: tuple[Leg, ...] = ()
    never: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class ScenarioCase:
    """A case of a scenario file.

    Attributes:
        platform: the policy it is for.
        story: what happened, for people; may be empty, as the title.
        given: the case file, as plain data.
        expect: None when nobody said it, or when it is wrong; `problems` then says how.
        line: where it begins, from 1; None where that is not known.
    """

    id: str
    platform: str
    title: str
    story: str
    given: Mapping[str, Plain]
    expect: Expectation | None
    file: str
    line: int | None
    problems: tuple[InputProblem, ...] = ()

    @property
    def place(self) -> str:
        """The file and line, as messages show them."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def load_scenarios(
    path: Path, platform: str = "", *, answered: bool = True
) -> tuple[ScenarioCase, ...]:
    """Return the cases of a scenario file; `platform` is that of cases which name none.

    A wrong `expect` is kept with its case, so that it spoils no other case. With `answered` false
    a case may lack it: then nobody has said yet what should come out.

    Raises:
        InputError: the file cannot be read, or has no list of cases.
        CaseError: cases without an id or `given`, or an id that stands twice.
    """
    text, name = read_text(path), str(path)
    lines = _lines(text)
    listed = listed_cases(text, name, platform, answered=answered)
    return tuple(_case(one, name, lines.get(one.id)) for one in listed)


def _case(listed: ListedCase, file: str, line: int | None) -> ScenarioCase:
    raw = listed.raw
    expect: Expectation | None = None
    problems: tuple[InputProblem, ...] = ()
    try:
        expect = Expectation.model_validate(raw["expect"]) if "expect" in raw else None
    except ValidationError as error:
        problems = tuple(_problems(error, listed.id, file, line))
    return ScenarioCase(
        id=listed.id,
        platform=listed.platform,
        title=str(raw.get("title") or ""),
        story=str(raw.get("story") or ""),
        given=listed.given,
        expect=expect,
        file=file,
        line=line,
        problems=problems,
    )


def _lines(text: str) -> Mapping[str, int]:
    """Return the lines, from 1, on which the ids of a file's cases first stand."""
    found: dict[str, int] = {}
    line, counted = 1, 0
    for said in _ID.finditer(text):
        line += text.count("\n", counted, said.start())
        counted = said.start()
        found.setdefault(said[1], line)
    return found


_KEYS: Mapping[str, type[BaseModel]] = {
    "": Expectation,
    "deadline": ExpectedDeadline,
    "never": Pattern,
    "legs": Leg,
}


def _problems(
    error: ValidationError, id_: str, file: str, line: int | None
) -> Iterator[InputProblem]:
    for detail in error.errors(include_url=False):
        message, hint = _said(detail)
        yield InputProblem(f"{id_}: {_path(detail['loc'])}", message, hint, file, line)


def _said(detail: ErrorDetails) -> tuple[str, str]:
    """Return one error of pydantic in our words: what is wrong, and what to do."""
    match detail["type"]:
        case "extra_forbidden":
            section = str(detail["loc"][0]) if len(detail["loc"]) > 1 else ""
            known = _KEYS.get(section, Expectation).model_fields
            hint = did_you_mean(str(detail["loc"][-1]), known)
            return "unknown key", hint or f"Known: {', '.join(known)}."
        case "missing":
            return "missing", "Write it."
        case "value_error":
            message, _, hint = str(detail["ctx"]["error"]).rpartition(". ")
            return message, f"{hint}."
        case "literal_error":
            words = str(detail["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
            hint = did_you_mean(str(detail["input"]), words.split(", "))
            return f"{shown(detail['input'])} is no decision", hint or f"Known: {words}."
        case _:
            what = detail["msg"].removeprefix("Input should be ")
            return f"{shown(detail['input'])} does not fit here", f"Needed: {what}."


def _path(parts: tuple[int | str, ...]) -> str:
    path = "expect"
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path


__all__ = ["Expectation", "ExpectedDeadline", "Leg", "Pattern", "ScenarioCase", "load_scenarios"]
