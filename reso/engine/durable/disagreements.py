"""Disagreement files: a case on which the engines differ, with both results, to be run again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from reso.engine.judgement import Judgement, MatterResult, Status
from reso.errors import InputError
from reso.facts.operations import UNKNOWN
from reso.facts.rows import json_number
from reso.facts.text import read_json
from reso.facts.writer import write_case_file
from reso.model.case import Case
from reso.model.time import parse_instant
from reso.policy.model import OUTCOME, Policy

FORMAT = 1
NO_RESULT = "no result"
Told = dict[str, Any]
READABLE_BY_OWNER = 0o600
"""A disagreement file holds the facts of a case."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What two engines made of a case.

    Attributes:
        pack: the folder of the policy; its version and hash are in `policy`.
        trouble: "difference", or why the second engine gave no result.
        given: the case file. `at`: the instant it was judged at.
        compiled, durable: what each engine found; of one without a result, why.
    """

    pack: str
    policy: Mapping[str, str]
    trouble: str
    given: Mapping[str, Any]
    at: str
    compiled: Told
    durable: Told

    @property
    def instant(self) -> datetime:
        """The instant the case was judged at."""
        return parse_instant(self.at)

    def write(self, folder: Path) -> Path:
        """Write it into a folder and return the file; the same disagreement is one file.

        Raises:
            OSError: it cannot be written.
        """
        data = {name: getattr(self, name) for name in self.__slots__}
        whole = {"format": FORMAT, **data}
        text = json.dumps(whole, ensure_ascii=False, indent=2, default=json_number) + "\n"
        name = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{name}.json"
        file.touch(mode=READABLE_BY_OWNER)
        file.write_text(text, encoding="utf-8", errors="surrogatepass")
        return file

    @classmethod
    def read(cls, file: Path) -> "Disagreement":
        """Read a disagreement file.

        Raises:
            InputError: it is none. OSError: it cannot be read.
        """
        what = "this is no disagreement file"
        try:
            text = file.read_text(encoding="utf-8", errors="surrogatepass")
            data: Any = read_json(text, str(file))
            if data.pop("format") != FORMAT:
                raise InputError(str(file), "it was written by another version of reso")
            found = cls(**data)
            _ = found.instant
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(str(file), what) from error
        return found


def disagreement(
    policy: Policy, pack: str, trouble: str, case: Case, at: datetime, compiled: Told, durable: Told
) -> Disagreement:
    """Return a disagreement on a case; facts that the policy does not know are left out."""
    table = policy.table
    known = {*table.fields, *table.lists, *table.objects}
    own = replace(
        case,
        fields={name: value for name, value in case.fields.items() if name in known},
        lists={name: items for name, items in case.lists.items() if name in known},
    )
    version = {"name": policy.name, "version": policy.version, "content_hash": policy.content_hash}
    given = write_case_file(own, table)
    return Disagreement(pack, version, trouble, given, at.isoformat(), compiled, durable)


def same(one: Judgement, other: Judgement) -> bool:
    """Whether two judgements agree on every rule and every matter."""
    return one.statuses == other.statuses and one.matters == other.matters


def told(judgement: Judgement) -> Told:
    """Return what an engine found, as data."""
    return {
        "chapter": judgement.chapter,
        "rules": {name: _status(status) for name, status in judgement.statuses.items()},
        "matters": {name: _matter(matter) for name, matter in judgement.matters.items()},
    }


def differences(one: Told, other: Told) -> list[str]:
    """Return a line for each rule and matter of which two engines say different things."""
    if NO_RESULT in one or NO_RESULT in other:
        return [f"{in_short(one)} / {in_short(other)}"]
    return [
        f"{what[:-1]} {name}: {one[what].get(name)} / {other[what].get(name)}"
        for what in ("rules", "matters")
        for name in sorted({*one[what], *other[what]})
        if one[what].get(name) != other[what].get(name)
    ]


def silent(error: Exception) -> Told:
    """Return what is kept of an engine that found nothing."""
    return {NO_RESULT: str(error)}


def in_short(found: Told) -> str:
    """Return the outcome an engine found, and the rules it rests on, in a few words."""
    if NO_RESULT in found:
        return f"no result: {found[NO_RESULT]}"
    matter = found["matters"][OUTCOME]
    told = " or ".join(found.get("remedy", "?") for found in matter["conclusions"])
    state = told if matter["settled"] else f"open: {told}"
    return f"{state} ({', '.join((*matter['deciding'], *matter['undecided'])) or 'no rule'})"


def _status(status: Status) -> dict[str, str]:
    return {
        name: "unknown" if (truth := getattr(status, name)) is UNKNOWN else str(truth).lower()
        for name in status.__slots__
    }


def _matter(matter: MatterResult) -> Told:
    conclusions = [
        {name: value for name in c.__slots__ if (value := getattr(c, name)) not in ("", None)}
        for c in matter.conclusions
    ]
    return {
        "settled": matter.settled,
        "conclusions": conclusions,
        "deciding": list(matter.deciding),
        "undecided": list(matter.undecided),
        "needed": list(matter.needed),
        "too_many": matter.too_many,
    }
