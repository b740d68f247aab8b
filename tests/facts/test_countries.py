"""A country's file alone tells the holidays that the library as a whole tells."""

import subprocess
import sys

import pytest
from holidays import country_holidays
from holidays.registry import EntityLoader

from reso.facts import countries
from reso.facts.countries import holidays_of

CODES = tuple(EntityLoader.get_country_codes(include_aliases=False))


@pytest.mark.parametrize("country", CODES)
def test_a_country_alone_has_the_holidays_of_the_library(country: str) -> None:
    known = country_holidays(country, years=2026, categories=("public",))
    assert holidays_of(country, 2026, ("public",)) == frozenset(known)


@pytest.mark.parametrize("year", [2024, 2026, 2027, 2030, 2101])
def test_joint_leave_of_indonesia_is_told(year: int) -> None:
    categories = ("public", "government")
    known = country_holidays("ID", years=year, categories=categories)
    assert holidays_of("ID", year, categories) == frozenset(known)


def test_where_the_library_keeps_its_countries_otherwise_it_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(countries, "_alone", lambda country: None)
    assert holidays_of("SG", 2026, ("public",)) == frozenset(country_holidays("SG", years=2026))


def test_other_countries_are_not_imported() -> None:
    told = (
        "import sys; from reso.facts.countries import holidays_of; "
        "holidays_of('ID', 2026, ('public',)); print('holidays.countries' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
