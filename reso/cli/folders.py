"""Which of the folders typed after a verb are packs."""

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
