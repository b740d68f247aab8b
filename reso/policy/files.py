"""Which files make a pack, and how their paths are shown."""

from pathlib import Path

from reso.policy.problems import NoPackError
from reso.problems.said import said

SKIPPED = ("cases",)


def pack_files(folder: Path) -> list[Path]:
    """Return the policy files in a folder, by name.

    Raises:
        NoPackError: there is no such folder, or no policy file in it.
    """
    if not folder.is_dir():
        raise NoPackError(str(folder), said("no-such-folder"), said("name-a-pack"))
    paths = sorted(path for path in folder.glob("*.yaml") if path.stem not in SKIPPED)
    if not paths:
        raise NoPackError(str(folder), said("no-policy-file"))
    return paths


def own_case_files(folder: Path) -> tuple[Path, ...]:
    """Return the scenario files of the pack in a folder: `cases/*.yaml`, by name."""
    return tuple(sorted((folder / "cases").glob("*.yaml")))


def shown_path(path: Path) -> str:
    """Return the path as the author would type it from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError, RuntimeError):  # elsewhere, or a circle of links
        return str(path)


def beside(folder: Path, name: str) -> Path | None:
    """Return the file of that name in a pack's folder or beside it, None when there is none."""
    try:
        path = (folder / name).resolve()
        found = path.is_file() and folder.resolve().parent in path.parents
    except (ValueError, OSError, RuntimeError):  # no path at all, or a circle of links
        return None
    return path if found else None
