"""A sweep as a page of its own that opens with no network: drawing, table, how it was made."""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib.metadata import version
from importlib.resources import files
from string import Template

import duckdb

from reso.model.time import format_instant
from reso.policy.model import Policy
from simulations.prepared.manifest import Manifest
from simulations.sweeping.drawing import svg
from simulations.sweeping.figures import TradeOff
from simulations.sweeping.running import Sweep
from simulations.sweeping.speaking import DAGGER, MARK, Voice, columns


@dataclass(frozen=True, slots=True)
class Made:
    """What was swept, and how to do it again.

    Attributes:
        command: as typed.
        where, history_hash: what the history is called, and the hash of what it was read from.
        policy: without the values that are tried.
        until: the last instant; None: until nothing was left to happen.
    """

    command: str
    where: str
    history_hash: str
    manifest: Manifest
    policy: Policy
    settings: Mapping[str, str]
    until: datetime | None


def page_of(swept: Sweep, trade_off: TradeOff, made: Made, voice: Voice) -> str:
    """Return the page."""
    shown = columns(swept)
    heads = [axis.title for axis in swept.axes]
    heads += [f"{voice.header(one)}{f' {DAGGER}' if one.is_hindsight else ''}" for one in shown]
    best = trade_off.frontier(swept.steps)
    rows = [
        [
            *(value.shown for value in step.point.values),
            *(voice.cell(one, step) for one in shown),
            MARK if step.point in best else "",
        ]
        for step in swept.steps
    ]
    drawing = svg(swept.steps, trade_off, voice)
    policy = f"{made.policy.name} {made.policy.version}"
    said = {
        "language": voice.language,
        "title": voice.say(
            "page", "title", parameters=", ".join(axis.parameter for axis in swept.axes)
        ),
        "subtitle": voice.say("page", "subtitle", history=made.where, policy=policy),
        "frontier": (voice.frontier(swept, trade_off) if drawing else voice.say("page", "nothing")),
        "table": voice.say("page", "table"),
        "hindsight": voice.say("hindsight", "marked", mark=DAGGER),
        "making": voice.say("page", "making"),
        "again": voice.say("page", "again"),
    }
    facts = "\n".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in _facts(swept, made, voice)
    )
    return Template(
        files("simulations.sweeping").joinpath("page.html").read_text(encoding="utf-8")
    ).substitute(
        {name: escape(text) for name, text in said.items()},
        drawing=drawing,
        head="".join(f"<th scope='col'>{escape(one)}</th>" for one in (*heads, "")),
        body="\n".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
        ),
        made=facts,
    )


def _facts(swept: Sweep, made: Made, voice: Voice) -> Iterator[tuple[str, str]]:
    """Yield what it was made of, a name and a value each."""
    policy, manifest = made.policy, made.manifest

    def name(key: str) -> str:
        return voice.say("making", key)

    yield name("command"), made.command
    yield name("policy"), f"{policy.name} {policy.version}"
    yield name("policy_hash"), policy.content_hash
    yield from ((name("setting"), f"{key} = {value}") for key, value in made.settings.items())
    for axis in swept.axes:
        yield name("tried"), f"{axis.title}: {', '.join(one.shown for one in axis.values)}"
    yield name("history"), made.where
    yield name("history_hash"), made.history_hash
    sizes = {key: getattr(manifest, key) for key in ("disputes", "events", "rejects")}
    yield (
        name("size"),
        voice.say("making", "sizes", **{key: voice.count(n) for key, n in sizes.items()}),
    )
    yield name("stretch"), _stretch(made, voice)
    slow = max(step.by_reference for step in swept.steps)
    if slow:
        yield name("slow"), voice.say("making", "slow_n", n=voice.count(slow))
    yield name("seed"), name("no_seed")
    yield name("zone"), policy.calendar.zone.key
    yield (
        name("versions"),
        f"Reso-bot {version('reso-bot')}, DuckDB {duckdb.__version__}, "
        f"Python {platform.python_version()}",
    )


def _stretch(made: Made, voice: Voice) -> str:
    if made.until is None:
        return voice.say("making", "to_the_end")
    until = format_instant(made.until, made.policy.calendar.zone, voice.language)
    return voice.say("making", "until", until=until)
