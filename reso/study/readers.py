"""Rulings told to one reader: the buyer, the seller, or an agent of the resolution centre."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reso.cases import Pack
from reso.engine.explanation import SourceText, render_text, source_line
from reso.engine.valuation import Valuation
from reso.engine.words import Voice, knows, plain_name, sentence
from reso.engine.words import say as engine_say
from reso.engine.words import word as engine_word
from reso.facts.operations import UNKNOWN
from reso.model.case import Case
from reso.model.money import Language
from reso.model.ruling import EvidenceTrace, QuestionTrace, Reason, Ruling
from reso.policy.model import Phrase
from reso.study.expressions import Writer
from reso.study.telling import Reader, Teller
from reso.study.whynot import MAX_TRIES, Gap, Suggestion, WhyNot
from reso.study.words import say


def told_for(
    pack: Pack, case: Case, ruling: Ruling, reader: Reader, language: Language, then: Ruling | None
) -> str:
    """Return a ruling as plain text for its reader.

    Args:
        then: the ruling at its deadline if nothing new is recorded, where one runs.
    """
    values = Valuation(pack.policy, case, ruling.known_at)
    voice = pack.explainer.voice(ruling, language)
    if reader == "agent":
        told = render_text(pack.explainer.explain(ruling, language, then))
        lines = _Agent(pack, ruling, Teller(pack.policy, values, voice, reader)).lines()
        return "\n".join([told, *lines])
    party = _Party(pack, ruling, Teller(pack.policy, values, voice, reader), voice)
    return "\n".join(party.lines(then))


# -- a party --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Party:
    pack: Pack
    ruling: Ruling
    teller: Teller
    voice: Voice

    @property
    def language(self) -> Language:
        return self.voice.language

    def lines(self, then: Ruling | None) -> Iterator[str]:
        yield self.headline(self.ruling)
        yield from self._section("why", list(self._reasons()))
        yield from self._section("questions", list(self._questions()))
        yield from self._section("evidence", [self._evidence(p) for p in self.ruling.evidence])
        yield from self._section("effects", list(self._effects()))
        yield from self._section("next", list(self._next(then)))

    def _section(self, key: str, lines: list[str]) -> Iterator[str]:
        if lines:
            yield ""
            yield engine_word("frame", key, self.language)
            yield from (line if line.startswith(" ") else f"- {line}" for line in lines)

    def headline(self, ruling: Ruling) -> str:
        """Return what was decided, as said to this party."""
        key: str = ruling.decision
        needed = [q.to for q in ruling.questions if q.needed and q.to != "clock"]
        awaited = list(dict.fromkeys(needed))
        if ruling.payee not in ("", "buyer") and key in ("refund_full", "refund_partial"):
            key = "paid_out"
        elif key == "wait" and awaited:
            key = "wait_you" if self.teller.reader in awaited else "wait_for"
        elif key == "request_evidence" and ruling.of == self.teller.reader:
            key = "request_evidence_you"
        elif key == "release_to_seller" and self.teller.reader == "buyer":
            key = "deny" if ruling.party == "seller" else key
        elif key == "deny" and ruling.party != "seller":
            key = "release_to_seller"
        amount = "" if ruling.amount is None else f": {self.voice.money(ruling.amount)}"
        joint = engine_word("reasons", "joint", self.language).lstrip(",")
        return say(
            self.teller.reader,
            key,
            self.language,
            amount=amount,
            until=self._clause("until"),
            by=self._clause("by"),
            whom=joint.join(self.teller.party(party) for party in awaited),
            of=self.teller.party(ruling.of),
            payee=self.teller.party(ruling.payee),
        )

    def _clause(self, key: str) -> str:
        """Return until or by when, where the ruling has a clock."""
        if self.ruling.deadline is None:
            return ""
        deadline = self.voice.instant(self.ruling.deadline)
        return engine_say("clauses", key, self.language, deadline=deadline)

    # -- reasons ----------------------------------------------------------------------------

    def _reasons(self) -> Iterator[str]:
        for said, sources in self.told_reasons():
            yield said
            yield from (f"  {source}" for source in sources)

    def told_reasons(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each reason as a sentence, with the sources it rests on."""
        for reason in self.ruling.reasons:
            sources = (source_line(self._source(id_), self.language) for id_ in reason.sources)
            yield sentence(self._because(reason)), tuple(sources)

    def _source(self, id_: str) -> SourceText:
        source = self.pack.explainer.sources[id_]
        return SourceText(id_, source.address, self._phrase(source.says))

    def _phrase(self, phrase: Phrase | None) -> str:
        return "" if phrase is None else self.teller.phrase(phrase)

    def _because(self, reason: Reason) -> str:
        undecided = {r.name for r in self.ruling.rules if r.status == "undecided"}
        phrases = self.pack.explainer.phrases(reason)
        texts = list(dict.fromkeys(self.teller.phrase(phrase) for phrase in phrases))
        match reason.kind:
            case "question":
                trace = next((q for q in self.ruling.questions if q.name == reason.name), None)
                question = self._asked(reason.name, trace)
                return engine_say("reasons", "question", self.language, question=question)
            case "step":
                question = self._asks(reason.name)
                answer = self.voice.answer(reason.detail)
                return engine_say(
                    "reasons", "step_answered", self.language, question=question, answer=answer
                )
            case "otherwise":
                concluded = engine_word("decisions", reason.concluded, self.language)
                return engine_say("reasons", "otherwise", self.language, concluded=concluded)
            case "conflict" | "flaw":
                return say(self.teller.reader, "escalate", self.language, by="")
            case _ if reason.name in undecided or not texts:
                key = "undecided" if reason.name in undecided else "unsaid"
                name = plain_name(reason.name)
                return engine_say("reasons", key, self.language, name=name)
            case _:
                return engine_word("reasons", "joint", self.language).join(texts)

    # -- questions, evidence, what comes next -----------------------------------------------

    def _asks(self, name: str) -> str:
        question = self.pack.explainer.tracer.questions.get(name)
        said = self._phrase(None if question is None else question.says)
        unnamed = engine_say("questions", "unnamed", self.language, name=plain_name(name))
        return said or sentence(unnamed)

    def _asked(self, name: str, trace: QuestionTrace | None) -> str:
        asks = self._asks(name)
        if trace is None:
            return asks
        at = trace.deadline or (self.ruling.deadline if name == self.ruling.deadline_of else None)
        deadline = self.voice.instant(at) if at is not None else ""
        key = "by" if trace.to in ("human", "platform") else "until"
        until = engine_say("questions", key, self.language, deadline=deadline) if deadline else ""
        if trace.to == self.teller.reader:
            return say("party", "asked_you", self.language, question=asks, until=until)
        return engine_say("questions", trace.to, self.language, question=asks, until=until)

    def _questions(self) -> Iterator[str]:
        told = {reason.name for reason in self.ruling.reasons if reason.kind == "question"}
        for trace in self.ruling.questions:
            here = trace.state == "open" or (trace.needed and trace.to_be_asked)
            if here and trace.name not in told:
                yield self._asked(trace.name, trace)

    def _evidence(self, piece: EvidenceTrace) -> str:
        weighed = self.ruling.settled and self.ruling.decision != "escalate"
        key = "used" if piece.used else "unused"
        if piece.why == "not_asked_for" and not weighed:
            key = "unweighed"
        own = "own" if piece.party == self.teller.reader else "other"
        return say(
            "party",
            f"{key}_{own}",
            self.language,
            type=engine_word("values", piece.type, self.language),
            party=self.voice.party(piece.party),
            why=engine_word("evidence", piece.why, self.language),
        )

    def _effects(self) -> Iterator[str]:
        matters = [(n, self.voice.word("values", v)) for n, v in self.ruling.matters]
        for name, value in matters:
            if name not in ("payer", "payee") and knows("effects", name):
                yield engine_say("effects", name, self.language, value=value)
        for name, held in (self.ruling.effects or {}).items():
            if held is False and knows("effects", f"{name}_no"):
                yield engine_word("effects", f"{name}_no", self.language)
            elif knows("effects", name) and held is not False:
                kind = self.pack.explainer.effect_kind(name)
                value = self.voice.value(held, "enum" if kind == "text" else kind)
                yield engine_say("effects", name, self.language, value=value)

    def _next(self, then: Ruling | None) -> Iterator[str]:
        ruling = self.ruling
        deadline = self.voice.instant(ruling.deadline) if ruling.deadline is not None else ""
        mine = any(q.needed and q.to == self.teller.reader for q in ruling.questions)
        if mine:
            yield say("party", "next_answer", self.language, by=self._clause("by"))
        elif ruling.decision == "return_and_refund" and self.teller.reader == "buyer":
            yield say("party", "next_return_buyer", self.language)
        differs = then is not None and (then.decision, then.amount) != (
            ruling.decision,
            ruling.amount,
        )
        if then is not None and differs and deadline:
            headline = replace(self, ruling=then).headline(then)
            yield say("party", "then", self.language, deadline=deadline, headline=headline)


@dataclass(frozen=True, slots=True)
class PartyTelling:
    """What a party is told of a ruling, part by part: whole sentences, nothing private.

    `reasons` are (sentence, the sources it rests on).
    """

    headline: str
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    questions: tuple[str, ...]
    evidence: tuple[str, ...]
    effects: tuple[str, ...]


def party_telling(
    pack: Pack, case: Case, ruling: Ruling, reader: Reader, voice: Voice
) -> PartyTelling:
    """Return what a party (not an agent) is told of a ruling, in a voice."""
    values = Valuation(pack.policy, case, ruling.known_at)
    party = _Party(pack, ruling, Teller(pack.policy, values, voice, reader), voice)
    return PartyTelling(
        party.headline(ruling),
        tuple(party.told_reasons()),
        tuple(party._questions()),
        tuple(party._evidence(piece) for piece in ruling.evidence),
        tuple(party._effects()),
    )


# -- an agent -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Agent:
    pack: Pack
    ruling: Ruling
    teller: Teller

    def lines(self) -> Iterator[str]:
        language, ruling = self.teller.language, self.ruling
        yield ""
        yield say("agent", "chapter", language, chapter=ruling.chapter or "-")
        if ruling.rules:
            yield ""
            yield say("agent", "rules", language)
        for trace in ruling.rules:
            status = engine_word("states", trace.status, language)
            sources = f" [{', '.join(trace.sources)}]" if trace.sources else ""
            name = f"{trace.name} ({trace.matter})" if trace.matter != "outcome" else trace.name
            yield f"- {say('agent', 'rule', language, name=name, status=status, sources=sources)}"
            yield from self._conditions(trace.name)
        if ruling.questions:
            yield ""
            yield say("agent", "questions", language)
        for question in ruling.questions:
            yield f"- {self._question(question)}"

    def _conditions(self, name: str) -> Iterator[str]:
        rule = self.pack.explainer.tracer.rules[name]
        writer = Writer(self.pack.policy)
        for node in rule.when:
            held = self.teller.values.holds(node)
            known = engine_word("values", "not_known", self.teller.language)
            yes = engine_word("values", "yes" if held is True else "no", self.teller.language)
            yield f"  {writer.text(node)}: {known if held is UNKNOWN else yes}"

    def _question(self, trace: QuestionTrace) -> str:
        language = self.teller.language
        answer, deadline = "", ""
        if trace.answer is not None:
            told = self.teller.voice.answer(trace.answer)
            answer = say("agent", "answered", language, answer=told)
        if trace.deadline is not None:
            deadline = self.teller.instant(trace.deadline)
            deadline = say("agent", "until", language, deadline=deadline)
        return say(
            "agent",
            "question",
            language,
            name=trace.name,
            to=self.teller.voice.party(trace.to),
            state=engine_word("states", trace.state, language),
            answer=answer,
            deadline=deadline,
        )


# -- why not --------------------------------------------------------------------------------


def told_why_not(found: WhyNot, pack: Pack, reader: Reader, language: Language) -> str:
    """Return why a case does not come to an outcome, as plain text."""
    voice = pack.explainer.voice(found.ruling, language)
    teller = Teller(pack.policy, found.values, voice, reader)
    return "\n".join(_WhyNotLines(found, pack, teller).lines())


@dataclass(frozen=True, slots=True)
class _WhyNotLines:
    found: WhyNot
    pack: Pack
    teller: Teller

    def lines(self) -> Iterator[str]:
        say_, found = self._say, self.found
        outcome = engine_word("decisions", found.outcome, self.teller.language)
        yield say_("why_not", "title", outcome=outcome)
        if found.is_so:
            yield say_("why_not", "so", outcome=outcome)
            return
        yield say_("why_not", "instead", headline=self._headline())
        yield ""
        if not found.gaps:
            chapter = found.ruling.chapter or "-"
            yield say_("why_not", "no_rule", chapter=chapter)
        else:
            yield say_("why_not", "rules" if self.teller.for_agent else "reasons")
            yield from self._gaps()
        yield ""
        yield say_("why_not", "suggestions")
        told = [one for one in found.suggestions if all(map(self.teller.shows, one.changes))]
        for one in told:
            yield f"- {self._suggestion(one)}"
        if not found.tries:
            yield f"- {say_('why_not', 'not_worked_out')}"
            return
        if not told:
            yield f"- {say_('why_not', 'nothing_shown' if found.suggestions else 'nothing')}"
        yield ""
        key = "tried_some" if found.given_up else "tried"
        yield say_("why_not", key, tries=str(found.tries), most=f"{MAX_TRIES:,}")

    def _say(self, table: str, key: str, **values: str) -> str:
        return say(table, key, self.teller.language, **values)

    def _headline(self) -> str:
        if self.teller.reader == "agent":
            return self.pack.explainer.explain(self.found.ruling, self.teller.language).headline
        return _Party(self.pack, self.found.ruling, self.teller, self.teller.voice).headline(
            self.found.ruling
        )

    def _gaps(self) -> Iterator[str]:
        if self.teller.for_agent:
            for gap in self.found.gaps:
                conclude = str(gap.rule.conclude)
                rule = f"`{gap.rule.name}`"
                yield f"- {self._say('why_not', gap.way, rule=rule, conclude=conclude)}"
                yield from (f"  {line}" for line in self._obstacles(gap))
            return
        nearest = [gap for gap in self.found.gaps if gap.size == self.found.gaps[0].size]
        told = dict.fromkeys(line for gap in nearest for line in self._obstacles(gap))
        yield from (f"- {sentence(line)}" for line in told)

    def _obstacles(self, gap: Gap) -> Iterator[str]:
        teller = self.teller
        for rule, key in (
            *((bar, "barred") for bar in gap.bars),
            *((other, "excepted") for other in gap.exceptions),
        ):
            parts = [teller.needed(node, False) for node in rule.when]
            texts = [text for text in parts if text]
            needed = say("conditions", "or", teller.language).join(dict.fromkeys(texts))
            because = "" if rule.because is None else teller.phrase(rule.because)
            text = "; ".join(text for text in (because, needed) if text)
            name = f"`{rule.name}`" if teller.for_agent else plain_name(rule.name)
            yield self._say("why_not", key, rule=name, text=text)
        for node in gap.unmet:
            key = "open" if teller.values.holds(node) is UNKNOWN else "unmet"
            text = teller.needed(node)
            if teller.for_agent:
                text = f"`{Writer(teller.policy).text(node)}`: {text}"
            yield self._say("why_not", key, text=text)
        if gap.excepts_none:
            quote = "`{}`" if teller.for_agent else "{}"
            names = ", ".join(quote.format(name) for name in gap.rule.exception_to)
            yield self._say("why_not", "excepts_none", rules=names)
        if not gap.size and gap.comes_to:
            outcome = engine_word("decisions", gap.comes_to, teller.language)
            yield self._say("why_not", "comes_to", outcome=outcome)
        elif not gap.size:
            yield self._say("why_not", "holds")

    def _suggestion(self, one: Suggestion) -> str:
        amount = ""
        if one.ruling.amount is not None:
            amount = f" ({self.teller.voice.money(one.ruling.amount)})"
        outcome = self._say("outcomes", one.ruling.decision)
        clause = self.teller.changes(one.changes, self.pack.table)
        change = self._say("changes", "gives", outcome=outcome, amount=amount, changes=clause)
        return sentence(change)
