"""The frozen policy: what the files of a pack say, typed and resolved."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from reso.expressions.tree import Node, Scalar, uses
from reso.facts.calendar import Calendar
from reso.facts.table import FactTable
from reso.policy.document import Mark

Party = Literal["buyer", "seller", "courier", "platform", "insurer", "human", "clock"]
Component = Literal["goods", "shipping", "voucher", "subsidy", "insurance", "label", "compensation"]
COMPONENTS: tuple[Component, ...] = (
    "goods",
    "shipping",
    "voucher",
    "subsidy",
    "insurance",
    "label",
    "compensation",
)
Ending = Literal["agreed", "lapsed", "imposed"]
Reference = Literal["requested", "approved", "offered", "ruled", "standing"]
PARTIES: tuple[Party, ...] = (
    "buyer",
    "seller",
    "courier",
    "platform",
    "insurer",
    "human",
    "clock",
)
REMEDIES = (
    "refund_full",
    "refund_partial",
    "refund",
    "return_and_refund",
    "replace_or_resend_missing",
    "release_to_seller",
    "deny",
    "escalate",
)
LANGUAGES = ("id", "en")
OUTCOME = "outcome"
RUNNING = "clocks running"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A value to be written into a phrase."""

    text: str
    node: Node
    mark: Mark = field(compare=False)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence in Indonesian and English; the parts are text or placeholders."""

    id: tuple[str | Placeholder, ...]
    en: tuple[str | Placeholder, ...]

    def parts(self, language: str) -> tuple[str | Placeholder, ...]:
        """Return the parts in one language ("id" or "en")."""
        return self.id if language == "id" else self.en

    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the placeholders of both languages, each once."""
        found = {part.text: part for part in (*self.id, *self.en) if isinstance(part, Placeholder)}
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Source:
    """A published text a rule rests on; `says` is our own sentence for it."""

    id: str
    address: str
    says: Phrase | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A name of the policy: a fact drawn from the case, a reading, a parameter or a finding."""

    name: str
    kind: Literal["fact", "reading", "parameter", "finding"]
    node: Node
    says: Phrase | None
    mark: Mark
    chosen: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stage of the law; at most one holds. `opens_at` is when its questions open."""

    name: str
    when: Node
    opens_at: Node
    mark: Mark


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a rule concludes on its matter.

    On the outcome: a remedy, or a reference (`as requested`, `as offered`, ...), or
    escalate, perhaps `to` a question a human has to answer. Or `better`: of several such, the one
    that is best for the buyer. On other matters: `value`.
    """

    remedy: str = ""
    reference: Reference | Literal[""] = ""
    amount: Node | None = None
    quantity: Node | None = None
    percent: Node | None = None
    payer: str = ""
    payee: str = ""
    to: str = ""
    value: str = ""
    better: tuple["Conclusion", ...] = ()

    def parts(self) -> tuple["Conclusion", ...]:
        """Return the conclusions it chooses from; itself where there is no choice."""
        return self.better or (self,)

    def __str__(self) -> str:
        if self.better:
            return f"the better of {', '.join(map(str, self.better))}"
        if self.reference:
            return f"as {self.reference}"
        return self.remedy or self.value


@dataclass(frozen=True, slots=True)
class Effect:
    """A flag or value a ruling carries beside its conclusion; `chapter` "" is every chapter."""

    name: str
    node: Node
    chapter: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule or a bar: when these hold, conclude this on the matter."""

    name: str
    kind: Literal["rule", "bar"]
    matter: str
    chapter: str
    when: tuple[Node, ...]
    conclude: Conclusion
    exception_to: tuple[str, ...]
    sources: tuple[str, ...]
    because: Phrase | None
    effects: tuple[Effect, ...]
    applies_to: tuple[str, ...]
    mark: Mark
    counts_as: Ending | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Acts:
    """Recorded acts: the items of a list for which `where` holds."""

    section: str
    where: Node | None


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """An answer of a question: the acts that give it, or a condition it is taken from."""

    name: str
    acts: tuple[Acts, ...]
    taken_when: Node | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """Each recorded act (up to `most`) adds `by` to the clock."""

    acts: Acts
    by: Node
    most: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which a clock stands still: another question's, or between two instants."""

    question: str = ""
    starts_at: Node | None = None
    ends_at: Node | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """An overlay that reaches running clocks: those that run between its instants last `lasts`
    if that is longer. It never shortens one.
    """

    starts_at: datetime
    ends_at: datetime
    when: Node
    lasts: Node


@dataclass(frozen=True, slots=True)
class Question:
    """Something not yet known: whom it is put to, its clock, its answers, what silence means."""

    name: str
    chapter: str
    to: Party
    says: Phrase | None
    opens_at: Node
    when: Node | None
    lasts: Node | None
    until: Node | None
    answers: tuple[AnswerRule, ...]
    silence_means: str
    put_by_us: bool
    asked: Acts | None
    asked_by: Acts | None
    paused_by: tuple[Pause, ...]
    extended_by: tuple[Extension, ...]
    revisable: bool
    counts_earlier: bool
    stage: str
    sources: tuple[str, ...]
    mark: Mark
    stretched: tuple[Stretch, ...] = ()

    def nodes(self) -> list[Node]:
        """Return every expression of the question."""
        return [node for _, node in self.named_nodes()]

    def named_nodes(self) -> list[tuple[str, Node]]:
        """Return every expression of the question with what it is for."""
        found: list[tuple[str, Node | None]] = [
            ("opens_at", self.opens_at),
            ("when", self.when),
            ("lasts", self.lasts),
            ("until", self.until),
        ]
        for answer in self.answers:
            found += [("where", acts.where) for acts in answer.acts]
            found.append(("taken_as", answer.taken_when))
        found += [("asked_by", acts.where) for acts in self.put]
        for pause in self.paused_by:
            found += [("pause", pause.starts_at), ("pause", pause.ends_at)]
        for extension in self.extended_by:
            found += [("extension", extension.by), ("extension", extension.acts.where)]
        for stretch in self.stretched:
            found += [("overlay", stretch.when), ("overlay", stretch.lasts)]
        return [(name, node) for name, node in found if node is not None]

    @property
    def put(self) -> tuple[Acts, ...]:
        """What puts it: our own asking, and what counts as that."""
        return tuple(acts for acts in (self.asked, self.asked_by) if acts is not None)

    def domain(self) -> tuple[str, ...]:
        """Return every answer the question can end with, in the order of the file."""
        names = [answer.name for answer in self.answers]
        if self.silence_means and self.silence_means not in names:
            names.append(self.silence_means)
        return tuple(names)


@dataclass(frozen=True, slots=True)
class Lead:
    """Where an answer leads: on to the next step (no conclusion) or to a conclusion."""

    when: Node | None
    conclude: Conclusion | None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a remedy in stages: a question, and where each of its answers leads."""

    question: str
    leads_to: tuple[tuple[str, tuple[Lead, ...]], ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What follows a remedy in steps."""

    remedy: str
    chapter: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a remedy becomes an amount and a quantity."""

    remedy: str
    amount: Node | None
    quantity: Node | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What must hold for every ruling; `refund` in it is the amount concluded."""

    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Holding:
    """A component of what an order holds: who paid it in, and who earns it unless refunded.

    `borne_by`: who bears its refund where no rule says who pays. `returned_with` names a
    component paid by the buyer: of this one, the same share goes back to its payer; what is
    left of a minor unit goes to `remainder_to`.
    """

    component: Component
    holds: Node
    paid_by: Party
    earned_by: Party
    borne_by: Party
    returned_with: str
    remainder_to: Literal["earner", "payer"]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Escrow:
    """What an order holds. A refund takes the components the buyer paid in this order."""

    holdings: tuple[Holding, ...] = ()
    at_stake: Node | None = None
    refunded_before: Node | None = None
    released: Node | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of money beside the refund and the release.

    `payer`, `payee`, `fault`: a party, or a matter whose conclusion names one. `after`: the step
    of a remedy after which it is due.
    """

    name: str
    chapter: str
    applies_to: tuple[str, ...]
    when: Node | None
    payer: str
    payee: str
    amount: Node
    component: Component
    fault: str
    after: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Which settled rulings are put to whom first, how long, and what his silence means."""

    name: str
    chapter: str
    applies_to: tuple[str, ...]
    when: Node | None
    of: tuple[Party, ...]
    lasts: Node
    silence_accepts: bool
    sources: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """What a reader is told of an outcome: texts by language, with {slots}; `next` may be empty."""

    reader: str
    kind: str
    subject: tuple[tuple[str, str], ...]
    says: tuple[tuple[str, str], ...]
    next: tuple[tuple[str, str], ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Reopening:
    """What, when it becomes known of a settled dispute, opens it again."""

    name: str
    chapter: str
    when: Node
    because: Phrase | None
    sources: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Overlay:
    """A value laid over a parameter for a time; `reach` says what has to fall into that time.

    An overlay on `RUNNING` clocks is laid over the clocks that last the parameter and run then.
    """

    parameter: str
    reach: str
    when: Node
    value: Node
    mark: Mark


@dataclass(frozen=True, slots=True)
class Waiver:
    """A warning the author knows of and leaves as it is: its code, at which entry, and why."""

    problem: str
    of: str
    because: str
    mark: Mark


@dataclass(frozen=True)
class Policy:
    """One version of one pack."""

    name: str
    version: str
    content_hash: str
    currencies: tuple[str, ...]
    rounding: Literal["down", "up", "half_up", "half_even"]
    calendar: Calendar
    dated_by: Node
    table: FactTable
    sources: tuple[Source, ...]
    chapters: tuple[Chapter, ...]
    definitions: tuple[Definition, ...]
    picks: tuple[tuple[str, Node], ...]
    questions: tuple[Question, ...]
    rules: tuple[Rule, ...]
    otherwise: tuple[tuple[str, str, Conclusion], ...]
    requests: tuple[tuple[str, str], ...]
    whole: Node
    settlements: tuple[Settlement, ...]
    stages: tuple[Stage, ...]
    effects: tuple[Effect, ...]
    promises: tuple[Promise, ...]
    notes: tuple[str, ...] = ()
    escrow: Escrow = Escrow()
    movements: tuple[Movement, ...] = ()
    consent: tuple[ConsentRule, ...] = ()
    reopens: tuple[Reopening, ...] = ()
    messages: tuple[MessageTemplate, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def questions_of(self, chapter: str) -> tuple[Question, ...]:
        """Return a chapter's questions, without the steps of stages that nothing looks at."""
        return tuple(
            question
            for question in self.questions
            if question.chapter in ("", chapter)
            and (not question.stage or question.name in self._looked_at)
        )

    @cached_property
    def _looked_at(self) -> set[str]:
        nodes = [definition.node for definition in self.definitions]
        nodes += [node for rule in self.rules for node in rule.when]
        nodes += [node for _, node in self.picks]
        own = [node for q in self.questions if not q.stage for node in q.nodes()]
        used = [uses(node) for node in (*nodes, *own)]
        pauses = {p.question for q in self.questions if not q.stage for p in q.paused_by}
        return pauses.union(*(found.answers | found.clocks for found in used))

    def matters(self) -> tuple[str, ...]:
        """Return every matter a rule concludes on, the outcome first."""
        others = sorted({rule.matter for rule in self.rules} - {OUTCOME})
        return (OUTCOME, *others)


Period = tuple[datetime | None, Node]
TableRow = tuple[Scalar, Node]
