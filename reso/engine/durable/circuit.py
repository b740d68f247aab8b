"""The rules of a chapter as gates: each a yes or no that follows from inputs and earlier gates.

A gate is a list of ways, each a conjunction of plain comparisons `name = value` or `name !=
value` of small integers; it is yes when one of its ways holds. An "or" inside an "and" becomes a
gate of its own, so no way holds an "or", and a "not" is a comparison with no. That is all that
durable-rules is ever asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from reso.engine.codegen import Rail
from reso.engine.compiled import kleene
from reso.engine.expressions import CompiledExpressions
from reso.engine.judgement import Status, Statuses
from reso.engine.program import Program, bars
from reso.expressions.tree import (
    And,
    Answer,
    Compare,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Quantity,
    Ref,
    Scalar,
    walk,
)
from reso.facts.operations import UNKNOWN
from reso.policy.model import Policy, Rule

NO, YES, OPEN = 0, 1, 2
"""The values of a comparison, of a gate, and of an `exists` that may still come true."""
NONE, ANOTHER, UNANSWERED, FIRST_ANSWER = 0, 1, 2, 3
"""The values of an answer: none, one that no condition names, unknown, then those named."""


@dataclass(frozen=True, slots=True)
class Is:
    """Whether an input or a gate has a value, or has not."""

    name: str
    value: int = YES
    negated: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Whether all parts hold; without parts: yes."""

    parts: tuple["Form", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Whether a part holds; without parts: no."""

    parts: tuple["Form", ...]


Form = Is | All | Some
Way = tuple[Is, ...]
ALWAYS, NEVER = All(()), Some(())
OTHER_RAIL: Mapping[Rail, Rail] = {"true": "possible", "possible": "true"}


@dataclass(frozen=True, slots=True)
class Gate:
    """A named yes or no, and the ways in which it is yes."""

    name: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Standings:
    """The gates that say where a rule stands, for "is true" and for "is possible"."""

    holds: tuple[Form, Form]
    barred: tuple[Form, Form]
    excepted: tuple[Form, Form]
    decides: tuple[Form, Form]


class Circuit:
    """The gates of one chapter, earlier ones first.

    Args:
        is_open: whether an answer or an `exists` may be unknown. If not, what is possible is what
            is true, and there is one gate for both.
    """

    def __init__(
        self, policy: Policy, program: Program, made: CompiledExpressions, *, is_open: bool
    ) -> None:
        self.is_open = is_open
        self.gates: dict[str, Gate] = {}
        self.inputs = {node: f"input:{place}" for place, node in enumerate(program.inputs)}
        self._program = program
        self._made = made
        self._nodes = {d.name: d.node for d in policy.definitions}
        self._gate_of: dict[Form, Is] = {}
        self._numbers = count(1)
        self._held: dict[tuple[str, Rail], Form] = {}
        self._rules = {rule.name: rule for rule in program.rules}
        self._codes = {
            node: _codes(node, _tests_of(node, program.rules, self._nodes), program)
            for node in program.inputs
            if isinstance(node, Answer)
        }
        self._encode = [self._encoder(node) for node in program.inputs]
        self.standings = {rule.name: self._standings(rule) for rule in program.rules}

    # -- from leaves to inputs, from gates to statuses ----------------------------------------

    def values(self, pattern: Sequence[object]) -> list[int]:
        """Return a pattern of the program as small integers, an input each."""
        return [
            codes.get(value, other)
            for (codes, other), value in zip(self._encode, pattern, strict=True)
        ]

    def statuses(self, fired: frozenset[str]) -> Statuses:
        """Return every rule's status, given the gates that are yes."""

        def both(pair: tuple[Form, Form]) -> tuple[bool, bool]:
            return _holds(pair[0], fired), _holds(pair[1], fired)

        return Statuses(
            (
                name,
                Status(
                    kleene(*both(at.holds)),
                    kleene(*both(at.barred)),
                    kleene(*both(at.excepted)),
                    kleene(*both(at.decides)),
                ),
            )
            for name, at in self.standings.items()
        )

    def decides(self, fired: frozenset[str]) -> tuple[bool, ...]:
        """Return which rules decide, in the program's order, given the gates that are yes."""
        return tuple(_holds(at.decides[0], fired) for at in self.standings.values())

    def _encoder(self, node: Node) -> tuple[Mapping[object, int], int]:
        """Return the code of each value of an input, and that of every other one."""
        if isinstance(node, Answer):
            return {**self._codes[node], UNKNOWN: UNANSWERED}, ANOTHER
        return {True: YES, UNKNOWN: OPEN}, NO

    # -- conditions ---------------------------------------------------------------------------

    def _condition(self, node: Node, rail: Rail) -> Form:
        match node:
            case And():
                return _all(self._condition(part, rail) for part in node.parts)
            case Or():
                return _some(self._condition(part, rail) for part in node.parts)
            case Not():
                return _not(self._condition(node.value, OTHER_RAIL[rail]))
            case Lit():
                return ALWAYS if node.value is True else NEVER
            case Ref():
                return self._finding(node, rail)
            case Quantity(what="exists"):
                name = self.inputs[node]
                could_be = rail == "possible" and self._made.adds(node)
                return Is(name, NO, negated=True) if could_be else Is(name, YES)
            case Compare(left=Answer() as answer) | OneOf(value=Answer() as answer):
                return self._answer(node, answer, rail)
            case Known(value=Answer() as answer):
                return self._answer(node, answer, rail)
            case _:
                return Is(self.inputs[node], YES)

    def _finding(self, node: Ref, rail: Rail) -> Form:
        open_here = self.is_open and self._made.may_be_unknown(node)
        actual: Rail = rail if open_here else "true"
        name = f"finding:{node.name}:{actual}"
        if name in self.gates:
            return Is(name)
        return self._gate(name, self._condition(self._nodes[node.name], actual))

    def _answer(self, node: Node, answer: Answer, rail: Rail) -> Form:
        """Return the test of an answer; while unknown it is none of them, and possibly any."""
        name, codes = self.inputs[answer], self._codes[answer]
        wanted, refused = _wanted(node)
        possible = rail == "possible" and self.is_open
        if refused is None:
            held = _some(Is(name, codes[value]) for value in wanted)
            return _some((held, Is(name, UNANSWERED))) if possible else held
        apart = _all(Is(name, codes[value], negated=True) for value in refused)
        return apart if possible else _all((apart, Is(name, UNANSWERED, negated=True)))

    # -- rules --------------------------------------------------------------------------------

    def _standings(self, rule: Rule) -> Standings:
        rules = self._program.rules
        barring = [other for other in rules if bars(other, rule)]
        excepting = [other for other in rules if rule.name in other.exception_to]
        barred, excepted = self._either("barred", barring), self._either("excepted", excepting)
        held = self._hold(rule, "true"), self._hold(rule, "possible")
        against = (1, 0)  # what is true is stopped by what is possible, and the other way round
        decides = [
            self._gate(
                f"rule:{rule.name}:decides:{rail}",
                _all((held[at], _not(barred[against[at]]), _not(excepted[against[at]]))),
            )
            for at, rail in enumerate(OTHER_RAIL)
        ]
        return Standings(held, barred, excepted, (decides[0], decides[1]))

    def _hold(self, rule: Rule, rail: Rail) -> Form:
        rail = rail if self.is_open else "true"
        if (rule.name, rail) not in self._held:
            parts = [self._condition(node, rail) for node in rule.when]
            if rule.exception_to:
                others = [self._rules[name] for name in rule.exception_to if name in self._rules]
                parts.append(_some(self._hold(other, rail) for other in others))
            held = self._gate(f"rule:{rule.name}:holds:{rail}", _all(parts), forced=True)
            self._held[rule.name, rail] = held
        return self._held[rule.name, rail]

    def _either(self, why: str, rules: Sequence[Rule]) -> tuple[Form, Form]:
        names = ",".join(rule.name for rule in rules)
        rails: tuple[Rail, Rail] = ("true", "possible")
        true, possible = (
            self._gate(f"{why}:{names}:{rail}", _some(self._hold(rule, rail) for rule in rules))
            for rail in rails
        )
        return true, possible

    # -- gates --------------------------------------------------------------------------------

    def _gate(self, name: str, form: Form, *, forced: bool = False) -> Form:
        """Return a gate for a form; a plain comparison or a constant needs none unless forced."""
        if not forced and (isinstance(form, Is) or form in (ALWAYS, NEVER)):
            return form
        key = form if not forced else All((form,))
        if key not in self._gate_of:
            self.gates[name] = Gate(name, tuple(self._ways(form)))
            self._gate_of[key] = Is(name)
        return self._gate_of[key]

    def _ways(self, form: Form) -> Iterable[Way]:
        match form:
            case Is():
                yield (form,)
            case Some():
                for part in form.parts:
                    yield from self._ways(part)
            case All():
                yield tuple(
                    dict.fromkeys(is_ for part in form.parts for is_ in self._conjuncts(part))
                )

    def _conjuncts(self, form: Form) -> Iterable[Is]:
        match form:
            case Is():
                yield form
            case All():
                for part in form.parts:
                    yield from self._conjuncts(part)
            case Some():
                gate = self._gate(f"either:{next(self._numbers)}", form)
                assert isinstance(gate, Is)
                yield gate


def _holds(form: Form, fired: frozenset[str]) -> bool:
    """Whether a gate is yes; a form that is no gate is a constant."""
    if isinstance(form, Is):
        return (form.name in fired) is not form.negated
    return form == ALWAYS


def _all(parts: Iterable[Form]) -> Form:
    found = dict.fromkeys(part for part in parts if part != ALWAYS)
    if NEVER in found:
        return NEVER
    return next(iter(found)) if len(found) == 1 else All(tuple(found))


def _some(parts: Iterable[Form]) -> Form:
    found = dict.fromkeys(part for part in parts if part != NEVER)
    if ALWAYS in found:
        return ALWAYS
    return next(iter(found)) if len(found) == 1 else Some(tuple(found))


def _not(form: Form) -> Form:
    match form:
        case Is():
            return Is(form.name, form.value, not form.negated)
        case All():
            return _some(_not(part) for part in form.parts)
        case Some():
            return _all(_not(part) for part in form.parts)


def _wanted(node: Node) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...] | None]:
    """Return the answers a test wants, and those it refuses (None: it wants some of the first)."""
    match node:
        case Compare(op="=", right=Lit(value=value)):
            return (value,), None
        case Compare(op="!=", right=Lit(value=value)):
            return (), (None, value)
        case OneOf(options=options, negated=negated):
            return (options, None) if not negated else ((), (None, *options))
        case Known(negated=negated):
            return ((None,), None) if negated else ((), (None,))
        case _:
            raise TypeError(f"a condition on an answer cannot be {type(node).__name__}")


def _tests_of(answer: Answer, rules: Iterable[Rule], nodes: Mapping[str, Node]) -> list[Node]:
    """Return the conditions of rules, through the findings they name, that test an answer."""
    found: list[Node] = []
    todo, seen = [node for rule in rules for node in rule.when], set[str]()
    while todo:
        for node in walk(todo.pop()):
            subject = node.left if isinstance(node, Compare) else getattr(node, "value", None)
            if subject == answer and isinstance(node, Compare | OneOf | Known):
                found.append(node)
            if isinstance(node, Ref) and node.name not in seen:
                seen.add(node.name)
                todo.append(nodes[node.name])
    return found


def _codes(answer: Answer, tests: Iterable[Node], program: Program) -> dict[object, int]:
    """Return the value of each answer that a condition names or the question can end with."""
    named = [value for test in tests for part in _wanted(test) for value in part or ()]
    domains = (q.domain() for q in program.questions if q.name == answer.question)
    answers = dict.fromkeys(value for value in (*named, *(a for d in domains for a in d)))
    answers.pop(None, None)
    return {None: NONE, **{value: FIRST_ANSWER + n for n, value in enumerate(answers)}}
