"""The acceptance model: its parameters, the chance of a yes, and the answers it draws."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from math import log, log10
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from reso.model.case import Case, Records, Value
from reso.model.events import CURRENCY, Event
from reso.model.money import to_major
from simulations.life import Put
from simulations.measures.parameters import read_parameters

DEFAULT = Path(__file__).with_name("acceptance.yaml")

RunName = Literal["low", "middle", "high"]
RUNS: tuple[RunName, ...] = ("low", "middle", "high")

REQUESTED = "claim.requested_amount"
TOTAL = "order.total_paid"
RESEND = "replace_or_resend_missing"
"""The remedy that gives the buyer what he is owed in goods, whatever its amount."""

YES, NO = "accept_solution", "reject"
SHORTEST = timedelta(seconds=1)

Share = Annotated[float, Field(ge=0, le=1)]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Contentment(_Checked):
    """Shares who are content, by what they get of what is at issue."""

    nothing: Share
    half: Share
    all: Share

    @model_validator(mode="after")
    def _never_falls(self) -> Self:
        if not self.nothing <= self.half <= self.all:
            raise ValueError("more for a party makes fewer of them content")
        return self

    def at(self, share: float) -> float:
        """Return the share who are content with `share` (0 to 1) of what is at issue."""
        if share <= 0.5:
            return self.nothing + 2 * share * (self.half - self.nothing)
        return self.half + (2 * share - 1) * (self.all - self.half)


class Speaking(_Checked):
    """Shares who answer at all, of the content and of the others."""

    content: Share
    discontent: Share


class BySilence(_Checked):
    """Who answers, by what silence would mean."""

    silence_accepts: Speaking
    silence_refuses: Speaking


class After(_Checked):
    """When answers come, in hours: log-logistic, as in the histories that are made."""

    median: float = Field(gt=0)
    spread: float = Field(gt=1)

    def at(self, u: float) -> timedelta:
        """Return the quantile at `u`, in whole seconds."""
        hours = self.median * (u / (1 - u)) ** (log(self.spread) / log(3))
        return max(SHORTEST, timedelta(seconds=round(min(hours * 3600, 1e9))))


class Person(_Checked):
    """How the parties on one side act; see `acceptance.yaml`."""

    yes: Contentment
    answers: BySilence
    after: After


class Readiness(_Checked):
    """The parameters of one run. `source`: where its numbers are from."""

    source: str = Field(min_length=1)
    buyer: Person
    seller: Person
    courier: Person | None = None

    def of(self, party: str) -> Person | None:
        """Return how a party acts; None: it is silent."""
        return {"buyer": self.buyer, "seller": self.seller, "courier": self.courier}.get(party)


class Acceptance(_Checked):
    """The acceptance model: three runs, what a usual dispute is about, and what more money does."""

    usual_value: Mapping[str, Annotated[float, Field(gt=0)]]
    dearer: float = Field(ge=-1, le=1)
    low: Readiness
    middle: Readiness
    high: Readiness

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for party in ("buyer", "seller", "courier"):
            people = [getattr(self, run).of(party) for run in RUNS]
            for one, other in pairwise(people):
                if one is not None and other is not None and not _is_readier(other.yes, one.yes):
                    raise ValueError(f"the {party} of a run is readier than in the next one")
        return self

    @classmethod
    def read(cls, file: Path = DEFAULT) -> "Acceptance":
        """Return the model of a file.

        Raises:
            InputError: it cannot be read, or says something else.
        """
        return read_parameters(file, cls)

    def run(self, name: RunName, seed: int) -> "ModelParties":
        """Return the parties of one run."""
        found: Readiness = getattr(self, name)
        return ModelParties(found, dict(self.usual_value), self.dearer, seed)


def _is_readier(one: Contentment, other: Contentment) -> bool:
    return one.nothing >= other.nothing and one.half >= other.half and one.all >= other.all


@dataclass(frozen=True, slots=True)
class ModelParties:
    """Parties who answer as a run of the model says.

    Every draw hangs on the seed, the dispute, the proposal's number, the party and what is drawn:
    not on how many disputes there are, nor on their order. All runs share their draws, so who is
    content in the low run is so in the high one.
    """

    readiness: Readiness
    usual_value: Mapping[str, float]
    dearer: float
    seed: int

    def answers(self, put: Put) -> Sequence[Event]:
        """Return the answers to a proposal; who is silent gives none."""
        return tuple(self._answers(put))

    def chance(self, put: Put, party: str) -> float | None:
        """Return the chance that a party is content with a proposal; None: it never answers."""
        person = self.readiness.of(party)
        if person is None:
            return None
        content = person.yes.at(share_of(put, party)) + self.dearer * self._tenfolds(put)
        return min(1.0, max(0.0, content))

    def _answers(self, put: Put) -> Iterator[Event]:
        for party in put.parties:
            person, chance = self.readiness.of(party), self.chance(put, party)
            if person is None or chance is None:
                continue
            is_content = self._draw(put, party, "content") < chance
            answers = person.answers
            speaking = answers.silence_accepts if put.silence_accepts else answers.silence_refuses
            speaks = speaking.content if is_content else speaking.discontent
            at = put.at + person.after.at(self._draw(put, party, "after"))
            if self._draw(put, party, "answers") < speaks and at <= put.until:
                yield _answer(put.dispute_id, party, YES if is_content else NO, at)

    def _tenfolds(self, put: Put) -> float:
        """Return log10 of what is at issue by what is usual; 0 where either is not known."""
        at_issue, currency = at_issue_of(put.case), put.case.fields.get(CURRENCY)
        usual = self.usual_value.get(str(currency))
        if not at_issue or usual is None:
            return 0.0
        return log10(float(to_major(at_issue, str(currency))) / usual)

    def _draw(self, put: Put, party: str, what: str) -> float:
        """Return a number between 0 and 1, neither of them."""
        said = f"{self.seed}\n{put.dispute_id}\n{put.number}\n{party}\n{what}"
        return (int.from_bytes(sha256(said.encode()).digest()[:7], "big") + 0.5) / 2**56


def at_issue_of(case: Case) -> int | None:
    """Return what is at issue in minor units: what was asked for, else what was paid."""
    for name in (REQUESTED, TOTAL):
        found = case.fields.get(name)
        if isinstance(found, int) and found > 0:
            return found
    return None


def share_of(put: Put, party: str) -> float:
    """Return what a party gets of what is at issue, 0 to 1; a half where that is not known.

    The buyer gets what is refunded, the seller keeps the rest; a courier keeps what the seller
    does.
    """
    at_issue = at_issue_of(put.case)
    if put.decision == RESEND:
        refunded = 1.0
    elif at_issue is None:
        return 0.5
    else:
        refunded = min(1.0, (put.amount or 0) / at_issue)
    return refunded if party == "buyer" else 1 - refunded


def _answer(dispute: str, party: str, action: str, at: datetime) -> Event:
    record: dict[str, Value] = {"at": at, "party": party, "action": action}
    return Event(dispute, at, at, "responses", Records((record,)))
