"""Messages to the parties: the templates of a pack, and what their texts have to keep to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reso.expressions.tree import Choice, Lit, Node, Ref
from reso.facts.text import read_text, read_yaml
from reso.policy.document import Document, Map, Text, Tree
from reso.policy.model import LANGUAGES, Definition, Effect, MessageTemplate
from reso.policy.reading import Entry
from reso.problems.said import Said, nearest_or_known, said

KINDS = (
    "refund_full",
    "refund_partial",
    "return_and_refund",
    "replace_or_resend_missing",
    "release_to_seller",
    "deny",
    "compensation",
    "wait",
    "wait_you",
    "request_evidence",
    "request_evidence_other",
    "escalate",
)
TOLD_AS = "told_as"
"""The effect that names the situation a ruling is told in, where one outcome has several texts."""

PARTS = ("subject", "says", "next")
SLOTS = ("amount", "until", "you_get")
"""What a text may have filled in; nothing else of a case can get into a message by a template."""

SLOT = re.compile(r"\{([^{}]*)\}")
CITATION = re.compile(r"\b[A-Z]{2,6}-?[A-Z]?\d+\b|§")
SENTENCE = re.compile(r"[^.!?]+[.!?]*")
TONE = Path(__file__).with_name("tone.yaml")


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Reads `messages`: by reader, then by what is told.

    Attributes:
        situations: what the effect `told_as` may say; `wait_held_up` is the text of `wait` in
            the situation `held_up`.
    """

    situations: frozenset[str] = frozenset()

    def templates(self, entries: Mapping[str, Entry]) -> tuple[MessageTemplate, ...]:
        """Return the templates of a pack."""
        return tuple(template for e in entries.values() for template in self._template(e))

    def _template(self, entry: Entry) -> Iterator[MessageTemplate]:
        reader, _, kind = entry.name.partition(".")
        document = entry.document
        known = (*KINDS, *(f"{kind}_{own}" for own in sorted(self.situations) for kind in KINDS))
        if kind not in known:
            advice = nearest_or_known(kind, known)
            document.problem(
                "unknown-message", entry.mark, advice=advice, width=max(1, len(kind)), name=kind
            )
            return
        body = entry.body(PARTS)
        told = {part: self._texts(document, body.tree(part), part, entry) for part in PARTS}
        if not told["subject"] or not told["says"]:
            entry.problem("message-incomplete", name=entry.name)
            return
        yield MessageTemplate(reader, kind, told["subject"], told["says"], told["next"], entry.mark)

    def _texts(
        self, document: Document, tree: Tree | None, part: str, entry: Entry
    ) -> tuple[tuple[str, str], ...]:
        if tree is None:
            return ()
        if not isinstance(tree, Map) or set(tree.entries) != set(LANGUAGES):
            entry.problem("text-of-no-language", tree.mark, key=part)
            return ()
        found: list[tuple[str, str]] = []
        slots: dict[str, frozenset[str]] = {}
        for language, text in tree:
            if not isinstance(text, Text):
                entry.problem("text-of-no-language", text.mark, key=part)
                return ()
            slots[language] = frozenset(SLOT.findall(text.value))
            found.append((language, text.value.strip()))
            for wrong, advice in wrong_with(text.value, language, part):
                document.flaw(wrong, text.mark, advice, max(1, len(text.value)))
        if len(set(slots.values())) > 1:
            entry.problem("message-values-differ", tree.mark, part=part)
        return tuple(found)


def situations(effects: Iterable[Effect], definitions: Iterable[Definition]) -> frozenset[str]:
    """Return what the effect `told_as` may say, itself or by the reading it names."""
    readings = {definition.name: definition.node for definition in definitions}
    nodes = [effect.node for effect in effects if effect.name == TOLD_AS]
    named = [readings[node.name] for node in nodes if isinstance(node, Ref)]
    parts = (part for node in (*nodes, *named) for part in results(node))
    return frozenset(part.value for part in parts if isinstance(part.value, str))


def results(node: Node) -> Iterator[Lit]:
    """Yield the constants an expression may come to: itself, or those of its branches."""
    match node:
        case Lit():
            yield node
        case Choice(branches=branches, otherwise=otherwise):
            ends = [then for _, then in branches]
            for end in (*ends, *([] if otherwise is None else [otherwise])):
                yield from results(end)


def wrong_with(text: str, language: str, part: str) -> Iterator[tuple[Said, Said | None]]:
    """Yield what a text does not keep to, and what to do about it where the catalogue is silent."""
    for slot in SLOT.findall(text):
        if slot not in SLOTS:
            yield said("message-shows-unknown", name=slot), nearest_or_known(slot, SLOTS)
    limit = tone().limits[part]
    if len(text) > limit:
        yield said("message-too-long", length=len(text), part=part, most=limit), None
    for sentence in SENTENCE.findall(text):
        words = sum(any(map(str.isalnum, word)) for word in sentence.split())
        if words > (most := tone().longest_sentence):
            yield said("message-long-sentence", words=words, most=most), None
    for kind, words_of in tone().banned:
        for word in words_of[language]:
            if _saying(word).search(text):
                yield said("message-tone", word=word, does=said(f"tone-{kind}")), None
    if CITATION.search(SLOT.sub("", text)):
        yield said("message-cites"), None


@cache
def _saying(word: str) -> re.Pattern[str]:
    edge = r"\b" if word[0].isalnum() else ""
    return re.compile(f"{edge}{re.escape(word)}{edge}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tone:
    """What a message has to keep to (`tone.yaml`)."""

    longest_sentence: int
    limits: Mapping[str, int]
    banned: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...]


@cache
def tone() -> Tone:
    """Return what a message has to keep to."""
    data = read_yaml(read_text(TONE), TONE.name).data
    assert isinstance(data, dict)
    banned = tuple(
        (kind, {language: tuple(row[language]) for language in LANGUAGES})
        for kind, row in data["banned"].items()
    )
    limits = {part: int(limit) for part, limit in data["limits"].items()}
    return Tone(int(data["longest_sentence"]), limits, banned)
