"""Rules, bars and what they conclude."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from reso.expressions.tree import BOOLEAN, Compare, Lit, Node, Type
from reso.policy.document import Items, Map, Mark, Text, Tree
from reso.policy.model import (
    OUTCOME,
    PARTIES,
    REMEDIES,
    Conclusion,
    Effect,
    Ending,
    Reference,
    Rule,
)
from reso.policy.parameters import dated_by
from reso.policy.reading import Body, Entry, Expressions, chapter_of, failed, phrase, source_names
from reso.problems.said import Said, did_you_mean, nearest_or_known, said

WORDS = (
    "for",
    "matter",
    "when",
    "from",
    "until",
    "dated_by",
    "conclude",
    "exception_to",
    "group",
    "applies_to",
    "counts_as",
    "because",
    "source",
    "effects",
)
REFERENCES: Mapping[str, Reference] = {
    "as requested": "requested",
    "as approved": "approved",
    "as offered": "offered",
    "as ruled": "ruled",
    "the standing decision": "standing",
}
ENDINGS: tuple[Ending, ...] = ("agreed", "lapsed", "imposed")
RECORDS: Mapping[str, str] = {"approved": "approval", "offered": "offer", "ruled": "ruling"}
BETTER = "better_for_buyer"
CONCLUSION_WORDS = ("remedy", "amount", "quantity", "percent", "payer", "payee")


@dataclass(slots=True)
class RuleReader:
    """Reads the `rules` and `bars` sections."""

    expressions: Expressions
    dated_by: Node
    citable: Mapping[str, tuple[str, ...]]
    questions: frozenset[str]
    chapters: tuple[str, ...]
    picks: frozenset[str]
    requests: bool
    groups: dict[str, list[str]] = field(default_factory=dict)
    exceptions: dict[tuple[str, str], Mark] = field(default_factory=dict)

    def row(self, entry: Entry, conditions: list[Node]) -> Rule:
        """Read one row of a table: a rule whose cells are conditions of their own."""
        return self.rule(entry, "rule", tuple(conditions))

    def rule(
        self, entry: Entry, kind: Literal["rule", "bar"], cells: tuple[Node, ...] = ()
    ) -> Rule:
        """Read one rule or bar; `cells` are conditions that stand in a table's row."""
        body = entry.body(WORDS)
        matter = body.text("matter", OUTCOME)
        conclude = body.tree("conclude")
        if conclude is None:
            entry.problem("rule-without-conclusion", name=entry.name)
        conclusion = (
            Conclusion(remedy="escalate")
            if conclude is None
            else self.conclusion(entry, conclude, matter)
        )
        if group := body.text("group"):
            self.groups.setdefault(group, []).append(entry.name)
        return Rule(
            name=entry.name,
            kind=kind,
            matter=matter,
            chapter=chapter_of(body, self.chapters, entry.chapter),
            when=self._when(body, cells),
            conclude=conclusion,
            exception_to=self._exception_to(body),
            sources=source_names(body, self.citable),
            because=phrase(self.expressions, body, "because"),
            effects=self.effects(body, "effects"),
            applies_to=self.applies_to(body),
            mark=entry.mark,
            counts_as=body.choice("counts_as", ENDINGS),
        )

    def _exception_to(self, body: Body) -> tuple[str, ...]:
        texts = body.texts("exception_to")
        self.exceptions |= {(body.entry.name, text.value): text.mark for text in texts}
        return tuple(text.value for text in texts)

    def applies_to(self, body: Body) -> tuple[str, ...]:
        """Return the remedies an entry is for; none: all of them."""
        for text in body.texts("applies_to"):
            self._remedy(body.entry, text.value, text)
        return tuple(text.value for text in body.texts("applies_to"))

    def _when(self, body: Body, cells: tuple[Node, ...]) -> tuple[Node, ...]:
        entry = body.entry
        conditions = (*self.expressions.conditions(entry.document, body.texts("when")), *cells)
        if not conditions:
            entry.problem("rule-without-when", name=entry.name)
        return (*conditions, *self._in_force(body))

    def _in_force(self, body: Body) -> list[Node]:
        """Return the conditions of `from` (this day on) and `until` (before this day)."""
        by = dated_by(self.expressions, body, self.dated_by)
        found: list[Node] = []
        for key, op in (("from", ">="), ("until", "<")):
            if (text := body.single(key)) is not None:
                day = self.expressions.value(body.entry.document, text, Type("instant"))
                if not failed(day):
                    found.append(Compare(op, by, day))  # type: ignore[arg-type]
        return found

    # -- conclusions ------------------------------------------------------------------------

    def conclusion(self, entry: Entry, tree: Tree, matter: str = OUTCOME) -> Conclusion:
        """Read what is concluded: a remedy, a reference, `escalate [to QUESTION]`, or a value."""
        if matter != OUTCOME:
            return self._value(entry, tree)
        match tree:
            case Text(value=text) if text in REFERENCES:
                return Conclusion(reference=self._reference(entry, tree))
            case Text(value=text) if text.startswith("escalate to "):
                return self._escalate(entry, tree, text.removeprefix("escalate to ").strip())
            case Text(value=text):
                return Conclusion(remedy=self._remedy(entry, text, tree))
            case Map():
                return self._detailed(entry, tree)
            case _:
                entry.problem("conclusion-shape", tree.mark)
                return Conclusion(remedy="escalate")

    def _value(self, entry: Entry, tree: Tree) -> Conclusion:
        if isinstance(tree, Text):
            return Conclusion(value=tree.value)
        if isinstance(tree, Map) and list(tree.entries) == ["percent"]:
            body = Body(entry, tree)
            return Conclusion(value="percent", percent=self._node(body, "percent", Type("rate")))
        entry.problem("conclusion-not-a-word", tree.mark)
        return Conclusion(value="none")

    def _escalate(self, entry: Entry, tree: Tree, question: str) -> Conclusion:
        if question not in self.questions:
            advice = did_you_mean(question, self.questions)
            entry.problem("unknown-question", tree.mark, name=question, advice=advice)
        return Conclusion(remedy="escalate", to=question)

    def _remedy(self, entry: Entry, name: str, tree: Tree) -> str:
        if name in REMEDIES:
            return name
        advice = nearest_or_known(name, [*REMEDIES, *REFERENCES])
        width = max(1, len(name))
        entry.problem("unknown-remedy", tree.mark, width=width, name=name, advice=advice)
        return "escalate"

    def _reference(self, entry: Entry, written: Text) -> Reference:
        """Return what a conclusion refers to; what it needs for that must be there."""
        reference = REFERENCES[written.value]
        pick = RECORDS.get(reference)
        if pick is not None and pick not in self.picks:
            entry.problem(
                "missing-pick",
                written.mark,
                width=len(written.value),
                conclusion=written.value,
                pick=pick,
            )
        if reference in ("requested", "ruled") and not self.requests:
            entry.problem(
                "missing-requests", written.mark, width=len(written.value), conclusion=written.value
            )
        return reference

    def _better(self, entry: Entry, tree: Map) -> Conclusion:
        """Read conclusions of which the best for the buyer holds."""
        listed = Body(entry, tree).only((BETTER,)).tree(BETTER)
        items = listed.items if isinstance(listed, Items) else ()
        found = tuple(self.conclusion(entry, item) for item in items)
        if len(found) < 2 or any(map(_has_no_order, items)):
            entry.problem("better-of-what", tree.mark)
            return Conclusion(remedy="escalate")
        return Conclusion(better=found)

    def _detailed(self, entry: Entry, tree: Map) -> Conclusion:
        if BETTER in tree.entries:
            return self._better(entry, tree)
        body = Body(entry, tree).only(CONCLUSION_WORDS)
        text = body.text("remedy")
        if not text:
            entry.problem("conclusion-without-remedy", tree.mark)
            return Conclusion(remedy="escalate")
        written = Text(text, body.value_mark("remedy"))
        refers = text in REFERENCES
        return Conclusion(
            remedy="" if refers else self._remedy(entry, text, written),
            reference=self._reference(entry, written) if refers else "",
            amount=self._node(body, "amount", Type("money")),
            quantity=self._node(body, "quantity", Type("integer")),
            percent=self._node(body, "percent", Type("rate")),
            payer=body.choice("payer", PARTIES),
            payee=body.choice("payee", PARTIES),
        )

    def _node(self, body: Body, key: str, expected: Type) -> Node | None:
        text = body.single(key)
        if text is None:
            return None
        node = self.expressions.value(body.entry.document, text, expected)
        return None if failed(node) else node

    def effects(self, body: Body, key: str) -> tuple[Effect, ...]:
        """Read `{flag: yes, name: expression}`; a bare word that is no name is a text."""
        tree = body.tree(key)
        if tree is None:
            return ()
        if not isinstance(tree, Map):
            body.entry.problem("effects-shape", tree.mark)
            return ()
        found = []
        for name, value in tree:
            if isinstance(value, Text):
                found.append(Effect(name, self._effect(body, value)))
            else:
                body.entry.problem("effect-shape", value.mark, name=name)
        return tuple(found)

    def _effect(self, body: Body, text: Text) -> Node:
        word = text.value.strip()
        if word in ("yes", "no"):
            return Lit(word == "yes", BOOLEAN)
        if word.isidentifier() and self.expressions.scope.name(word) is None:
            return Lit(word, Type("text"))
        return self.expressions.value(body.entry.document, text)


def _has_no_order(item: Tree) -> bool:
    """Whether a conclusion is none that can be better or worse for the buyer."""
    if isinstance(item, Map):
        remedy = item.entries.get("remedy")
        return BETTER in item.entries or (remedy is not None and _has_no_order(remedy))
    return isinstance(item, Text) and item.value.split()[:1] == ["escalate"]


@dataclass(frozen=True, slots=True)
class WrongException:
    """What is wrong with one name of a rule's `exception_to`."""

    rule: Rule
    name: str
    said: Said
    advice: Said | None = None


def resolve_exceptions(
    rules: Iterable[Rule], groups: Mapping[str, list[str]]
) -> tuple[Mapping[str, tuple[str, ...]], list[WrongException]]:
    """Return which rules each rule excepts, and what is wrong with what they name."""
    known = {rule.name: rule for rule in rules}
    found: dict[str, tuple[str, ...]] = {}
    wrong: list[WrongException] = []
    for rule in known.values():
        names: list[str] = []
        for name in rule.exception_to:
            targets = groups.get(name, [name] if name in known else [])
            if not targets:
                advice = did_you_mean(name, [*known, *groups])
                wrong.append(WrongException(rule, name, said("unknown-rule", name=name), advice))
            names.extend(target for target in targets if target != rule.name)
        wrong += (
            WrongException(rule, name, told)
            for name in names
            if (told := _cannot_except(rule, known[name])) is not None
        )
        found[rule.name] = tuple(dict.fromkeys(names))
    return found, wrong


def _cannot_except(rule: Rule, other: Rule) -> Said | None:
    """Return why a rule cannot be an exception to another one, None when it can."""
    if other.matter != rule.matter or other.kind != rule.kind:
        kind = said(f"a-{other.kind}")
        return said("exception-on-another-matter", name=other.name, kind=kind)
    if _apart(rule.chapter, other.chapter):
        return said("exception-in-another-chapter", name=other.name)
    return None


def _apart(one: str, other: str) -> bool:
    """Whether rules of these chapters never hold together ("" is every chapter)."""
    return bool(one and other) and one != other
