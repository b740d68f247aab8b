"""What a report is made of, as the replay hands it over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from reso.model.money import Language
from reso.policy.model import Policy
from simulations.comparing.comparison import ChangedCase
from simulations.comparing.speaking import Speech
from simulations.comparing.telling import Told
from simulations.history import Note
from simulations.measures.knowledge import BlindRule, Known, Lack, blind_rules, lack_of_data
from simulations.measures.tables import ResultsTable
from simulations.replaying.supposing import Supposed


@dataclass(frozen=True, slots=True)
class Run:
    """What was run, and how to run it again.

    Attributes:
        history, history_hash: what it is called, and the hash of its events.
        until: the last instant lived through; None: until nothing was left to happen.
        settings: values given to parameters.
        seed: of everything that is drawn.
        command: what was typed.
        rejects: rows put aside. notes: what was found in the history.
        by_reference: disputes the reference replay led, by why.
        truth_hash: SHA-256 of the file that told what was really due; "" without one.
    """

    history: str
    history_hash: str
    disputes: int
    events: int
    until: datetime | None
    from_the_order: bool
    settings: Mapping[str, str]
    seed: int
    command: str
    rejects: int = 0
    by_reference: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    truth_hash: str = ""


@dataclass(frozen=True, slots=True)
class ComparedWith:
    """A comparison with another policy or with the record.

    Attributes:
        speech: says it, in the language of the page.
        cases: changed disputes with how they end under A and under B, most money first.
    """

    speech: Speech
    cases: tuple[tuple[ChangedCase, Told, Told], ...]


@dataclass(frozen=True)
class ReportInput:
    """Everything a report needs.

    Attributes:
        table: the tables of the run; `segments` and `ages` filled, `recorded` where there is any.
        known: what the history states.
        supposed: answers of a model, mirrored evidence, wider windows, where they were asked for.
        compared: what the run was held against, if anything.
    """

    table: ResultsTable
    policy: Policy
    known: Known
    run: Run
    language: Language = "en"
    supposed: Supposed | None = None
    compared: ComparedWith | None = None

    @cached_property
    def blind(self) -> tuple[BlindRule, ...]:
        """The rules that see nothing here, or a part."""
        return blind_rules(self.policy, self.known, self.table)

    @cached_property
    def lack(self) -> Lack:
        """The escalations that rest on what the history does not record."""
        return lack_of_data(self.policy, self.known, self.table)
