"""Typed reading of a policy file's tree: every getter records a problem instead of failing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from reso.expressions.check import Checker, Scope, as_condition
from reso.expressions.tree import ERROR, And, Lit, Node, Type
from reso.policy.document import Document, Items, Map, Mark, Text, Tree
from reso.policy.model import LANGUAGES, Phrase, Placeholder
from reso.problems.said import Said, Value, did_you_mean, nearest_or_known, said

Word = TypeVar("Word", bound=str)
MAX_PHRASE = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a section (`rules: {approves: ...}`) and where it stands."""

    document: Document
    name: str
    mark: Mark
    tree: Tree
    chapter: str = ""

    def problem(
        self,
        code: str,
        mark: Mark | None = None,
        /,
        *,
        advice: Said | None = None,
        width: int = 1,
        **values: Value,
    ) -> None:
        """Record a problem of the catalogue at `mark`, or at the entry's name."""
        if mark is None:
            mark, width = self.mark, len(self.name)
        self.document.problem(code, mark, advice=advice, width=width, **values)

    def body(self, allowed: Iterable[str]) -> "Body":
        """Return the entry as a mapping with only these keys; others are problems."""
        if isinstance(self.tree, Map):
            return Body(self, self.tree).only(allowed)
        self.problem("not-a-mapping", name=self.name)
        return Body(self, Map({}, {}, self.mark))


@dataclass(frozen=True, slots=True)
class Body:
    """A mapping inside an entry, with typed getters."""

    entry: Entry
    map: Map

    def only(self, allowed: Iterable[str]) -> "Body":
        """Record every key that is not allowed here."""
        known = list(allowed)
        for key, mark in self.map.keys.items():
            if key not in known:
                self.entry.problem(
                    "unknown-key",
                    mark,
                    width=len(key),
                    key=key,
                    name=self.entry.name,
                    advice=nearest_or_known(key, known),
                )
        return self

    def tree(self, key: str) -> Tree | None:
        """Return the raw tree below a key."""
        return self.map.entries.get(key)

    def mark(self, key: str) -> Mark:
        """Return where a key stands (the mapping itself when the key is absent)."""
        return self.map.keys.get(key, self.map.mark)

    def value_mark(self, key: str) -> Mark:
        """Return where the value of a key begins (the mapping itself when the key is absent)."""
        tree = self.tree(key)
        return self.map.mark if tree is None else tree.mark

    def text(self, key: str, default: str = "") -> str:
        """Return a scalar's text."""
        found = self.single(key)
        return default if found is None else found.value.strip()

    def single(self, key: str) -> Text | None:
        """Return a scalar with its place."""
        tree = self.tree(key)
        if tree is None or isinstance(tree, Text):
            return tree
        self.entry.problem("not-a-single-value", self.mark(key), key=key)
        return None

    def flag(self, key: str) -> bool:
        """Return a yes/no value; no when absent."""
        value = self.text(key, "no")
        if value not in ("yes", "no"):
            self.entry.problem("not-yes-or-no", self.mark(key), key=key)
        return value == "yes"

    def choice(
        self, key: str, options: Iterable[Word], default: Word | Literal[""] = ""
    ) -> Word | Literal[""]:
        """Return the one of a few words that stands below a key, or `default`."""
        value = self.text(key, default)
        known = list(options)
        if value != default and value not in known:
            advice = nearest_or_known(value, known)
            mark = self.value_mark(key)
            self.entry.problem("unknown-choice", mark, key=key, value=value, advice=advice)
        return next((option for option in known if option == value), default)

    def texts(self, key: str) -> tuple[Text, ...]:
        """Return a single scalar or a list of scalars."""
        tree = self.tree(key)
        return () if tree is None else self.texts_of(tree, key)

    def texts_of(self, tree: Tree, key: str) -> tuple[Text, ...]:
        """Return the scalars of a tree that is a scalar or a list of scalars."""
        match tree:
            case Text():
                return (tree,)
            case Items(items=items) if all(isinstance(item, Text) for item in items):
                return tuple(item for item in items if isinstance(item, Text))
            case _:
                self.entry.problem("not-values", tree.mark, key=key)
                return ()


@dataclass(frozen=True, slots=True)
class Expressions:
    """Turns the texts of a document into typed trees, their flaws into problems."""

    scope: Scope

    def value(self, document: Document, text: Text, expected: Type | None = None) -> Node:
        """Return the typed tree of a value."""
        return self._checked(document, text, lambda c: c.expression(text.value, expected))

    def word(self, document: Document, text: Text, kind: Type) -> Lit:
        """Return a word as a value of an enumeration or a text; it needs no quotes."""
        word = text.value.strip()
        if not kind.values or word in kind.values:
            return Lit(word, kind.optional(False))
        document.problem(
            "unknown-value",
            text.mark,
            width=max(1, len(word)),
            word=f"`{word}`",
            kind=kind.said(),
            advice=did_you_mean(word, kind.values),
        )
        return Lit(None, ERROR)

    def condition(self, document: Document, text: Text) -> Node:
        """Return the typed tree of one condition."""
        return self._checked(document, text, lambda c: c.condition(text.value))

    def conditions(self, document: Document, texts: Iterable[Text]) -> tuple[Node, ...]:
        """Return the typed trees of several conditions that must all hold."""
        return tuple(self.condition(document, text) for text in texts)

    def all_of(self, document: Document, texts: Iterable[Text]) -> Node | None:
        """Return one condition out of several, None when there are none."""
        nodes = self.conditions(document, texts)
        if not nodes:
            return None
        return nodes[0] if len(nodes) == 1 else And(nodes)

    def within(self, document: Document, text: Text, start: int, piece: str) -> Node:
        """Return the typed tree of a piece of a text that begins at `start`."""
        return self._checked(document, text, lambda c: c.expression(piece), start)

    def composed(self, document: Document, cell: Text, expression: str) -> Node:
        """Return the condition made of a table's cell; what is wrong is told of the cell."""
        checker = Checker(self.scope)
        node = checker.condition(expression)
        for flaw in checker.flaws:
            document.flaw(flaw.said, cell.mark, flaw.advice, max(1, len(cell.value)))
        return node

    def listed(self, document: Document, text: Text) -> Node:
        """Return the pick of `LIST where ...`: the author's text is `first` of it."""
        return self._checked(document, text, lambda c: c.expression(f"first {text.value}"), -6)

    def _checked(
        self, document: Document, text: Text, work: Callable[[Checker], Node], shift: int = 0
    ) -> Node:
        checker = Checker(self.scope)
        node = work(checker)
        for flaw in checker.flaws:
            offset = min(max(0, flaw.start + shift), len(text.value))
            mark = document.mark_within(text, offset)
            document.flaw(flaw.said, mark, flaw.advice, max(1, flaw.end - flaw.start))
        return node


def source_names(body: Body, citable: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the ids of the sources an entry cites; unknown ones are problems.

    `citable` says which sources a name stands for: a source for itself, a parameter for its own.
    """
    texts = body.texts("source")
    for text in texts:
        if text.value not in citable:
            body.entry.problem(
                "unknown-source",
                text.mark,
                width=len(text.value),
                name=text.value,
                advice=did_you_mean(text.value, citable),
            )
    cited = (name for text in texts for name in citable.get(text.value, (text.value,)))
    return tuple(dict.fromkeys(cited))


def chapter_of(body: Body, known: Iterable[str], default: str = "") -> str:
    """Return the chapter `for` names; an unknown one is a problem, for it would never hold."""
    names = list(known)
    name = body.text("for", default)
    if body.tree("for") is not None and name not in names:
        body.entry.problem(
            "unknown-chapter",
            body.value_mark("for"),
            width=max(1, len(name)),
            name=name,
            advice=nearest_or_known(name, names),
        )
    return name


def failed(node: Node) -> bool:
    """Whether checking this expression failed (its problem is already recorded)."""
    return isinstance(node, Lit) and node.type == ERROR


def phrase(expressions: Expressions, body: Body, key: str) -> Phrase | None:
    """Read `{id: "...", en: "..."}` with `{expression}` placeholders; both languages needed."""
    tree = body.tree(key)
    if tree is None:
        return None
    entry = body.entry
    if not isinstance(tree, Map):
        entry.problem("text-of-no-language", tree.mark, key=key)
        return None
    inner = Body(entry, tree).only(LANGUAGES)
    parts: Mapping[str, tuple[str | Placeholder, ...]] = {
        language: _phrase_parts(expressions, inner, language) for language in LANGUAGES
    }
    return Phrase(parts["id"], parts["en"])


def _phrase_parts(
    expressions: Expressions, body: Body, language: str
) -> tuple[str | Placeholder, ...]:
    tree = body.tree(language)
    if not isinstance(tree, Text) or not tree.value.strip():
        name = said(f"language-{language}")
        body.entry.problem("missing-language", body.map.mark, name=name, language=language)
        return ()
    if len(tree.value) > MAX_PHRASE:
        body.entry.problem("text-too-long", tree.mark, most=MAX_PHRASE)
        return ()
    return _split(expressions, body.entry.document, tree)


def _split(
    expressions: Expressions, document: Document, text: Text
) -> tuple[str | Placeholder, ...]:
    parts: list[str | Placeholder] = []
    position = 0
    while (start := text.value.find("{", position)) >= 0:
        end = text.value.find("}", start)
        if end < 0:
            document.problem("brace-left-open", document.mark_within(text, start))
            return tuple(parts)
        if start > position:
            parts.append(text.value[position:start])
        piece = text.value[start + 1 : end]
        node = expressions.within(document, text, start + 1, piece)
        mark = document.mark_within(text, start + 1)
        if node.type.kind in ("record", "list"):
            document.problem("not-for-a-text", mark, type=node.type.said())
        elif not failed(node):
            parts.append(Placeholder(piece, node, mark))
        position = end + 1
    if position < len(text.value):
        parts.append(text.value[position:])
    return tuple(parts)


__all__ = ["Body", "Entry", "Expressions", "as_condition", "failed", "phrase"]
