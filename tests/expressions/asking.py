"""Ask the language: what an expression comes to, and what its author is told."""

import json
from textwrap import indent

from tests.strategies.small_packs import HEADER, OTHERWISE, pack, problems_of

AT = "2026-03-20T10:00+07:00"
CASE = """
order:
  currency: IDR
  placed_at: 2026-03-02T09:30+07:00
  items_subtotal: 90000
  total_paid: 100000
  seller_tier: mall
claim:
  type: damaged
  stage: first
  filed_at: 2026-03-12T18:00+07:00
  requested_amount: 40000
  items:
    - {sku: a, qty_claimed: 2, unit_price: 15000}
    - {sku: b, qty_claimed: 1, unit_price: 5000}
    - {sku: c}
tracking:
  - {at: 2026-03-04T08:00+07:00, event: picked_up}
  - {at: 2026-03-06T12:00+07:00, event: delivered, signature: true}
  - {at: 2026-03-15T12:00+07:00, event: delivered, leg: return}
calendar: {weekend: [sat, sun], holidays: [2026-03-19]}
"""


def value_of(expression: str, *, case: str = CASE, more: str = "") -> object:
    """Return what an expression comes to, as both evaluators see it."""
    return pack(f"{more}readings:\n  x: {json.dumps(expression)}\n").value("x", case, AT)


def holds(condition: str, *, case: str = CASE, more: str = "") -> object:
    """Return whether a condition holds, as both evaluators see it."""
    return pack(f"{more}findings:\n  x: {json.dumps(condition)}\n").value("x", case, AT)


def told(expression: str, *, section: str = "readings") -> list[str]:
    """Return what the author of an expression is told, each problem as `column: message`.

    The column is counted from 1 within the expression.
    """
    body = f"{section}:\n  x: |-\n{indent(expression, '    ')}\n"
    problems = problems_of(("policy.yaml", HEADER + OTHERWISE), ("x.yaml", body))
    return [_within(problem.splitlines()[0]) for problem in problems]


def told_of_condition(condition: str) -> list[str]:
    """Return what the author of a condition is told."""
    return told(condition, section="findings")


def _within(problem: str) -> str:
    _, line, column, message = problem.rpartition(" [")[0].split(":", 3)
    place = int(column) - 4 if line == "3" else f"line {int(line) - 2}, {int(column) - 4}"
    return f"{place}:{message}"
