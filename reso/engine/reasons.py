"""Why a ruling is what it is: the rules, questions and evidence behind it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from reso.engine.judgement import Judgement, MatterResult, Resolved, Status
from reso.engine.outcome import Outcome
from reso.expressions.tree import Node, Quantity, Ref, walk
from reso.facts.interpret import Maybe
from reso.facts.operations import UNKNOWN
from reso.model.case import Case, Record
from reso.model.ruling import (
    EvidenceTrace,
    QuestionTrace,
    Reason,
    RuleTrace,
    Ruling,
    Shown,
)
from reso.policy.clocks import QuestionState
from reso.policy.model import OUTCOME, Effect, Phrase, Placeholder, Policy, Question, Rule

Telling = tuple[str, Ref | None, tuple[Placeholder, ...]]
Standing = Literal["decided", "held", "barred", "excepted", "undecided"]


class Tracer:
    """Builds rulings with their reasons, for one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.rules = {rule.name: rule for rule in policy.rules}
        self.questions = {question.name: question for question in policy.questions}
        self._findings = {d.name: d for d in policy.definitions if d.kind == "finding"}
        self._named = {d.name: d.node for d in policy.definitions}
        self._told = {rule.name: self._telling(rule) for rule in policy.rules}
        self._asked = {
            question.name: question.says.placeholders() if question.says is not None else ()
            for question in policy.questions
        }
        self._concluded = {rule.name: str(rule.conclude) for rule in policy.rules}
        self._effects_of: dict[str, tuple[Effect, ...]] = {}
        self._asks_evidence = {
            name: self._evidence_conditions(rule) for name, rule in self.rules.items()
        }

    def ruling(self, judgement: Judgement, outcome: Outcome, deadline: datetime | None) -> Ruling:
        """Return the ruling with everything that led to it."""
        case = judgement.world.case
        resolved = outcome.resolved if outcome.why in ("settled",) else None
        matter = judgement.matters[OUTCOME]
        matters = self._matters(judgement, outcome)
        return Ruling(
            policy=self.policy.name,
            version=self.policy.version,
            content_hash=self.policy.content_hash,
            known_at=judgement.at,
            chapter=judgement.chapter,
            decision=outcome.decision,
            reasons=self._reasons(judgement, outcome, matter),
            currency=case.currency,
            amount=resolved.amount if resolved else None,
            quantity=resolved.quantity if resolved else None,
            percent=resolved.percent if resolved else None,
            payer=matters.get("payer") or (resolved.payer if resolved else ""),
            payee=matters.get("payee") or _payee(resolved),
            of=outcome.of,
            party=str(case.fields.get("claim.party") or "buyer"),
            deadline=deadline,
            deadline_of=outcome.deadline_of,
            matters=tuple(matters.items()),
            needed=outcome.needed,
            possible=tuple(dict.fromkeys(c.remedy for c in matter.conclusions)),
            rules=self._traces(judgement),
            questions=self._question_traces(judgement, outcome),
            evidence=self._evidence(judgement, matter),
            effects=self._effects(judgement, matter),
        )

    def unevaluated(
        self, case: Case, at: datetime, why: str, values: tuple[tuple[str, object], ...] = ()
    ) -> Ruling:
        """Return the ruling on a case that could not be evaluated: a human's turn."""
        return Ruling(
            policy=self.policy.name,
            version=self.policy.version,
            content_hash=self.policy.content_hash,
            known_at=at,
            chapter="",
            decision="escalate",
            reasons=(Reason("flaw", "evaluation", "escalate", values=values, detail=why),),
            currency=case.currency,
            party=str(case.fields.get("claim.party") or "buyer"),
        )

    # -- reasons ----------------------------------------------------------------------------

    def _reasons(
        self, judgement: Judgement, outcome: Outcome, matter: MatterResult
    ) -> tuple[Reason, ...]:
        reasons: list[Reason] = []
        if outcome.why == "conflict":
            reasons.append(
                Reason("conflict", "conflict", "escalate", detail=", ".join(matter.deciding))
            )
        if outcome.why == "flaw" and outcome.resolved is not None:
            reasons.append(Reason("flaw", "flaw", "escalate", detail=outcome.resolved.flaw))
        if outcome.why == "promise":
            reasons.append(
                Reason("flaw", outcome.broken, "escalate", detail="a promise of the policy")
            )
        if outcome.why == "open":
            reasons += [self._open_reason(judgement, name) for name in outcome.needed]
        if matter.settled:
            settled = matter.deciding or matter.undecided
            reasons += [self._rule_reason(judgement, self.rules[name]) for name in settled]
            reasons += [
                self._step_reason(judgement, step.question, step.answer, step.concluded)
                for step in outcome.steps
            ]
        if not reasons:
            reasons.append(Reason("otherwise", "otherwise", outcome.decision))
        return tuple(reasons)

    def _open_reason(self, judgement: Judgement, name: str) -> Reason:
        if name not in self.questions:
            return Reason("question", name, detail="this source is down")
        question = self.questions[name]
        values = _values(self._asked[name], judgement)
        return Reason("question", name, question.to, question.sources, values)

    def _rule_reason(self, judgement: Judgement, rule: Rule) -> Reason:
        told = [
            (name, placeholders)
            for name, node, placeholders in self._told[rule.name]
            if node is None or judgement.world.holds(node) is True
        ]
        values = [pair for _, found in told for pair in _values(found, judgement)]
        return Reason(
            rule.kind,
            rule.name,
            self._concluded[rule.name],
            rule.sources,
            tuple(dict.fromkeys(values)) if len(told) > 1 else tuple(values),
            findings=tuple(name for name, _ in told if name),
        )

    def _step_reason(self, judgement: Judgement, name: str, answer: str, concluded: str) -> Reason:
        question = self.questions[name]
        values = _values(self._asked[name], judgement)
        return Reason("step", name, concluded, question.sources, values, answer)

    def phrases(self, reason: Reason) -> tuple[Phrase, ...]:
        """Return the phrases that explain a rule or bar that is a reason."""
        because = self.rules[reason.name].because
        if because is not None:
            return (because,)
        said = (self._findings[name].says for name in reason.findings)
        return tuple(phrase for phrase in said if phrase is not None)

    def _telling(self, rule: Rule) -> tuple[Telling, ...]:
        """Return what explains a rule: its own `because`, else the phrases of its findings.

        A finding without a phrase is explained by the findings it names.
        """
        if rule.because is not None:
            return (("", None, rule.because.placeholders()),)
        return tuple(telling for node in rule.when for telling in self._told_by(node))

    def _told_by(self, node: Node) -> Iterator[Telling]:
        for part in walk(node):
            if not isinstance(part, Ref) or part.name not in self._findings:
                continue
            finding = self._findings[part.name]
            if finding.says is None:
                yield from self._told_by(finding.node)
            else:
                yield part.name, part, finding.says.placeholders()

    # -- matters and effects ----------------------------------------------------------------

    def _matters(self, judgement: Judgement, outcome: Outcome) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, matter in judgement.matters.items():
            if name == OUTCOME or not matter.settled or len(matter.conclusions) != 1:
                continue
            concluded = matter.conclusions[0]
            value = concluded.value
            if concluded.percent is not None:
                value = f"{concluded.percent / 10_000:g}%"
            if value != "none" and self._applies(matter, outcome.decision):
                found[name] = value
        return found

    def _applies(self, matter: MatterResult, decision: str) -> bool:
        names = matter.deciding or matter.undecided
        limits = [self.rules[name].applies_to for name in names]
        return not limits or any(not limit or decision in limit for limit in limits)

    def _standing_effects(self, chapter: str) -> tuple[Effect, ...]:
        if chapter not in self._effects_of:
            self._effects_of[chapter] = tuple(
                effect for effect in self.policy.effects if effect.chapter in ("", chapter)
            )
        return self._effects_of[chapter]

    def _effects(self, judgement: Judgement, matter: MatterResult) -> dict[str, Shown]:
        own: list[Effect] = []
        if matter.settled:
            for name in sorted((*matter.deciding, *matter.undecided)):
                own.extend(self.rules[name].effects)
        found: dict[str, Shown] = {}
        for effect in (*self._standing_effects(judgement.chapter), *own):
            value = self._effect(judgement, effect)
            if value is not None and value is not UNKNOWN:
                found[effect.name] = value  # type: ignore[assignment]
        return found

    def _effect(self, judgement: Judgement, effect: Effect) -> Maybe:
        """Return what an effect says: of a condition whether it holds, of a value the value."""
        if effect.node.type.kind == "boolean" and not effect.node.type.nullable:
            return judgement.world.holds(effect.node)
        return judgement.world.of(effect.node)

    # -- traces -----------------------------------------------------------------------------

    def _traces(self, judgement: Judgement) -> tuple[RuleTrace, ...]:
        statuses = judgement.statuses
        if statuses.traces is None:
            statuses.traces = tuple(
                RuleTrace(rule.name, rule.kind, rule.matter, standing, rule.sources)
                for name, status in statuses.items()
                if (standing := _standing(status)) is not None
                for rule in (self.rules[name],)
            )
        return statuses.traces

    def _question_traces(self, judgement: Judgement, outcome: Outcome) -> tuple[QuestionTrace, ...]:
        """Tell of every question that was or will be open, and of the steps that were reached."""
        states = dict(judgement.questions)
        for step in outcome.steps:
            states[step.question] = judgement.world.question(step.question)
        if outcome.running is not None:
            states[outcome.running.name] = outcome.running
        return tuple(
            self._question_trace(state, state.name in outcome.needed, judgement)
            for state in states.values()
            if state.state != "not_opened" or state.to_be_asked or state.opened_at is not None
        )

    def _question_trace(
        self, state: QuestionState, needed: bool, judgement: Judgement
    ) -> QuestionTrace:
        is_open = state.state == "open" or state.to_be_asked
        return QuestionTrace(
            state.name,
            state.to,
            state.state,
            state.answer,
            state.opened_at,
            state.deadline,
            state.ended_at,
            needed,
            state.to_be_asked,
            state.paused,
            _values(self._asked[state.name], judgement) if is_open else (),
        )

    def _evidence_conditions(self, rule: Rule) -> tuple[Quantity | Question, ...]:
        """Return the evidence a rule looks at: itself, by a name, or through its questions."""
        found: list[Quantity | Question] = []
        todo: list[Node] = list(rule.when)
        seen: set[str] = set()
        while todo:
            for node in walk(todo.pop()):
                if isinstance(node, Quantity) and node.section == "evidence":
                    found.append(node)
                if isinstance(node, Ref) and node.name in self._named and node.name not in seen:
                    seen.add(node.name)
                    todo.append(self._named[node.name])
                question = self.questions.get(getattr(node, "question", ""))
                if question is not None and question.name not in seen:
                    seen.add(question.name)
                    found.append(question)
        return tuple(found)

    def _evidence(self, judgement: Judgement, matter: MatterResult) -> tuple[EvidenceTrace, ...]:
        """Say of each piece of evidence whether a rule that bears on the outcome looked at it."""
        items = judgement.world.case.lists.get("evidence", ())
        if not items:
            return ()
        names = matter.deciding or matter.undecided
        looked = [node for name in names for node in self._asks_evidence[name]]
        return tuple(
            self._weighed(judgement, index, item, looked) for index, item in enumerate(items)
        )

    def _weighed(
        self,
        judgement: Judgement,
        index: int,
        item: Record,
        looked: Iterable[Quantity | Question],
    ) -> EvidenceTrace:
        party, kind = str(item.get("party", "")), str(item.get("type", ""))
        why = "not_asked_for"
        for node in looked:
            verdict = self._looked_at(judgement, node, item)
            if verdict == "used":
                return EvidenceTrace(index, party, kind, True, "used")
            why = verdict or why
        if why == "not_asked_for" and item.get("strength") == "weak":
            why = "weak"
        return EvidenceTrace(index, party, kind, False, why)

    def _looked_at(self, judgement: Judgement, node: Quantity | Question, item: Record) -> str:
        if isinstance(node, Quantity):
            return "used" if judgement.world.matches(node.where, item) else ""
        state = judgement.questions.get(node.name)
        acts = [acts for answer in node.answers for acts in answer.acts]
        if not any(
            a.section == "evidence" and judgement.world.matches(a.where, item) for a in acts
        ):
            return ""
        at = item.get("at")
        if state is not None and isinstance(at, datetime) and _beside(node, state, at):
            return ""
        late = (
            state is not None
            and isinstance(at, datetime)
            and state.deadline is not None
            and at > state.deadline
        )
        return "late" if late else "used"


def _beside(question: Question, state: QuestionState, at: datetime) -> bool:
    """Whether an act came before the question, or after an answer that stands."""
    early = state.opened_at is not None and at < state.opened_at and not question.counts_earlier
    answered = state.state == "answered" and not question.revisable
    return early or (answered and state.ended_at is not None and at > state.ended_at)


def _values(
    placeholders: tuple[Placeholder, ...], judgement: Judgement
) -> tuple[tuple[str, object], ...]:
    return tuple((part.text, judgement.world.of(part.node)) for part in placeholders)


def _payee(resolved: Resolved | None) -> str:
    if resolved is None:
        return ""
    return resolved.payee or ("buyer" if resolved.amount is not None else "")


def _standing(status: Status) -> Standing | None:
    if status.decides is True:
        return "decided"
    if status.holds is False:
        return None
    if status.decides is UNKNOWN:
        return "undecided"
    return "barred" if status.barred is True else "excepted"
