"""Loads a pack: every file of its folder is read, checked, and frozen into one `Policy`."""

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reso.errors import InputError
from reso.expressions.check import may_compare_none
from reso.expressions.tree import BOOLEAN, And, Choice, Earliest, Lit, Node, Pick, Type
from reso.facts.calendar import Calendar
from reso.facts.table import FactTable, FactTableError, load_core, parse_inputs
from reso.model.money import minor_digits
from reso.policy.checks import check_policy
from reso.policy.document import Document, Items, Map, Mark, Text, Tree, read_document
from reso.policy.model import (
    OUTCOME,
    REMEDIES,
    Chapter,
    Conclusion,
    Definition,
    Effect,
    Policy,
    Promise,
    Question,
    Rule,
    Settlement,
    Source,
    Stage,
)
from reso.policy.parameters import ParameterReader, dated_by
from reso.policy.problems import PolicyError, Problem
from reso.policy.questions import QuestionReader, answer_names
from reso.policy.reading import Body, Entry, Expressions, failed, phrase
from reso.policy.rules import RuleReader, resolve_exceptions
from reso.policy.scope import PackScope

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
)
OTHER = ("for", "inputs", "overlays", "otherwise")
ROUNDINGS = ("down", "up", "half_up", "half_even")
SKIPPED = ("cases",)


def load_policy(folder: Path) -> Policy:
    """Load the pack in `folder` (every `*.yaml` file in it; `cases/` is left out).

    Raises:
        PolicyError: the pack has problems; the error holds all of them.
        InputError: there is no such folder, or no policy in it.
    """
    policy, problems = check_pack(folder)
    if problems or policy is None:
        raise PolicyError(problems)
    return policy


def check_pack(folder: Path) -> tuple[Policy | None, list[Problem]]:
    """Load a pack and return it with every problem found (no policy when it has any)."""
    if not folder.is_dir():
        raise InputError(str(folder), "no such folder", "Name the folder of a policy pack.")
    paths = sorted(path for path in folder.glob("*.yaml") if path.stem not in SKIPPED)
    if not paths:
        raise InputError(str(folder), "no policy file (*.yaml) in it", "")
    documents = [read_document(path, _shown(path)) for path in paths]
    return _Loader(folder, documents).load()


def _shown(path: Path) -> str:
    """Return the path as the author would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(slots=True)
class _Sections:
    """The named entries of a pack, by section, from all its files."""

    entries: dict[str, dict[str, Entry]] = field(default_factory=lambda: {s: {} for s in NAMED})
    stages: list[tuple[str, str, list[Entry]]] = field(default_factory=list)
    otherwise: list[tuple[str, Entry]] = field(default_factory=list)
    overlays: list[tuple[Document, Tree]] = field(default_factory=list)
    header: Body | None = None


@dataclass(slots=True)
class _Loader:
    folder: Path
    documents: list[Document]
    sections: _Sections = field(default_factory=_Sections)
    definitions: dict[str, Definition] = field(default_factory=dict)
    resolving: list[str] = field(default_factory=list)
    expressions: Expressions = field(init=False)
    parameters: ParameterReader = field(init=False)

    def load(self) -> tuple[Policy | None, list[Problem]]:
        for document in self.documents:
            self._gather(document)
        header = self.sections.header
        if header is None:
            if not self._problems():
                top = self._top()
                hint = "One file begins with `policy: NAME`."
                self.documents[0].problem("header", top, "no file of the pack has a header", hint)
            return None, self._problems()
        self._used(header)
        policy = self._policy(header)
        problems = self._problems()
        if not problems:
            problems = check_policy(policy, {d.file: d for d in self.documents})
        return (None if problems else policy), problems

    def _problems(self) -> list[Problem]:
        return sorted({p for document in self.documents for p in document.problems})

    # -- gathering --------------------------------------------------------------------------

    def _gather(self, document: Document) -> None:
        if document.tree is None:
            return
        top = Entry(document, document.file, document.tree.mark, document.tree)
        body = top.body((*HEADER, *NAMED, *OTHER))
        if body.tree("policy") is not None:
            if self.sections.header is not None:
                other = self.sections.header.entry.document.file
                top.problem("header", f"a second header (the first is in {other})")
            self.sections.header = body
        chapter = body.text("for")
        for section in NAMED:
            tree = body.tree(section)
            if isinstance(tree, Map):
                self._entries(document, section, tree, chapter)
            elif tree is not None:
                document.problem("shape", tree.mark, f"`{section}` is a mapping of names")
        if (tree := body.tree("otherwise")) is not None:
            self._otherwise(document, chapter, tree)
        if (tree := body.tree("overlays")) is not None:
            self.sections.overlays.append((document, tree))

    def _entries(self, document: Document, section: str, tree: Map, chapter: str) -> None:
        if section == "stages":
            self._stages(document, tree, chapter)
            return
        known = self.sections.entries[section]
        for name, value in tree:
            entry = Entry(document, name, tree.keys[name], value, chapter)
            if section == "rules" and name == "otherwise":
                self._otherwise(document, chapter, value)
                continue
            if name in known:
                other = known[name].mark
                message = f"`{name}` is already in `{section}` ({other.file}:{other.line})"
                entry.problem("duplicate", message)
                continue
            known[name] = entry

    def _stages(self, document: Document, tree: Map, chapter: str) -> None:
        for remedy, steps in tree:
            mark = tree.keys[remedy]
            if remedy not in REMEDIES or not isinstance(steps, Map):
                document.problem("name", mark, f"`{remedy}` is no remedy with steps")
                continue
            entries = [Entry(document, n, steps.keys[n], t, chapter) for n, t in steps]
            self.sections.stages.append((remedy, chapter, entries))

    def _otherwise(self, document: Document, chapter: str, tree: Tree) -> None:
        if isinstance(tree, Map) and "remedy" not in tree.entries:
            for matter, value in tree:
                self.sections.otherwise.append(
                    (matter, Entry(document, "otherwise", tree.keys[matter], value, chapter))
                )
            return
        self.sections.otherwise.append(
            (OUTCOME, Entry(document, "otherwise", tree.mark, tree, chapter))
        )

    # -- the policy -------------------------------------------------------------------------

    def _policy(self, header: Body) -> Policy:
        table = self._table()
        currencies = self._currencies(header)
        calendar = self._calendar(header)
        scope = PackScope(table, currencies, calendar.zone, self._resolve)
        self.expressions = Expressions(scope)
        self._declare(scope)
        by = dated_by(self.expressions, header, Earliest())
        self._parameters(by)
        for name in (
            *self._named("parameters"),
            *self._named("readings"),
            *self._named("findings"),
        ):
            self._resolve(name)
        rules = self._rule_reader(by)
        chapters = self._chapters()
        questions, stages = self._questions(rules, chapters)
        judged = self._rules(rules)
        whole, settlements = self._settlements()
        return Policy(
            name=header.text("policy"),
            version=header.text("version", "1"),
            content_hash=self._hash(),
            currencies=currencies,
            rounding=_rounding(header),
            calendar=calendar,
            dated_by=by,
            table=table,
            sources=self._sources(),
            chapters=chapters,
            definitions=tuple(self.definitions.values()),
            picks=self._picks(),
            questions=questions,
            rules=judged,
            otherwise=self._otherwises(rules),
            requests=self._requests(rules),
            whole=whole,
            settlements=settlements,
            stages=stages,
            effects=self._effects(rules),
            promises=self._promises(scope),
            notes=tuple(text.value for text in header.texts("notes")),
        )

    def _named(self, section: str) -> dict[str, Entry]:
        return self.sections.entries[section]

    def _used(self, header: Body) -> None:
        """Read the shared files the header names; what they say is part of the pack."""
        for text in header.texts("uses"):
            path = (self.folder / text.value).resolve()
            if not path.is_file() or self.folder.resolve().parent not in path.parents:
                header.entry.problem("name", f"no such file `{text.value}`", mark=text.mark)
                continue
            document = read_document(path, _shown(path))
            self.documents.append(document)
            self._gather(document)

    def _table(self) -> FactTable:
        """Return the core's facts with all inputs of the pack's files."""
        found = []
        for document in self.documents:
            tree = document.tree.entries.get("inputs") if document.tree else None
            if not isinstance(tree, Map):
                continue
            try:
                found.append(parse_inputs(_plain(tree), document.file))
            except FactTableError as error:
                document.problem("inputs", tree.mark, str(error))
        try:
            return load_core().merged(*found)
        except FactTableError as error:
            self.documents[0].problem("inputs", self._top(), str(error))
            return load_core()

    def _top(self) -> Mark:
        return Mark(self.documents[0].file, 1, 1, 0)

    def _currencies(self, header: Body) -> tuple[str, ...]:
        found = []
        for text in header.texts("currency"):
            try:
                minor_digits(text.value)
                found.append(text.value)
            except (InputError, ValueError) as error:
                header.entry.problem("currency", str(error), mark=text.mark)
        if not header.texts("currency"):
            header.entry.problem("missing", "the header has no `currency`", "Add `currency: IDR`.")
        return tuple(found)

    def _calendar(self, header: Body) -> Calendar:
        zone, country = header.text("time_zone", "UTC"), header.text("calendar") or None
        if header.tree("time_zone") is None:
            header.entry.problem("missing", "the header has no `time_zone`")
        try:
            return Calendar.of(zone, country)
        except (ValueError, InputError, ZoneInfoNotFoundError, OSError) as error:
            header.entry.problem("calendar", str(error), mark=header.mark("time_zone"))
            return Calendar.of(ZoneInfo("UTC").key, None)

    def _declare(self, scope: PackScope) -> None:
        names = [*self._named("parameters"), *self._named("readings"), *self._named("findings")]
        for section in ("parameters", "readings", "findings", "picks", "questions"):
            for name, entry in self._named(section).items():
                self._refuse_taken(section, name, entry)
        picks = {name: self._pick_list(entry) for name, entry in self._named("picks").items()}
        asked = {name: answer_names(entry) for name, entry in self._all_questions().items()}
        scope.declare(names, {n: s for n, s in picks.items() if s}, asked)

    def _all_questions(self) -> dict[str, Entry]:
        steps = {e.name: e for _, _, entries in self.sections.stages for e in entries}
        return {**self._named("questions"), **steps}

    def _refuse_taken(self, section: str, name: str, entry: Entry) -> None:
        sections = ("parameters", "readings", "findings", "picks", "questions")
        other = next((s for s in sections if s != section and name in self._named(s)), None)
        if other is not None and sections.index(other) < sections.index(section):
            entry.problem("duplicate", f"`{name}` is already one of the {other}")
        if not name.replace("_", "a").isalnum() or not name.isascii() or name[:1].isdigit():
            hint = "Names are letters, digits and _: `buyer_window`."
            entry.problem("name", f"`{name}` cannot be used as a name", hint)

    def _pick_list(self, entry: Entry) -> str:
        """Return the list a pick looks at, read from its text alone."""
        words = (
            entry.tree.value.replace(" of ", " ").split() if isinstance(entry.tree, Text) else []
        )
        return words[1] if len(words) > 1 else ""

    def _resolve(self, name: str) -> Type | None:
        if name in self.definitions:
            node = self.definitions[name].node
            return None if failed(node) else node.type
        entry = next(
            self._named(s)[name]
            for s in ("parameters", "readings", "findings")
            if name in self._named(s)
        )
        if name in self.resolving:
            circle = " -> ".join([*self.resolving[self.resolving.index(name) :], name])
            entry.problem("circle", f"`{name}` is defined by itself: {circle}")
            return None
        self.resolving.append(name)
        definition = self._define(name, entry)
        self.resolving.pop()
        self.definitions[name] = definition
        return None if failed(definition.node) else definition.node.type

    def _define(self, name: str, entry: Entry) -> Definition:
        if name in self._named("parameters"):
            node = self.parameters.node(entry)
            return self._described(entry, "parameter", node)
        if name in self._named("readings"):
            return self._described(entry, "reading", self._reading(entry))
        return self._finding(entry)

    def _described(
        self, entry: Entry, kind: Literal["parameter", "reading"], node: Node
    ) -> Definition:
        says, chosen = None, ""
        sources: tuple[str, ...] = ()
        if isinstance(entry.tree, Map) and "value" in entry.tree.entries:
            body = Body(entry, entry.tree)
            says = phrase(self.expressions, body, "says")
            chosen = body.text("chosen")
            sources = tuple(text.value for text in body.texts("source"))
        return Definition(entry.name, kind, node, says, entry.mark, chosen, sources)

    def _reading(self, entry: Entry) -> Node:
        tree = entry.tree
        if isinstance(tree, Text):
            return self.expressions.value(entry.document, tree)
        if isinstance(tree, Map) and "value" in tree.entries:
            tree = tree.entries["value"]
            if isinstance(tree, Text):
                return self.expressions.value(entry.document, tree)
        if isinstance(tree, Items):
            return self._choice(entry, tree)
        entry.problem("shape", "a reading is an expression, or a list of {when, then}")
        return Lit(None, Type("error"))

    def _choice(self, entry: Entry, tree: Items) -> Node:
        branches: list[tuple[Node, Node]] = []
        otherwise: Node | None = None
        for item in tree.items:
            if not isinstance(item, Map):
                entry.problem("shape", "a branch is {when, then} or {otherwise}", mark=item.mark)
                continue
            body = Body(entry, item).only(("when", "then", "otherwise"))
            last, then = body.tree("otherwise"), body.tree("then")
            if isinstance(last, Text):
                otherwise = self.expressions.value(entry.document, last)
                continue
            when = self.expressions.all_of(entry.document, body.texts("when"))
            if when is None or not isinstance(then, Text):
                entry.problem("missing", "a branch needs `when` and `then`", mark=item.mark)
                continue
            branches.append((when, self.expressions.value(entry.document, then)))
        values = [value for _, value in branches] + ([otherwise] if otherwise else [])
        if not values or any(failed(value) for value in values):
            return Lit(None, Type("error"))
        if len({value.type.kind for value in values}) > 1:
            entry.problem("type", f"the branches of `{entry.name}` are of different types")
            return Lit(None, Type("error"))
        nullable = otherwise is None or any(value.type.nullable for value in values)
        return Choice(tuple(branches), otherwise, values[0].type.optional(nullable))

    def _finding(self, entry: Entry) -> Definition:
        says = None
        if isinstance(entry.tree, Map):
            body = entry.body(("when", "says", "source"))
            texts = body.texts("when")
            says = phrase(self.expressions, body, "says")
        else:
            texts = Body(entry, Map({}, {}, entry.mark)).texts_of(entry.tree, entry.name)
        nodes = self.expressions.conditions(entry.document, texts)
        if not nodes or any(failed(node) for node in nodes):
            return Definition(entry.name, "finding", Lit(None, Type("error")), says, entry.mark)
        nullable = any(may_compare_none(node) for node in nodes)
        node = And(nodes, BOOLEAN.optional(nullable))
        return Definition(entry.name, "finding", node, says, entry.mark)

    def _parameters(self, by: Node) -> None:
        instants = {
            "orders placed": "order.placed_at",
            "parcels delivered": "delivered_at",
            "claims filed": "claim.filed_at",
        }
        reaches = {
            reach: self.expressions.scope.name(name) or Earliest()
            for reach, name in instants.items()
            if name != "delivered_at" or name in self._named("readings")
        }
        reaches.setdefault("parcels delivered", Earliest())
        self.parameters = ParameterReader(self.expressions, by, reaches)
        for document, tree in self.sections.overlays:
            self.parameters.read_overlays(document, tree)

    def _rule_reader(self, by: Node) -> RuleReader:
        return RuleReader(
            self.expressions,
            by,
            frozenset(self._named("sources")),
            frozenset(self._all_questions()),
        )

    def _sources(self) -> tuple[Source, ...]:
        found = []
        for entry in self._named("sources").values():
            body = entry.body(("address", "says"))
            if not body.text("address"):
                entry.problem("missing", f"source `{entry.name}` has no `address`")
            found.append(
                Source(entry.name, body.text("address"), phrase(self.expressions, body, "says"))
            )
        return tuple(found)

    def _chapters(self) -> tuple[Chapter, ...]:
        found = []
        for entry in self._named("chapters").values():
            body = entry.body(("when", "opens_at"))
            when = self.expressions.all_of(entry.document, body.texts("when"))
            if when is None:
                entry.problem("missing", f"chapter `{entry.name}` has no `when`")
                continue
            tree = body.tree("opens_at")
            opens: Node = Earliest()
            if isinstance(tree, Text):
                opens = self.expressions.value(entry.document, tree, Type("instant"))
            found.append(Chapter(entry.name, when, opens, entry.mark))
        return tuple(found)

    def _picks(self) -> tuple[tuple[str, Node], ...]:
        found = []
        for entry in self._named("picks").values():
            if not isinstance(entry.tree, Text):
                entry.problem("shape", "a pick is `first LIST where ...` or `latest LIST ...`")
                continue
            node = self.expressions.value(entry.document, entry.tree)
            if failed(node):
                continue
            if not (isinstance(node, Pick) and node.field is None):
                entry.problem("type", f"`{entry.name}` does not pick a record of a list")
                continue
            found.append((entry.name, node))
        return tuple(found)

    def _questions(
        self, rules: RuleReader, chapters: tuple[Chapter, ...]
    ) -> tuple[tuple[Question, ...], tuple[Stage, ...]]:
        opens = {chapter.name: chapter.opens_at for chapter in chapters}
        names = tuple(self._all_questions())
        reader = QuestionReader(self.expressions, rules, opens, names, Earliest())
        found = [reader.question(entry) for entry in self._named("questions").values()]
        stages: list[Stage] = []
        for remedy, chapter, entries in self.sections.stages:
            stage, questions = reader.stage(remedy, chapter, entries)
            stages.append(stage)
            found.extend(questions)
        stretched = (
            replace(question, stretched=self.parameters.stretches(question.lasts))
            for question in found
        )
        return tuple(stretched), tuple(stages)

    def _rules(self, reader: RuleReader) -> tuple[Rule, ...]:
        bars = self._named("bars")
        entries = self._named("rules")
        for name in bars.keys() & entries.keys():
            entries[name].problem("duplicate", f"`{name}` is already one of the bars")
        found = [reader.rule(entry, "bar") for entry in bars.values()]
        found += [reader.rule(entry, "rule") for entry in entries.values()]
        exceptions, wrong = resolve_exceptions(found, reader.groups)
        documents = {document.file: document for document in self.documents}
        for rule, message, hint in wrong:
            documents[rule.mark.file].problem("name", rule.mark, message, hint, len(rule.name))
        return tuple(replace(rule, exception_to=exceptions[rule.name]) for rule in found)

    def _settlements(self) -> tuple[Node, tuple[Settlement, ...]]:
        whole: Node = Lit(None, Type("money", nullable=True))
        found = []
        for entry in self._named("settlements").values():
            if entry.name == "whole" and isinstance(entry.tree, Text):
                whole = self.expressions.value(entry.document, entry.tree, Type("money"))
                continue
            if entry.name not in REMEDIES:
                entry.problem("name", f"`{entry.name}` is no remedy")
                continue
            body = entry.body(("amount", "quantity"))
            nodes = {
                key: self.expressions.value(entry.document, tree, Type(kind))  # type: ignore[arg-type]
                for key, kind in (("amount", "money"), ("quantity", "integer"))
                if isinstance(tree := body.tree(key), Text)
            }
            found.append(Settlement(entry.name, nodes.get("amount"), nodes.get("quantity")))
        return whole, tuple(found)

    def _requests(self, rules: RuleReader) -> tuple[tuple[str, str], ...]:
        found = []
        for entry in self._named("requests").values():
            conclusion = rules.conclusion(entry, entry.tree)
            found.append((entry.name, conclusion.remedy))
        return tuple(found)

    def _otherwises(self, rules: RuleReader) -> tuple[tuple[str, str, Conclusion], ...]:
        return tuple(
            (entry.chapter, matter, rules.conclusion(entry, entry.tree, matter))
            for matter, entry in self.sections.otherwise
        )

    def _effects(self, rules: RuleReader) -> tuple[Effect, ...]:
        found: list[Effect] = []
        for entry in self._named("effects").values():
            body = Body(entry, Map({entry.name: entry.tree}, {entry.name: entry.mark}, entry.mark))
            whole = Body(entry, Map({"effects": body.map}, {}, entry.mark))
            effects = rules.effects(whole, "effects")
            found.extend(replace(effect, chapter=entry.chapter) for effect in effects)
        return tuple(found)

    def _promises(self, scope: PackScope) -> tuple[Promise, ...]:
        scope.after_ruling(True)
        found = []
        for entry in self._named("promises").values():
            if isinstance(entry.tree, Text):
                node = self.expressions.condition(entry.document, entry.tree)
                found.append(Promise(entry.name, node))
            else:
                entry.problem("shape", "a promise is one condition")
        scope.after_ruling(False)
        return tuple(found)

    def _hash(self) -> str:
        digest = hashlib.sha256()
        for document in sorted(self.documents, key=lambda d: d.file.rsplit("/", 1)[-1]):
            name = document.file.rsplit("/", 1)[-1]
            digest.update(f"{name}\n{document.text}\n".encode())
        return digest.hexdigest()


def _rounding(header: Body) -> Literal["down", "up", "half_up", "half_even"]:
    match header.choice("rounding", ROUNDINGS, "down"):
        case "up":
            return "up"
        case "half_up":
            return "half_up"
        case "half_even":
            return "half_even"
        case _:
            return "down"


def _plain(tree: Tree) -> object:
    """Return a tree as plain dicts, lists and texts."""
    match tree:
        case Text():
            return tree.value
        case Items():
            return [_plain(item) for item in tree.items]
        case Map():
            return {key: _plain(value) for key, value in tree}
