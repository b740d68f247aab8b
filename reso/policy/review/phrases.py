"""Placeholders that stand in one language of a phrase only."""

from collections.abc import Iterator

from reso.policy.model import LANGUAGES, Phrase, Placeholder, Policy
from reso.policy.review.remark import Remark, remark
from reso.problems.said import said


def one_sided(policy: Policy) -> Iterator[Remark]:
    """Yield the placeholders that the readers of one language see and those of the other do not."""
    for name, phrase in _phrases(policy):
        for language, other in (LANGUAGES, LANGUAGES[::-1]):
            theirs = {part.node for part in _placeholders(phrase, other)}
            for part in _placeholders(phrase, language):
                if part.node not in theirs:
                    yield remark(
                        "placeholder-in-one-language",
                        name,
                        part.mark,
                        len(part.text),
                        value=f"{{{part.text}}}",
                        language=said(f"language-{language}"),
                        other=said(f"language-{other}"),
                    )


def _phrases(policy: Policy) -> Iterator[tuple[str, Phrase]]:
    found: list[tuple[str, Phrase | None]] = [(s.id, s.says) for s in policy.sources]
    found += [(d.name, d.says) for d in policy.definitions]
    found += [(q.name, q.says) for q in policy.questions]
    found += [(r.name, r.because) for r in policy.rules]
    return ((name, phrase) for name, phrase in found if phrase is not None)


def _placeholders(phrase: Phrase, language: str) -> list[Placeholder]:
    return [part for part in phrase.parts(language) if isinstance(part, Placeholder)]
