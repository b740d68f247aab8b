"""Where every rule of a policy stands, as SQL: truth values, for all disputes at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reso.engine.expressions import CompiledExpressions
from reso.engine.logic import with_rivals
from reso.expressions.tree import (
    And,
    Lit,
    Node,
    Not,
    Or,
    Quantity,
    Ref,
)
from reso.policy.model import Policy, Rule
from simulations.fast.sheets import Sheet, read
from simulations.fast.writing import Writer
from simulations.literals import text_of
from simulations.sql.columns import Rail

RAILS: tuple[Rail, Rail] = ("true", "possible")


@dataclass(frozen=True, slots=True)
class Standings:
    """Writes the standing of the rules of a chapter, and what an open ruling depends on.

    Columns, all truth values: of each rule whether it decides, and whether it possibly does; of
    each comparison the chapter makes whether it is true, where a rule that rests on it is
    undecided.

    Attributes:
        columns: of each rule, the two columns that say whether it decides, and possibly does.
    """

    policy: Policy
    writer: Writer
    sheet: Sheet
    made: CompiledExpressions
    chapter: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)

    def write(self) -> list[str]:
        """Write them; return the names of the columns a ruling depends on."""
        decides = [(self.sheet.part(t), self.sheet.part(p)) for t, p in self._decides()]
        undecided = [self.sheet.part(f"{possible} AND NOT {true}") for true, possible in decides]
        for rule, (true, possible) in zip(self._rules(), decides, strict=True):
            self.columns[rule.name] = true.strip('"'), possible.strip('"')
        flags = (name for pair in self.columns.values() for name in pair)
        return list(dict.fromkeys([*flags, *self._facts(undecided)]))

    def _column(self, text: str) -> str:
        return self.sheet.hoist(read(text))

    # -- rules -------------------------------------------------------------------------------

    def _rules(self) -> list[Rule]:
        return [rule for rule in self.policy.rules if rule.chapter in ("", self.chapter)]

    def _decides(self) -> list[tuple[str, str]]:
        """Return for each rule whether it decides, and whether it possibly does."""
        rules = self._rules()
        held: dict[str, tuple[str, str]] = {}
        for rule in rules:
            self._hold(rule, rules, held)
        found: list[tuple[str, str]] = []
        for rule in rules:
            against = [held[x.name] for x in rules if _stands_against(x, rule)]
            true, possible = held[rule.name]
            surely = _without(true, [other for _, other in against])
            found.append((surely, _without(possible, [other for other, _ in against])))
        return found

    def _hold(
        self, rule: Rule, rules: Sequence[Rule], held: dict[str, tuple[str, str]]
    ) -> tuple[str, str]:
        if rule.name in held:
            return held[rule.name]
        others = [self._hold(r, rules, held) for r in rules if r.name in rule.exception_to]
        rails = []
        for position, rail in enumerate(RAILS):
            parts = [self.writer.condition(node, rail).text for node in rule.when]
            if rule.exception_to:
                parts.append(f"({' OR '.join(o[position] for o in others) or 'FALSE'})")
            rails.append(f"({' AND '.join(parts)})" if parts else "TRUE")
        if rule.kind == "bar" or rule.exception_to:
            rails = [self.sheet.part(sql) for sql in rails]
        held[rule.name] = rails[0], rails[1]
        return held[rule.name]

    # -- what an open ruling depends on --------------------------------------------------------

    def _facts(self, undecided: Sequence[str]) -> list[str]:
        """Write what an open ruling rests on: the comparisons that undecided rules come to."""
        rules = self._rules()
        atoms = {rule.name: list(self._known_parts(rule.when)) for rule in rules}
        resting: dict[tuple[Node, ...], list[str]] = {}
        for rule, open_now in zip(rules, undecided, strict=True):
            rivals = with_rivals([rule.name], rules)
            found = dict.fromkeys(atom for rival in rivals for atom in atoms[rival.name])
            resting.setdefault(tuple(found), []).append(open_now)
        asked: dict[Node, list[str]] = {}
        for rests_on, some in resting.items():
            any_open = self.sheet.part(" OR ".join(some))
            for atom in rests_on:
                asked.setdefault(atom, []).append(any_open)
        guards = {atom: self.sheet.part(" OR ".join(some)) for atom, some in asked.items()}
        return [self._column(f"{guards[atom]} AND {self._true(atom)}") for atom in asked]

    def _known_parts(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """Yield the largest parts of conditions that no open question bears on."""
        definitions = {d.name: d.node for d in self.policy.definitions}
        todo, seen = list(reversed(nodes)), set[str]()
        while todo:
            node = todo.pop()
            match node:
                case Lit():
                    pass
                case _ if not self.made.may_be_unknown(node):
                    yield node
                case And(parts=parts) | Or(parts=parts):
                    todo += reversed(parts)
                case Not(value=value):
                    todo.append(value)
                case Ref(name=name):
                    if name not in seen:
                        seen.add(name)
                        todo.append(definitions[name])
                case Quantity():
                    yield node
                case _:
                    pass  # an answer: what is known of it is noted with its question

    def _true(self, node: Node) -> str:
        return self.writer.condition(node, "true").text


def chapter_of(policy: Policy, writer: Writer, sheet: Sheet) -> None:
    """Write the column `chapter`: the one chapter that holds, empty where none or several do."""
    held = [(c.name, writer.condition(c.when, "true").text) for c in policy.chapters]
    count = " + ".join(f"({sql})::INTEGER" for _, sql in held) or "0"
    sheet.write("chapters", count)
    cases = " ".join(f"WHEN {sql} THEN {text_of(name)}" for name, sql in held)
    sheet.write("chapter", f"CASE WHEN \"chapters\" <> 1 THEN '' {cases} END")


def packed(bits: Sequence[str]) -> str:
    """Return conditions that are never NULL as the bits of a number."""
    return " + ".join(f"({sql})::BIGINT * {1 << n}" for n, sql in enumerate(bits)) or "0"


def _stands_against(other: Rule, rule: Rule) -> bool:
    bars = other.kind == "bar" and rule.kind == "rule" and other.chapter in ("", rule.chapter)
    return bars or rule.name in other.exception_to


def _without(holds: str, against: Sequence[str]) -> str:
    if not against:
        return holds
    return f"({holds} AND NOT ({' OR '.join(against)}))"
