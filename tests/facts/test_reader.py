"""Case files as histories: what is read, when it is known, what is refused, and the way back."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.facts.problems import GatheredError
from reso.facts.reader import (
    CaseError,
    History,
    load_case_path,
    read_case_file,
    read_history,
    write_case_file,
    write_history,
)
from reso.facts.table import installed_table, parse_inputs
from reso.facts.text import read_yaml
from reso.model.case import Case, Records
from reso.model.events import Event
from tests.strategies.case_files import case_files, instants

ROOT = Path(__file__).parents[2]
CASES = ROOT.parent / "shared" / "cases"
TABLE = installed_table(ROOT / "rules")
NOW = "2026-03-10T12:00:00Z"


def utc(day: int, hour: int = 0) -> datetime:
    """Return an instant of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def read(**sections: object) -> History:
    """Return the history of a case file in US dollars."""
    data: dict[str, object] = {"now": NOW, "order": {"currency": "USD"}, **sections}
    return read_case_file(data, TABLE, file="case.yaml")


def problems_of(data: object) -> list[str]:
    with pytest.raises(CaseError) as error:
        read_case_file(data, TABLE, file="case.yaml")
    return [str(problem) for problem in error.value.problems]


def shared_cases() -> Iterator[object]:
    """Yield each case handed to us, as a test parameter."""
    for name in ("published_cases.yaml", "stories.yaml"):
        if not (CASES / name).exists():
            reason = f"{CASES / name} is not on this machine"
            yield pytest.param({}, marks=pytest.mark.skip(reason=reason), id=name)
            continue
        cases = load_case_path(CASES / name)["cases"]
        assert isinstance(cases, list)
        yield from (pytest.param(case["given"], id=case["id"]) for case in cases)


class TestSharedCases:
    @pytest.mark.parametrize("given_case", tuple(shared_cases()))
    def test_is_read_whole_and_written_back(self, given_case: Mapping[str, object]) -> None:
        history = read_case_file(given_case, TABLE)
        case = history.case_at()
        assert history.notices == ()
        assert _count(write_case_file(case, TABLE)) == _count(given_case)
        assert read_case_file(write_case_file(case, TABLE), TABLE).case_at() == case
        assert read_history(write_history(history.events, TABLE), TABLE) == history.events

    def test_there_are_as_many_as_we_think(self) -> None:
        if not CASES.exists():
            pytest.skip(f"{CASES} is not on this machine")
        assert len(tuple(shared_cases())) >= 78


def _count(data: object) -> int:
    """Return how many scalars, explicit nulls and empty lists stand in `data`."""
    if isinstance(data, Mapping):
        return sum(_count(value) for value in data.values())
    if isinstance(data, list):
        return sum(_count(value) for value in data) or 1
    return 1


class TestValues:
    @pytest.mark.parametrize(
        ("section", "raw", "path", "expected"),
        [
            ("order", {"total_paid": 15}, "order.total_paid", 1500),
            ("order", {"total_paid": 15.1}, "order.total_paid", 1510),
            ("order", {"total_paid": Decimal("15.10")}, "order.total_paid", 1510),
            ("order", {"total_paid": "15.10"}, "order.total_paid", 1510),
            ("order", {"placed_at": "2026-03-01T07:00+07:00"}, "order.placed_at", utc(1)),
            ("order", {"placed_at": utc(1)}, "order.placed_at", utc(1)),
            ("order", {"delivery_date": None}, "order.delivery_date", None),
            ("order", {"unused": False}, "order.unused", False),
            ("order", {"category": "fashion"}, "order.category", "fashion"),
            ("seller", {"fault_dispute_rate": 0.3}, "seller.fault_dispute_rate", 300_000),
            ("seller", {"sanction": {"kind": None}}, "seller.sanction.kind", None),
            ("seller", {"sanction": None}, "seller.sanction.until", None),
            ("history", {"last_damaged_case": "2026-02-10"}, "history.last_damaged_case",
             date(2026, 2, 10)),
            ("history", {"last_damaged_case": date(2026, 2, 10)}, "history.last_damaged_case",
             date(2026, 2, 10)),
            ("claim", {"items": None}, "claim.items", None),
            ("history", {"appeals_used": 1}, "history.appeals_used", 1),
            ("history", {"appeals_used": 1.0}, "history.appeals_used", 1),
            ("calendar", {"weekend": ["sat"], "holidays": []}, "calendar.weekend", ("sat",)),
            ("calendar", {"holidays": ["2026-01-19"]}, "calendar.holidays", (date(2026, 1, 19),)),
        ],
    )  # fmt: skip
    def test_of_an_object(self, section: str, raw: object, path: str, expected: object) -> None:
        sections: dict[str, object] = {"now": NOW, "order": {"currency": "USD"}}
        if isinstance(raw, dict) and section == "order":
            raw = {"currency": "USD", **raw}
        value = read_case_file({**sections, section: raw}, TABLE).case_at().fields[path]
        assert (value, type(value)) == (expected, type(expected))

    @pytest.mark.parametrize(
        ("section", "item", "name", "expected"),
        [
            ("tracking", {"address_match": True}, "address_match", "yes"),
            ("tracking", {"address_match": False}, "address_match", "no"),
            ("tracking", {"address_match": "city_state"}, "address_match", "city_state"),
            ("responses", {"percent": 70}, "percent", 700_000),
            ("responses", {"percent": Decimal("12.5")}, "percent", 125_000),
            ("evidence", {"hash_seen": {"disputes": 3}}, "hash_seen.disputes", 3),
        ],
    )
    def test_of_an_item(self, section: str, item: object, name: str, expected: object) -> None:
        case = read(**{section: [item]}).case_at()
        assert case.lists[section][0][name] == expected

    def test_of_a_list_in_an_object(self) -> None:
        case = read(claim={"items": [{"sku": "CUP", "unit_price": 10}]}).case_at()
        assert [dict(r) for r in case.lists["claim.items"]] == [{"sku": "CUP", "unit_price": 1000}]

    def test_of_a_list_of_texts(self) -> None:
        document = read_yaml("toy: {tags: {type: list of text}}", "pack.yaml")
        table = TABLE.merged(parse_inputs(document.data, "pack.yaml"))
        case = read_case_file({"now": NOW, "toy": {"tags": ["a", "b"]}}, table).case_at()
        assert case.fields["toy.tags"] == ("a", "b")
        assert write_case_file(case, table)["toy"] == {"tags": ["a", "b"]}

    def test_of_the_top_level(self) -> None:
        case = read(fault="seller", same_credential=True).case_at()
        assert (case.fields["fault"], case.fields["same_credential"]) == ("seller", True)

    def test_rupiah_have_no_minor_unit(self) -> None:
        data = {"now": NOW, "order": {"currency": "IDR", "total_paid": 165000}}
        case = read_case_file(data, TABLE).case_at()
        assert (case.currency, case.fields["order.total_paid"]) == ("IDR", 165000)

    def test_a_case_without_amounts_needs_no_currency(self) -> None:
        assert read_case_file({"now": NOW, "claim": None}, TABLE).case_at() == Case(
            utc(10, 12), None, {"claim": None}, {}
        )

    def test_what_is_absent_is_not_there(self) -> None:
        case = read(tracking=[]).case_at()
        assert (dict(case.fields), dict(case.lists)) == (
            {"order.currency": "USD"},
            {"tracking": ()},
        )


class TestEarlierInstants:
    HISTORY = read(
        order={"currency": "USD", "placed_at": "2026-03-01T00:00Z", "total_paid": 9,
               "guarantee_ends_at": "2026-03-20T00:00Z", "completed_at": "2026-03-06T00:00Z"},
        claim={"type": "damaged", "filed_at": "2026-03-05T00:00Z",
               "contact_at": "2026-03-04T00:00Z", "escalated_at": "2026-03-07T00:00Z"},
        tracking=[{"at": "2026-03-02T00:00Z", "event": "shipped"},
                  {"at": "2026-03-03T00:00Z", "event": "delivered"}],
        evidence=[{"type": "photo"}, {"type": "invoice", "at": "2026-03-08T00:00Z"}],
        incident={"starts_at": "2026-03-02T12:00Z", "ends_at": "2026-03-12T00:00Z"},
        return_leg={"method": "drop_off"},
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("path", "instant"),
        [
            pytest.param("order.placed_at", utc(1), id="what happened, from then on"),
            pytest.param("order.completed_at", utc(6), id="what happened later, from then on"),
            pytest.param("order.total_paid", utc(1), id="the rest, from the first instant"),
            pytest.param("order.guarantee_ends_at", utc(1), id="a limit, from the first instant"),
            pytest.param("return_leg.method", utc(1), id="other sections too"),
            pytest.param("claim.type", utc(5), id="the claim, from its filing"),
            pytest.param("claim.contact_at", utc(5), id="nothing of a claim before its filing"),
            pytest.param("claim.escalated_at", utc(7), id="what happened to the claim later"),
            pytest.param("incident.ends_at", utc(2, 12), id="an incident, from its start"),
        ],
    )
    def test_a_field_is_known_from(self, path: str, instant: datetime) -> None:
        assert path in self.HISTORY.case_at(instant).fields
        assert path not in self.HISTORY.case_at(instant - timedelta(seconds=1)).fields

    @pytest.mark.parametrize(
        ("name", "instant", "count"),
        [
            pytest.param("tracking", utc(1), 0, id="before the first scan"),
            pytest.param("tracking", utc(2), 1, id="at the first scan"),
            pytest.param("tracking", utc(3), 2, id="at the second scan"),
            pytest.param("evidence", utc(4), 0, id="before the claim"),
            pytest.param("evidence", utc(5), 1, id="undated evidence comes with the claim"),
            pytest.param("evidence", utc(8), 2, id="dated evidence comes at its own time"),
        ],
    )
    def test_items_are_known_from_their_own_time(
        self, name: str, instant: datetime, count: int
    ) -> None:
        assert len(self.HISTORY.case_at(instant).lists.get(name, ())) == count

    def test_events_come_in_the_order_they_became_known(self) -> None:
        recorded = [event.recorded_at for event in self.HISTORY.events]
        assert recorded == sorted(recorded)
        assert len(set(recorded)) == 8

    def test_nothing_is_known_before_the_first_instant(self) -> None:
        case = self.HISTORY.case_at(utc(1) - timedelta(seconds=1))
        assert (dict(case.fields), dict(case.lists)) == ({}, {})

    def test_without_an_instant_it_is_now(self) -> None:
        assert self.HISTORY.case_at() == self.HISTORY.case_at(utc(10, 12))

    def test_without_now_it_is_after_the_last_event(self) -> None:
        history = read_case_file({"tracking": [{"at": "2026-03-02T00:00Z"}]}, TABLE)
        assert history.case_at().known_at == utc(2)

    def test_a_planned_incident_is_known_now(self) -> None:
        history = read(incident={"id": "F", "starts_at": "2026-03-11T00:00Z"})
        assert history.case_at().fields["incident.id"] == "F"
        assert history.notices == ()

    def test_an_empty_history_needs_an_instant(self) -> None:
        with pytest.raises(ValueError, match="has no event") as error:
            History("D-1", ()).case_at()
        assert str(error.value) == "dispute D-1 has no event. Say `at` which instant"


class TestNotices:
    def test_what_is_dated_after_now_is_not_known_and_said(self) -> None:
        later = {"at": "2026-03-11T00:00Z"}
        history = read(
            order={"currency": "USD", "completed_at": "2026-03-12T00:00Z"},
            tracking=[{"at": NOW}, later],
            responses=[later, later],
        )
        assert history.notices == (
            "order.completed_at, tracking[1], responses[0] and 1 more: "
            "dated after `now`, so not known yet.",
        )
        assert len(history.case_at().lists["tracking"]) == 1
        assert "order.completed_at" not in history.case_at().fields
        assert len(history.case_at(utc(11)).lists["responses"]) == 2

    def test_a_scan_without_time_is_said(self) -> None:
        history = read(tracking=[{"event": "delivered"}], evidence=[{"type": "photo"}])
        assert history.notices == (
            "tracking[0]: no `at`, so known from 2026-03-10T12:00:00+00:00.",
        )

    def test_an_item_of_a_list_without_times_is_none(self) -> None:
        assert read(prior_transactions=[{"disputed": True}]).notices == ()


class TestProblems:
    @pytest.mark.parametrize(
        ("sections", "expected"),
        [
            pytest.param(
                {"order": {"currency": "USD", "total_payd": 1}},
                "order.total_payd: unknown field. Did you mean `order.total_paid`?",
                id="unknown field",
            ),
            pytest.param(
                {"order": {"currency": "USD", "shipped_at": NOW}},
                "order.shipped_at: unknown field. Did you mean `shipping.shipped_at`?",
                id="field of another section",
            ),
            pytest.param(
                {"tracking": [{"evnt": "delivered"}]},
                "tracking[0].evnt: unknown field. Did you mean `tracking[].event`?",
                id="unknown field of an item",
            ),
            pytest.param(
                {"seller": {"sanction": {"kynd": "x"}}},
                "seller.sanction.kynd: unknown field. Did you mean `seller.sanction.kind`?",
                id="unknown field of a group",
            ),
            pytest.param(
                {"trackin": []},
                "trackin: unknown field. Did you mean `tracking`?",
                id="unknown section",
            ),
            pytest.param(
                {"xyzzy": 1},
                "xyzzy: unknown field. A policy pack declares its own under `inputs`.",
                id="unknown and like nothing",
            ),
            pytest.param(
                {"case": {"fault": "buyer"}},
                "case: is no section. Its fields stand at the top level.",
                id="the name of the top level",
            ),
            pytest.param(
                {"claim.items": []},
                "claim.items: a dotted name. Write it as a mapping in a mapping.",
                id="a dotted name",
            ),
            pytest.param(
                {"order": []},
                "order: is a list, where a mapping is needed",
                id="a list for an object",
            ),
            pytest.param(
                {"seller": {"sanction": 1}},
                "seller.sanction: is `1`, where a mapping is needed",
                id="a number for a group",
            ),
            pytest.param(
                {"tracking": {"at": NOW}},
                "tracking: is a mapping, where a list is needed. Write it as a list.",
                id="an object for a list",
            ),
            pytest.param(
                {"tracking": None},
                "tracking: is null, where a list is needed. Write [] when nothing happened.",
                id="null for a list",
            ),
            pytest.param(
                {"tracking": ["delivered"]},
                "tracking[0]: is `delivered`, where a mapping is needed",
                id="a word for an item",
            ),
            pytest.param(
                {"tracking": [{"event": "delivred"}]},
                "tracking[0].event: `delivred` is none of the known values. "
                "Did you mean `delivered`?",
                id="unknown value",
            ),
            pytest.param(
                {"finding": "xyzzy"},
                "finding: `xyzzy` is none of the known values. "
                "Known: item_matches_listing, item_does_not_match_listing.",
                id="unknown value like nothing",
            ),
            pytest.param(
                {"claim": {"reason_code": Decimal("13.1")}},
                'claim.reason_code: `13.1` is a number. Put it in quotes: "13.1".',
                id="a number for a code",
            ),
            pytest.param(
                {"calendar": {"weekend": ["sat", "sunn"]}},
                "calendar.weekend[1]: `sunn` is none of the known values. Did you mean `sun`?",
                id="unknown value in a list",
            ),
            pytest.param(
                {"calendar": {"holidays": "2026-01-01"}},
                "calendar.holidays: is `2026-01-01`, where a list is needed. Write [a, b].",
                id="a date for a list",
            ),
            pytest.param(
                {"calendar": {"holidays": ["2026-13-01"]}},
                "calendar.holidays[0]: `2026-13-01` is not a date. Write it like 2026-04-16.",
                id="no date",
            ),
            pytest.param(
                {"platform_stepped_in": "yes"},
                "platform_stepped_in: `yes` is not true or false. Write true or false.",
                id="a word for a boolean",
            ),
            pytest.param(
                {"platform_stepped_in": 1},
                "platform_stepped_in: `1` is not true or false. Write true or false.",
                id="a number for a boolean",
            ),
            pytest.param(
                {"calendar": {"holidays": [NOW]}},
                f"calendar.holidays[0]: `{NOW}` is not a date. Write it like 2026-04-16.",
                id="an instant for a date",
            ),
            pytest.param(
                {"history": {"appeals_used": 1.5}},
                "history.appeals_used: `1.5` is not a whole number. Write a number such as 2.",
                id="a fraction for a count",
            ),
            pytest.param(
                {"history": {"appeals_used": True}},
                "history.appeals_used: `true` is not a whole number. Write a number such as 2.",
                id="a boolean for a count",
            ),
            pytest.param(
                {"history": {"appeals_used": -1}},
                "history.appeals_used: `-1` is no count. Write 0 to 1,000,000,000,000,000.",
                id="a negative count",
            ),
            pytest.param(
                {"history": {"appeals_used": 10**5000}},
                "history.appeals_used: a huge number is not a whole number. "
                "Write a number such as 2.",
                id="a number of 5,000 digits",
            ),
            pytest.param(
                {"order": {"currency": "USD", "total_paid": -1}},
                "order.total_paid: -1 USD is negative. Write zero or more here.",
                id="negative money",
            ),
            pytest.param(
                {"order": {"currency": "USD", "total_paid": Decimal("1.005")}},
                "order.total_paid: 1.005 has more decimal digits than USD, which has 2. "
                "Round it first.",
                id="too fine for the currency",
            ),
            pytest.param(
                {"order": {"currency": "USD", "total_paid": Decimal("1e999999999")}},
                "order.total_paid: an amount above 1,000,000,000,000,000 minor units of USD is no "
                "price. Check its unit.",
                id="more money than there is",
            ),
            pytest.param(
                {"order": {"currency": "USD", "total_paid": float("nan")}},
                "order.total_paid: `nan` is not an amount of money. "
                "Write a plain number such as 1250000 or 50.10.",
                id="not a number",
            ),
            pytest.param(
                {"order": {"currency": "USD", "total_paid": [1]}},
                "order.total_paid: a list is not an amount of money. "
                "Write a plain number such as 1250000 or 50.10.",
                id="a list for money",
            ),
            pytest.param(
                {"order": {"currency": "usd", "total_paid": 1}},
                "order.currency: `usd`: no such currency. Did you mean `USD`?",
                id="unknown currency",
            ),
            pytest.param(
                {"order": {"currency": 360, "total_paid": 1}},
                "order.currency: `360` is not text. Put it in quotes.",
                id="a number for a currency",
            ),
            pytest.param(
                {"order": {"total_paid": 1}, "costs": {"return_label": 2}},
                "order.currency: missing, but `order.total_paid` and 1 more needs it. "
                "Write an ISO 4217 code such as IDR.",
                id="no currency",
            ),
            pytest.param(
                {"responses": [{"percent": 101}]},
                "responses[0].percent: `101` is not a percent. Write 0 to 100.",
                id="more than all",
            ),
            pytest.param(
                {"seller": {"fault_dispute_rate": 30}},
                "seller.fault_dispute_rate: `30` is not a share. Write 0 to 1.",
                id="a percent for a share",
            ),
            pytest.param(
                {"seller": {"fault_dispute_rate": Decimal("0.1234567")}},
                "seller.fault_dispute_rate: `0.1234567` has too many decimal digits. "
                "Write at most 6.",
                id="too fine a share",
            ),
            pytest.param(
                {"claim": {"filed_at": "2026-03-01T10:00:00"}},
                "claim.filed_at: `2026-03-01T10:00:00` has no UTC offset. "
                "Write the instant like 2026-04-16T10:00+07:00.",
                id="time without offset",
            ),
            pytest.param(
                {"claim": {"filed_at": "yesterday"}},
                "claim.filed_at: `yesterday` is not an instant. "
                "Write it like 2026-04-16T10:00+07:00.",
                id="a word for an instant",
            ),
            pytest.param(
                {"claim": {"filed_at": 20260301}},
                "claim.filed_at: `20260301` is not an instant. "
                "Write it like 2026-04-16T10:00+07:00.",
                id="a number for an instant",
            ),
            pytest.param(
                {"now": "noon"},
                "now: `noon` is not an instant. Write it like 2026-04-16T10:00+07:00.",
                id="now is no instant",
            ),
            pytest.param(
                {"evidence": [{"shows": 5}]},
                "evidence[0].shows: `5` is not text. Put it in quotes.",
                id="a number for text",
            ),
            pytest.param(
                {"evidence": [{"shows": "a\x00b"}]},
                "evidence[0].shows: text with a character no file can hold "
                "(NUL or half a surrogate pair). Take it out.",
                id="NUL",
            ),
            pytest.param(
                {"evidence": [{"shows": "\ud800"}]},
                "evidence[0].shows: text with a character no file can hold "
                "(NUL or half a surrogate pair). Take it out.",
                id="half a surrogate pair",
            ),
            pytest.param(
                {"x" * 100: 1},
                f"`{'x' * 39}…`: unknown field. A policy pack declares its own under `inputs`.",
                id="a name without end",
            ),
        ],
    )  # fmt: skip
    def test_says_where_what_and_what_to_do(
        self, sections: dict[str, object], expected: str
    ) -> None:
        data = {"now": NOW, "order": {"currency": "USD"}, **sections}
        assert problems_of(data) == [f"case.yaml: {expected}"]

    def test_a_case_file_is_a_mapping(self) -> None:
        assert problems_of([]) == ["case.yaml: is a list, where a mapping is needed"]

    @pytest.mark.parametrize("data", [{}, {"fault": "buyer"}], ids=["empty", "undated"])
    def test_a_case_file_names_an_instant(self, data: object) -> None:
        assert problems_of(data) == [
            "case.yaml: now: missing, and nothing is dated. Say when the ruling is asked."
        ]

    def test_all_problems_are_told_at_once(self) -> None:
        data = {"now": "noon", "order": {"total_paid": "much"}, "claim": {"typ": 1}, "x": 1}
        with pytest.raises(CaseError) as error:
            read_case_file(data, TABLE, file="case.yaml")
        assert [problem.path for problem in error.value.problems] == [
            "now", "claim.typ", "x", "order.currency"
        ]  # fmt: skip
        assert str(error.value) == "\n".join(str(problem) for problem in error.value.problems)

    def test_the_message_shows_the_first_twenty(self) -> None:
        with pytest.raises(GatheredError) as error:
            read(evidence=[{"type": "photograph"}] * 25)
        lines = str(error.value).splitlines()
        assert (len(lines), lines[-1]) == (21, "... and 5 more")

    def test_an_endless_list_of_mistakes_ends(self) -> None:
        problems = problems_of({"now": NOW, "tracking": [{"at": n} for n in range(5000)]})
        assert len(problems) == 1001
        assert problems[-1] == (
            "case.yaml: reading stopped after 1,000 problems. Mend these first."
        )

    @given(st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | instants(),
        lambda inner: st.lists(inner) | st.dictionaries(
            st.sampled_from([*TABLE.sections, *(f.name for f in TABLE.every_field()), "now"]),
            inner),
    ))  # fmt: skip
    def test_no_data_is_a_traceback(self, data: object) -> None:
        with suppress(CaseError):
            assert isinstance(read_case_file(data, TABLE), History)


class TestRoundTrip:
    @given(case_files(TABLE))
    def test_a_case_file_to_events_to_a_case_and_back(self, data: dict[str, object]) -> None:
        history = read_case_file(data, TABLE)
        case = history.case_at()
        assert read_case_file(write_case_file(case, TABLE), TABLE).case_at() == case

    @given(case_files(TABLE))
    def test_events_to_rows_and_back(self, data: dict[str, object]) -> None:
        events = read_case_file(data, TABLE, "D-7").events
        assert read_history(write_history(events, TABLE), TABLE) == events

    @given(case_files(TABLE), instants())
    def test_rows_say_the_same_at_every_instant(
        self, data: dict[str, object], instant: datetime
    ) -> None:
        history = read_case_file(data, TABLE)
        again = History("case", read_history(write_history(history.events, TABLE), TABLE))
        assert again.case_at(instant) == history.case_at(instant)

    def test_a_case_file_as_we_write_it(self) -> None:
        data = {
            "order": {"currency": "USD", "total_paid": Decimal("15.10"), "delivery_date": None},
            "claim": {
                "filed_at": "2026-03-05T00:00:00+00:00",
                "items": [{"sku": "CUP", "unit_price": Decimal("7.55")}],
            },
            "tracking": [{"at": "2026-03-02T00:00:00+00:00", "address_match": True}],
            "evidence": [],
            "calendar": {"weekend": ["sat"], "holidays": ["2026-01-19"]},
            "fault": "seller",
            "seller": {"fault_dispute_rate": Decimal("0.3"), "sanction": {"kind": None}},
            "merchant": None,
            "now": "2026-03-10T12:00:00+00:00",
        }
        written = write_case_file(read_case_file(data, TABLE).case_at(), TABLE)
        assert (written, list(written)) == (data, list(data))

    def test_a_list_in_an_object_may_be_null(self) -> None:
        data = {"claim": {"items": None}, "now": "2026-03-10T12:00:00+00:00"}
        assert write_case_file(read_case_file(data, TABLE).case_at(), TABLE) == data

    def test_a_case_of_another_table_is_not_written(self) -> None:
        case = Case(utc(1), None, {"toy.age": 3}, {})
        with pytest.raises(ValueError, match="declared nowhere") as error:
            write_case_file(case, TABLE)
        assert str(error.value) == (
            "`toy.age` is declared nowhere. Declare it in the pack's `inputs`"
        )


ROW = {
    "dispute_id": "D-1",
    "occurred_at": "2026-03-01T07:00:00+07:00",
    "recorded_at": "2026-03-02T00:00:00Z",
    "kind": "order",
    "payload": '{"currency": "IDR"}',
}


SECTIONS = (
    "order, claim, shipping, tracking, return_leg, evidence, responses, buyer, history, costs, "
    "incident, calendar, case, asked, proposed, settled, escalated, handling, reopened, closed, "
    "unavailable, seller, cardholder, merchant, prior_transactions."
)
"""What kinds a row may have."""


class TestRows:
    def test_a_row_is_an_event(self) -> None:
        assert read_history([{**ROW, "hash": "abc"}], TABLE) == (
            Event("D-1", utc(1), utc(2), "order", {"currency": "IDR"}),
        )

    @pytest.mark.parametrize(
        ("kind", "payload", "expected"),
        [
            ("order", {"currency": "IDR", "total_paid": 9}, {"currency": "IDR", "total_paid": 9}),
            ("claim", None, None),
            ("claim", "null", None),
            ("claim", {"items": [{"sku": "A"}]}, {"items": Records(({"sku": "A"},))}),
            ("case", {"fault": "buyer"}, {"fault": "buyer"}),
            ("tracking", "[]", Records()),
            ("tracking", '{"event": "delivered"}', Records(({"event": "delivered"},))),
            ("asked", {"question": "seller_answer"}, Records(({"question": "seller_answer"},))),
            ("unavailable", {"source": "tracking", "state": "down"},
             Records(({"source": "tracking", "state": "down"},))),
        ],
    )  # fmt: skip
    def test_payloads(self, kind: str, payload: object, expected: object) -> None:
        (event,) = read_history([{**ROW, "kind": kind, "payload": payload}], TABLE)
        assert event.payload == expected

    def test_an_event_of_several_items_becomes_several_rows(self) -> None:
        scans = Records(({"event": "shipped"}, {"event": "delivered"}))
        rows = write_history([Event("D-1", utc(1), utc(1), "tracking", scans)], TABLE)
        assert [row["payload"] for row in rows] == [
            '{"event": "shipped"}', '{"event": "delivered"}'
        ]  # fmt: skip

    def test_the_currency_may_stand_in_any_row_of_the_dispute(self) -> None:
        price = {**ROW, "payload": {"total_paid": Decimal("1.5")}}
        rows = [price, {**ROW, "payload": {"currency": "USD"}}]
        other = {**ROW, "dispute_id": "D-2", "payload": {"currency": "IDR", "total_paid": 9}}
        payloads = [event.payload for event in read_history([*rows, other], TABLE)]
        assert payloads[0] == {"total_paid": 150}
        assert payloads[2] == {"currency": "IDR", "total_paid": 9}

    def test_amounts_are_json_numbers(self) -> None:
        event = Event(
            "D-1", utc(1), utc(1), "order", {"currency": "USD", "total_paid": 99_999_999_999_999}
        )
        (row,) = write_history([event], TABLE)
        assert row["payload"] == '{"currency": "USD", "total_paid": 999999999999.99}'
        assert json.loads(row["payload"])["total_paid"] == 999999999999.99

    def test_whole_amounts_are_whole_json_numbers(self) -> None:
        event = Event("D-1", utc(1), utc(1), "order", {"currency": "USD", "total_paid": 1500})
        (row,) = write_history([event], TABLE)
        assert row["payload"] == '{"currency": "USD", "total_paid": 15}'

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            pytest.param(
                {"dispute_id": ""},
                "row 1: dispute_id: is ``. Write a text.",
                id="no dispute",
            ),
            pytest.param(
                {"kind": "ordr"},
                "row 1: kind: `ordr` is no section of a case file. Did you mean `order`?",
                id="unknown kind",
            ),
            pytest.param(
                {"kind": ["order"]},
                "row 1: kind: a list is no section of a case file. Known: " + SECTIONS,
                id="a list for a kind",
            ),
            pytest.param(
                {"recorded_at": "2026-03-02T00:00:00"},
                "row 1: recorded_at: `2026-03-02T00:00:00` has no UTC offset. "
                "Write the instant like 2026-04-16T10:00+07:00.",
                id="time without offset",
            ),
            pytest.param(
                {"payload": "{"},
                "row 1: payload: not readable as JSON: "
                "Expecting property name enclosed in double quotes",
                id="broken JSON",
            ),
            pytest.param(
                {"payload": {"total_payd": 1}},
                "row 1: order.total_payd: unknown field. Did you mean `order.total_paid`?",
                id="unknown field",
            ),
            pytest.param(
                {"kind": "case", "payload": {"falt": "buyer"}},
                "row 1: case.falt: unknown field. Did you mean `fault`?",
                id="unknown top-level field",
            ),
            pytest.param(
                {"kind": "case", "payload": None},
                "row 1: case: is null, where an object is needed. "
                "Write the fields as an object of JSON, such as {}.",
                id="null for the top level",
            ),
            pytest.param(
                {"kind": "tracking", "payload": [{"event": "delivered"}]},
                "row 1: tracking: is a list, where an object is needed. "
                "Write one item as an object of JSON, or [] where there is none.",
                id="several items in one row",
            ),
            pytest.param(
                {"kind": "tracking", "payload": {"at": "2026-03-01T00:00:01Z"}},
                "row 1: tracking.at: differs from `occurred_at`. Make them one instant.",
                id="an item of another time",
            ),
            pytest.param(
                {"payload": {"total_paid": 5}},
                "order.currency: missing, but `row 1: order.total_paid` needs it. "
                "Write an ISO 4217 code such as IDR.",
                id="no currency",
            ),
        ],
    )
    def test_a_bad_row_is_named(self, change: dict[str, object], expected: str) -> None:
        with pytest.raises(CaseError) as error:
            read_history([{**ROW, **change}], TABLE, file="history.jsonl")
        assert [str(p) for p in error.value.problems] == [f"history.jsonl: {expected}"]

    def test_a_dispute_has_one_currency(self) -> None:
        with pytest.raises(CaseError) as error:
            read_history([ROW, {**ROW, "payload": {"currency": "USD"}}], TABLE)
        assert [str(p) for p in error.value.problems] == [
            "history: row 2: order.currency: `USD`, after `IDR` before. A dispute has one currency."
        ]

    def test_a_row_is_a_mapping(self) -> None:
        with pytest.raises(CaseError, match=r"^history: row 1: is a list, where a mapping"):
            read_history([[1, 2]], TABLE)  # type: ignore[list-item]


def test_a_hundred_thousand_scans_and_10_mb_of_text_take_seconds() -> None:
    at = "2026-03-{:02d}T00:00:00Z"
    begin = time.monotonic()
    case = read(
        tracking=[{"at": at.format(1 + n % 9), "event": "in_transit"} for n in range(100_000)],
        evidence=[{"shows": "x" * 10_000_000}],
    ).case_at()
    assert len(case.lists["tracking"]) == 100_000
    assert time.monotonic() - begin < 30
