"""The parts of a comparison: what changed, who wins and loses, which disputes, and why."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from reso.model.money import to_major
from simulations.comparing.comparison import ChangedCase, Comparison, PartReach, PartyMoney
from simulations.comparing.speaking import Speech, joined
from simulations.comparing.telling import Told
from simulations.report.charts import Interval, Square, intervals, squares
from simulations.report.given import ComparedWith
from simulations.report.parts import Cell, Chart, Part, Row, Table
from simulations.report.speaking import NONE, Voice
from simulations.results import ENDED

MANY_ROWS = 12


def comparison_parts(compared: ComparedWith, voice: Voice) -> Iterator[Part]:
    """Yield the parts that stand before those of the run itself."""
    speech = compared.speech
    yield _changed(speech, voice)
    if speech.comparison.answers is not None:
        yield _answers(speech)
    yield _money(speech, voice)
    yield _policies(speech, voice)
    yield _cases(compared.cases, speech, voice)
    yield Part("limits", speech.word("report", "limits"), tuple(speech.limits()))


# -- what changed ---------------------------------------------------------------------------------


def _changed(speech: Speech, voice: Voice) -> Part:
    found = speech.comparison
    lines = [speech.say("report", "sides", a=speech.a, b=speech.b)]
    content: list[Chart | Table] = []
    if found.endings:
        content += _endings(found, speech, voice)
    content.append(_tests(found, speech))
    hours = found.hours
    if hours.disputes:
        lines.append(
            speech.say(
                "report",
                "hours_line",
                n=speech.count(hours.disputes),
                a=speech.hours(hours.median_a),
                b=speech.hours(hours.median_b),
                sooner=speech.count(hours.sooner),
                later=speech.count(hours.later),
            )
        )
    closing = [
        speech.say(
            "report",
            "others",
            reasons=speech.count(found.other_reasons),
            times=speech.count(found.other_times),
        ),
        *speech.tested(),
    ]
    return Part("changed", voice.name("parts", "changed"), lines, content, closing)


def _endings(found: Comparison, speech: Speech, voice: Voice) -> Iterator[Chart | Table]:
    counts = Counter({(one.b, one.a): one.disputes for one in found.endings})
    names = [name for name in (*ENDED, "") if any(name in pair for pair in counts)]
    drawn = [
        Square(_ended(b, speech), _ended(a, speech), counts[b, a], speech.count(counts[b, a]))
        for b in names
        for a in names
    ]
    yield Chart(
        speech.word("report", "endings"),
        voice.name("changed", "aid"),
        squares(drawn, "B", "A"),
    )
    rows = [
        Row((_ended(b, speech), _ended(a, speech), voice.count_cell(n)))
        for (b, a), n in counts.items()
    ]
    columns = ["B", "A", voice.name("columns", "disputes")]
    yield Table(
        speech.word("report", "endings"), columns, rows,
        folded=len(rows) > MANY_ROWS, sortable=True,
    )  # fmt: skip


def _ended(name: str, speech: Speech) -> str:
    return speech.word("ended", name) if name else speech.word("report", "no_decision")


def _tests(found: Comparison, speech: Speech) -> Table:
    rows = []
    for test in found.tests:
        a, b = speech.shares(test.table)
        rows.append(
            Row(
                (
                    speech.word("tests", test.name),
                    a,
                    b,
                    Cell(speech.points(test.table.difference), test.table.difference),
                    speech.point_ends(test.interval),
                    speech.count(test.table.only_a),
                    speech.count(test.table.only_b),
                    NONE if test.table.odds is None else speech.decimal(test.table.odds, 2),
                    speech.p(test.table.p),
                    speech.p(test.adjusted),
                )
            )
        )
    columns = ["", "A", "B"] + [
        speech.word("columns", key)
        for key in ("difference", "interval", "only_a", "only_b", "odds", "p", "adjusted")
    ]
    return Table(speech.word("report", "yes_no"), columns, rows)


def _answers(speech: Speech) -> Part:
    """Return both sides as they come out where parties answer as a model says."""
    rows = []
    for name, one in speech.runs():
        a, b = speech.shares(one.alone.table)
        rows.append(
            Row(
                (
                    name,
                    speech.count(one.changed),
                    a,
                    b,
                    speech.points(one.alone.table.difference),
                    speech.point_ends(one.alone.interval),
                    joined(speech.signed_money(m.difference, m.currency) for m in one.buyers),
                    joined(map(speech.money_ends, one.buyers)),
                )
            )
        )
    word = partial(speech.word, "columns")
    columns = [
        word("run"), word("changed"), f"{word('alone')}: A", "B", word("difference"),
        word("interval"), word("for_buyers"), word("interval"),
    ]  # fmt: skip
    title = speech.word("report", "answers")
    return Part("answered", title, (speech.answered(),), [Table(title, columns, rows)])


# -- money ----------------------------------------------------------------------------------------


def _money(speech: Speech, voice: Voice) -> Part:
    found = speech.comparison
    title = speech.word("report", "money")
    if not found.parties:
        return Part("winners", title, (speech.word("report", "no_money"),))
    content: list[Chart | Table] = []
    for currency in dict.fromkeys(one.currency for one in found.parties):
        listed = [one for one in found.parties if one.currency == currency and one.interval]
        if listed:
            content.append(
                Chart(
                    voice.say("changed", "money", currency=currency),
                    voice.name("changed", "money_aid"),
                    intervals([_interval(one, speech) for one in listed], currency),
                )
            )
    rows = [
        Row(
            (
                speech.word("parties", one.party),
                _cell(one.difference, one, speech),
                speech.money_ends(one),
                _cell(one.gains, one, speech),
                voice.count_cell(one.better),
                _cell(one.losses, one, speech),
                voice.count_cell(one.worse),
            )
        )
        for one in found.parties
    ]
    of = voice.name("columns", "disputes")
    columns = [
        voice.name("columns", "party"),
        *(speech.word("columns", key) for key in ("difference", "interval", "gains")),
        of,
        speech.word("columns", "losses"),
        of,
    ]
    content.append(Table(title, columns, rows))
    note = "buyers_only" if found.with_recorded else "zero_sum"
    return Part("winners", title, (), content, (speech.word("report", note),))


def _cell(minor: int, one: PartyMoney, speech: Speech) -> Cell:
    return Cell(speech.signed_money(minor, one.currency), minor)


def _interval(one: PartyMoney, speech: Speech) -> Interval:
    assert one.interval is not None
    middle, low, high = (
        float(to_major(round(minor), one.currency))
        for minor in (one.difference, one.interval.low, one.interval.high)
    )
    name = speech.word("parties", one.party)
    return Interval(name, middle, low, high, speech.signed_money(one.difference, one.currency))


# -- where the policies differ ----------------------------------------------------------------


def _policies(speech: Speech, voice: Voice) -> Part:
    found = speech.comparison
    parts = [
        Row(
            (
                f"{one.part.section}: {voice.rule(one.part.name)}",
                _texts(one),
                voice.count_cell(one.disputes),
                speech.more(one.money),
            )
        )
        for one in found.reach
    ]
    rules = [
        Row(
            (
                voice.rule(one.rule_b) if one.rule_b else NONE,
                voice.rule(one.rule_a) if one.rule_a else NONE,
                voice.count_cell(one.disputes),
                speech.more(one.money),
            )
        )
        for one in found.regions
    ]
    content = []
    if parts:
        columns = [
            speech.word("columns", "part"), "B → A", voice.name("columns", "disputes"),
            speech.word("columns", "money"),
        ]  # fmt: skip
        title = speech.word("report", "regions")
        content.append(Table(title, columns, parts, folded=len(parts) > MANY_ROWS, sortable=True))
    if rules:
        columns = [speech.word("columns", key) for key in ("rule_b", "rule_a", "disputes", "money")]
        title = voice.name("changed", "rules")
        content.append(Table(title, columns, rules, folded=len(rules) > MANY_ROWS, sortable=True))
    lines = [speech.word("report", "overlap")] if parts else []
    if found.outside:
        lines.append(speech.say("report", "outside", n=speech.count(found.outside)))
    return Part("policies", speech.word("report", "regions"), lines, content)


def _texts(one: PartReach) -> str:
    """Return all that a part says otherwise."""
    return "; ".join(
        f"{place.where}: {place.old or NONE} → {place.new or NONE}"
        if place.where
        else f"{place.old or NONE} → {place.new or NONE}"
        for place in one.part.parts
    )


# -- disputes ---------------------------------------------------------------------------------


def _cases(cases: Sequence[tuple[ChangedCase, Told, Told]], speech: Speech, voice: Voice) -> Part:
    rows = [
        Row(
            (
                case.dispute_id,
                voice.claim(case.claim_type) if case.claim_type else NONE,
                joined(
                    f"{speech.word('parties', party)} {speech.signed_money(minor, case.currency)}"
                    for party, minor in case.money
                ),
                str(b),
                str(a),
            )
        )
        for case, a, b in cases
    ]
    columns = [
        *voice.words("columns", "dispute", "claims_about", "amount"),
        f"B: {speech.b}",
        f"A: {speech.a}",
    ]
    table = Table(speech.word("report", "cases"), columns, rows)
    left = speech.comparison.changed - len(rows)
    closing = [speech.say("report", "more_cases", n=speech.count(left))] if left > 0 else []
    return Part("cases", speech.word("report", "cases"), (), [table] if rows else [], closing)
