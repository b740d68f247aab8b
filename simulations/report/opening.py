"""The head of the page: one sentence, what to know before believing it, a few figures."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from simulations.acceptance.model import RUNS
from simulations.comparing.speaking import Speech
from simulations.measures.endings import automatic, escalation, times
from simulations.measures.rates import Rate
from simulations.measures.tables import ResultsTable
from simulations.measures.truth import wrongful
from simulations.report.given import ReportInput
from simulations.report.speaking import Voice


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
    """Return the head of the page; of a comparison it tells what differs."""
    warnings = tuple(_warnings(about, voice))
    if about.compared is None:
        return Opening(_verdict(about, voice), warnings, tuple(_figures(about, voice)))
    speech = about.compared.speech
    return Opening(speech.verdict(), warnings, tuple(_differences(speech, voice)))


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
    blind = Counter(one.blind for one in about.blind)
    if blind:
        yield voice.say(
            "opening",
            "blind",
            all=voice.count(blind["all"]),
            some=voice.count(blind["some"]),
            n=voice.count(len(about.policy.rules)),
        )
    if about.lack.for_lack.count:
        yield voice.say("opening", "lack", rate=voice.of(about.lack.for_lack))
    for one in () if about.supposed is None else about.supposed.raised:
        yield voice.say(
            "opening",
            "raised",
            parameter=f"{one.side}: {one.parameter}" if one.side else one.parameter,
            days=voice.days(one.days),
            before=voice.days(one.before),
            hint=one.hint,
        )
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


def _differences(speech: Speech, voice: Voice) -> Iterator[KeyFigure]:
    found = speech.comparison
    yield KeyFigure(
        speech.percent(found.changed, found.disputes),
        voice.name("figures", "changed"),
        voice.say(
            "names", "part_of", count=speech.count(found.changed), of=speech.count(found.disputes)
        ),
    )
    for one in found.party("buyer"):
        yield KeyFigure(
            speech.signed_money(one.difference, one.currency),
            voice.name("figures", "buyers_more"),
            voice.say("figures", "interval", ends=speech.money_ends(one)),
        )
    for test in found.tests:
        if test.name != "refunded":
            yield KeyFigure(
                voice.say("figures", "points", points=speech.points(test.table.difference)),
                speech.word("tests", test.name),
                voice.say("figures", "interval", ends=speech.point_ends(test.interval)),
            )


def _certainty(about: ReportInput, rate: Rate, voice: Voice) -> str:
    """Return the interval of a share; where a model answered, its share in each run."""
    answers = None if about.supposed is None else about.supposed.answers
    if answers is None:
        return voice.say("figures", "interval", ends=voice.interval(rate))
    told = {name: voice.percent(run.automatic.together) for name, run in answers.runs.items()}
    if len(told) == len(RUNS):
        return voice.say("figures", "band", **told)
    ((name, share),) = told.items()
    return voice.say("figures", "run", run=voice.name("band", name), share=share)
