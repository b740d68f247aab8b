"""The public holidays of a country, as the `holidays` library knows them.

To tell of one country the library imports all 250, which takes fifty milliseconds; here the file
of that country alone is run. Where the library keeps its countries otherwise, it is asked itself.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import cast

import holidays
from holidays.registry import COUNTRIES

Tell = Callable[..., Iterable[date]]
"""Returns the holidays of `years` in some `categories`."""


def holidays_of(country: str, year: int, categories: Sequence[str]) -> frozenset[date]:
    """Return the holidays of a year in a country the library knows, by its ISO 3166 code."""
    tell = _alone(country)
    if tell is None:
        return frozenset(
            holidays.country_holidays(country, years=year, categories=tuple(categories))
        )
    return frozenset(tell(years=year, categories=tuple(categories)))


@cache
def _alone(country: str) -> Tell | None:
    """Return what tells of one country, None where its file is not found."""
    name = next((name for name, words in COUNTRIES.items() if country in words[1:]), None)
    file = Path(holidays.__file__).with_name("countries") / f"{name}.py"
    spec = spec_from_file_location(f"holidays.countries.{name}", file)
    if not file.is_file() or spec is None or spec.loader is None:
        return None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(Tell | None, getattr(module, country, None))
