"""What `reso replay --against` does: runs the other side, compares, and says what came of it."""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import duckdb

from reso.cases import Pack
from reso.cli.inputs import read_pack
from reso.cli.paper import Paper
from reso.engine.ruling_json import Json
from reso.engine.words import word
from reso.errors import InputError
from reso.model.events import Event, fold
from reso.model.money import Language
from simulations.comparing.brief import (
    STORIES,
    Brief,
    Chosen,
    Facts,
    brief_html,
    brief_of,
    brief_text,
    choose,
)
from simulations.comparing.comparison import (
    ChangedCase,
    Comparison,
)
from simulations.comparing.figures import (
    cases_for_stories,
    changed_cases,
)
from simulations.comparing.plain import comparison_json, write_changed
from simulations.comparing.showing import print_comparison
from simulations.comparing.speaking import NONE, Speech
from simulations.comparing.telling import LANGUAGES, RecordedTeller, Teller, Told
from simulations.replaying.replayed import Replayed
from simulations.running import PolicyChoice

RECORDED = "recorded"
STDOUT = "-"
HTML = (".html", ".htm")
MOST_TOLD = 200
"""Changed disputes that are lived through again to be explained in `--out`."""

Telling = Teller | RecordedTeller


@dataclass(frozen=True, slots=True)
class Against:
    """What a replay is to be held against, as typed.

    Attributes:
        what: a pack's folder, `recorded`, or None: the replay's own pack.
        settings: other values for that pack's parameters.
        brief: a file for the committee's page, `-` for the terminal; None: none.
    """

    what: str | None
    settings: Mapping[str, str]
    brief: str | None
    language: Language
    seed: int

    def rival(self, choice: PolicyChoice) -> "Rival | None":
        """Return the other policy, loaded; None where there is none: what happened is no policy.

        Args:
            choice: the policy that is replayed.

        Raises:
            typer.Exit: it cannot be loaded; the reason has been printed.
        """
        if not self.is_asked or self.what == RECORDED:
            return None
        other = other_choice(choice, self)
        return Rival(other, read_pack(other.folder, other.settings))

    @property
    def is_asked(self) -> bool:
        """Whether anything is to be compared.

        Raises:
            InputError: a page is asked for, and nothing to compare with is named; or the record
                is to have settings.
        """
        asked = self.what is not None or bool(self.settings)
        if self.brief is not None and not asked:
            what = "there is nothing to compare with"
            raise InputError("--brief", what, "Add --against PACK, or --against-set NAME=VALUE.")
        if self.what == RECORDED and self.settings:
            what = "what really happened has no parameters"
            raise InputError("--against-set", what, "Leave it out, or name a pack.")
        return asked


@dataclass(frozen=True, slots=True)
class Rival:
    """The policy a replay is held against."""

    choice: PolicyChoice
    pack: Pack


@dataclass(frozen=True)
class Compared:
    """A comparison, with what is needed to explain its disputes. Amounts are minor units.

    Attributes:
        cases: the changed disputes that are shown; the others stay in tables.
    """

    replayed: Replayed
    against: Against
    comparison: Comparison
    cases: tuple[ChangedCase, ...]
    tellers: tuple[Telling, Telling]
    names: Mapping[Language, tuple[str, str]]
    hashes: tuple[tuple[str, Mapping[str, str]], ...]

    @property
    def shows(self) -> bool:
        """Whether it is printed; where the page is, nothing else is."""
        return self.against.brief != STDOUT

    def show(self, paper: Paper) -> None:
        """Print it, unless the page is printed."""
        if not self.shows:
            return
        language = self.against.language
        print_comparison(paper, self.speech(language), self.explained(language))

    def json(self) -> Json:
        """Return it as plain data, the first changed disputes explained in both languages."""
        told = {
            case.dispute_id: {one: self.told(case.dispute_id, one) for one in LANGUAGES}
            for case in self.cases
        }
        verdicts = {one: self.speech(one).verdict() for one in LANGUAGES}
        return comparison_json(self.comparison, verdicts, self.cases, told)

    def write(self, folder: Path) -> None:
        """Write all changed disputes into a folder."""
        language = self.against.language
        connection = self.replayed.table.connection
        cases = changed_cases(connection, MOST_TOLD)
        self._read(case.dispute_id for case in cases)
        told = {case.dispute_id: {language: self.told(case.dispute_id, language)} for case in cases}
        write_changed(connection, folder, told, language)

    def write_brief(self, paper: Paper) -> None:
        """Write or print the committee's page where it was asked for.

        Raises:
            OSError: the file cannot be written.
        """
        target = self.against.brief
        if target is None:
            return
        page = self.brief()
        if target == STDOUT:
            paper.verbatim(brief_text(page).rstrip("\n"))
            return
        file = Path(target)
        text = brief_html(page) if _is_html(target) else brief_text(page)
        part = file.with_name(f".{file.name}.part")
        try:
            part.write_text(text, encoding="utf-8")
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def brief(self) -> Brief:
        """Return the committee's page; its stories are in the currency of most disputes."""
        language = self.against.language
        speech = self.speech(language)
        if self.against.brief is not None and _is_html(self.against.brief):
            speech = replace(speech, is_printed=True)
        named = replace(speech, a=speech.word("brief", "a"))
        if self.against.what != RECORDED:
            named = replace(named, b=speech.word("brief", "b"))
        currency = _main_currency(self.replayed)
        cases = cases_for_stories(self.replayed.table.connection, currency, 2 * STORIES)
        winners = choose(cases, 1)
        losers = choose(cases, -1, told={one.case.dispute_id for one in winners})
        chosen = {one.case.dispute_id: one for one in (*winners, *losers)}
        return brief_of(
            Facts(
                speech=speech,
                sentence=named.verdict(),
                winners=winners,
                losers=losers,
                stories={dispute: self.told(dispute, language) for dispute in chosen},
                claims={dispute: _claim(one, language) for dispute, one in chosen.items()},
                paid={dispute: self._paid(dispute, speech) for dispute in chosen},
                footer=tuple(self._footer(speech)),
                currency=currency,
            )
        )

    def told(self, dispute: str, language: Language) -> tuple[Told, Told]:
        """Return how a dispute ends under A, how under B."""
        if (dispute, language) not in self._tales:
            events = self._of(dispute)
            a, b = (teller.told(events, language) for teller in self.tellers)
            self._tales[dispute, language] = a, b
        return self._tales[dispute, language]

    def explained(self, language: Language) -> tuple[tuple[ChangedCase, Told, Told], ...]:
        """Return the first changed disputes, each with how it ends under A and under B."""
        return tuple((case, *self.told(case.dispute_id, language)) for case in self.cases)

    def speech(self, language: Language) -> Speech:
        """Return what says the comparison in a language."""
        return Speech(language, self.comparison, *self.names[language])

    def _paid(self, dispute: str, speech: Speech) -> str:
        events = self._of(dispute)
        fields = fold(events, events[-1].recorded_at).fields
        paid, currency = fields.get("order.total_paid"), fields.get("order.currency")
        if not isinstance(paid, int) or not currency:
            return NONE
        return speech.money(paid, str(currency))

    def _of(self, dispute: str) -> tuple[Event, ...]:
        """Return the events of a dispute; those of all that are shown are read at once."""
        if dispute not in self._events:
            self._read([dispute, *(case.dispute_id for case in self.cases)])
        return self._events[dispute]

    def _read(self, disputes: Iterable[str]) -> None:
        self._events.update(self.replayed.opened.events(disputes))

    @cached_property
    def _events(self) -> dict[str, tuple[Event, ...]]:
        return {}

    @cached_property
    def _tales(self) -> dict[tuple[str, Language], tuple[Told, Told]]:
        return {}

    def _footer(self, speech: Speech) -> list[str]:
        replicates = speech.count(self.comparison.replicates)
        return [
            *(speech.say("brief", key, **values) for key, values in self.hashes),
            speech.say("brief", "zone", zone=self.replayed.pack.policy.calendar.zone.key),
            speech.say("brief", "seed", seed=str(self.comparison.seed), replicates=replicates),
            speech.say(
                "brief",
                "versions",
                reso=version("reso-bot"),
                duckdb=duckdb.__version__,
                python=platform.python_version(),
            ),
        ]


def _is_html(target: str) -> bool:
    return Path(target).suffix.lower() in HTML


def other_choice(choice: PolicyChoice, against: Against) -> PolicyChoice:
    """Return the other policy: its own pack as it is, or this one with other values."""
    if against.what is not None:
        return PolicyChoice(Path(against.what), against.settings)
    return PolicyChoice(choice.folder, {**choice.settings, **against.settings})


def _main_currency(replayed: Replayed) -> str:
    """Return the currency of most disputes, "" where none is known."""
    found = replayed.table.rows(
        "SELECT currency FROM {results} WHERE currency IS NOT NULL "
        "GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    return str(found[0][0]) if found else ""


def _claim(one: Chosen, language: Language) -> str:
    return word("values", one.case.claim_type, language) if one.case.claim_type else NONE
