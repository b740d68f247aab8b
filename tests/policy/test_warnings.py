"""Warnings: none is raised falsely, and waivers answer what they name and nothing else."""

from pathlib import Path

import pytest

from reso.problems.catalogue import kinds, waivable
from reso.study.checking import checked
from tests.strategies.small_packs import HEADER, OTHERWISE, said_of, write_pack

SOUND = HEADER + OTHERWISE


def codes_of(text: str) -> list[str]:
    """Return the codes of all that `reso check` says of a pack with this file."""
    return [problem.code for problem in said_of(("policy.yaml", SOUND), ("rules.yaml", text))]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "rules: {r: {when: claim.type is damaged, from: 2026-03-01, until: 2026-03-02,"
            " conclude: refund}}",
            id="in force on one day",
        ),
        pytest.param(
            "rules: {r: {when: [order.total_paid > 5 IDR, order.total_paid < 7 IDR],"
            " conclude: refund}}",
            id="one amount between two",
        ),
        pytest.param(
            "rules: {r: {when: [claim.type is none, claim.refund_mode is ordinary],"
            " conclude: refund}}",
            id="none, and what its absence means",
        ),
        pytest.param(
            "rules: {r: {when: [claim is none, claim.refund_mode is ordinary], conclude: refund}}",
            id="a section that is none, and what the absence of its field means",
        ),
        pytest.param(
            "rules: {r: {when: [time_of(order.placed_at) < 12:00,"
            " time_of(order.placed_at) > 08:00], conclude: refund}}",
            id="between two times of day",
        ),
        pytest.param(
            "rules:\n"
            "  one: {when: [claim.type is damaged, order.total_paid < 5 IDR], conclude: refund}\n"
            "  two: {when: [claim.type is damaged, order.total_paid < 4 IDR], conclude: deny,"
            " exception_to: one}\n",
            id="an exception a little narrower",
        ),
        pytest.param(
            "bars: {b: {when: order.total_paid < 5 IDR, conclude: deny}}\n"
            "rules: {r: {when: order.total_paid <= 5 IDR, conclude: refund}}",
            id="a bar a little narrower",
        ),
        pytest.param(
            "bars: {b: {when: [claim.type is damaged, exists evidence], conclude: deny}}\n"
            "rules: {r: {when: claim.type is damaged, conclude: refund}}",
            id="a bar that asks for more",
        ),
        pytest.param(
            "bars:\n"
            "  b: {when: exists evidence, conclude: deny}\n"
            "  c: {when: claim.type is damaged, conclude: escalate, exception_to: b}\n"
            "rules: {r: {when: claim.type is damaged, conclude: refund}}",
            id="a bar that holds only where another one does",
        ),
        pytest.param(
            "questions:\n"
            "  team: {to: human, lasts: 24 hours, answers: {ruled: propose_solution},"
            " silence_means: late}\n"
            "rules: {r: {when: claim.type is damaged, conclude: escalate to team}}",
            id="a question a person is sent to",
        ),
        pytest.param(
            "questions:\n"
            "  one: {to: seller, lasts: 24 hours, answers: {yes_: approve, no_: reject},"
            " silence_means: no_, paused_by: two}\n"
            "  two: {to: buyer, lasts: 24 hours, answers: {yes_: approve, no_: reject},"
            " silence_means: no_}\n"
            "rules: {r: {when: one is yes_, conclude: refund}}",
            id="a question that only pauses another",
        ),
        pytest.param(
            "questions:\n"
            "  photo: {to: seller, lasts: 24 hours, silence_means: none_given,"
            " answers: {given: evidence where party is seller and type is photo}}\n"
            "rules: {r: {when: exists evidence where party is seller, conclude: deny}}",
            id="a question whose answer would be found in a list",
        ),
        pytest.param(
            "stages:\n"
            "  replace_or_resend_missing:\n"
            "    sent: {to: seller, opens_at: claim.filed_at, lasts: 2 business days,"
            " answers: {sent: message}, silence_means: missed,"
            " leads_to: {sent: release_to_seller, missed: escalate}}\n"
            "rules: {r: {when: claim.type is damaged, conclude: replace_or_resend_missing}}",
            id="a step of a remedy",
        ),
        pytest.param(
            "parameters: {window: 7 calendar days}\n"
            "overlays:\n"
            "  - {parameter: window, from: 2026-03-01, until: 2026-03-02, value: 14 calendar days,"
            " reach: claims filed}\n"
            "rules: {r: {when: claim.filed_at after order.placed_at + window, conclude: deny}}",
            id="an overlay that lengthens",
        ),
        pytest.param(
            "parameters: {window: 7 calendar days}\n"
            "overlays:\n"
            "  - {parameter: window, from: 2026-03-01, until: 2026-03-02, value: 5 business days,"
            " reach: claims filed}\n"
            "rules: {r: {when: claim.filed_at after order.placed_at + window, conclude: deny}}",
            id="an overlay of days that cannot be compared",
        ),
    ],
)
def test_nothing_is_said_of(text: str) -> None:
    assert codes_of(text) == []


def test_a_warning_leaves_the_policy_usable_and_an_error_does_not(tmp_path: Path) -> None:
    idle = ("policy.yaml", f"{SOUND}findings: {{cheap: order.total_paid < 5 IDR}}\n")
    found = checked(write_pack(tmp_path / "warned", [idle]))
    assert found.policy is not None
    assert [one.code for one in found.warnings] == ["never-used"]
    assert found.errors == ()
    wrong = ("rules.yaml", "rules: {r: {when: nothing, conclude: deny}}\n")
    found = checked(write_pack(tmp_path / "wrong", [idle, wrong]))
    assert found.policy is None
    assert [one.code for one in found.errors] == ["unknown-name"]
    assert found.warnings == ()


def test_a_waiver_answers_what_it_names_and_nothing_else() -> None:
    named = "findings: {cheap: order.total_paid < 5 IDR, dear: order.total_paid > 5 IDR}\n"
    assert codes_of(named) == ["never-used", "never-used"]
    assert codes_of(named + 'waivers: {cheap: {never-used: "kept"}}') == ["never-used"]
    both = 'waivers: {cheap: {never-used: "kept"}, dear: {never-used: "kept"}}'
    assert codes_of(named + both) == []


def test_an_idle_waiver_cannot_be_waived() -> None:
    assert "waiver-idle" in kinds()
    assert "waiver-idle" not in waivable()


def test_without_its_cases_a_pack_is_not_asked_for_them(tmp_path: Path) -> None:
    rules = ("rules.yaml", "rules: {r: {when: claim.type is damaged, conclude: deny}}\n")
    case = (
        "cases/none.yaml",
        "cases:\n  - id: ONE\n    given: {claim: {type: broken}, order: {currency: IDR},"
        ' now: "2026-05-12T20:00:00+07:00"}\n    expect: {decision: escalate}\n',
    )
    folder = write_pack(tmp_path, [("policy.yaml", SOUND), rules, case])
    assert [one.code for one in checked(folder).warnings] == ["rule-without-case"]
    assert checked(folder, cases=False).problems == ()
