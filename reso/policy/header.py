"""What the header of a pack says of money and time."""

from typing import Literal
from zoneinfo import ZoneInfo

from reso.errors import InputError
from reso.facts.calendar import Calendar, nearest_country, nearest_zone
from reso.model.money import minor_digits, nearest_currency
from reso.policy.reading import Body
from reso.problems.said import said

ROUNDINGS = ("down", "up", "half_up", "half_even")


def currencies(header: Body) -> tuple[str, ...]:
    """Return the currencies of a pack, the usual one first; what is none is told."""
    found = []
    for text in header.texts("currency"):
        try:
            minor_digits(text.value)
            found.append(text.value)
        except InputError:
            near = nearest_currency(text.value)
            advice = None if near is None else said("did-you-mean", name=near)
            header.entry.problem("unknown-currency", text.mark, currency=text.value, advice=advice)
    if not header.texts("currency"):
        header.entry.problem("header-without-currency")
    return tuple(found)


def calendar(header: Body) -> Calendar:
    """Return the time zone and the holidays of a pack; UTC and none where they are not known."""
    zone, country = header.text("time_zone", "UTC"), header.text("calendar") or None
    if header.tree("time_zone") is None:
        header.entry.problem("header-without-time-zone")
    found = Calendar.of(ZoneInfo("UTC").key, None)
    try:
        found = Calendar.of(zone, None)
        return Calendar.of(zone, country)
    except InputError:
        wrong_zone = found.zone.key != zone
        key, name = ("time_zone", zone) if wrong_zone else ("calendar", country or "")
        near = nearest_zone(name) if wrong_zone else nearest_country(name)
        advice = None if near is None else said("did-you-mean", name=near)
        code = "unknown-time-zone" if wrong_zone else "unknown-calendar"
        header.entry.problem(code, header.value_mark(key), name=name, advice=advice)
        return found


def rounding(header: Body) -> Literal["down", "up", "half_up", "half_even"]:
    """Return how amounts of a pack are rounded; down where it does not say."""
    match header.choice("rounding", ROUNDINGS, "down"):
        case "up":
            return "up"
        case "half_up":
            return "half_up"
        case "half_even":
            return "half_even"
        case _:
            return "down"
