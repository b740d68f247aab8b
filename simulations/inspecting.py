"""The life of one dispute as a reader follows it: what became known, what was done, why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from importlib.resources import files
from typing import Self

from reso.cases import Pack
from reso.cli.paper import Paper
from reso.facts.fields import Field
from reso.facts.text import read_yaml
from reso.facts.timeline import AT
from reso.lifecycle import state_of
from reso.lifecycle.acts import records_of
from reso.messages import Messenger, render
from reso.model.case import Case, Record, Records, Value
from reso.model.events import CURRENCY, SCALARS, Event, fold
from reso.model.money import Language, format_money
from reso.model.proposal import Proposal
from reso.model.ruling import Ruling
from reso.model.time import format_instant
from reso.study.telling import Reader
from simulations.life import OWN_ACTS, Lived, Moment, complained_at
from simulations.reading import Reject

OVER = ("settled", "closed", "taken_over")
"""States in which nobody waits for a ruling of ours."""

READERS: tuple[Reader, ...] = ("buyer", "seller")


MOST_ASIDE = 20
"""Rows that are shown of those put aside of one dispute."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Rows that could not be used.

    Attributes:
        of_dispute: those of the dispute that is shown. in_all: how many there are in the history.
    """

    of_dispute: tuple[Reject, ...] = ()
    in_all: int = 0

    @classmethod
    def of(cls, rejects: Sequence[Reject], dispute_id: str) -> Self:
        """Return what was put aside of a history, as one dispute is shown."""
        return cls(tuple(one for one in rejects if one.dispute_id == dispute_id), len(rejects))


NOTHING_ASIDE = Aside()


@dataclass(frozen=True)
class Timeline:
    """Prints the decision points of one life, and what was put aside beside it."""

    pack: Pack
    lived: Lived
    aside: Aside = NOTHING_ASIDE

    def print(self, paper: Paper, languages: Sequence[Language]) -> None:
        """Print the timeline in each of these languages."""
        for number, language in enumerate(languages):
            if number:
                paper.line()
            self._print(paper, language)

    def _print(self, paper: Paper, language: Language) -> None:
        paper.rule(self._say("title", language).format(dispute=self.lived.dispute_id))
        before: Ruling | None = None
        for moment in self.lived.moments:
            proposal = self.pack.settler.propose(self._case(moment), moment.at)
            ruling = proposal.ruling
            paper.line()
            zone = self.pack.policy.calendar.zone
            paper.line(format_instant(moment.at, zone, language), style="bold cyan")
            self._print_arrived(paper, moment, language)
            if self._is_news(moment, before, ruling):
                self._print_ruling(paper, moment, proposal, language)
            self._print_acts(paper, moment, language)
            before = ruling
        self._print_aside(paper, language)

    def _print_aside(self, paper: Paper, language: Language) -> None:
        rows = self.aside.of_dispute
        if not self.aside.in_all:
            return
        paper.line()
        paper.line(self._say("aside", language).format(count=f"{len(rows):,}"))
        for row in rows[:MOST_ASIDE]:
            paper.line(f"- {row.place}: {' '.join(row.message.split())}", indent=1)
        if rows[MOST_ASIDE:]:
            count = f"{len(rows) - MOST_ASIDE:,}"
            paper.line(self._say("more", language).format(count=count), indent=1)
        paper.line(self._say("aside_in_all", language).format(count=f"{self.aside.in_all:,}"))

    def _is_news(self, moment: Moment, before: Ruling | None, ruling: Ruling) -> bool:
        """Whether a ruling was told: it differs, and we acted or a complaint is before us."""
        known = self._known(moment)
        is_open = complained_at(known) is not None and state_of(known).name not in OVER
        return (is_open or bool(moment.acts)) and (before is None or _differs(before, ruling))

    def _print_arrived(self, paper: Paper, moment: Moment, language: Language) -> None:
        if not moment.arrived:
            paper.line(self._say("clock", language), indent=1)
        for event in moment.arrived:
            for text in self._told(event, moment.at, language):
                paper.line(f"{self._say('arrived', language)} {text}", indent=1)

    def _print_acts(self, paper: Paper, moment: Moment, language: Language) -> None:
        for event in moment.acts:
            if event.kind in OWN_ACTS:
                for text in self._told(event, moment.at, language):
                    paper.line(f"{self._say('act', language)} {text}", style="bold", indent=1)

    def _print_ruling(
        self, paper: Paper, moment: Moment, proposal: Proposal, language: Language
    ) -> None:
        case, ruling = self._case(moment), proposal.ruling
        then = self._left_alone(case, ruling)
        told = self.pack.explainer.explain(ruling, language, then)
        paper.line(f"{self._say('ruling', language)} {told.headline}", indent=1)
        for reason in told.reasons:
            paper.line(f"- {reason.text} [{reason.name}]", indent=2)
        for reader in READERS:
            paper.line(self._say(reader, language), indent=1)
            message = self._messenger.message(case, proposal, reader, language, None, then)
            for line in filter(None, render(message, "chat").splitlines()):
                paper.line(line, indent=2)

    # -- what there was ---------------------------------------------------------------------

    def _known(self, moment: Moment) -> tuple[Event, ...]:
        return (*self.lived.history[: moment.before], *moment.arrived)

    def _case(self, moment: Moment) -> Case:
        return fold(self._known(moment), moment.at)

    def _left_alone(self, case: Case, ruling: Ruling) -> Ruling | None:
        if ruling.deadline is None or ruling.deadline <= ruling.known_at:
            return None
        return self.pack.engine.decide(case, ruling.deadline)

    # -- in words ---------------------------------------------------------------------------

    @cached_property
    def _messenger(self) -> Messenger:
        return Messenger(self.pack)

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        text = files("simulations").joinpath("inspecting.yaml").read_text(encoding="utf-8")
        words: dict[str, dict[str, str]] = read_yaml(text, "inspecting.yaml").data  # type: ignore[assignment]
        return words

    @cached_property
    def _currency(self) -> str:
        until = self.lived.moments[-1].at
        return str(fold(self.lived.history, until).fields.get(CURRENCY) or "")

    def _say(self, key: str, language: Language) -> str:
        return self._words[key][language]

    def _told(self, event: Event, at: datetime, language: Language) -> Iterator[str]:
        """Yield an event, or each item of it, as its kind and fields."""
        name = () if event.kind == SCALARS else (event.kind,)
        for record in records_of(event):
            said = ", ".join(self._fields(event.kind, record, at, language))
            yield ": ".join((*name, said) if said else name)

    def _fields(self, kind: str, record: Record, at: datetime, language: Language) -> Iterator[str]:
        """Yield what a record says; the instant `at` stands above it already."""
        for name, value in record.items():
            if value == at:
                yield from () if name == AT else (name,)
            elif value is not None:
                yield f"{name} {self._value(kind, name, value, language)}"

    def _value(self, kind: str, name: str, value: Value, language: Language) -> str:
        section = self.pack.table.sections.get(kind)
        declared: Field | None = section.fields.get(name) if section else None
        match value:
            case datetime():
                return format_instant(value, self.pack.policy.calendar.zone, language)
            case int() if declared and declared.type == "money" and self._currency:
                return format_money(value, self._currency, language)
            case Records():
                return f"({len(value)})"
            case tuple():
                return ", ".join(map(str, value))
            case bool():
                return self._say("yes" if value else "no", language)
            case date():
                return value.isoformat()
            case str():
                return " ".join(value.split())
            case _:
                return str(value)


def _differs(before: Ruling, ruling: Ruling) -> bool:
    return (before.decision, before.amount, before.needed, before.reasons) != (
        ruling.decision,
        ruling.amount,
        ruling.needed,
        ruling.reasons,
    )
