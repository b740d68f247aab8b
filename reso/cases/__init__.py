"""Scenario cases: what a policy has to answer, run and scored."""

from reso.cases.reporting import junit_xml, report_json
from reso.cases.runner import CaseResult, Pack, Report, load_pack, run_cases
from reso.cases.scenario import Expectation, Pattern, ScenarioCase, load_scenarios
from reso.cases.scoring import Check, Score, score
from reso.policy.files import own_case_files

__all__ = [
    "CaseResult",
    "Check",
    "Expectation",
    "Pack",
    "Pattern",
    "Report",
    "ScenarioCase",
    "Score",
    "junit_xml",
    "load_pack",
    "load_scenarios",
    "own_case_files",
    "report_json",
    "run_cases",
    "score",
]
