"""Windows for complaints in a policy, and the claims its rules are about."""

import pytest

from reso.cases import load_pack
from reso.model.time import Duration
from reso.policy.model import Policy
from simulations.measures.windows import (
    About,
    about_types,
    chapters,
    days_of,
    judged_by,
    window_parameters,
)
from tests.simulations.shop import ROOT, shop

GOODS = ("wrong_item", "damaged", "defective")


def policy(name: str) -> Policy:
    return load_pack(ROOT / "rules" / name).policy


MARKETPLACE = policy("marketplace")


def test_a_chapter_holds_the_claims_of_which_nothing_else_is_known() -> None:
    found = {one.name: one.claim_types for one in chapters(MARKETPLACE)}
    assert found["not_received"] == ("not_received",)
    assert found["remorse"] == ("change_of_mind", "no_longer_needed")
    assert set(GOODS) < set(found["goods"])
    assert not found.keys() & {"no_claim", "arrival", "ruled"}
    types = [kind for kinds in found.values() for kind in kinds]
    assert len(types) == len(set(types))


def test_a_policy_with_one_chapter_for_all_claims_parts_none() -> None:
    assert chapters(policy("lost_parcel_only")) == ()


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        pytest.param("remorse_window", "remorse", id="of one chapter"),
        pytest.param("guarantee_length", "goods", id="through what is worked out of it"),
        pytest.param("missing_window", "not_received", id="of one type"),
        pytest.param(
            "compensation_window",
            "courier_loss_compensation, courier_damage_compensation",
            id="of the types its rules name",
        ),
        pytest.param("choice_time", "", id="of none in particular"),
    ],
)
def test_a_parameter_is_about_the_claims_its_rules_are_about(parameter: str, name: str) -> None:
    assert judged_by(MARKETPLACE, parameter).name == name


def test_what_a_question_is_put_for_counts_as_a_condition_of_its_answers() -> None:
    assert judged_by(load_pack(shop()).policy, "wait").claim_types == ("not_received",)


def test_a_window_is_what_the_instant_of_a_complaint_is_held_against() -> None:
    found = window_parameters(MARKETPLACE)
    assert {"remorse_window", "missing_window", "guarantee_length", "least_window"} <= found.keys()
    assert not found.keys() & {"seller_time", "consent_time", "human_time", "most_appeals"}
    assert days_of(found["least_window"]) == 30  # the longest of its cases


@pytest.mark.parametrize(
    ("length", "days"),
    [
        pytest.param(Duration("exact", 36 * 3600), 2, id="hours are rounded up"),
        pytest.param(Duration("business_days", 10), 14, id="weeks of five business days"),
        pytest.param(Duration("months", 2), 60, id="months of thirty"),
        pytest.param(Duration("calendar_days", 7), 7, id="days"),
    ],
)
def test_lengths_of_time_in_days(length: Duration, days: int) -> None:
    assert days_of(length) == days


def test_many_types_are_called_by_the_first_of_them() -> None:
    assert about_types(GOODS[:2]) == About("wrong_item, damaged", GOODS[:2])
    assert about_types(GOODS).name == "wrong_item, damaged, defective"
    assert about_types((*GOODS, "broken")).name == "wrong_item, damaged and 2 other types"
