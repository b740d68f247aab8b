"""The first page: the verdict, what the history knows, who is blind, what was never claimed."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from simulations.measures.censoring import Ages, Cliff, Widening, claim_ages, cliff, widening
from simulations.measures.endings import automatic, escalation, times
from simulations.measures.knowledge import LEAST_KNOWN, BlindRule, blind_rules, lack_of_data
from simulations.measures.rates import Band, Rate
from simulations.measures.sight import Look, Sight
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import wrongful
from simulations.report.charts import Bar, bars, days
from simulations.report.given import ReportInput
from simulations.report.palette import BLUE, ORANGE, RED, SKY
from simulations.report.parts import Cell, Chart, Part, Row, Table
from simulations.report.speaking import Voice

SINCE = ("delivery", "estimate", "order")
LEAST_CLAIMS = 30
"""Claims from which on the curve of one claim type is looked at by itself."""
MOST_TYPES = 6
WIDER_BY = 7
"""Days by which the window is widened in the report's own estimate."""
SHOWN_DAYS = 60
NEARLY_ALL = 0.99
NINE_IN_TEN = 0.9
MANY_ROWS = 12
MOST_BLIND = 8


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure of the first page: large, with what it is and how sure it is."""

    value: str
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The head of the page: one sentence, what to know before believing it, a few figures."""

    verdict: str
    warnings: tuple[str, ...]
    figures: tuple[KeyFigure, ...]


def opening(about: ReportInput, voice: Voice) -> Opening:
    """Return the head of the page."""
    if about.compared is not None:
        verdict = about.compared.speech.verdict()
    else:
        verdict = _verdict(about, voice)
    return Opening(verdict, tuple(_warnings(about, voice)), tuple(_figures(about, voice)))


def first_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts of the first page below its head."""
    yield _knowledge(about, voice)
    yield _blind(about, voice)
    yield _lack(about, voice)
    yield _censoring(about, voice)


# -- head -----------------------------------------------------------------------------------


def _verdict(about: ReportInput, voice: Voice) -> str:
    rate = automatic(about.table).together
    if not rate.of:
        return voice.say("opening", "nothing")
    return voice.say(
        "opening",
        "verdict",
        policy=f"{voice.rule(about.policy.name)} {about.policy.version}",
        share=voice.percent(rate),
        n=voice.count(rate.of),
        humans=voice.percent(escalation(about.table).ever),
        money=_refunded(about.table, voice),
    )


def _refunded(table: ResultsTable, voice: Voice) -> str:
    rows = table.rows(
        "SELECT currency, sum(refunded) FROM {results} "
        "WHERE currency IS NOT NULL AND refunded > 0 GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    told = [voice.money(int(amount), currency) for currency, amount in rows]
    return " + ".join(told) or voice.name("opening", "no_money")


def _warnings(about: ReportInput, voice: Voice) -> Iterator[str]:
    silent, total = about.table.row(
        "SELECT count(*) FILTER (NOT has_answers), count(*) FROM {results} "
        "WHERE ended <> 'no_claim'"
    )
    if silent:
        yield voice.say("opening", "silent", rate=voice.of(Rate(silent, total)))
    blind = Counter(one.blind for one in blind_rules(about.policy, about.known, about.table))
    if blind:
        yield voice.say(
            "opening",
            "blind",
            all=voice.count(blind["all"]),
            some=voice.count(blind["some"]),
            n=voice.count(len(about.policy.rules)),
        )
    lack = lack_of_data(about.policy, about.known, about.table)
    if lack.for_lack.count:
        yield voice.say("opening", "lack", rate=voice.of(lack.for_lack))
    known = wrongful(about.table).known
    yield voice.say("opening", "truth", rate=voice.of(known)) if known.of else ""


def _figures(about: ReportInput, voice: Voice) -> Iterator[KeyFigure]:
    found = automatic(about.table)
    yield KeyFigure(
        voice.percent(found.together),
        voice.name("figures", "automatic"),
        _certainty(about, found.together, voice),
    )
    human = escalation(about.table).ever
    yield KeyFigure(
        voice.percent(human),
        voice.name("figures", "humans"),
        voice.say("figures", "interval", ends=voice.interval(human)),
    )
    by_group = {one.group: one for one in times(about.table)}
    if "all" in by_group:
        hours = dict(by_group["all"].quantiles)
        yield KeyFigure(
            voice.hours(hours[0.5]),
            voice.name("figures", "median"),
            voice.say("figures", "nine_in_ten", hours=voice.hours(hours[0.9])),
        )
    refunds = about.table.row("SELECT count(*) FROM {results} WHERE refunded > 0")[0]
    yield KeyFigure(
        _refunded(about.table, voice),
        voice.name("figures", "refunded"),
        voice.say("figures", "in_disputes", n=voice.count(refunds)),
    )


def _certainty(about: ReportInput, rate: Rate, voice: Voice) -> str:
    """Return the interval of a share, or its band where several runs were made."""
    if about.band is None:
        return voice.say("figures", "interval", ends=voice.interval(rate))
    runs = {name: getattr(about.band, name).together for name in ("low", "middle", "high")}
    told = {name: voice.percent(run) for name, run in runs.items()}
    return voice.say("figures", "band", **told)


# -- what the history knows -------------------------------------------------------------------


def _knowledge(about: ReportInput, voice: Voice) -> Part:
    sight, looked = Sight(about.policy), Counter[Look]()
    for rule in about.policy.rules:
        looked.update({look for node in rule.when for look in sight.of(node)})
    shares = {look: about.known.share(look) for look in looked}
    groups = {
        "nearly_all": sum(share >= NEARLY_ALL for share in shares.values()),
        "most": sum(0.5 <= share < NEARLY_ALL for share in shares.values()),
        "some": sum(LEAST_KNOWN <= share < 0.5 for share in shares.values()),
        "none": sum(share < LEAST_KNOWN for share in shares.values()),
    }
    colours = dict(zip(groups, (BLUE, SKY, ORANGE, RED), strict=True))
    drawn = [
        Bar(voice.name("known", key), count, voice.count(count), colours[key])
        for key, count in groups.items()
    ]
    rows = [
        Row((str(look), voice.share_cell(shares[look]), voice.count_cell(looked[look])))
        for look in sorted(shares, key=lambda one: (shares[one], str(one)))
    ]
    facts = [
        Row((fact, voice.share_cell(share)))
        for fact, share in sorted(about.known.shares.items(), key=lambda one: (-one[1], one[0]))
    ]
    content: list[Chart | Table] = [
        Chart(
            voice.name("known", "chart"),
            voice.name("known", "aid"),
            bars(drawn, voice.name("known", "axis")),
        ),
        Table(
            voice.name("known", "table"),
            voice.words("columns", "looks_at", "known_in", "rules"),
            rows, folded=len(rows) > MANY_ROWS, sortable=True,
        ),
        Table(
            voice.name("known", "facts"), voice.words("columns", "fact", "known_in"),
            facts, folded=True, sortable=True,
        ),
    ]  # fmt: skip
    n = voice.count(about.known.disputes)
    return Part(
        "knows",
        voice.name("parts", "knows"),
        (voice.say("known", "said", n=n, looks=voice.count(len(shares))),),
        content if shares else content[2:],
        (voice.name("known", "closing"),),
    )


def _blind(about: ReportInput, voice: Voice) -> Part:
    found = blind_rules(about.policy, about.known, about.table)
    if not found:
        return Part("blind", voice.name("parts", "blind"), (voice.name("blind", "none"),))
    used = sorted((one for one in found if one.disputes), key=lambda one: -one.disputes)
    columns = voice.words("columns", "rule", "chapter", "blind", "unseen", "on_silence", "disputes")
    content = []
    if used:
        rows = [_blind_row(one, voice) for one in used[:MOST_BLIND]]
        content.append(Table(voice.name("blind", "first"), columns, rows, sortable=True))
    rows = [_blind_row(one, voice) for one in found]
    content.append(Table(voice.name("blind", "table"), columns, rows, folded=True, sortable=True))
    said = [voice.say("blind", "said", n=voice.count(len(found)))]
    on_silence = sum(one.disputes for one in found if one.on_silence)
    if on_silence:
        said.append(voice.say("blind", "silence", n=voice.count(on_silence)))
    return Part("blind", voice.name("parts", "blind"), said, content)


def _blind_row(one: BlindRule, voice: Voice) -> Row:
    return Row(
        (
            voice.rule(one.rule),
            voice.rule(one.chapter),
            voice.name("blind", one.blind),
            voice.listed(one.unseen),
            voice.name("blind", "yes" if one.on_silence else "no"),
            voice.count_cell(one.disputes),
        )
    )


def _lack(about: ReportInput, voice: Voice) -> Part:
    lack = lack_of_data(about.policy, about.known, about.table)
    rows = [
        Row(
            (
                voice.rule(group.question or group.reason),
                voice.rule(group.reason),
                voice.listed(group.unseen),
                voice.count_cell(group.disputes),
            )
        )
        for group in lack.groups
    ]
    said = "said" if rows else "none"
    return Part(
        "lack",
        voice.name("parts", "lack"),
        (voice.say("lack", said, rate=voice.of(lack.for_lack)),),
        [
            Table(
                voice.name("lack", "table"),
                voice.words("columns", "question", "led_by", "unseen", "disputes"),
                rows,
                folded=len(rows) > MANY_ROWS,
                sortable=True,
            )
        ]
        if rows
        else [],
    )


# -- claims that were never made ----------------------------------------------------------------


def _censoring(about: ReportInput, voice: Voice) -> Part:
    title = voice.name("parts", "censoring")
    curves = list(_curves(about.table))
    drawn = max(curves, key=lambda one: one.claims, default=None)
    if drawn is None or not drawn.claims:
        return Part("censoring", title, (voice.name("censoring", "unknown"),))
    edges = [(ages, cliff(ages)) for ages in curves]
    broken = [(ages, edge) for ages, edge in edges if edge is not None]
    content: list[Chart | Table] = [
        _age_chart(drawn, {(ages.since, ages.claim_type): edge.day for ages, edge in broken}, voice)
    ]
    if broken:
        columns = voice.words(
            "columns", "claims_about", "since", "breaks_on", "before", "after", "expected",
            "wider", "more_claims", "more_money",
        )  # fmt: skip
        rows = [_cliff_row(about.table, voice, ages, edge) for ages, edge in broken]
        content.append(Table(voice.name("censoring", "table"), columns, rows))
    columns = voice.words("columns", "claims_about", "since", "claims", "nine_in_ten", "oldest")
    rows = [_age_row(ages, voice) for ages in curves]
    content.append(Table(voice.name("censoring", "ages"), columns, rows, sortable=True))
    said = voice.name("censoring", "said" if broken else "none")
    closing = (voice.name("censoring", "closing"),) if broken else ()
    return Part("censoring", title, (said,), content, closing)


def _age_chart(drawn: Ages, edges: Mapping[tuple[str, str | None], int], voice: Voice) -> Chart:
    shown = {day: n for day, n in drawn.by_day.items() if -SHOWN_DAYS <= day <= SHOWN_DAYS}
    left = drawn.claims - sum(shown.values())
    since = voice.name("since", drawn.since)
    aid = voice.name("censoring", "aid")
    if left:
        aid += " " + voice.say("censoring", "left", left=voice.count(left), n=str(SHOWN_DAYS))
    axis = voice.say("censoring", "axis", since=since)
    edge = edges.get((drawn.since, drawn.claim_type))
    return Chart(
        voice.say("censoring", "chart", since=since),
        aid,
        days(shown, axis, voice.name("columns", "claims"), edge),
    )


def _curves(table: ResultsTable) -> Iterator[Ages]:
    """Yield the curves of all claims, then of the most frequent types."""
    rows = table.rows(
        """
        SELECT since, r.claim_type, count(*) FROM {results} r JOIN {ages} a USING (dispute_id)
        WHERE ended <> 'no_claim' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
        """
    )
    for since in SINCE:
        if any(row[0] == since for row in rows):
            yield claim_ages(table, since)
    large = [row for row in rows if row[1] is not None and row[2] >= LEAST_CLAIMS]
    for since, claim_type, _ in large[:MOST_TYPES]:
        yield claim_ages(table, since, claim_type)


def _age_row(ages: Ages, voice: Voice) -> Row:
    days_told = sorted(ages.by_day)
    seen = accumulate(ages.by_day[day] for day in days_told)
    ninth = math.ceil(ages.claims * NINE_IN_TEN)
    day = next(day for day, count in zip(days_told, seen, strict=True) if count >= ninth)
    return Row(
        (
            _claims(ages, voice),
            voice.name("since", ages.since),
            voice.count_cell(ages.claims),
            voice.count_cell(day),
            voice.count_cell(days_told[-1]),
        )
    )


def _claims(ages: Ages, voice: Voice) -> str:
    return voice.claim(ages.claim_type) if ages.claim_type else voice.name("names", "all_claims")


def _cliff_row(table: ResultsTable, voice: Voice, ages: Ages, edge: Cliff) -> Row:
    wider = widening(table, ages.since, edge.day + WIDER_BY, ages.claim_type, edge.day)
    return Row(
        (
            _claims(ages, voice),
            voice.name("since", ages.since),
            voice.count_cell(edge.day),
            voice.count_cell(edge.before),
            voice.count_cell(edge.after),
            Cell(voice.decimal(edge.expected, 0), edge.expected),
            voice.say("censoring", wider.verdict, window=str(wider.window_days)),
            *_wider_cells(voice, wider),
        )
    )


def _wider_cells(voice: Voice, wider: Widening) -> tuple[str, str]:
    if wider.claims is None:
        unknown = voice.name("censoring", "not_zero")
        return unknown, unknown
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
