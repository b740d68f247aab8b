"""What was supposed beyond the record: answers of a model, and evidence with its sides swapped."""

from collections.abc import Iterator

from simulations.acceptance.choosing import Choice
from simulations.measures.mirror import Break, Mirror
from simulations.measures.rates import Rate
from simulations.replaying.supposing import Answers, Figures
from simulations.report.given import ReportInput
from simulations.report.parts import Cell, Part, Row, Table
from simulations.report.speaking import NONE, Voice

MANY_ROWS = 12
FAVOURED = ("mirrored", "buyer_both_ways", "seller_both_ways")


# -- answers --------------------------------------------------------------------------------------


def answers_part(about: ReportInput, voice: Voice) -> Part:
    """Return the part on what comes of it if parties answer as a model says."""
    title = voice.name("parts", "answers")
    answers = about.supposed.answers if about.supposed is not None else None
    if answers is None:
        return Part("answers", title, (voice.name("answers", "none"),))
    lines = (
        voice.say("answers", "said", model=answers.choice.name),
        voice.say("answers", "again", n=voice.count(answers.led_again)),
    )
    content = [_rates(answers, voice), _money(answers, voice), _sources(answers.choice, voice)]
    return Part("answers", title, lines, content)


def _runs(answers: Answers, voice: Voice) -> Iterator[tuple[str, Figures]]:
    yield voice.name("answers", "record"), answers.record
    yield from ((voice.name("band", name), one) for name, one in answers.runs.items())


def _rates(answers: Answers, voice: Voice) -> Table:
    rows = [
        Row(
            (
                name,
                voice.rate_cell(one.automatic.together),
                voice.interval_cell(one.automatic.together),
                voice.rate_cell(one.automatic.agreed),
                voice.rate_cell(one.automatic.lapsed),
                voice.rate_cell(one.automatic.imposed),
                voice.rate_cell(one.escalation.ever),
            )
        )
        for name, one in _runs(answers, voice)
    ]
    columns = [
        *voice.words("columns", "readiness", "automatic", "interval"),
        *map(voice.ended, ("agreed", "lapsed", "imposed")),
        voice.name("columns", "ever_human"),
    ]
    return Table(voice.name("answers", "table"), columns, rows)


def _money(answers: Answers, voice: Voice) -> Table:
    rows = [
        Row(
            (
                name,
                voice.count_cell(money.refunds),
                voice.money_cell(money.amount, money.currency),
                _ends(money.interval, money.currency, voice),
                _borne(one, money.currency, voice),
            )
        )
        for name, one in _runs(answers, voice)
        for money in one.bought
    ]
    columns = voice.words("columns", "readiness", "refunds", "for_buyers", "interval", "borne_by")
    return Table(voice.name("answers", "money"), columns, rows)


def _ends(ends: tuple[int, int] | None, currency: str, voice: Voice) -> Cell:
    if ends is None:
        return Cell(NONE, None)
    return Cell(voice.ends(*(voice.money(end, currency) for end in ends)), ends[0])


def _borne(one: Figures, currency: str, voice: Voice) -> str:
    """Return who bears what buyers get, most first."""
    return voice.listed(
        [f"{voice.party(party)} {voice.money(n, currency)}" for party, n in one.borne(currency)]
    )


def _sources(choice: Choice, voice: Voice) -> Table:
    rows = [
        Row((voice.name("band", run), getattr(choice.model, run).source)) for run in choice.runs
    ]
    columns = voice.words("columns", "readiness", "source")
    return Table(voice.name("answers", "sources"), columns, rows)


# -- mirrored evidence ----------------------------------------------------------------------------


def mirror_part(about: ReportInput, voice: Voice) -> Part:
    """Return the part on disputes that were ruled on again with the sides' evidence swapped."""
    title = voice.name("parts", "mirror")
    found = about.supposed.mirror if about.supposed is not None else None
    if found is None or not found.pairs:
        key = "none" if found is None else "nothing"
        return Part("mirror", title, (voice.name("mirror", key),))
    said = voice.say(
        "mirror",
        "said",
        n=voice.count(found.mirrored.of),
        seed=str(found.seed),
        mirrored=voice.of(found.mirrored),
    )
    content = [_favoured(found, voice)]
    if found.breaks:
        content.append(_breaks(found, voice))
    closing = (voice.name("mirror", "closing"),)
    return Part("mirror", title, (said,), content, closing)


def _favoured(found: Mirror, voice: Voice) -> Table:
    rates: list[tuple[str, Rate]] = [(name, getattr(found, name)) for name in FAVOURED]
    rows = [
        Row(
            (
                voice.name("mirror", name),
                voice.count_cell(rate.count),
                voice.rate_cell(rate),
                voice.interval_cell(rate),
            )
        )
        for name, rate in rates
    ]
    columns = voice.words("columns", "ruling", "disputes", "share", "interval")
    return Table(voice.name("mirror", "table"), columns, rows)


def _breaks(found: Mirror, voice: Voice) -> Table:
    rows = [Row(tuple(_break(one, voice))) for one in found.breaks]
    columns = voice.words(
        "columns", "broken", "rule", "favours", "rule_swapped", "favours", "disputes", "example"
    )
    folded = len(rows) > MANY_ROWS
    return Table(voice.name("mirror", "breaks"), columns, rows, folded=folded, sortable=True)


def _break(one: Break, voice: Voice) -> Iterator[str | Cell]:
    yield voice.name("mirror", one.kind)
    for rule, favours in ((one.rule, one.favours), (one.rule_swapped, one.favours_swapped)):
        yield voice.rule(rule)
        yield voice.name("favours", favours)
    yield voice.count_cell(one.disputes)
    yield one.examples[0]
