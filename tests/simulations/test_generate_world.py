"""The file of a world, what is wrong in it, and the random numbers it is drawn with."""

from pathlib import Path

import duckdb
import pytest

from reso.errors import InputError
from simulations.world.draws import MACROS, Dice, of_shares, place, power
from simulations.world.model import Span
from simulations.world.reading import DEFAULT, load_world

DRAWN = 100_000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "lost: 0.002",
            "lost: 1.2",
            "world.yaml:37: couriers[1].lost: should be less than or equal to 1",
            id="a share above 1",
        ),
        pytest.param(
            "goods: 7 days",
            "goods: a week",
            "world.yaml:18: window.goods: write it like 90 minutes, 20 hours or 3 days",
            id="no length of time",
        ),
        pytest.param(
            "zone: Asia/Jakarta ",
            "zone: Europe/Berlin ",
            "world.yaml:11: zone: its clocks change; choose a zone with one offset",
            id="a zone with summer time",
        ),
        pytest.param(
            "zone: Asia/Jakarta ",
            "zone: Asia/Atlantis ",
            "world.yaml:11: zone: is no time zone; write one like Asia/Jakarta",
            id="no zone",
        ),
        pytest.param(
            "region: java, from",
            "region: bali, from",
            "world.yaml:80: incidents[1].region: there is no region `bali`",
            id="an incident nowhere",
        ),
        pytest.param(
            "withdraws: 0.35",
            "withdrawz: 0.35",
            "world.yaml:126: buyers.withdrawz: a world knows no such word",
            id="a wrong word",
        ),
        pytest.param(
            "name: toys",
            "name: toyz",
            "world.yaml:84: categories[5].name: `toyz` is none of electronics, fashion",
            id="a word the facts do not know",
        ),
        pytest.param(
            "currency: IDR",
            "currency: RUPIAH",
            "world.yaml:9: currency: no such currency",
            id="no currency",
        ),
    ],
)
def test_what_is_wrong_in_a_world_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    text = DEFAULT.read_text()
    assert old in text
    file = tmp_path / "world.yaml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        load_world(file)
    assert str(error.value).removeprefix(f"{tmp_path}/").startswith(message)


def test_a_courier_comes_again_on_the_next_day_he_works() -> None:
    kilat, _, rimba = load_world().couriers
    assert kilat.days_to_pick_up == [0, 0, 0, 0, 0, 0, 1]
    assert rimba.days_to_pick_up == [0, 0, 0, 0, 0, 2, 1]


def drawn(query: str) -> tuple[float, ...]:
    with duckdb.connect() as connection:
        for macro in MACROS:
            connection.execute(macro)
        row = connection.execute(query).fetchone()
    assert row is not None
    return row


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_two_draws_fill_the_square_evenly(seed: int) -> None:
    """Pearson's chi-square over 10 x 10 cells: 99 degrees of freedom, beyond 160 once in 10,000."""
    dice = Dice(seed)
    (chi_square,) = drawn(f"""WITH cells AS (SELECT count(*) AS many
            FROM (SELECT {dice.draw("one")} AS a, {dice.draw("other")} AS b
                FROM (SELECT range AS n FROM range({DRAWN})))
            GROUP BY floor(a * 10), floor(b * 10))
        SELECT sum(pow(many - {DRAWN / 100}, 2)) / {DRAWN / 100}
            + (100 - count(*)) * {DRAWN / 100} FROM cells""")
    assert chi_square < 160


def test_neighbours_are_drawn_independently() -> None:
    draw = Dice(5).draw("one")
    (correlation,) = drawn(f"""SELECT corr(a, b) FROM (SELECT a, lead(a) OVER (ORDER BY n) AS b
        FROM (SELECT n, {draw} AS a FROM (SELECT range AS n FROM range({DRAWN}))))""")
    assert abs(correlation) < 4 / DRAWN**0.5


def test_a_draw_never_changes() -> None:
    (first, last) = drawn(f"""SELECT max(a) FILTER (n = 0), max(a) FILTER (n = 4294967295)
        FROM (SELECT n, {Dice(1).draw("one")} AS a
            FROM (SELECT unnest([0, 4294967295]) AS n))""")
    assert (first, last) == pytest.approx((0.5016473712166771, 0.4267625535139814), abs=1e-12)


def test_half_of_a_span_lies_within_its_spread_and_none_above_its_most() -> None:
    span = Span.model_validate({"median": "10 hours", "spread": 2, "at_most": "4 days"})
    hours = f"spread_over({Dice(3).draw('one')}, {span.median}, {power(2)!r}, {span.at_most})"
    low, middle, high, most = drawn(f"""SELECT quantile_cont(a, 0.25) / 3600, median(a) / 3600,
        quantile_cont(a, 0.75) / 3600, max(a) / 3600
        FROM (SELECT {hours} AS a FROM (SELECT range AS n FROM range({DRAWN})))""")
    assert (low, middle, high) == pytest.approx((5, 10, 20), rel=0.03)
    assert most == 96


def test_weights_are_kept() -> None:
    chosen = place("a", [6, 3, 1])
    shares = drawn(f"""SELECT avg((p = 1)::INTEGER), avg((p = 2)::INTEGER), avg((p = 3)::INTEGER)
        FROM (SELECT {chosen} AS p FROM (SELECT {Dice(4).draw("one")} AS a
            FROM (SELECT range AS n FROM range({DRAWN}))))""")
    assert shares == pytest.approx((0.6, 0.3, 0.1), abs=0.01)


def test_shares_leave_the_rest_to_what_is_otherwise() -> None:
    assert of_shares("u", {"'a'": 0.0, "'b'": 0.0}, "'none'") == "'none'"
    assert of_shares("u", {"'a'": 0.25}, "'none'") == "CASE WHEN u < 0.25 THEN 'a' ELSE 'none' END"
