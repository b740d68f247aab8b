"""Rules the pack's own cases do not try in both directions.

A rule is tried when in some case it decides, and in some other it just does not: its chapter holds
and all of its conditions but one, the findings they name written out; that one fails, or waits for
an answer. Of an exception all may hold, but none of the rules it excepts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from reso.engine.compiled import Compiled
from reso.engine.judgement import Judgement
from reso.errors import ResoError
from reso.expressions.tree import And, Node, Not
from reso.facts.listed import ListedCase, listed_cases
from reso.facts.reader import read_case_file
from reso.facts.table import FactTable
from reso.facts.text import read_text
from reso.memo import digest, remembered
from reso.model.case import Case
from reso.policy.model import Policy, Rule
from reso.policy.possible import can_hold
from reso.policy.review import Remark, remark
from reso.policy.spelling import Spelling

CODES = ("rule-without-case", "rule-without-counter-case")
OWN = "the pack's own policy"
"""Stands for the policy of cases that name none."""

KnownCases = Sequence[tuple[str, Case]]
Untried = list[tuple[str, str]]
"""One of these codes, and the rule it is about."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The rules that decide in some case, and those that just do not in some other."""

    decided: frozenset[str]
    nearly: frozenset[str]


def known_cases(files: Iterable[Path], table: FactTable) -> KnownCases:
    """Return the cases of a pack's files as known at their `now`, each with the policy it is for.

    What `reso test` shows as not to be run is left out.

    Raises:
        InputError: a file cannot be read.
    """
    facts = digest(repr(table.sections))
    found: list[tuple[str, Case]] = []
    for file in files:
        text = read_text(file)
        read = partial(_read, text, str(file), table)
        found += remembered(f"cases {file}", (digest(text), facts), read)
    return found


def tried(policy: Policy, cases: KnownCases) -> Tried:
    """Return what cases try of the rules of a policy; those for other policies are left out."""
    looking, engine = _Looking.at(policy), Compiled(policy)
    for platform, case in cases:
        if platform in (OWN, policy.name):
            looking.take_in(engine.standings(case, case.known_at))
    return Tried(frozenset(looking.decided), frozenset(looking.nearly))


def untried(policy: Policy, tried: Tried) -> Untried:
    """Return the directions in which no case tries a rule."""
    return list(_missing(policy, tried))


def told(policy: Policy, found: Untried) -> Iterator[Remark]:
    """Yield what no case tries as remarks on the rules."""
    rules = {rule.name: rule for rule in policy.rules}
    for code, name in found:
        yield remark(code, name, rules[name].mark, width=1 if "." in name else 0)


def _read(text: str, name: str, table: FactTable) -> tuple[tuple[str, Case], ...]:
    read = ((one.platform, _known(one, table)) for one in listed_cases(text, name, OWN))
    return tuple((platform, case) for platform, case in read if case is not None)


def _known(listed: ListedCase, table: FactTable) -> Case | None:
    """Return a case as known at its `now`; None for what `reso test` shows as not to be run."""
    try:
        history = read_case_file(listed.given, table, listed.id, file="given")
        return None if history.now is None else history.case_at()
    except ResoError:
        return None


@dataclass(slots=True)
class _Looking:
    policy: Policy
    conditions: Mapping[str, tuple[Node, ...]]
    decided: set[str] = field(default_factory=set)
    nearly: set[str] = field(default_factory=set)

    @classmethod
    def at(cls, policy: Policy) -> "_Looking":
        spelled = Spelling.of(policy).out
        found = {rule.name: tuple(_parts(spelled(And(rule.when)))) for rule in policy.rules}
        return cls(policy, found)

    def take_in(self, judged: Judgement) -> None:
        """Note the rules that decide in a judgement, and those that just do not."""
        for rule in self.policy.rules:
            status = judged.statuses.get(rule.name)
            if status is None or rule.chapter not in ("", judged.chapter):
                continue
            if status.decides is True:
                self.decided.add(rule.name)
            elif status.holds is not True and rule.name not in self.nearly:
                self._take_in_nearly(rule, judged)

    def _take_in_nearly(self, rule: Rule, judged: Judgement) -> None:
        failing = (n for n in self.conditions[rule.name] if judged.world.holds(n) is not True)
        if len(list(islice(failing, 2))) <= 1:
            self.nearly.add(rule.name)


def _missing(policy: Policy, tried: Tried) -> Iterator[tuple[str, str]]:
    """Yield what no case has shown."""
    for rule in policy.rules:
        if rule.name not in tried.decided:
            yield CODES[0], rule.name
        if rule.name not in tried.nearly and _can_fail(policy, rule):
            yield CODES[1], rule.name


def _can_fail(policy: Policy, rule: Rule) -> bool:
    """Whether there can be a case of the rule's chapter in which it does not hold."""
    spelled = Spelling.of(policy).out
    chapter = [spelled(c.when) for c in policy.chapters if c.name == rule.chapter]
    own = tuple(_parts(spelled(And(rule.when))))
    return can_hold([*chapter, Not(And(own))])


def _parts(node: Node) -> Iterator[Node]:
    if isinstance(node, And):
        for part in node.parts:
            yield from _parts(part)
    else:
        yield node
