"""A sweep as plain data: JSON, and tables in files."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import duckdb

from reso.engine.ruling_json import Json
from reso.model.money import to_major
from simulations.folders import new_folder, refuse_taken
from simulations.literals import text_of
from simulations.measures.rates import Rate
from simulations.measures.tables import read_rows
from simulations.measures.truth import Wrongful
from simulations.sweeping.axes import Axis, settings_of
from simulations.sweeping.figures import Paid, Step, TradeOff
from simulations.sweeping.running import Sweep

PLACES = 4
STEP_COLUMNS: Mapping[str, str] = {
    "refunds": "BIGINT",
    "came_later": "BIGINT",
    "disputes": "BIGINT",
    "automatic": "BIGINT",
    "human": "BIGINT",
    "median_hours": "DOUBLE",
    "truth_known": "BIGINT",
    "refunded_wrongly": "BIGINT",
    "refused_wrongly": "BIGINT",
    "on_frontier": "BOOLEAN",
    "by_reference": "BIGINT",
}
"""The figures of `steps.parquet` and their types; before them stand the parameters."""
MONEY_COLUMNS: Mapping[str, str] = {
    "currency": "VARCHAR",
    "to_buyers": "DECIMAL(28, 4)",
    "came_later": "DECIMAL(28, 4)",
}
"""The figures of `money.parquet` and their types; before them stand the parameters."""
AS_TEXTS = {**MONEY_COLUMNS, "to_buyers": "VARCHAR", "came_later": "VARCHAR"}
"""The same for `money.csv`: amounts with the digits their currency has."""


def sweep_json(swept: Sweep, trade_off: TradeOff, ran: Mapping[str, Json]) -> dict[str, Json]:
    """Return a sweep as plain data: amounts exact texts, shares 0 to 1.

    Args:
        ran: what was run: policy, settings, history, until when.
    """
    best = trade_off.frontier(swept.steps)
    return {
        "sweep": dict(ran),
        "parameters": [_axis(axis) for axis in swept.axes],
        "trade_off": [trade_off.one.name, trade_off.other.name],
        "steps": [_step(swept.axes, step, step.point in best) for step in swept.steps],
    }


def write_sweep(folder: Path, swept: Sweep, trade_off: TradeOff, told: Json, page: str) -> None:
    """Write `steps` and `money` (Parquet and CSV), `sweep.json` and `sweep.html` into a new folder.

    Raises:
        InputError: the folder is already there. OSError: it cannot be written.
    """
    refuse_taken(folder)
    best = trade_off.frontier(swept.steps)
    steps = [
        {**settings_of(swept.axes, step.point), **_row(step), "on_frontier": step.point in best}
        for step in swept.steps
    ]
    money = [
        {**settings_of(swept.axes, step.point), **_paid(paid)}
        for step in swept.steps
        for paid in step.money
    ]
    with new_folder(folder) as made:
        for name, columns in (("steps.parquet", STEP_COLUMNS), ("steps.csv", STEP_COLUMNS)):
            _write(made / name, swept.axes, steps, columns)
        for name, columns in (("money.parquet", MONEY_COLUMNS), ("money.csv", AS_TEXTS)):
            _write(made / name, swept.axes, money, columns)
        text = json.dumps(told, indent=2, ensure_ascii=False)
        (made / "sweep.json").write_text(f"{text}\n", encoding="utf-8")
        (made / "sweep.html").write_text(page, encoding="utf-8")


def _axis(axis: Axis) -> Json:
    return {"name": axis.parameter, "values": [value.setting for value in axis.values]}


def _step(axes: Sequence[Axis], step: Step, on_frontier: bool) -> Json:
    return {
        "settings": dict(settings_of(axes, step.point)),
        "refunds": step.refunds,
        "parcel_came_later": _rate(step.came_later),
        "money": [_paid(paid) for paid in step.money],
        "ended_without_human": _rate(step.automatic),
        "human_at_the_end": _rate(step.human),
        "median_hours": None if step.hours is None else round(step.hours, PLACES),
        "against_truth": None if step.wrongful is None else _truth(step.wrongful),
        "on_frontier": on_frontier,
        "by_reference": step.by_reference,
    }


def _rate(rate: Rate) -> Json:
    share = None if rate.share is None else round(rate.share, PLACES)
    return {"count": rate.count, "of": rate.of, "share": share}


def _truth(truth: Wrongful) -> Json:
    return {
        "known": _rate(truth.known),
        "refunded_wrongly": _rate(truth.refunded_wrongly),
        "refused_wrongly": _rate(truth.refused_wrongly),
    }


def _paid(paid: Paid) -> dict[str, Json]:
    return {
        "currency": paid.currency,
        "to_buyers": f"{to_major(paid.to_buyers, paid.currency):f}",
        "came_later": f"{to_major(paid.came_later, paid.currency):f}",
    }


def _row(step: Step) -> dict[str, object]:
    truth = step.wrongful
    return {
        "refunds": step.refunds,
        "came_later": step.came_later.count,
        "disputes": step.automatic.of,
        "automatic": step.automatic.count,
        "human": step.human.count,
        "median_hours": step.hours,
        "truth_known": None if truth is None else truth.known.count,
        "refunded_wrongly": None if truth is None else truth.refunded_wrongly.count,
        "refused_wrongly": None if truth is None else truth.refused_wrongly.count,
        "by_reference": step.by_reference,
    }


def _write(
    file: Path,
    axes: Sequence[Axis],
    rows: Sequence[Mapping[str, object]],
    figures: Mapping[str, str],
) -> None:
    columns = {**{axis.parameter: "VARCHAR" for axis in axes}, **figures}
    options = ", HEADER" if file.suffix == ".csv" else ""
    with closing(duckdb.connect()) as connection, read_rows(rows, columns) as source:
        listed = ", ".join(f'"{column}"' for column in columns)
        connection.execute(
            f"COPY (SELECT {listed} FROM {source}) "
            f"TO {text_of(str(file))} (FORMAT {file.suffix.removeprefix('.')}{options})"
        )
