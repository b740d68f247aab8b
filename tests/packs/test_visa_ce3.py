"""The pack of Compelling Evidence 3.0: its README has a place for each published fact."""

import pytest

from tests.packs.fact_lists import (
    PUBLISHED_FACTS,
    Place,
    names_of,
    places,
    published_facts,
    sources_of,
)

PACK = "visa_ce3"
FACTS = [*(f"VIS-{number}" for number in range(1, 7)), "MCD-1", "MCD-2"]


def test_the_readme_has_a_place_for_each_published_fact_once_and_in_order() -> None:
    assert [place.fact for place in places(PACK)] == FACTS


@pytest.mark.skipif(not PUBLISHED_FACTS.is_file(), reason="no published facts beside the clone")
def test_the_facts_are_those_that_were_published() -> None:
    assert published_facts(11) == FACTS


@pytest.mark.parametrize("place", places(PACK), ids=lambda place: place.fact)
def test_a_fact_stands_where_the_readme_says_or_its_omission_has_a_reason(place: Place) -> None:
    assert set(place.names) <= names_of(PACK)
    assert bool(place.names) != bool(place.omitted_because)
    assert (place.fact in sources_of(PACK)) == bool(place.names)
