"""The sections of a pack: named entries gathered from all its files, before any is read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from reso.errors import InputError
from reso.expressions.functions import FUNCTIONS
from reso.expressions.parse import can_be_said
from reso.facts.table import FactTable
from reso.policy.document import Document, Map, Mark, Text, Tree
from reso.policy.model import OUTCOME, REMEDIES
from reso.policy.reading import Body, Entry, chapter_of
from reso.problems.catalogue import render
from reso.problems.said import MAX_NAME, did_you_mean, known_names, nearest_or_known

HEADER = (
    "policy",
    "version",
    "title",
    "currency",
    "time_zone",
    "calendar",
    "rounding",
    "dated_by",
    "uses",
    "notes",
)
NAMED = (
    "sources",
    "facts",
    "readings",
    "picks",
    "parameters",
    "chapters",
    "findings",
    "bars",
    "questions",
    "rules",
    "stages",
    "settlements",
    "requests",
    "effects",
    "promises",
    "escrow",
    "legs",
    "consent",
    "reopens",
    "messages",
    "waivers",
)
OTHER = ("for", "inputs", "overlays", "otherwise")
MESSAGE_READERS = ("buyer", "seller")
MEANT_OTHERWISE = {*FUNCTIONS, "earliest", "known", "none"}
DEFINED = ("parameters", "facts", "readings", "findings", "picks", "questions")


@dataclass(slots=True)
class Sections:
    """The named entries of a pack, by section, from all its files."""

    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {s: {} for s in NAMED})
    stages: list[tuple[str, str, list[Entry]]] = field(default_factory=list)
    otherwise: list[tuple[str, Entry]] = field(default_factory=list)
    overlays: list[tuple[Document, Tree]] = field(default_factory=list)
    bodies: list[Body] = field(default_factory=list)
    header: Body | None = None

    def named(self, section: str) -> Mapping[str, Entry]:
        """Return the entries of a section, by name."""
        return self.entries[section]

    def all_questions(self) -> dict[str, Entry]:
        """Return the questions, the steps of stages among them."""
        steps = {entry.name: entry for _, _, entries in self.stages for entry in entries}
        return {**self.entries["questions"], **steps}

    def sources(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of the sources, each standing for itself."""
        return {name: (name,) for name in self.entries["sources"]}

    def citable(self) -> dict[str, tuple[str, ...]]:
        """Return what can be cited: the sources, and the parameters that rest on some of them."""
        parameters = {n: _own_sources(entry) for n, entry in self.entries["parameters"].items()}
        return {**{name: ids for name, ids in parameters.items() if ids}, **self.sources()}

    def gather(self, document: Document, *, shared: bool = False) -> None:
        """Take in what one file says. Of a shared file's messages, the pack's own go before."""
        if document.tree is None:
            return
        top = Entry(document, document.file, document.tree.mark, document.tree)
        body = top.body((*HEADER, *NAMED, *OTHER))
        if body.tree("policy") is not None:
            if self.header is not None:
                top.problem("header-twice", file=self.header.entry.document.file)
            self.header = body
        chapter = body.text("for")
        self.bodies.append(body)
        for section in NAMED:
            tree = body.tree(section)
            if section == "messages" and isinstance(tree, Map):
                self._add_messages(document, tree, shared)
            elif isinstance(tree, Map):
                self._add_entries(document, section, tree, chapter)
            elif tree is not None:
                document.problem("section-shape", tree.mark, section=section)
        if (tree := body.tree("otherwise")) is not None:
            self._add_otherwise(document, chapter, tree)
        if (tree := body.tree("overlays")) is not None:
            self.overlays.append((document, tree))

    def _add_entries(self, document: Document, section: str, tree: Map, chapter: str) -> None:
        if section == "stages":
            self._add_stages(document, tree, chapter)
            return
        known = self.entries[section]
        for name, value in tree:
            entry = Entry(document, name, tree.keys[name], value, chapter)
            if section == "rules" and name == "otherwise":
                self._add_otherwise(document, chapter, value)
                continue
            if name in known:
                other = known[name].mark
                place = f"{other.file}:{other.line}"
                entry.problem("name-twice", name=name, section=section, place=place)
                continue
            known[name] = entry

    def _add_messages(self, document: Document, tree: Map, shared: bool) -> None:
        """Take in messages, as `reader.kind`."""
        known = self.entries["messages"]
        for reader, kinds in tree:
            if not isinstance(kinds, Map):
                document.problem("messages-shape", tree.keys[reader], width=len(reader))
                continue
            if reader not in MESSAGE_READERS:
                advice = known_names(MESSAGE_READERS)
                document.problem(
                    "message-to-nobody",
                    tree.keys[reader],
                    advice=advice,
                    width=max(1, len(reader)),
                    reader=reader,
                )
                continue
            for kind, value in kinds:
                name = f"{reader}.{kind}"
                entry = Entry(document, name, kinds.keys[kind], value)
                if name not in known:
                    known[name] = entry
                elif not shared:
                    entry.problem("message-twice", name=name)

    def _add_stages(self, document: Document, tree: Map, chapter: str) -> None:
        for remedy, steps in tree:
            mark = tree.keys[remedy]
            if remedy not in REMEDIES or not isinstance(steps, Map):
                advice = did_you_mean(remedy, set(REMEDIES) - {remedy})
                document.problem("stage-shape", mark, name=remedy, advice=advice)
                continue
            if any((remedy, chapter) == known[:2] for known in self.stages):
                document.problem("stage-twice", mark, remedy=remedy)
                continue
            entries = [Entry(document, n, steps.keys[n], t, chapter) for n, t in steps]
            self.stages.append((remedy, chapter, entries))

    def _add_otherwise(self, document: Document, chapter: str, tree: Tree) -> None:
        if isinstance(tree, Map) and "remedy" not in tree.entries:
            found = [(matter, tree.keys[matter], value) for matter, value in tree]
        else:
            found = [(OUTCOME, tree.mark, tree)]
        for matter, mark, value in found:
            entry = Entry(document, "otherwise", mark, value, chapter)
            if any(matter == known and chapter == other.chapter for known, other in self.otherwise):
                entry.problem("otherwise-twice", matter=matter)
                continue
            self.otherwise.append((matter, entry))

    def set_parameter(self, name: str, value: str) -> Document:
        """Give a parameter another value for this load; return the document that says so.

        Raises:
            InputError: there is no such parameter.
        """
        known = self.entries["parameters"]
        if name not in known:
            hint = render(nearest_or_known(name, sorted(known)), "en")
            raise InputError(f"{name}={value}", f"there is no parameter `{name}`", hint)
        document = Document(f"{name}={value}", f"{name}={value}")
        text = Text(value, Mark(document.file, 1, len(name) + 2, len(name) + 1))
        known[name] = Entry(document, name, Mark(document.file, 1, 1, 0), text)
        return document

    def refuse_idle_words(self) -> None:
        """Refuse what would never say anything: an unknown chapter, a header's words elsewhere."""
        home = self.header.entry.document.file if self.header else ""
        for body in self.bodies:
            chapter_of(body, self.entries["chapters"])
            keys = body.map.keys
            for word in () if "policy" in keys else HEADER:
                if word in keys:
                    mark, width = keys[word], len(word)
                    body.entry.problem("header-elsewhere", mark, width=width, word=word, file=home)

    def refuse_taken_names(self, table: FactTable) -> None:
        """Refuse names that stand for two things, or that no expression could say."""
        for position, section in enumerate(DEFINED):
            entries = self.all_questions() if section == "questions" else self.entries[section]
            for name, entry in entries.items():
                taken = [s for s in DEFINED[:position] if name in self.entries[s]]
                if taken:
                    entry.problem("name-taken", name=name, section=taken[0])
                elif name in table.fields:
                    entry.problem("name-of-a-fact", name=name)
                elif name in table.objects or name in table.lists:
                    entry.problem("name-of-a-section", name=name)
                _refuse_unsayable(name, entry)
        self._refuse_steps_named_twice()

    def _refuse_steps_named_twice(self) -> None:
        named = set(self.entries["questions"])
        for entry in (entry for _, _, entries in self.stages for entry in entries):
            if entry.name in named:
                entry.problem("name-taken", name=entry.name, section="questions")
            named.add(entry.name)

    def pick_lists(self) -> dict[str, str]:
        """Return the list each pick looks at, read from its text alone."""
        found = {name: _pick_list(entry) for name, entry in self.entries["picks"].items()}
        return {name: section for name, section in found.items() if section}


def _own_sources(entry: Entry) -> tuple[str, ...]:
    """Return the sources a parameter cites; a table or periods without `value` cite none."""
    if not isinstance(entry.tree, Map) or "value" not in entry.tree.entries:
        return ()
    return tuple(text.value for text in Body(entry, entry.tree).texts("source"))


def _refuse_unsayable(name: str, entry: Entry) -> None:
    if not name.replace("_", "a").isalnum() or not name.isascii() or name[:1].isdigit():
        entry.problem("bad-name", name=name, like=_sayable(name))
    elif name in MEANT_OTHERWISE or not can_be_said(name):
        entry.problem("reserved-name", name=name)


def _sayable(name: str) -> str:
    """Return the name an author may have meant: accents gone, `_` between the words."""
    plain = normalize("NFKD", name[:MAX_NAME]).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", plain)
    if words and words[0][0].isdigit():
        words = [*words[1:], words[0]] if words[1:] else ["no", *words]
    return "_".join(words) or "buyer_window"


def _pick_list(entry: Entry) -> str:
    words = entry.tree.value.replace(" of ", " ").split() if isinstance(entry.tree, Text) else []
    return words[1] if len(words) > 1 else ""
