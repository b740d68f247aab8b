"""Tiny packs from YAML text, for tests by example: write one, load it, judge a case by it.

A pack is written as it stands in a test: `pack("rules: ...")`. Sections that the texts leave out
come from `HEADER` and `OTHERWISE`.
"""

from collections.abc import Iterable
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.judgement import Judgement
from reso.engine.logic import Reference
from reso.expressions.tree import Ref
from reso.facts.reader import load_case_text, read_case_file
from reso.facts.table import FactTable
from reso.model.case import Case
from reso.model.ruling import EvidenceTrace, QuestionTrace, Reason, Ruling
from reso.policy.clocks import QuestionState
from reso.policy.loader import check_pack, load_policy
from reso.policy.model import Policy
from reso.policy.problems import Problem
from reso.study.checking import checked

HEADER = """\
policy: small
currency: IDR
time_zone: Asia/Jakarta
calendar: ID
"""
OTHERWISE = "otherwise: escalate\n"
FOLDER = "pack"


def write_pack(root: Path, files: Iterable[tuple[str, str | bytes]]) -> Path:
    """Write a pack into a folder of `root`; a file beside it is named `../shared/x.yaml`."""
    folder = root / FOLDER
    folder.mkdir(parents=True)
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def found_in(*files: tuple[str, str | bytes]) -> list[Problem]:
    """Return every problem of a pack of these files."""
    with TemporaryDirectory() as root, chdir(root):
        write_pack(Path(root), files)
        return check_pack(Path(FOLDER))[1]


def problems_of(*files: tuple[str, str | bytes]) -> list[str]:
    """Return every problem of a pack as its author sees it, with excerpt and caret."""
    return [problem.with_excerpt() for problem in found_in(*files)]


def said_of(*files: tuple[str, str | bytes]) -> list[Problem]:
    """Return all that `reso check` says of a pack, the warnings too."""
    with TemporaryDirectory() as root, chdir(root):
        write_pack(Path(root), files)
        return list(checked(Path(FOLDER)).problems)


@lru_cache(maxsize=512)
def _load(files: tuple[tuple[str, str], ...]) -> Policy:
    with TemporaryDirectory() as root, chdir(root):
        write_pack(Path(root), files)
        return load_policy(Path(FOLDER))


def pack(text: str, *others: str) -> "SmallPack":
    """Return a pack of these files, the first with a header and an `otherwise` if it has none."""
    body = dedent(text).rstrip() + "\n"
    if "\npolicy:" not in f"\n{body}":
        body = HEADER + body
    if "\notherwise:" not in body:
        body += OTHERWISE
    files = [(f"other{number}.yaml", dedent(other)) for number, other in enumerate(others)]
    return SmallPack(_load((("policy.yaml", body), *files)))


@dataclass(frozen=True)
class SmallPack:
    """A loaded pack. What is asked of it is asked of both evaluators, which must agree."""

    policy: Policy

    def case(self, text: str, at: str | datetime | None = None) -> Case:
        """Return the case a YAML text describes, as known at `at` (default: its `now`)."""
        return case_of(self.policy.table, text, at)

    def judge(self, text: str, at: str | datetime) -> Judgement:
        """Judge a case at an instant by the yardstick, after making sure the compiled agrees."""
        case, instant = self.case(text, at), _instant(at)
        expected = Reference(self.policy).judge(case, instant)
        found = Compiled(self.policy).judge(case, instant)
        assert dict(found.questions) == dict(expected.questions)
        assert dict(found.statuses) == dict(expected.statuses)
        assert dict(found.matters) == dict(expected.matters)
        return expected

    def question(self, name: str, text: str, at: str | datetime) -> QuestionState:
        """Return the state of a question at an instant."""
        return self.judge(text, at).world.question(name)

    def rule(self, text: str, at: str | datetime) -> Ruling:
        """Rule on a case at an instant."""
        case, instant = self.case(text, at), _instant(at)
        ruling = Engine.of(Compiled(self.policy)).decide(case, instant)
        assert ruling == Engine.of(Reference(self.policy)).decide(case, instant)
        return ruling

    def value(self, name: str, text: str, at: str | datetime) -> object:
        """Return what a reading, parameter or finding of the pack comes to."""
        case, instant = self.case(text, at), _instant(at)
        found = next(d for d in self.policy.definitions if d.name == name)
        node = Ref(name, found.node.type)
        values: list[object] = []
        for evaluator in (Reference(self.policy), Compiled(self.policy)):
            world = evaluator.judge(case, instant).world
            values.append(world.holds(node) if found.kind == "finding" else world.of(node))
        reference, compiled = values
        assert reference == compiled
        assert type(reference) is type(compiled)
        return reference


def case_of(table: FactTable, text: str, at: str | datetime | None = None) -> Case:
    """Return the case a YAML text describes, as known at `at`."""
    body = dedent(text)
    if at is not None and "\nnow:" not in f"\n{body}":
        body += f"\nnow: {_instant(at).isoformat()}\n"
    history = read_case_file(load_case_text(body, "case"), table)
    return history.case_at(None if at is None else _instant(at))


def reason(ruling: Ruling, name: str) -> Reason:
    """Return the reason of that name."""
    return next(found for found in ruling.reasons if found.name == name)


def traced(ruling: Ruling, question: str) -> QuestionTrace:
    """Return the trace of a question."""
    return next(found for found in ruling.questions if found.name == question)


def weighed(ruling: Ruling) -> list[tuple[bool, str]]:
    """Return whether each piece of evidence was used, and why."""
    return [(piece.used, piece.why) for piece in _in_order(ruling.evidence)]


def _in_order(pieces: Iterable[EvidenceTrace]) -> list[EvidenceTrace]:
    return sorted(pieces, key=lambda piece: piece.index)


def _instant(at: str | datetime) -> datetime:
    return (datetime.fromisoformat(at) if isinstance(at, str) else at).astimezone(UTC)


__all__ = [
    "FOLDER",
    "HEADER",
    "OTHERWISE",
    "SmallPack",
    "case_of",
    "found_in",
    "pack",
    "problems_of",
    "reason",
    "said_of",
    "traced",
    "weighed",
    "write_pack",
]
