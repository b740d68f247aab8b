"""Loads a pack: every file of its folder is read, checked, and frozen into one `Policy`."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from reso.expressions.tree import Earliest, Lit, Node, Pick, Type
from reso.facts.table import FactTable
from reso.policy.checks import check_policy
from reso.policy.definitions import Definitions
from reso.policy.document import Document, Map, Mark, Text, read_document
from reso.policy.files import beside, pack_files, shown_path
from reso.policy.header import calendar, currencies, rounding
from reso.policy.inputs import fact_table
from reso.policy.messages import MessageReader, situations
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
from reso.policy.problems import PolicyError, Problem, TooManyProblemsError
from reso.policy.questions import QuestionReader, answer_names
from reso.policy.reading import Body, Entry, Expressions, failed, phrase
from reso.policy.rules import RuleReader, resolve_exceptions
from reso.policy.scope import PackScope
from reso.policy.sections import Sections
from reso.policy.settling import SettlingReader
from reso.policy.tables import TableReader
from reso.policy.waivers import read_waivers
from reso.problems.said import did_you_mean

Settings = Mapping[str, str]
NO_SETTINGS: Settings = MappingProxyType({})


def load_policy(folder: Path, settings: Settings = NO_SETTINGS) -> Policy:
    """Load the pack in `folder` (every `*.yaml` file in it; `cases/` is left out).

    Args:
        settings: parameters by name, each with the text of the value it has instead of its own,
            periods and tables included. Overlays are still laid over it.

    Raises:
        PolicyError: the pack has problems, perhaps by a setting; the error holds all of them.
        InputError: there is no such folder, no policy in it, or no such parameter.
    """
    policy, problems = check_pack(folder, settings)
    if problems or policy is None:
        raise PolicyError(problems)
    return policy


def check_pack(
    folder: Path, settings: Settings = NO_SETTINGS
) -> tuple[Policy | None, list[Problem]]:
    """Load a pack and return it with every problem found (no policy when it has any)."""
    documents = [read_document(path, shown_path(path)) for path in pack_files(folder)]
    return PackLoader(folder, documents, settings).load()


@dataclass(slots=True)
class PackLoader:
    folder: Path
    documents: list[Document]
    settings: Settings = field(default_factory=dict)
    sections: Sections = field(default_factory=Sections)
    definitions: Definitions = field(init=False)
    expressions: Expressions = field(init=False)

    def load(self) -> tuple[Policy | None, list[Problem]]:
        """Return the policy with every problem found (no policy when it has any)."""
        try:
            return self._load()
        except TooManyProblemsError:
            return None, self._problems()
        except RecursionError:
            self.documents[0].problem("expressions-too-deep", self._top())
            return None, self._problems()

    def _load(self) -> tuple[Policy | None, list[Problem]]:
        for document in self.documents:
            self.sections.gather(document)
        header = self.sections.header
        if header is None:
            if not self._problems():
                self.documents[0].problem("header-missing", self._top())
            return None, self._problems()
        self._used(header)
        self.sections.refuse_idle_words()
        self.documents += [
            self.sections.set_parameter(name, self.settings[name]) for name in self.settings
        ]
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
        money = currencies(header)
        dates = calendar(header)
        scope = self._scope(table, money, dates.zone)
        by = self._parameters(header)
        for name in self.definitions.names():
            self.definitions.resolve(name)
        rules = self._rule_reader(by)
        chapters = self._chapters()
        questions, stages = self._questions(rules, chapters)
        judged = self._rules(rules)
        whole, settlements = self._settlements()
        effects = self._effects(rules)
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
            currencies=money,
            rounding=rounding(header),
            calendar=dates,
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
            effects=effects,
            promises=self._promises(scope),
            notes=tuple(text.value for text in header.texts("notes")),
            escrow=settling.escrow(self._named("escrow")),
            movements=settling.movements(self._named("legs")),
            consent=settling.consent(self._named("consent")),
            reopens=settling.reopens(self._named("reopens")),
            messages=MessageReader(situations(effects, self.definitions.found.values())).templates(
                self._named("messages")
            ),
            overlays=self.definitions.parameters.laid(),
            waivers=read_waivers(self._named("waivers").values()),
        )

    def _scope(self, table: FactTable, money: tuple[str, ...], zone: ZoneInfo) -> PackScope:
        """Return what names mean in this pack, and make ready to read its definitions."""
        self.definitions = Definitions(self.sections)
        scope = PackScope(table, money, zone, self.definitions.resolve)
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
            path = beside(self.folder, text.value)
            if path is None:
                header.entry.problem("uses-no-such-file", text.mark, file=text.value)
                continue
            document = read_document(path, shown_path(path))
            self.documents.append(document)
            self.sections.gather(document, shared=True)

    def _top(self) -> Mark:
        return Mark(self.documents[0].file, 1, 1, 0)

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
