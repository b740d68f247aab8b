"""Folders: which of those typed after a verb are packs, and where the user's cache is."""

import os
from pathlib import Path


def packs_among(paths: list[Path]) -> list[Path]:
    """Return the paths that are packs; of several, files and folders of shared parts drop out.

    So `reso check rules/*` checks every pack beside `rules/README.md` and `rules/shared`.
    """
    if len(paths) == 1:
        return paths
    return [path for path in paths if not path.is_file() and not _is_shared(path)]


def _is_shared(folder: Path) -> bool:
    """Whether a folder holds policy files, but none with a header."""
    files = list(folder.glob("*.yaml"))
    texts = (file.read_text(encoding="utf-8", errors="replace") for file in files)
    return bool(files) and not any("\npolicy:" in f"\n{text}" for text in texts)


def cache_folder() -> Path | None:
    """Return the folder for what can be found again: `reso-bot` in XDG_CACHE_HOME or ~/.cache.

    None where the user has no home.
    """
    stated = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(stated) if os.path.isabs(stated) else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "reso-bot"
