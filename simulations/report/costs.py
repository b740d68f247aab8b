"""What it costs: whose money goes to whom, and what reaches humans in an hour."""

from collections import Counter
from collections.abc import Iterator, Sequence

from reso.model.money import to_major
from simulations.measures.fairness import Balance, balance
from simulations.measures.money import Cost, Flow, costs, flows
from simulations.measures.workload import Load, Workload, workload
from simulations.report.charts import Bar, Sided, bars, sided
from simulations.report.flows import Box, Label, Stream, streams_chart
from simulations.report.given import ReportInput
from simulations.report.palette import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY
from simulations.report.parts import Cell, Chart, Part, Row, Spec, Table
from simulations.report.speaking import NONE, Voice

PARTIES = {"buyer": BLUE, "seller": GREEN, "courier": ORANGE, "platform": PURPLE, "insurer": SKY}
MOST_GROUPS = 12


def cost_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts on money and on work."""
    yield _money(about, voice)
    yield _work(workload(about.table, voice.zone), voice)


# -- money ----------------------------------------------------------------------------------------


def _money(about: ReportInput, voice: Voice) -> Part:
    found = flows(about.table)
    if not found:
        return Part("money", voice.name("parts", "money"), (voice.name("money", "none"),))
    content: list[Chart | Table] = []
    for currency in dict.fromkeys(flow.currency for flow in found):
        listed = [flow for flow in found if flow.currency == currency and flow.amount > 0]
        if listed:
            title = voice.say("money", "chart", currency=currency)
            content.append(Chart(title, voice.name("money", "aid"), _streams(listed, voice)))
    content.append(_flow_table(found, voice))
    content.append(_cost_table(costs(about.table), voice))
    closing = (voice.name("money", "closing"),)
    return Part("money", voice.name("parts", "money"), (), content, closing)


def _streams(listed: Sequence[Flow], voice: Voice) -> Spec:
    sums = Counter[tuple[str, str]]()
    for flow in listed:
        sums[flow.payer, flow.payee] += flow.amount
    currency, boxes = listed[0].currency, Counter[Box]()
    for (payer, payee), amount in sums.items():
        boxes[0, payer] += amount
        boxes[1, payee] += amount
    labels = {
        box: Label(voice.party(box[1]), voice.money(amount, currency), PARTIES.get(box[1], GREY))
        for box, amount in boxes.items()
    }
    order = {name: place for place, name in enumerate(PARTIES)}
    streams = [
        Stream(
            0,
            payer,
            payee,
            amount,
            f"{voice.party(payer)} → {voice.party(payee)}: {voice.money(amount, currency)}",
            PARTIES.get(payer, GREY),
        )
        for (payer, payee), amount in sorted(
            sums.items(), key=lambda one: tuple(order.get(name, 99) for name in one[0])
        )
    ]
    return streams_chart(streams, labels)


def _flow_table(found: Sequence[Flow], voice: Voice) -> Table:
    rows = [
        Row(
            (
                voice.party(flow.payer),
                voice.party(flow.payee),
                voice.name("components", flow.component),
                voice.money_cell(flow.amount, flow.currency),
                voice.count_cell(flow.disputes),
            )
        )
        for flow in found
    ]
    columns = voice.words("columns", "borne_by", "goes_to", "component", "amount", "disputes")
    return Table(voice.name("money", "table"), columns, rows, sortable=True)


def _cost_table(found: Sequence[Cost], voice: Voice) -> Table:
    rows = [
        Row(
            (
                voice.party(cost.party),
                voice.money_cell(cost.paid, cost.currency),
                voice.money_cell(cost.got, cost.currency),
                voice.money_cell(cost.net, cost.currency),
                voice.money_cell(cost.net_per_1000, cost.currency),
            )
        )
        for cost in found
    ]
    columns = voice.words("columns", "party", "paid", "got", "net", "net_per_1000")
    return Table(voice.name("money", "costs"), columns, rows)


# -- balance between the sides ----------------------------------------------------------------


def balance_part(about: ReportInput, voice: Voice) -> Part:
    """Return the part on wrongful money for either side."""
    found = balance(about.table)
    if not found:
        return Part("balance", voice.name("parts", "balance"), (voice.name("balance", "none"),))
    content: list[Chart | Table] = []
    for currency in dict.fromkeys(one.currency for one in found):
        large = [one for one in found if one.currency == currency and not one.small]
        if large:
            content.append(
                Chart(
                    voice.say("balance", "chart", currency=currency),
                    voice.name("balance", "aid"),
                    sided(list(_sides(large[:MOST_GROUPS], voice)), currency),
                )
            )
    rows = [_balance_row(one, voice) for one in found]
    columns = voice.words(
        "columns", "group", "disputes", "to_buyers", "interval", "kept", "interval", "tilt",
        "partly", "unpriced",
    )  # fmt: skip
    content.append(Table(voice.name("balance", "table"), columns, rows, sortable=True))
    closing = (voice.name("balance", "closing"),)
    return Part("balance", voice.name("parts", "balance"), (), content, closing)


def _group(one: Balance, voice: Voice) -> str:
    if not one.column:
        return voice.name("names", "all_disputes")
    return f"{voice.name('segments', one.column)}: {voice.segment(one.column, one.value)}"


def _sides(found: Sequence[Balance], voice: Voice) -> Iterator[Sided]:
    for one in found:
        for side, mean in (("to_buyers", one.to_buyers), ("kept", one.kept_from_buyers)):
            if mean.value is None:
                continue
            value = mean.value
            low, high = mean.interval or (value, value)
            middle, least, most = (
                float(to_major(round(minor), one.currency)) for minor in (value, low, high)
            )
            yield Sided(
                _group(one, voice),
                voice.name("columns", side),
                middle,
                least,
                most,
                voice.money(value, one.currency),
            )


def _balance_row(one: Balance, voice: Voice) -> Row:
    cells: list[str | Cell] = [_group(one, voice), voice.count_cell(one.disputes)]
    for mean, is_least in ((one.to_buyers, False), (one.kept_from_buyers, one.is_least)):
        cells.append(voice.least(voice.money_cell(mean.value, one.currency), is_least))
        ends = mean.interval
        told = (
            NONE if ends is None else voice.ends(*(voice.money(end, one.currency) for end in ends))
        )
        cells.append(Cell(told, None if ends is None else ends[0]))
    tilt = Cell(NONE if one.tilt is None else voice.decimal(one.tilt, 2), one.tilt)
    cells.append(voice.most(tilt, one.is_least))
    cells += [voice.count_cell(one.partly), voice.count_cell(one.unpriced)]
    return Row(cells, one.small)


# -- work -------------------------------------------------------------------------------------


def _work(found: Workload, voice: Voice) -> Part:
    if not found.loads:
        return Part("work", voice.name("parts", "work"), (voice.name("work", "none"),))
    staffing = found.staffing
    assumed = voice.say(
        "work",
        "assumed",
        minutes=voice.decimal(staffing.minutes_per_case, 0),
        hours=voice.decimal(staffing.open_hours_a_day, 0),
        days=voice.decimal(staffing.open_days_a_week, 0),
    )
    drawn = [
        Bar(
            f"{_times(load, voice)} · {voice.name('work', kind)}",
            minutes,
            voice.say("work", "minutes", n=voice.decimal(minutes, 1)),
            colour,
        )
        for load in found.loads
        for kind, minutes, colour in (
            ("usual", load.minutes_per_hour, BLUE),
            ("busy", load.busy_minutes_per_hour, RED),
        )
    ]
    rows = [
        Row(
            (
                _times(load, voice),
                Cell(voice.decimal(load.cases_per_hour, 2), load.cases_per_hour),
                Cell(voice.decimal(load.minutes_per_hour, 1), load.minutes_per_hour),
                Cell(voice.decimal(load.people, 2), load.people),
                Cell(voice.decimal(load.busy_cases_per_hour, 2), load.busy_cases_per_hour),
                Cell(voice.decimal(load.busy_minutes_per_hour, 1), load.busy_minutes_per_hour),
            )
        )
        for load in found.loads
    ]
    columns = voice.words(
        "columns", "load", "cases_hour", "minutes_hour", "people", "busy_cases", "busy_minutes"
    )
    said = voice.say("work", "said", n=voice.count(found.cases), days=voice.count(found.days))
    return Part(
        "work",
        voice.name("parts", "work"),
        (said, assumed),
        [
            Chart(
                voice.name("work", "chart"),
                voice.name("work", "aid"),
                bars(drawn, voice.name("columns", "minutes_hour")),
            ),
            Table(voice.name("work", "table"), columns, rows),
        ],
        (voice.name("work", "closing"),),
    )


def _times(load: Load, voice: Voice) -> str:
    return f"{voice.decimal(load.times, 0)}\N{MULTIPLICATION SIGN}"
