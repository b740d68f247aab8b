"""Where every rule of a policy stands, as SQL: bits of whole numbers, for all disputes at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from simulations.fast.sheets import Sheet
from simulations.fast.traced import text_sql
from simulations.fast.writing import Writer
from simulations.sql.columns import Rail

RAILS: tuple[Rail, Rail] = ("true", "possible")
BITS = 62
"""Bits of a BIGINT that are used."""


@dataclass(frozen=True, slots=True)
class Standings:
    """Writes the standing of the rules of a chapter, and what an open ruling depends on.

    Columns: `decides` numbers, two bits a rule (it decides; it possibly does); where a rule is
    undecided, `facts` numbers, a bit for each comparison the chapter makes.
    """

    policy: Policy
    writer: Writer
    sheet: Sheet
    made: CompiledExpressions
    chapter: str

    def write(self) -> list[str]:
        """Write them; return the names of the columns a ruling depends on."""
        decides = self._decides()
        names = [
            self.sheet.write(f"decides:{start}", packed(decides[start : start + BITS]))
            for start in range(0, len(decides), BITS)
        ]
        undecided = " OR ".join(self._undecided(name) for name in names) or "FALSE"
        self.sheet.write("undecided", undecided)
        return [*names, *self._facts()]

    def _undecided(self, name: str) -> str:
        """Return whether a number holds a rule that only possibly decides."""
        true = sum(1 << n for n in range(0, BITS, 2))
        return f'(("{name}" & {true}) * 2 <> ("{name}" & {true * 2}))'

    # -- rules -------------------------------------------------------------------------------

    def _rules(self) -> list[Rule]:
        return [rule for rule in self.policy.rules if rule.chapter in ("", self.chapter)]

    def _decides(self) -> list[str]:
        """Return for each rule whether it decides, and whether it possibly does."""
        rules = self._rules()
        held: dict[str, tuple[str, str]] = {}
        for rule in rules:
            self._hold(rule, rules, held)
        found: list[str] = []
        for rule in rules:
            against = [held[x.name] for x in rules if _stands_against(x, rule)]
            true, possible = held[rule.name]
            found.append(_without(true, [other for _, other in against]))
            found.append(_without(possible, [other for other, _ in against]))
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

    def _facts(self) -> list[str]:
        """Write what an open ruling rests on: the comparisons that undecided rules come to."""
        rules = self._rules()
        atoms = {rule.name: list(self._known_parts(rule.when)) for rule in rules}
        used = list(dict.fromkeys(atom for found in atoms.values() for atom in found))
        place = {atom: n for n, atom in enumerate(used)}
        names = []
        for start in range(0, len(used), BITS):
            bits = packed([self._true(atom) for atom in used[start : start + BITS]])
            masks = [
                f"CASE WHEN {self._is_undecided(n)} THEN {mask} ELSE 0 END"
                for n, rule in enumerate(rules)
                if (mask := self._mask(rule, rules, atoms, place, start))
            ]
            if masks:
                sql = f'CASE WHEN "undecided" THEN ({bits}) & ({" | ".join(masks)}) ELSE 0 END'
                names.append(self.sheet.write(f"facts:{start}", sql))
        return names

    def _mask(
        self, rule: Rule, rules: Sequence[Rule], atoms: Mapping[str, Sequence[Node]],
        place: Mapping[Node, int], start: int,
    ) -> int:  # fmt: skip
        """Return the bits of the comparisons a rule rests on, those of its rivals included."""
        rivals = with_rivals([rule.name], rules)
        places = {place[atom] for rival in rivals for atom in atoms[rival.name]}
        return sum(1 << (n - start) for n in places if start <= n < start + BITS)

    def _is_undecided(self, number: int) -> str:
        """Return whether a rule, by its number, possibly decides and does not surely."""
        start, place = divmod(2 * number, BITS)
        return f'(("decides:{start * BITS}" >> {place}) & 3 = 2)'

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
    cases = " ".join(f"WHEN {sql} THEN {text_sql(name)}" for name, sql in held)
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
