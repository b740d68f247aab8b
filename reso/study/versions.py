"""Versions of a pack: a folder, or a folder as it was in git."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reso.errors import InputError

GIT_SECONDS = 60


@contextmanager
def folder_of(text: str) -> Iterator[Path]:
    """Yield the folder of a pack: a folder, or `REF:folder` as it was in git.

    Raises:
        InputError: it is neither.
    """
    path = Path(text)
    ref, colon, folder = text.partition(":")
    if path.is_dir() or not colon or not ref or ref.startswith("-"):
        yield path
        return
    with TemporaryDirectory(prefix="reso-diff-") as temporary:
        yield _from_git(ref, folder, Path(temporary))


def _from_git(ref: str, folder: str, to: Path) -> Path:
    top = Path(_git("rev-parse", "--show-toplevel", where=f"{ref}:{folder}").decode().strip())
    inside = (Path.cwd() / folder).resolve()
    if not inside.is_relative_to(top.resolve()):
        raise InputError(f"{ref}:{folder}", "the folder is outside this clone", "Name one in it.")
    wanted = inside.relative_to(top.resolve())
    packed = _git("-C", str(top), "archive", ref, "--", str(wanted.parent), where=f"{ref}:{folder}")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(to, filter="data")
    return to / wanted


def _git(*words: str, where: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *words], capture_output=True, check=False, timeout=GIT_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(where, f"git did not answer: {error}", "Name a folder.") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
        raise InputError(where, f"git: {said[0]}", "Name a folder, or COMMIT:folder.")
    return done.stdout
