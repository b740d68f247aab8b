"""A comparison as the command line prints it."""

from collections.abc import Iterator, Sequence

from reso.cli.paper import Paper
from simulations.comparing.comparison import ChangedCase, PartReach, PartyMoney, Test
from simulations.comparing.speaking import NONE, Speech, joined
from simulations.comparing.telling import Told
from simulations.results import ENDED

MOST_ROWS = 12

ToldCase = tuple[ChangedCase, Told, Told]
"""A changed dispute, how it ends under A, how under B."""


def print_comparison(paper: Paper, speech: Speech, cases: Sequence[ToldCase]) -> None:
    """Print the verdict first, then what it rests on."""
    say = speech.say
    paper.rule(say("report", "title"))
    paper.line(speech.verdict(), style="bold green")
    paper.line(say("report", "sides", a=speech.a, b=speech.b))
    for title, part in (
        ("endings", _endings),
        ("decisions", _decisions),
        ("yes_no", _tests),
        ("money", _money),
        ("answers", _answers),
        ("hours", _hours),
        ("regions", _regions),
    ):
        if title == "answers" and speech.comparison.answers is None:
            continue
        paper.line()
        paper.rule(say("report", title))
        part(paper, speech)
    paper.line()
    paper.rule(say("report", "cases"))
    _cases(paper, speech, cases)
    paper.line()
    paper.rule(say("report", "limits"))
    for limit in speech.limits():
        paper.line(f"- {limit}")


def _endings(paper: Paper, speech: Speech) -> None:
    found = speech.comparison
    counts = {(one.b, one.a): one.disputes for one in found.endings}
    rows = [ended for ended in ENDED if any(b == ended for b, _ in counts)]
    columns = [ended for ended in ENDED if any(a == ended for _, a in counts)]
    headers = ("B / A", *(speech.word("ended", one) for one in columns))
    paper.table(
        headers,
        [
            (speech.word("ended", b), *(speech.count(counts.get((b, a), 0)) for a in columns))
            for b in rows
        ],
    )
    paper.line(
        speech.say(
            "report",
            "others",
            reasons=speech.count(found.other_reasons),
            times=speech.count(found.other_times),
        )
    )


def _decisions(paper: Paper, speech: Speech) -> None:
    moved = [one for one in speech.comparison.decisions if one.a != one.b]
    none = speech.word("report", "no_decision")
    rows = [
        (one.b or none, one.a or none, speech.count(one.disputes))
        for one in sorted(moved, key=lambda one: -one.disputes)[:MOST_ROWS]
    ]
    if rows:
        paper.table(("B", "A", speech.word("columns", "disputes")), rows)
    else:
        paper.line(NONE)


def _tests(paper: Paper, speech: Speech) -> None:
    found = speech.comparison
    names = ("difference", "interval", "only_a", "only_b", "odds", "p", "adjusted")
    headers = ("", "A", "B", *(speech.word("columns", name) for name in names))
    paper.table(headers, [tuple(_test(speech, test)) for test in found.tests])
    for line in speech.tested():
        paper.line(line)


def _test(speech: Speech, test: Test) -> Iterator[str]:
    table = test.table
    yield speech.word("tests", test.name)
    yield from speech.shares(table)
    yield speech.points(table.difference)
    yield speech.point_ends(test.interval)
    yield speech.count(table.only_a)
    yield speech.count(table.only_b)
    yield NONE if table.odds is None else speech.decimal(table.odds, 2)
    yield speech.p(table.p)
    yield speech.p(test.adjusted)


def _money(paper: Paper, speech: Speech) -> None:
    found = speech.comparison
    if not found.parties:
        paper.line(speech.word("report", "no_money"))
        return
    names = ("difference", "interval", "gains", "losses")
    headers = ("", "A", "B", *(speech.word("columns", name) for name in names))
    paper.table(headers, [tuple(_party(speech, one)) for one in found.parties])
    paper.line(speech.word("report", "buyers_only" if found.with_recorded else "zero_sum"))


def _party(speech: Speech, one: PartyMoney) -> Iterator[str]:
    yield speech.word("parties", one.party)
    for amount in (one.a, one.b, one.difference):
        yield speech.signed_money(amount, one.currency)
    yield speech.money_ends(one)
    for amount, disputes in ((one.gains, one.better), (one.losses, one.worse)):
        yield f"{speech.signed_money(amount, one.currency)} ({speech.count(disputes)})"


def _answers(paper: Paper, speech: Speech) -> None:
    """Print both sides as they come out where parties answer as a model says."""
    alone, money = (speech.word("columns", name) for name in ("alone", "for_buyers"))
    interval = speech.word("columns", "interval")
    headers = (
        speech.word("columns", "run"), speech.word("columns", "changed"),
        f"{alone}: A", "B", speech.word("columns", "difference"), interval, money, interval,
    )  # fmt: skip
    rows = []
    for name, one in speech.runs():
        table = one.alone.table
        rows.append(
            (
                name,
                speech.count(one.changed),
                *speech.shares(table),
                speech.points(table.difference),
                speech.point_ends(one.alone.interval),
                joined(speech.signed_money(m.difference, m.currency) for m in one.buyers),
                joined(speech.money_ends(m) for m in one.buyers),
            )
        )
    paper.table(headers, rows)
    paper.line(speech.answered())


def _hours(paper: Paper, speech: Speech) -> None:
    hours = speech.comparison.hours
    paper.line(
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


def _regions(paper: Paper, speech: Speech) -> None:
    found = speech.comparison
    for one in found.reach[:MOST_ROWS]:
        _part(paper, speech, one)
    if found.reach:
        left = len(found.reach) - MOST_ROWS
        if left > 0:
            paper.line(speech.say("report", "more_parts", n=speech.count(left)))
        paper.line(speech.word("report", "overlap"))
        if found.outside:
            paper.line(speech.say("report", "outside", n=speech.count(found.outside)))
    elif not found.with_recorded:
        paper.line(speech.word("report", "same_text"))
    rows = [
        (
            one.rule_b or NONE,
            one.rule_a or NONE,
            speech.count(one.disputes),
            speech.more(one.money),
        )
        for one in found.regions[:MOST_ROWS]
    ]
    if rows:
        names = ("rule_b", "rule_a", "disputes", "money")
        paper.table([speech.word("columns", name) for name in names], rows)


def _part(paper: Paper, speech: Speech, one: PartReach) -> None:
    """Print a part that differs, what it decides, and all that it says under both."""
    part, n = one.part, speech.count(one.disputes)
    told = {"section": part.section, "name": part.name, "money": speech.more(one.money)}
    paper.line(speech.say("report", "part", n=n, **told), style="bold")
    if part.what != "changed":
        paper.line(f"{'B' if part.what == 'added' else 'A'}: {NONE}", indent=1)
    for place in part.parts:
        where = f"{place.where}: " if place.where else ""
        for side, text in (("B", place.old), ("A", place.new)):
            if text or part.what == "changed":
                paper.line(f"{side}: {where}{text or NONE}", indent=1)


def _cases(paper: Paper, speech: Speech, cases: Sequence[ToldCase]) -> None:
    if not cases:
        paper.line(NONE)
    for case, a, b in cases:
        money = joined(
            f"{speech.word('parties', party)} {speech.signed_money(amount, case.currency)}"
            for party, amount in case.money
        )
        paper.line(f"{case.dispute_id}: {money}", style="bold")
        for name, told, rule in (("B", b, case.rule_b), ("A", a, case.rule_a)):
            paper.line(f"{name}: {told}" + (f" [{rule}]" if rule else ""), indent=1)
    rest = speech.comparison.changed - len(cases)
    if rest:
        paper.line(speech.say("report", "more_cases", n=speech.count(rest)))
