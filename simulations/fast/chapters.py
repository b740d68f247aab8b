"""The plans and kinds of a policy, chapter by chapter."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from reso.policy.model import Policy, Reopening
from simulations.fast.facts import Prepared
from simulations.fast.kinds import ChapterKinds, Kinds
from simulations.fast.plan import Plan
from simulations.fast.sheets import Asked
from simulations.fast.standings import packed
from simulations.literals import text_of


@dataclass(frozen=True, slots=True)
class Looked:
    """What is worked out of the disputes of a chapter.

    Attributes:
        asked: what differs between them.
        seen: the query of everything, over rows of what was asked.
        beforehand: what is the same at every instant.
    """

    asked: Asked
    seen: Callable[[str], str]
    beforehand: Asked


@dataclass
class Chapters:
    """The plans and kinds of a policy, chapter by chapter.

    `general` finds the chapter a dispute is in, and what opens a settled one again. Pools share
    them: whoever adds a kind, or reads how many there are, holds the `lock`. A fault of this
    program is raised where it is `strict`; else its disputes are left to the reference replay.
    """

    policy: Policy
    prepared: Prepared
    strict: bool = False
    kinds: Kinds = field(init=False)
    general: Plan = field(init=False)
    lock: RLock = field(default_factory=RLock)
    _known: dict[str, ChapterKinds] = field(default_factory=dict)
    _asked: dict[tuple[str, ...], Asked] = field(default_factory=dict)
    _looked: dict[str, Looked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kinds = Kinds(self.policy, self.strict)
        self.general = Plan(self.policy, self.prepared, self.kinds.leader.made)
        bits = [self._reopens(entry) for entry in self.policy.reopens]
        self.general.sheet.write("before_bits", packed(bits))

    def of(self, chapter: str) -> ChapterKinds:
        """Return the kinds of a chapter."""
        with self.lock:
            if chapter not in self._known:
                plan = Plan(self.policy, self.prepared, self.kinds.leader.made, chapter)
                self._known[chapter] = ChapterKinds(self.kinds, plan)
            return self._known[chapter]

    def looked_at(self, chapter: str) -> Looked:
        """Return what is worked out of the disputes of a chapter."""
        plan = self.of(chapter).plan
        with self.lock:
            if chapter not in self._looked:
                self._looked[chapter] = Looked(plan.asked(), plan.seen, plan.beforehand())
            return self._looked[chapter]

    def of_all(self, *wanted: str) -> Asked:
        """Return columns that are worked out of disputes whatever their chapter."""
        with self.lock:
            if wanted not in self._asked:
                self._asked[wanted] = self.general.asked_of_all(wanted)
            return self._asked[wanted]

    def number(self, chapter: str) -> int:
        """Return a number for a chapter."""
        return list(self._known).index(chapter)

    def name(self, number: int) -> str:
        """Return the chapter of a number."""
        return list(self._known)[number]

    def _reopens(self, entry: Reopening) -> str:
        holds = self.general.writer.condition(entry.when, "true").text
        return f'("chapter" = {text_of(entry.chapter)} AND {holds})' if entry.chapter else holds
