"""The pages of the catalogue: one per code, for the terminal and as Markdown for the docs."""

import re
from collections.abc import Iterator, Mapping

from reso.model.money import Language
from reso.problems.catalogue import THEMES, Kind, Texts, kinds, render
from reso.problems.said import said

FIRST = "policy.yaml"
INDEX = "README.md"
INDONESIAN = "Dalam bahasa Indonesia"
_FILE = re.compile(r"^=== (.+)\n", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\w+\}")
_INTRODUCTION = """\
# Problems

What `reso check` can find wrong in a pack, by theme. Each problem ends with its code, and each code
has a page here; `reso help CODE` shows the same page in a terminal, `--lang id` in Indonesian.
These pages are made from `reso/problems/*.toml`."""


def example_files(example: str) -> list[tuple[str, str]]:
    """Return the files of an example, each with its name; the first has none of its own."""
    first, *rest = _FILE.split(example)
    return [(FIRST, first), *zip(rest[::2], rest[1::2], strict=True)]


def told(kind: Kind, language: Language) -> str:
    """Return the text of a kind of problem as its author sees it, with … for each value."""
    message, hint = (_with_dots(texts, language) for texts in (kind.says, kind.hint))
    return f"{message}. {hint}".rstrip()


def meaning(kind: Kind, language: Language) -> str:
    """Return what a problem means, as one paragraph."""
    return " ".join(kind.means[language].split())


def examples(kind: Kind, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the files of what is wrong, then of the same mended, each below its title."""
    for code, example in (("page-wrong", kind.wrong), ("page-mended", kind.mended)):
        for number, (name, text) in enumerate(example_files(example) if example else ()):
            where = said(code) if number == 0 else said("page-file", file=name)
            yield render(where, language), text


def by_theme() -> Iterator[tuple[str, list[Kind]]]:
    """Yield the themes with their kinds of problems."""
    for theme in THEMES:
        yield theme, [kind for kind in kinds().values() if kind.theme == theme]


def markdown_pages() -> Mapping[str, str]:
    """Return the pages of `docs/problems` by the names of their files."""
    pages = {f"{kind.code}.md": _markdown(kind) for kind in kinds().values()}
    return {INDEX: _index(), **pages}


def _markdown(kind: Kind) -> str:
    parts = [f"# {kind.code}", *_section(kind, "en"), f"## {INDONESIAN}", *_section(kind, "id")]
    return "\n\n".join(parts) + "\n"


def _section(kind: Kind, language: Language) -> Iterator[str]:
    yield f"> {told(kind, language)}"
    yield meaning(kind, language)
    for title, text in examples(kind, language) if language == "en" else ():
        yield f"{title}\n\n```yaml example\n{text}```"


def _index() -> str:
    parts = [_INTRODUCTION]
    for theme, found in by_theme():
        rows = [f"| [{kind.code}]({kind.code}.md) | {told(kind, 'en')} |" for kind in found]
        title = render(said(f"theme-{theme}"), "en")
        parts.append(
            "\n".join([f"## {title}", "", "| code | what is told |", "| --- | --- |", *rows])
        )
    return "\n\n".join(parts) + "\n"


def _with_dots(texts: Texts, language: Language) -> str:
    dotted = _PLACEHOLDER.sub("…", texts.get(language, "").replace("{{", "\0").replace("}}", "\1"))
    return dotted.replace("\0", "{").replace("\1", "}")
