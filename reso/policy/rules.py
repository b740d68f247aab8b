"""Rules, bars and what they conclude."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from reso.expressions.check import nearest
from reso.expressions.tree import BOOLEAN, Compare, Lit, Node, Type
from reso.policy.document import Map, Mark, Text, Tree
from reso.policy.model import OUTCOME, PARTIES, REMEDIES, Conclusion, Effect, Reference, Rule
from reso.policy.parameters import dated_by
from reso.policy.reading import Body, Entry, Expressions, chapter_of, failed, phrase, source_names

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
ENDINGS = ("agreed", "lapsed", "imposed")
RECORDS: Mapping[str, str] = {"approved": "approval", "offered": "offer", "ruled": "ruling"}
CONCLUSION_WORDS = ("remedy", "amount", "quantity", "percent", "payer", "payee")


@dataclass(slots=True)
class RuleReader:
    """Reads the `rules` and `bars` sections."""

    expressions: Expressions
    dated_by: Node
    sources: frozenset[str]
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
            entry.problem(
                "missing", f"`{entry.name}` does not conclude anything", "Add `conclude:`."
            )
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
            sources=source_names(body, self.sources),
            because=phrase(self.expressions, body, "because"),
            effects=self.effects(body, "effects"),
            applies_to=self.applies_to(body),
            mark=entry.mark,
            counts_as=body.choice("counts_as", ENDINGS),  # type: ignore[arg-type]
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
            hint = "Add `when:`; what holds in every case goes into `otherwise`."
            entry.problem("missing", f"`{entry.name}` does not say when it holds", hint)
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
                entry.problem("shape", "`conclude` is a remedy or a mapping", mark=tree.mark)
                return Conclusion(remedy="escalate")

    def _value(self, entry: Entry, tree: Tree) -> Conclusion:
        if isinstance(tree, Text):
            return Conclusion(value=tree.value)
        if isinstance(tree, Map) and list(tree.entries) == ["percent"]:
            body = Body(entry, tree)
            return Conclusion(value="percent", percent=self._node(body, "percent", Type("rate")))
        entry.problem("shape", "on this matter `conclude` is one word", mark=tree.mark)
        return Conclusion(value="none")

    def _escalate(self, entry: Entry, tree: Tree, question: str) -> Conclusion:
        if question not in self.questions:
            hint = nearest(question, self.questions)
            entry.problem("name", f"unknown question `{question}`", hint, tree.mark)
        return Conclusion(remedy="escalate", to=question)

    def _remedy(self, entry: Entry, name: str, tree: Tree) -> str:
        if name in REMEDIES:
            return name
        known = [*REMEDIES, *REFERENCES]
        hint = nearest(name, known) or f"Known: {', '.join(known)}."
        entry.document.problem("name", tree.mark, f"unknown remedy `{name}`", hint, len(name) or 1)
        return "escalate"

    def _reference(self, entry: Entry, said: Text) -> Reference:
        """Return what a conclusion refers to; what it needs for that must be there."""
        reference = REFERENCES[said.value]
        pick = RECORDS.get(reference)
        if pick is not None and pick not in self.picks:
            message = f"`{said.value}` needs a pick named `{pick}`"
            entry.document.problem("name", said.mark, message, "", len(said.value))
        if reference in ("requested", "ruled") and not self.requests:
            message = f"`{said.value}` needs the section `requests`"
            hint = "It says which remedy a request means."
            entry.document.problem("name", said.mark, message, hint, len(said.value))
        return reference

    def _detailed(self, entry: Entry, tree: Map) -> Conclusion:
        body = Body(entry, tree).only(CONCLUSION_WORDS)
        text = body.text("remedy")
        if not text:
            hint = "Add `remedy:`."
            entry.problem("missing", "the conclusion names no remedy", hint, tree.mark)
            return Conclusion(remedy="escalate")
        said = Text(text, body.value_mark("remedy"))
        refers = text in REFERENCES
        return Conclusion(
            remedy="" if refers else self._remedy(entry, text, said),
            reference=self._reference(entry, said) if refers else "",
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
            body.entry.problem("shape", "`effects` is a mapping", mark=tree.mark)
            return ()
        found = []
        for name, value in tree:
            if isinstance(value, Text):
                found.append(Effect(name, self._effect(body, value)))
            else:
                body.entry.problem("shape", f"the effect `{name}` is one value", mark=value.mark)
        return tuple(found)

    def _effect(self, body: Body, text: Text) -> Node:
        word = text.value.strip()
        if word in ("yes", "no"):
            return Lit(word == "yes", BOOLEAN)
        if word.isidentifier() and self.expressions.scope.name(word) is None:
            return Lit(word, Type("text"))
        return self.expressions.value(body.entry.document, text)


def resolve_exceptions(
    rules: Iterable[Rule], groups: Mapping[str, list[str]]
) -> tuple[Mapping[str, tuple[str, ...]], list[tuple[Rule, str, str, str]]]:
    """Return which rules each rule excepts, and what is wrong: (rule, name, message, hint)."""
    known = {rule.name: rule for rule in rules}
    found: dict[str, tuple[str, ...]] = {}
    wrong: list[tuple[Rule, str, str, str]] = []
    for rule in known.values():
        names: list[str] = []
        for name in rule.exception_to:
            targets = groups.get(name, [name] if name in known else [])
            if not targets:
                hint = nearest(name, [*known, *groups])
                wrong.append((rule, name, f"exception to unknown rule `{name}`", hint))
            names.extend(target for target in targets if target != rule.name)
        for name in names:
            if known[name].matter != rule.matter or known[name].kind != rule.kind:
                message = f"exception to `{name}`, which is a {known[name].kind} on another matter"
                wrong.append((rule, name, message, ""))
            elif _apart(rule.chapter, known[name].chapter):
                message = f"exception to `{name}`, which is for another chapter"
                wrong.append((rule, name, message, ""))
        found[rule.name] = tuple(dict.fromkeys(names))
    return found, wrong


def _apart(one: str, other: str) -> bool:
    """Whether rules of these chapters never hold together ("" is every chapter)."""
    return bool(one and other) and one != other
