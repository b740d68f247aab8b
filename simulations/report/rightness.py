"""Held against people and against what was really due: agreement, calibration, wrongful rates."""

from collections.abc import Iterator, Sequence

from simulations.measures.agreement import (
    Agreement,
    Calibration,
    Kappa,
    agreement,
    calibration,
)
from simulations.measures.rates import Rate
from simulations.measures.truth import ArrivedAfter, Wrongful, arrived_after, wrongful
from simulations.report.charts import Pair, Ranged, Square, pairs, ranges, squares
from simulations.report.given import ReportInput
from simulations.report.parts import Cell, Chart, Part, Row, Table
from simulations.report.speaking import NONE, Voice

MANY_ROWS = 12
MOST_RULES = 20
FEW_COMPARED = 200
"""Below so many rulings of humans kappa is called rough."""


def rightness_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts on agreement with humans and on the truth."""
    yield _agreement(agreement(about.table), voice)
    yield _calibration(calibration(about.table), voice)
    yield _wrongful(wrongful(about.table), arrived_after(about.table), voice)


# -- agreement --------------------------------------------------------------------------------


def _agreement(found: Agreement, voice: Voice) -> Part:
    title = voice.name("parts", "agreement")
    if not found.compared.count:
        return Part("agreement", title, (voice.name("agreement", "none"),))
    cells = sorted(found.matrix, key=lambda cell: (cell.ours, cell.theirs))
    ours = list(dict.fromkeys(cell.ours for cell in cells))
    theirs = [*ours, *sorted({cell.theirs for cell in cells} - set(ours))]
    counts = {(cell.ours, cell.theirs): cell.disputes for cell in cells}
    drawn = [
        Square(
            voice.decision(one),
            _wrapped(voice.decision(other)),
            counts.get((one, other), 0),
            voice.count(counts.get((one, other), 0)),
        )
        for one in ours
        for other in theirs
    ]
    rows = [
        Row((voice.decision(c.ours), voice.decision(c.theirs), voice.count_cell(c.disputes)))
        for c in cells
    ]
    lines = [
        voice.say(
            "agreement", "said", compared=voice.of(found.compared), same=voice.of(found.same)
        ),
        voice.say(
            "agreement",
            "overturned",
            overturned=voice.of(found.overturned),
            changed=voice.of(found.changed),
        ),
    ]
    if found.compared.count < FEW_COMPARED:
        lines.append(voice.name("agreement", "few"))
    kappas = [
        _kappa_row("decisions", found.decisions, voice),
        _kappa_row("sides", found.sides, voice),
    ]
    return Part(
        "agreement",
        title,
        lines,
        [
            Chart(
                voice.name("agreement", "chart"),
                voice.name("agreement", "aid"),
                squares(drawn, voice.name("columns", "ours"), voice.name("columns", "theirs")),
            ),
            Table(
                voice.name("agreement", "kappas"),
                voice.words("columns", "looked_at", "kappa", "interval", "observed", "by_chance"),
                kappas,
            ),
            Table(
                voice.name("agreement", "table"),
                voice.words("columns", "ours", "theirs", "disputes"),
                rows,
                folded=len(rows) > MANY_ROWS,
                sortable=True,
            ),
        ],
        (voice.name("agreement", "closing"),),
    )


def _wrapped(text: str) -> str:
    """Return a text in two lines of a chart's axis, broken near its middle."""
    places = [n for n, char in enumerate(text) if char == " "]
    if len(text) < 16 or not places:
        return text
    middle = min(places, key=lambda n: abs(n - len(text) / 2))
    return f"{text[:middle]} | {text[middle + 1 :]}"


def _kappa_row(what: str, kappa: Kappa, voice: Voice) -> Row:
    ends = kappa.interval
    told = NONE if ends is None else voice.ends(*(voice.decimal(end, 2) for end in ends))
    value = NONE if kappa.value is None else voice.decimal(kappa.value, 2)
    return Row(
        (
            voice.name("agreement", what),
            Cell(value, kappa.value),
            Cell(told, None if ends is None else ends[0]),
            voice.share_cell(kappa.observed),
            voice.share_cell(kappa.expected),
        )
    )


# -- calibration --------------------------------------------------------------------------------


def _calibration(found: Sequence[Calibration], voice: Voice) -> Part:
    title = voice.name("parts", "calibration")
    if not found:
        return Part("calibration", title, (voice.name("agreement", "none"),))
    drawn = [
        Pair(
            f"{voice.rule(one.rule)} ({voice.count(one.disputes)})",
            one.ours.share,
            one.theirs.share,
            f"{voice.percent(one.ours)} / {voice.percent(one.theirs)}",
        )
        for one in found
        if not one.small and one.ours.share is not None and one.theirs.share is not None
    ][:MOST_RULES]
    rows = [
        Row(
            (
                voice.rule(one.rule),
                voice.count_cell(one.disputes),
                voice.rate_cell(one.same_side),
                voice.rate_cell(one.ours),
                voice.rate_cell(one.theirs),
                voice.money_cell(one.our_money, one.currency),
                voice.money_cell(one.their_money, one.currency),
            ),
            one.small,
        )
        for one in found
    ]
    table = Table(
        voice.name("calibration", "table"),
        voice.words(
            "columns", "rule", "disputes", "same_side", "ours_buyer", "theirs_buyer",
            "our_money", "their_money",
        ),
        rows,
        folded=len(rows) > MANY_ROWS,
        sortable=True,
    )  # fmt: skip
    if not drawn:
        return Part("calibration", title, (voice.name("calibration", "small"),), [table])
    ours, theirs = voice.words("columns", "ours", "theirs")
    chart = Chart(
        voice.name("calibration", "chart"),
        voice.name("calibration", "aid"),
        pairs(drawn, voice.name("calibration", "axis"), ours, theirs),
    )
    closing = (voice.name("calibration", "closing"),)
    return Part("calibration", title, (), [chart, table], closing)


# -- the truth ----------------------------------------------------------------------------------


def _wrongful(found: Wrongful, late: ArrivedAfter, voice: Voice) -> Part:
    rates = {
        "refunded_wrongly": found.refunded_wrongly,
        "refused_wrongly": found.refused_wrongly,
        "of_refunds": found.of_refunds,
        "of_refusals": found.of_refusals,
        "arrived": late.all_refunds,
        "arrived_lost": late.not_received,
    }
    there = {name: rate for name, rate in rates.items() if rate.of}
    said = "said" if found.known.count else "none"
    lines = [voice.say("wrongful", said, known=voice.of(found.known))]
    title = voice.name("parts", "wrongful")
    if not there:
        return Part("wrongful", title, lines)
    rows = [
        Row(
            (
                voice.name("wrongful", name),
                voice.count_cell(rate.count),
                voice.count_cell(rate.of),
                voice.rate_cell(rate),
                voice.interval_cell(rate),
            )
        )
        for name, rate in there.items()
    ]
    content: list[Chart | Table] = [
        Chart(
            voice.name("wrongful", "chart"),
            voice.name("wrongful", "aid"),
            ranges(list(_ranged(there, voice)), voice.name("columns", "share")),
        ),
        Table(
            voice.name("wrongful", "table"),
            voice.words("columns", "what", "count", "of", "share", "interval"),
            rows,
        ),
    ]
    money = list(_wrong_money(found, late, voice))
    if money:
        columns = voice.words("columns", "what", "amount", "partly", "unpriced")
        content.append(Table(voice.name("wrongful", "money"), columns, money))
    closing = (voice.name("wrongful", "closing"), voice.name("wrongful", "priced"))
    return Part("wrongful", title, lines, content, closing)


def _ranged(rates: dict[str, Rate], voice: Voice) -> Iterator[Ranged]:
    for name, rate in rates.items():
        if rate.share is not None and rate.interval is not None:
            label = voice.name("wrongful", name)
            yield Ranged(label, rate.share, *rate.interval, voice.percent(rate))


def _wrong_money(found: Wrongful, late: ArrivedAfter, voice: Voice) -> Iterator[Row]:
    none = Cell(NONE, None)
    for one in found.money:
        to_buyers = voice.money_cell(one.to_buyers, one.currency)
        kept = voice.least(voice.money_cell(one.kept_from_buyers, one.currency), one.is_least)
        counts = map(voice.count_cell, (one.partly, one.amount_unknown))
        yield Row((voice.name("columns", "to_buyers_sum"), to_buyers, none, none))
        yield Row((voice.name("columns", "kept_sum"), kept, *counts))
    for money in late.money:
        amount = voice.money_cell(money.amount, money.currency)
        yield Row((voice.name("wrongful", "arrived"), amount, none, none))
