"""Days are counted on the policy's calendar, or on the case's own."""

from datetime import UTC, datetime

import pytest

from tests.strategies.small_packs import SmallPack, pack

COUNTRIES = {
    "ID": ("IDR", "Asia/Jakarta", "+07:00"),
    "SG": ("SGD", "Asia/Singapore", "+08:00"),
    "MY": ("MYR", "Asia/Kuala_Lumpur", "+08:00"),
    "PH": ("PHP", "Asia/Manila", "+08:00"),
    "US": ("USD", "America/New_York", "-05:00"),
}


def country_pack(country: str, lasts: str) -> SmallPack:
    currency, zone, _ = COUNTRIES[country]
    return pack(f"""
        policy: small
        currency: {currency}
        time_zone: {zone}
        calendar: {country}
        questions:
          q:
            to: seller
            opens_at: claim.filed_at
            lasts: {lasts}
            answers: {{agrees: approve, refuses: reject}}
            silence_means: agrees
        otherwise: escalate
        """)


def deadline(policy: SmallPack, filed_at: str, more: str = "") -> datetime:
    case = f"claim: {{filed_at: {filed_at}}}\n{more}"
    found = policy.question("q", case, filed_at).deadline
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("country", "filed", "lasts", "ends"),
    [
        pytest.param("ID", "2026-03-17T10:00", "1 business day", "2026-03-25T10:00",
                     id="ID: Nyepi, Idul Fitri and cuti bersama"),
        pytest.param("ID", "2026-12-23T10:00", "1 business day", "2026-12-28T10:00",
                     id="ID: cuti bersama before Christmas"),
        pytest.param("ID", "2026-03-13T10:00", "2 business days", "2026-03-17T10:00",
                     id="ID: over a weekend"),
        pytest.param("SG", "2026-02-16T10:00", "2 business days", "2026-02-20T10:00",
                     id="SG: Chinese New Year, two days"),
        pytest.param("SG", "2026-08-07T10:00", "1 business day", "2026-08-11T10:00",
                     id="SG: National Day on a Sunday, Monday off"),
        pytest.param("MY", "2026-08-28T10:00", "1 business day", "2026-09-01T10:00",
                     id="MY: National Day"),
        pytest.param("PH", "2026-06-11T10:00", "1 business day", "2026-06-15T10:00",
                     id="PH: Independence Day"),
        pytest.param("US", "2026-11-25T10:00", "1 business day", "2026-11-27T10:00",
                     id="US: Thanksgiving"),
        pytest.param("US", "2026-07-02T10:00", "1 business day", "2026-07-06T10:00",
                     id="US: the fourth of July on a Saturday"),
        pytest.param("SG", "2026-02-14T10:00", "1 business day", "2026-02-16T10:00",
                     id="filed on a Saturday, at the same clock time on Monday"),
        pytest.param("SG", "2026-02-16T10:00", "2 business days end of day", "2026-02-20T23:59:59",
                     id="to the end of the day"),
        pytest.param("SG", "2026-02-16T10:00", "2 calendar days", "2026-02-18T10:00",
                     id="calendar days know no holidays"),
        pytest.param("SG", "2026-02-16T10:00", "2 calendar days inclusive", "2026-02-17T10:00",
                     id="the first day counts"),
        pytest.param("SG", "2026-02-16T10:00", "2 calendar days inclusive end of day",
                     "2026-02-17T23:59:59", id="the first day counts, to the end of the last"),
        pytest.param("SG", "2026-01-31T10:00", "1 month", "2026-02-28T10:00",
                     id="a month that is shorter"),
        pytest.param("US", "2026-03-07T10:00", "1 calendar day", "2026-03-08T10:00",
                     id="the same clock time over a change of clocks"),
        pytest.param("US", "2026-03-07T10:00", "24 hours", "2026-03-08T11:00",
                     id="24 hours over a change of clocks"),
    ],
)  # fmt: skip
def test_a_clock_runs_on_the_calendar_of_the_policy(
    country: str, filed: str, lasts: str, ends: str
) -> None:
    offset = COUNTRIES[country][2]
    later = "-04:00" if country == "US" and "2026-03-08" <= ends < "2026-11-01" else offset
    found = deadline(country_pack(country, lasts), _with_offset(country, filed))
    assert found == datetime.fromisoformat(ends + later).astimezone(UTC)


def _with_offset(country: str, filed: str) -> str:
    summer = country == "US" and "2026-03-08" <= filed < "2026-11-01"
    return filed + ("-04:00" if summer else COUNTRIES[country][2])


def test_a_case_may_bring_its_own_calendar() -> None:
    policy = country_pack("SG", "2 business days")
    filed = "2026-02-12T10:00+08:00"  # a Thursday
    own = "calendar: {weekend: [fri], holidays: [2026-02-15]}"
    assert deadline(policy, filed) == datetime(2026, 2, 16, 2, tzinfo=UTC)
    assert deadline(policy, filed, own) == datetime(2026, 2, 16, 2, tzinfo=UTC)
    filed = "2026-02-16T10:00+08:00"  # a Monday before Chinese New Year
    assert deadline(policy, filed) == datetime(2026, 2, 20, 2, tzinfo=UTC)
    assert deadline(policy, filed, own) == datetime(2026, 2, 18, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "ends"),
    [
        pytest.param("calendar: {weekend: [sun]}", "2026-02-18T02:00", id="only its weekend"),
        pytest.param("calendar: {holidays: []}", "2026-02-18T02:00", id="no holidays at all"),
        pytest.param(
            "calendar: {holidays: [2026-02-18]}", "2026-02-19T02:00", id="only its holidays"
        ),
    ],
)
def test_a_calendar_of_the_case_takes_the_place_of_the_countrys_holidays(
    own: str, ends: str
) -> None:
    found = deadline(country_pack("SG", "2 business days"), "2026-02-16T10:00+08:00", own)
    assert found == datetime.fromisoformat(ends).replace(tzinfo=UTC)


CUTOFF = pack("""
policy: small
currency: IDR
time_zone: Asia/Jakarta
calendar: ID
parameters: {cutoff: "12:00"}
readings:
  ship_by:
    - when: [time_of(order.paid_at) < cutoff, is_business_day(order.paid_at)]
      then: order.paid_at at 23:59
    - {otherwise: (order.paid_at + 1 business day) at 23:59}
otherwise: escalate
""")


@pytest.mark.parametrize(
    ("paid_at", "ship_by"),
    [
        pytest.param("2026-03-12T11:59:59+07:00", "2026-03-12T23:59+07:00", id="just before noon"),
        pytest.param("2026-03-12T12:00+07:00", "2026-03-13T23:59+07:00", id="at noon"),
        pytest.param("2026-03-13T12:00+07:00", "2026-03-16T23:59+07:00", id="Friday at noon"),
        pytest.param("2026-03-14T09:00+07:00", "2026-03-16T23:59+07:00", id="on a Saturday"),
        pytest.param("2026-03-12T04:59+00:00", "2026-03-12T23:59+07:00", id="told in UTC"),
        pytest.param("2026-03-18T09:00+07:00", "2026-03-25T23:59+07:00", id="on a joint leave"),
    ],
)
def test_a_cut_off_is_a_clock_time_of_the_policys_zone(paid_at: str, ship_by: str) -> None:
    case = f"order: {{currency: IDR, paid_at: {paid_at}}}"
    found = CUTOFF.value("ship_by", case, "2026-04-01T10:00+07:00")
    assert found == datetime.fromisoformat(ship_by).astimezone(UTC)
