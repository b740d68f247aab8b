"""The policy's own movements of money (`legs`), beside the refund and the release."""

from collections.abc import Iterator

from reso.engine.judgement import Values
from reso.expressions.tree import Node
from reso.model.proposal import Leg
from reso.model.ruling import Ruling
from reso.policy.model import PARTIES, ConsentRule, Movement, Policy


def beside(policy: Policy, ruling: Ruling, values: Values) -> Iterator[Leg]:
    """Yield the movements that go with a ruling and have not been made.

    One that is due `after` a step is announced with its remedy, and made once the step is taken.
    """
    made = {
        name
        for record in values.case.lists.get("settled", ())
        for name in _names(record.get("legs"))
    }
    taken = {reason.name for reason in ruling.reasons if reason.kind == "step"}
    for movement in policy.movements:
        if movement.name in made or not _goes_with(movement, ruling, taken, values):
            continue
        payer, payee = (_who(name, ruling) for name in (movement.payer, movement.payee))
        amount = values.of(movement.amount)
        if payer and payee and payer != payee and isinstance(amount, int) and amount > 0:
            yield Leg(
                payer,
                payee,
                amount,
                movement.component,
                from_escrow=False,
                fault=_who(movement.fault, ruling),
                after="" if movement.after in taken else movement.after,
                name=movement.name,
            )


def applies(entry: Movement | ConsentRule, ruling: Ruling) -> bool:
    """Whether an entry is for a ruling's chapter and remedy."""
    in_chapter = entry.chapter in ("", ruling.chapter)
    return in_chapter and (not entry.applies_to or ruling.decision in entry.applies_to)


def holds(when: Node | None, values: Values) -> bool:
    """Whether a condition is met; none at all always is."""
    return when is None or values.holds(when) is True


def _goes_with(movement: Movement, ruling: Ruling, taken: set[str], values: Values) -> bool:
    in_chapter = movement.chapter in ("", ruling.chapter)
    came_through = movement.after in taken and bool(
        set(movement.applies_to).intersection(ruling.possible)
    )
    return (
        in_chapter and (applies(movement, ruling) or came_through) and holds(movement.when, values)
    )


def _names(legs: object) -> tuple[object, ...]:
    return legs if isinstance(legs, tuple) else ()


def _who(name: str, ruling: Ruling) -> str:
    """Return a party, or the one a matter's conclusion names."""
    if not name or name in PARTIES:
        return name
    named = ruling.matter(name)
    return named if named in PARTIES else ""
