"""Claims that were never made: where ages of claims break off, and what a week more would bring."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from simulations.measures.ages import SINCE, Ages, curves
from simulations.measures.censoring import Cliff, Widening, broken_off, widening
from simulations.measures.rates import Band
from simulations.measures.tables import ResultsTable
from simulations.measures.windows import ALL, About, chapters
from simulations.replaying.supposing import Widened
from simulations.report.charts import days
from simulations.report.given import ReportInput
from simulations.report.parts import Cell, Chart, Part, Row, Table
from simulations.report.speaking import NONE, Voice

LEAST_CLAIMS = 30
"""Claims from which on the curve of one claim type is looked at by itself."""
MOST_TYPES = 6
WIDER_BY = 7
"""Days by which the window is widened in the report's own estimate."""
SHOWN_DAYS = 60
Broken = tuple[Ages, Cliff]
"""A curve that breaks off, and where."""
NINE_IN_TEN = 0.9


def window_part(about: ReportInput, voice: Voice) -> Part:
    """Return the part on claims the old window kept away."""
    title = voice.name("parts", "censoring")
    found = curves(about.table, chapters(about.policy))
    shown = _shown(found)
    broken = broken_off(found)
    drawn = _drawn(found, broken)
    asked = [] if about.supposed is None else _asked(about.supposed.widened, voice)
    if drawn is None or not drawn.claims:
        return Part("censoring", title, (voice.name("censoring", "unknown"),), asked)
    content: list[Chart | Table] = [_age_chart(drawn, broken, voice)]
    if broken:
        columns = voice.words(
            "columns", "claims_about", "since", "breaks_on", "before", "after", "expected",
            "wider", "more_claims", "more_money",
        )  # fmt: skip
        rows = [_cliff_row(about.table, voice, ages, edge) for ages, edge in broken]
        content.append(Table(voice.name("censoring", "table"), columns, rows))
    content += asked
    columns = voice.words("columns", "claims_about", "since", "claims", "nine_in_ten", "oldest")
    rows = [_age_row(ages, voice) for ages in shown]
    content.append(Table(voice.name("censoring", "ages"), columns, rows, sortable=True))
    said = voice.name("censoring", "said" if broken else "none")
    closing = (voice.name("censoring", "closing"),) if broken or asked else ()
    return Part("censoring", title, (said,), content, closing)


def _drawn(found: Sequence[Ages], broken: Sequence[Broken]) -> Ages | None:
    """Return the curve that is drawn: the largest that breaks off, else the largest."""
    return max([ages for ages, _ in broken] or found, key=lambda one: one.claims, default=None)


def _age_chart(drawn: Ages, broken: Sequence[Broken], voice: Voice) -> Chart:
    shown = {day: n for day, n in drawn.by_day.items() if -SHOWN_DAYS <= day <= SHOWN_DAYS}
    left = drawn.claims - sum(shown.values())
    since = voice.name("since", drawn.since)
    aid = voice.name("censoring", "aid")
    if left:
        aid += " " + voice.say("censoring", "left", left=voice.count(left), n=str(SHOWN_DAYS))
    axis = voice.say("censoring", "axis", since=since)
    edge = next((edge.day for ages, edge in broken if ages == drawn), None)
    title = voice.say("censoring", "chart", since=since)
    if drawn.about != ALL:
        title = voice.say("censoring", "chart_of", since=since, claims=_claims(drawn.about, voice))
    return Chart(
        title,
        aid,
        days(shown, axis, voice.name("columns", "claims"), edge),
    )


def _shown(found: Sequence[Ages]) -> list[Ages]:
    """Return the curves of all claims, then the largest of those of chapters and claim types."""
    whole = sorted((one for one in found if one.about == ALL), key=lambda c: SINCE.index(c.since))
    large = [one for one in found if one.about != ALL and one.claims >= LEAST_CLAIMS]
    large.sort(key=lambda one: (-one.claims, one.since, one.about.name))
    return whole + large[:MOST_TYPES]


def _age_row(ages: Ages, voice: Voice) -> Row:
    days_told = sorted(ages.by_day)
    seen = accumulate(ages.by_day[day] for day in days_told)
    ninth = math.ceil(ages.claims * NINE_IN_TEN)
    day = next(day for day, count in zip(days_told, seen, strict=True) if count >= ninth)
    return Row(
        (
            _claims(ages.about, voice),
            voice.name("since", ages.since),
            voice.count_cell(ages.claims),
            voice.count_cell(day),
            voice.count_cell(days_told[-1]),
        )
    )


def _claims(about: About, voice: Voice) -> str:
    """Return which claims are looked at; a group by its name in the policy, with its types."""
    types = voice.listed([voice.claim(kind) for kind in about.claim_types])
    if about == ALL:
        return voice.name("names", "all_claims")
    is_named = len(about.claim_types) > 1 and "," not in about.name
    return f"{voice.rule(about.name)} ({types})" if is_named else types


def _cliff_row(table: ResultsTable, voice: Voice, ages: Ages, edge: Cliff) -> Row:
    wider = widening(table, ages.since, edge.day + WIDER_BY, ages.about, edge.day)
    return Row(
        (
            _claims(ages.about, voice),
            voice.name("since", ages.since),
            voice.count_cell(edge.day),
            voice.count_cell(edge.before),
            voice.count_cell(edge.after),
            Cell(voice.decimal(edge.expected, 0), edge.expected),
            voice.say("censoring", wider.verdict, window=str(wider.window_days)),
            *_wider_cells(voice, wider),
        )
    )


def _asked(widened: Sequence[Widened], voice: Voice) -> list[Chart | Table]:
    """Return the table of the windows that were asked about, none where none was."""
    rows = [Row(tuple(row)) for one in widened for row in _asked_rows(one, voice)]
    if not rows:
        return []
    columns = voice.words(
        "columns", "window", "since", "finding", "more_claims", "more_money", "more_humans"
    )
    return [Table(voice.name("censoring", "asked"), columns, rows)]


def _asked_rows(one: Widened, voice: Voice) -> Iterator[list[str]]:
    days = one.wider.days
    told = voice.days(days)
    window = f"{voice.rule(one.wider.parameter)}: {told}" if one.wider.parameter else told
    if one.wider.about != ALL:
        claims = _claims(one.wider.about, voice)
        window = voice.say("censoring", "for_claims", window=window, claims=claims)
    if not one.priced:
        not_zero = voice.name("censoring", "not_zero")
        yield [window, NONE, voice.name("censoring", "unknowable"), *[not_zero] * 3]
    for priced in one.priced:
        finding = voice.say("censoring", priced.verdict, window=voice.count(days))
        since = voice.name("since", priced.since)
        yield [window, since, finding, *_wider_cells(voice, priced), _to_humans(voice, priced)]


def _to_humans(voice: Voice, wider: Widening) -> str:
    if wider.to_humans is None:
        return _nothing(voice, wider)
    return _low_to_high(wider.to_humans, voice)


def _nothing(voice: Voice, wider: Widening) -> str:
    """Return what stands where nothing is priced: what cannot be known is not zero."""
    return voice.name("censoring", "not_zero") if wider.verdict == "unknowable" else NONE


def _wider_cells(voice: Voice, wider: Widening) -> tuple[str, str]:
    if wider.claims is None:
        unpriced = _nothing(voice, wider)
        return unpriced, unpriced
    claims = _low_to_high(wider.claims, voice)
    money = [
        voice.say(
            "names",
            "low_to_high",
            middle=voice.money(band.middle, currency),
            low=voice.money(band.low, currency),
            high=voice.money(band.high, currency),
        )
        for currency, band in wider.refunded
    ]
    return claims, voice.listed(money)


def _low_to_high(band: Band[float], voice: Voice) -> str:
    return voice.say(
        "names",
        "low_to_high",
        middle=voice.count(band.middle),
        low=voice.count(band.low),
        high=voice.count(band.high),
    )
