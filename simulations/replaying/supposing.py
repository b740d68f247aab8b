"""What no record holds, supposed on request: answers, mirrored evidence, a wider window."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reso.cases import Pack
from reso.cli.inputs import read_pack
from reso.errors import InputError
from reso.lifecycle import Life
from reso.model.events import Event
from simulations.acceptance.choosing import Choice
from simulations.acceptance.leading import Replayed as FastReplayed
from simulations.acceptance.leading import answered
from simulations.acceptance.model import RunName
from simulations.life import Parties
from simulations.measures.censoring import Widening, claim_ages, widening, window_days
from simulations.measures.endings import Automatic, Escalation, automatic, escalation
from simulations.measures.mirror import Mirror, drawn, mirror
from simulations.measures.money import Bought, Flow, bought, flows
from simulations.measures.tables import Names, ResultsTable
from simulations.replaying.analysis import SINCE
from simulations.replaying.engines import Progress
from simulations.replaying.replayed import Replayed
from simulations.running import PolicyChoice, run, usable_processors

Bar = Callable[[int], None]

WIDEN = "--widen"
MOST_DAYS = 3_660
READ_AT_ONCE = 200
"""Disputes whose events are held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Wider:
    """A window that is supposed: how many days claims may come, and where that was said.

    Attributes:
        parameter: the policy's parameter that holds it; "": the days were typed.
    """

    parameter: str
    days: int

    @property
    def name(self) -> str:
        """What it is called."""
        told = "1 day" if self.days == 1 else f"{self.days:,} days"
        return f"{self.parameter} = {told}" if self.parameter else told


@dataclass(frozen=True, slots=True)
class Supposing:
    """What is to be supposed, as asked.

    Attributes:
        mirrored: in how many disputes the sides' evidence is swapped.
        wider: windows to be priced.
        is_compared: the tables of each run with answers stay, to be held against another policy.
    """

    choice: Choice
    seed: int
    mirrored: int = 0
    wider: tuple[Wider, ...] = ()
    is_compared: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """How disputes end in one run, and what that comes to in money."""

    automatic: Automatic
    escalation: Escalation
    bought: tuple[Bought, ...]
    flows: tuple[Flow, ...]

    def borne(self, currency: str) -> list[tuple[str, int]]:
        """Return who bears what buyers get in a currency, and how much of it, most first."""
        by_payer = Counter[str]()
        for flow in self.flows:
            if flow.payee == "buyer" and flow.currency == currency:
                by_payer[flow.payer] += flow.amount
        return sorted(by_payer.items(), key=lambda one: (-one[1], one[0]))

    @classmethod
    def read(cls, table: ResultsTable) -> "Figures":
        """Return the figures of a table of results."""
        return cls(automatic(table), escalation(table), bought(table), flows(table))


@dataclass(frozen=True, slots=True)
class Answers:
    """What disputes come to if parties answer as a model says.

    Attributes:
        record: of the record alone. runs: of each run that was asked for, low to high.
        led_again: disputes that each run led anew; nobody was asked in the others.
        tables: what the tables of each run are called, where they stay.
    """

    choice: Choice
    seed: int
    record: Figures
    runs: Mapping[RunName, Figures]
    led_again: int
    tables: Mapping[RunName, Names] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Widened:
    """What a wider window brings, counted from each beginning that claims are known to have.

    Attributes:
        priced: empty where no claim's age is known: then nothing can be said of it at all.
    """

    wider: Wider
    priced: tuple[Widening, ...]


@dataclass(frozen=True, slots=True)
class Supposed:
    """What came of it; None or nothing where it was not asked for."""

    choice: Choice
    answers: Answers | None = None
    mirror: Mirror | None = None
    widened: tuple[Widened, ...] = ()


def suppose(ran: Replayed, asked: Supposing, progress: Progress) -> Supposed:
    """Work out everything that is to be supposed.

    Raises:
        InputError: a dispute cannot be lived through.
    """
    return Supposed(
        asked.choice,
        _answers(ran, asked, progress) if asked.choice.runs else None,
        _mirror(ran, asked, progress) if asked.mirrored else None,
        tuple(_widened(ran.table, wider) for wider in asked.wider),
    )


# -- answers ------------------------------------------------------------------------------------


def _answers(ran: Replayed, asked: Supposing, progress: Progress) -> Answers:
    choice, runs = asked.choice, dict[RunName, Figures]()
    led = led_with_answers(ran, choice, asked.seed, progress)
    for name, table in led.items():
        runs[name] = Figures.read(table)
        if not asked.is_compared:
            for made in (table.names.results, table.names.movements):
                table.connection.execute(f"DROP TABLE {made}")
    tables = {name: table.names for name, table in led.items()} if asked.is_compared else {}
    again = _again(ran, _fast(ran))
    return Answers(choice, asked.seed, Figures.read(ran.table), runs, again, tables)


def led_with_answers(
    ran: Replayed, choice: Choice, seed: int, progress: Progress
) -> dict[RunName, ResultsTable]:
    """Lead a replay once more for each run of a model that is asked for, and return its tables.

    They are made where the connection stands, beside those of the replay.

    Raises:
        InputError: a dispute cannot be lived through.
    """
    fast, found = _fast(ran), dict[RunName, ResultsTable]()
    with progress("answers", _again(ran, fast) * len(choice.runs)) as bar:
        for name in choice.runs:
            parties = choice.model.run(name, seed)
            if fast is None:
                table = _all_again(ran, parties, name, bar)
            else:
                table = answered(fast, parties, name, bar).table
            found[name] = table
    return found


def _again(ran: Replayed, fast: FastReplayed | None) -> int:
    """Return how many disputes a run with answers leads anew."""
    return ran.account.disputes if fast is None else len(fast.asked())


def _fast(ran: Replayed) -> FastReplayed | None:
    """Return the replay as the fast engine led it; None where it did not."""
    prepared = ran.opened.prepared
    if ran.led.engine != "fast" or prepared is None:
        return None
    jobs = ran.wanted.jobs or usable_processors()
    policy, until = ran.pack.policy, ran.stretch.until
    return FastReplayed(prepared, policy, until, ran.table, ran.choice, jobs)


def _all_again(ran: Replayed, parties: Parties, name: RunName, bar: Bar) -> ResultsTable:
    jobs, connection = ran.wanted.jobs or usable_processors(), ran.table.connection
    led = run(ran.opened.history(), ran.choice, ran.stretch, jobs, bar, parties)
    names = Names(f"results_{name}", f"movements_{name}")
    old = ran.table.names
    for made, source in ((names.results, old.results), (names.movements, old.movements)):
        connection.execute(f"CREATE OR REPLACE TABLE {made} AS SELECT * FROM {source} LIMIT 0")
    table = ResultsTable(connection, names)
    table.add_results(led)
    return table


# -- mirrored evidence --------------------------------------------------------------------------


def _mirror(ran: Replayed, asked: Supposing, progress: Progress) -> Mirror:
    ids = drawn(ran.opened.with_evidence(), asked.seed)
    with progress("mirror", asked.mirrored) as bar:
        return mirror(
            Life(ran.pack.engine),
            _histories(ran, ids),
            ran.stretch,
            asked.mirrored,
            asked.seed,
            progress=bar,
            is_drawn=True,
        )


def _histories(ran: Replayed, ids: Sequence[str]) -> Iterator[Sequence[Event]]:
    """Yield the events of disputes in this order; a few of them are in memory at a time."""
    for start in range(0, len(ids), READ_AT_ONCE):
        some = ids[start : start + READ_AT_ONCE]
        found = ran.opened.events(some)
        yield from (found[name] for name in some if name in found)


# -- a wider window -----------------------------------------------------------------------------


def read_wider(given: Sequence[str], choice: PolicyChoice, pack: Pack) -> tuple[Wider, ...]:
    """Return the windows typed after `--widen`: days, a parameter, or `parameter=value`.

    Args:
        choice, pack: the policy that is run; a parameter alone has its value there.

    Raises:
        InputError: what is no window. typer.Exit: a value the policy does not take.
    """
    return tuple(_wider(text.strip(), choice, pack) for text in given)


def _wider(text: str, choice: PolicyChoice, pack: Pack) -> Wider:
    if text.isdecimal():
        if not 0 < int(text) <= MOST_DAYS:
            what = f"`{text}` days are no window"
            raise InputError(WIDEN, what, f"Name 1 to {MOST_DAYS:,} days.")
        return Wider("", int(text))
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or (equals and not value):
        hint = 'Write --widen 14, --widen NAME or --widen NAME="14 calendar days".'
        raise InputError(WIDEN, f"`{text}` is no window", hint)
    if value:
        window_days(pack.policy, name)
        pack = read_pack(choice.folder, {**choice.settings, name: value})
    return Wider(name, window_days(pack.policy, name))


def _widened(table: ResultsTable, wider: Wider) -> Widened:
    priced = (widening(table, since, wider.days) for since in SINCE if _is_known(table, since))
    return Widened(wider, tuple(priced))


def _is_known(table: ResultsTable, since: str) -> bool:
    return bool(claim_ages(table, since).claims)
