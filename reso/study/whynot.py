"""Why not another outcome: what stood in the way of each rule, and what would have to change.

The search makes one change of the case, then two, draws them from the conditions of the rules
that could give the outcome, and rules on every changed case; only what really came out is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from reso.cases import Pack
from reso.engine.decide import CANNOT_EVALUATE, next_instant
from reso.engine.judgement import Judgement
from reso.engine.logic import with_rivals
from reso.engine.unsettled import conditions_of
from reso.engine.valuation import Valuation
from reso.errors import InputError, ResoError
from reso.expressions.tree import Field, Node, OneOf, Type
from reso.facts.problems import did_you_mean
from reso.facts.reader import read_case_file
from reso.facts.values import Plain
from reso.facts.writer import write_case_file
from reso.model.case import Case
from reso.model.ruling import Ruling
from reso.policy.model import OUTCOME, REMEDIES, Conclusion, Policy, Rule
from reso.study.changes import HUMAN, Changes
from reso.study.edits import Change, applied

MAX_TRIES = 2_000
"""How many changed cases are ruled on."""

MAX_TOLD = 4
FIRST_STEPS = 12
"""How many changes that bring a rule nearer are followed by a second one."""

FAR = 90.0
"""Moves that go further (in days) are told only where nothing nearer gives the outcome."""

LATER_INSTANTS = 6
OUTCOMES = (
    "refund_full",
    "refund_partial",
    "return_and_refund",
    "replace_or_resend_missing",
    "release_to_seller",
    "deny",
    "escalate",
)
REFUNDS = ("refund", "refund_full", "refund_partial")


@dataclass(frozen=True, slots=True)
class Gap:
    """What stands between a rule and the outcome.

    Attributes:
        way: how it could give it: "direct", "reference" or "stage".
        unmet: its conditions that do not hold, or are not certain yet.
        bars, exceptions: rules that hold and set it aside. excepts_none: it is an exception, and
            no rule it excepts holds. comes_to: what it concludes here, where that is what differs.
    """

    rule: Rule
    way: str
    unmet: tuple[Node, ...]
    bars: tuple[Rule, ...]
    exceptions: tuple[Rule, ...]
    excepts_none: bool
    comes_to: str

    @property
    def size(self) -> int:
        """How many things stand in its way."""
        return len(self.unmet) + len(self.bars) + len(self.exceptions) + self.excepts_none


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The fewest changes that give the outcome, and the ruling they give."""

    changes: tuple[Change, ...]
    data: Mapping[str, Plain] = field(compare=False)
    ruling: Ruling = field(compare=False)


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a case does not come to an outcome.

    Attributes:
        gaps: of every rule of the case's chapter that could give it, the nearest first.
        suggestions: none when `tries` changed cases gave nothing. `given_up`: the limit was met.
    """

    outcome: str
    ruling: Ruling
    values: Valuation
    gaps: tuple[Gap, ...]
    suggestions: tuple[Suggestion, ...]
    tries: int
    given_up: bool

    @property
    def is_so(self) -> bool:
        """Whether the case comes to the outcome as it is."""
        return same_outcome(self.ruling.decision, self.outcome)


def same_outcome(one: str, other: str) -> bool:
    """Whether two outcomes are the same; deny and release_to_seller are one."""
    return _class(one) == _class(other)


def _class(outcome: str) -> str:
    return "release_to_seller" if outcome == "deny" else outcome


def why_not(pack: Pack, case: Case, outcome: str, most: int = MAX_TRIES) -> WhyNot:
    """Return why a case does not come to `outcome`, and what would have to change.

    Raises:
        InputError: no rule concludes such an outcome, or the case cannot be ruled on.
    """
    refuse_unknown(outcome)
    data = write_case_file(case, pack.table)
    case = read_case_file(data, pack.table, "case").case_at(case.known_at)
    ruling = pack.engine.decide(case)
    values = Valuation(pack.policy, case, case.known_at)
    search = _Search(pack, outcome, most, data)
    if same_outcome(ruling.decision, outcome):
        return WhyNot(outcome, ruling, values, (), (), 0, False)
    judgement = search.judge(case)
    if judgement is None:
        return WhyNot(outcome, ruling, values, (), (), 0, False)
    gaps = sorted(search.gaps(judgement), key=lambda gap: gap.size)
    found = search.run(values, judgement)
    return WhyNot(outcome, ruling, values, tuple(gaps), found, search.tries, search.given_up)


def refuse_unknown(outcome: str) -> None:
    """Refuse what is no outcome a rule can conclude."""
    if outcome not in OUTCOMES:
        hint = did_you_mean(outcome, OUTCOMES) or f"Known: {', '.join(OUTCOMES)}."
        raise InputError("--why-not", f"no rule concludes `{outcome}`", hint)


# -- the rules that could give it -----------------------------------------------------------


def ways(policy: Policy, outcome: str) -> dict[str, str]:
    """Return how each rule could give an outcome: directly, by reference or through a stage."""
    direct = {_class(outcome)} | ({"refund"} if outcome in REFUNDS else set())
    staged = set(direct)
    for _ in REMEDIES:
        for stage in policy.stages:
            answers = [leads for step in stage.steps for _, leads in step.leads_to]
            ends = [lead.conclude for leads in answers for lead in leads]
            if any(c is not None and _gives(c, staged, policy) for c in ends):
                staged.add(stage.remedy)
    found: dict[str, str] = {}
    for rule in policy.rules:
        if rule.matter != OUTCOME:
            continue
        parts = rule.conclude.parts()
        if any(not part.reference and _class(part.remedy) in direct for part in parts):
            found[rule.name] = "direct"
        elif any(part.reference and _gives(part, direct, policy) for part in parts):
            found[rule.name] = "reference"
        elif any(_gives(part, staged, policy) for part in parts):
            found[rule.name] = "stage"
    return found


def _gives(conclude: Conclusion, remedies: set[str], policy: Policy) -> bool:
    match conclude.reference:
        case "":
            return _class(conclude.remedy) in remedies
        case "requested":
            return any(_class(remedy) in remedies for _, remedy in policy.requests)
        case _:
            return True


# -- the search -----------------------------------------------------------------------------


class _Search:
    def __init__(self, pack: Pack, outcome: str, most: int, data: Mapping[str, Plain]) -> None:
        self.pack = pack
        self.policy = pack.policy
        self.outcome = outcome
        self.most = most
        self.data = data
        self.ways = ways(self.policy, outcome)
        self.rules = {rule.name: rule for rule in self.policy.rules}
        self.tries = 0
        self.given_up = False

    def judge(self, case: Case) -> Judgement | None:
        try:
            return self.pack.engine.evaluator.judge(case, case.known_at)
        except CANNOT_EVALUATE:
            return None

    def gaps(self, judgement: Judgement) -> Iterable[Gap]:
        for name, way in self.ways.items():
            if name in judgement.statuses:
                yield self.gap(self.rules[name], way, judgement)

    def gap(self, rule: Rule, way: str, judgement: Judgement) -> Gap:
        world, statuses = judgement.world, judgement.statuses

        def holds(other: Rule) -> bool:
            return other.name in statuses and statuses[other.name].holds is not False

        here = [r for r in self.policy.rules if r.name in statuses]
        bars = [r for r in here if r.kind == "bar" and r.chapter in ("", rule.chapter)]
        excepted = [self.rules[n] for n in rule.exception_to if n in self.rules]
        decides = statuses[rule.name].decides is True
        concluded = self.pack.engine.outcomes.concluder.resolve(rule.conclude, world)
        comes_to = concluded.remedy if decides and rule.conclude.reference else ""
        return Gap(
            rule,
            way,
            tuple(node for node in rule.when if world.holds(node) is not True),
            tuple(bar for bar in bars if rule.kind == "rule" and holds(bar)),
            tuple(other for other in here if rule.name in other.exception_to and holds(other)),
            bool(excepted) and not any(map(holds, excepted)),
            comes_to,
        )

    def run(self, values: Valuation, judgement: Judgement) -> tuple[Suggestion, ...]:
        """Return the suggestions with the fewest changes, the smallest changes first."""
        first = self._draw(values, judgement)
        singles: list[tuple[int, Change, Case, Judgement]] = []
        found: list[Suggestion] = []
        start = self._progress(judgement)
        for change in first:
            tried = self._try((change,), self.data)
            if tried is None:
                continue
            suggestion, case, after = tried
            if suggestion is not None:
                found.append(suggestion)
            elif after is not None:
                nearer = self._nearer(start, self._progress(after))
                if nearer:
                    singles.append((nearer, change, case, after))
        if any(not _ruled_by_us(one) for one in found):
            return _told(found)
        singles.sort(key=lambda one: (-one[0], one[1].rank))
        for _, change, case, after in singles[:FIRST_STEPS]:
            data = write_case_file(case, self.pack.table)
            second = self._draw(Valuation(self.policy, case, case.known_at), after)
            for other in second:
                if other.rank[0] >= HUMAN or change.rank[0] >= HUMAN:
                    continue
                if change.facts() & other.facts():
                    continue
                tried = self._try((change, other), data)
                if tried is not None and tried[0] is not None:
                    found.append(tried[0])
        return _told(found)

    def _draw(self, values: Valuation, judgement: Judgement) -> list[Change]:
        names = [name for name in self.ways if name in judgement.statuses]
        rules = [rule for rule in self.policy.rules if rule.name in judgement.statuses]
        bearing = with_rivals(names, rules)
        nodes = [*conditions_of(bearing, self.policy), *self._concluded(bearing)]
        changes = Changes(self.policy, self.pack.table, values, self.outcome)
        return [*changes.waiting(self._later(judgement)), *changes.bearing_on(nodes)]

    def _concluded(self, rules: Sequence[Rule]) -> Iterable[Node]:
        """Yield what the conclusions of rules are worked out from."""
        policy = self.policy
        nodes = [policy.whole, *(s.amount for s in policy.settlements), *_chapter_nodes(policy)]
        nodes += [rule.conclude.amount for rule in rules]
        for stage in policy.stages:
            for question in policy.questions:
                if question.stage == stage.remedy:
                    nodes += question.nodes()
        if any(rule.conclude.reference == "requested" for rule in rules):
            nodes += _requested(policy)
        yield from (node for node in nodes if node is not None)

    def _later(self, judgement: Judgement) -> list[datetime]:
        instants: list[datetime] = []
        for _ in range(LATER_INSTANTS):
            instant = next_instant(judgement)
            if instant is None:
                break
            instants.append(instant)
            try:
                case = judgement.world.case
                judgement = self.pack.engine.evaluator.judge(case, instant)
            except CANNOT_EVALUATE:
                break
        return instants

    def _progress(self, judgement: Judgement) -> dict[str, int]:
        return {gap.rule.name: gap.size for gap in self.gaps(judgement)}

    @staticmethod
    def _nearer(before: Mapping[str, int], after: Mapping[str, int]) -> int:
        steps = (size - after[name] for name, size in before.items() if name in after)
        return max((step for step in steps), default=0) if before else len(after)

    def _try(
        self, changes: tuple[Change, ...], data: Mapping[str, Plain]
    ) -> tuple[Suggestion | None, Case, Judgement | None] | None:
        """Rule on a case with the last of these changes made, too; None: it cannot be ruled on."""
        if self.tries >= self.most:
            self.given_up = True
            return None
        self.tries += 1
        data = applied(data, changes[-1:])
        try:
            case = read_case_file(data, self.pack.table, "case").case_at()
            judgement = self.pack.engine.evaluator.judge(case, case.known_at)
            outcome = self.pack.engine.outcomes.of(judgement)
            if not same_outcome(outcome.decision, self.outcome):
                return None, case, judgement
            ruling = self.pack.engine.decide(case)
        except (ResoError, *CANNOT_EVALUATE):
            return None
        if not same_outcome(ruling.decision, self.outcome) or ruling.reasons[0].kind == "flaw":
            return None, case, None
        return Suggestion(changes, data, ruling), case, judgement


def _told(found: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """Return the smallest suggestions; of one thing changed in several ways the smallest."""
    ranked = sorted(found, key=_size)
    told: dict[object, Suggestion] = {}
    for one in ranked:
        key = frozenset((c.kind, c.about, dict(c.item).get("party")) for c in one.changes)
        told.setdefault(key, one)
    near = [one for one in told.values() if all(c.rank[1] <= FAR for c in one.changes)]
    return tuple(near or told.values())[:MAX_TOLD]


def _size(one: Suggestion) -> tuple[object, ...]:
    return _ruled_by_us(one), len(one.changes), [change.rank for change in one.changes]


def _ruled_by_us(one: Suggestion) -> bool:
    """Whether a person of ours would have to rule so; that can give anything."""
    return any(change.rank[0] >= HUMAN for change in one.changes)


def _chapter_nodes(policy: Policy) -> list[Node]:
    return [chapter.when for chapter in policy.chapters]


def _requested(policy: Policy) -> list[Node]:
    fact = policy.table.fields.get("claim.requested")
    if fact is None:
        return []
    kind = Type("enum", fact.values, nullable=True)
    options = tuple(name for name, _ in policy.requests)
    return [OneOf(Field("claim.requested", kind), options)]
