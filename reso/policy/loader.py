"""Loads a pack: every file of its folder is read, checked, and frozen into one `Policy`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from reso.errors import InputError
from reso.expressions.tree import Earliest, Lit, Node, Pick, Type
from reso.facts.calendar import Calendar, nearest_country, nearest_zone
from reso.facts.table import FactTable
from reso.model.money import minor_digits, nearest_currency
from reso.policy.checks import check_policy
from reso.policy.definitions import Definitions
from reso.policy.document import Document, Map, Mark, Text, read_document
from reso.policy.inputs import fact_table
from reso.policy.messages import MessageReader
from reso.policy.model import (
    OUTCOME,
    REMEDIES,
    Chapter,
    Conclusion,
    Effect,
    Policy,
    Promise,
    Question,
    Rule,
    Settlement,
    Source,
    Stage,
)
from reso.policy.parameters import INSTANTS, ParameterReader, dated_by
from reso.policy.problems import NoPackError, PolicyError, Problem
from reso.policy.questions import QuestionReader, answer_names
from reso.policy.reading import Body, Entry, Expressions, failed, phrase
from reso.policy.rules import RuleReader, resolve_exceptions
from reso.policy.scope import PackScope
from reso.policy.sections import Sections
from reso.policy.settling import SettlingReader
from reso.policy.tables import TableReader
from reso.policy.waivers import read_waivers
from reso.problems.said import did_you_mean, said

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
    documents = [read_document(path, shown_path(path)) for path in pack_files(folder)]
    return PackLoader(folder, documents).load()


def pack_files(folder: Path) -> list[Path]:
    """Return the policy files in a folder, by name.

    Raises:
        NoPackError: there is no such folder, or no policy file in it.
    """
    if not folder.is_dir():
        raise NoPackError(str(folder), said("no-such-folder"), said("name-a-pack"))
    paths = sorted(path for path in folder.glob("*.yaml") if path.stem not in SKIPPED)
    if not paths:
        raise NoPackError(str(folder), said("no-policy-file"))
    return paths


def shown_path(path: Path) -> str:
    """Return the path as the author would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@dataclass(slots=True)
class PackLoader:
    folder: Path
    documents: list[Document]
    sections: Sections = field(default_factory=Sections)
    definitions: Definitions = field(init=False)
    expressions: Expressions = field(init=False)

    def load(self) -> tuple[Policy | None, list[Problem]]:
        for document in self.documents:
            self.sections.gather(document)
        header = self.sections.header
        if header is None:
            if not self._problems():
                self.documents[0].problem("header-missing", self._top())
            return None, self._problems()
        self._used(header)
        self.sections.refuse_idle_words()
        policy = self._policy(header)
        if all(document.tree or not document.problems for document in self.documents):
            check_policy(policy, {document.file: document for document in self.documents})
        problems = self._problems()
        return (None if problems else policy), problems

    def _problems(self) -> list[Problem]:
        return sorted({p for document in self.documents for p in document.problems})

    # -- the policy -------------------------------------------------------------------------

    def _policy(self, header: Body) -> Policy:
        table = fact_table(self.documents)
        currencies = self._currencies(header)
        calendar = self._calendar(header)
        scope = self._scope(table, currencies, calendar)
        by = self._parameters(header)
        for name in self.definitions.names():
            self.definitions.resolve(name)
        rules = self._rule_reader(by)
        chapters = self._chapters()
        questions, stages = self._questions(rules, chapters)
        judged = self._rules(rules)
        whole, settlements = self._settlements()
        settling = SettlingReader(
            self.expressions,
            scope,
            rules,
            frozenset(self.sections.all_questions()),
            frozenset(rule.matter for rule in judged if rule.matter != OUTCOME),
        )
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
            definitions=tuple(self.definitions.found.values()),
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
            escrow=settling.escrow(self._named("escrow")),
            movements=settling.movements(self._named("legs")),
            consent=settling.consent(self._named("consent")),
            reopens=settling.reopens(self._named("reopens")),
            messages=MessageReader().templates(self._named("messages")),
            overlays=self.definitions.parameters.laid(),
            waivers=read_waivers(self._named("waivers").values()),
        )

    def _scope(
        self, table: FactTable, currencies: tuple[str, ...], calendar: Calendar
    ) -> PackScope:
        """Return what names mean in this pack, and make ready to read its definitions."""
        self.definitions = Definitions(self.sections)
        scope = PackScope(table, currencies, calendar.zone, self.definitions.resolve)
        self.expressions = self.definitions.expressions = Expressions(scope)
        self.sections.refuse_taken_names(table)
        questions = {
            name: answer_names(entry) for name, entry in self.sections.all_questions().items()
        }
        scope.declare(self.definitions.names(), self.sections.pick_lists(), questions)
        return scope

    def _named(self, section: str) -> Mapping[str, Entry]:
        return self.sections.named(section)

    def _used(self, header: Body) -> None:
        """Read the shared files the header names; what they say is part of the pack."""
        for text in header.texts("uses"):
            path = (self.folder / text.value).resolve()
            if not path.is_file() or self.folder.resolve().parent not in path.parents:
                header.entry.problem("uses-no-such-file", text.mark, file=text.value)
                continue
            document = read_document(path, shown_path(path))
            self.documents.append(document)
            self.sections.gather(document, shared=True)

    def _top(self) -> Mark:
        return Mark(self.documents[0].file, 1, 1, 0)

    def _currencies(self, header: Body) -> tuple[str, ...]:
        found = []
        for text in header.texts("currency"):
            try:
                minor_digits(text.value)
                found.append(text.value)
            except InputError:
                near = nearest_currency(text.value)
                advice = None if near is None else said("did-you-mean", name=near)
                header.entry.problem(
                    "unknown-currency", text.mark, currency=text.value, advice=advice
                )
        if not header.texts("currency"):
            header.entry.problem("header-without-currency")
        return tuple(found)

    def _calendar(self, header: Body) -> Calendar:
        zone, country = header.text("time_zone", "UTC"), header.text("calendar") or None
        if header.tree("time_zone") is None:
            header.entry.problem("header-without-time-zone")
        calendar = Calendar.of(ZoneInfo("UTC").key, None)
        try:
            calendar = Calendar.of(zone, None)
            return Calendar.of(zone, country)
        except InputError:
            wrong_zone = calendar.zone.key != zone
            key, name = ("time_zone", zone) if wrong_zone else ("calendar", country or "")
            near = nearest_zone(name) if wrong_zone else nearest_country(name)
            advice = None if near is None else said("did-you-mean", name=near)
            code = "unknown-time-zone" if wrong_zone else "unknown-calendar"
            header.entry.problem(code, header.value_mark(key), name=name, advice=advice)
            return calendar

    def _parameters(self, header: Body) -> Node:
        """Make the parameters readable, and return the instant that dates them.

        A parameter that this very instant depends on is dated by the earliest of the case.
        """
        reader = ParameterReader(self.expressions, Earliest())
        self.definitions.parameters = reader
        reader.dated_by = dated_by(self.expressions, header, Earliest())
        scope = self.expressions.scope
        reader.reaches = {
            reach: node
            for reach, name in INSTANTS.items()
            if (node := scope.name(name)) is not None
            and (failed(node) or node.type.kind == "instant")
        }
        for document, tree in self.sections.overlays:
            reader.read_overlays(document, tree, self._named("parameters"))
        return reader.dated_by

    def _rule_reader(self, by: Node) -> RuleReader:
        return RuleReader(
            self.expressions,
            by,
            self.sections.citable(),
            frozenset(self.sections.all_questions()),
            tuple(self._named("chapters")),
            frozenset(self._named("picks")),
            bool(self._named("requests")),
        )

    def _sources(self) -> tuple[Source, ...]:
        found = []
        for entry in self._named("sources").values():
            body = entry.body(("address", "says"))
            if not body.text("address"):
                entry.problem("source-without-address", name=entry.name)
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
                entry.problem("chapter-without-when", name=entry.name)
                continue
            opens: Node = Earliest()
            if (text := body.single("opens_at")) is not None:
                opens = self.expressions.value(entry.document, text, Type("instant"))
            found.append(Chapter(entry.name, when, opens, entry.mark))
        return tuple(found)

    def _picks(self) -> tuple[tuple[str, Node], ...]:
        found = []
        for entry in self._named("picks").values():
            if not isinstance(entry.tree, Text):
                entry.problem("pick-shape")
                continue
            node = self.expressions.value(entry.document, entry.tree)
            if failed(node):
                continue
            if not (isinstance(node, Pick) and node.field is None):
                entry.problem("pick-of-no-record", name=entry.name)
                continue
            found.append((entry.name, node))
        return tuple(found)

    def _questions(
        self, rules: RuleReader, chapters: tuple[Chapter, ...]
    ) -> tuple[tuple[Question, ...], tuple[Stage, ...]]:
        opens = {chapter.name: chapter.opens_at for chapter in chapters}
        names = tuple(self.sections.all_questions())
        reader = QuestionReader(self.expressions, rules, opens, names, Earliest())
        found = [reader.question(entry) for entry in self._named("questions").values()]
        stages: list[Stage] = []
        for remedy, chapter, entries in self.sections.stages:
            stage, questions = reader.stage(remedy, chapter, entries)
            stages.append(stage)
            found.extend(questions)
        stretched = (
            replace(question, stretched=self.definitions.parameters.stretches(question.lasts))
            for question in found
        )
        read = tuple(stretched)
        self.definitions.parameters.refuse_idle(read)
        return read, tuple(stages)

    def _rules(self, reader: RuleReader) -> tuple[Rule, ...]:
        bars = self._named("bars")
        entries = self._named("rules")
        for name in bars.keys() & entries.keys():
            entries[name].problem("name-taken", name=name, section="bars")
        found = [reader.rule(entry, "bar") for entry in bars.values()]
        tables = TableReader(self.expressions, reader)
        for entry in entries.values():
            if isinstance(entry.tree, Map) and "rows" in entry.tree.entries:
                found += tables.rows(entry)
            else:
                found.append(reader.rule(entry, "rule"))
        exceptions, wrong = resolve_exceptions(found, reader.groups)
        documents = {document.file: document for document in self.documents}
        for flaw in wrong:
            mark = reader.exceptions.get((flaw.rule.name, flaw.name), flaw.rule.mark)
            documents[mark.file].flaw(flaw.said, mark, flaw.advice, len(flaw.name))
        return tuple(replace(rule, exception_to=exceptions[rule.name]) for rule in found)

    def _settlements(self) -> tuple[Node, tuple[Settlement, ...]]:
        whole: Node = Lit(None, Type("money", nullable=True))
        found = []
        for entry in self._named("settlements").values():
            if entry.name == "whole" and isinstance(entry.tree, Text):
                whole = self.expressions.value(entry.document, entry.tree, Type("money"))
                continue
            if entry.name not in REMEDIES:
                advice = did_you_mean(entry.name, REMEDIES)
                entry.problem("settlement-of-no-remedy", name=entry.name, advice=advice)
                continue
            body = entry.body(("amount", "quantity"))
            nodes = {
                key: self.expressions.value(entry.document, text, Type(kind))  # type: ignore[arg-type]
                for key, kind in (("amount", "money"), ("quantity", "integer"))
                if (text := body.single(key)) is not None
            }
            found.append(Settlement(entry.name, nodes.get("amount"), nodes.get("quantity")))
        return whole, tuple(found)

    def _requests(self, rules: RuleReader) -> tuple[tuple[str, str], ...]:
        found = []
        known = {*self._values("claim.requested"), *self._values("responses.solution"), "otherwise"}
        for entry in self._named("requests").values():
            if entry.name not in known:
                advice = did_you_mean(entry.name, known)
                entry.problem("unknown-request", name=entry.name, advice=advice)
            conclusion = rules.conclusion(entry, entry.tree)
            found.append((entry.name, conclusion.remedy))
        return tuple(found)

    def _values(self, path: str) -> tuple[str, ...]:
        section, _, name = path.partition(".")
        scope = self.expressions.scope
        node = (scope.items(section) or {}).get(name) or scope.name(path)
        return () if node is None else node.type.values

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
                entry.problem("promise-shape")
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
