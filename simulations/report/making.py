"""How the report was made, and how to make it again."""

import platform
from collections.abc import Iterator
from importlib.metadata import version

import duckdb

from reso.model.time import format_instant
from simulations.report.given import ReportInput
from simulations.report.parts import Part, Row, Table
from simulations.report.speaking import Voice


def making_part(about: ReportInput, voice: Voice) -> Part:
    """Return the part with hashes, versions, seed and the command."""
    content = [
        Table(
            voice.name("making", "table"),
            voice.words("columns", "what", "value"),
            [Row(pair) for pair in _facts(about, voice)],
        )
    ]
    if about.run.notes:
        rows = [Row((one.what, voice.count_cell(one.count))) for one in about.run.notes]
        columns = voice.words("columns", "found", "count")
        content.append(Table(voice.name("making", "notes"), columns, rows))
    lines = (voice.name("making", "said"),)
    return Part("making", voice.name("parts", "making"), lines, content)


def _facts(about: ReportInput, voice: Voice) -> Iterator[tuple[str, str]]:
    run, policy = about.run, about.policy
    yield voice.name("making", "command"), run.command
    yield voice.name("making", "policy"), f"{policy.name} {policy.version}"
    yield voice.name("making", "policy_hash"), policy.content_hash
    for name, value in run.settings.items():
        yield voice.name("making", "setting"), f"{name} = {value}"
    yield voice.name("making", "history"), run.history
    yield voice.name("making", "history_hash"), run.history_hash
    if run.truth_hash:
        yield voice.name("making", "truth_hash"), run.truth_hash
    if about.supposed is not None and about.supposed.answers is not None:
        choice = about.supposed.choice
        yield voice.name("making", "model"), f"{choice.name} ({', '.join(choice.runs)})"
        yield voice.name("making", "model_hash"), choice.content_hash
    yield (
        voice.name("making", "size"),
        voice.say(
            "making",
            "sizes",
            disputes=voice.count(run.disputes),
            events=voice.count(run.events),
            rejects=voice.count(run.rejects),
        ),
    )
    start = voice.name("making", "from_order" if run.from_the_order else "from_complaint")
    end = (
        voice.name("making", "to_the_end")
        if run.until is None
        else format_instant(run.until, voice.zone, voice.language)
    )
    yield voice.name("making", "stretch"), f"{start} {end}"
    yield voice.name("making", "engines"), _engines(about, voice)
    yield voice.name("making", "seed"), str(run.seed)
    yield voice.name("making", "zone"), voice.zone.key
    yield voice.name("making", "versions"), versions()


def _engines(about: ReportInput, voice: Voice) -> str:
    rows = about.table.rows(
        "SELECT coalesce(engine, ''), count(*) FROM {results} GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    told = [f"{voice.name('engines', name)} {voice.count(count)}" for name, count in rows]
    why = [f"{why} {voice.count(n)}" for why, n in sorted(about.run.by_reference.items())]
    return voice.listed(told) + (f" ({'; '.join(why)})" if why else "")


def versions() -> str:
    """Return the versions of what made a report."""
    return (
        f"Reso-bot {version('reso-bot')}, DuckDB {duckdb.__version__}, "
        f"Altair {version('altair')}, vl-convert {version('vl-convert-python')}, "
        f"Python {platform.python_version()}"
    )
