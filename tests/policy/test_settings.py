"""Other values for parameters, for one load of a pack."""

from pathlib import Path

import pytest

from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.errors import InputError
from reso.facts.reader import load_case_text, read_case_file
from reso.policy.loader import load_policy
from reso.policy.problems import PolicyError
from tests.strategies.small_packs import write_pack

PACK = """\
policy: small
currency: SGD
time_zone: Asia/Singapore
dated_by: order.placed_at
parameters:
  window:
    "2025-01-01": 7 calendar days
    "2026-01-01": 14 calendar days
  limit: {value: {by: order.seller_tier, mall: 100 SGD, otherwise: 50 SGD}}
chapters:
  request: {when: claim is known, opens_at: claim.filed_at}
rules:
  late: {for: request, when: claim.filed_at after order.placed_at + window, conclude: deny}
  small:
    for: request
    when: [claim.filed_at at or before order.placed_at + window, order.total_paid <= limit]
    conclude: refund_full
settlements: {whole: order.total_paid}
otherwise: escalate
"""
OVERLAY = """\
overlays:
  - {parameter: limit, from: 2026-02-01, until: 2026-03-01, value: 500 SGD, reach: claims filed}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_pack(tmp_path, [("policy.yaml", PACK)])


def decided(folder: Path, settings: dict[str, str], days: int = 10, paid: int = 80) -> str:
    text = (
        f'order: {{currency: SGD, total_paid: {paid}, placed_at: "2026-02-01T10:00+08:00"}}\n'
        f'claim: {{type: damaged, filed_at: "2026-02-{1 + days:02}T09:00+08:00"}}\n'
        'now: "2026-02-28T10:00+08:00"\n'
    )
    policy = load_policy(folder, settings)
    case = read_case_file(load_case_text(text, "case"), policy.table).case_at()
    return Engine.of(Compiled(policy)).decide(case).decision


@pytest.mark.parametrize(
    ("settings", "decision"),
    [
        pytest.param({}, "escalate", id="as written: in time, not small"),
        pytest.param({"window": "9 calendar days"}, "release_to_seller", id="periods give way"),
        pytest.param({"limit": "80 SGD"}, "refund_full", id="a table gives way"),
        pytest.param(
            {"window": "9 calendar days", "limit": "80 SGD"}, "release_to_seller", id="both"
        ),
    ],
)
def test_a_setting_takes_the_place_of_the_whole_parameter(
    settings: dict[str, str], decision: str, folder: Path
) -> None:
    assert decided(folder, settings) == decision


def test_an_overlay_is_laid_over_a_setting(tmp_path: Path) -> None:
    folder = write_pack(tmp_path, [("policy.yaml", PACK), ("february.yaml", OVERLAY)])
    assert decided(folder, {"limit": "1 SGD"}, paid=400) == "refund_full"


def test_a_policy_with_a_setting_is_another_version_of_it(folder: Path) -> None:
    hashes = {
        load_policy(folder, settings).content_hash
        for settings in ({}, {"limit": "80 SGD"}, {"limit": "81 SGD"}, {"window": "1 week"})
    }
    assert len(hashes) == 4
    assert load_policy(folder, {"limit": "80 SGD"}).content_hash in hashes


def test_a_setting_of_the_wrong_kind_is_a_problem_where_it_is_used(folder: Path) -> None:
    with pytest.raises(PolicyError) as raised:
        load_policy(folder, {"limit": "3 calendar days"})
    assert len(raised.value.problems) == 1
    assert "order.total_paid" in raised.value.problems[0].with_excerpt()


def test_a_setting_nobody_can_read_is_shown_as_it_was_typed(folder: Path) -> None:
    with pytest.raises(PolicyError) as raised:
        load_policy(folder, {"limit": "3 quids"})
    (problem,) = raised.value.problems
    assert problem.with_excerpt().splitlines()[1] == "    limit=3 quids"


def test_a_setting_of_no_parameter_names_the_nearest(folder: Path) -> None:
    with pytest.raises(InputError, match=r"there is no parameter `limits`\. Did you mean `limit`"):
        load_policy(folder, {"limits": "3 SGD"})
