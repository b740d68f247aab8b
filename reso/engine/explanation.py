"""A ruling in words, and as plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reso.engine.words import say, word
from reso.model.money import Language


@dataclass(frozen=True, slots=True)
class SourceText:
    """A published text a reason rests on; `says` is the policy's own sentence for it, or ""."""

    id: str
    address: str
    says: str


@dataclass(frozen=True, slots=True)
class ReasonText:
    """A reason of the ruling (`kind` and `name` as there) as a sentence."""

    kind: str
    name: str
    text: str
    sources: tuple[SourceText, ...]


@dataclass(frozen=True, slots=True)
class QuestionText:
    """An open question, whom it is put to (as in the policy), and until when (None: no end)."""

    name: str
    to: str
    until: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class EvidenceText:
    """What was made of a piece of evidence; `index` is its place in the case's list."""

    index: int
    used: bool
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ruling in words. Every text is a sentence or more; `clocks` run beside `questions`."""

    language: Language
    headline: str
    reasons: tuple[ReasonText, ...]
    questions: tuple[QuestionText, ...]
    evidence: tuple[EvidenceText, ...]
    effects: tuple[str, ...]
    clocks: tuple[QuestionText, ...]
    next_steps: tuple[str, ...]
    origin: str


def render_text(explanation: Explanation) -> str:
    """Return an explanation as plain text, a line per sentence, without a last line end.

    A question that is a reason stands among the reasons only.
    """
    return "\n".join(_lines(explanation))


def _lines(explanation: Explanation) -> Iterator[str]:
    language = explanation.language
    yield explanation.headline
    yield from _section("why", _reason_lines(explanation), language)
    yield from _section("questions", [q.text for q in beside_reasons(explanation)], language)
    yield from _section("evidence", [piece.text for piece in explanation.evidence], language)
    yield from _section("effects", explanation.effects, language)
    yield from _section("clocks", [clock.text for clock in explanation.clocks], language)
    yield from _section("next", explanation.next_steps, language)
    yield ""
    yield explanation.origin


def beside_reasons(explanation: Explanation) -> list[QuestionText]:
    """Return the open questions that are not told among the reasons."""
    told = {reason.name for reason in explanation.reasons if reason.kind == "question"}
    return [question for question in explanation.questions if question.name not in told]


def _section(key: str, lines: Sequence[str], language: Language) -> Iterator[str]:
    if lines:
        yield ""
        yield word("frame", key, language)
        yield from (line if line.startswith(" ") else f"- {line}" for line in lines)


def _reason_lines(explanation: Explanation) -> list[str]:
    lines: list[str] = []
    for reason in explanation.reasons:
        lines.append(reason.text)
        lines += [f"  {source_line(source, explanation.language)}" for source in reason.sources]
    return lines


def source_line(source: SourceText, language: Language) -> str:
    """Return a source as a line: its sentence, its id and its address."""
    key = "source" if source.says else "source_unsaid"
    return say("frame", key, language, says=source.says, id=source.id, address=source.address)
