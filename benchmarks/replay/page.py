"""The page a run prints: Markdown tables, as docs/benchmarks.md shows them, and what was missed."""

from dataclasses import dataclass, field

NOT_JUDGED = "not judged"


@dataclass
class Page:
    """Prints tables row by row, and keeps which targets were missed.

    Attributes:
        judged: whether targets count; otherwise they are shown only.
    """

    judged: bool = True
    missed: list[str] = field(default_factory=list)
    _met: int = 0

    def title(self, text: str) -> None:
        """Begin a section."""
        print(f"\n## {text}", flush=True)

    def note(self, text: str) -> None:
        """Print a paragraph."""
        print(f"\n{text}", flush=True)

    def table(self, *columns: str) -> None:
        """Begin a table."""
        print()
        self.row(*columns)
        self.row(*("---" for _ in columns))

    def row(self, *cells: str) -> None:
        """Print a row of a table."""
        print(f"| {' | '.join(cells)} |", flush=True)

    def target(self, name: str, figure: str, wanted: str, met: bool, judged: bool = True) -> str:
        """Return the cell that tells a target and whether it is met; keep it if it is missed."""
        if not (self.judged and judged):
            return f"{wanted}: {NOT_JUDGED}"
        self._met += met
        if not met:
            self.missed.append(f"{name}: {figure}, target {wanted}")
        return f"{wanted}: {'met' if met else 'MISSED'}"

    def verdict(self) -> int:
        """Print what was missed; return the exit code: 1 if anything was."""
        judged = self._met + len(self.missed)
        if not self.missed:
            self.title(f"No target is missed, of {judged}." if judged else "Nothing was judged.")
            return 0
        self.title(f"{len(self.missed)} of {judged} targets missed")
        self.note("\n".join(f"- {missed}" for missed in self.missed))
        return 1
