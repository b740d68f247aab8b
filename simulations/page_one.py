"""The first page of what a replay prints: what its history knows, and what it cannot tell."""

from collections import Counter
from collections.abc import Sequence

from reso.cli.paper import Paper
from simulations.measures.censoring import Aged
from simulations.measures.knowledge import LEAST_KNOWN, BlindRule, Known, Lack
from simulations.measures.validity import LeftOut
from simulations.replaying.analysis import Knowledge

NEARLY_ALL = 0.99
SHOWN, SHOWN_FULL = 3, 12
SINCE = {
    "delivery": "after the delivery",
    "estimate": "after the estimated arrival",
    "order": "after the order",
}


STAYS = "what parcels and parties did stays; facts across disputes are those recorded"


def print_knowledge(paper: Paper, knowledge: Knowledge, *, full: bool) -> None:
    """Print what a history knows, which rules are blind in it, and what it lacks.

    Args:
        full: name more than the first few, and every blind rule.
    """
    shown = SHOWN_FULL if full else SHOWN
    paper.rule("What this history knows")
    paper.facts(
        [
            *_shares(knowledge.known, shown),
            ("not recorded", _unseen(knowledge.blind, shown)),
            ("blind rules", _blind(knowledge.blind)),
            ("for lack of data", _lack(knowledge.lack, shown)),
            ("complaints", _ages(knowledge.aged)),
            ("left out", _left_out(knowledge.left_out)),
        ]
    )
    if full:
        _print_blind(paper, knowledge.blind)


def _shares(known: Known, shown: int) -> list[tuple[str, str]]:
    always = sum(share >= NEARLY_ALL for share in known.shares.values())
    some = {
        path: share for path, share in known.shares.items() if LEAST_KNOWN <= share < NEARLY_ALL
    }
    most = sorted(some.items(), key=lambda one: (-one[1], one[0]))
    named = _listed([f"{path} {_percent(share)}" for path, share in most], shown)
    return [
        ("in nearly all", f"{_count(always, 'fact')}"),
        ("in some", named or "none"),
    ]


def _unseen(blind: Sequence[BlindRule], shown: int) -> str:
    """Return what rules look at and (almost) no dispute holds, by how many rules do."""
    looking = Counter(what for rule in blind for what in rule.unseen)
    most = sorted(looking.items(), key=lambda one: (-one[1], one[0]))
    return (
        _listed([f"{what}, for {_count(count, 'rule')}" for what, count in most], shown, "; ")
        or "nothing that a rule looks at"
    )


def _blind(blind: Sequence[BlindRule]) -> str:
    wholly = [rule for rule in blind if rule.blind == "all"]
    if not blind:
        return "none"
    ended = sum(rule.disputes for rule in blind if rule.on_silence)
    silent = (
        f"; {_count(ended, 'dispute')} ended by some that then decide on silence" if ended else ""
    )
    return f"{len(wholly):,} see nothing, {len(blind) - len(wholly):,} see a part{silent}"


def _lack(lack: Lack, shown: int) -> str:
    if not lack.for_lack.of:
        return "nothing reached a human"
    by_question = Counter[str]()
    for group in lack.groups:
        by_question[group.question or group.reason] += group.disputes
    found = [f"{name} {disputes:,}" for name, disputes in by_question.most_common()]
    named = f": {_listed(found, shown)}" if found else ""
    return (
        f"{lack.for_lack.count:,} of {lack.for_lack.of:,} that a human has "
        f"rest on what is not recorded{named}"
    )


def _ages(aged: Sequence[Aged]) -> str:
    if not aged:
        return "how old they were is not known"
    said = [
        f"{f'{one.ages.about.name}: ' if one.ages.about.name else ''}"
        f"{SINCE[one.ages.since]} hardly any from day {one.cliff.day} on "
        f"({one.cliff.before:,} just before, {one.cliff.after:,} after)"
        for one in aged
        if one.cliff is not None
    ]
    if not said:
        return "no day shows from which they are missing; what a wider window brings is not known"
    return f"{'; '.join(said)}: who would have come later is not in it"


def _left_out(found: LeftOut) -> str:
    if not found.acts:
        return f"no act of the old platform is recorded after the policy's first; {STAYS}"
    return (
        f"{_count(found.acts, 'act')} of the old platform in "
        f"{found.disputes.count:,} of {_count(found.disputes.of, 'dispute')}, "
        f"since the policy had acted before; {STAYS}"
    )


def _print_blind(paper: Paper, blind: Sequence[BlindRule]) -> None:
    if not blind:
        return
    paper.line()
    rows = [(rule.rule, rule.blind, f"{rule.disputes:,}", "; ".join(rule.unseen)) for rule in blind]
    paper.table(("blind rule", "of its conditions", "ended", "looks at"), rows, words=True)


def _listed(named: Sequence[str], shown: int, comma: str = ", ") -> str:
    rest = len(named) - len(named[:shown])
    return comma.join([*named[:shown], *([f"{rest:,} more"] if rest else [])])


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
