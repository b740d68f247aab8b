"""How a few disputes end, in words: they are really lived through once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from reso.cases import Pack
from reso.engine.explain import Explainer
from reso.engine.words import Voice, word
from reso.facts.wordbook import WordBook
from reso.lifecycle import Life, state_of
from reso.lifecycle.acts import records_of
from reso.model.events import Event, fold
from reso.model.money import Language, format_money
from reso.model.proposal import Proposal
from reso.model.ruling import Ruling
from reso.model.time import format_instant
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


@dataclass(frozen=True, slots=True)
class PastVoice(Voice):
    """A voice that tells of what is over: instants without how far off they were."""

    def instant(self, instant: datetime) -> str:
        """Return an instant: "4 Feb 2026 10:00 WIB"."""
        return format_instant(instant, self.zone, self.language)


class PastExplainer(Explainer):
    """Explains rulings that were made long ago."""

    def voice(self, ruling: Ruling, language: Language) -> Voice:
        """Return what writes this ruling's values."""
        now = super().voice(ruling, language)
        return PastVoice(now.language, now.zone, now.currency, now.at)


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
        ends = _ends(lived)
        if not lived.moments:
            return Told(WORDS.say("ends", "no_claim", language))
        if not ends:
            proposal = life.proposal(lived.history, lived.moments[-1].at)
            return self._told(proposal, language)
        told = [self._end(life, lived, place, language) for place in ends]
        first = [
            WORDS.say(
                "ends", "first", language, told=f"{one.headline[:1].lower()}{one.headline[1:]}"
            )
            for one in told[:-1]
        ]
        return Told(" ".join((*first, told[-1].headline)), told[-1].why)

    @cached_property
    def _explainer(self) -> Explainer:
        return PastExplainer(self.pack.policy)

    def _end(self, life: Life, lived: Lived, place: int, language: Language) -> Told:
        end = lived.history[place]
        reason = next((record.get("reason") for record in records_of(end)), None)
        if end.kind == "escalated" and reason in TURNED:
            return Told(WORDS.say("ends", str(reason), language))
        return self._told(life.proposal(lived.history[:place], end.recorded_at), language)

    def _told(self, proposal: Proposal, language: Language) -> Told:
        told = self._explainer.explain(proposal.ruling, language)
        return Told(told.headline, tuple(reason.text for reason in told.reasons))


def _ends(lived: Lived) -> list[int]:
    """Return where a history holds its settlements, and the hand-over if a human has it now."""
    settled = [n for n, event in enumerate(lived.history) if event.kind == "settled"]
    if state_of(lived.history).name not in HANDED_OVER:
        return settled
    human = [n for n, event in enumerate(lived.history) if event.kind == "escalated"]
    return sorted((*settled, human[-1]))


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
        paid = "" if not amount or not currency else format_money(amount, currency, language)
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
