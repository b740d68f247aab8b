"""The packs that ship, read and run once for all tests of a process; nobody changes them."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reso.cases import Pack, Report, load_pack, load_scenarios, own_case_files, run_cases
from reso.cases.scenario import ScenarioCase
from reso.facts.reader import read_case_file
from reso.model.case import Case
from reso.model.proposal import Proposal
from reso.policy.model import Policy
from reso.study.checking import checked
from reso.study.verdict import Checked

RULES = Path(__file__).parents[1] / "rules"
PACKS = tuple(sorted(path.parent.name for path in RULES.glob("*/policy.yaml")))


LARGE = 15_000
"""Bytes of a file above which a test of every file is a slow one."""


def files_of(*patterns: str) -> list[Any]:
    """Return the shipped files of these patterns as parameters of a test; large ones are slow."""
    found = [path for pattern in patterns for path in sorted(RULES.glob(pattern))]
    return [
        pytest.param(
            path,
            id=str(path.relative_to(RULES)),
            marks=pytest.mark.slow if path.stat().st_size > LARGE else (),
        )
        for path in found
    ]


@cache
def pack_of(name: str) -> Pack:
    """Return a shipped pack, ready to rule."""
    return load_pack(RULES / name)


def policy_of(name: str) -> Policy:
    """Return the policy of a shipped pack."""
    return pack_of(name).policy


@cache
def cases_of(name: str) -> tuple[ScenarioCase, ...]:
    """Return a pack's own cases."""
    files = own_case_files(RULES / name)
    return tuple(case for file in files for case in load_scenarios(file, name))


@cache
def proposals_of(name: str) -> dict[str, tuple[Case, Proposal]]:
    """Return each of a pack's own cases with what is proposed in it, by the case's id."""
    pack, found = pack_of(name), {}
    for scenario in cases_of(name):
        history = read_case_file(scenario.given, pack.table, scenario.id, file=scenario.place)
        case = history.case_at()
        found[scenario.id] = (case, pack.settler.propose(case))
    return found


@cache
def report_of(name: str) -> Report:
    """Return what comes of a pack's own cases."""
    return run_cases([pack_of(name)], own_case_files(RULES / name))


@cache
def check_of(name: str) -> Checked:
    """Return what a check of a pack with its cases finds."""
    return checked(RULES / name)
