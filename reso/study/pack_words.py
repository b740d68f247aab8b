"""Values, times and conclusions of a policy, in English words for a table of packs."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal

from reso.engine.words import plain_name, word
from reso.expressions.tree import Choice, Dated, Field, Kind, Lit, Node, Ref, Scalar, Table
from reso.facts.operations import MILLION
from reso.model.money import format_money
from reso.model.time import Duration, format_duration
from reso.policy.model import Conclusion, Policy
from reso.study.expressions import Writer

CURRENCY = "order.currency"


class PackWords:
    """Writes what one policy says as people write it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.writer = Writer(policy)
        self.values = {one.name: one.node for one in policy.definitions if one.kind == "parameter"}

    def value(self, node: Node, currency: str = "") -> str:
        """Return a value, with its cases and periods: "mall: 15 calendar days; otherwise 2 ...".

        `currency` is that of amounts; "" is the policy's first.
        """
        match node:
            case Lit():
                return self._scalar(node.value, node.type.kind, currency)
            case Ref(name=name) if name in self.values:
                return self.value(self.values[name], currency)
            case Table():
                return self._table(node)
            case Dated():
                return self._dated(node, currency)
            case Choice(otherwise=base) if base is not None:
                laid_over = [self.value(value, currency) for _, value in node.branches]
                return f"{self.value(base, currency)}; for a time {', '.join(laid_over)}"
            case _:
                return f"`{self.writer.text(node)}`"

    def conclusion(self, conclusion: Conclusion) -> str:
        """Return what is concluded: "as requested", "refund"."""
        parts = [
            str(part)
            if part.reference
            else word("decisions", part.remedy, "en")
            if part.remedy
            else plain_name(part.value)
            for part in conclusion.parts()
        ]
        return " or ".join(parts)

    def _table(self, table: Table) -> str:
        rows: dict[str, list[str]] = {}
        priced = isinstance(table.key, Field) and table.key.name == CURRENCY
        for key, value in table.rows:
            told = self.value(value, str(key) if priced else "")
            rows.setdefault(told, []).append(self._scalar(key, table.key.type.kind))
        if priced:
            return "; ".join(rows)
        told_rows = [f"{' or '.join(keys)}: {told}" for told, keys in rows.items()]
        if table.otherwise is not None:
            told_rows.append(f"otherwise: {self.value(table.otherwise)}")
        speaks = table.key.type.kind not in ("boolean", "integer")
        by = "" if speaks else f"by `{self.writer.text(table.key)}`: "
        return by + "; ".join(told_rows)

    def _dated(self, dated: Dated, currency: str) -> str:
        starts = [begins for begins, _ in dated.periods if begins is not None]
        told: list[str] = []
        for begins, value in dated.periods:
            when = (
                f"before {self._day(starts[0])}" if begins is None else f"from {self._day(begins)}"
            )
            told.append(f"{when}: {self.value(value, currency)}")
        return "; ".join(told)

    def _day(self, instant: datetime) -> str:
        return instant.astimezone(self.writer.zone).date().isoformat()

    def _scalar(self, value: Scalar, kind: Kind, currency: str = "") -> str:
        match value:
            case None:
                return "none"
            case bool():
                return "yes" if value else "no"
            case int() if kind == "money":
                return format_money(value, currency or self.policy.currencies[0], "en")
            case int() if kind == "rate":
                return f"{(Decimal(value) * 100 / MILLION).normalize():f}%"
            case datetime():
                return self._day(value)
            case date():
                return value.isoformat()
            case time():
                return value.strftime("%H:%M")
            case Duration():
                return format_duration(value, "en")
            case tuple():
                return ", ".join(value)
            case int():
                return str(value)
            case str() if value.isupper():
                return value
            case str():
                return plain_name(value)


def listed(names: Iterable[str], most: int = 3) -> str:
    """Return names of the policy in words, each once; of many the first, and how many more."""
    told = list(dict.fromkeys(map(plain_name, names)))
    more = f" and {len(told) - most} more" if told[most:] else ""
    return ", ".join(told[:most]) + more
