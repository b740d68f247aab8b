"""The definitions: how questions, bars, exceptions and rules combine into matters.

This is the plain reading of the language, slow and meant to be obviously right. The compiled
evaluator has to agree with it on every rule, question, matter and needed set (a law in the
tests). A case in which a source is down is always judged here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product
from math import prod

from reso.engine.conclude import Concluder
from reso.engine.judgement import (
    MAX_COMPLETIONS,
    Judgement,
    MatterResult,
    Resolved,
    Status,
    Statuses,
)
from reso.engine.needed import Variable, needed_set
from reso.expressions.tree import (
    And,
    Answer,
    Compare,
    Contains,
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
from reso.policy.model import Acts, Conclusion, Policy, Question, Rule

READ_BY = {"requested": "claim.requested", "standing": "standing_decision"}
"""The field of the case that a reference of a conclusion reads."""


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
            acts += [question.asked] if question.asked is not None else []
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
        asked = [] if question.asked is None else self._items(question.asked)
        return next((at for item in asked if (at := _instant(item.get("at")))), None)

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


class Reference:
    """The yardstick evaluator: judges a case by reading the policy, node by node."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.concluder = Concluder(policy)

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge a case at an instant."""
        values = Valuation(self.policy, case, at)
        chapter = values.chapter
        rules = [rule for rule in self.policy.rules if rule.chapter in ("", chapter)]
        questions = {
            question.name: values.question(question.name)
            for question in self.policy.questions_of(chapter)
        }
        statuses = judge_rules(rules, lambda node: truth(node, values))
        resolved = {
            rule.name: self.concluder.resolve(rule.conclude, values)
            for rule in rules
            if statuses[rule.name].decides is not False
        }
        matters = {
            matter: self._matter(matter, rules, statuses, resolved, values)
            for matter in self.policy.matters()
        }
        return Judgement(at, chapter, questions, statuses, matters, values)

    def _matter(
        self,
        matter: str,
        rules: Sequence[Rule],
        statuses: Mapping[str, Status],
        resolved: Mapping[str, Resolved],
        values: Valuation,
    ) -> MatterResult:
        own = [rule for rule in rules if rule.matter == matter]
        fallback = self.concluder.otherwise(values.chapter, matter)
        otherwise = self.concluder.resolve(fallback, values)
        deciding = tuple(r.name for r in own if statuses[r.name].decides is True)
        undecided = tuple(r.name for r in own if statuses[r.name].decides is UNKNOWN)
        possible = {resolved[name] for name in (*deciding, *undecided)}
        if not deciding:
            possible.add(otherwise)
        told = [rule.conclude for rule in own if rule.name in (*deciding, *undecided)]
        told += [] if deciding else [fallback]
        if values.down and (
            not values.chapter_known or any(self._blurred(conclude, values) for conclude in told)
        ):
            needed = down_sources(values)
            return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)
        if not undecided or len(possible) == 1:
            return MatterResult(matter, True, ordered(possible), deciding, undecided)

        def result(chosen: Mapping[object, Scalar]) -> frozenset[Resolved] | None:
            world = values.assuming(chosen)
            found = judge_rules(rules, lambda node: truth(node, world))
            if any(found[rule.name].decides is UNKNOWN for rule in own):
                return None
            told = {
                self.concluder.resolve(rule.conclude, values)
                for rule in own
                if found[rule.name].decides is True
            }
            return frozenset(told or {otherwise})

        mentioned = with_rivals(undecided, rules)
        variables = open_variables(mentioned, values)
        owners = sorted({owner for v, _ in variables for owner in v.owners})
        if not variables or prod(v.size for v, _ in variables) > MAX_COMPLETIONS:
            needed = tuple(owners) or down_sources(values)
            return MatterResult(
                matter, False, ordered(possible), deciding, undecided, needed, bool(variables)
            )
        results = {
            indexes: result(
                {
                    key: domain[index]
                    for (_, (key, domain)), index in zip(variables, indexes, strict=True)
                }
            )
            for indexes in product(*(range(v.size) for v, _ in variables))
        }
        outcomes = set(results.values())
        if None in outcomes:
            needed = tuple(sorted({*owners, *down_sources(values)}))
            return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)
        if len(outcomes) == 1:
            settled = ordered(outcomes.pop() or ())
            return MatterResult(matter, True, settled, deciding, undecided)
        cost = asking_cost(values.question)
        needed = needed_set([v for v, _ in variables], results, cost)
        return MatterResult(matter, False, ordered(possible), deciding, undecided, needed)

    def _blurred(self, conclusion: Conclusion, values: Valuation) -> bool:
        """Whether a source that is down leaves open what a conclusion comes to."""
        parts = conclusion.parts()
        read = (READ_BY.get(part.reference, "") for part in parts)
        if any(section and is_down(section, values.down) for section in read):
            return True
        world = values.present()
        resolved = self.concluder.resolve(conclusion, world)
        sumless = ("release_to_seller", "deny", "escalate")
        without_sums = all(part.remedy in sumless for part in parts)
        return world.blurred and not (without_sums and not resolved.flaw)


def judge_rules(rules: Sequence[Rule], holds: Callable[[Node], Truth]) -> Statuses:
    """Return the status of every rule, given whether each condition holds (Kleene's logic)."""
    held: dict[str, Truth] = {}
    by_name = {rule.name: rule for rule in rules}

    def rule_holds(rule: Rule) -> Truth:
        if rule.name not in held:
            own = _all(holds(node) for node in rule.when)
            excepted = [by_name[name] for name in rule.exception_to if name in by_name]
            if rule.exception_to:
                own = _all([own, _any(rule_holds(other) for other in excepted)])
            held[rule.name] = own
        return held[rule.name]

    bars = [rule for rule in rules if rule.kind == "bar"]
    statuses = Statuses()
    for rule in rules:
        own = rule_holds(rule)
        barred = _any(
            rule_holds(bar)
            for bar in bars
            if rule.kind == "rule" and bar.chapter in ("", rule.chapter)
        )
        excepted = _any(rule_holds(x) for x in rules if rule.name in x.exception_to)
        decides = _all([own, _not(barred), _not(excepted)])
        statuses[rule.name] = Status(own, barred, excepted, decides)
    return statuses


def with_rivals(names: Iterable[str], rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules and all that bears on them: bars, exceptions, and what they except."""
    by_name = {rule.name: rule for rule in rules}
    todo = [name for name in names if name in by_name]
    found: dict[str, Rule] = {}
    while todo:
        rule = by_name[todo.pop()]
        if rule.name in found:
            continue
        found[rule.name] = rule
        todo.extend(name for name in rule.exception_to if name in by_name)
        todo.extend(other.name for other in rules if rule.name in other.exception_to)
        if rule.kind == "rule":
            todo.extend(
                x.name for x in rules if x.kind == "bar" and x.chapter in ("", rule.chapter)
            )
    return [rule for rule in rules if rule.name in found]


Domain = tuple[object, tuple[Scalar, ...]]


def open_variables(rules: Iterable[Rule], values: Valuation) -> list[tuple[Variable, Domain]]:
    """Return what is open in the conditions of these rules, in a fixed order.

    A question's domain is its answers; an `exists` that may still come true has no and yes; a
    fact whose source is down has each of its values, or one value per interval between the
    constants it is compared with.
    """
    found: dict[str, tuple[Variable, Domain]] = {}
    for node in conditions_of(rules, values.policy):
        match node:
            case Answer(question=name) if values.question(name).unknown:
                question = next(q for q in values.policy.questions if q.name == name)
                domain: tuple[Scalar, ...] = question.domain()
                owners = frozenset({name})
                if values.blind(name):
                    domain, owners = (*domain, None), frozenset(down_sources(values))
                found[name] = (Variable(name, owners, len(domain)), (name, domain))
            case Quantity(what="exists") if values.holds(node) is UNKNOWN:
                owners = values.adding_to(node)
                if values.reads_down(node) or any(values.blind(owner) for owner in owners):
                    owners = frozenset(down_sources(values))
                name = f"exists {node.section} {node.where!r}"
                found[name] = (Variable(name, owners, 2), (node, (False, True)))
            case Compare() | OneOf() | Known() | Contains() if values.down:
                found |= _down_variable(node, values)
            case Field(type=kind) if kind.kind == "boolean" and values.holds(node) is UNKNOWN:
                found |= _field_variable(node, values)
    return [found[name] for name in sorted(found)]


def _down_variable(node: Node, values: Valuation) -> dict[str, tuple[Variable, Domain]]:
    """Return the variable behind a comparison that a source which is down leaves unknown.

    A field compared with something known is a variable with its own values; any other comparison
    is taken as a whole: no or yes.
    """
    if values.holds(node) is not UNKNOWN or any(isinstance(n, Answer) for n in walk(node)):
        return {}
    subject = node.left if isinstance(node, Compare) else getattr(node, "value", None)
    if isinstance(subject, Field) and (found := _field_variable(subject, values)):
        return found
    owners = frozenset(down_sources(values))
    return {repr(node): (Variable(repr(node), owners, 2), (node, (False, True)))}


def _field_variable(field: Field, values: Valuation) -> dict[str, tuple[Variable, Domain]]:
    owners = [name for name in values.down if is_down(field.name, frozenset({name}))]
    domain = _values_to_try(field, values) if owners else ()
    if not domain:
        return {}
    owner = frozenset({f"source:{owners[0]}"})
    return {field.name: (Variable(field.name, owner, len(domain)), (field, domain))}


def _values_to_try(subject: Field, values: Valuation) -> tuple[Scalar, ...]:
    """Return each value of an enumeration, or one per interval between the known constants."""
    none: tuple[Scalar, ...] = (None,) if subject.type.nullable else ()
    kind = subject.type.kind
    if kind == "boolean":
        return (False, True, *none)
    if kind == "enum" and subject.type.values:
        return (*subject.type.values, *none)
    constants = _constants_beside(subject, values)
    if constants is None:
        return ()
    step: object = timedelta(microseconds=1) if kind == "instant" else 1
    tried: set[Scalar] = set()
    for constant in constants:
        tried |= {constant - step, constant, constant + step}  # type: ignore[operator]
    return (*sorted(tried), *none)  # type: ignore[type-var]


def _constants_beside(subject: Field, values: Valuation) -> set[Scalar] | None:
    """Return what a field is compared with; None when a comparison is not that plain."""
    found: set[Scalar] = set()
    for node in conditions_of(values.policy.rules, values.policy):
        if not isinstance(node, Compare | OneOf) or subject not in walk(node):
            continue
        if not isinstance(node, Compare) or node.left != subject:
            return None
        other = values.of(node.right)
        if not isinstance(other, int | datetime):
            return None
        found.add(other)
    return found or None


def conditions_of(rules: Iterable[Rule], policy: Policy) -> list[Node]:
    """Return every node of the rules' conditions, those of the findings they name included."""
    nodes = {d.name: d.node for d in policy.definitions}
    todo = [node for rule in rules for node in rule.when]
    seen: set[str] = set()
    found: list[Node] = []
    while todo:
        for node in walk(todo.pop()):
            found.append(node)
            if isinstance(node, Ref) and node.name not in seen:
                seen.add(node.name)
                todo.append(nodes[node.name])
    return found


def down_sources(values: Valuation) -> tuple[str, ...]:
    """Return the sources that are down, named as what is needed."""
    return tuple(f"source:{name}" for name in sorted(values.down))


def asking_cost(
    question: Callable[[str], QuestionState],
) -> Callable[[tuple[str, ...]], tuple[int, int]]:
    """Return the tie-break of needed sets: fewest new asks, then fewest parties."""

    def cost(names: tuple[str, ...]) -> tuple[int, int]:
        states = [question(name) for name in names if not name.startswith("source:")]
        return sum(s.to_be_asked for s in states), len({s.to for s in states})

    return cost


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


def ordered(conclusions: Iterable[Resolved]) -> tuple[Resolved, ...]:
    """Return conclusions in a fixed order."""
    found = tuple(conclusions)
    return found if len(found) < 2 else tuple(sorted(found, key=repr))


def calendar_of(calendar: Calendar, case: Case) -> Calendar:
    """Return the policy's calendar, or the case's own where it states one."""
    weekend, holidays = case.fields.get("calendar.weekend"), case.fields.get("calendar.holidays")
    if weekend is None and holidays is None:
        return calendar
    return calendar.replaced(weekend, holidays or ())  # type: ignore[arg-type]


def _instant(found: object) -> datetime | None:
    return found if isinstance(found, datetime) else None


def _all(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    if False in found:
        return False
    return UNKNOWN if UNKNOWN in found else True


def _any(truths: Iterable[Truth]) -> Truth:
    return _not(_all([_not(found) for found in truths]))


def _not(found: Truth) -> Truth:
    return UNKNOWN if isinstance(found, Unknown) else not found
