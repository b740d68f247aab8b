"""A replay from its source to its tables: opened, led, and laid beside what was recorded."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from reso.cases import Pack
from reso.errors import InputError
from simulations.life import Stretch
from simulations.measures.knowledge import Known
from simulations.measures.tables import ResultsTable, SettledTable
from simulations.reading import (
    Outcomes,
    Reject,
    TruthFile,
    lay_over,
    load_mapping,
    read_outcomes,
    refuse_all,
)
from simulations.replaying.analysis import Analysis, analyse
from simulations.replaying.engines import Led, Progress, Wanted, lead
from simulations.replaying.opened import (
    Account,
    Opened,
    Share,
    content_of,
    open_prepared,
    open_read,
)
from simulations.running import PolicyChoice
from simulations.sources import Source, outcomes_of

Shares = Callable[[str], AbstractContextManager[Share]]
"""Shows which share of something is done, under a title."""
OF_SELLERS = ("seller", "seller_size", "region")


@dataclass(frozen=True)
class Replayed:
    """A replay that was run: the history, the policy, and what came of it.

    Attributes:
        table: results and movements; segments, claim ages and recorded outcomes beside them.
        outcomes: how many outcomes are recorded; None: there is no file of them.
        outcomes_from: that file, or where a mapping finds it.
        truth: what a file told of what was really due; None: none was named.
    """

    source: Source
    opened: Opened
    pack: Pack
    choice: PolicyChoice
    wanted: Wanted
    table: ResultsTable
    led: Led
    outcomes: Outcomes | None
    outcomes_from: Source | None
    truth: TruthFile | None = None

    @property
    def account(self) -> Account:
        """What was read."""
        return self.opened.account

    @property
    def stretch(self) -> Stretch:
        """Which part of each life was lived through."""
        return self.wanted.stretch

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """All rows that could not be used, of events and of outcomes."""
        return (*self.account.rejects, *(self.outcomes.rejects if self.outcomes else ()))

    @cached_property
    def history_hash(self) -> str:
        """The SHA-256 of what the history was read from."""
        return content_of(self.source)

    @cached_property
    def known(self) -> Known:
        """In which share of the disputes each fact is known."""
        return self.opened.known(self.table)

    @property
    def analysis(self) -> Analysis:
        """All that is measured of it."""
        return self.measured(lambda steps: None)

    def measured(self, progress: Callable[[int], None]) -> Analysis:
        """Return all that is measured of it; measured once.

        Args:
            progress: called with how many more of `MEASURES` steps are done.
        """
        if not self._measured:
            self._measured.append(analyse(self.table, self.pack, self.known, progress))
        return self._measured[0]

    @cached_property
    def _measured(self) -> list[Analysis]:
        return []


def open_history(
    source: Source, pack: Pack, wanted: Wanted, cache: Path | None, progress: Shares
) -> Opened:
    """Open a history as the engine that is wanted takes it.

    Args:
        cache: the folder of prepared histories; None: that of this user.

    Raises:
        InputError, CaseError: as `simulations.sources.read_source`.
    """
    if wanted.engine == "reference":
        return open_read(source, pack.table)
    with progress("prepare") as bar:
        return open_prepared(source, pack.table, cache=cache, progress=bar)


def refuse_currencies(opened: Opened, packs: Iterable[Pack], until: datetime | None) -> None:
    """Refuse a policy that does not rule in a currency of the history.

    Raises:
        InputError: the message names the pack, the currency, and the first dispute in it.
    """
    found = opened.currencies(until)
    for pack in packs:
        for currency, priced in found.items():
            if currency not in pack.policy.currencies:
                ruled = " or ".join(pack.policy.currencies)
                what = (
                    f"the policy rules in {ruled}; {priced.disputes:,} of the disputes are in "
                    f"{currency}, first `{priced.first}`"
                )
                hint = "Name a policy that rules in that currency, or leave those disputes out."
                raise InputError(str(pack.folder), what, hint)


def replay_history(
    source: Source,
    opened: Opened,
    pack: Pack,
    choice: PolicyChoice,
    wanted: Wanted,
    connection: duckdb.DuckDBPyConnection,
    progress: Progress,
    truth: Path | None = None,
) -> Replayed:
    """Run a policy over an opened history, and fill all tables that measures read.

    Args:
        truth: a file that tells what was really due, whatever the recorded outcomes say.

    Raises:
        InputError: a dispute cannot be lived through; or outcomes or truth cannot be read.
        CaseError: the source is strict, and a recorded outcome cannot be used.
    """
    table, led = lead(opened, pack, choice, wanted, connection, progress)
    opened.fill_traits(table, pack.policy.calendar.zone)
    where = outcomes_of(source, pack.table)
    outcomes = None if where is None else _read_outcomes(where, pack, table)
    told = None if truth is None else _read_truth(truth, table)
    settled = SettledTable.after(table)
    return Replayed(source, opened, pack, choice, wanted, settled, led, outcomes, where, told)


def _read_outcomes(source: Source, pack: Pack, table: ResultsTable) -> Outcomes:
    mapping = None if source.mapping is None else load_mapping(source.mapping, pack.table)
    with TemporaryDirectory(prefix="reso-") as folder:
        place, kept = (source.where, Path(folder)), (pack.table, table.names.results)
        outcomes = read_outcomes(table.connection, *place, *kept, mapping, source.query)
    if source.strict:
        refuse_all(outcomes.rejects, source.rejects)
    told = ", ".join(f"{name} = told.{name}" for name in OF_SELLERS)
    table.connection.execute(
        f"UPDATE {table.names.segments} AS s SET {told} FROM {table.names.recorded} AS told "
        "WHERE s.dispute_id = told.dispute_id"
    )
    return outcomes


def _read_truth(file: Path, table: ResultsTable) -> TruthFile:
    with TemporaryDirectory(prefix="reso-") as folder:
        return lay_over(table.connection, file, Path(folder), table.names.results)
