"""`reso set` writes what was asked for, where it belongs, and nothing else."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reso.authoring.setting import Wish, plan
from reso.expressions.tree import Choice, Dated, Lit, Node, Table
from reso.model.time import parse_duration
from reso.policy.loader import check_pack
from tests.authoring.conftest import Reso

PACK = Path("rules/shop")
FILE = PACK / "policy.yaml"
HEADER = """\
policy: shop
currency: SGD
time_zone: UTC
dated_by: [claim.filed_at]
otherwise: escalate
chapters:
  request: {when: claim is known, opens_at: claim.filed_at}
questions:
  answer:
    to: seller
    lasts: seller_time
    answers: {approve: approve, reject: reject}
    silence_means: approve
"""


def write(parameters: str, more: str = "") -> None:
    seller_time = "" if "  seller_time:" in parameters else "  seller_time: 48 hours\n"
    FILE.write_text(f"{HEADER}{more}parameters:\n{parameters}{seller_time}", encoding="utf-8")


def parameters() -> str:
    text = FILE.read_text(encoding="utf-8").split("parameters:\n")[1]
    return text.replace("  seller_time: 48 hours\n", "")


def value_on(node: Node, day: date, key: str = "") -> object:
    """Return what a parameter is worth on a day, for a key of its tables."""
    match node:
        case Dated():
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            begun = [value for start, value in node.periods if start is None or start <= at]
            return value_on(begun[-1], day, key)
        case Table():
            rows = dict(node.rows)
            return value_on(rows.get(key, node.otherwise), day, key)  # type: ignore[arg-type]
        case Lit():
            return node.value
        case _:
            raise AssertionError(node)


def node_of(name: str) -> Node:
    policy, problems = check_pack(PACK)
    assert problems == []
    assert policy is not None
    return next(d.node for d in policy.definitions if d.name == name)


PERIODS = [
    pytest.param(
        "  window: 7 calendar days  # for all\n",
        [],
        "  window: {before: 7 calendar days, 2026-04-01: 14 calendar days}  # for all\n",
        id="a plain value",
    ),
    pytest.param(
        "  window: {value: 7 calendar days, chosen: us}\n",
        [],
        "  window: {value: {before: 7 calendar days, 2026-04-01: 14 calendar days}, chosen: us}\n",
        id="a value with a note",
    ),
    pytest.param(
        "  window: {before: 7 calendar days, 2026-06-01: 9 calendar days}\n",
        [],
        "  window: {before: 7 calendar days, 2026-04-01: 14 calendar days, "
        "2026-06-01: 9 calendar days}\n",
        id="between two periods",
    ),
    pytest.param(
        "  window:\n    # first\n    before: 7 calendar days  # a\n"
        "    2026-06-01: 9 calendar days\n",
        [],
        "  window:\n    # first\n    before: 7 calendar days  # a\n"
        "    2026-04-01: 14 calendar days\n    2026-06-01: 9 calendar days\n",
        id="between two lines",
    ),
    pytest.param(
        "  window: {before: 7 calendar days, 2026-04-01: 9 calendar days}\n",
        [],
        "  window: {before: 7 calendar days, 2026-04-01: 14 calendar days}\n",
        id="on the day of a period",
    ),
    pytest.param(
        "  window:\n    by: order.seller_tier  # the tier\n    mall: 15 calendar days\n"
        "    otherwise: 7 calendar days\n",
        [],
        "  window:\n    before:\n      by: order.seller_tier  # the tier\n"
        "      mall: 15 calendar days\n      otherwise: 7 calendar days\n"
        "    2026-04-01: 14 calendar days\n",
        id="instead of a table",
    ),
    pytest.param(
        "  window:\n    by: order.seller_tier\n    mall: 15 calendar days  # Mall\n"
        "    otherwise: 7 calendar days\n",
        ["--where", "order.seller_tier is mall"],
        "  window:\n    by: order.seller_tier\n"
        "    mall: {before: 15 calendar days, 2026-04-01: 14 calendar days}  # Mall\n"
        "    otherwise: 7 calendar days\n",
        id="in a row of a table",
    ),
]


@pytest.mark.parametrize(("before", "where", "after"), PERIODS)
def test_a_new_period_stands_where_it_belongs(
    reso: Reso, before: str, where: list[str], after: str
) -> None:
    write(before)
    done = reso(
        "set", "window", "14 calendar days", "-p", str(PACK), "--from", "2026-04-01", *where
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert parameters() == after
    assert check_pack(PACK)[1] == []


def test_the_reason_is_kept_and_the_change_shown(reso: Reso) -> None:
    write("  window: 7 calendar days\n")
    args = ["--from", "2026-04-01", "--because", "new\nlaw"]
    done = reso("set", "window", "14 calendar days", "--policy", str(PACK), *args)
    assert done.stdout == (
        "--- rules/shop/policy.yaml\n"
        "+++ rules/shop/policy.yaml\n"
        "@@ -13,4 +13,5 @@\n"
        "     silence_means: approve\n"
        " parameters:\n"
        "-  window: 7 calendar days\n"
        "+  # 2026-04-01: new law\n"
        "+  window: {before: 7 calendar days, 2026-04-01: 14 calendar days}\n"
        "   seller_time: 48 hours\n"
        "rules/shop/policy.yaml: written\n"
        "Next: reso test rules/shop\n"
    )


OVERLAY = ["--from", "2026-03-18", "--until", "2026-03-25", "--reach"]


def test_an_overlay_is_written_into_the_file_with_the_header(reso: Reso) -> None:
    write("  window: 7 calendar days  # usual\n")
    before = FILE.read_text(encoding="utf-8")
    where = ["--where", "order.category is fashion", "--where", "shipping.service is instant"]
    why = ["--because", "Banjir: hub tutup"]
    args = ["set", "window", "14 calendar days", "-p", str(PACK), *OVERLAY, "orders placed"]
    assert reso(*args, *where, *why).exit_code == 0
    assert FILE.read_text(encoding="utf-8") == before + (
        "\n"
        "overlays:\n"
        "  - parameter: window\n"
        "    from: 2026-03-18\n"
        "    until: 2026-03-25\n"
        "    value: 14 calendar days\n"
        "    reach: orders placed\n"
        "    where: [order.category is fashion, shipping.service is instant]\n"
        '    because: "Banjir: hub tutup"\n'
    )
    assert check_pack(PACK)[1] == []
    again = reso(*args, *where, *why)
    assert again.stdout == "rules/shop/policy.yaml: it says so already; nothing to change\n"


@pytest.mark.parametrize(
    ("section", "written"),
    [
        pytest.param("overlays: []\n", "overlays: [{parameter: seller_time, ", id="empty"),
        pytest.param("overlays:\n", "overlays:\n  - parameter: seller_time\n", id="nothing"),
        pytest.param(
            "overlays:\n- parameter: window\n  from: 2026-01-01\n  until: 2026-01-02\n"
            "  value: 8 calendar days\n  reach: claims filed  # one day\n",
            "reach: claims filed  # one day\n- parameter: seller_time\n  from: ",
            id="a list",
        ),
    ],
)
def test_overlays_that_are_there_stay(reso: Reso, section: str, written: str) -> None:
    write("  window: 7 calendar days\n", section)
    done = reso("set", "seller_time", "96 hours", "-p", str(PACK), *OVERLAY, "clocks running")
    assert (done.exit_code, done.stderr) == (0, "")
    assert written in FILE.read_text(encoding="utf-8")
    assert check_pack(PACK)[1] == []


def test_a_shorter_overlay_on_running_clocks_is_pointed_out(reso: Reso) -> None:
    write("  window: 7 calendar days\n")
    done = reso("set", "seller_time", "24 hours", "-p", str(PACK), *OVERLAY, "clocks running")
    assert (
        "Note: 24 hours is shorter than the usual value. An overlay never shortens a clock that is "
        "running: this one changes nothing.\n"
    ) in done.stdout


TIERS = "  window: {by: order.seller_tier, mall: 15 calendar days, otherwise: 6 calendar days}\n"
LESS_FOR_MALL = (
    "10 calendar days is shorter than the usual 15 calendar days where order.seller_tier is mall: "
    "claims filed on these days get less time there. "
    'Leave them out by --where "order.seller_tier is not mall", or choose a longer value.'
)
LESS_FOR_OTHERS = (
    "10 calendar days is shorter than the usual 20 calendar days where order.seller_tier is "
    "anything else: claims filed on these days get less time there. "
    "Choose a longer value to prevent that."
)


@pytest.mark.parametrize(
    ("table", "where", "notes"),
    [
        pytest.param(TIERS, [], [LESS_FOR_MALL], id="one row is longer"),
        pytest.param(TIERS, ["order.seller_tier is not mall"], [], id="that row is left out"),
        pytest.param(
            TIERS,
            ["order.category is fashion and order.seller_tier is one of [regular, non_mall]"],
            [],
            id="only other rows",
        ),
        pytest.param(
            TIERS,
            ["order.seller_tier is mall or order.category is fashion"],
            [LESS_FOR_MALL],
            id="the row may be meant",
        ),
        pytest.param(
            TIERS,
            ["order.seller_tier is mall"],
            [
                "10 calendar days is shorter than the usual value, so claims filed on these days "
                "get less time."
            ],
            id="only that row",
        ),
        pytest.param(TIERS.replace("15", "9"), [], [], id="longer everywhere"),
        pytest.param(
            TIERS.replace("15", "9").replace("6 cal", "20 cal"),
            [],
            [LESS_FOR_OTHERS],
            id="all other rows",
        ),
    ],
)
def test_whom_an_overlay_gives_less_time_is_pointed_out(
    reso: Reso, table: str, where: list[str], notes: list[str]
) -> None:
    write(table)
    conditions = [word for one in where for word in ("--where", one)]
    args = ["-p", str(PACK), *OVERLAY, "claims filed", "--dry-run", *conditions]
    told = [
        line.removeprefix("Note: ")
        for line in reso("set", "window", "10 calendar days", *args).stdout.splitlines()
        if line.startswith("Note: ")
    ]
    assert told == ["2026-03-25 is the first day on which all is as usual again.", *notes]


def test_a_dry_run_writes_nothing(reso: Reso) -> None:
    write("  window: 7 calendar days\n")
    before = FILE.read_bytes()
    args = ["--from", "2026-04-01", "--dry-run"]
    done = reso("set", "window", "14 calendar days", "-p", str(PACK), *args)
    assert done.stdout.endswith("Nothing was written (--dry-run).\n")
    assert FILE.read_bytes() == before


REFUSED = [
    pytest.param(
        ["windw", "1 month", "--from", "2026-04-01"],
        "rules/shop: there is no parameter `windw`. Did you mean `window`?",
        id="no such parameter",
    ),
    pytest.param(
        ["window", "1 month"],
        "--from: from which day on? Cases from before it keep the value they have. "
        "Add --from 2026-03-18.",
        id="no day",
    ),
    pytest.param(
        ["window", "1 month", "--from", "31/12/2026"],
        "--from: `31/12/2026` is not a day of the calendar. Write it like 2026-03-18.",
        id="no ISO day",
    ),
    pytest.param(
        ["window", "6 days", "--from", "2026-04-01"],
        "VALUE: `6 days`: did not expect `days` here. Say `calendar days` or `business days`.",
        id="which days",
    ),
    pytest.param(
        ["window", "6 hari kalender", "--from", "2026-04-01"],
        "VALUE: `6 hari kalender` is not in the words of policies. Write `6 calendar days`.",
        id="Indonesian",
    ),
    pytest.param(
        ["window", "5 SGD", "--from", "2026-04-01"],
        "VALUE: `5 SGD` is an amount of money, where a duration is needed. "
        "Write it like the values that are there.",
        id="another kind",
    ),
    pytest.param(
        ["window", "1 month", "--from", "2026-04-01", "--where", "order.seller_tier is mall"],
        "--where: `order.seller_tier is mall` is no row of the parameter's table, so it cannot "
        "have a value for good. Add --until DAY, or make the value a table by hand (`by:`).",
        id="no table",
    ),
    pytest.param(
        ["window", "1 month", *OVERLAY, "claims filed", "--where", "order.categry is x"],
        "--where: `order.categry is x`: unknown name `order.categry`. "
        "Did you mean `order.category`?",
        id="unknown fact",
    ),
    pytest.param(
        ["window", "6 calender days", "--from", "2026-04-01"],
        "VALUE: `6 calender days`: did not expect `calender` here. Did you mean `calendar`?",
        id="a letter wrong",
    ),
    pytest.param(
        ["window", "1 month", *OVERLAY, "claims filed", "--where", "shipping.courier is Pos Kilat"],
        "--where: `shipping.courier is Pos Kilat`: did not expect `Kilat` here. "
        'Words with a space between them need quotes: `"Pos Kilat"`.',
        id="a name with a space",
    ),
    pytest.param(
        ["window", "1 month", "--from", "2026-03-18", "--until", "2026-03-25"],
        '--reach: say what falls on these days. One of: "orders placed", "parcels delivered", '
        '"claims filed", or "clocks running" (also clocks that began before).',
        id="no reach",
    ),
    pytest.param(
        ["window", "1 month", *OVERLAY, "clocks running"],
        "--reach: no question lasts `window`, so `clocks running` would reach nothing. "
        'Say "claims filed", "orders placed" or "parcels delivered".',
        id="no clock",
    ),
    pytest.param(
        ["window", "1 month", "--from", "2026-03-18", "--until", "2026-03-18"],
        "--until: 2026-03-18 is not after 2026-03-18. "
        "It is the first day on which all is as usual again.",
        id="no days",
    ),
    pytest.param(
        ["window", "1 month", "--from", "2026-03-18", "--reach", "claims filed"],
        "--reach: goes with --until only. Add --until DAY, or leave it out.",
        id="reach for good",
    ),
]


@pytest.mark.parametrize(("args", "message"), REFUSED)
def test_what_cannot_be_set_is_refused_in_one_line(
    reso: Reso, args: list[str], message: str
) -> None:
    write("  window: 7 calendar days\n")
    before = FILE.read_bytes()
    done = reso("set", *args, "--policy", str(PACK))
    assert (done.stdout, done.stderr) == ("", message + "\n")
    assert done.exit_code == 2
    assert FILE.read_bytes() == before


def test_what_would_not_check_is_not_written(reso: Reso) -> None:
    write("  window: 7 calendar days\n")
    overlay = [*OVERLAY, "claims filed"]
    assert reso("set", "window", "1 month", "-p", str(PACK), *overlay).exit_code == 0
    before = FILE.read_bytes()
    done = reso("set", "window", "2 months", "-p", str(PACK), *overlay)
    assert done.stderr.splitlines()[-2:] == [
        "Add --exception if this one goes before the other.",
        "Nothing was written: there would be 1 problem.",
    ]
    assert (done.exit_code, FILE.read_bytes()) == (1, before)
    done = reso("set", "window", "2 months", "-p", str(PACK), *overlay, "--exception")
    assert done.exit_code == 0


def test_a_pack_with_problems_can_be_changed_but_not_made_worse(reso: Reso) -> None:
    write("  window: 7 calendar days\n  odd: 3 bananas\n")
    args = ["-p", str(PACK), "--from", "2026-04-01"]
    done = reso("set", "window", "5 SGD", *args)
    assert "mixes values of duration and money" in done.stderr
    assert done.exit_code == 1
    assert reso("set", "window", "5 calendar days", *args).exit_code == 0
    assert "2026-04-01: 5 calendar days" in parameters()


DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))
SHAPES = st.sampled_from([case.values[0] for case in PERIODS])


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=SHAPES, days=st.lists(DAYS, min_size=1, max_size=2, unique=True))
def test_the_value_changes_on_that_day_and_on_no_other(
    reso: Reso, shape: str, days: list[date]
) -> None:
    write(shape)
    for number, day in enumerate(days, start=20):
        before = node_of("window")
        change = plan(PACK, Wish("window", f"{number} calendar days", starts=day))
        change.source.write(change.text)
        after = node_of("window")
        later = [s.date() for s, _ in after.periods if s and s.date() > day]  # type: ignore[union-attr]
        end = min(later, default=day + timedelta(400))
        for key in ("mall", "regular"):
            assert value_on(after, day, key) == parse_duration(f"{number} calendar days")
            assert value_on(after, end - timedelta(1), key) == value_on(after, day, key)
            for other in (day - timedelta(1), *later):
                assert value_on(after, other, key) == value_on(before, other, key)


def test_an_overlay_holds_between_its_days(reso: Reso) -> None:
    write("  window: 7 calendar days\n")
    reso("set", "window", "14 calendar days", "-p", str(PACK), *OVERLAY, "claims filed")
    node = node_of("window")
    assert isinstance(node, Choice)
    (when, value), *_ = node.branches
    starts, ends = (part.right.value for part in when.parts)  # type: ignore[union-attr]
    assert (starts, ends) == (datetime(2026, 3, 18, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC))
    assert value == Lit(parse_duration("14 calendar days"), value.type)
    assert node.otherwise == Lit(parse_duration("7 calendar days"), value.type)


def test_a_shared_file_is_not_changed_for_one_pack(reso: Reso) -> None:
    write("  window: 7 calendar days\n", "uses: ../shared/numbers.yaml\n")
    Path("rules/shared/numbers.yaml").write_text("parameters: {common: 3}\n", encoding="utf-8")
    done = reso("set", "common", "4", "-p", str(PACK), "--from", "2026-04-01")
    assert done.stderr == (
        "common: `common` stands in rules/shared/numbers.yaml, which other packs use. "
        "Change that file by hand, or add --until DAY.\n"
    )
    assert reso("set", "common", "4", "-p", str(PACK), *OVERLAY, "claims filed").exit_code == 0
