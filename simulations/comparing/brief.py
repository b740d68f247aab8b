"""One printed page for a committee: a sentence, three numbers, four stories, what is not known."""

import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template

from simulations.comparing.comparison import ChangedCase, PartyMoney
from simulations.comparing.figures import HINDSIGHT
from simulations.comparing.speaking import NONE, Speech, joined
from simulations.comparing.telling import Told

WIDTH = 88
LINES = 70
"""Of a printed A4 page, in a fixed font of 9 points, with margins of 1.5 cm."""

SIDES = ("buyer", "seller")
STORIES = 2
STORY_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Number:
    """One of the three numbers: its value, what it is, and its interval in words."""

    value: str
    label: str
    interval: str


@dataclass(frozen=True, slots=True)
class Story:
    """What came of one dispute for one party, under both."""

    title: str
    now: str
    then: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The page, in words of one language."""

    language: str
    title: str
    sides: str
    sentence: str
    numbers: tuple[Number, ...]
    answers: str
    headings: Mapping[str, str]
    winners: tuple[Story, ...]
    losers: tuple[Story, ...]
    none_left: Mapping[str, str]
    chosen: str
    unknown: tuple[str, ...]
    footer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A dispute whose story is told: for which party, and what he wins or loses by it."""

    case: ChangedCase
    party: str
    amount: int


def choose(
    cases: Sequence[ChangedCase], sign: int, told: Collection[str] = ()
) -> tuple[Chosen, ...]:
    """Return the two largest gains (`sign` 1) or losses (-1): one of each side if there are.

    Where neither side has enough of them, those of the courier and others stand in.

    Args:
        cases: the changed disputes, in one currency.
        told: disputes told of already: they come last, but come where there are no others.
    """
    found = [
        Chosen(case, party, amount)
        for case in cases
        for party, amount in case.money
        if amount * sign > 0
    ]
    found.sort(key=lambda one: (one.party not in SIDES, -abs(one.amount), one.case.dispute_id))
    found.sort(key=lambda one: one.case.dispute_id in told)
    first = [next((one for one in found if one.party == party), None) for party in SIDES]
    ranked = [one for one in (*first, *found) if one is not None]
    ranked.sort(key=lambda one: one.case.dispute_id in told)
    once: dict[str, Chosen] = {}
    for one in ranked:
        once.setdefault(one.case.dispute_id, one)
    return tuple(list(once.values())[:STORIES])


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page needs beside the comparison.

    Attributes:
        sentence: the verdict, without the names of the policies.
        stories: of the disputes chosen: how they end under A and under B.
        claims, paid: by dispute, the claim in words and the order's amount.
    """

    speech: Speech
    sentence: str
    winners: tuple[Chosen, ...]
    losers: tuple[Chosen, ...]
    stories: Mapping[str, tuple[Told, Told]]
    claims: Mapping[str, str]
    paid: Mapping[str, str]
    footer: tuple[str, ...]
    currency: str


def brief_of(facts: Facts) -> Brief:
    """Return the page."""
    speech = facts.speech
    say, word = speech.say, speech.word
    none_left = {
        name: "" if len(told) == STORIES else word("brief", "no_more" if told else "nobody")
        for name, told in (("winners", facts.winners), ("losers", facts.losers))
    }
    return Brief(
        language=speech.language,
        title=word("brief", "title"),
        sides=say("brief", "sides", a=speech.a, b=speech.b),
        sentence=facts.sentence,
        numbers=tuple(_numbers(facts)),
        answers=_answers(speech),
        headings={key: word("brief", key) for key in ("numbers", "winners", "losers", "unknown")},
        winners=tuple(_story(facts, one) for one in facts.winners),
        losers=tuple(_story(facts, one) for one in facts.losers),
        none_left=none_left,
        chosen=word("brief", "chosen") if facts.winners or facts.losers else "",
        unknown=(*speech.limits(), *_others(facts)),
        footer=facts.footer,
    )


def _numbers(facts: Facts) -> Iterator[Number]:
    speech, found = facts.speech, facts.speech.comparison
    hindsight = {test.name for test in found.tests}.intersection(HINDSIGHT)
    for one in found.party("buyer"):
        if one.currency == facts.currency:
            yield _bought(speech, one)
    for test in found.tests:
        if test.name == "refunded" and hindsight:
            continue
        a, b = speech.shares(test.table)
        n = speech.count(test.table.of)
        label = speech.say("brief", f"n_{test.name}", a=a, b=b, n=n)
        yield Number(
            speech.points(test.table.difference),
            label,
            _interval(speech.point_ends(test.interval), speech),
        )


def _bought(speech: Speech, one: PartyMoney) -> Number:
    label = speech.say("brief", "n_money", n=speech.count(speech.comparison.disputes))
    value = speech.signed_money(one.difference, one.currency)
    return Number(value, label, _interval(speech.money_ends(one), speech))


def _answers(speech: Speech) -> str:
    """Return what the numbers come to where parties answer as a model says; "" without one."""
    found = speech.comparison
    if found.answers is None:
        return ""
    runs = (
        speech.say(
            "brief",
            "run",
            run=speech.word("runs", one.run),
            alone=speech.points(one.alone.table.difference),
            money=joined(speech.signed_money(m.difference, m.currency) for m in one.buyers),
        )
        for one in found.answers.runs
    )
    sides = speech.word("brief", "sides_a" if found.with_recorded else "sides_both")
    return speech.say(
        "brief", "with_answers", sides=sides, model=found.answers.model, runs="; ".join(runs)
    )


def _interval(ends: str, speech: Speech) -> str:
    to = " sampai " if speech.language == "id" else " to "
    low, _, high = ends.partition(to)
    return speech.say("brief", "interval", low=low, high=high) if high else NONE


def _others(facts: Facts) -> Iterator[str]:
    others = {one.currency for one in facts.speech.comparison.parties} - {facts.currency}
    if others:
        yield facts.speech.say("brief", "other_currencies", others=", ".join(sorted(others)))


def _story(facts: Facts, one: Chosen) -> Story:
    speech, dispute = facts.speech, one.case.dispute_id
    key = "gains" if one.amount > 0 else "loses"
    amount = speech.money(abs(one.amount), one.case.currency)
    a, b = facts.stories[dispute]
    return Story(
        speech.say(
            "brief",
            "story",
            party=speech.word("one_party", one.party),
            dispute=dispute,
            claim=facts.claims[dispute],
            paid=facts.paid[dispute],
            money=speech.say("brief", key, amount=amount),
        ),
        speech.say("brief", "now", told=shortened(a)),
        speech.say("brief", "then", told=shortened(b)),
    )


def shortened(told: Told) -> str:
    """Return as many whole sentences as there is room for; the last one is no question."""
    text = str(told)
    if len(text) <= STORY_LENGTH:
        return text
    end = text.rfind(". ", STORY_LENGTH // 3, STORY_LENGTH)
    return text[: end + 1] if end > 0 else textwrap.shorten(text, STORY_LENGTH, placeholder=" …")


# -- on paper -------------------------------------------------------------------------------


def brief_text(page: Brief) -> str:
    """Return the page as lines of text."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Brief) -> Iterator[str]:
    yield page.title.upper()
    yield from _wrapped(page.sides)
    yield ""
    yield from _wrapped(page.sentence)
    yield from ("", page.headings["numbers"].upper())
    for number in page.numbers:
        yield from _wrapped(f"{number.value} {number.label}; {number.interval}", "- ")
    if page.answers:
        yield from _wrapped(page.answers)
    for key, stories in (("winners", page.winners), ("losers", page.losers)):
        yield from ("", page.headings[key].upper())
        for story in stories:
            yield from _wrapped(story.title, "- ")
            yield from _wrapped(story.then, "  ")
            yield from _wrapped(story.now, "  ")
        if page.none_left[key]:
            yield page.none_left[key]
    if page.chosen:
        yield from ("", *_wrapped(page.chosen))
    yield from ("", page.headings["unknown"].upper())
    for limit in page.unknown:
        yield from _wrapped(limit, "- ")
    yield from ("", *_wrapped("; ".join(page.footer)))


def _wrapped(text: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
    )


def brief_html(page: Brief) -> str:
    """Return the page as one HTML file that prints on one sheet of A4 and needs no network."""
    text = files("simulations.comparing").joinpath("brief.html").read_text(encoding="utf-8")
    return Template(text).substitute(
        language=page.language,
        title=escape(page.title),
        sides=escape(page.sides),
        sentence=escape(page.sentence),
        numbers="".join(map(_number_html, page.numbers)),
        answers=f'<p class="answers">{escape(page.answers)}</p>' if page.answers else "",
        winners_title=escape(page.headings["winners"]),
        losers_title=escape(page.headings["losers"]),
        winners=_stories_html(page.winners, page.none_left["winners"]),
        losers=_stories_html(page.losers, page.none_left["losers"]),
        chosen=escape(page.chosen),
        unknown_title=escape(page.headings["unknown"]),
        unknown="".join(f"<li>{escape(limit)}</li>" for limit in page.unknown),
        footer=escape("; ".join(page.footer)),
    )


def _number_html(number: Number) -> str:
    value, label, interval = map(escape, (number.value, number.label, number.interval))
    return f"<div><b>{value}</b><p>{label}</p><small>{interval}</small></div>"


def _stories_html(stories: Sequence[Story], none_left: str) -> str:
    told = "".join(
        f"<article><h3>{escape(one.title)}</h3><p>{escape(one.then)}</p>"
        f"<p>{escape(one.now)}</p></article>"
        for one in stories
    )
    return told + (f"<p>{escape(none_left)}</p>" if none_left else "")
