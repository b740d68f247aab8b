"""What settling takes: `escrow`, `legs`, `consent` and `reopens`."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from reso.expressions.tree import Lit, Node, Type
from reso.policy.document import Map, Mark, Text
from reso.policy.model import (
    COMPONENTS,
    Component,
    ConsentRule,
    Escrow,
    Holding,
    Movement,
    Party,
    Policy,
    Reopening,
)
from reso.policy.reading import Body, Entry, Expressions, chapter_of, failed, phrase, source_names
from reso.policy.rules import RuleReader
from reso.policy.scope import PackScope
from reso.problems.said import did_you_mean, known_names, nearest_or_known

PAYERS: tuple[Party, ...] = ("buyer", "seller", "courier", "platform", "insurer")
REMAINDERS: tuple[Literal["earner", "payer"], ...] = ("earner", "payer")
ASKED: tuple[Party, ...] = ("buyer", "seller")
HOLDING_WORDS = ("holds", "paid_by", "earned_by", "borne_by", "returned_with", "remainder_to")
LEG_WORDS = ("for", "applies_to", "when", "payer", "payee", "amount", "component", "fault", "after")
CONSENT_WORDS = ("for", "applies_to", "when", "of", "lasts", "silence_means", "source")
REOPEN_WORDS = ("for", "when", "because", "source")
CONDITIONS = ("at_stake", "released")
MONEY = Type("money")


@dataclass(frozen=True, slots=True)
class SettlingReader:
    """Reads the sections that say what moves, who is asked, and what reopens."""

    expressions: Expressions
    scope: PackScope
    rules: RuleReader
    questions: Collection[str]
    matters: Collection[str]

    # -- what the order holds ---------------------------------------------------------------

    def escrow(self, entries: Mapping[str, Entry]) -> Escrow:
        """Read what the order holds, component by component."""
        in_order = ((part, e) for e in entries.values() for part in COMPONENTS if part == e.name)
        holdings = [self._holding(part, entry) for part, entry in in_order]
        found = [holding for holding in holdings if holding is not None]
        self._returned_with(found, entries)
        for entry in entries.values():
            known = (*COMPONENTS, *CONDITIONS, "refunded_before")
            if entry.name not in known:
                advice = nearest_or_known(entry.name, known)
                entry.problem("unknown-component", advice=advice, name=entry.name)
        before = entries.get("refunded_before")
        return Escrow(
            holdings=tuple(found),
            at_stake=self._condition(entries.get("at_stake")),
            refunded_before=None if before is None else self._money(before),
            released=self._condition(entries.get("released")),
        )

    def _holding(self, component: Component, entry: Entry) -> Holding | None:
        body = entry.body(HOLDING_WORDS)
        holds = self._node(body, "holds", MONEY)
        paid_by = body.choice("paid_by", PAYERS)
        earned_by = body.choice("earned_by", PAYERS)
        if holds is None or not paid_by or not earned_by:
            entry.problem("component-incomplete", name=entry.name)
            return None
        return Holding(
            component=component,
            holds=holds,
            paid_by=paid_by,
            earned_by=earned_by,
            borne_by=body.choice("borne_by", PAYERS) or earned_by,
            returned_with=body.text("returned_with"),
            remainder_to=body.choice("remainder_to", REMAINDERS) or "earner",
            mark=entry.mark,
        )

    def _returned_with(self, holdings: list[Holding], entries: Mapping[str, Entry]) -> None:
        paid_by_buyer = [h.component for h in holdings if h.paid_by == "buyer"]
        for holding in holdings:
            entry = entries[holding.component]
            if holding.paid_by == "buyer":
                if holding.returned_with:
                    entry.problem("component-of-the-buyer", name=entry.name)
            elif holding.returned_with not in paid_by_buyer:
                advice = known_names(paid_by_buyer)
                entry.problem("component-without-partner", advice=advice, name=entry.name)

    def _condition(self, entry: Entry | None) -> Node | None:
        if entry is None:
            return None
        texts = Body(entry, Map({}, {}, entry.mark)).texts_of(entry.tree, entry.name)
        return self.expressions.all_of(entry.document, texts)

    def _money(self, entry: Entry) -> Node | None:
        if not isinstance(entry.tree, Text):
            entry.problem("not-a-single-value", key=entry.name)
            return None
        node = self.expressions.value(entry.document, entry.tree, MONEY)
        return None if failed(node) else node

    # -- movements --------------------------------------------------------------------------

    def movements(self, entries: Mapping[str, Entry]) -> tuple[Movement, ...]:
        """Read the movements beside the refund and the release."""
        self.scope.after_ruling(True)
        found = [self._movement(entry) for entry in entries.values()]
        self.scope.after_ruling(False)
        return tuple(movement for movement in found if movement is not None)

    def _movement(self, entry: Entry) -> Movement | None:
        body = entry.body(LEG_WORDS)
        amount = self._node(body, "amount", MONEY)
        component = body.choice("component", COMPONENTS)
        payer, payee = self._who(body, "payer"), self._who(body, "payee")
        if amount is None or not (component and payer and payee):
            entry.problem("leg-incomplete", name=entry.name)
            return None
        after = body.text("after")
        if after and after not in self.questions:
            advice = did_you_mean(after, self.questions)
            mark = body.value_mark("after")
            entry.problem("unknown-question", mark, advice=advice, width=len(after), name=after)
        return Movement(
            name=entry.name,
            chapter=self._chapter(body),
            applies_to=self.rules.applies_to(body),
            when=self._when(body),
            payer=payer,
            payee=payee,
            amount=amount,
            component=component,
            fault=self._who(body, "fault"),
            after=after,
            mark=entry.mark,
        )

    def _who(self, body: Body, key: str) -> str:
        """Return a party, or a matter that names one."""
        return body.choice(key, (*PAYERS, *self.matters))

    # -- consent, reopening -----------------------------------------------------------------

    def consent(self, entries: Mapping[str, Entry]) -> tuple[ConsentRule, ...]:
        """Read which settled rulings are put to the parties first."""
        self.scope.after_ruling(True)
        found = [self._consent(entry) for entry in entries.values()]
        self.scope.after_ruling(False)
        return tuple(found)

    def _consent(self, entry: Entry) -> ConsentRule:
        body = entry.body(CONSENT_WORDS)
        asked: list[Party] = []
        for text in body.texts("of"):
            if text.value not in ASKED:
                width = max(1, len(text.value))
                entry.problem("not-asked-for-consent", text.mark, width=width, party=text.value)
            else:
                asked.append(text.value)
        lasts = self._node(body, "lasts", Type("duration"))
        silence = body.choice("silence_means", ("accept", "refuse"))
        if lasts is None or not silence or body.tree("of") is None:
            entry.problem("consent-incomplete", name=entry.name)
        return ConsentRule(
            name=entry.name,
            chapter=self._chapter(body),
            applies_to=self.rules.applies_to(body),
            when=self._when(body),
            of=tuple(asked),
            lasts=lasts or Lit(None, Type("duration")),
            silence_accepts=silence == "accept",
            sources=source_names(body, self.rules.citable),
            mark=entry.mark,
        )

    def reopens(self, entries: Mapping[str, Entry]) -> tuple[Reopening, ...]:
        """Read what reopens a settled dispute."""
        found: list[Reopening] = []
        for entry in entries.values():
            body = entry.body(REOPEN_WORDS)
            when = self._when(body)
            if when is None:
                entry.problem("rule-without-when", name=entry.name)
                continue
            because = phrase(self.expressions, body, "because")
            sources = source_names(body, self.rules.citable)
            found.append(
                Reopening(entry.name, self._chapter(body), when, because, sources, entry.mark)
            )
        return tuple(found)

    # -- shared -----------------------------------------------------------------------------

    def _chapter(self, body: Body) -> str:
        return chapter_of(body, self.rules.chapters, body.entry.chapter)

    def _when(self, body: Body) -> Node | None:
        return self.expressions.all_of(body.entry.document, body.texts("when"))

    def _node(self, body: Body, key: str, expected: Type) -> Node | None:
        text = body.single(key)
        if text is None:
            return None
        node = self.expressions.value(body.entry.document, text, expected)
        return None if failed(node) else node


def settling_values(policy: Policy) -> Iterator[tuple[str, Mark, Node]]:
    """Yield the values that `escrow`, `legs` and `consent` work with: name, place, expression."""
    for holding in policy.escrow.holdings:
        yield holding.component, holding.mark, holding.holds
    if policy.escrow.refunded_before is not None and policy.escrow.holdings:
        mark = policy.escrow.holdings[0].mark
        yield "refunded_before", mark, policy.escrow.refunded_before
    for movement in policy.movements:
        yield movement.name, movement.mark, movement.amount
    for rule in policy.consent:
        yield rule.name, rule.mark, rule.lasts


def settling_conditions(policy: Policy) -> Iterator[tuple[Mark, Node]]:
    """Yield the conditions of `escrow`, `legs`, `consent` and `reopens`, each with its place."""
    for holding in policy.escrow.holdings[:1]:
        for node in (policy.escrow.at_stake, policy.escrow.released):
            if node is not None:
                yield holding.mark, node
    yield from ((one.mark, one.when) for one in policy.movements if one.when is not None)
    yield from ((one.mark, one.when) for one in policy.consent if one.when is not None)
    yield from ((one.mark, one.when) for one in policy.reopens)
