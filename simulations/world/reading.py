"""Reads the file of a world, and says what is wrong in it."""

from collections.abc import Iterator, Mapping, Set
from pathlib import Path

from pydantic import ValidationError

from reso.errors import InputError
from reso.facts.table import load_core
from reso.facts.text import Document, read_text, read_yaml
from reso.model.money import minor_digits
from simulations.world.model import World

DEFAULT = Path(__file__).with_name("world.yaml")

_BAD_GOODS = (
    "damaged",
    "wrong_item",
    "incomplete",
    "not_as_described",
    "defective",
    "counterfeit",
)


def load_world(file: Path = DEFAULT) -> World:
    """Return the world a YAML file states.

    Raises:
        InputError: it cannot be read, or something in it is wrong: the first thing, with its line.
    """
    document = read_yaml(read_text(file), str(file))
    if not isinstance(document.data, dict):
        raise InputError(str(file), "is no world", f"Start from {DEFAULT.name}.")
    try:
        world = World.model_validate(document.data)
    except ValidationError as error:
        worst = min(error.errors(), key=lambda one: one["type"] == "missing")
        path = [str(step) for step in worst["loc"]]
        raise _problem(file, document, path, _said(worst)) from error
    for path, what in _flaws(world):
        raise _problem(file, document, path, what)
    return world


def _said(error: Mapping[str, object]) -> str:
    """Return what a check of pydantic's says, in our words where it has its own."""
    match error["type"]:
        case "extra_forbidden":
            return "a world knows no such word"
        case "missing":
            return "is missing"
        case _:
            text = str(error["msg"]).removeprefix("Value error, ")
            return text.replace("Input should", "should")


def _problem(file: Path, document: Document, path: list[str], what: str) -> InputError:
    """Return an error with the line of what is wrong; of an item, that of its list."""
    known = [n for n in range(len(path), 0, -1) if tuple(path[:n]) in document.lines]
    place = f"{file}:{document.lines[tuple(path[: known[0]])]}" if known else str(file)
    steps = "".join(f"[{int(step) + 1}]" if step.isdigit() else f".{step}" for step in path)
    return InputError(f"{place}: {steps.removeprefix('.')}", what)


def _flaws(world: World) -> Iterator[tuple[list[str], str]]:
    """Yield what no part of the world can see by itself: where it stands, and what is wrong."""
    try:
        minor_digits(world.currency)
    except InputError as error:
        yield ["currency"], error.what
    if world.hours[0] >= world.hours[1]:
        yield ["hours"], "the first hour must come before the last"
    if len(world.offsets()) > 1:
        yield ["zone"], "its clocks change; choose a zone with one offset, like Asia/Jakarta"
    yield from _unknown_words(world)
    yield from _missing_entries(world)
    for number, incident in enumerate(world.incidents):
        if incident.starts >= incident.ends:
            yield ["incidents", str(number)], "it must end after it starts"
        if incident.region not in {region.name for region in world.regions}:
            yield ["incidents", str(number), "region"], f"there is no region `{incident.region}`"


def _unknown_words(world: World) -> Iterator[tuple[list[str], str]]:
    """Yield words that stand in facts of a closed kind and are none of its values."""
    stated = (
        ("categories", "name", "order.category", [one.name for one in world.categories]),
        ("sellers", "tier", "order.seller_tier", [one.tier for one in world.sellers]),
        ("services", "name", "shipping.service", [one.name for one in world.services]),
    )
    facts = load_core()
    for part, field, fact, words in stated:
        known = facts.fields[fact].values
        for number, word in enumerate(words):
            if word not in known:
                listed = ", ".join(known)
                yield [part, str(number), field], f"`{word}` is none of {listed} ({fact})"
    known = facts.lists["evidence"]["type"].values
    for complaint, habit in world.complaints.items():
        for side, shown in (("shown", habit.shown), ("answered", habit.answered)):
            for word in shown:
                if word not in known:
                    yield ["complaints", complaint, side, word], f"is none of {', '.join(known)}"


def _missing_entries(world: World) -> Iterator[tuple[list[str], str]]:
    """Yield tables that leave out a kind which the world has."""
    kinds = {kind.kind for kind in world.buyers.kinds}
    tables: tuple[tuple[list[str], Set[str], Set[str]], ...] = (
        (["complaints"], set(world.complaints), {"not_received", "change_of_mind", *_BAD_GOODS}),
        (["buyers", "young_account"], set(world.buyers.young_account), kinds),
    )
    for path, given, needed in tables:
        if missing := sorted(needed - given):
            yield path, f"says nothing of {', '.join(missing)}"
