"""A policy's questions as SQL columns: what `reso.policy.clocks.run` says of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reso.expressions.tree import Node
from reso.policy.clocks import QuestionState
from reso.policy.model import Acts, Extension, Policy, Question, Stretch
from simulations.fast.sheets import Sheet
from simulations.fast.writing import Writer
from simulations.literals import text_of
from simulations.sql.bounds import Bounds, Range
from simulations.sql.calendar import microseconds

STATES = ("not_opened", "open", "answered", "lapsed")
MOST_EXTENSIONS = 20
CLOSED = {
    "state": "'not_opened'", "answer": "NULL::VARCHAR", "unknown": "FALSE", "asked": "FALSE",
    "opened_at": "NULL::BIGINT", "deadline": "NULL::BIGINT", "ended_at": "NULL::BIGINT",
    "paused": "FALSE", "next": "NULL::BIGINT", "code": "0",
}  # fmt: skip
"""The columns of a question that is not opened."""

NO_ACTS = 'NULL::STRUCT("at" BIGINT, answer VARCHAR)[]'


NO_PAUSE, TOO_LATE, PAUSED, STOOD_STILL = range(4)
"""What a pause does to a clock: nothing; it begins after its end; it lasts still; it is over."""

PHASES = (
    "closed", "filed", "over", "to_ask", "later", "taken", "answered", "paused", "lapsed", "open",
)  # fmt: skip
"""The ways a question can stand in, by their numbers."""


class UnsupportedPolicyError(Exception):
    """The policy says something that is not written as SQL: the reference replay runs it."""


def column(question: str, part: str) -> str:
    """Return the quoted name of a column of a question."""
    return f'"{part}:{question}"'


@dataclass(frozen=True, slots=True)
class QuestionColumns:
    """Writes the columns of one policy's questions into a sheet.

    Of each: `state` (text), `answer`, `unknown`, `asked` (we have yet to ask it), `opened_at`,
    `deadline`, `ended_at`, `paused`, `code` (all of it but the instants, as one number) and `next`
    (the instant at which its clock changes it, with no new event).
    """

    policy: Policy
    writer: Writer
    sheet: Sheet
    chapter: str | None
    """All disputes are in this chapter; None: the column `chapter` says in which they are."""
    bounds: Bounds
    started: list[tuple[str, Range, Node]] = field(default_factory=list)
    """The durations that clocks were written with: from which instant, how late, and how long."""

    def write(self) -> None:
        """Write all of them."""
        for question in self.policy.questions:
            if self.chapter is None or question.chapter in ("", self.chapter):
                self._write(question)
            else:
                self._close(question)

    def _close(self, question: Question) -> None:
        """Write the columns of a question of another chapter: it is not opened."""
        for part, sql in CLOSED.items():
            self._add(question, part, sql)

    def code(self, state: QuestionState) -> int:
        """Return what the column `code` holds of a question in this state."""
        question = next(q for q in self.policy.questions if q.name == state.name)
        answers = _answers(question)
        answer = 0 if state.answer is None else 1 + answers.index(state.answer)
        flags = 4 * state.unknown + 8 * state.to_be_asked + 16 * state.paused
        return STATES.index(state.state) + flags + 32 * answer

    # -- one question ------------------------------------------------------------------------

    def _add(self, question: Question, part: str, sql: str) -> str:
        self.sheet.write(f"{part}:{question.name}", sql)
        return column(question.name, part)

    def _value(self, node: Node) -> str:
        return self.writer.value(node).text

    def _true(self, node: Node) -> str:
        return self.writer.condition(node, "true").text

    def _write(self, question: Question) -> None:
        if any(extension.most > MOST_EXTENSIONS for extension in question.extended_by):
            raise UnsupportedPolicyError(
                f"{question.name}: more extensions of one clock than are written as SQL"
            )
        relevant = self._relevant(question)
        opens = self._add(question, "opens", self._opens(question))
        end = self._add(question, "end", self._end(question, opens))
        deadline, paused = self._running(question, opens, end)
        acts = self._add(question, "acts", self._acts(question))
        on_time = "NULL" if paused == "FALSE" and deadline == "NULL::BIGINT" else deadline
        last = f"CASE WHEN {paused} THEN NULL ELSE {on_time} END" if paused != "FALSE" else on_time
        act = self._add(question, "act", self._act(question, acts, opens, last))
        filed = self._add(question, "filed", self._on_file(question, acts, end))
        taken = self._add(question, "taken", self._taken(question))
        phase = self._add(
            question,
            "phase",
            self._phase(question, relevant, opens, end, deadline, paused, act, filed, taken),
        )
        self._results(question, phase, opens, end, deadline, act, filed, taken)

    def _relevant(self, question: Question) -> str:
        parts = []
        if question.chapter and self.chapter is None:
            parts.append(f'"chapter" = {text_of(question.chapter)}')
        if question.when is not None:
            parts.append(self._true(question.when))
        return " AND ".join(parts) or "TRUE"

    def _opens(self, question: Question) -> str:
        if not question.put_by_us:
            return self._value(question.opens_at)
        put = ["NULL::BIGINT"]
        if question.asked is not None:
            put.append(f"list_filter({self._instants(question.asked)}, lambda y: y IS NOT NULL)[1]")
        if question.asked_by is not None:
            put.append(f"list_max({self._instants(question.asked_by)})")
        return f"greatest({', '.join(put)})"

    def _end(self, question: Question, opens: str) -> str:
        until = "NULL::BIGINT" if question.until is None else self._value(question.until)
        if question.lasts is None:
            return until
        runs = self._later(opens, self.bounds.opens(question), question.lasts)
        if question.stretched:
            runs = self._add(question, "runs", runs)
            longer = [
                self._stretched(question, stretch, opens, runs) for stretch in question.stretched
            ]
            runs = f"greatest({runs}, {', '.join(longer)})"
        return runs if question.until is None else f"least({until}, {runs})"

    def _stretched(self, question: Question, stretch: Stretch, opens: str, runs: str) -> str:
        starts, ends = (microseconds(at) for at in (stretch.starts_at, stretch.ends_at))
        reaches = f"{opens} < {ends} AND {runs} >= {starts}"
        when = self._true(stretch.when)
        longer = self._later(opens, self.bounds.opens(question), stretch.lasts)
        return f"CASE WHEN {reaches} AND {when} THEN {longer} END"

    def _running(self, question: Question, opens: str, end: str) -> tuple[str, str]:
        """Return the deadline with what was added and what stood still, and whether it stands."""
        for number, extension in enumerate(question.extended_by):
            end = self._extended(question, number, extension, opens, end)
        if not question.paused_by:
            return end, "FALSE"
        return self._paused(question, opens, end)

    def _extended(
        self, question: Question, number: int, extension: Extension, opens: str, end: str
    ) -> str:
        """Return the deadline with what acts of one kind add, each in its turn."""
        ats = self._add(question, f"added{number}", self._instants(extension.acts))
        latest = self.bounds.extended(question)
        last = "0"
        for turn in range(extension.most):
            in_time = f"{ats}[y] IS NULL OR ({ats}[y] >= {opens} AND {ats}[y] <= {end})"
            later = f"list_filter(range({last} + 1, len({ats}) + 1), lambda y: {in_time})[1]"
            found = self._add(question, f"found{number}_{turn}", later)
            longer = f"coalesce({self._later(end, latest, extension.by)}, {end})"
            sql = f"CASE WHEN {found} IS NULL THEN {end} ELSE {longer} END"
            end = self._add(question, f"extended{number}_{turn}", sql)
            last = f"coalesce({found}, len({ats}))"
        return end

    def _paused(self, question: Question, opens: str, end: str) -> tuple[str, str]:
        spans = self._add(question, "spans", self._spans(question))
        still, last, stop, paused = "0::BIGINT", opens, "FALSE", "FALSE"
        for number in range(1, len(question.paused_by) + 1):

            def named(part: str, sql: str, number: int = number) -> str:
                return self._add(question, f"{part}{number}", sql)

            start, over = (named(part, f"{spans}[{number}].{part}") for part in ("s", "e"))
            begins = f"greatest({start}, {last})"
            turn = named(
                "turn",
                f"CASE WHEN {stop} OR {start} IS NULL THEN {NO_PAUSE} "
                f"WHEN {begins} >= {end} + {still} THEN {TOO_LATE} "
                f"WHEN {over} IS NULL THEN {PAUSED} "
                f"WHEN {over} > {begins} THEN {STOOD_STILL} ELSE {NO_PAUSE} END",
            )
            stood = f"{turn} = {STOOD_STILL}"
            longer = f"CASE WHEN {stood} THEN {still} + {over} - {begins} ELSE {still} END"
            still = named("still", longer)
            last = named("last", f"CASE WHEN {stood} THEN {over} ELSE {last} END")
            paused = named("stands", f"{paused} OR {turn} = {PAUSED}")
            stop = named("stop", f"{stop} OR {turn} IN ({TOO_LATE}, {PAUSED})")
        deadline = self._add(question, "runs_to", f"{end} + {still}")
        return deadline, f"({end} IS NOT NULL AND {paused})"

    def _spans(self, question: Question) -> str:
        """Return the pauses that have begun, by when, then in the order they are declared."""
        found = []
        for place, pause in enumerate(question.paused_by):
            if pause.question:
                parts = ("opened_at", "ended_at", "state")
                opened, ended, state = (column(pause.question, part) for part in parts)
                holds = f"{opened} IS NOT NULL AND {state} <> 'not_opened'"
            else:
                opened = "NULL" if pause.starts_at is None else self._value(pause.starts_at)
                ended = "NULL" if pause.ends_at is None else self._value(pause.ends_at)
                holds = f'{opened} <= "at"'
            instants = f"'s': ({opened})::BIGINT, 'place': {place}, 'e': ({ended})::BIGINT"
            found.append(f"CASE WHEN {holds} THEN {{{instants}}} END")
        listed = f"list_filter([{', '.join(found)}], lambda y: y IS NOT NULL)"
        return f"list_sort({listed})" if len(found) > 1 else listed

    def _acts(self, question: Question) -> str:
        """Return the acts that answer a question, in order of time: when, and which answer."""
        sections: dict[str, list[tuple[str, Acts]]] = {}
        for answer in question.answers:
            for acts in answer.acts:
                sections.setdefault(acts.section, []).append((answer.name, acts))
        lists = [self._acts_in(section, found) for section, found in sorted(sections.items())]
        if not lists:
            return NO_ACTS
        if len(lists) == 1:
            return lists[0]
        if not any("at" in self.writer.columns.item_fields(section) for section in sections):
            return f"list_concat({', '.join(lists)})"
        placed = [
            f"list_transform({one}, lambda y, i: {{'known': y.at IS NOT NULL, 'at': y.at, "
            f"'section': {number}, 'place': i, 'answer': y.answer}})"
            for number, one in enumerate(lists)
        ]
        merged = f"list_sort(list_concat({', '.join(placed)}))"
        return f"list_transform({merged}, lambda y: {{'at': y.at, 'answer': y.answer}})"

    def _acts_in(self, section: str, found: Sequence[tuple[str, Acts]]) -> str:
        items = self.writer.columns.items(section)
        if items is None:
            return NO_ACTS
        given = [(name, acts.where) for name, acts in found]
        return self.writer.told_of_items(section, given).text

    def _instants(self, acts: Acts) -> str:
        """Return the instants of acts, in the order of their list."""
        told = self._acts_in(acts.section, [("yes", acts)])
        return f"list_transform({told}, lambda y: y.at)"

    def _later(self, start: str, begun: Range, by: Node) -> str:
        """Return the instant a duration after another, which lies in a range."""
        self.started.append((start, begun, by))
        return self.writer.later(start, by).text

    def _act(self, question: Question, acts: str, opens: str, last: str) -> str:
        early = "TRUE" if question.counts_earlier else f"y.at >= {opens}"
        in_time = f"({last}) IS NULL OR y.at <= ({last})"
        counts = f"y.at IS NULL OR (({early}) AND ({in_time}))"
        return f"list_filter({acts}, lambda y: {counts})[{-1 if question.revisable else 1}]"

    def _on_file(self, question: Question, acts: str, end: str) -> str:
        if not (question.counts_earlier and question.put_by_us):
            return 'NULL::STRUCT("at" BIGINT, answer VARCHAR)'
        counts = f"y.at IS NULL OR {end} IS NULL OR y.at <= {end}"
        return f"list_filter({acts}, lambda y: {counts})[{-1 if question.revisable else 1}]"

    def _taken(self, question: Question) -> str:
        branches = [
            f"WHEN {self._true(answer.taken_when)} THEN {text_of(answer.name)}"
            for answer in question.answers
            if answer.taken_when is not None
        ]
        return f"CASE {' '.join(branches)} END" if branches else "NULL::VARCHAR"

    def _phase(
        self, question: Question, relevant: str, opens: str, end: str, deadline: str, paused: str,
        act: str, filed: str, taken: str,
    ) -> str:  # fmt: skip
        """Return which of the ways a question can stand in it stands in."""
        unasked = ""
        if question.put_by_us:
            unasked = (
                f"WHEN {opens} IS NULL AND {filed} IS NOT NULL THEN {_phase('filed')} "
                f'WHEN {opens} IS NULL AND {end} IS NOT NULL AND "at" >= {end} '
                f"THEN {_phase('over')} "
                f"WHEN {opens} IS NULL THEN {_phase('to_ask')} "
            )
        return (
            f"CASE WHEN NOT ({relevant}) THEN {_phase('closed')} {unasked}"
            f'WHEN {opens} IS NULL OR {opens} > "at" THEN {_phase("later")} '
            f"WHEN {taken} IS NOT NULL THEN {_phase('taken')} "
            f"WHEN {act} IS NOT NULL THEN {_phase('answered')} "
            f"WHEN {paused} THEN {_phase('paused')} "
            f'WHEN {deadline} IS NOT NULL AND "at" >= {deadline} THEN {_phase("lapsed")} '
            f"ELSE {_phase('open')} END"
        )

    def _results(
        self, question: Question, phase: str, opens: str, end: str, deadline: str, act: str,
        filed: str, taken: str,
    ) -> None:  # fmt: skip
        silence = text_of(question.silence_means)

        def stands(*names: str) -> str:
            return f"{phase} IN ({', '.join(map(_phase, names))})"

        parts = {
            "state": (
                f"CASE WHEN {stands('closed', 'to_ask', 'later')} THEN 'not_opened' "
                f"WHEN {stands('filed', 'taken', 'answered')} THEN 'answered' "
                f"WHEN {stands('over', 'lapsed')} THEN 'lapsed' ELSE 'open' END"
            ),
            "answer": (
                f"CASE WHEN {stands('filed')} THEN {filed}.answer WHEN {stands('taken')} "
                f"THEN {taken} WHEN {stands('answered')} THEN {act}.answer "
                f"WHEN {stands('over', 'lapsed')} THEN {silence} END"
            ),
            "unknown": stands("to_ask", "open", "paused"),
            "asked": stands("to_ask"),
            "opened_at": (
                f"CASE WHEN {stands('filed')} THEN {filed}.at "
                f"WHEN {stands('closed', 'to_ask', 'over')} THEN NULL ELSE {opens} END"
            ),
            "deadline": (
                f"CASE WHEN {stands('answered', 'lapsed', 'open', 'paused')} THEN {deadline} "
                f"WHEN {stands('over', 'to_ask')} THEN {end} END"
            ),
            "ended_at": (
                f"CASE WHEN {stands('filed')} THEN {filed}.at WHEN {stands('taken')} THEN {opens} "
                f"WHEN {stands('answered')} THEN greatest({opens}, {act}.at) "
                f"WHEN {stands('over')} THEN {end} WHEN {stands('lapsed')} THEN {deadline} END"
            ),
            "paused": stands("paused"),
            "next": (
                f"CASE WHEN {stands('open')} THEN {deadline} WHEN {stands('to_ask')} THEN {end} "
                f"WHEN {stands('later')} THEN {opens} END"
            ),
        }
        for part, sql in parts.items():
            self._add(question, part, sql)
        self._add(question, "code", self._code(question, phase))

    def _code(self, question: Question, phase: str) -> str:
        answer = column(question.name, "answer")
        numbered = " ".join(
            f"WHEN {text_of(name)} THEN {32 * number}"
            for number, name in enumerate(_answers(question), start=1)
        )
        coded = f"CASE {answer} {numbered} ELSE 0 END"
        return (
            f"(CASE {phase} WHEN {_phase('closed')} THEN 0 WHEN {_phase('later')} THEN 0 "
            f"WHEN {_phase('to_ask')} THEN 12 WHEN {_phase('open')} THEN 5 "
            f"WHEN {_phase('paused')} THEN 21 WHEN {_phase('lapsed')} THEN 3 + {coded} "
            f"WHEN {_phase('over')} THEN 3 + {coded} ELSE 2 + {coded} END)::INTEGER"
        )


def _phase(name: str) -> str:
    """Return the number of a phase."""
    return str(PHASES.index(name))


def _answers(question: Question) -> list[str]:
    """Return every answer a question can end with, each once."""
    return list(dict.fromkeys((*question.domain(), question.silence_means)))
