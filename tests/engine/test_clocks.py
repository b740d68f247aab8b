"""A question's state, answer and clock, from before it opens until after it ended."""

from datetime import UTC, datetime
from textwrap import dedent, indent

import pytest

from tests.strategies.small_packs import SmallPack, pack

ORDER = "order: {currency: IDR, placed_at: 2026-03-01T08:00+07:00, total_paid: 100}\n"
CLAIM = ORDER + "claim: {type: damaged, filed_at: 2026-03-02T10:00+07:00}\n"


def march(text: str) -> datetime:
    """Return an instant of March 2026 in Jakarta: "02 10:00"."""
    day, clock = text.split()
    return datetime.fromisoformat(f"2026-03-{day}T{clock}+07:00").astimezone(UTC)


def question(body: str, more: str = "") -> SmallPack:
    """Return a pack with the question `q` of these lines."""
    return pack(f"questions:\n  q:\n{indent(dedent(body).strip(), '    ')}\n{more}")


def responses(*acts: tuple[str, str, str]) -> str:
    """Return responses, each (when, who, what)."""
    items = "".join(
        f"  - {{at: {march(at).isoformat()}, party: {party}, action: {action}}}\n"
        for at, party, action in acts
    )
    return CLAIM + "responses:\n" + items


SELLER = question("""
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: [reject, dispute]}
    silence_means: agrees
""")


# States


@pytest.mark.parametrize(
    ("at", "state", "answer"),
    [
        pytest.param("02 09:59", "not_opened", None, id="a minute before it opens"),
        pytest.param("02 10:00", "open", None, id="as it opens"),
        pytest.param("04 09:59", "open", None, id="a minute before its deadline"),
        pytest.param("04 10:00", "lapsed", "agrees", id="at its deadline"),
        pytest.param("20 10:00", "lapsed", "agrees", id="long after"),
    ],
)
def test_a_question_nobody_answers_opens_and_lapses(
    at: str, state: str, answer: str | None
) -> None:
    found = SELLER.question("q", CLAIM, march(at))
    assert (found.state, found.answer) == (state, answer)
    assert found.unknown is (state == "open")
    assert not found.to_be_asked


def test_its_instants_are_told_as_they_come() -> None:
    before, running, lapsed = (
        SELLER.question("q", CLAIM, march(at)) for at in ("02 09:00", "03 10:00", "05 10:00")
    )
    assert (before.opened_at, before.deadline, before.ended_at) == (None, None, None)
    opened, deadline = march("02 10:00"), march("04 10:00")
    assert (running.opened_at, running.deadline, running.ended_at) == (opened, deadline, None)
    assert (lapsed.opened_at, lapsed.deadline, lapsed.ended_at) == (opened, deadline, deadline)


def test_an_opening_that_is_known_beforehand_is_told_beforehand() -> None:
    pack_ = question("""
        to: seller
        opens_at: claim.filed_at + 2 calendar days
        lasts: 48 hours
        answers: {agrees: approve, refuses: reject}
        silence_means: agrees
    """)
    found = pack_.question("q", CLAIM, march("03 10:00"))
    assert (found.state, found.answer, found.unknown) == ("not_opened", None, False)
    assert found.opened_at == march("04 10:00")


@pytest.mark.parametrize(
    ("acted", "state", "answer"),
    [
        pytest.param("02 09:59", "lapsed", "agrees", id="a minute before it opens: not counted"),
        pytest.param("02 10:00", "answered", "refuses", id="as it opens"),
        pytest.param("04 10:00", "answered", "refuses", id="at the deadline"),
        pytest.param("04 10:01", "lapsed", "agrees", id="a minute after it: not counted"),
    ],
)
def test_answers_count_from_the_opening_to_the_deadline_both_included(
    acted: str, state: str, answer: str
) -> None:
    found = SELLER.question("q", responses((acted, "seller", "reject")), march("06 10:00"))
    assert (found.state, found.answer) == (state, answer)


def test_an_answer_ends_the_question_when_it_is_given() -> None:
    found = SELLER.question("q", responses(("03 12:00", "seller", "dispute")), march("03 12:00"))
    assert (found.state, found.answer, found.unknown) == ("answered", "refuses", False)
    assert (found.ended_at, found.deadline) == (march("03 12:00"), march("04 10:00"))


def test_what_is_recorded_later_is_not_known_yet() -> None:
    case = responses(("03 12:00", "seller", "reject"))
    assert SELLER.question("q", case, march("03 11:59")).state == "open"


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(("03 12:00", "buyer", "reject"), id="by somebody else"),
        pytest.param(("03 12:00", "seller", "message"), id="that answers nothing"),
    ],
)
def test_other_acts_are_no_answers(act: tuple[str, str, str]) -> None:
    assert SELLER.question("q", responses(act), march("03 13:00")).state == "open"


def test_a_human_answers_as_an_administrator() -> None:
    human = question("""
        to: human
        opens_at: claim.filed_at
        answers: {matches: approve, differs: reject}
    """)
    found = human.question("q", responses(("03 12:00", "human_admin", "reject")), march("04 10:00"))
    assert found.answer == "differs"


# Which answer stands


def test_the_first_answer_stands() -> None:
    case = responses(("03 10:00", "seller", "reject"), ("03 11:00", "seller", "approve"))
    found = SELLER.question("q", case, march("03 12:00"))
    assert (found.answer, found.ended_at) == ("refuses", march("03 10:00"))


REVISABLE = question("""
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: [reject, dispute]}
    silence_means: agrees
    revisable: yes
""")


@pytest.mark.parametrize(
    ("at", "answer", "ended"),
    [
        pytest.param("03 10:30", "refuses", "03 10:00", id="after the first"),
        pytest.param("03 12:00", "agrees", "03 11:00", id="after the second"),
        pytest.param("06 12:00", "agrees", "03 11:00", id="after one that came too late"),
    ],
)
def test_the_last_answer_in_time_stands_where_it_may_be_revised(
    at: str, answer: str, ended: str
) -> None:
    case = responses(
        ("03 10:00", "seller", "reject"),
        ("03 11:00", "seller", "approve"),
        ("05 11:00", "seller", "reject"),
    )
    found = REVISABLE.question("q", case, march(at))
    assert (found.state, found.answer, found.ended_at) == ("answered", answer, march(ended))


@pytest.mark.parametrize(
    ("pack_", "answer"),
    [pytest.param(SELLER, "refuses", id="first"), pytest.param(REVISABLE, "agrees", id="revised")],
)
def test_acts_of_one_instant_count_in_the_order_of_the_file(pack_: SmallPack, answer: str) -> None:
    case = responses(("03 10:00", "seller", "reject"), ("03 10:00", "seller", "approve"))
    assert pack_.question("q", case, march("03 12:00")).answer == answer


def test_acts_of_two_lists_count_in_the_order_of_time() -> None:
    either = question("""
        to: seller
        opens_at: claim.filed_at
        answers:
          sent: tracking where event is shipped
          refuses: responses where party is seller and action is reject
    """)
    later = "tracking: [{at: 2026-03-03T12:00+07:00, event: shipped}]\n"
    sooner = "tracking: [{at: 2026-03-03T09:00+07:00, event: shipped}]\n"
    refused = responses(("03 10:00", "seller", "reject"))
    assert either.question("q", refused + later, march("05 12:00")).answer == "refuses"
    assert either.question("q", refused + sooner, march("05 12:00")).answer == "sent"


def test_an_act_that_gives_two_answers_gives_the_first_one_named() -> None:
    twice = question("""
        to: buyer
        opens_at: claim.filed_at
        answers:
          proved: evidence where strength is strong
          tried: evidence where party is buyer
    """)
    strong = "evidence: [{at: 2026-03-03T12:00+07:00, party: buyer, type: photo, strength: strong}]"
    weak = strong.replace("strength: strong", "strength: weak")
    assert twice.question("q", CLAIM + strong, march("05 12:00")).answer == "proved"
    assert twice.question("q", CLAIM + weak, march("05 12:00")).answer == "tried"


def test_an_act_without_a_date_came_with_what_opened_the_question() -> None:
    proof = question("""
        to: buyer
        opens_at: claim.filed_at
        lasts: 24 hours
        answers: {given: evidence where party is buyer, refused: reject}
        silence_means: refused
    """)
    case = CLAIM + "evidence: [{party: buyer, type: photo}]\n"
    found = proof.question("q", case, march("02 10:00"))
    assert (found.state, found.answer) == ("answered", "given")
    assert found.ended_at == march("02 10:00")


@pytest.mark.parametrize(
    ("counts_earlier", "state"), [("yes", "answered"), ("no", "open")], ids=["yes", "no"]
)
def test_acts_before_the_opening_count_where_the_question_says_so(
    counts_earlier: str, state: str
) -> None:
    early = question(f"""
        to: seller
        opens_at: claim.filed_at
        lasts: 48 hours
        answers: {{agrees: approve, refuses: reject}}
        silence_means: agrees
        counts_earlier: {counts_earlier}
    """)
    found = early.question("q", responses(("01 10:00", "seller", "reject")), march("03 10:00"))
    assert found.state == state
    assert found.ended_at == (march("02 10:00") if state == "answered" else None)


# When it opens, and how long it lasts


def test_a_question_without_an_end_stays_open() -> None:
    endless = question("""
        to: clock
        opens_at: claim.filed_at
        answers:
          came: tracking where event is delivered
          lost: tracking where event is declared_lost
    """)
    found = endless.question("q", CLAIM, march("31 10:00"))
    assert (found.state, found.deadline, found.unknown) == ("open", None, True)


def test_a_fixed_end_and_a_length_end_at_the_earlier() -> None:
    both = question("""
        to: seller
        opens_at: claim.filed_at
        lasts: 48 hours
        until: order.placed_at + 3 calendar days
        answers: {agrees: approve, refuses: reject}
        silence_means: agrees
    """)
    assert both.question("q", CLAIM, march("02 11:00")).deadline == march("04 08:00")
    late = CLAIM.replace("01T08:00", "02T08:00")
    assert both.question("q", late, march("02 11:00")).deadline == march("04 10:00")


def test_a_condition_keeps_a_question_closed() -> None:
    conditional = question("""
        to: seller
        opens_at: claim.filed_at
        when: claim.type is broken
        lasts: 48 hours
        answers: {agrees: approve, refuses: reject}
        silence_means: agrees
    """)
    case = responses(("03 10:00", "seller", "reject"))
    found = conditional.question("q", case, march("03 12:00"))
    assert (found.state, found.answer, found.unknown) == ("not_opened", None, False)
    broken = case.replace("damaged", "broken")
    assert conditional.question("q", broken, march("03 12:00")).answer == "refuses"


CHAPTERS = pack("""
chapters:
  request: {when: claim.stage is not platform_dispute, opens_at: claim.filed_at}
  dispute: {when: claim.stage is platform_dispute, opens_at: claim.escalated_at}
questions:
  q:
    for: dispute
    to: seller
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
""")


def test_a_question_opens_with_its_chapter() -> None:
    case = ORDER + (
        "claim: {type: damaged, stage: platform_dispute, filed_at: 2026-03-02T10:00+07:00,"
        " escalated_at: 2026-03-05T10:00+07:00}\n"
    )
    found = CHAPTERS.question("q", case, march("05 12:00"))
    assert (found.state, found.opened_at) == ("open", march("05 10:00"))


def test_a_question_of_another_chapter_is_not_opened() -> None:
    found = CHAPTERS.question("q", CLAIM, march("05 12:00"))
    assert (found.state, found.unknown) == ("not_opened", False)


CHAIN = pack("""
questions:
  q:
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
  then:
    to: buyer
    opens_at: q.ended_at
    lasts: 24 hours
    answers: {accepts: approve, appeals: appeal}
    silence_means: accepts
  last:
    to: human
    opens_at: then.ended_at
    lasts: 2 hours
    answers: {keeps: approve, changes: reject}
    silence_means: keeps
""")


@pytest.mark.parametrize(
    ("at", "states"),
    [
        pytest.param("03 10:00", ["open", "not_opened", "not_opened"], id="the first runs"),
        pytest.param("04 10:00", ["lapsed", "open", "not_opened"], id="the second opens"),
        pytest.param("05 10:00", ["lapsed", "lapsed", "open"], id="the third opens"),
        pytest.param("05 12:00", ["lapsed", "lapsed", "lapsed"], id="all are over"),
    ],
)
def test_the_end_of_one_question_opens_the_next(at: str, states: list[str]) -> None:
    found = [CHAIN.question(name, CLAIM, march(at)) for name in ("q", "then", "last")]
    assert [state.state for state in found] == states
    assert found[1].opened_at == (None if states[0] == "open" else march("04 10:00"))


def test_an_early_answer_opens_the_next_early() -> None:
    found = CHAIN.question("then", responses(("02 12:00", "seller", "reject")), march("02 13:00"))
    assert (found.opened_at, found.deadline) == (march("02 12:00"), march("03 12:00"))


# What we put ourselves


ASKED = question("""
    to: buyer
    put_by: us
    lasts: 24 hours
    answers: {given: evidence where party is buyer, refused: reject}
    silence_means: refused
""")
PUT = CLAIM + "asked: [{at: 2026-03-03T10:00+07:00, question: q}]\n"


def test_what_we_have_yet_to_ask_is_unknown() -> None:
    found = ASKED.question("q", CLAIM, march("03 09:00"))
    assert (found.state, found.unknown, found.to_be_asked) == ("not_opened", True, True)


def test_our_asking_opens_it() -> None:
    found = ASKED.question("q", PUT, march("03 12:00"))
    assert (found.state, found.unknown, found.to_be_asked) == ("open", True, False)
    assert (found.opened_at, found.deadline) == (march("03 10:00"), march("04 10:00"))


def test_asking_something_else_does_not() -> None:
    other = PUT.replace("question: q", "question: p")
    assert ASKED.question("q", other, march("03 12:00")).to_be_asked


def test_asked_twice_it_runs_from_the_first_time() -> None:
    twice = PUT.replace("question: q}", "question: q}, {at: 2026-03-03T20:00+07:00, question: q}")
    assert ASKED.question("q", twice, march("03 21:00")).deadline == march("04 10:00")


def test_silence_after_our_asking_means_what_it_says() -> None:
    found = ASKED.question("q", PUT, march("04 10:00"))
    assert (found.state, found.answer) == ("lapsed", "refused")


def test_what_was_handed_in_before_we_asked_does_not_answer() -> None:
    early = "evidence: [{at: 2026-03-02T12:00+07:00, party: buyer, type: photo}]\n"
    assert ASKED.question("q", PUT + early, march("03 12:00")).state == "open"
    assert ASKED.question("q", CLAIM + early, march("03 12:00")).to_be_asked


def test_what_is_on_file_need_not_be_asked_where_earlier_acts_count() -> None:
    on_file = question("""
        to: buyer
        put_by: us
        lasts: 24 hours
        answers: {given: evidence where party is buyer, refused: reject}
        silence_means: refused
        counts_earlier: yes
    """)
    early = "evidence: [{at: 2026-03-02T12:00+07:00, party: buyer, type: photo}]\n"
    found = on_file.question("q", CLAIM + early, march("03 12:00"))
    assert (found.state, found.answer, found.to_be_asked) == ("answered", "given", False)
    assert found.ended_at == march("02 12:00")


BY_OTHERS = question("""
    to: seller
    put_by: us
    asked_by: responses where party is platform and action is request_information
    lasts: 24 hours
    answers: {given: submit_evidence, refused: reject}
    silence_means: refused
""")


def test_an_event_other_than_ours_may_put_it() -> None:
    case = responses(("03 10:00", "platform", "request_information"))
    assert BY_OTHERS.question("q", CLAIM, march("03 12:00")).to_be_asked
    assert BY_OTHERS.question("q", case, march("03 12:00")).deadline == march("04 10:00")


def test_who_is_asked_by_others_once_more_has_his_time_anew() -> None:
    ours = "asked: [{at: 2026-03-03T09:00+07:00, question: q}]\n"
    assert BY_OTHERS.question("q", CLAIM + ours, march("03 12:00")).deadline == march("04 09:00")
    twice = responses(
        ("03 10:00", "platform", "request_information"),
        ("03 11:00", "platform", "request_information"),
    )
    for case in (twice, twice + ours):
        assert BY_OTHERS.question("q", case, march("03 12:00")).deadline == march("04 11:00")


def test_a_fixed_end_passes_whether_we_ask_or_not() -> None:
    fixed = question("""
        to: buyer
        put_by: us
        until: claim.filed_at + 24 hours
        answers: {given: evidence where party is buyer, refused: reject}
        silence_means: refused
    """)
    assert fixed.question("q", CLAIM, march("03 09:59")).to_be_asked
    lapsed = fixed.question("q", CLAIM, march("03 10:00"))
    assert (lapsed.state, lapsed.answer, lapsed.to_be_asked) == ("lapsed", "refused", False)


# Answers a rule gives


TAKEN = question("""
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    taken_as: {agrees: claim.fault is seller}
    silence_means: refuses
""")


def test_an_answer_that_is_taken_needs_no_act() -> None:
    case = CLAIM.replace("type: damaged", "type: damaged, fault: seller")
    found = TAKEN.question("q", case, march("02 10:00"))
    assert (found.state, found.answer, found.ended_at) == ("answered", "agrees", march("02 10:00"))


def test_an_answer_that_is_taken_stands_against_acts() -> None:
    case = responses(("03 10:00", "seller", "reject")).replace(
        "type: damaged", "type: damaged, fault: seller"
    )
    assert TAKEN.question("q", case, march("03 12:00")).answer == "agrees"
    other = case.replace("fault: seller", "fault: buyer")
    assert TAKEN.question("q", other, march("03 12:00")).answer == "refuses"


def test_an_answer_is_not_taken_before_the_question_opens() -> None:
    case = CLAIM.replace("type: damaged", "type: damaged, fault: seller")
    assert TAKEN.question("q", case, march("02 09:59")).state == "not_opened"


# Clocks that stand still, and clocks that get longer


PAUSED = pack("""
picks:
  offer: latest responses where party is seller and action is counter_offer
questions:
  q:
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
    paused_by: offer_answer
  offer_answer:
    to: buyer
    opens_at: offer.at
    lasts: 24 hours
    answers: {accepts: accept_solution, refuses: reject}
    silence_means: refuses
""")
OFFERED = ("03 10:00", "seller", "counter_offer")


@pytest.mark.parametrize(
    ("acts", "at", "state", "deadline", "paused"),
    [
        pytest.param([], "03 12:00", "open", "04 10:00", False, id="nothing paused it"),
        pytest.param([OFFERED], "03 12:00", "open", "04 10:00", True, id="it stands still"),
        pytest.param([OFFERED], "04 09:59", "open", "04 10:00", True, id="and still does"),
        pytest.param([OFFERED], "04 10:00", "open", "05 10:00", False, id="it runs on"),
        pytest.param([OFFERED], "05 09:59", "open", "05 10:00", False, id="to its later end"),
        pytest.param([OFFERED], "05 10:00", "lapsed", "05 10:00", False, id="and lapses then"),
        pytest.param(
            [OFFERED, ("03 16:00", "buyer", "reject")],
            "03 18:00",
            "open",
            "04 16:00",
            False,
            id="an early answer ends the pause",
        ),
    ],
)
def test_a_clock_stands_still_while_another_question_is_open(
    acts: list[tuple[str, str, str]], at: str, state: str, deadline: str, paused: bool
) -> None:
    found = PAUSED.question("q", responses(*acts) if acts else CLAIM, march(at))
    assert (found.state, found.deadline, found.paused) == (state, march(deadline), paused)


def test_an_answer_counts_while_the_clock_stands_still() -> None:
    case = responses(OFFERED, ("03 20:00", "seller", "reject"))
    assert PAUSED.question("q", case, march("03 21:00")).answer == "refuses"


def test_a_pause_after_the_end_changes_nothing() -> None:
    found = PAUSED.question(
        "q", responses(("04 11:00", "seller", "counter_offer")), march("04 12:00")
    )
    assert (found.state, found.ended_at) == ("lapsed", march("04 10:00"))


INCIDENT = question("""
    to: courier
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {found: tracking where event is delivered, lost: tracking where event is declared_lost}
    silence_means: lost
    paused_by: {from: incident.starts_at, until: incident.ends_at}
""")


def incident(starts: str, ends: str | None) -> str:
    until = "" if ends is None else f", ends_at: {march(ends).isoformat()}"
    return CLAIM + f"incident: {{starts_at: {march(starts).isoformat()}{until}}}\n"


@pytest.mark.parametrize(
    ("starts", "ends", "deadline"),
    [
        pytest.param("03 00:00", "03 12:00", "04 22:00", id="within the clock"),
        pytest.param("01 00:00", "02 12:00", "04 12:00", id="begun before it"),
        pytest.param("04 00:00", "06 00:00", "06 10:00", id="longer than it"),
        pytest.param("04 10:00", "06 00:00", "04 10:00", id="begun at its end"),
        pytest.param("01 00:00", "02 10:00", "04 10:00", id="over before it"),
    ],
)
def test_an_incident_stops_a_clock_for_as_long_as_it_lasts(
    starts: str, ends: str, deadline: str
) -> None:
    found = INCIDENT.question("q", incident(starts, ends), march("10 10:00"))
    assert (found.state, found.ended_at) == ("lapsed", march(deadline))


def test_an_incident_without_an_end_holds_the_clock() -> None:
    found = INCIDENT.question("q", incident("03 00:00", None), march("20 10:00"))
    assert (found.state, found.paused, found.answer) == ("open", True, None)


def test_an_incident_that_is_still_to_come_stops_nothing_yet() -> None:
    found = INCIDENT.question("q", incident("04 00:00", "06 00:00"), march("03 10:00"))
    assert (found.paused, found.deadline) == (False, march("04 10:00"))


TWO_PAUSES = pack("""
questions:
  q:
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
    paused_by:
      - {from: incident.starts_at, until: incident.ends_at}
      - {from: order.paid_at, until: order.completed_at}
""")


@pytest.mark.parametrize(
    ("paid", "completed", "deadline"),
    [
        pytest.param("03 18:00", "04 00:00", "05 04:00", id="apart: both count"),
        pytest.param("03 06:00", "03 18:00", "05 04:00", id="overlapping: once"),
        pytest.param("03 02:00", "03 08:00", "04 22:00", id="one within the other"),
    ],
)
def test_two_pauses_at_once_stop_the_clock_once(paid: str, completed: str, deadline: str) -> None:
    case = incident("03 00:00", "03 12:00").replace(
        "total_paid: 100",
        f"paid_at: {march(paid).isoformat()}, completed_at: {march(completed).isoformat()}",
    )
    assert TWO_PAUSES.question("q", case, march("10 10:00")).ended_at == march(deadline)


EXTENDED = question("""
    to: seller
    opens_at: claim.filed_at
    lasts: 48 hours
    answers: {agrees: approve, refuses: reject}
    silence_means: agrees
    extended_by: {acts: message, by: 24 hours, most: 2}
""")


@pytest.mark.parametrize(
    ("asked", "deadline"),
    [
        pytest.param([], "04 10:00", id="nobody asked"),
        pytest.param(["03 10:00"], "05 10:00", id="once"),
        pytest.param(["03 10:00", "03 11:00"], "06 10:00", id="twice"),
        pytest.param(["03 10:00", "03 11:00", "03 12:00"], "06 10:00", id="the third is too much"),
        pytest.param(["04 10:00"], "05 10:00", id="at the deadline"),
        pytest.param(["04 10:01"], "04 10:00", id="too late"),
        pytest.param(["03 10:00", "05 09:00"], "06 10:00", id="within the time it was given"),
        pytest.param(["01 10:00"], "04 10:00", id="before it opened"),
        pytest.param(["01 10:00", "01 11:00", "03 10:00"], "05 10:00",
                     id="what came before it opened is not counted"),
    ],
)  # fmt: skip
def test_a_clock_is_extended_as_often_as_the_question_allows(
    asked: list[str], deadline: str
) -> None:
    case = responses(*((at, "seller", "message") for at in asked)) if asked else CLAIM
    assert EXTENDED.question("q", case, march("20 10:00")).ended_at == march(deadline)


def test_a_clock_runs_in_the_kind_of_its_length() -> None:
    working = question("""
        to: seller
        opens_at: claim.filed_at
        lasts: 3 business days end of day
        answers: {agrees: approve, refuses: reject}
        silence_means: agrees
        extended_by: {acts: message, by: 1 business day}
    """)
    case = CLAIM.replace("03-02T10:00", "03-12T10:00")  # a Thursday
    assert working.question("q", case, march("12 11:00")).deadline == march("17 23:59").replace(
        second=59
    )
