"""From a proposal to a message: what one party is told, sentence by sentence."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from reso.cases import Pack
from reso.engine.valuation import Valuation
from reso.engine.words import Voice, plain_name, sentence
from reso.engine.words import say as engine_say
from reso.messages.words import say
from reso.model.case import Case
from reso.model.money import Language
from reso.model.proposal import Leg, Proposal
from reso.model.ruling import Ruling
from reso.model.time import format_instant
from reso.policy.messages import SENTENCE, SLOT, TOLD_AS
from reso.policy.model import MessageTemplate
from reso.study.readers import PartyTelling, party_telling
from reso.study.telling import Reader, Teller

REFUNDS = ("refund_full", "refund_partial")
ALL_FOR = {"refund_full": "buyer", "release_to_seller": "seller"}
UNTOLD = ("appeal_available", "buyer_evidence_required_no", "can_reopen_no", "no_second_payment")
"""Effects that say nothing a reader does not know or need, or that stand elsewhere."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one party is told of a proposal, in one language; every item is a whole sentence.

    `why` are (sentence, the published texts it rests on).
    """

    reader: Reader
    language: Language
    subject: str
    says: tuple[str, ...]
    why: tuple[tuple[str, tuple[str, ...]], ...]
    money: tuple[str, ...]
    evidence: tuple[str, ...]
    effects: tuple[str, ...]
    next: tuple[str, ...]
    may: tuple[str, ...]

    def sentences(self) -> Iterator[str]:
        """Yield everything the party reads but the sources."""
        yield self.subject
        yield from (*self.says, *(said for said, _ in self.why), *self.money, *self.evidence)
        yield from (*self.effects, *self.next, *self.may)


@dataclass(slots=True)
class Messenger:
    """Writes the messages of one pack."""

    pack: Pack
    _templates: dict[tuple[str, str], MessageTemplate] = field(init=False)

    def __post_init__(self) -> None:
        templates = self.pack.policy.messages
        self._templates = {(template.reader, template.kind): template for template in templates}

    def message(
        self,
        case: Case,
        proposal: Proposal,
        reader: Reader,
        language: Language,
        zone: ZoneInfo | None = None,
        then: Ruling | None = None,
    ) -> Message:
        """Return what the buyer or the seller is told.

        Args:
            zone: the reader's time zone; default: the policy's.
            then: the ruling at the deadline if nothing new is recorded, where one runs.
        """
        ruling = proposal.ruling
        voice = self.pack.explainer.voice(ruling, language)
        voice = replace(voice, zone=zone) if zone is not None else voice
        told = party_telling(self.pack, case, ruling, reader, voice)
        later = ""
        if then and (then.decision, then.amount) != (ruling.decision, ruling.amount):
            later = party_telling(self.pack, case, then, reader, voice).headline
        values = Valuation(self.pack.policy, case, ruling.known_at)
        teller = Teller(self.pack.policy, values, voice, reader)
        return _Writing(self, proposal, reader, voice, told, teller, later).message()

    def template(self, reader: str, kind: str) -> MessageTemplate | None:
        """Return the pack's template for a reader and an outcome, if it has one."""
        return self._templates.get((reader, kind))


@dataclass(frozen=True, slots=True)
class _Writing:
    """One message being written."""

    messenger: Messenger
    proposal: Proposal
    reader: Reader
    voice: Voice
    told: PartyTelling
    teller: Teller
    then: str

    @property
    def language(self) -> Language:
        return self.voice.language

    @property
    def ruling(self) -> Ruling:
        return self.proposal.ruling

    def message(self) -> Message:
        kind, situation = self._kind(), (self.ruling.effects or {}).get(TOLD_AS)
        own = self.messenger.template(self.reader, f"{kind}_{situation}")
        template = own or self.messenger.template(self.reader, kind)
        then = () if own else self._then()
        subject = self._filled(template.subject) if template else ()
        says = self._filled(template.says) if template else (self.told.headline,)
        follows = self._filled(template.next) if template else ()
        return Message(
            reader=self.reader,
            language=self.language,
            subject=" ".join(subject) or self.told.headline,
            says=says,
            why=self.told.reasons,
            money=tuple(self._money()),
            evidence=self.told.evidence,
            effects=tuple(self._effects()),
            next=(*self._questions(), *follows, *self._consent(), *then),
            may=tuple(self._may()),
        )

    def _kind(self) -> str:
        """Return which template tells this outcome to this reader."""
        ruling = self.ruling
        awaited = [q.to for q in ruling.questions if q.needed]
        match ruling.decision:
            case "refund_full" | "refund_partial" if ruling.payee not in ("", "buyer"):
                return "compensation"
            case "wait" if self.reader in awaited:
                return "wait_you"
            case "request_evidence" if ruling.of != self.reader:
                return "wait_you" if self.reader in awaited else "request_evidence_other"
            case decision:
                return decision

    # -- templates --------------------------------------------------------------------------

    def _filled(self, texts: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
        """Return the sentences of a text; one that shows a value the case lacks is left out."""
        values = self._values()
        sentences = SENTENCE.findall(dict(texts).get(self.language, ""))
        told = (part.strip() for part in sentences if all(map(values.get, SLOT.findall(part))))
        return tuple(part.format_map(values) for part in told if part)

    def _values(self) -> dict[str, str]:
        ruling = self.ruling
        gets = self.proposal.paid_to(self.reader)
        return {
            "amount": "" if ruling.amount is None else self.voice.money(ruling.amount),
            "until": self._instant(self._own_deadline() or ruling.deadline),
            "you_get": self.voice.money(gets) if gets else "",
        }

    def _own_deadline(self) -> datetime | None:
        """Return until when the reader himself can answer, while somebody else is asked, too."""
        if self.ruling.decision != "request_evidence" or self.ruling.of == self.reader:
            return None
        own = (q.deadline for q in self.ruling.questions if q.needed and q.to == self.reader)
        return min((at for at in own if at is not None), default=None)

    def _instant(self, at: datetime | None) -> str:
        return "" if at is None else format_instant(at, self.voice.zone, self.language)

    def _effects(self) -> Iterator[str]:
        """Yield what the ruling carries along, where that says something to its reader.

        No money is said to be held that has been paid. Whether one may appeal is said among what
        he may do.
        """
        left_out = {self.voice.word("effects", name) for name in UNTOLD}
        if not self.proposal.how:
            left_out.add(self.voice.word("effects", "appeal_available_no"))
        elif not self.proposal.held:
            left_out.add(self.voice.word("effects", "funds_held"))
        yield from (line for line in self.told.effects if line not in left_out)

    # -- money ------------------------------------------------------------------------------

    def _money(self) -> Iterator[str]:
        given = {leg.component for leg in self.proposal.legs if self._is_given(leg)}
        for leg in self.proposal.legs:
            passed_on = leg.payer == self.reader and leg.from_escrow and leg.component in given
            if self.reader in (leg.payer, leg.payee) and not passed_on:
                line = self._moved(leg)
                yield say("money", "later", self.language, line=line) if leg.after else line

    def _is_given(self, leg: Leg) -> bool:
        """Whether somebody pays the reader out of his own pocket; what he paid then goes on."""
        return leg.payee == self.reader and not leg.from_escrow

    def _moved(self, leg: Leg) -> str:
        if leg.payee == self.reader:
            key = "get_escrow" if leg.from_escrow else "get"
        elif not leg.from_escrow:
            key = "pay"
        else:
            key = "released" if self.reader == "buyer" else "give_up"
        other = leg.payer if leg.payee == self.reader else leg.payee
        return say(
            "money",
            key,
            self.language,
            amount=self.voice.money(leg.amount),
            component=say("components", leg.component, self.language),
            party=self.voice.party(other),
        )

    # -- what comes next, what the reader may do --------------------------------------------

    def _consent(self) -> Iterator[str]:
        consent = self.proposal.consent
        if consent is None:
            return
        until = self._instant(consent.until)
        if self.reader in consent.parties:
            key = "consent_accepts" if consent.silence_accepts else "consent_refuses"
            yield say("next", key, self.language, until=until)
        for party in consent.parties:
            if party != self.reader:
                named = self.voice.party(party)
                yield say("next", "consent_other", self.language, party=named, until=until)

    def _then(self) -> Iterator[str]:
        """Yield what comes if nothing new happens, where that differs."""
        if not self.then or self.ruling.deadline is None:
            return
        until = self._instant(self.ruling.deadline)
        headline = f"{self.then[:1].lower()}{self.then[1:]}"
        yield say("next", "then", self.language, until=until, headline=headline)

    def _questions(self) -> Iterator[str]:
        """Yield the open questions, while an answer to them can still change something."""
        if not self.proposal.how or self.proposal.consent is not None or self.proposal.duties:
            yield from self.told.questions

    def _may_appeal(self) -> bool:
        """Whether to speak of an appeal: not of what was agreed, nor to who got it all."""
        available = (self.ruling.effects or {}).get("appeal_available") is True
        got_it_all = ALL_FOR.get(self.ruling.decision) == self.reader
        return available and self.proposal.how in ("imposed", "lapsed") and not got_it_all

    def _may(self) -> Iterator[str]:
        consent = self.proposal.consent
        if consent is not None and self.reader in consent.parties:
            for key in ("accept", "refuse", "offer"):
                yield say("may", key, self.language)
        told = set(self.told.questions)
        for right in self.proposal.rights:
            asks = self._asks(right.question)
            if right.party != self.reader or not asks or any(asks in said for said in told):
                continue
            until = self._instant(right.until)
            key = "right" if until else "right_open"
            yield say("may", key, self.language, question=sentence(asks), until=until)
        if self._may_appeal():
            yield say("may", "appeal", self.language)
        yield say("may", "ask", self.language)

    def _asks(self, name: str) -> str:
        """Return a question's sentence; its name where it shows what is not for the reader."""
        says = self.messenger.pack.explainer.tracer.questions[name].says
        if says is None:
            return ""
        if not any(self.teller.hides(part.node) for part in says.placeholders()):
            return self.teller.phrase(says)
        return engine_say("questions", "unnamed", self.language, name=plain_name(name))


def both_messages(pack: Pack, case: Case, proposal: Proposal) -> str:
    """Return everything both parties read of a proposal, in both languages."""
    messenger = Messenger(pack)
    readers: tuple[Reader, ...] = ("buyer", "seller")
    languages: tuple[Language, ...] = ("id", "en")
    told = (
        sentence
        for reader in readers
        for language in languages
        for sentence in messenger.message(case, proposal, reader, language).sentences()
    )
    return "\n".join(told)
