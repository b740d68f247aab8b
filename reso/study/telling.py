"""Conditions, obstacles and changes in words, for one reader in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reso.engine.valuation import Valuation
from reso.engine.words import Voice, plain_name
from reso.expressions.tree import (
    And,
    Answer,
    Arith,
    Clock,
    Compare,
    Dated,
    Field,
    Func,
    ItemField,
    Kind,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    Table,
    Type,
    walk,
)
from reso.facts.fields import Field as Fact
from reso.facts.table import FactTable
from reso.facts.timeline import NOW
from reso.model.money import Language
from reso.model.time import format_instant, format_seconds
from reso.policy.model import Phrase, Placeholder, Policy
from reso.study.edits import Change
from reso.study.expressions import Writer
from reso.study.words import knows, say, word

Reader = Literal["buyer", "seller", "agent"]

PRIVATE = {"buyer": ("seller", "merchant"), "seller": ("buyer", "cardholder")}
"""Sections of a case that the other party never sees."""

OTHER = {"buyer": "seller", "seller": "buyer"}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of one case under one policy. Agents see names and all values; a party never sees
    what is private to the other: his data, and his evidence beyond its type and whether it counted.
    """

    policy: Policy
    values: Valuation
    voice: Voice
    reader: Reader

    @property
    def language(self) -> Language:
        """The language told in."""
        return self.voice.language

    @property
    def for_agent(self) -> bool:
        """Whether names of rules and private values are shown."""
        return self.reader == "agent"

    def say(self, table: str, key: str, **values: str) -> str:
        """Return a sentence of the study's words."""
        return say(table, key, self.language, **values)

    def instant(self, at: datetime) -> str:
        """Return an instant without its distance: "4 Feb 2026 10:00 WIB"."""
        return format_instant(at, self.voice.zone, self.language)

    def value(self, value: object, kind: Kind) -> str:
        """Return a value in words; an instant without its distance."""
        if isinstance(value, datetime):
            return self.instant(value)
        return self.voice.value(value, kind)

    # -- what is private --------------------------------------------------------------------

    def hides(self, node: Node) -> bool:
        """Whether an expression shows the reader what is private to the other party."""
        if self.for_agent:
            return False
        return any(self._is_private(part) for part in self._through_names(node, set()))

    def _is_private(self, part: Node) -> bool:
        match part:
            case Field(name=name):
                return self._private_path(name)
            case PickField(pick=pick, name=name) if name:
                found = dict(self.policy.picks)[pick]
                return isinstance(found, Pick) and found.section == "evidence"
            case Pick(section="evidence", field=field):
                return field is not None
            case Quantity(section="evidence", of=of):
                return of is not None
            case _:
                return False

    def _private_path(self, path: str) -> bool:
        return path.split(".")[0].removesuffix("[]") in PRIVATE.get(self.reader, ())

    def _through_names(self, node: Node, seen: set[str]) -> Iterable[Node]:
        for part in walk(node):
            yield part
            if isinstance(part, Ref) and part.name not in seen:
                seen.add(part.name)
                yield from self._through_names(self._definition(part.name), seen)

    def _definition(self, name: str) -> Node:
        return next(d.node for d in self.policy.definitions if d.name == name)

    # -- phrases of the policy --------------------------------------------------------------

    def phrase(self, phrase: Phrase) -> str:
        """Return a phrase with the values of this case; one on private data is not told."""
        parts: list[str] = []
        for part in phrase.parts(self.language):
            if not isinstance(part, Placeholder):
                parts.append(part)
            elif self.hides(part.node):
                return self.say("conditions", "hidden")
            else:
                parts.append(self.value(self.values.of(part.node), part.node.type.kind))
        return "".join(parts).strip()

    # -- conditions -------------------------------------------------------------------------

    def needed(self, node: Node, wanted: bool = True) -> str:
        """Return what keeps a condition from being as wanted, with the values; "" when nothing."""
        match node:
            case Ref() if node.type.kind == "boolean":
                return self.needed(self._definition(node.name), wanted)
            case And() if wanted:
                return self._joined("and", self._each(node.parts, wanted))
            case Or() if not wanted:
                return self._joined("and", self._each(node.parts, wanted))
            case And() | Or():
                parts = sorted(node.parts, key=lambda part: not _ordered(part))
                return self._joined("or", (self.needed(part, wanted) for part in parts))
            case Not():
                return self.needed(node.value, not wanted)
            case _:
                return self._leaf(node, wanted)

    def _each(self, parts: Sequence[Node], wanted: bool) -> list[str]:
        return [self.needed(p, wanted) for p in parts if self.values.holds(p) is not wanted]

    def _joined(self, key: str, told: Iterable[str]) -> str:
        return self.say("conditions", key).join(dict.fromkeys(text for text in told if text))

    def _leaf(self, node: Node, wanted: bool) -> str:
        if self.hides(node):
            return self.say("conditions", "hidden")
        match node:
            case Compare(left=Answer() | Clock() as asked):
                return self._asked(asked, self._op(node, wanted))
            case OneOf(value=Answer() | Clock() as asked):
                return self._asked(asked, self._listed(node, wanted))
            case Compare():
                now = self.values.of(node.left)
                missing = [n for n in (node.left, node.right) if self.values.of(n) is None]
                if wanted and missing:
                    return self.say("conditions", "known", name=self.name(missing[0]))
                return self._compared(node.left, now, self._op(node, wanted))
            case OneOf():
                now = self.values.of(node.value)
                return self._compared(node.value, now, self._listed(node, wanted))
            case Known():
                if wanted != node.negated:
                    return self.say("conditions", "known", name=self.name(node.value))
                now = self.values.of(node.value)
                shown = "" if node.value.type.kind == "record" else self._value(now, node.value)
                return self.say(
                    "conditions", "not_known", name=self.name(node.value), now=shown or "…"
                )
            case Quantity(what="exists"):
                what = self._what(node.section, node.where)
                return self.say("conditions", "exists" if wanted else "exists_no", what=what)
            case Field():
                needed = self.say("ops", "=", value=self.value(wanted, "boolean"))
                return self._compared(node, self.values.of(node), needed)
            case _:
                text = f"`{Writer(self.policy).text(node)}`"
                return self.say("conditions", "holds" if wanted else "holds_no", text=text)

    def _compared(self, node: Node, now: object, needed: str) -> str:
        shown = self._value(now, node)
        name = self.name(node)
        return self.say("conditions", "compared", name=name, now=shown, needed=needed)

    def _value(self, value: object, node: Node) -> str:
        return self.value(value, node.type.kind)

    def _op(self, node: Compare, wanted: bool) -> str:
        op = node.op if wanted else OPPOSITE[node.op]
        right = node.right
        kind = node.left.type.kind
        ordered = kind in ("instant", "date", "time") and op not in ("=", "!=")
        shown = self.value(self.values.of(right), _kind(right.type, node.left.type))
        if isinstance(node.left, Answer):
            shown = self.voice.answer(str(self.values.of(right)))
        if self.for_agent and not _constant(right):
            shown = f"{shown} (`{Writer(self.policy).text(right)}`)"
        return self.say("ops", f"{op}time" if ordered else op, value=shown)

    def _listed(self, node: OneOf, wanted: bool) -> str:
        answers = isinstance(node.value, Answer)
        texts = [
            self.voice.answer(str(o)) if answers else self.value(o, node.value.type.kind)
            for o in node.options
        ]
        key = "one_of" if wanted != node.negated else "none_of"
        if len(texts) == 1:
            return self.say("ops", "=" if key == "one_of" else "!=", value=texts[0])
        return self.say("conditions", key, values=", ".join(texts))

    def _asked(self, node: Answer | Clock, needed: str) -> str:
        question = next(q for q in self.policy.questions if q.name == node.question)
        state = self.values.question(node.question)
        party = self.party(question.to)
        name = node.question if self.for_agent else plain_name(node.question)
        if isinstance(node, Clock):
            found = getattr(state, node.part)
            now = self.voice.word("states", found) if node.part == "state" else ""
            now = now or self.value(found, "instant")
            key = "state"
        else:
            now = self.say("conditions", "no_answer_yet")
            if state.answer is not None and not state.unknown:
                now = self.voice.answer(state.answer)
            key = "answer"
        key = f"{key}_you" if question.to == self.reader else key
        return self.say("conditions", key, party=party, question=name, now=now, needed=needed)

    def party(self, name: str) -> str:
        """Return a party in words; the reader is "you"."""
        if name == self.reader:
            return self.say("party", "you")
        return self.voice.party(name)

    def name(self, node: Node) -> str:
        """Return what people call what an expression yields."""
        path = self._path(node)
        if knows("facts", path):
            return word("facts", path, self.language)
        text = Writer(self.policy).text(node)
        return f"`{text}`" if self.for_agent else plain_name(text)

    @staticmethod
    def _path(node: Node) -> str:
        match node:
            case Field(name=name) | Ref(name=name):
                return name
            case ItemField(section=section, name=name):
                return f"{section}[].{name}"
            case _:
                return ""

    def _what(self, section: str, where: Node | None) -> str:
        if self.for_agent:
            text = Writer(self.policy).text(where) if where is not None else ""
            return f"`{section}{' where ' if text else ''}{text}`"
        words = _asked_words(where)
        named = [w for name in ("action", "type", "event") for w in words.get(name, ())]
        told = [self.voice.answer(str(w)) for w in named]
        parties = [self.party(str(party)) for party in words.get("party", ())]
        key = f"thing_{section}" if told and knows("conditions", f"thing_{section}") else "thing"
        joint = self.say("conditions", "or").replace(",", "")
        return self.say(
            "conditions",
            key,
            section=plain_name(section),
            what=joint.join(told),
            party=joint.join(parties) or self.voice.party("courier"),
        )

    # -- changes ----------------------------------------------------------------------------

    def shows(self, change: Change) -> bool:
        """Whether a change may be told to the reader."""
        if self.for_agent:
            return True
        if self._private_path(change.about):
            return False
        of_other = dict(change.item).get("party") == OTHER[self.reader]
        return not (of_other and change.about.startswith("evidence"))

    def changes(self, changes: Iterable[Change], table: FactTable) -> str:
        """Return changes as a clause: "if filed 2 days earlier (19 Apr 2026 10:00 WIB)"."""
        told = [self._change(change, table) for change in changes]
        return self.say("changes", "if", changes=self.say("conditions", "and").join(told))

    def _change(self, change: Change, table: FactTable) -> str:
        if change.kind in ("give", "take_back"):
            return self._act(change, table)
        if change.about == NOW:
            assert isinstance(change.new, datetime)
            return self.say("changes", "wait", new=self.instant(change.new))
        fact = next(f for f in table.every_field() if f.path == change.about)
        old, new = self._of(fact, change.old), self._of(fact, change.new)
        name = self._fact(fact, change)
        if isinstance(change.old, datetime) and isinstance(change.new, datetime):
            seconds = int((change.new - change.old).total_seconds())
            distance = self._distance(abs(seconds))
            key = "later" if seconds > 0 else "earlier"
            if change.about == "claim.filed_at":
                key = f"filed_{key}"
            return self.say("changes", key, name=name, distance=distance, new=new)
        if fact.path == "responses[].action":
            party = self.party(str(dict(change.item).get("party", "")))
            old, new = self.voice.answer(str(change.old)), self.voice.answer(str(change.new))
            return self.say("changes", "set_action", party=party, old=old, new=new)
        if change.kind == "leave_out":
            return self.say("changes", "leave_out", name=name, old=old)
        key = "set_first" if change.old is None else "set"
        return self.say("changes", key, name=name, old=old, new=new)

    def _distance(self, seconds: int) -> str:
        days, rest = divmod(seconds, 86_400)
        if rest or not days:
            return format_seconds(seconds, self.language)
        return self.say("changes", "day" if days == 1 else "days", days=str(days))

    def _of(self, fact: Fact, value: object) -> str:
        return self.value(value, "list" if fact.type.startswith("list") else fact.type)  # type: ignore[arg-type]

    def _fact(self, fact: Fact, change: Change) -> str:
        known = knows("facts", fact.path)
        bare = f"`{fact.path}`" if self.for_agent else plain_name(fact.path)
        name = word("facts", fact.path, self.language) if known else bare
        item = dict(change.item)
        what = item.get("type") or item.get("event") or item.get("action")
        party = item.get("party")
        if not fact.in_list or party is None or what is None or fact.name in ("type", "action"):
            return name
        shown = self.voice.answer(str(what))
        return self.say("changes", "of", name=name, party=self.party(str(party)), what=shown)

    def _act(self, change: Change, table: FactTable) -> str:
        item = dict(change.item)
        known = change.about if knows("changes", f"give_{change.about}") else "other"
        named = ("party", "type", "event", "action", "at")
        at = item.get("at")
        fields = table.lists[change.about]
        more = [
            f"{name} {self._of(fields[name], value)}"
            for name, value in item.items()
            if name not in named and name in fields and not (name == "leg" and value == "outward")
        ]
        return self.say(
            "changes",
            f"{change.kind}_{known}",
            list=change.about,
            party=self.party(str(item.get("party", ""))),
            type=self.voice.word("values", str(item.get("type", "evidence"))),
            event=self.voice.word("values", str(item.get("event", ""))),
            action=self.voice.answer(str(item.get("action", ""))),
            at=self.instant(at) if isinstance(at, datetime) else "…",
            more=f" ({', '.join(more)})" if more else "",
        )


def _ordered(node: Node) -> bool:
    return isinstance(node, Compare) and node.op not in ("=", "!=")


def _asked_words(where: Node | None) -> dict[str, tuple[object, ...]]:
    """Return the words a condition on a list's items allows each of their fields."""
    found: dict[str, tuple[object, ...]] = {}
    for part in walk(where) if isinstance(where, And | Compare | OneOf) else []:
        match part:
            case Compare(op="=", left=ItemField(name=name), right=Lit(value=value)):
                found[name] = (*found.get(name, ()), value)
            case OneOf(value=ItemField(name=name), options=options, negated=False):
                found[name] = (*found.get(name, ()), *options)
            case _:
                pass
    return found


def _constant(node: Node) -> bool:
    return not isinstance(node, Ref | Field | Arith | Func | Dated | Table | PickField | Pick)


def _kind(right: Type, left: Type) -> Kind:
    """Return the kind to write a constant by: a word beside an enumeration is one of it."""
    return left.kind if right.kind == "text" and left.kind == "enum" else right.kind
