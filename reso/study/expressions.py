"""Typed trees written back as expressions."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from reso.expressions.tree import (
    And,
    Answer,
    Arith,
    Choice,
    Clock,
    Compare,
    Contains,
    Dated,
    Earliest,
    Field,
    Func,
    ItemField,
    Known,
    Lit,
    Node,
    Not,
    OneOf,
    Or,
    Pick,
    PickField,
    Quantity,
    Ref,
    Scalar,
    Table,
    Type,
)
from reso.facts.operations import MILLION
from reso.model.money import to_major
from reso.model.time import Duration, format_duration
from reso.policy.model import Policy

OPS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "is", "!=": "is not"}
TIME_OPS = {"<": "before", "<=": "at or before", ">": "after", ">=": "at or after"}


class Writer:
    """Writes the expressions of one policy as an author would."""

    def __init__(self, policy: Policy) -> None:
        self.currency = policy.currencies[0]
        self.zone: ZoneInfo = policy.calendar.zone

    def text(self, node: Node) -> str:
        """Return an expression as text."""
        match node:
            case Lit():
                return self.constant(node.value, node.type)
            case Field() | ItemField() | Ref():
                return node.name
            case PickField():
                return f"{node.pick}.{node.name}" if node.name else node.pick
            case Answer():
                return node.question
            case Clock():
                return f"{node.question}.{node.part}"
            case Earliest():
                return "earliest"
            case Arith():
                return f"{self._inner(node.left)} {node.op} {self._inner(node.right)}"
            case Func(name="at_time", args=(left, right)):
                return f"{self.text(left)} at {self.text(right)}"
            case Func():
                return f"{node.name}({', '.join(map(self.text, node.args))})"
            case Quantity():
                return self._quantity(node)
            case Pick():
                field = "" if node.field is None else f"{node.field.name} of "
                return f"{field}{node.which} {node.section}{self._where(node.where)}"
            case Compare():
                words = TIME_OPS if node.left.type.kind in ("instant", "date", "time") else OPS
                op = words.get(node.op, OPS[node.op])
                return f"{self.text(node.left)} {op} {self.text(node.right)}"
            case OneOf():
                op = "is not one of" if node.negated else "is one of"
                listed = ", ".join(self.constant(o, node.value.type) for o in node.options)
                return f"{self.text(node.value)} {op} [{listed}]"
            case Contains():
                return f"{self.text(node.value)} contains {self.text(node.item)}"
            case Known():
                return f"{self.text(node.value)} is {'none' if node.negated else 'known'}"
            case Not():
                return f"not {self._inner(node.value)}"
            case And():
                return " and ".join(map(self._inner, node.parts))
            case Or():
                return " or ".join(map(self._inner, node.parts))
            case Choice() | Table() | Dated():
                return getattr(node, "name", "") or "(by cases)"

    def _inner(self, node: Node) -> str:
        bracketed = isinstance(node, And | Or | Arith | Quantity | Pick)
        return f"({self.text(node)})" if bracketed else self.text(node)

    def _where(self, where: Node | None) -> str:
        return "" if where is None else f" where {self.text(where)}"

    def _quantity(self, node: Quantity) -> str:
        where = self._where(node.where)
        if node.what == "exists":
            return f"exists {node.section}{where}"
        if node.of is None:
            return f"count of {node.section}{where}"
        return f"sum of {self.text(node.of)} over {node.section}{where}"

    def constant(self, value: Scalar, kind: Type) -> str:
        """Return a constant as an author writes it."""
        match value:
            case None:
                return "none"
            case bool():
                return "yes" if value else "no"
            case int() if kind.kind == "money":
                return f"{to_major(value, self.currency):f} {self.currency}"
            case int() if kind.kind == "rate":
                return f"{(Decimal(value) * 100 / MILLION).normalize():f}%"
            case datetime():
                local = value.astimezone(self.zone)
                midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
                return local.date().isoformat() if midnight else local.isoformat()
            case date():
                return value.isoformat()
            case time():
                return value.strftime("%H:%M")
            case Duration():
                return format_duration(value, "en")
            case tuple():
                return ", ".join(value)
            case _:
                return str(value)
