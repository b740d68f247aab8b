"""The compiled evaluator: what runs. Generated once per policy version, it agrees with `logic`.

What a ruling can depend on is a pattern: the truth of each comparison of facts and the open
answers. Statuses and needed sets are kept per pattern, so a pattern seen before costs a look-up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from math import prod
from typing import Generic, TypeVar

from reso.engine.conclude import Concluder
from reso.engine.context import Context
from reso.engine.expressions import CompiledExpressions
from reso.engine.judgement import (
    MAX_COMPLETIONS,
    Judgement,
    MatterResult,
    Resolved,
    Status,
    Statuses,
)
from reso.engine.logic import Reference, asking_cost, ordered
from reso.engine.needed import Variable, needed_set
from reso.engine.program import Flags, Leaf, Leaves, OpenLeaf, Program
from reso.engine.valuation import calendar_of
from reso.facts.calendar import Calendar
from reso.facts.interpret import sections_down
from reso.facts.operations import UNKNOWN, Unknown
from reso.model.case import Case
from reso.policy.clocks import QuestionState
from reso.policy.model import Policy

MAX_PATTERNS = 3_000
"""Entries of a cache of patterns; one takes about 4 KB."""

Value = TypeVar("Value")
Needed = tuple[bool, tuple[str, ...], bool, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The statuses of a chapter's rules under one pattern, and who decides each matter."""

    statuses: Statuses
    deciding: Mapping[str, tuple[str, ...]]
    undecided: Mapping[str, tuple[str, ...]]
    constant: dict[str, MatterResult] = field(default_factory=dict)


class Kept(dict[object, Value], Generic[Value]):
    """A cache that is emptied when it is full, so that memory stays bounded."""

    def keep(self, key: object, value: Value) -> None:
        """Remember a value."""
        if len(self) >= MAX_PATTERNS:
            self.clear()
        self[key] = value


@dataclass(frozen=True, slots=True)
class Reading:
    """A case as the rules of its chapter see it: nothing is judged yet."""

    program: Program
    questions: Mapping[str, QuestionState]
    leaves: Leaves
    context: Context


class Compiled:
    """The evaluator made of generated functions.

    `made` are the policy's compiled expressions, where another evaluator has them already.
    """

    def __init__(self, policy: Policy, made: CompiledExpressions | None = None) -> None:
        self.policy = policy
        self.concluder = Concluder(policy)
        self.made = made or CompiledExpressions(policy)
        self.matters = policy.matters()
        self._reference = Reference(policy)
        self._chapters = [(c.name, self.made.rails(c.when)[0]) for c in policy.chapters]
        self._programs: dict[str, Program] = {}
        self._standings: Kept[Standing] = Kept()
        self._needed: Kept[Needed] = Kept()
        self._calendars: dict[object, Calendar] = {}
        self._matter_of = {rule.name: rule.matter for rule in policy.rules}
        self._conclusions = {rule.name: rule.conclude for rule in policy.rules}

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge a case at an instant; a case with a source down is read node by node."""
        if is_down(case):
            return self._reference.judge(case, at)
        return self.judged(self.reading(case, at))

    def standings(self, case: Case, at: datetime) -> Judgement:
        """Judge where each rule stands, and leave out what the matters come to.

        Nothing is kept of it: it is for cases of which hardly two are alike.
        """
        if is_down(case):
            return self._reference.judge(case, at)
        read = self.reading(case, at)
        statuses = _statuses(read.program, read.leaves)
        return Judgement(at, read.program.chapter, read.questions, statuses, {}, read.context)

    def reading(self, case: Case, at: datetime) -> Reading:
        """Find the chapter of a case with every source up, run its clocks, read its leaves."""
        context = self.context_of(case, at)
        program = self.program(self._chapter(context))
        context.chapter = program.chapter
        questions = {q.name: context.question(q.name) for q in program.questions}
        return Reading(program, questions, program.leaves(context), context)

    def judged(self, reading: Reading) -> Judgement:
        """Judge what was read of a case."""
        program, leaves, context = reading.program, reading.leaves, reading.context
        standing = self.standing(program, leaves)
        matters = {
            matter: self._matter(matter, program, leaves, standing, context)
            for matter in self.matters
        }
        return Judgement(
            context.at, program.chapter, reading.questions, standing.statuses, matters, context
        )

    def context_of(self, case: Case, at: datetime) -> Context:
        """Return what the generated functions read of a case at an instant."""
        return Context(self.made, case, at, self._calendar(case))

    def program(self, chapter: str) -> Program:
        """Return the generated rules of a chapter."""
        found = self._programs.get(chapter)
        if found is None:
            found = self._programs[chapter] = Program(self.policy, chapter, self.made)
        return found

    def standing(self, program: Program, leaves: Leaves) -> Standing:
        """Return where every rule stands, given the leaves."""
        is_open = program.is_open(leaves)
        pattern = program.pattern(leaves) if is_open else program.two_valued(leaves)[0]
        key = (program.chapter, is_open, pattern)
        found = self._standings.get(key)
        if found is None:
            found = self.standing_of(_statuses(program, leaves))
            self._standings.keep(key, found)
        return found

    def standing_of(self, statuses: Statuses) -> Standing:
        """Return who decides each matter, given every rule's status."""
        deciding: dict[str, list[str]] = {}
        undecided: dict[str, list[str]] = {}
        for name, status in statuses.items():
            if status.decides is True:
                deciding.setdefault(self._matter_of[name], []).append(name)
            elif status.decides is UNKNOWN:
                undecided.setdefault(self._matter_of[name], []).append(name)
        return Standing(
            statuses,
            {matter: tuple(names) for matter, names in deciding.items()},
            {matter: tuple(names) for matter, names in undecided.items()},
        )

    def decides(self, program: Program, completions: Sequence[Leaves]) -> Sequence[Flags]:
        """Return which rules decide under each completion, with nothing open."""
        return [program.two_valued(leaves)[1] for leaves in completions]

    def _calendar(self, case: Case) -> Calendar:
        fields = case.fields
        key = (fields.get("calendar.weekend"), fields.get("calendar.holidays"))
        if key == (None, None):
            return self.policy.calendar
        found = self._calendars.get(key)
        if found is None:
            if len(self._calendars) > 1_000:
                self._calendars.clear()
            found = self._calendars[key] = calendar_of(self.policy.calendar, case)
        return found

    def _chapter(self, context: Context) -> str:
        held = [name for name, holds in self._chapters if holds(context)]
        return held[0] if len(held) == 1 else ""

    # -- matters ----------------------------------------------------------------------------

    def _matter(
        self,
        matter: str,
        program: Program,
        leaves: Leaves,
        standing: Standing,
        context: Context,
    ) -> MatterResult:
        found = standing.constant.get(matter)
        if found is not None:
            return found
        deciding = standing.deciding.get(matter, ())
        undecided = standing.undecided.get(matter, ())
        resolve = self.concluder.resolve
        names = (*deciding, *undecided)
        resolved = [resolve(self._conclusions[name], context) for name in names]
        if not deciding:
            otherwise = self.concluder.otherwise(program.chapter, matter)
            resolved.append(resolve(otherwise, context))
        possible = set(resolved)
        if not undecided or len(possible) == 1:
            found = MatterResult(matter, True, ordered(possible), deciding, undecided)
            if all(conclusion.value and conclusion.percent is None for conclusion in possible):
                standing.constant[matter] = found
            return found
        return self._open_matter(
            matter, program, leaves, deciding, undecided, tuple(resolved), context
        )

    def _open_matter(
        self,
        matter: str,
        program: Program,
        leaves: Leaves,
        deciding: tuple[str, ...],
        undecided: tuple[str, ...],
        resolved: tuple[Resolved, ...],
        context: Context,
    ) -> MatterResult:
        """Settle an open matter by its completions, kept per pattern and equal conclusions."""
        classes = tuple(resolved.index(conclusion) for conclusion in resolved)
        open_leaves = [
            leaf for leaf in program.open_leaves_of(undecided) if leaves[leaf.index] is UNKNOWN
        ]
        asked = tuple(
            sorted(
                owner
                for leaf in open_leaves
                for owner in leaf.owners
                if context.question(owner).to_be_asked
            )
        )
        owners = tuple(_open_owners(leaf, context) for leaf in open_leaves)
        key = (program.chapter, matter, program.pattern(leaves), classes, asked, owners)
        found = self._needed.get(key)
        if found is None:
            found = self._complete(
                program, leaves, (*deciding, *undecided), classes, open_leaves, owners, context
            )
            self._needed.keep(key, found)
        settled, needed, too_many, outcome = found
        conclusions = {resolved[index] for index in outcome} if settled else set(resolved)
        return MatterResult(
            matter, settled, ordered(conclusions), deciding, undecided, needed, too_many
        )

    def _complete(
        self,
        program: Program,
        leaves: Leaves,
        names: tuple[str, ...],
        classes: tuple[int, ...],
        open_leaves: list[OpenLeaf],
        owners: tuple[frozenset[str], ...],
        context: Context,
    ) -> Needed:
        variables = [
            Variable(leaf.name, owned, len(leaf.domain))
            for leaf, owned in zip(open_leaves, owners, strict=True)
        ]
        if prod(variable.size for variable in variables) > MAX_COMPLETIONS:
            everything = tuple(sorted({owner for v in variables for owner in v.owners}))
            return False, everything, True, frozenset()
        positions = [program.names.index(name) for name in names]
        otherwise = classes[len(names)] if len(classes) > len(names) else -1

        def completed(indexes: tuple[int, ...]) -> Leaves:
            chosen = list(leaves)
            for leaf, index in zip(open_leaves, indexes, strict=True):
                chosen[leaf.index] = leaf.domain[index]
            _close(program, chosen)
            return tuple(chosen)

        def result(decides: Flags) -> frozenset[int]:
            told = {classes[n] for n, position in enumerate(positions) if decides[position]}
            return frozenset(told or {otherwise})

        tried = list(product(*(range(variable.size) for variable in variables)))
        found = self.decides(program, [completed(indexes) for indexes in tried])
        results = {indexes: result(told) for indexes, told in zip(tried, found, strict=True)}
        outcomes = set(results.values())
        if len(outcomes) == 1:
            return True, (), False, outcomes.pop()
        needed = needed_set(variables, results, asking_cost(context.question))
        return False, needed, False, frozenset()


def is_down(case: Case) -> bool:
    """Whether a source of the case is down, so that the case is read node by node."""
    return bool(case.lists.get("unavailable")) and bool(sections_down(case))


def _open_owners(leaf: OpenLeaf, context: Context) -> frozenset[str]:
    """Return the questions that are open among those a leaf waits for."""
    return frozenset(name for name in leaf.owners if context.question(name).unknown)


def _close(program: Program, chosen: list[Leaf]) -> None:
    """Give open leaves that do not bear on the matter some value: any one will do."""
    for leaf in program.open_leaves:
        if chosen[leaf.index] is UNKNOWN:
            chosen[leaf.index] = leaf.domain[0]


def _statuses(program: Program, leaves: Leaves) -> Statuses:
    """Return where every rule of a chapter stands, given the leaves."""
    told = zip(program.names, program.rails(leaves), strict=True)
    return Statuses((name, _status(rails)) for name, rails in told)


def _status(rails: tuple[bool, ...]) -> Status:
    held_true, held, barred_true, barred, excepted_true, excepted = rails
    return Status(
        kleene(held_true, held),
        kleene(barred_true, barred),
        kleene(excepted_true, excepted),
        kleene(
            held_true and not barred and not excepted,
            held and not barred_true and not excepted_true,
        ),
    )


def kleene(true: bool, possible: bool) -> bool | Unknown:
    """Return yes, no or unknown, of what is true and what is possible."""
    if true:
        return True
    return UNKNOWN if possible else False
