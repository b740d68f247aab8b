"""Messages to the parties: the templates of a pack, and what their texts have to keep to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reso.expressions.check import nearest
from reso.facts.text import read_text, read_yaml
from reso.policy.document import Document, Map, Text, Tree
from reso.policy.model import LANGUAGES, MessageTemplate
from reso.policy.reading import Entry

READERS = ("buyer", "seller")
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
PARTS = ("subject", "says", "next")
SLOTS = ("amount", "until", "you_get")
"""What a text may have filled in; nothing else of a case can get into a message by a template."""

SLOT = re.compile(r"\{([^{}]*)\}")
CITATION = re.compile(r"\b[A-Z]{2,6}-?[A-Z]?\d+\b|§")
SENTENCE = re.compile(r"[^.!?]+[.!?]*")
TONE = Path(__file__).with_name("tone.yaml")


@dataclass(frozen=True, slots=True)
class MessageReader:
    """Reads `messages`: by reader, then by what is told."""

    def templates(self, entries: Mapping[str, Entry]) -> tuple[MessageTemplate, ...]:
        """Return the templates of a pack."""
        return tuple(template for e in entries.values() for template in self._template(e))

    def _template(self, entry: Entry) -> Iterator[MessageTemplate]:
        reader, _, kind = entry.name.partition(".")
        document = entry.document
        if reader not in READERS:
            hint = f"Known: {', '.join(READERS)}."
            document.problem(
                "name", entry.mark, f"no message goes to `{reader}`", hint, len(reader)
            )
            return
        if kind not in KINDS:
            hint = nearest(kind, KINDS) or f"Known: {', '.join(KINDS)}."
            document.problem("name", entry.mark, f"unknown message `{kind}`", hint, len(kind))
            return
        body = entry.body(PARTS)
        told = {part: self._texts(document, body.tree(part), part, entry) for part in PARTS}
        if not told["subject"] or not told["says"]:
            entry.problem("missing", f"message `{entry.name}` needs `subject` and `says`")
            return
        yield MessageTemplate(reader, kind, told["subject"], told["says"], told["next"], entry.mark)

    def _texts(
        self, document: Document, tree: Tree | None, part: str, entry: Entry
    ) -> tuple[tuple[str, str], ...]:
        if tree is None:
            return ()
        if not isinstance(tree, Map) or set(tree.entries) != set(LANGUAGES):
            hint = 'Write {id: "...", en: "..."}.'
            entry.problem("phrase", f"`{part}` needs a text in each language", hint, tree.mark)
            return ()
        found: list[tuple[str, str]] = []
        slots: dict[str, frozenset[str]] = {}
        for language, text in tree:
            if not isinstance(text, Text):
                entry.problem("phrase", f"`{part}` needs a text in each language", "", text.mark)
                return ()
            slots[language] = frozenset(SLOT.findall(text.value))
            found.append((language, text.value.strip()))
            for message, hint in wrong_with(text.value, language, part):
                document.problem("tone", text.mark, message, hint, 1)
        if len(set(slots.values())) > 1:
            message = f"`{part}` fills in other values in Indonesian than in English"
            entry.problem("phrase", message, "Use the same {names} in both.", tree.mark)
        return tuple(found)


def wrong_with(text: str, language: str, part: str) -> Iterator[tuple[str, str]]:
    """Yield what a text does not keep to: (what, what to do)."""
    for slot in SLOT.findall(text):
        if slot not in SLOTS:
            hint = nearest(slot, SLOTS) or f"Known: {', '.join(SLOTS)}."
            yield f"a message cannot show `{{{slot}}}`", hint
    limit = tone().limits[part]
    if len(text) > limit:
        yield f"{len(text)} characters; `{part}` has at most {limit}", "Say it shorter."
    for sentence in SENTENCE.findall(text):
        words = sum(any(map(str.isalnum, word)) for word in sentence.split())
        if words > (most := tone().longest_sentence):
            yield f"a sentence of {words} words; at most {most}", "Make two of it."
    for kind, does, words_of in tone().banned:
        for word in words_of[language]:
            if _said(word, text):
                yield f"`{word}` {does}", f"Leave out {kind}."
    if CITATION.search(SLOT.sub("", text)):
        yield "a clause number says nothing to a party", "Say what it means."


def _said(word: str, text: str) -> bool:
    edge = r"\b" if word[0].isalnum() else ""
    return re.search(f"{edge}{re.escape(word)}{edge}", text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Tone:
    """What a message has to keep to (`tone.yaml`)."""

    longest_sentence: int
    limits: Mapping[str, int]
    banned: tuple[tuple[str, str, Mapping[str, tuple[str, ...]]], ...]


@cache
def tone() -> Tone:
    """Return what a message has to keep to."""
    data = read_yaml(read_text(TONE), TONE.name).data
    assert isinstance(data, dict)
    banned = tuple(
        (kind, row["says"]["en"], {language: tuple(row[language]) for language in LANGUAGES})
        for kind, row in data["banned"].items()
    )
    limits = {part: int(limit) for part, limit in data["limits"].items()}
    return Tone(int(data["longest_sentence"]), limits, banned)
