"""A memory of what slow functions worked out, in drawers, each from keys to values.

A function that asks `remembered` depends on nothing but its key, on this program and on the
libraries below it: who opens a memory says by its stamp which program and which libraries. What is
remembered is never changed afterwards. While no memory is open, everything is worked out.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar, cast

from reso.memo.files import pickled, read_own, unpickled, write_own

MAX_DRAWERS = 16_000_000
"""Bytes of drawers above which those nobody asked for are let go."""

MOST_IDLE = 3
"""How many times as many entries as were asked for a drawer may hold."""

Value = TypeVar("Value")
Entries = dict[Hashable, object]
News = Mapping[str, Entries]


def remembered(drawer: str, key: Hashable, find: Callable[[], Value]) -> Value:
    """Return what `find` returned for this key of a drawer before, or else what it returns now."""
    memory = _OPEN.get()
    return find() if memory is None else memory.recall(drawer, key, find)


@contextmanager
def kept_in(path: Path, stamp: str) -> Iterator[None]:
    """Open the memory in a file, and keep in it what is found meanwhile.

    What is there under another stamp counts as nothing; what cannot be written is not kept.
    """
    memory = Memory.read(path, stamp)
    before = _OPEN.set(memory)
    try:
        yield
    finally:
        _OPEN.reset(before)
    if memory.new:
        with suppress(OSError):
            write_own(path, (stamp, memory.drawers()))


def news() -> News:
    """Return what was found since the memory was opened; nothing while none is open."""
    memory = _OPEN.get()
    return {} if memory is None else memory.new


def is_empty() -> bool:
    """Whether nothing was kept, or no memory is open."""
    memory = _OPEN.get()
    return memory is None or not memory.kept


def forget_news() -> None:
    """Count as known what was found until now: in a copy of a process that found it."""
    memory = _OPEN.get()
    if memory is not None:
        memory.new.clear()


def learn(found: News) -> None:
    """Take in the news of another process with the same memory."""
    memory = _OPEN.get()
    if memory is not None:
        memory.learn(found)


def digest(text: str) -> bytes:
    """Return a key that stands for a long text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).digest()


@dataclass(slots=True)
class Memory:
    """Drawers as they were kept, what is in those that were opened, what was asked for, the new."""

    kept: dict[str, bytes] = field(default_factory=dict)
    known: dict[str, Entries] = field(default_factory=dict)
    asked: dict[str, set[Hashable]] = field(default_factory=dict)
    new: dict[str, Entries] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path, stamp: str) -> "Memory":
        """Return the memory in a file, empty where there is none of this stamp."""
        match read_own(path):
            case (str(its), dict(drawers)) if its == stamp:
                return cls(drawers)
            case _:
                return cls()

    def recall(self, drawer: str, key: Hashable, find: Callable[[], Value]) -> Value:
        """Return what is known for a key, or what `find` returns, which is known from now on."""
        known = self._known(drawer)
        if key not in known:
            found = find()
            known[key] = self.new.setdefault(drawer, {})[key] = found
        self.asked.setdefault(drawer, set()).add(key)
        return cast(Value, known[key])

    def learn(self, found: News) -> None:
        """Take in what was found elsewhere."""
        for drawer, entries in found.items():
            self._known(drawer).update(entries)
            self.asked.setdefault(drawer, set()).update(entries)
            self.new.setdefault(drawer, {}).update(entries)

    def drawers(self) -> dict[str, bytes]:
        """Return all drawers as they are to be kept: without what is not asked for any more."""
        changed = {drawer: pickled(self._worth_keeping(drawer)) for drawer in self.new}
        drawers = {**self.kept, **changed}
        if sum(map(len, drawers.values())) > MAX_DRAWERS:
            drawers = {name: drawers[name] for name in self.asked if name in drawers}
        return drawers

    def _worth_keeping(self, drawer: str) -> Entries:
        known, asked = self._known(drawer), self.asked[drawer]
        if len(known) <= MOST_IDLE * len(asked):
            return known
        return {key: known[key] for key in asked}

    def _known(self, drawer: str) -> Entries:
        if drawer not in self.known:
            entries = unpickled(self.kept[drawer]) if drawer in self.kept else {}
            self.known[drawer] = entries if isinstance(entries, dict) else {}
        return self.known[drawer]


_OPEN: ContextVar[Memory | None] = ContextVar("the open memory", default=None)
