"""A report of scenario cases for machines: plain data for JSON, and JUnit's XML."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reso.cases.runner import CaseResult, Report
from reso.cases.scoring import Check
from reso.engine.ruling_json import Json


def report_json(report: Report) -> dict[str, Json]:
    """Return a report as plain data for JSON."""
    also = report.tally_also()
    return {
        "passed": report.passed,
        "failed": report.failed,
        "unrunnable": report.unrunnable,
        "skipped": dict(report.skipped),
        "checks": {
            name: {"passed": right, "total": total}
            for name, (right, total) in report.tally().items()
        },
        "also": {"passed": also[0], "total": also[1]},
        "to_read": report.to_read(),
        "cases": [_case_json(result) for result in report.results],
    }


def _case_json(result: CaseResult) -> dict[str, Json]:
    return {
        "id": result.case.id,
        "platform": result.case.platform,
        "file": result.case.file,
        "line": result.case.line,
        "passed": result.passed,
        "problem": result.problem or None,
        "decision": None if result.ruling is None else result.ruling.decision,
        "headline": result.headline or None,
        "why": list(result.why),
        "checks": _checks_json(result.score.checks),
        "also": _checks_json(result.score.also),
        "to_read": list(result.score.to_read),
    }


def _checks_json(checks: Sequence[Check]) -> list[Json]:
    return [
        {"check": check.name, "ok": check.ok, "expected": check.expected, "got": check.got}
        for check in checks
    ]


def junit_xml(report: Report) -> str:
    """Return a report as JUnit's XML, as build servers show it; it carries no times."""
    suites = Element("testsuites")
    suite = SubElement(
        suites,
        "testsuite",
        name="reso",
        tests=str(len(report.results) + sum(report.skipped.values())),
        failures=str(report.failed),
        errors=str(report.unrunnable),
        skipped=str(sum(report.skipped.values())),
    )
    for result in report.results:
        _testcase(suite, result)
    for platform, count in report.skipped.items():
        for number in range(1, count + 1):
            case = SubElement(suite, "testcase", classname=platform, name=f"case {number}")
            SubElement(case, "skipped", message="no pack for this platform was named")
    indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _testcase(suite: Element, result: CaseResult) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=_xml(result.case.platform),
        name=_xml(result.case.id),
        file=_xml(result.case.file),
    )
    if result.case.line is not None:
        case.set("line", str(result.case.line))
    if result.problem:
        SubElement(case, "error", message="the case could not be run").text = _xml(result.problem)
    elif result.failures:
        lines = [f"{c.name}: expected {c.expected}, got {c.got}" for c in result.failures]
        failure = SubElement(case, "failure", message=_xml("; ".join(lines)))
        failure.text = _xml("\n".join([*lines, "Why:", *result.why]))


def _xml(text: str) -> str:
    """Return a text without the characters XML cannot hold."""
    return "".join(char for char in text if char.isprintable() or char in "\n\t")
