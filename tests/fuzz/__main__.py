"""Tries hostile inputs for a while and prints what came of them; ends with 1 after a failure.

`--again TARGET --seed S --number N` tries one input once more, and lets its error through.
"""

import argparse
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.running import Tally, made, run
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Run what was asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long; default 600")
    parser.add_argument("--seed", type=int, default=1, help="the same inputs for the same seed")
    parser.add_argument("--failures", type=Path, default=Path("fuzz-failures.txt"))
    parser.add_argument("--again", metavar="TARGET", choices=[t.name for t in TARGETS])
    parser.add_argument("--number", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("error")
    if asked.again:
        (target,) = (target for target in TARGETS if target.name == asked.again)
        print(target.tried(made(target, asked.seed, asked.number)) or "accepted")
        return 0
    tallies = run(TARGETS, asked.seed, asked.seconds)
    print(f"{asked.seconds:.0f} seconds, seed {asked.seed}")
    for tally in tallies:
        print(told(tally))
    return _kept(tallies, asked.failures)


def told(tally: Tally) -> str:
    """Return a summary of what became of one target's inputs."""
    refused = ", ".join(f"{count:,} {name}" for name, count in tally.refused.most_common())
    return (
        f"{tally.target.name}: {tally.tried:,} tried, {tally.accepted:,} accepted, "
        f"{tally.refused.total():,} refused ({refused or 'none'}), "
        f"{len(tally.failures):,} failures; slowest {tally.slowest:.2f} s "
        f"(number {tally.slowest_number})"
    )


def _kept(tallies: Sequence[Tally], file: Path) -> int:
    failures = [failure for tally in tallies for failure in tally.failures]
    if not failures:
        print("no failure")
        return 0
    file.write_text("\n".join(map(str, failures)), encoding="utf-8", errors="replace")
    print(f"{len(failures):,} failures, each with how to try it again, in {file}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
