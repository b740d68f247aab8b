"""The facts of disputes as of the instant each stands at: columns over the prepared ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from reso.expressions.tree import Kind
from simulations.fast.sheets import Sheet
from simulations.life import LEDGER, OLD_RULERS, OLD_RULINGS
from simulations.literals import text_of

Mode = Literal["always", "once", "changes"]

AT = '"at"'

OLD_FIELDS = frozenset(
    name if kind == "case" else f"{kind}.{name}"
    for kind, names in OLD_RULINGS.items()
    for name in names
)
"""What the old platform ruled and paid: not known any more once we have acted."""

OWN_LISTS: Mapping[str, Mapping[str, Kind]] = {
    "asked": {"at": "instant", "question": "text"},
    "proposed": {
        "at": "instant",
        "decision": "text",
        "amount": "money",
        "parties": "list",
        "until": "instant",
    },
    "settled": {
        "at": "instant",
        "decision": "text",
        "amount": "money",
        "payee": "text",
        "how": "text",
        "legs": "list",
    },
    "escalated": {"at": "instant", "question": "text", "reason": "text"},
    "reopened": {"at": "instant", "because": "text"},
    "closed": {"at": "instant"},
}
"""The lists our own acts append to, and the fields of their items."""


class Prepared(Protocol):
    """What a prepared history holds."""

    @property
    def fields(self) -> Mapping[str, tuple[Mode, Kind]]:
        """By path: from when a field's column holds it, and what it holds."""

    @property
    def lists(self) -> Mapping[str, tuple[Mode, Mapping[str, Kind]]]:
        """By section: for a list stated as a whole, as `fields`; and the fields of its items."""


def own(name: str) -> str:
    """Return the column that holds what our acts stated of a field, or appended to a list."""
    return f"own:{name}"


def own_at(name: str) -> str:
    """Return the column of the instant at which our acts last stated a field."""
    return f"own_at:{name}"


@dataclass(frozen=True, slots=True)
class AsOf:
    """Columns of facts as of the instant at hand, added to a sheet when they are first asked for.

    They stand on a relation of the prepared columns and `at`, `n` (arrivals known), `seen_n`
    (arrivals of the old platform's acts still seen), and our own acts.
    """

    prepared: Prepared
    sheet: Sheet

    def field(self, path: str) -> str | None:
        """Return the column of a field outside lists."""
        name = f"fact:{path}"
        if name not in self.sheet:
            recorded = self._with_own(path) if path in LEDGER else self._recorded(path)
            if recorded is None:
                return None
            self.sheet.write(name, recorded)
        return name

    def items(self, section: str) -> str | None:
        """Return the column of a list: its items known by then, in their order."""
        name = f"list:{section}"
        if section in OWN_LISTS:
            return own(section)
        if section not in self.prepared.lists:
            return None
        if name not in self.sheet:
            self.sheet.write(name, self._items(section))
        return name

    def item_fields(self, section: str) -> Mapping[str, Kind]:
        """Return the fields that the items of a list have."""
        if section in OWN_LISTS:
            return OWN_LISTS[section]
        _, fields = self.prepared.lists.get(section, ("once", {}))
        return fields

    def section_known(self, name: str) -> str | None:
        """Return the column that is true where anything of a section is known."""
        column = f"known:{name}"
        if column not in self.sheet:
            begins = f"{name}."
            paths = {*self.prepared.fields, *LEDGER}
            fields = (self.field(path) for path in sorted(paths) if path.startswith(begins))
            lists = (self.items(s) for s in sorted(self.prepared.lists) if s.startswith(begins))
            known = [f'"{part}" IS NOT NULL' for part in (*fields, *lists) if part is not None]
            self.sheet.write(column, " OR ".join(known) or "FALSE")
        return column

    def concluded(self) -> str | None:
        """Return the column of the amount that promises speak of."""
        return "concluded"

    def earliest(self) -> str | None:
        """Return the column of the earliest dated instant of the case."""
        dialect = self.sheet.dialect
        if "earliest" not in self.sheet:
            kinds = {path: kind for path, (_, kind) in self.prepared.fields.items()}
            kinds.update(LEDGER)
            instants = sorted(path for path, kind in kinds.items() if kind == "instant")
            found = [f'"{self.field(path)}"' for path in instants]
            for section, (_, fields) in sorted(self.prepared.lists.items()):
                if "at" in fields:
                    items = f'"{self.items(section)}"'
                    ats = dialect.mapped(items, "y", dialect.member("y", "at"))
                    found.append(dialect.least_of(ats))
            for section in OWN_LISTS:  # in the order they were done
                first = dialect.element(f'"{own(section)}"', "1")
                found.append(dialect.member(first, "at"))
            self.sheet.write("earliest", dialect.smallest([*found, AT]))
        return "earliest"

    def changed(self, path: str) -> str:
        """Return whether a field became known at the last arrival."""
        if path not in self.prepared.fields:
            return "FALSE"
        match self.prepared.fields[path][0]:
            case "always":
                return '"n" = 1'
            case "once":
                return f'coalesce("{path}#n" = "n", FALSE)'
            case "changes":
                return f'coalesce(len(list_filter("{path}", lambda y: y.n = "n")) > 0, FALSE)'

    # -- parts -------------------------------------------------------------------------------

    def _recorded(self, path: str) -> str | None:
        """Return what is on record of a field by then; None: no dispute states it."""
        if path not in self.prepared.fields:
            return None
        return self._stated(path, self.prepared.fields[path][0], self._seen(path))

    def _seen(self, path: str) -> str:
        """Return the column of the last arrival by which what is on record of a field is known."""
        return '"seen_n"' if path in OLD_FIELDS else '"n"'

    def _with_own(self, path: str) -> str:
        """Return a field that our acts state, too: what was stated last, by us or on record.

        What was recorded at the very instant of our act may stand against it, or give way, as its
        rank says; where that says neither, the greater value stands.
        """
        mine, done = f'"{own(path)}"', f'2 * "{own_at(path)}"'
        if path not in self.prepared.fields:
            return mine
        recorded, rank = (self._standing(path, self._seen(path), part) for part in ("v", "rank"))
        stands = f"{mine} IS NULL OR {rank} > {done} OR ({rank} = {done} AND {recorded} > {mine})"
        return f"CASE WHEN {stands} THEN {recorded} ELSE {mine} END"

    def _items(self, section: str) -> str:
        mode, fields = self.prepared.lists[section]
        if "." in section:
            return self._stated(section, mode, '"n"')
        known = 'y.n <= "n"'
        if section == "responses":
            known = f'y.n <= "seen_n" OR (y.n <= "n" AND NOT ({self._old(fields)}))'
        return self.sheet.dialect.filtered(f'"{section}"', "y", known)

    def _stated(self, path: str, mode: Mode, seen: str) -> str:
        """Return what is stated of a field, or of a list stated as a whole, by arrival `seen`."""
        match mode:
            case "always":
                return f'"{path}"'
            case "once":
                return f'CASE WHEN "{path}#n" <= {seen} THEN "{path}" END'
            case "changes":
                return self._standing(path, seen, "v")

    def _standing(self, path: str, seen: str, part: str) -> str:
        """Return of the last change known by arrival `seen` its value `v` or its arrival `n`."""
        dialect = self.sheet.dialect
        return dialect.member(dialect.last_that(f'"{path}"', "y", f"y.n <= {seen}"), part)

    def _old(self, fields: Mapping[str, Kind]) -> str:
        """Return whether a response `y` is of the old platform, or about what it did."""
        parts = []
        if "party" in fields:
            rulers = ", ".join(map(text_of, OLD_RULERS))
            parts.append(f"coalesce(y.party IN ({rulers}), FALSE)")
        if "of" in fields:
            of = self.sheet.dialect.member("y", "of")
            parts.append(f"coalesce({of} = 'platform', FALSE)")
        return " OR ".join(parts) or "FALSE"
