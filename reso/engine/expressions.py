"""The expressions of one policy as compiled Python functions over a context."""

from collections.abc import Callable
from datetime import datetime
from typing import cast

from reso.engine.codegen import Writer
from reso.engine.context import Context, ItemTest, Test, ValueOf
from reso.engine.valuation import could_add
from reso.expressions.tree import Answer, Node, Pick, Quantity, Ref, children
from reso.facts.interpret import earliest_instant
from reso.model.case import Case, Record
from reso.model.time import Duration
from reso.policy.clocks import Act, Added, Clock, QuestionState, Span, run, still_closed
from reso.policy.model import Acts, Policy, Question

StretchOf = tuple[datetime, datetime, Test, ValueOf]
ActsOf = Callable[[Context], list[Act]]


class _WhenAsked(dict[str, ValueOf]):
    """Functions by name, each made when it is first asked for."""

    def __init__(self, make: Callable[[str], ValueOf]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> ValueOf:
        made = self[name] = self._make(name)
        return made


class CompiledExpressions:
    """Findings, picks and questions compiled at load, every other expression when asked for."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._nodes = {d.name: d.node for d in policy.definitions}
        self._unknown: dict[str, bool] = {}
        self._adds: dict[Quantity, tuple[str, ...]] = {}
        self._values: dict[int, ValueOf] = {}
        self._rails: dict[int, tuple[Test, Test]] = {}
        self._wheres: dict[int, ItemTest] = {}
        self._kept: list[Node] = []
        self.writer = Writer(policy.rounding, self.may_be_unknown, self.adds)
        self.definitions: dict[str, ValueOf] = _WhenAsked(
            lambda name: self._value(self._nodes[name])
        )
        findings = [d for d in policy.definitions if d.node.type.kind == "boolean"]
        self.findings_true = {d.name: self._rail(d.node, "true") for d in findings}
        self.findings_possible = {
            d.name: self._possible(d.node, self.findings_true[d.name]) for d in findings
        }
        self.picks = {name: self._record(node) for name, node in policy.picks}
        self.questions = {q.name: self._question(q) for q in policy.questions}

    # -- facts ------------------------------------------------------------------------------

    def earliest(self, case: Case) -> datetime:
        """Return the earliest dated instant of a case."""
        return earliest_instant(case)

    def section(self, name: str, case: Case) -> bool | None:
        """Return yes when anything of a section is known, else none."""
        begins = f"{name}."
        for key, stated in case.fields.items():
            if stated is not None and key.startswith(begins):
                return True
        return True if any(key.startswith(begins) for key in case.lists) else None

    def may_be_unknown(self, node: Node) -> bool:
        """Whether a condition can be unknown while a question is open."""
        match node:
            case Answer():
                return True
            case Quantity(what="exists"):
                return bool(self.adds(node))
            case Ref(name=name):
                if name not in self._unknown:
                    self._unknown[name] = self.may_be_unknown(self._nodes[name])
                return self._unknown[name]
            case _:
                return any(self.may_be_unknown(part) for part in children(node))

    def adds(self, node: Quantity) -> tuple[str, ...]:
        """Return the questions whose answers could add what an `exists` looks for."""
        if node not in self._adds:
            self._adds[node] = tuple(
                question.name for question in self.policy.questions if could_add(question, node)
            )
        return self._adds[node]

    # -- expressions ------------------------------------------------------------------------

    def value(self, node: Node) -> ValueOf:
        """Return a function that yields the value of an expression."""
        found = self._values.get(id(node))
        if found is None:
            self._kept.append(node)  # keeps its id taken
            found = self._values[id(node)] = self._value(node)
        return found

    def rails(self, node: Node) -> tuple[Test, Test]:
        """Return the functions "is true" and "is possible" of a condition."""
        found = self._rails.get(id(node))
        if found is None:
            self._kept.append(node)
            true = self._rail(node, "true")
            found = self._rails[id(node)] = true, self._possible(node, true)
        return found

    def where(self, node: Node) -> ItemTest:
        """Return a function that tests a list item."""
        found = self._wheres.get(id(node))
        if found is None:
            self._kept.append(node)
            source = self.writer.condition(node, "true")
            found = cast(ItemTest, self.writer.function("where", source, "c, x"))
            self._wheres[id(node)] = found
        return found

    def _value(self, node: Node) -> ValueOf:
        return cast(ValueOf, self.writer.function("value", self.writer.value(node)))

    def _rail(self, node: Node, rail: str) -> Test:
        source = self.writer.condition(node, "true" if rail == "true" else "possible")
        return cast(Test, self.writer.function(rail, source))

    def _possible(self, node: Node, true: Test) -> Test:
        """Return the function "is possible", which is `true` where nothing can be unknown."""
        return self._rail(node, "possible") if self.may_be_unknown(node) else true

    def _record(self, node: Node) -> Callable[[Context], Record | None]:
        assert isinstance(node, Pick)
        made = self.writer.function("record", self.writer.record(node))
        return cast(Callable[[Context], Record | None], made)

    # -- questions --------------------------------------------------------------------------

    def _question(self, question: Question) -> Callable[[Context], QuestionState]:
        """Return a function that runs a question's clock; what a question lacks costs nothing."""
        name, to, ours = question.name, question.to, question.put_by_us
        closed = QuestionState(name, to, "not_opened")
        when = None if question.when is None else self._rail(question.when, "true")
        opens = self._asked_at(question) if question.put_by_us else self._value(question.opens_at)
        ends = self._ends(question)
        acts = self._acts(question)
        taken = [
            (answer.name, self._rail(answer.taken_when, "true"))
            for answer in question.answers
            if answer.taken_when is not None
        ]
        spans, added = self._spans(question), self._added(question)

        def state(c: Context) -> QuestionState:
            if question.chapter not in ("", c.chapter) or (when is not None and not when(c)):
                return closed
            opened = opens(c)
            opened = opened if isinstance(opened, datetime) else None
            if not ours and (opened is None or opened > c.at):
                return closed if opened is None else still_closed(name, to, opened)
            clock = Clock(
                name,
                to,
                True,
                opened,
                ends(c, opened),
                question.silence_means,
                acts(c),
                ours,
                question.counts_earlier,
                question.revisable,
                next((name for name, holds in taken if holds(c)), None) if taken else None,
                spans(c) if spans else (),
                added(c) if added else (),
            )
            return run(clock, c.at, c.calendar)

        return state

    def _asked_at(self, question: Question) -> ValueOf:
        """Return when it was put: when we first asked it, or others last did, if that is later."""
        ours, others = self._dated(question.asked), self._dated(question.asked_by)
        return lambda c: max((*ours(c)[:1], *others(c)), default=None)

    def _dated(self, acts: Acts | None) -> Callable[[Context], list[datetime]]:
        if acts is None:
            return lambda _c: []
        source = f"[t for x {_loop(self.writer, acts)} if (t := x.get('at')) is not None]"
        return cast(Callable[[Context], list[datetime]], self.writer.function("dated", source))

    def _ends(self, question: Question) -> Callable[[Context, datetime | None], datetime | None]:
        until = None if question.until is None else self._value(question.until)
        lasts = None if question.lasts is None else self._value(question.lasts)
        stretches = [
            (s.starts_at, s.ends_at, self._rail(s.when, "true"), self._value(s.lasts))
            for s in question.stretched
        ]

        def ends(c: Context, opened: datetime | None) -> datetime | None:
            end = None if until is None else until(c)
            end = end if isinstance(end, datetime) else None
            if lasts is None or opened is None:
                return end
            length = lasts(c)
            if not isinstance(length, Duration):
                return end
            run_out = c.calendar.add(opened, length)
            if stretches:
                run_out = _stretched(c, opened, run_out, stretches)
            return run_out if end is None else min(end, run_out)

        return ends

    def _acts(self, question: Question) -> ActsOf:
        """Return a function that yields a question's acts in order of time."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for answer in question.answers:
            for acts in answer.acts:
                test = "True" if acts.where is None else self.writer.condition(acts.where, "true")
                sections.setdefault(acts.section, []).append((answer.name, test))
        if not sections:
            return lambda _c: []
        lines = ["def acts(c):", "    found = []"]
        for section, tests in sections.items():
            lines.append(f"    for n, x in enumerate(c.l({section!r}, ())):")
            word = "if"
            for name, test in tests:
                act = f"Act(x.get('at'), {name!r})"
                entry = act if len(sections) == 1 else f"({section!r}, n, {act})"
                lines.append(f"        {word} {test}: found.append({entry})")
                word = "elif"
        lines.append("    return found" if len(sections) == 1 else "    return in_order(found)")
        self.writer.namespace.update(Act=Act, in_order=_in_order)
        return cast(ActsOf, self.writer.compiled("acts", "\n".join(lines) + "\n"))

    def _spans(self, question: Question) -> Callable[[Context], list[Span]] | None:
        if not question.paused_by:
            return None
        pauses = [
            (
                pause.question,
                None if pause.starts_at is None else self._value(pause.starts_at),
                None if pause.ends_at is None else self._value(pause.ends_at),
            )
            for pause in question.paused_by
        ]

        def spans(c: Context) -> list[Span]:
            found: list[Span] = []
            for name, starts_at, ends_at in pauses:
                if name:
                    other = c.question(name)
                    if other.opened_at is not None and other.state != "not_opened":
                        found.append(Span(other.opened_at, other.ended_at))
                    continue
                starts = None if starts_at is None else starts_at(c)
                ends = None if ends_at is None else ends_at(c)
                if isinstance(starts, datetime) and starts <= c.at:
                    found.append(Span(starts, ends if isinstance(ends, datetime) else None))
            return found

        return spans

    def _added(self, question: Question) -> Callable[[Context], list[Added]] | None:
        if not question.extended_by:
            return None
        parts = [
            (
                cast(
                    Callable[[Context], list[datetime | None]],
                    self.writer.function("at", f"[x.get('at') {_for(self.writer, part.acts)}]"),
                ),
                self._value(part.by),
                part.most,
            )
            for part in question.extended_by
        ]

        def added(c: Context) -> list[Added]:
            found: list[Added] = []
            for times, by, most in parts:
                length = by(c)
                if isinstance(length, Duration):
                    found.append(Added(times(c), length, most))
            return found

        return added


def _stretched(c: Context, opened: datetime, end: datetime, stretches: list[StretchOf]) -> datetime:
    """Return the end of a clock with the overlays that reach it while it runs."""
    longest = end
    for starts_at, ends_at, when, lasts in stretches:
        if opened < ends_at and end >= starts_at and when(c):
            length = lasts(c)
            if isinstance(length, Duration):
                longest = max(longest, c.calendar.add(opened, length))
    return longest


def _loop(writer: Writer, acts: Acts) -> str:
    source = f"in c.l({acts.section!r}, ())"
    return source if acts.where is None else f"{source} if {writer.condition(acts.where, 'true')}"


def _for(writer: Writer, acts: Acts) -> str:
    return f"for x {_loop(writer, acts)}"


def _in_order(found: list[tuple[str, int, Act]]) -> list[Act]:
    """Order acts of several lists: undated first, then by time, list and place in the list."""

    def key(entry: tuple[str, int, Act]) -> tuple[bool, float, str, int]:
        section, place, act = entry
        return act.at is not None, act.at.timestamp() if act.at else 0.0, section, place

    return [act for _, _, act in sorted(found, key=key)]
