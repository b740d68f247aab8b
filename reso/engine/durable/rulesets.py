"""Gates as rulesets for durable-rules: stage by stage, each within the library's limits.

A stage holds the gates that follow from inputs and earlier stages. Each of its rulesets is asked
with one flat fact of small integers, in which every field its rules look at is present, and holds
a sentinel rule that always fires. What was measured of the library, and why this form, is told in
docs/engines.md.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reso.engine.durable.circuit import Circuit, Gate, Is, Way
from reso.errors import ResoError

MOST_FIRINGS = 64
"""Rules that may fire on one fact, the sentinel among them."""
MOST_FIELDS = 250
MOST_ALIKE = 255
"""Rules of a ruleset that may share one identical condition."""
OWN_FIELDS = ("sid", "id", "s")
"""Fields of every fact: session, identity, and what the sentinel looks at."""
OTHER_NAMES = ("$s", "m")
"""Names the library puts beside ours."""


class RulesetError(ResoError):
    """The rules of a chapter cannot be put into rulesets that durable-rules takes.

    Attributes:
        why: which limit they break.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Ruleset:
    """Rules over one fact: `places` of the values its fields show, `rules` by the gate they prove.

    A rule is its gate's place and its comparisons: field number, whether negated, value.
    """

    places: list[int] = field(default_factory=list)
    rules: list[tuple[int, list[tuple[int, bool, int]]]] = field(default_factory=list)

    def data(self) -> dict[str, object]:
        """Return the ruleset as the child reads it."""
        return {"places": self.places, "rules": self.rules}


@dataclass(frozen=True)
class Plan:
    """The rulesets of a circuit by stage; `size` values: the inputs, then the gates."""

    inputs: int
    gates: tuple[str, ...]
    stages: tuple[tuple[Ruleset, ...], ...]

    @property
    def size(self) -> int:
        """How many values a decision has."""
        return self.inputs + len(self.gates)

    def data(self) -> dict[str, object]:
        """Return the plan as the child reads it."""
        stages = [[ruleset.data() for ruleset in stage] for stage in self.stages]
        return {"size": self.size, "stages": stages}


def plan(circuit: Circuit) -> Plan:
    """Put a circuit's gates into rulesets.

    Raises:
        RulesetError: a limit of the library cannot be kept.
    """
    gates = list(_narrow(circuit.gates.values()))
    names = tuple(gate.name for gate in gates)
    places = {name: place for place, name in enumerate((*circuit.inputs.values(), *names))}
    stages = tuple(tuple(_rulesets(stage, places)) for stage in _stages(gates))
    for stage in stages:
        for ruleset in stage:
            refuse(ruleset)
    return Plan(len(circuit.inputs), names, stages)


def refuse(ruleset: Ruleset) -> None:
    """Refuse a ruleset that breaks a limit of the library.

    Raises:
        RulesetError: it does.
    """
    if len(ruleset.rules) + 1 > MOST_FIRINGS:
        raise RulesetError(f"{len(ruleset.rules) + 1} rules may fire on one fact")
    fields = [*OWN_FIELDS, *(field_name(number) for number in range(len(ruleset.places)))]
    if len(fields) > MOST_FIELDS:
        raise RulesetError(f"a fact has {len(fields)} fields")
    alike = Counter(test for _, tests in ruleset.rules for test in tests)
    if alike and max(alike.values()) > MOST_ALIKE:
        raise RulesetError(f"{max(alike.values())} rules share a condition")
    rules = [rule_name(number) for number in range(len(ruleset.rules))]
    names = [*fields, *rules, *OTHER_NAMES]
    if any(len({told(name) for name in names}) < len(names) for told in (fnv1, fnv1a)):
        raise RulesetError("two names have the same hash of 32 bits")


def field_name(number: int) -> str:
    """Return the name of a fact's field."""
    return f"f{number}"


def rule_name(number: int) -> str:
    """Return the name of a ruleset's rule."""
    return f"r{number}"


def fnv1(name: str) -> int:
    """Return the FNV-1 hash of 32 bits: multiply, then mix in."""
    found = 2_166_136_261
    for byte in name.encode():
        found = ((found * 16_777_619) & 0xFFFFFFFF) ^ byte
    return found


def fnv1a(name: str) -> int:
    """Return the FNV-1a hash of 32 bits: mix in, then multiply."""
    found = 2_166_136_261
    for byte in name.encode():
        found = ((found ^ byte) * 16_777_619) & 0xFFFFFFFF
    return found


MOST_TESTS = (MOST_FIELDS - len(OWN_FIELDS)) // 2
"""Comparisons in one rule; a longer conjunction is proved in several steps."""


def _narrow(gates: Iterable[Gate]) -> Iterable[Gate]:
    """Yield the gates, long ways shortened by a gate for each part of them, earlier first."""
    for gate in gates:
        ways: list[Way] = []
        for number, way in enumerate(gate.ways):
            shorter = way
            while len(shorter) > MOST_TESTS:
                parts = [shorter[at : at + MOST_TESTS] for at in range(0, len(shorter), MOST_TESTS)]
                name = f"{gate.name}:way {number} of {len(shorter)}"
                yield from (Gate(f"{name}, {n}", (part,)) for n, part in enumerate(parts))
                shorter = tuple(Is(f"{name}, {n}") for n in range(len(parts)))
            ways.append(shorter)
        yield Gate(gate.name, tuple(ways))


def _stages(gates: Iterable[Gate]) -> list[list[Gate]]:
    """Return the gates by how many stages have to come before each."""
    level: dict[str, int] = {}
    stages: list[list[Gate]] = []
    for gate in gates:
        before = (level.get(test.name, 0) for way in gate.ways for test in way)
        level[gate.name] = 1 + max(before, default=0)
        stages += [[] for _ in range(level[gate.name] - len(stages))]
        stages[level[gate.name] - 1].append(gate)
    return stages


def _rulesets(gates: Sequence[Gate], places: dict[str, int]) -> Iterable[Ruleset]:
    """Yield the rulesets of a stage; one that is full is followed by another."""
    ruleset = Ruleset()
    for gate in gates:
        for way in gate.ways:
            looked_at = {places[test.name] for test in way}
            fields = len(OWN_FIELDS) + len(looked_at | {*ruleset.places})
            if len(ruleset.rules) + 2 > MOST_FIRINGS or fields > MOST_FIELDS:
                yield ruleset
                ruleset = Ruleset()
            ruleset.places.extend(sorted(looked_at - {*ruleset.places}))
            tests = [(ruleset.places.index(places[t.name]), t.negated, t.value) for t in way]
            ruleset.rules.append((places[gate.name], tests))
    if ruleset.rules:
        yield ruleset
