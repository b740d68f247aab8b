"""A history of the shop, prepared once; each test gets a copy that it may harm."""

from pathlib import Path
from shutil import copytree

from simulations.history import History
from simulations.prepared.preparing import Prepared, prepare_history
from tests.simulations.shop import pack


def cache_of(history: History, folder: Path) -> Path:
    """Return a cache in `folder` that holds the prepared history and nothing else."""
    prepare_history(history, pack().table, cache=folder / "cache")
    return folder / "cache"


def copied(history: History, cache: Path, folder: Path) -> Prepared:
    """Return the prepared history as a copy of the cache in `folder` holds it."""
    own = copytree(cache, folder / "cache")
    kept = set(own.iterdir())
    prepared = prepare_history(history, pack().table, cache=own)
    assert set(own.iterdir()) == kept  # found there, not prepared again
    return prepared
