"""What a case says at an instant, node by node: values, conditions, the states of questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reso.expressions.tree import (
    And,
    Answer,
    Compare,
    Field,
    ItemField,
    Known,
    Lit,
    Node,
    OneOf,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.expressions.tree import Clock as ClockPart
from reso.facts.calendar import Calendar
from reso.facts.interpret import (
    Maybe,
    Truth,
    World,
    earliest_instant,
    is_down,
    items_where,
    pick,
    sections_down,
    truth,
    value,
)
from reso.facts.operations import UNKNOWN, Rounding, Unknown
from reso.model.case import Case, Record
from reso.model.time import Duration
from reso.policy.clocks import Act, Added, Clock, QuestionState, Span, run
from reso.policy.model import Acts, Policy, Question


@dataclass
class Valuation(World):
    """Everything a policy's names come to for one case at one instant, worked out when asked.

    `assumed` replaces the answers of open questions and of open `exists`: a completion.
    """

    policy: Policy
    case: Case
    at: datetime
    calendar: Calendar = field(init=False)
    rounding: Rounding = field(init=False)
    earliest: datetime = field(init=False)
    down: frozenset[str] = field(init=False)
    chapter: str = field(init=False)
    chapter_known: bool = field(init=False)
    concluded: int | None = None
    blurred: bool = False
    now_only: bool = False
    assumed: Mapping[object, Scalar] = field(default_factory=dict)
    _refs: dict[str, Maybe] = field(default_factory=dict)
    _states: dict[str, QuestionState] = field(default_factory=dict)
    _blind: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calendar = calendar_of(self.policy.calendar, self.case)
        self.rounding = self.policy.rounding
        self.earliest = earliest_instant(self.case)
        self.down = sections_down(self.case)
        found = {c.name: truth(c.when, self) for c in self.policy.chapters}
        held = [name for name, holds in found.items() if holds is True]
        self.chapter = held[0] if len(held) == 1 else ""
        self.chapter_known = bool(held) or not self.down or UNKNOWN not in found.values()

    def assuming(self, assumed: Mapping[object, Scalar]) -> "Valuation":
        """Return the same valuation with some open answers assumed."""
        other = replace(self, assumed=assumed, _refs={})
        other._states, other._blind = self._states, self._blind
        return other

    def present(self) -> "Valuation":
        """Return the valuation in which `exists` says only what is on file now."""
        other = replace(self, now_only=True, assumed={}, _refs={})
        other._states, other._blind = self._states, self._blind
        return other

    def of(self, node: Node) -> Maybe:
        """Return the value of an expression; `blurred` remembers that one was unknown."""
        found = value(node, self.present())
        self.blurred = self.blurred or found is UNKNOWN
        return found

    def holds(self, node: Node) -> Truth:
        """Return whether a condition holds."""
        return truth(node, self)

    def matches(self, where: Node | None, item: Record) -> bool:
        """Return whether a list item meets a `where`."""
        return where is None or truth(where, self, item) is True

    # -- what expressions ask for -----------------------------------------------------------

    def ref(self, name: str) -> Maybe:
        """Return the value of a reading, parameter or finding."""
        if name not in self._refs:
            node = next(d.node for d in self.policy.definitions if d.name == name)
            self._refs[name] = value(node, self)
        return self._refs[name]

    def picked(self, name: str) -> Record | Unknown | None:
        """Return the record a pick found."""
        node = next(node for pick_name, node in self.policy.picks if pick_name == name)
        assert isinstance(node, Pick)
        return pick(node, self)

    def answer(self, question: str) -> Maybe:
        """Return a question's answer: none, unknown, or what is assumed."""
        state = self.question(question)
        if not state.unknown:
            return state.answer
        return self.assumed.get(question, UNKNOWN)

    def clock(self, question: str, part: str) -> Maybe:
        """Return a question's state or one of its instants."""
        if self.blind(question):
            return UNKNOWN
        found: Scalar = getattr(self.question(question), part)
        return found

    def may_come(self, node: Quantity) -> bool:
        """Whether an open question could still add what `exists` looks for.

        Nor is it known whether an item is what is looked for while a source that says so is down.
        """
        if self.down and self.case.lists.get(node.section) and self.reads_down(node):
            return True
        return not self.now_only and bool(self.adding_to(node))

    def assume(self, node: Node) -> Maybe:
        """Return what a completion assumes of something unknown."""
        return self.assumed.get(node, UNKNOWN)

    def adding_to(self, node: Quantity) -> frozenset[str]:
        """Return the open questions whose answers would add an item `exists` looks for."""
        return frozenset(
            question.name
            for question in self.policy.questions
            if could_add(question, node) and self.question(question.name).unknown
        )

    # -- sources that are down --------------------------------------------------------------

    def reads_down(self, node: Node) -> bool:
        """Whether an expression reads a source that is down, itself or through a name."""
        return any(self._is_down(part) for part in walk(node))

    def _is_down(self, node: Node) -> bool:
        match node:
            case Field(name=name) | Quantity(section=name) | Pick(section=name) if is_down(
                name, self.down
            ):
                return True
            case Ref(name=name):
                return self.reads_down(
                    next(d.node for d in self.policy.definitions if d.name == name)
                )
            case PickField(pick=name):
                return self.reads_down(
                    next(node for known, node in self.policy.picks if known == name)
                )
            case Answer(question=name) | ClockPart(question=name):
                return self.blind(name)
            case _:
                return False

    def blind(self, name: str) -> bool:
        """Whether a question's clock or the acts that answer it come from a source that is down."""
        if not self.down:
            return False
        if name not in self._blind:
            question = next(q for q in self.policy.questions if q.name == name)
            acts = [acts for answer in question.answers for acts in answer.acts]
            acts += [extension.acts for extension in question.extended_by]
            acts += question.put
            self._blind[name] = (
                any(is_down(known.section, self.down) for known in acts)
                or any(self.reads_down(node) for node in question.nodes())
                or any(self.blind(pause.question) for pause in question.paused_by if pause.question)
            )
        return self._blind[name]

    # -- questions --------------------------------------------------------------------------

    def question(self, name: str) -> QuestionState:
        """Return the state of a question."""
        if name not in self._states:
            found = next(q for q in self.policy.questions if q.name == name)
            self._states[name] = self.present()._run(found)
        return self._states[name]

    def _run(self, question: Question) -> QuestionState:
        if self.blind(question.name):
            return QuestionState(question.name, question.to, "not_opened", unknown=True)
        here = question.chapter in ("", self.chapter)
        if not here or (question.when is not None and truth(question.when, self) is not True):
            return QuestionState(question.name, question.to, "not_opened")
        opens = self._opens(question)
        taken = next(
            (
                answer.name
                for answer in question.answers
                if answer.taken_when is not None and truth(answer.taken_when, self) is True
            ),
            None,
        )
        clock = Clock(
            name=question.name,
            to=question.to,
            relevant=True,
            opens_at=opens,
            deadline=self._deadline(question, opens),
            silence_means=question.silence_means,
            acts=self._acts(question),
            put_by_us=question.put_by_us,
            counts_earlier=question.counts_earlier,
            revisable=question.revisable,
            taken=taken,
            spans=self._spans(question),
            added=self._added(question),
        )
        return run(clock, self.at, self.calendar)

    def _opens(self, question: Question) -> datetime | None:
        if not question.put_by_us:
            return _instant(value(question.opens_at, self))
        first = self._dated(question.asked)[:1]
        return max((*first, *self._dated(question.asked_by)), default=None)

    def _dated(self, acts: Acts | None) -> list[datetime]:
        items = () if acts is None else self._items(acts)
        return [at for item in items if (at := _instant(item.get("at")))]

    def _deadline(self, question: Question, opens: datetime | None) -> datetime | None:
        ends = [_instant(value(question.until, self))] if question.until is not None else []
        if question.lasts is not None and opens is not None:
            lasts = value(question.lasts, self)
            if isinstance(lasts, Duration):
                ends.append(self._stretched(question, opens, self.calendar.add(opens, lasts)))
        return min((end for end in ends if end is not None), default=None)

    def _stretched(self, question: Question, opens: datetime, end: datetime) -> datetime:
        """Return the end of a clock with the overlays that reach it while it runs."""
        longest = end
        for stretch in question.stretched:
            runs_then = opens < stretch.ends_at and end >= stretch.starts_at
            if not runs_then or truth(stretch.when, self) is not True:
                continue
            lasts = value(stretch.lasts, self)
            if isinstance(lasts, Duration):
                longest = max(longest, self.calendar.add(opens, lasts))
        return longest

    def _items(self, acts: Acts) -> list[Record]:
        return items_where(acts.section, acts.where, self)

    def _acts(self, question: Question) -> list[Act]:
        """Return the acts that answer a question, in order of time.

        At equal times the order of the file counts within a list, and the lists' own order
        between lists. An item that gives two answers gives the first one named.
        """
        found: list[tuple[bool, float, str, int, Act]] = []
        taken: set[tuple[str, int]] = set()
        for answer in question.answers:
            for acts in answer.acts:
                for position, item in enumerate(self.case.lists.get(acts.section, ())):
                    if (acts.section, position) in taken:
                        continue
                    if acts.where is None or truth(acts.where, self, item) is True:
                        taken.add((acts.section, position))
                        at = _instant(item.get("at"))
                        time = at.timestamp() if at else 0.0
                        act = Act(at, answer.name)
                        found.append((at is not None, time, acts.section, position, act))
        return [act for *_, act in sorted(found, key=lambda entry: entry[:4])]

    def _spans(self, question: Question) -> list[Span]:
        spans: list[Span] = []
        for pause in question.paused_by:
            if pause.question:
                other = self.question(pause.question)
                if other.opened_at is not None and other.state != "not_opened":
                    spans.append(Span(other.opened_at, other.ended_at))
                continue
            starts = None if pause.starts_at is None else value(pause.starts_at, self)
            ends = None if pause.ends_at is None else value(pause.ends_at, self)
            if isinstance(starts, datetime) and starts <= self.at:
                spans.append(Span(starts, _instant(ends)))
        return spans

    def _added(self, question: Question) -> list[Added]:
        added: list[Added] = []
        for extension in question.extended_by:
            by = value(extension.by, self)
            if isinstance(by, Duration):
                times = [_instant(item.get("at")) for item in self._items(extension.acts)]
                added.append(Added(times, by, extension.most))
        return added


def could_add(question: Question, node: Quantity) -> bool:
    """Whether an answer to the question could be an item that `exists` looks for.

    A step of a remedy adds nothing: it is put only once that remedy has been concluded.
    """
    return not question.stage and any(
        acts.section == node.section and not apart(acts.where, node.where)
        for answer in question.answers
        for acts in answer.acts
    )


def apart(one: Node | None, other: Node | None) -> bool:
    """Whether two `where` conditions ask the same field for different constants."""
    left, right = _asked_values(one), _asked_values(other)
    return any(not left[name] & right[name] for name in left.keys() & right.keys())


def _asked_values(node: Node | None) -> dict[str, frozenset[Scalar]]:
    match node:
        case And(parts=parts):
            found: dict[str, frozenset[Scalar]] = {}
            for part in parts:
                for name, values in _asked_values(part).items():
                    found[name] = found.get(name, values) & values
            return found
        case Compare(op="=", left=ItemField(name=name), right=Lit(value=wanted)):
            return {name: frozenset({wanted})}
        case OneOf(value=ItemField(name=name), options=options, negated=False):
            return {name: frozenset(options)}
        case Known(value=ItemField(name=name), negated=True):
            return {name: frozenset({None})}
        case _:
            return {}


def calendar_of(calendar: Calendar, case: Case) -> Calendar:
    """Return the policy's calendar, or the case's own where it states one."""
    weekend, holidays = case.fields.get("calendar.weekend"), case.fields.get("calendar.holidays")
    if weekend is None and holidays is None:
        return calendar
    return calendar.replaced(weekend, holidays or ())  # type: ignore[arg-type]


def _instant(found: object) -> datetime | None:
    return found if isinstance(found, datetime) else None
