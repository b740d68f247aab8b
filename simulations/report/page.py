"""The page: gathers the parts, and writes one file, whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from tempfile import NamedTemporaryFile
from typing import Any

from reso.errors import InputError
from simulations.report.bundle import check_installed, vega_bundle
from simulations.report.given import ReportInput
from simulations.report.parts import Part
from simulations.report.speaking import Voice

PARTS = 22
"""How many steps a report is made in, for whoever shows how far it is."""

NUMBERS: Mapping[str, Mapping[str, Any]] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "id": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]},
}
"""How the axes of charts write numbers (d3-format)."""


def check_report(path: Path) -> None:
    """Refuse a report that could not be written, before anything long begins.

    Raises:
        InputError: what draws the charts is not installed, or there is no such folder.
    """
    check_installed()
    if not path.parent.is_dir():
        raise InputError(str(path), "its folder is not there", "Make it, or name another file.")
    if path.is_dir():
        raise InputError(str(path), "is a folder", "Name a file such as report.html.")


def write_report(
    path: Path, about: ReportInput, progress: Callable[[int], None] = lambda steps: None
) -> None:
    """Write a report as one HTML file; what stands there is replaced only when all is written.

    Args:
        progress: called with how many more of `PARTS` steps are done.

    Raises:
        InputError: as `check_report`.
        OSError: the file cannot be written.
    """
    check_report(path)
    text = page_html(about, progress)
    with NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as opened:
        part = Path(opened.name)
        try:
            opened.write(text)
            opened.flush()
            part.chmod(0o644)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def page_html(about: ReportInput, progress: Callable[[int], None] = lambda steps: None) -> str:
    """Return the page."""
    from simulations.report.differing import comparison_parts
    from simulations.report.html import Writer, contents, data_script, script_text
    from simulations.report.opening import opening

    voice = Voice(about.language, about.policy.calendar.zone)
    writer = Writer(voice)
    head = writer.head(opening(about, voice))
    progress(1)
    parts = [] if about.compared is None else list(comparison_parts(about.compared, voice))
    bodies = [writer.part(part) for part in parts]
    progress(1)
    for part in _parts(about, voice):
        parts.append(part)
        bodies.append(writer.part(part))
        progress(1)
    title = "compared" if about.compared is not None else "title"
    policy = f"{voice.rule(about.policy.name)} {about.policy.version}"
    said = {
        "language": about.language,
        "title": voice.say("page", title, policy=policy, history=about.run.history),
        "subtitle": voice.say("page", "subtitle", history=about.run.history, policy=policy),
        "sort": voice.name("page", "sort"),
        "contents_title": voice.name("page", "contents"),
        "no_script": voice.name("page", "no_script"),
    }
    return Template(_file("page.html")).substitute(
        {name: escape(text) for name, text in said.items()},
        style=_file("page.css"),
        head=head,
        contents=contents(parts),
        parts="".join(bodies),
        specs=data_script(writer.specs),
        numbers=data_script(NUMBERS[about.language]),
        vega=script_text(vega_bundle()),
        script=_file("page.js"),
    )


def _parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    from simulations.report.costs import balance_part, cost_parts
    from simulations.report.groups import group_parts
    from simulations.report.knowing import knowing_parts
    from simulations.report.making import making_part
    from simulations.report.outcomes import outcome_parts
    from simulations.report.rightness import rightness_parts
    from simulations.report.supposing import mirror_part
    from simulations.report.windows import window_part

    yield from knowing_parts(about, voice)
    yield window_part(about, voice)
    yield from outcome_parts(about, voice)
    yield from cost_parts(about, voice)
    yield from rightness_parts(about, voice)
    yield balance_part(about, voice)
    yield mirror_part(about, voice)
    yield from group_parts(about, voice)
    yield making_part(about, voice)


def _file(name: str) -> str:
    return files("simulations.report").joinpath(name).read_text(encoding="utf-8")
