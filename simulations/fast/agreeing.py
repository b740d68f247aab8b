"""Whether SQL and the engine say the same of the dispute that is led for its kind.

What SQL says of a dispute decides which kind it is of. Were it wrong of the one that is led, that
one would come out right, led by the engine as it is, and all others of its kind wrong.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from reso.policy.clocks import QuestionState
from simulations.fast.leading import Judged
from simulations.fast.plan import Plan
from simulations.prepared.instants import microseconds


@dataclass(frozen=True, slots=True)
class Difference:
    """What SQL and the engine say of something of one dispute, where they do not say the same."""

    what: str
    sql: object
    engine: object

    def __str__(self) -> str:
        return f"SQL says {self.sql!r}, the engine {self.engine!r}"


class Agreement:
    """Compares what is said of disputes of one chapter.

    Attributes:
        columns: those of what SQL says.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._values = {f'"{name}"': name for name in plan.told_values}
        rules = (name for pair in plan.decides.values() for name in pair)
        clocks = (f"{part}:{question}" for question in plan.clocked for part in _CLOCK)
        self.columns = tuple(dict.fromkeys((*rules, *clocks, *self._values.values())))

    def difference(self, judged: Judged, row: Mapping[str, object]) -> Difference | None:
        """Return the first thing the engine found otherwise than SQL; None: there is none."""
        if judged.chapter != self._plan.chapter:
            return Difference("the chapter", self._plan.chapter, judged.chapter)
        told = ((what, row[name], value) for what, name, value in self._told(judged))
        differing = (Difference(*one) for one in told if one[1] != one[2])
        return next(differing, None)

    def _told(self, judged: Judged) -> Iterator[tuple[str, str, object]]:
        """Yield what the engine found: of what, the column that says so, too, and the value."""
        for rule, (surely, possibly) in self._plan.decides.items():
            decides = judged.rules[rule]
            yield f"rule {rule}", surely, decides is True
            yield f"rule {rule}", possibly, decides is not False
        for name, state in judged.questions.items():
            if name in self._plan.clocked:
                said = (self._plan.questions.code(state), _known(state.deadline), _next(state))
                for part, value in zip(_CLOCK, said, strict=True):
                    yield f"question {name}", f"{part}:{name}", value
        for sql, value in judged.read.items():
            if sql in self._values:
                column = self._values[sql]
                yield _what(column), column, _known(value)


_CLOCK = ("code", "deadline", "next")
"""Columns of a question: how it stands, when its time ends, when it changes by itself."""


def _what(column: str) -> str:
    """Return what stands in a column: a fact by its path, a value or a condition by its number."""
    of, _, name = column.partition(":")
    return {"fact": name, "node": f"value {name}"}.get(of, f"condition {name}")


def _next(state: QuestionState) -> object:
    """Return when a question changes by itself."""
    match state.state:
        case "open" if not state.paused:
            return _known(state.deadline)
        case "not_opened":
            return _known(state.deadline if state.to_be_asked else state.opened_at)
        case _:
            return None


def _known(value: object) -> object:
    """Return a value as its column holds it."""
    return microseconds(value) if isinstance(value, datetime) else value
