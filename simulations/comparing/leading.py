"""Leads the other side of a comparison, and compares: also where parties answer as a model says."""

from collections.abc import Mapping
from dataclasses import replace

from reso.engine.words import short_hash
from reso.errors import InputError
from reso.model.money import Language
from simulations.acceptance.model import RunName
from simulations.comparing.command import RECORDED, Against, Compared, Rival, Telling
from simulations.comparing.comparison import Answered, Comparison, WithAnswers
from simulations.comparing.figures import STEPS, changed_cases, compare, reached
from simulations.comparing.naming import hash_of, names_of, plain_name_of
from simulations.comparing.regions import Grounds, parts_changed
from simulations.comparing.tables import Side, course_of, of_recorded
from simulations.comparing.telling import LANGUAGES, WORDS, RecordedTeller, Teller
from simulations.measures.tables import ResultsTable
from simulations.measures.validity import left_out_of
from simulations.replaying.engines import Progress, lead, other_tables
from simulations.replaying.opened import content_of
from simulations.replaying.replayed import Replayed
from simulations.replaying.supposing import Answers, led_with_answers

OTHER = "other_run"
"""Where the tables of the other side stand."""
ARRIVALS = "arrivals"
"""Where it stands when parcels reached buyers."""


def compare_with(
    replayed: Replayed,
    against: Against,
    rival: Rival | None,
    answers: Answers | None,
    progress: Progress,
) -> Compared:
    """Run what a replay is to be held against, and compare.

    Args:
        rival: the other policy; None: what is recorded.
        answers: the runs of the replay in which parties answered as a model says, their tables
            kept. The other policy is led with the same answers.

    Raises:
        InputError: nothing is recorded, or the two do not hold the same disputes.
    """
    if rival is None:
        return _with_recorded(replayed, against, answers, progress)
    return _with_policy(replayed, against, rival, answers, progress)


def _with_policy(
    replayed: Replayed,
    against: Against,
    rival: Rival,
    answers: Answers | None,
    progress: Progress,
) -> Compared:
    choice, pack = rival.choice, rival.pack
    connection = replayed.table.connection
    runs_b: Mapping[RunName, ResultsTable] = {}
    with other_tables(connection, OTHER):
        table, led = lead(replayed.opened, pack, choice, replayed.wanted, connection, progress)
        if answers is not None:
            other = replace(replayed, pack=pack, choice=choice, table=table, led=led)
            runs_b = led_with_answers(other, answers.choice, answers.seed, progress)
    names = names_of((replayed.pack, replayed.choice), (pack, choice))
    ours = replayed.table.names
    first, second = names["en"]
    a = Side(first, ours.results, ours.movements, course_of(replayed.pack.policy))
    b = Side(second, f"{OTHER}.results", f"{OTHER}.movements", course_of(pack.policy))
    b_of = {name: (f"{OTHER}.{t.names.results}", f"{OTHER}.{t.names.movements}")
            for name, t in runs_b.items()}  # fmt: skip
    found = _compare(replayed, against, (a, b), answers, b_of, progress)
    parts = parts_changed(replayed.choice, choice)
    grounds = (Grounds(one.policy) for one in (replayed.pack, pack))
    found = reached(connection, found, parts, *grounds)
    hashes = (hash_of("hash_a", replayed.pack), hash_of("hash_b", pack))
    tellers = (Teller(replayed.pack, replayed.stretch), Teller(pack, replayed.stretch))
    return _compared(replayed, against, found, tellers, names, hashes)


def _with_recorded(
    replayed: Replayed, against: Against, answers: Answers | None, progress: Progress
) -> Compared:
    if replayed.outcomes_from is None:
        what = "no outcomes are recorded beside it"
        todo = "Put outcomes.parquet, .csv or .jsonl there: docs/comparing.md names its columns."
        raise InputError(replayed.account.name, what, todo)
    connection, ours = replayed.table.connection, replayed.table.names
    replayed.opened.fill_arrivals(replayed.table, ARRIVALS)
    fill = of_recorded(connection, ours.recorded, ours.results, ARRIVALS)
    fill(connection, "results_b", "movements_b")
    names: dict[Language, tuple[str, str]] = {
        one: (
            plain_name_of(replayed.pack, replayed.choice, one),
            WORDS.say("sides", "recorded", one),
        )
        for one in LANGUAGES
    }
    first, second = names["en"]
    a = Side(first, ours.results, ours.movements, course_of(replayed.pack.policy))
    b = Side(second, "results_b", "movements_b", is_recorded=True)
    found = _compare(replayed, against, (a, b), answers, {}, progress)
    recorded = {"hash": short_hash(content_of(replayed.outcomes_from))}
    hashes = (hash_of("hash_a", replayed.pack), ("hash_recorded", recorded))
    teller = Teller(replayed.pack, replayed.stretch)
    tellers = (teller, RecordedTeller(connection, ours.recorded))
    return _compared(replayed, against, found, tellers, names, hashes)


def _compare(
    replayed: Replayed,
    against: Against,
    sides: tuple[Side, Side],
    answers: Answers | None,
    b_of: Mapping[RunName, tuple[str, str]],
    progress: Progress,
) -> Comparison:
    """Compare both sides: in each run with answers, then by the record alone, whose pairs stay.

    Args:
        b_of: the tables of B in each run; none: B has no runs, it stays as it is.
    """
    connection, ours = replayed.table.connection, replayed.table.names
    recorded = ours.recorded if replayed.table.holds("recorded") else None
    a, b = sides
    runs: list[WithAnswers] = []
    names = {} if answers is None else answers.tables
    with progress("compare", STEPS * (1 + len(names))) as bar:
        for name, of_a in names.items():
            results_b, movements_b = b_of.get(name, (b.results, b.movements))
            one = compare(
                connection,
                replace(a, results=of_a.results, movements=of_a.movements),
                replace(b, results=results_b, movements=movements_b),
                recorded=recorded,
                seed=against.seed,
                progress=bar,
            )
            alone = one.test("alone")
            assert alone is not None
            runs.append(WithAnswers(name, one.changed, alone, one.party("buyer")))
        found = compare(connection, a, b, recorded=recorded, seed=against.seed, progress=bar)
    if answers is None:
        return found
    return replace(found, answers=Answered(answers.choice.name, tuple(runs)))


def _compared(
    replayed: Replayed,
    against: Against,
    found: Comparison,
    tellers: tuple[Telling, Telling],
    names: Mapping[Language, tuple[str, str]],
    hashes: tuple[tuple[str, Mapping[str, str]], ...],
) -> Compared:
    history = ("hash_history", {"hash": short_hash(replayed.history_hash)})
    connection, tables = replayed.table.connection, [replayed.table.names.results]
    if against.what != RECORDED:
        tables.append(f"{OTHER}.results")
    found = replace(found, left_out=tuple(left_out_of(connection, one) for one in tables))
    cases = changed_cases(connection)
    return Compared(replayed, against, found, cases, tellers, names, (*hashes, history))
