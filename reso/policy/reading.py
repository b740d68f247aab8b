"""Typed reading of a policy file's tree: every getter records a problem instead of failing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reso.expressions.check import Checker, Scope, as_condition, nearest
from reso.expressions.tree import ERROR, And, Lit, Node, Type
from reso.policy.document import Document, Items, Map, Mark, Text, Tree
from reso.policy.model import LANGUAGES, Phrase, Placeholder
from reso.problems.said import Said, Value

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

    def flawed(self, code: str, message: str, hint: str = "", mark: Mark | None = None) -> None:
        width = len(self.name) if mark is None else 1
        self.document.flawed(code, mark or self.mark, message, hint, width)

    def body(self, allowed: Iterable[str]) -> "Body":
        """Return the entry as a mapping with only these keys; others are problems."""
        if isinstance(self.tree, Map):
            return Body(self, self.tree).only(allowed)
        self.flawed("shape", f"`{self.name}` must be a mapping", "Write `key: value` lines.")
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
                hint = nearest(key, known) or f"Known: {', '.join(known)}."
                message = f"`{key}` is not a word of `{self.entry.name}`"
                self.entry.document.flawed("key", mark, message, hint, len(key))
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
        self.entry.flawed("shape", f"`{key}` must be a single value", mark=self.mark(key))
        return None

    def flag(self, key: str) -> bool:
        """Return a yes/no value; no when absent."""
        value = self.text(key, "no")
        if value not in ("yes", "no"):
            self.entry.flawed("shape", f"`{key}` must be yes or no", mark=self.mark(key))
        return value == "yes"

    def choice(self, key: str, options: Iterable[str], default: str = "") -> str:
        """Return one of a few words."""
        value = self.text(key, default)
        known = list(options)
        if value != default and value not in known:
            hint = nearest(value, known) or f"Known: {', '.join(known)}."
            self.entry.flawed("name", f"unknown {key} `{value}`", hint, self.value_mark(key))
            return default
        return value

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
                message = f"`{key}` must be a value or a list of values"
                self.entry.flawed("shape", message, mark=tree.mark)
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
        message, hint = f"`{word}` is not {kind}", nearest(word, kind.values)
        document.flawed("expression", text.mark, message, hint, max(1, len(word)))
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
            width = max(1, len(cell.value))
            document.flawed("expression", cell.mark, flaw.message, flaw.hint, width)
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
            document.flawed(
                "expression", mark, flaw.message, flaw.hint, max(1, flaw.end - flaw.start)
            )
        return node


def source_names(body: Body, known: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the sources an entry cites; unknown ones are problems."""
    listed = list(known)
    for text in body.texts("source"):
        if text.value not in listed:
            hint = nearest(text.value, listed) or "List it under `sources`."
            message = f"unknown source `{text.value}`"
            body.entry.document.flawed("name", text.mark, message, hint, len(text.value))
    return tuple(text.value for text in body.texts("source"))


def chapter_of(body: Body, known: Iterable[str], default: str = "") -> str:
    """Return the chapter `for` names; an unknown one is a problem, for it would never hold."""
    names = list(known)
    name = body.text("for", default)
    if body.tree("for") is not None and name not in names:
        hint = nearest(name, names) or f"Known: {', '.join(names) or 'none'}."
        message = f"unknown chapter `{name}`"
        mark = body.value_mark("for")
        body.entry.document.flawed("name", mark, message, hint, max(1, len(name)))
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
        hint = 'Write {id: "...", en: "..."}.'
        entry.flawed("phrase", f"`{key}` needs a text in each language", hint, tree.mark)
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
        name = {"id": "Indonesian", "en": "English"}[language]
        body.entry.flawed("phrase", f"no {name} text (`{language}`)", mark=body.map.mark)
        return ()
    if len(tree.value) > MAX_PHRASE:
        body.entry.flawed("phrase", f"text longer than {MAX_PHRASE} characters", mark=tree.mark)
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
            mark = document.mark_within(text, start)
            document.flawed("phrase", mark, "`{` without `}`")
            return tuple(parts)
        if start > position:
            parts.append(text.value[position:start])
        piece = text.value[start + 1 : end]
        node = expressions.within(document, text, start + 1, piece)
        mark = document.mark_within(text, start + 1)
        if node.type.kind in ("record", "list"):
            document.flawed("phrase", mark, f"a {node.type.kind} cannot be written in a text")
        elif not failed(node):
            parts.append(Placeholder(piece, node, mark))
        position = end + 1
    if position < len(text.value):
        parts.append(text.value[position:])
    return tuple(parts)


__all__ = ["Body", "Entry", "Expressions", "as_condition", "failed", "phrase"]
