"""Pauses that begin at one instant stand still in the order in which they are declared.

Each life is led beside a twin whose pauses begin at two instants: of each kind one dispute is led
by the engine itself, and would be right in any case.
"""

from itertools import permutations
from pathlib import Path

import pytest

from reso.model.events import Event
from tests.simulations.changed_shop import replayed
from tests.simulations.shop import at, claim, event

LASTING = "{from: order.payment_verified_at, until: order.paid_at}"
OVER = "{from: order.placed_at, until: shipping.shipped_at}"
SHORT = "{from: order.placed_at, until: shipping.estimated_arrival}"
RULE = "  late: {for: request, when: COMPARED, conclude: release_to_seller}\n"
CONDITION = "arrival.deadline after order.completed_at"


def life(verified: float) -> tuple[Event, ...]:
    """Return a parcel that is shipped late, of an order whose payment was verified then."""
    paid = {"total_paid": 100_000, "items_subtotal": 90_000, "shipping_paid_by_buyer": 10_000}
    instants = {"placed_at": at(0), "payment_verified_at": at(verified)}
    return (
        event("order", 0, currency="IDR", **instants, **paid),
        claim("not_received"),
        event("shipping", 30, shipped_at=at(30), estimated_arrival=at(27)),
        event("order", 31, currency="IDR", completed_at=at(99)),
    )


@pytest.mark.parametrize(
    "pauses",
    list(permutations((LASTING, OVER, SHORT))),
    ids=["-".join(names) for names in permutations(("lasting", "over", "short"))],
)
def test_a_deadline_is_the_same_whichever_replay_runs_the_clock(
    tmp_path: Path, pauses: tuple[str, ...]
) -> None:
    silence = "    silence_means: lost\n"
    paused = silence, f"{silence}    paused_by: [{', '.join(pauses)}]\n"
    rule = "\nrules:\n", f"{RULE.replace('COMPARED', CONDITION)}\nrules:\n"
    found = replayed(tmp_path, {"0": life(26), "a": life(0)}, paused, rule)
    assert (found.told(), found.by_reference) == ("", {})
