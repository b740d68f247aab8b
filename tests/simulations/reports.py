"""What reports are made of in tests: the small history, lived through and then told many times."""

from dataclasses import dataclass, replace
from functools import cache

import duckdb

from reso.cases import Pack, load_pack
from reso.model.money import Language
from simulations.comparing.figures import changed_cases, compare, reached
from simulations.comparing.regions import Grounds, parts_changed
from simulations.comparing.speaking import Speech
from simulations.comparing.tables import Side, course_of, filled
from simulations.comparing.telling import Teller
from simulations.history import History
from simulations.life import Stretch
from simulations.measures.knowledge import Known
from simulations.measures.tables import COLUMNS, ResultsTable
from simulations.measures.traits import fill_from_history
from simulations.report import ComparedWith, ReportInput, Run
from simulations.results import Result
from simulations.running import PolicyChoice, run
from simulations.sources import read_source
from tests.simulations.shop import FIXTURE, ROOT

MARKETPLACE = PolicyChoice(ROOT / "rules" / "marketplace", {})
HURRIED = PolicyChoice(ROOT / "rules" / "marketplace", {"seller_time": "1 hour"})
TIMES = 12
CASES = 5
SELLER = "Toko Bu Sari"
"""Whoever it is, nobody reads it in a report."""


@dataclass(frozen=True)
class Lived:
    """The history under one policy."""

    pack: Pack
    history: History
    stretch: Stretch
    results: tuple[Result, ...]


@cache
def lived(*, hurried: bool = False) -> Lived:
    choice = HURRIED if hurried else MARKETPLACE
    pack = load_pack(choice.folder, choice.settings)
    history = read_source(FIXTURE, pack.table)
    stretch = Stretch(history.last_recorded_at)
    return Lived(pack, history, stretch, tuple(run(history, choice, stretch, 1)))


def many() -> ResultsTable:
    """Return the results, each twelve times over, with rulings, truth and segments beside them."""
    known = lived()
    table = ResultsTable.of(known.results)
    fill_from_history(table, known.history.disputes.values(), known.pack.policy.calendar.zone)
    for name in COLUMNS:
        table.connection.execute(
            f"INSERT INTO {name} SELECT {name}.* REPLACE (dispute_id || '-' || n AS dispute_id) "
            f"FROM {name}, range(1, {TIMES}) turns(n)"
        )
    table.connection.execute(
        "UPDATE segments SET seller = ?, seller_size = CASE WHEN hash(dispute_id) % 7 = 0 "
        "THEN 'large' ELSE 'small' END, region = CASE WHEN hash(dispute_id) % 11 = 0 "
        "THEN 'papua' ELSE 'java' END",
        [SELLER],
    )
    table.fill(
        "recorded",
        """
        SELECT dispute_id, amount, 'human' AS decided_by,
            CASE hash(dispute_id) % 3 WHEN 0 THEN 'deny' WHEN 1 THEN coalesce(decision, 'deny')
                ELSE 'refund_full' END AS ruling,
            CASE WHEN hash(dispute_id) % 2 = 0 THEN 'refund' ELSE 'no_refund' END AS truth
        FROM results WHERE ended <> 'no_claim'
        """,
    )
    return table


def given(language: Language = "en", table: ResultsTable | None = None) -> ReportInput:
    """Return what a report of the history says, in a language."""
    whole = lived()
    return ReportInput(
        table or many(),
        whole.pack.policy,
        Known.of_history(whole.history.disputes.values()),
        Run(
            history=whole.history.name,
            history_hash="0123abcd",
            disputes=len(whole.history.disputes),
            events=whole.history.event_count,
            until=whole.stretch.until,
            from_the_order=False,
            settings={},
            seed=7,
            command="reso replay fixtures/history -p rules/marketplace --report out.html",
            notes=whole.history.notes,
        ),
        language,
    )


def compared(language: Language = "en") -> ReportInput:
    """Return the same, held against a seller who has to answer within the hour."""
    a, b = lived(), lived(hurried=True)
    connection = duckdb.connect()
    sides = []
    for name, one in (("a", a), ("b", b)):
        results, movements = f"results_{name}", f"movements_{name}"
        filled(one.results)(connection, results, movements)
        sides.append(Side(name, results, movements, course_of(one.pack.policy)))
    found = compare(connection, *sides, seed=7)
    parts = parts_changed(MARKETPLACE, HURRIED)
    found = reached(connection, found, parts, Grounds(a.pack.policy), Grounds(b.pack.policy))
    tellers = [Teller(one.pack, one.stretch) for one in (a, b)]
    cases = tuple(
        (case, *(one.told(a.history.disputes[case.dispute_id], language) for one in tellers))
        for case in changed_cases(connection, CASES)
    )
    speech = Speech(language, found, "marketplace", "marketplace in a hurry")
    return replace(given(language), compared=ComparedWith(speech, cases))  # type: ignore[arg-type]
