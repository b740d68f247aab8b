"""The catalogue: every code with its texts and its page, read from the TOML files beside this one.

A file holds the problems of one theme, in the order in which `reso help` lists them. Texts are
`str.format` templates whose placeholders are named. An entry of a theme has

    en, id          what is wrong, a sentence without its full stop
    hint.en, .id    what to do about it, whole sentences (may be left out)
    means.en, .id   for the page: what it means, and why it is a problem
    wrong, mended   for the page: a policy that has just this problem, and the same without it

`phrases.toml` holds what several texts have in common; its entries are texts only.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

from reso.model.money import Language
from reso.problems.said import Said, Value

FOLDER = Path(__file__).parent
PHRASES = "phrases"
WARNINGS = "warnings"
THEMES = (
    "files",
    "header",
    "names",
    "expressions",
    "values",
    "rules",
    "questions",
    "settling",
    "inputs",
    "waivers",
    WARNINGS,
)
LANGUAGES: tuple[Language, ...] = get_args(Language)

IDLE_WAIVER = "waiver-idle"

Severity = Literal["error", "warning"]
Texts = Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its code, its texts, and what its page shows.

    `wrong` and `mended` are the text of a policy file, without header and `otherwise` where these
    do not matter; further files follow below a line `=== NAME`. Both are empty where no text of
    an example could show the problem (a file that is too large).
    """

    code: str
    theme: str
    says: Texts
    hint: Texts
    means: Texts
    wrong: str = ""
    mended: str = ""

    @property
    def severity(self) -> Severity:
        """Whether a policy with this problem cannot be used, or only should not."""
        return "warning" if self.theme == WARNINGS else "error"


@cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind of problem by its code, theme by theme."""
    found = {
        code: _kind(code, theme, entry) for theme in THEMES for code, entry in _read(theme).items()
    }
    return MappingProxyType(found)


@cache
def waivable() -> tuple[str, ...]:
    """Return the codes an author may waive: every warning but that of an idle waiver."""
    return tuple(code for code in _read(WARNINGS) if code != IDLE_WAIVER)


@cache
def phrases() -> Mapping[str, Texts]:
    """Return the texts that stand inside others, by their code."""
    return MappingProxyType({code: _texts(entry) for code, entry in _read(PHRASES).items()})


def render(text: Said, language: Language) -> str:
    """Return a text of the catalogue in a language, its values filled in."""
    texts = phrases().get(text.code)
    return _filled(kinds()[text.code].says if texts is None else texts, text, language)


def render_hint(text: Said, advice: Said | None, language: Language) -> str:
    """Return what to do: `advice`, or else what the catalogue says of this code; may be empty."""
    if advice is not None:
        return render(advice, language)
    hint = kinds()[text.code].hint
    return _filled(hint, text, language) if hint else ""


def _filled(texts: Texts, text: Said, language: Language) -> str:
    shown = {name: _shown(value, language) for name, value in text.values}
    return texts[language].format_map(shown)


def _shown(value: Value, language: Language) -> str:
    match value:
        case Said():
            return render(value, language)
        case int():
            counted = f"{value:,}"
            return counted.replace(",", ".") if language == "id" else counted
        case tuple():
            listed = ", ".join(_shown(part, language) for part in value)
            return listed or phrases()["nothing"][language]
        case str():
            return value


def _read(name: str) -> dict[str, dict[str, object]]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _kind(code: str, theme: str, entry: Mapping[str, object]) -> Kind:
    return Kind(
        code,
        theme,
        _texts(entry),
        _texts(entry.get("hint", {})),
        _texts(entry["means"]),
        str(entry.get("wrong", "")),
        str(entry.get("mended", "")),
    )


def _texts(entry: object) -> Texts:
    assert isinstance(entry, dict)
    return MappingProxyType(
        {language: str(entry[language]) for language in LANGUAGES if language in entry}
    )
