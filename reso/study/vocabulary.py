"""Every word a policy file may use: facts, questions, remedies, references, functions, units."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reso.engine.words import plain_name
from reso.engine.words import word as engine_word
from reso.expressions.functions import FUNCTIONS, how_to_write
from reso.expressions.tree import Type
from reso.facts.fields import Field
from reso.facts.table import FactTable
from reso.model.money import Language
from reso.policy.model import REMEDIES, Phrase, Placeholder, Policy
from reso.problems.catalogue import render
from reso.study.reading import PackFiles, plain
from reso.study.words import knows, word, words


@dataclass(frozen=True, slots=True)
class Entry:
    """One word: what kind it is, its type with unit and allowed values, what its absence means."""

    kind: str
    name: str
    type: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()
    absence: str = ""
    meaning: str = ""

    def matches(self, sought: str) -> bool:
        """Whether a word is in the name, the meaning or the values."""
        wanted = sought.casefold()
        texts = (self.name, self.meaning, self.kind, *self.values, plain_name(self.name))
        return any(wanted in text.casefold() for text in texts)

    def shown_type(self) -> str:
        """Return the type with its unit."""
        return f"{self.type} ({self.unit})" if self.unit else self.type

    def shown_meaning(self) -> str:
        """Return the meaning with the allowed values."""
        values = f"[{' | '.join(self.values)}]" if self.values else ""
        return f"{self.meaning} {values}".strip()


def vocabulary(
    table: FactTable, files: PackFiles | None, language: Language, sought: str = ""
) -> list[Entry]:
    """Return every word (those of a pack too), those that match `sought` where it is given."""
    found = [*_facts(table, language)]
    if files is not None:
        found += _drawn(files, language)
        found += _own(files.sound(), language)
    found += _language(language)
    return [entry for entry in found if not sought or entry.matches(sought)]


def _facts(table: FactTable, language: Language) -> Iterator[Entry]:
    for field in table.every_field():
        yield Entry(
            "fact",
            field.path,
            field.type,
            field.unit or "",
            field.values,
            absence_of(field, language),
            field.meaning,
        )


def absence_of(field: Field, language: Language) -> str:
    """Return what it means that a fact is absent."""
    match field.absent:
        case None:
            return word("absence", "none", language)
        case bool():
            return engine_word("values", "yes" if field.absent else "no", language)
        case _:
            return str(field.absent)


def _own(policy: Policy, language: Language) -> Iterator[Entry]:
    for question in policy.questions:
        silence = question.silence_means
        yield Entry(
            "question",
            question.name,
            f"to {question.to}",
            "",
            question.domain(),
            silence,
            said(question.says, language),
        )
    sources = {source.id: source.says for source in policy.sources}
    for definition in policy.definitions:
        if definition.kind == "fact":
            continue
        told = [said(definition.says, language)]
        if definition.kind == "parameter":
            told += [said(sources[name], language) for name in definition.sources]
        meaning = " ".join(text for text in (*told, definition.chosen) if text)
        kind = type_text(definition.node.type)
        yield Entry(definition.kind, definition.name, kind, meaning=meaning)
    for name, node in policy.picks:
        yield Entry("pick", name, node.type.section)


def _drawn(files: PackFiles, language: Language) -> Iterator[Entry]:
    """Yield the facts a pack draws from the case."""
    for name, entry in files.sections.entries["facts"].items():
        told = plain(entry.tree)
        said_of = told if isinstance(told, dict) else {}
        absent = str(said_of.get("absent", "none"))
        meaning = f"{said_of.get('meaning', '')} (= {said_of.get('is', '')})"
        absence = word("absence", "none", language) if absent == "none" else absent
        kind, unit = str(said_of.get("type", "")), str(said_of.get("unit", ""))
        yield Entry("fact", name, kind, unit, (), absence, meaning)


def type_text(kind: Type) -> str:
    """Return a type in a word."""
    return kind.kind


def said(phrase: Phrase | None, language: Language) -> str:
    """Return a phrase as it is written, its placeholders in braces."""
    if phrase is None:
        return ""
    parts: Iterable[str | Placeholder] = phrase.parts(language)
    return "".join(f"{{{p.text}}}" if isinstance(p, Placeholder) else p for p in parts)


def _language(language: Language) -> Iterator[Entry]:
    for name in REMEDIES:
        yield Entry("remedy", name, meaning=engine_word("decisions", name, language))
    for name in words()["references"]:
        yield Entry("reference", name, meaning=word("references", name, language))
    for name in FUNCTIONS:
        meaning = word("functions", name, language) if knows("functions", name) else ""
        form = render(how_to_write(name), "en").partition("`")[2].partition("`")[0]
        yield Entry("function", name, form, meaning=meaning)
    for table, kind in (("units", "unit"), ("operators", "operator")):
        for name in words()[table]:
            yield Entry(kind, name, meaning=word(table, name, language))
