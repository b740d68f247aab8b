"""Rulings and test reports as the command line prints them."""

from collections.abc import Iterator

from reso.cases import CaseResult, Pack, Report
from reso.cli.paper import Paper
from reso.engine.explanation import beside_reasons
from reso.engine.ruling_json import percent_number, ruling_json
from reso.engine.words import short_hash
from reso.model.money import to_major
from reso.model.proposal import Proposal
from reso.model.ruling import Ruling
from reso.model.time import local_time
from reso.policy.model import Policy

# -- decide ---------------------------------------------------------------------------------


def print_decision(paper: Paper, proposal: Proposal, pack: Pack) -> None:
    """Print a ruling: what, who pays whom, why, what is open, by which policy."""
    ruling = proposal.ruling
    told = pack.explainer.explain(ruling, "en")
    paper.line(told.headline, style="bold green")
    paper.line()
    facts = [*_concluded(ruling, pack.policy), *_proposed(proposal, pack.policy)]
    for reason in told.reasons:
        cited = ", ".join(source.id for source in reason.sources)
        facts.append(("because", f"{reason.text} [{reason.name}{': ' if cited else ''}{cited}]"))
    facts += [("open", f"{question.text} [{question.name}]") for question in beside_reasons(told)]
    facts += [("evidence", piece.text) for piece in told.evidence]
    facts += [("effect", f"{name}: {value}") for name, value in _effects(ruling, pack.policy)]
    version = f"{ruling.policy} {ruling.version} ({short_hash(ruling.content_hash)})"
    facts.append(("policy", version))
    paper.facts(facts)


def _concluded(ruling: Ruling, policy: Policy) -> Iterator[tuple[str, str]]:
    zone = policy.calendar.zone
    yield "decision", ruling.decision
    if ruling.amount is not None and ruling.currency is not None:
        yield "amount", f"{to_major(ruling.amount, ruling.currency):f} {ruling.currency}"
    if ruling.quantity is not None:
        yield "quantity", str(ruling.quantity)
    if ruling.percent is not None:
        yield "percent", str(percent_number(ruling.percent))
    for name, value in (("payer", ruling.payer), ("payee", ruling.payee), ("of", ruling.of)):
        if value:
            yield name, value
    for name, value in ruling.matters:
        if name not in ("payer", "payee"):
            yield name, value
    if ruling.deadline is not None:
        of = f" ({ruling.deadline_of})" if ruling.deadline_of else ""
        yield "deadline", f"{local_time(ruling.deadline, zone).isoformat()}{of}"
    yield "known at", local_time(ruling.known_at, zone).isoformat()


def _proposed(proposal: Proposal, policy: Policy) -> Iterator[tuple[str, str]]:
    """Yield the movements of money, and whose yes is asked."""
    currency = proposal.ruling.currency or policy.currencies[0]
    for leg in proposal.legs:
        amount = f"{to_major(leg.amount, currency):f} {currency}"
        notes = [leg.component, *(["out of escrow"] if leg.from_escrow else [])]
        notes += [f"after {leg.after}"] if leg.after else []
        yield "money", f"{leg.payer} -> {leg.payee}: {amount} ({', '.join(notes)})"
    if proposal.held:
        yield "held", f"{to_major(proposal.held, currency):f} {currency}"
    if proposal.how:
        yield "ends", proposal.how
    if proposal.consent is not None:
        consent = proposal.consent
        until = consent.until.astimezone(policy.calendar.zone).isoformat()
        silence = "accepts" if consent.silence_accepts else "refuses"
        yield "asks", f"{' and '.join(consent.parties)} to agree by {until}; silence {silence}"


def _effects(ruling: Ruling, policy: Policy) -> Iterator[tuple[str, str]]:
    effects = ruling_json(ruling, policy)["effects"]
    for name, value in effects.items() if isinstance(effects, dict) else ():
        yield name, ("yes" if value else "no") if isinstance(value, bool) else str(value)


# -- test -----------------------------------------------------------------------------------


def print_report(paper: Paper, report: Report, verbose: bool) -> None:
    """Print what failed and why, then the counts; `verbose`: what passed, too."""
    for result in report.results:
        if verbose or not result.passed:
            _print_result(paper, result)
    tally = {**report.tally(), "also": report.tally_also()}
    rows = [(name, str(right), str(total)) for name, (right, total) in tally.items() if total]
    if rows:
        paper.table(("check", "as expected", "of"), rows)
        paper.line()
    good = not (report.failed or report.unrunnable)
    paper.line(_summary(report), style="bold green" if good else "bold red")
    if report.skipped:
        listed = ", ".join(f"{name} {count}" for name, count in report.skipped.items())
        paper.line(f"{sum(report.skipped.values())} skipped, of other platforms: {listed}")
    if report.to_read():
        paper.line(f"{report.to_read()} outcomes are for a reader to judge.")


def _summary(report: Report) -> str:
    parts = [f"{report.passed} passed", f"{report.failed} failed"]
    if report.unrunnable:
        parts.append(f"{report.unrunnable} could not be run")
    return ", ".join(parts)


def _print_result(paper: Paper, result: CaseResult) -> None:
    case = result.case
    if result.problem:
        paper.line(f"ERROR {case.id}  {case.place}", style="bold red")
        for line in result.problem.splitlines():
            paper.line(line, indent=1)
        paper.line()
        return
    word, style = ("PASS", "green") if result.passed else ("FAIL", "bold red")
    paper.line(f"{word} {case.id}  {case.place}", style=style)
    missed = [check for check in (*result.score.checks, *result.score.also) if not check.ok]
    for check in missed:
        paper.line(f"{check.name}: expected {check.expected}, got {check.got}", indent=1)
    for outcome in result.score.to_read:
        paper.line(f"for a reader: {outcome}", indent=1)
    paper.line(result.headline, indent=1)
    for reason in result.why:
        paper.line(f"because: {reason}", indent=1)
    paper.line()
