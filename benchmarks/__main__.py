"""Runs every benchmark; ends with 1 when a target is missed, 2 when the policies are not equal.

`--quick` runs a little of everything, to see that it works: targets are shown, not judged.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import checking, engines, memory, rulings
from benchmarks.measure import Report, machine
from benchmarks.samples import UnequalError

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("rules", "rulings", "engines", "check", "memory")


def main() -> int:
    """Run the parts asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test, nothing is judged")
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    asked = parser.parse_args()
    try:
        from benchmarks import rules_alone
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed. Run `make bench`.", file=sys.stderr)
        return 2
    report = Report()
    parts = [asked.only] if asked.only else PARTS
    rounds = 3 if asked.quick else 9
    print(machine("zen-engine"))
    try:
        if "rules" in parts:
            rules_alone.measure(report, ROOT, 200 if asked.quick else 2_000, rounds)
    except UnequalError as error:
        print(f"The policies are not equal: {error}", file=sys.stderr)
        return 2
    if "rulings" in parts:
        rulings.measure(report, ROOT, 100 if asked.quick else 1_000, rounds)
    if "check" in parts:
        checking.measure(report, ROOT, rounds)
    if "engines" in parts:
        engines.measure(report, ROOT, 50 if asked.quick else 500, rounds)
    if "memory" in parts:
        share = 50 if asked.quick else 1
        memory.measure(report, memory.DECISIONS // share, memory.RELOADS // share)
    return _verdict(report, quick=asked.quick)


def _verdict(report: Report, *, quick: bool) -> int:
    report.title("Missed" if report.missed else "No target is missed.")
    for missed in report.missed:
        report.note(missed)
    return 1 if report.missed and not quick else 0


if __name__ == "__main__":
    sys.exit(main())
