"""New folders, whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reso.errors import InputError
from simulations.faults import told_plainly


def refuse_taken(folder: Path) -> None:
    """Refuse a folder that is already there: what it holds would be lost.

    Raises:
        InputError: something of that name exists.
    """
    if folder.exists():
        raise InputError(str(folder), "is already there", "Name a new folder, or remove it.")


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Give a folder beside `folder` that becomes it only if nothing goes wrong.

    Raises:
        InputError: there is no room for it. KeyboardInterrupt: Ctrl-C, in a query too.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with told_plainly(folder):
            yield made
            made.chmod(0o755)
            made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
