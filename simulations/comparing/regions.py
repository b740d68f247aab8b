"""Where two policies say different things, and which disputes those parts decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property

from reso.expressions.tree import Field, Node, uses, walk
from reso.policy.model import Conclusion, Pause, Phrase, Policy
from reso.study.compare import Changed, Part, flat, words_changed
from reso.study.reading import read_files
from simulations.measures.truth import REFUNDING
from simulations.results import REFUNDS
from simulations.running import PolicyChoice

SORTS = ("chapters", "settlements", "escrow", "legs", "consent")
"""Sections whose entries are no names in expressions: here they are called by both."""
WHOLE = "settlements whole"
DECIDED_AS = {"refund": REFUNDS}
"""As which decisions a remedy is settled, where they are called otherwise."""


def parts_changed(a: PolicyChoice, b: PolicyChoice) -> tuple[Changed, ...]:
    """Return the parts of the files that differ, and the parameters that were set otherwise.

    "Old" is B, "new" is A: what A changes in B.
    """
    before, after = read_files(b.folder), read_files(a.folder)
    found = words_changed(before, after)
    written = [
        {name: flat(entry.tree) for name, entry in files.sections.entries["parameters"].items()}
        for files in (before, after)
    ]
    names = dict.fromkeys((*a.settings, *b.settings))
    texts = {name: (_value(b, written[0], name), _value(a, written[1], name)) for name in names}
    kept = tuple(one for one in found if one.section != "parameters" or one.name not in names)
    return kept + tuple(
        Changed("parameters", name, "changed", (Part("value", old, new),))
        for name, (old, new) in texts.items()
        if old != new
    )


def _value(choice: PolicyChoice, written: Mapping[str, Mapping[str, str]], name: str) -> str:
    if name in choice.settings:
        return choice.settings[name]
    texts = {k: v for k, v in written.get(name, {}).items() if k == "" or k.startswith("value")}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{where.removeprefix('value, ')}: {text}" for where, text in texts.items())


def key_of(part: Changed) -> str:
    """Return what a part is called among the names that rules rest on."""
    match part.section:
        case "overlays":
            return part.name.partition(" ")[0]  # it is laid over this parameter
        case "stages":
            return part.name.rpartition(", ")[2]  # the question of the step
        case section if section in SORTS:
            return f"{section} {part.name}"
        case _:
            return part.name


@dataclass(frozen=True)
class Grounds:
    """What the rules of a policy rest on: every name they mention, through all definitions.

    A rule or question also rests on its chapter, and a rule on how what it concludes becomes an
    amount: its settlement, what the order holds, the movements and the consent that go with it.
    """

    policy: Policy

    def of(self, *names: str) -> frozenset[str]:
        """Return the names that rules and questions rest on, their own too; none of others."""
        found, todo = set[str](), [name for name in names if name in self._mentioned]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self._mentioned.get(name, ()))
        return frozenset(found)

    @cached_property
    def _mentioned(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for name, entry in self._entries():
            found.setdefault(name, set()).update(_names(entry))
        for question in self.policy.questions:
            found[question.name].add(f"chapters {question.chapter}")
        for rule in self.policy.rules:
            found[rule.name].add(f"chapters {rule.chapter}")
            for concluded in rule.conclude.parts():
                found[rule.name].update(self._paid_by(rule.chapter, concluded))
        return {name: frozenset(names) for name, names in found.items()}

    def _entries(self) -> Iterator[tuple[str, object]]:
        """Yield what has a name, and what it says."""
        policy = self.policy
        yield from policy.picks
        for entries in (policy.definitions, policy.questions, policy.rules):
            yield from ((entry.name, entry) for entry in entries)
        for overlay in policy.overlays:
            yield overlay.parameter, overlay
        for chapter in policy.chapters:
            yield f"chapters {chapter.name}", chapter
        for settlement in policy.settlements:
            yield f"settlements {settlement.remedy}", settlement
        yield WHOLE, policy.whole
        for holding in policy.escrow.holdings:
            yield f"escrow {holding.component}", holding
        yield from ((f"legs {movement.name}", movement) for movement in policy.movements)
        yield from ((f"consent {rule.name}", rule) for rule in policy.consent)

    def _paid_by(self, chapter: str, concluded: Conclusion) -> Iterator[str]:
        """Yield what makes a conclusion of a chapter an amount, and puts it to the parties.

        A conclusion that takes another's ("as requested") may be of any remedy.
        """
        policy = self.policy
        if not concluded.remedy and not concluded.reference:
            return
        remedies = DECIDED_AS.get(concluded.remedy, (concluded.remedy,))
        if concluded.remedy in (*REFUNDING, "refund") or concluded.reference:
            yield WHOLE
            yield from (f"escrow {one.component}" for one in policy.escrow.holdings)
        for one in policy.settlements:
            if concluded.reference or one.remedy in (concluded.remedy, *remedies):
                yield f"settlements {one.remedy}"
        for section, entries in (("legs", policy.movements), ("consent", policy.consent)):
            for entry in entries:
                is_for = not entry.applies_to or concluded.reference
                if entry.chapter in ("", chapter) and (
                    is_for or not set(remedies).isdisjoint(entry.applies_to)
                ):
                    yield f"{section} {entry.name}"


def _names(entry: object) -> Iterator[str]:
    """Yield the names an entry mentions itself, in any expression of it."""
    match entry:
        case tuple() | list():
            for part in entry:
                yield from _names(part)
        case Phrase():
            return  # what it says, not what it rests on
        case Pause(question=question) if question:
            yield question
        case _ if isinstance(entry, Node):
            told = uses(entry)
            yield from (*told.refs, *told.picks, *told.answers, *told.clocks)
            yield from (node.name for node in walk(entry) if isinstance(node, Field))
        case _ if is_dataclass(entry) and not isinstance(entry, type):
            for field in fields(entry):
                yield from _names(getattr(entry, field.name))
