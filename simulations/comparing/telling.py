"""How a few disputes end, in words: they are really lived through once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reso.cases import Pack
from reso.engine.words import word
from reso.facts.wordbook import WordBook
from reso.lifecycle import Life, state_of
from reso.lifecycle.acts import records_of
from reso.model.events import Event, fold
from reso.model.money import Language, format_money
from simulations.comparing.tables import Connection
from simulations.life import Lived, Stretch, live
from simulations.results import HANDED_OVER

WORDS = WordBook(Path(__file__).with_name("words.yaml"))
TURNED = ("refused", "requested")
"""Hand-overs that a party brought about, so that the ruling before does not say why."""

LANGUAGES: tuple[Language, ...] = ("id", "en")


@dataclass(frozen=True, slots=True)
class Told:
    """How a dispute ends, and why: whole sentences, `why` without the names of rules."""

    headline: str
    why: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.headline, *self.why))


@dataclass(frozen=True)
class Teller:
    """Tells how disputes end under one policy."""

    pack: Pack
    stretch: Stretch

    def told(self, events: Sequence[Event], language: Language) -> Told:
        """Live through a dispute and return how it ends.

        Raises:
            InputError: it cannot be lived through.
        """
        life = Life(self.pack.engine)
        lived = live(life, events, self.stretch)
        place = _end(lived)
        if place is None:
            return self._open(life, lived, language)
        end = lived.history[place]
        reason = next((record.get("reason") for record in records_of(end)), None)
        if end.kind == "escalated" and reason in TURNED:
            return Told(WORDS.say("ends", str(reason), language))
        proposal = life.proposal(lived.history[:place], end.recorded_at)
        told = self.pack.explainer.explain(proposal.ruling, language)
        return Told(told.headline, tuple(reason.text for reason in told.reasons))

    def _open(self, life: Life, lived: Lived, language: Language) -> Told:
        if not lived.moments:
            return Told(WORDS.say("ends", "no_claim", language))
        proposal = life.proposal(lived.history, lived.moments[-1].at)
        told = self.pack.explainer.explain(proposal.ruling, language)
        return Told(told.headline, tuple(reason.text for reason in told.reasons))


def _end(lived: Lived) -> int | None:
    """Return where in a history the event stands that ended it, None while it is open."""
    kind = "escalated" if state_of(lived.history).name in HANDED_OVER else "settled"
    places = [n for n, event in enumerate(lived.history) if event.kind == kind]
    return places[-1] if places else None


@dataclass(frozen=True, slots=True)
class RecordedTeller:
    """Tells what is recorded of disputes; `table` holds recorded outcomes."""

    connection: Connection
    table: str

    def told(self, events: Sequence[Event], language: Language) -> Told:
        """Return what is recorded: the ruling, the amount, who decided and who said yes."""
        row = self.connection.execute(
            f"SELECT ruling, amount, coalesce(decided_by, ''), coalesce(accepted_by, '') "
            f"FROM {self.table} WHERE dispute_id = ?",
            [events[0].dispute_id],
        ).fetchone()
        if row is None:
            return Told(WORDS.say("ends", "not_recorded", language))
        ruling, amount, decided_by, accepted_by = row
        currency = str(fold(events, events[-1].recorded_at).fields.get("order.currency") or "")
        paid = "" if amount is None or not currency else format_money(amount, currency, language)
        headline = WORDS.say(
            "ends", "recorded_amount" if paid else "recorded", language,
            ruling=word("decisions", ruling, language), amount=paid,
        )  # fmt: skip
        why = [
            WORDS.say("ends", f"{what}_{who}", language)
            for what, who in (("decided_by", decided_by), ("accepted_by", accepted_by))
            if WORDS.knows("ends", f"{what}_{who}")
        ]
        return Told(headline, tuple(why))
