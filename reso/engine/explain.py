"""Says a ruling in words, in Indonesian or English: what, why, what is open, what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass

from reso.engine.explanation import (
    EvidenceText,
    Explanation,
    QuestionText,
    ReasonText,
    SourceText,
    render_text,
)
from reso.engine.reasons import Tracer
from reso.engine.words import Voice, knows, plain_name, sentence, short_hash
from reso.expressions.tree import Clock, Kind
from reso.model.money import Language
from reso.model.ruling import QuestionTrace, Reason, Ruling
from reso.policy.model import Phrase, Policy

__all__ = ["Explainer", "Explanation", "explain", "render_text"]

NO_ANSWER = ("silent", "overdue", "lapsed", "none", "no_answer", "expired", "unanswered")
"""Answers that only say that there was none; there is nothing to add to a deadline."""

BROKEN_PROMISE = "a promise of the policy"
"""The detail of a reason that is a broken promise."""

CLOCKS = {"wait": "until", "request_evidence": "by", "escalate": "by"}
"""Decisions whose headline names the ruling's clock, and how."""


def explain(
    ruling: Ruling, policy: Policy, language: Language, then: Ruling | None = None
) -> Explanation:
    """Return a ruling in words.

    Args:
        ruling: made by this very version of `policy`.
        language: "id" or "en".
        then: the ruling at `ruling.deadline` if nothing new is recorded, where it is known.

    Raises:
        ValueError: the ruling was made by another policy or version.
    """
    return Explainer(policy).explain(ruling, language, then)


class Explainer:
    """Explains rulings of one policy; make it once where many are explained."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.tracer = Tracer(policy)
        self.sources = {source.id: source for source in policy.sources}
        own = [effect for rule in policy.rules for effect in rule.effects]
        self._effect_kinds = {e.name: e.node.type.kind for e in (*own, *policy.effects)}

    def explain(
        self, ruling: Ruling, language: Language, then: Ruling | None = None
    ) -> Explanation:
        """Return a ruling in words; see `explain`."""
        self.refuse_other(ruling)
        return _Telling(self, ruling, self.voice(ruling, language)).explanation(then)

    def refuse_other(self, ruling: Ruling) -> None:
        """Refuse a ruling of another policy, whose names would mean something else here."""
        if ruling.content_hash != self.policy.content_hash:
            raise ValueError(
                f"the ruling is by {ruling.policy} {ruling.version}, not by this version of "
                f"{self.policy.name}. Explain it with the policy that made it"
            )

    def voice(self, ruling: Ruling, language: Language) -> Voice:
        """Return what writes this ruling's values."""
        currency = ruling.currency or self.policy.currencies[0]
        return Voice(language, self.policy.calendar.zone, currency, ruling.known_at)

    def phrases(self, reason: Reason) -> tuple[Phrase, ...]:
        """Return the policy's phrases that explain a reason; none where it has none."""
        if reason.name in self.tracer.rules and reason.kind in ("rule", "bar"):
            return self.tracer.phrases(reason)
        question = self.tracer.questions.get(reason.name)
        if reason.kind in ("question", "step") and question is not None:
            return () if question.says is None else (question.says,)
        return ()

    def kinds(self, reason: Reason) -> dict[str, Kind]:
        """Return the kind of each of a reason's values, by its expression."""
        phrases = self.phrases(reason)
        return {p.text: p.node.type.kind for phrase in phrases for p in phrase.placeholders()}

    def effect_kind(self, name: str) -> Kind:
        """Return the kind of an effect."""
        return self._effect_kinds.get(name, "text")

    def said(self, phrase: Phrase | None, ruling: Ruling, voice: Voice) -> str:
        """Return a phrase in words, or "" when a value in it is not in the ruling."""
        if phrase is None:
            return ""
        known = {text: value for reason in ruling.reasons for text, value in reason.values}
        for question in ruling.questions:
            known |= dict(question.values)
        for part in phrase.placeholders():
            if isinstance(part.node, Clock):
                known.setdefault(part.text, _clock(part.node, ruling))
            if part.text not in known:
                return ""
        return voice.phrase(phrase, known)

    def asks(self, name: str, ruling: Ruling, voice: Voice) -> str:
        """Return a question's own sentence, or "" when it has none or a value is missing."""
        question = self.tracer.questions.get(name)
        return self.said(None if question is None else question.says, ruling, voice)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One ruling, told in one voice."""

    explainer: Explainer
    ruling: Ruling
    voice: Voice

    def explanation(self, then: Ruling | None) -> Explanation:
        ruling = self.ruling
        open_now = [q for q in ruling.questions if self._is_open(q)]
        asked = [q for q in open_now if q.needed or q.name == ruling.deadline_of]
        clocks = [q for q in open_now if q not in asked and q.deadline is not None]
        return Explanation(
            language=self.voice.language,
            headline=self.headline(),
            reasons=tuple(self._reason(reason) for reason in ruling.reasons),
            questions=tuple(self._question(question) for question in asked),
            evidence=tuple(self._evidence()),
            effects=tuple(self._effects()),
            clocks=tuple(self._question(question) for question in clocks),
            next_steps=tuple(self._next(then)),
            origin=self._origin(),
        )

    # -- the headline -----------------------------------------------------------------------

    def headline(self) -> str:
        ruling, voice = self.ruling, self.voice
        key: str = ruling.decision
        whom = self._awaited()
        if ruling.payee not in ("", "buyer") and key in ("refund_full", "refund_partial"):
            key = "paid_out"
        if key == "wait" and whom:
            key = "wait_for"
        base = voice.say(
            "headlines",
            key,
            payee=voice.party(ruling.payee),
            party=voice.party(ruling.party),
            of=voice.party(ruling.of),
            whom=whom,
        )
        return sentence(base + "".join(self._clauses()))

    def _awaited(self) -> str:
        parties = [q.to for q in self.ruling.questions if q.needed and q.to != "clock"]
        joint = self.voice.word("reasons", "joint").lstrip(",")
        return joint.join(self.voice.party(party) for party in dict.fromkeys(parties))

    def _clauses(self) -> Iterator[str]:
        ruling, say = self.ruling, self.voice.say
        if ruling.amount is not None:
            yield say("clauses", "amount", amount=self.voice.money(ruling.amount))
        if ruling.quantity:
            key = "one_piece" if ruling.quantity == 1 else "quantity"
            yield say("clauses", key, quantity=str(ruling.quantity))
        if ruling.payer:
            yield say("clauses", "payer", payer=self.voice.party(ruling.payer))
        if ruling.percent:
            yield say("clauses", "percent", percent=self.voice.percent(ruling.percent))
        if ruling.deadline is not None and ruling.decision in CLOCKS:
            key = CLOCKS[ruling.decision]
            yield say("clauses", key, deadline=self.voice.instant(ruling.deadline))

    # -- reasons ----------------------------------------------------------------------------

    def _reason(self, reason: Reason) -> ReasonText:
        return ReasonText(
            reason.kind,
            reason.name,
            sentence(self._because(reason)),
            tuple(self._source(id_) for id_ in reason.sources),
        )

    def _because(self, reason: Reason) -> str:
        say, voice = self.voice.say, self.voice
        match reason.kind:
            case "rule" | "bar" if reason.name in self._undecided():
                return say("reasons", "undecided", name=plain_name(reason.name))
            case "rule" | "bar":
                return self._said(reason) or say("reasons", "unsaid", name=plain_name(reason.name))
            case "step":
                return self._step(reason)
            case "otherwise":
                concluded = voice.word("decisions", reason.concluded)
                return say("reasons", "otherwise", concluded=concluded)
            case "question":
                return self._unknown(reason)
            case "conflict":
                return say("reasons", "conflict", names=plain_name(reason.detail))
            case "flaw" if reason.detail == BROKEN_PROMISE:
                return say("reasons", "promise", name=plain_name(reason.name))
            case "flaw":
                return say("reasons", "flaw", detail=voice.flaw(reason.detail))

    def _undecided(self) -> set[str]:
        """Return the rules that may or may not hold: what they say is not established."""
        return {rule.name for rule in self.ruling.rules if rule.status == "undecided"}

    def _said(self, reason: Reason) -> str:
        values = dict(reason.values)
        said = [self.voice.phrase(phrase, values) for phrase in self.explainer.phrases(reason)]
        return self.voice.word("reasons", "joint").join(dict.fromkeys(said))

    def _step(self, reason: Reason) -> str:
        trace = next((q for q in self.ruling.questions if q.name == reason.name), None)
        answer = self.voice.answer(reason.detail)
        question = self._asks(reason.name)
        if trace is not None and trace.state == "lapsed" and trace.deadline is not None:
            deadline = self.voice.instant(trace.deadline)
            return self.voice.say(
                "reasons", "step_lapsed", question=question, deadline=deadline, answer=answer
            )
        return self.voice.say("reasons", "step_answered", question=question, answer=answer)

    def _unknown(self, reason: Reason) -> str:
        if reason.name.startswith("source:"):
            name = plain_name(reason.name.removeprefix("source:"))
            return self.voice.say("questions", "source", name=name)
        trace = next((q for q in self.ruling.questions if q.name == reason.name), None)
        question = self._asks(reason.name) if trace is None else self._question(trace).text
        return self.voice.say("reasons", "question", question=question)

    def _source(self, id_: str) -> SourceText:
        source = self.explainer.sources[id_]
        says = self.explainer.said(source.says, self.ruling, self.voice)
        return SourceText(id_, source.address, says)

    # -- questions --------------------------------------------------------------------------

    def _is_open(self, question: QuestionTrace) -> bool:
        return question.state == "open" or (question.needed and question.to_be_asked)

    def _asks(self, name: str) -> str:
        own = self.explainer.asks(name, self.ruling, self.voice)
        return own or sentence(self.voice.say("questions", "unnamed", name=plain_name(name)))

    def _question(self, question: QuestionTrace) -> QuestionText:
        until = question.deadline
        if until is None and question.name == self.ruling.deadline_of:
            until = self.ruling.deadline
        shown = "" if until is None else self.voice.instant(until)
        key = "by" if question.to in ("human", "platform") else "until"
        clause = self.voice.say("questions", key, deadline=shown) if shown else ""
        asks = self._asks(question.name)
        text = self.voice.say("questions", question.to, question=asks, until=clause)
        silence = self._silence(question) if shown else ""
        return QuestionText(question.name, question.to, until, f"{text} {silence}".rstrip())

    def _silence(self, question: QuestionTrace) -> str:
        declared = self.explainer.tracer.questions.get(question.name)
        if declared is None or declared.silence_means in ("", *NO_ANSWER):
            return ""
        key = "nothing" if question.to == "clock" else "silence"
        answer = self.voice.answer(declared.silence_means)
        return self.voice.say("questions", key, answer=answer)

    # -- evidence, effects, what comes next -------------------------------------------------

    def _evidence(self) -> Iterator[EvidenceText]:
        weighed = self.ruling.settled and self.ruling.decision != "escalate"
        for piece in self.ruling.evidence:
            key = "counted" if piece.used else "not_counted"
            if piece.why == "not_asked_for" and not weighed:
                key = "not_weighed"
            text = self.voice.say(
                "evidence",
                key,
                type=self.voice.word("values", piece.type),
                party=self.voice.party(piece.party),
                why=self.voice.word("evidence", piece.why),
            )
            yield EvidenceText(piece.index, piece.used, text)

    def _effects(self) -> Iterator[str]:
        for name, value in self.ruling.matters:
            if name not in ("payer", "payee"):
                yield self._effect(name, self.voice.word("values", value))
        for name, held in (self.ruling.effects or {}).items():
            if held is False and knows("effects", f"{name}_no"):
                yield self.voice.word("effects", f"{name}_no")
            elif held is True and knows("effects", name):
                yield self.voice.word("effects", name)
            else:
                kind = self.explainer.effect_kind(name)
                yield self._effect(name, self.voice.value(held, _spoken(kind)))

    def _effect(self, name: str, value: str) -> str:
        if knows("effects", name):
            return self.voice.say("effects", name, value=value)
        return sentence(self.voice.say("effects", "other", name=plain_name(name), value=value))

    def _next(self, then: Ruling | None) -> Iterator[str]:
        ruling, say = self.ruling, self.voice.say
        shown = "" if ruling.deadline is None else self.voice.instant(ruling.deadline)
        key = "wait_open" if ruling.decision == "wait" and not shown else ruling.decision
        yield say("next", key, deadline=shown)
        if then is not None and shown and _differs(ruling, then):
            headline = _Telling(self.explainer, then, self.voice).headline()
            yield say("next", "then", deadline=shown, headline=headline)

    def _origin(self) -> str:
        return self.voice.say(
            "frame",
            "origin",
            policy=self.ruling.policy,
            version=self.ruling.version,
            hash=short_hash(self.ruling.content_hash),
            known_at=self.voice.instant(self.ruling.known_at).partition(" (")[0],
        )


def _clock(node: Clock, ruling: Ruling) -> object:
    trace = next((q for q in ruling.questions if q.name == node.question), None)
    return None if trace is None else getattr(trace, node.part)


def _differs(ruling: Ruling, then: Ruling) -> bool:
    return (then.decision, then.amount) != (ruling.decision, ruling.amount)


def _spoken(kind: Kind) -> Kind:
    """Return the kind to speak an effect by: a word the author wrote is no free text."""
    return "enum" if kind == "text" else kind
