"""What tells one kind of dispute from another, before anything is asked of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reso.lifecycle.acts import APPEALS
from reso.lifecycle.life import CALLS
from reso.lifecycle.state import YES
from simulations.fast.facts import AT, AsOf, own
from simulations.life import LEDGER
from simulations.literals import text_of

ALWAYS_TOLD = ("cancel_complaint", *CALLS)
"""Answers that change where a dispute stands at any time, or call a human."""

KEPT = "promise_not_kept"
"""The reason for which a withdrawal is taken back."""

NOTHING = "''"
SEPARATED = " || ':' || "


@dataclass(frozen=True, slots=True)
class Key:
    """Writes the columns two disputes of a kind share, and two hashes of them: `k1` and `k2`."""

    facts: AsOf

    def write(self, rests_on: Sequence[str]) -> None:
        """Write them; a ruling depends on the columns of `rests_on`."""
        write = self.facts.sheet.write
        write("due", f'coalesce({AT} >= "until", FALSE)')
        write("told", self._told())
        write("appeal", self._appeal())
        write("put", self._put())
        nulls = [f'"{name}" IS NULL' for path in LEDGER if (name := self.facts.field(path))]
        write("unstated", " + ".join(f"({sql})::INTEGER * {1 << n}" for n, sql in enumerate(nulls)))
        read = [self.facts.field(path) for path in ("claim.party", "standing_decision")]
        key = [
            "kind", "pending", "before", "due", "told", "appeal", "put", "unstated", *rests_on,
            *(name for name in read if name is not None),
        ]  # fmt: skip
        listed = [f'"{name}"' for name in key]
        write("k1", f"hash({', '.join(listed)})")
        write("k2", f"hash('other', {', '.join(reversed(listed))})")

    def _told(self) -> str:
        """Return what became known now that changes where a dispute stands, as a text."""
        filed, party = (self.facts.changed(path) for path in ("claim.filed_at", "claim.party"))
        parts = [f"({filed})::VARCHAR", f"({party})::VARCHAR"]
        if "responses" in self.facts.prepared.lists:
            parts.append(self._answers())
        joined = " || '|' || ".join(parts)
        return f"CASE WHEN \"arrived\" THEN {joined} ELSE '' END"

    def _answers(self) -> str:
        """Return the answers that change where a dispute stands, of those that came now."""
        items = self.facts.items("responses")
        fields = self.facts.item_fields("responses")

        def said(name: str) -> str:
            return f"coalesce(y.{name}, '')" if name in fields else NOTHING

        telling = " OR ".join(
            (
                f"{said('action')} IN ({_listed(ALWAYS_TOLD)})",
                f"{said('reason')} = '{KEPT}'",
                f'("until" IS NOT NULL AND {said("action")} IN ({_listed((*YES, "reject"))}))',
                f"(len(\"{own('settled')}\") > 0 AND {said('action')} = 'appeal')",
            )
        )
        parts = said("party"), said("action"), f"({said('reason')} = '{KEPT}')::VARCHAR"
        words = _listed((*ALWAYS_TOLD, *YES, "reject", "appeal"))
        ever = f"({said('action')} IN ({words}) OR {said('reason')} = '{KEPT}')"
        now = f'list_filter("{items}", lambda y: {ever} AND y.n = "n" AND ({telling}))'
        told = f"list_transform({now}, lambda y: {SEPARATED.join(parts)})"
        return f"coalesce(list_aggregate({told}, 'string_agg', ','), '')"

    def _put(self) -> str:
        """Return the questions we have put since the claim was filed, as a text."""
        asked, filed = f'"{own("asked")}"', self.facts.field("claim.filed_at")
        if filed is not None:
            since = f'"{filed}"'
            asked = f'list_filter({asked}, lambda y: {since} IS NULL OR y."at" >= {since})'
        names = f"list_sort(list_distinct(list_transform({asked}, lambda y: y.question)))"
        return f"array_to_string({names}, ',')"

    def _appeal(self) -> str:
        name = self.facts.field("claim.type")
        listed = ", ".join(map(text_of, APPEALS))
        return "FALSE" if name is None else f'coalesce("{name}" IN ({listed}), FALSE)'


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(text_of, words))
