"""Measures what replay is to cost; ends with 1 when a target is missed.

2: two sides that are compared do not answer alike, something failed, or zen-engine is missing.
`--quick` runs a little of everything, to see that it works: targets are shown, not judged.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import machine
from benchmarks.replay import olist
from benchmarks.replay.histories import Histories
from benchmarks.replay.lives import MILLION, Lives
from benchmarks.replay.page import Page
from benchmarks.replay.work import ROOT, STATUS, WorkError
from benchmarks.samples import UnequalError

PARTS = ("history", "prepare", "policies", "growth", "rules", "olist")
QUICK = 2_000
"""Disputes of a quick run."""


def main() -> int:
    """Run the parts asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replay", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--disputes", type=int, metavar="N", help=f"default: {MILLION:,}")
    parser.add_argument("--large", action="store_true", help="ten times as many as well")
    parser.add_argument("--quick", action="store_true", help="a smoke test, nothing is judged")
    parser.add_argument(
        "--folder", type=Path, help="keeps made histories; default: one that is removed"
    )
    asked = parser.parse_args()
    parts = asked.only or PARTS
    if not STATUS.exists():
        print(f"Memory is read from {STATUS}, which Linux has.", file=sys.stderr)
        return 2
    page = Page(judged=not asked.quick)
    try:
        print(machine("duckdb", *(["zen-engine"] if "rules" in parts else [])), end="; ")
        print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        _run(page, parts, asked)
    except ModuleNotFoundError as error:
        print(f"{error.name} is not installed. Run `make bench-replay`.", file=sys.stderr)
        return 2
    except UnequalError as error:
        print(f"The policies are not equal: {error}", file=sys.stderr)
        return 2
    except WorkError as error:
        print(error, file=sys.stderr)
        return 2
    return page.verdict()


def _run(page: Page, parts: Sequence[str], asked: argparse.Namespace) -> None:
    with TemporaryDirectory(prefix="reso-bench-") as made:
        folder = asked.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="prepared-", dir=folder) as caches:
            disputes = asked.disputes or (QUICK if asked.quick else MILLION)
            lives = Lives(page, Histories(folder.resolve(), Path(caches).resolve()), disputes)
            _lead(lives, parts, asked)
    if "rules" in parts:
        from benchmarks.replay import rules

        rows, cases, rounds = (20_000, 200, 3) if asked.quick else (MILLION, 2_000, 5)
        rules.measure(page, ROOT, rows, cases, rounds)
    if "olist" in parts:
        compared, runs = (olist.FIXTURE, 1) if asked.quick else (olist.OLIST, 3)
        olist.measure(page, compared, runs)


def _lead(lives: Lives, parts: Sequence[str], asked: argparse.Namespace) -> None:
    """Run the parts that lead made disputes."""
    if asked.folder is None and {"history", "prepare", "policies", "growth"} & set(parts):
        print("Made histories go to a folder that is removed at the end; --folder keeps them.")
    if "history" in parts:
        lives.history()
    if "prepare" in parts:
        lives.prepare()
    if "policies" in parts:
        lives.policies()
    if "growth" in parts:
        lives.growth(asked.large)


if __name__ == "__main__":
    sys.exit(main())
