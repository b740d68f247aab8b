"""What no record holds, supposed on request: answers, mirrored evidence, a wider window."""

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reso.cases import Pack
from reso.cli.inputs import read_pack
from reso.errors import InputError
from reso.facts.problems import did_you_mean
from reso.lifecycle import Life
from reso.model.events import Event
from reso.policy.model import Policy
from simulations.acceptance.choosing import Choice
from simulations.acceptance.leading import Replayed as FastReplayed
from simulations.acceptance.leading import answered
from simulations.acceptance.model import RunName
from simulations.life import Parties
from simulations.measures.ages import SINCE, claim_ages
from simulations.measures.censoring import Widening, widening, window_days
from simulations.measures.endings import Automatic, Escalation, automatic, escalation
from simulations.measures.mirror import Mirror, drawn, mirror
from simulations.measures.money import Bought, Flow, bought, flows
from simulations.measures.tables import Names, ResultsTable
from simulations.measures.windows import (
    ALL,
    About,
    about_types,
    chapters,
    claim_types,
    days_of,
    judged_by,
    window_parameters,
)
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
        about: the claims it is for: those typed, else those the parameter's rules are about.
    """

    parameter: str
    days: int
    about: About = ALL

    @property
    def name(self) -> str:
        """What it is called."""
        told = in_days(self.days)
        window = f"{self.parameter} = {told}" if self.parameter else told
        return f"{window} for {self.about.name}" if self.about.name else window


@dataclass(frozen=True, slots=True)
class Raised:
    """A window that was set longer than the pack's own: what it lets in is not in the history.

    Attributes:
        side: which policy of a comparison has it, "A" or "B"; "": there is one alone.
        value: as it was set. days, before: in calendar days, and the pack's own.
    """

    side: str
    parameter: str
    value: str
    days: int
    before: int

    @property
    def hint(self) -> str:
        """How to have it priced."""
        return f"{WIDEN} {shlex.quote(f'{self.parameter}={self.value}')}"


@dataclass(frozen=True, slots=True)
class Supposing:
    """What is to be supposed, as asked.

    Attributes:
        mirrored: in how many disputes the sides' evidence is swapped.
        wider: windows to be priced. raised: windows set longer, that nobody asked to be priced.
        is_compared: the tables of each run with answers stay, to be held against another policy.
    """

    choice: Choice
    seed: int
    mirrored: int = 0
    wider: tuple[Wider, ...] = ()
    raised: tuple[Raised, ...] = ()
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
    raised: tuple[Raised, ...] = ()


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
        asked.raised,
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

    Before it may stand for which claims, as in `damaged:14`: types or chapters of the policy.

    Args:
        choice, pack: the policy that is run; a parameter alone has its value there.

    Raises:
        InputError: what is no window. typer.Exit: a value the policy does not take.
    """
    return tuple(_wider(text.strip(), choice, pack) for text in given)


def _wider(text: str, choice: PolicyChoice, pack: Pack) -> Wider:
    about, text = _about(text, pack.policy)
    if text.isdecimal():
        if not 0 < int(text) <= MOST_DAYS:
            what = f"`{text}` days are no window"
            raise InputError(WIDEN, what, f"Name 1 to {MOST_DAYS:,} days.")
        return Wider("", int(text), about or ALL)
    name, equals, value = (part.strip() for part in text.partition("="))
    if not name or (equals and not value):
        hint = 'Write --widen 14, --widen damaged:14, --widen NAME or NAME="14 calendar days".'
        raise InputError(WIDEN, f"`{text}` is no window", hint)
    if value:
        window_days(pack.policy, name)
        pack = read_pack(choice.folder, {**choice.settings, name: value})
    days = window_days(pack.policy, name)
    return Wider(name, days, about or judged_by(pack.policy, name))


def _about(text: str, policy: Policy) -> tuple[About | None, str]:
    """Return for which claims a window is, None where that is not said, and the rest of it.

    Raises:
        InputError: there is no such claim type or chapter.
    """
    named, colon, rest = text.partition(":")
    if not colon or "=" in named:
        return None, text
    types = {name: About(name, (name,)) for name in claim_types(policy)}
    known = {one.name: one for one in chapters(policy)} | types
    found = []
    for name in (part.strip() for part in named.split(",")):
        if name not in known:
            hint = did_you_mean(name, known) or f"There are {', '.join(types)}."
            raise InputError(WIDEN, f"there is no claim type or chapter `{name}`", hint)
        found.append(known[name])
    if len(found) == 1:
        return found[0], rest.strip()
    kinds = dict.fromkeys(kind for one in found for kind in one.claim_types)
    return about_types(tuple(kinds)), rest.strip()


def raised_windows(
    sides: Mapping[str, PolicyChoice], wider: Sequence[Wider] = ()
) -> tuple[Raised, ...]:
    """Return the windows that settings make longer than the pack has them.

    Args:
        sides: the policies that are run, by what they are called.
        wider: windows that are to be priced: of those nothing more needs saying.

    Raises:
        typer.Exit: a pack cannot be loaded; the reason has been printed.
    """
    priced = {(one.parameter, one.days) for one in wider}
    found = (_raised(side, choice) for side, choice in sides.items() if choice.settings)
    return tuple(
        one for raised in found for one in raised if (one.parameter, one.days) not in priced
    )


def _raised(side: str, choice: PolicyChoice) -> Iterator[Raised]:
    own = window_parameters(read_pack(choice.folder, {}).policy)
    if not own.keys() & choice.settings.keys():
        return
    now = window_parameters(read_pack(choice.folder, choice.settings).policy)
    for name, value in choice.settings.items():
        if name in own and name in now and days_of(now[name]) > days_of(own[name]):
            yield Raised(side, name, value, days_of(now[name]), days_of(own[name]))


def in_days(days: int) -> str:
    """Return a number of days in words."""
    return "1 day" if days == 1 else f"{days:,} days"


def _widened(table: ResultsTable, wider: Wider) -> Widened:
    about = wider.about
    priced = (
        widening(table, since, wider.days, about)
        for since in SINCE
        if claim_ages(table, since, about).claims
    )
    return Widened(wider, tuple(priced))
