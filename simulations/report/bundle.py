"""Vega for the browser, in one script: made by vl-convert, kept in the user's cache."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import NamedTemporaryFile

from reso.errors import InputError
from simulations.prepared.cache import default_cache

SNIPPET = "window.vegaEmbed = vegaEmbed;"
"""What of the bundle a page can call."""

NEEDED = ("altair", "vl-convert-python")


def check_installed() -> None:
    """Refuse to go on where what draws the charts is not installed.

    Raises:
        InputError: it is not.
    """
    for package in NEEDED:
        try:
            version(package)
        except PackageNotFoundError as error:
            what = f"needs `{package}`, which is not installed"
            raise InputError("--report", what, "Run: pip install 'reso-bot[report]'") from error


def vega_bundle(cache: Path | None = None) -> str:
    """Return the script that puts `vegaEmbed` into a page; making it takes seconds, once.

    Args:
        cache: a folder to keep it in; default: the user's.
    """
    file = (cache or default_cache().parent / "vega") / f"{version('vl-convert-python')}.js"
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        pass
    import vl_convert  # loads a whole JavaScript engine, which a cached bundle does not need

    script: str = vl_convert.javascript_bundle(SNIPPET)
    _keep(file, script)
    return script


def _keep(file: Path, script: str) -> None:
    """Keep a script for next time; where that cannot be, the report is written all the same."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False
        ) as part:
            part.write(script)
        os.replace(part.name, file)
    except OSError:
        return
