"""Random valid policies, using the whole language in small doses.

The vocabulary is small on purpose: few facts, few acts, short clocks, so that the rules of one
random policy meet each other, and random cases meet its rules.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from hypothesis import strategies as st

from tests.strategies.packs import Body, Pack, Tree

Choice = TypeVar("Choice")

PARTIES = ("seller", "seller", "seller", "buyer", "buyer", "human", "clock", "courier")
ACTIONS = {
    "seller": ("approve", "reject", "counter_offer", "submit_evidence"),
    "buyer": ("accept_solution", "reject", "appeal", "close_complaint"),
    "courier": ("message", "reject"),
    "human": ("propose_solution", "escalate"),
}
ANSWERS = ("agree", "refuse", "other")
DURATIONS = (
    "6 hours",
    "24 hours",
    "48 hours",
    "90 minutes",
    "1 calendar days",
    "2 calendar days end of day",
    "2 calendar days inclusive",
    "1 business days",
    "2 business days end of day",
)
CONSTANT_INSTANTS = ("order.placed_at", "claim.filed_at", "shipping.estimated_arrival")
UNTIL = (
    "shipping.estimated_arrival + 1 calendar days",
    "order.placed_at + 3 calendar days end of day",
    "end_of_day(claim.filed_at + 1 calendar days)",
    "order.guarantee_ends_at",
    "claim.filed_at at 18:00",
    "min(order.guarantee_ends_at, claim.filed_at + 2 business days)",
)
CHAPTERS: tuple[dict[str, Body], ...] = (
    {"claimed": {"when": "claim is known", "opens_at": "claim.filed_at"}},
    {
        "claimed": {"when": "claim is known", "opens_at": "claim.filed_at"},
        "quiet": {"when": "claim is none"},
    },
    {
        "lost": {"when": "claim.type is not_received", "opens_at": "order.placed_at"},
        "broken": {
            "when": "claim.type is one of [damaged, wrong_item]",
            "opens_at": "claim.filed_at",
        },
        "quiet": {"when": "claim is none"},
    },
    {
        "first": {
            "when": ["claim is known", 'claim.stage is "first"'],
            "opens_at": "claim.filed_at",
        },
        "second": {"when": 'claim.stage is not "first"', "opens_at": "claim.filed_at"},
    },
)
OUTCOME = "outcome"
MATTERS: dict[str, tuple[str, ...]] = {
    "return_shipping_payer": ("buyer", "seller", "platform"),
    "payer": ("seller", "courier", "platform"),
}


@dataclass(frozen=True)
class Say:
    """A condition. `sure`: it never compares none, so that `not` may stand before it."""

    text: str
    sure: bool = False

    def inner(self) -> str:
        """Return the text as a part of a longer condition."""
        return f"({self.text})" if re.search(r" (and|or|where) ", self.text) else self.text


FIELDS = (
    Say("claim.type is damaged"),
    Say("claim.type is one of [damaged, not_received]"),
    Say("claim.type is not one of [wrong_item]"),
    Say("claim.type is not damaged"),
    Say("claim.requested is refund"),
    Say("claim is known", True),
    Say('claim.stage is "first"', True),
    Say("order.seller_tier is mall"),
    Say("order.seller_tier is none", True),
    Say("order.easy_return_label", True),
    Say("order.seal_intact"),
    Say("order.risk is high"),
    Say("order.total_paid > 50 USD"),
    Say("order.total_paid <= limit"),
    Say("order.total_paid * share < price"),
    Say("portion(order.total_paid, 1, 3) < price"),
    Say("order.voucher_platform > 0", True),
    Say("history.appeals_used >= tries", True),
    Say("history.parallel_chargeback", True),
    Say("calendar.weekend contains fri"),
    Say("order.placed_at before 2026-03-06"),
    Say("claim.filed_at after order.placed_at + window"),
    Say("hours_between(order.placed_at, claim.filed_at) > 24"),
    Say("days_between(order.placed_at, claim.filed_at) <= 1"),
    Say("time_of(claim.filed_at) < 12:00"),
    Say("is_business_day(claim.filed_at)"),
    Say("max(order.placed_at, claim.filed_at) after 2026-03-06"),
    Say("rank is 1"),
    Say("wanted < order.total_paid"),
    Say("dear"),
    Say("fault is seller"),
)
EXISTS = (
    Say("exists evidence where party is buyer and type is photo", True),
    Say("exists evidence where party is seller and strength is strong", True),
    Say("exists evidence where verified and type is one of [photo, invoice]", True),
    Say("exists responses where party is seller and action is refund_full", True),
    Say("exists responses where party is seller and action is one of [approve, reject]", True),
    Say("exists responses where party is buyer and action is close_complaint", True),
    Say("exists tracking where event is delivered", True),
    Say("exists evidence where value > order.total_paid", True),
)
LISTS = (
    Say("(count of evidence where strength is strong) >= tries", True),
    Say("(count of responses where party is seller) = 1", True),
    Say("sum of qty_claimed over claim.items > 1", True),
    Say("sum of unit_price * qty_claimed over claim.items <= 20 USD", True),
    Say("claim.filed_at after delivered_at + window"),
    Say("delivered_at is known", True),
    Say("offer is known", True),
    Say("offer.amount >= 10 USD"),
    Say("offer.return_needed"),
    Say("ruling.remedy is refund_full"),
    Say("(action of first responses where party is seller) is reject"),
)

DEFINED: dict[str, tuple[str, tuple[Tree, ...]]] = {
    "window": (
        "parameters",
        (
            "24 hours",
            {"before": "1 calendar days", "2026-03-06": "2 calendar days"},
            {"by": "order.seller_tier", "mall": "48 hours", "otherwise": "1 business days"},
            {
                "value": {"before": "12 hours", "2026-03-05": "1 business days"},
                "dated_by": "claim.filed_at",
                "chosen": "The source is silent.",
            },
        ),
    ),
    "limit": (
        "parameters",
        (
            "50 USD",
            {"by": "order.easy_return_label", "yes": "20 USD", "no": "80 USD"},
            {
                "before": "50 USD",
                "2026-03-05": {"by": "rank", "1, 2": "80 USD", "otherwise": "20 USD"},
            },
        ),
    ),
    "share": ("parameters", ("50%", {"before": "33.3%", "2026-03-06": "80%"})),
    "tries": ("parameters", ("1", "2")),
    "delivered_at": (
        "readings",
        ("at of first tracking where event is delivered and leg is outward",),
    ),
    "price": ("readings", ("first_known(order.items_subtotal, order.total_paid)",)),
    "wanted": (
        "readings",
        (
            "first_known(claim.requested_amount, order.total_paid)",
            [{"when": "claim.requested_amount > 0", "then": "claim.requested_amount"}],
            [
                {"when": "claim.requested is refund", "then": "order.total_paid"},
                {"otherwise": "order.total_paid * share - order.voucher_platform"},
            ],
        ),
    ),
    "rank": (
        "readings",
        (
            [
                {"when": "order.seller_tier is mall", "then": "1"},
                {"when": ["order.risk is high", "order.easy_return_label"], "then": "2 * 1"},
                {"otherwise": "0"},
            ],
        ),
    ),
    "dear": ("readings", ("order.total_paid > limit",)),
    "offer": ("picks", ("latest responses where party is seller and action is counter_offer",)),
    "ruling": (
        "picks",
        ("latest responses where party is human_admin and action is propose_solution",),
    ),
}
OVERLAY: Body = {
    "parameter": "limit",
    "from": "2026-03-04",
    "until": "2026-03-06",
    "value": "10 USD",
    "reach": "orders placed",
}
REFUNDS: tuple[Tree, ...] = (
    "refund_full",
    "refund",
    {"remedy": "refund_partial", "amount": "order.total_paid * share"},
    {"remedy": "refund_partial", "amount": "20 USD", "payer": "seller"},
    {"remedy": "refund", "amount": "min(wanted, limit)", "payee": "buyer"},
    {"remedy": "refund_partial", "amount": "10 USD", "payee": "seller", "payer": "courier"},
)


@dataclass(frozen=True)
class Doses:
    """What a random policy may use.

    Attributes:
        clocks: conditions may look at the state and the instants of questions.
        lists: conditions may count, add up and pick from lists that answers are added to.
        evidence_answers: a question may be answered by evidence and tracking.
    """

    clocks: bool = True
    lists: bool = True
    evidence_answers: bool = True


@dataclass
class _Author:
    """Writes one policy: everything refers only to what was written before it, so no circles."""

    draw: st.DrawFn
    doses: Doses
    chapters: dict[str, Body] = field(default_factory=dict)
    main_chapter: str = ""
    findings: dict[str, Tree] = field(default_factory=dict)
    sure: dict[str, bool] = field(default_factory=dict)
    questions: dict[str, Body] = field(default_factory=dict)
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[str, dict[str, Body]] = field(default_factory=dict)
    rules: dict[str, Body] = field(default_factory=dict)
    bars: dict[str, Body] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    closed_groups: set[str] = field(default_factory=set)

    def pick(self, options: Sequence[Choice]) -> Choice:
        return self.draw(st.sampled_from(options))

    def often(self) -> bool:
        return self.draw(st.integers(0, 9)) < 7

    def rarely(self, tenths: int = 2) -> bool:
        return self.draw(st.integers(0, 9)) >= 10 - tenths

    def write(self) -> Pack:
        if self.often():
            self.chapters = dict(self.pick(CHAPTERS))
            self.main_chapter = next(iter(self.chapters))
        for number in range(self.draw(st.integers(1, 4))):
            self._question(f"ask_{number}")
            if self.draw(st.booleans()):
                self._finding(f"fact_{number}")
        self._finding("fact_last")
        if self.rarely(4):
            self._stage()
        for number in range(self.draw(st.integers(2, 6))):
            self._rule(f"rule_{number}", OUTCOME)
        for number in range(self.draw(st.integers(0, 2))):
            self._rule(f"other_{number}", self.pick(sorted(MATTERS)))
        for number in range(self.draw(st.integers(0, 2))):
            self._rule(f"bar_{number}", OUTCOME, bar=True)
        return Pack(self._files())

    # -- conditions -------------------------------------------------------------------------

    def condition(self) -> Say:
        """Return a condition of a rule or finding: mostly on answers and findings."""
        kind = self.draw(st.integers(0, 19))
        if kind < 7 and self.answers:
            return self._answer()
        if kind < 10 and self.findings:
            return self._named()
        if kind < 12 and self.doses.clocks and self.answers:
            return self._clock()
        if kind < 15:
            return self._joined()
        if kind < 17:
            return self._fact()
        return self.pick(EXISTS)

    def _fact(self) -> Say:
        """Return a condition on facts alone."""
        return self.pick((*FIELDS, *LISTS)) if self.doses.lists else self.pick(FIELDS)

    def _named(self) -> Say:
        name = self.pick(sorted(self.findings))
        return Say(name, self.sure[name])

    def _answer(self) -> Say:
        question = self.pick(sorted(self.answers))
        answer = self.pick(self.answers[question])
        form = self.draw(st.integers(0, 9))
        if form < 7:
            return Say(f"{question} is {answer}")
        if form == 7:
            return Say(f"{question} is not {answer}")
        if form == 8:
            return Say(f"{question} is one of [{', '.join(self.answers[question])}]")
        return Say(f"{question} is {self.pick(('known', 'none'))}", True)

    def _clock(self) -> Say:
        name = self.pick(sorted(self.answers))
        return self.pick(
            (
                Say(f"{name}.state is open", True),
                Say(f"{name}.state is one of [lapsed, answered]", True),
                Say(f"{name}.state is not lapsed", True),
                Say(f"{name}.state is answered", True),
                Say(f"{name}.deadline after order.placed_at + 2 calendar days"),
                Say(f"{name}.ended_at before claim.filed_at + 1 calendar days"),
                Say(f"{name}.opened_at is known", True),
            )
        )

    def _joined(self) -> Say:
        parts = [self._simple() for _ in range(self.pick((1, 2, 2)))]
        if len(parts) == 1:
            inner = parts[0]
            return Say(f"not {inner.inner()}", True) if inner.sure else inner
        word = self.pick((" and ", " or "))
        return Say(word.join(part.inner() for part in parts), all(part.sure for part in parts))

    def _simple(self) -> Say:
        if self.answers and self.often():
            return self._answer()
        return self.pick((*FIELDS, *EXISTS))

    def conditions(self, most: int = 3) -> list[Say]:
        return [self.condition() for _ in range(self.draw(st.integers(1, most)))]

    def _finding(self, name: str) -> None:
        parts = self.conditions(2)
        when: Tree = _one_or_list([part.text for part in parts])
        if self.rarely():
            when = {
                "when": when,
                "says": {"id": "{order.total_paid} dibayar", "en": "paid {order.total_paid}"},
            }
        self.findings[name] = when
        self.sure[name] = all(part.sure for part in parts)

    # -- questions --------------------------------------------------------------------------

    def _question(self, name: str) -> None:
        body = self._asked(name)
        self._place(body)
        self.questions[name] = body

    def _place(self, body: Body) -> None:
        """Put a question or rule into a chapter, mostly all into one, or into none."""
        if self.chapters and self.often():
            other = self.rarely()
            body["for"] = self.pick(sorted(self.chapters)) if other else self.main_chapter

    def _asked(self, name: str) -> Body:
        """Return a question; what it refers to was written before it."""
        to = self.pick(PARTIES)
        body: Body = {"to": to}
        names = list(ANSWERS[: self.draw(st.integers(1, 3))])
        acts = self._acts(to, len(names))
        body["answers"] = dict(zip(names, acts, strict=False))
        given = names[: len(acts)]
        others = sorted(self.questions)
        opens = (*CONSTANT_INSTANTS, "delivered_at")
        if others and self.rarely(3):
            opens = tuple(f"{self.pick(others)}.{part}" for part in ("ended_at", "deadline"))
            body["opens_at"] = self.pick(opens)
        elif self.rarely(3):
            body["opens_at"] = self.pick(opens)
        self._clock_of(body, given, others)
        if others and self.rarely(1):
            body["when"] = self.pick((self._answer, self._clock))().text
        if to not in ("clock", "human") and self.rarely(3):
            body["put_by"] = "us"
            if self.rarely(3):
                body["asked_by"] = "responses where party is platform"
        for flag in ("revisable", "counts_earlier"):
            if self.rarely(2):
                body[flag] = "yes"
        if self.rarely(1):
            condition = self._answer() if others and self.draw(st.booleans()) else self.pick(FIELDS)
            body["taken_as"] = {self.pick(given): condition.text}
        if self.rarely(1):
            body["asks"] = {"id": f"Sampai {{{name}.deadline}}?", "en": f"By {{{name}.deadline}}?"}
        silence = str(body.get("silence_means", given[0]))
        self.answers[name] = tuple(dict.fromkeys((*given, silence)))
        return body

    def _clock_of(self, body: Body, given: list[str], others: list[str]) -> None:
        kind = self.draw(st.integers(0, 8 if len(given) == 1 else 9))
        if kind < 8:
            body["lasts"] = self.pick((*DURATIONS, "window"))
        if kind >= 6 and kind < 9:
            until = (*UNTIL, f"{others[0]}.deadline") if others else UNTIL
            body["until"] = self.pick(until)
        if kind < 9:
            body["silence_means"] = self.pick((*given[1:], "silent"))
        if self.rarely(3) and (others or self.draw(st.booleans())):
            span: Tree = {"from": "incident.starts_at", "until": "incident.ends_at"}
            body["paused_by"] = self.pick([span, *others])
        if self.rarely(1):
            body["extended_by"] = {
                "acts": "responses where party is buyer and action is provide_tracking",
                "by": self.pick(DURATIONS[:6]),
                "most": self.pick(("1", "2")),
            }

    def _acts(self, to: str, answers: int) -> list[Tree]:
        """Return the acts of each answer, no act in two of them."""
        acts: list[Tree] = list(ACTIONS.get(to, ()))
        if to == "seller" and self.rarely(3):
            acts[0] = ["approve", "accept_solution"]
        if self.doses.evidence_answers or to == "clock":
            acts += {
                "clock": ["tracking where event is delivered", "tracking where event is picked_up"],
                "human": ["responses where party is platform and action is notify_seller"],
            }.get(
                to,
                [
                    f"evidence where party is {to} and type is {kind}"
                    for kind in ("photo", "invoice")
                ],
            )
        return list(self.draw(st.permutations(acts)))[:answers]

    def _stage(self) -> None:
        """Write the steps after `return_and_refund`."""
        steps: dict[str, Body] = {}
        humans = self._humans()
        ends: list[Tree] = ["refund", "release_to_seller", "escalate", "refund_full", "next"]
        ends += [f"escalate to {name}" for name in humans]
        for name in ("step_0", "step_1")[: self.draw(st.integers(1, 2))]:
            body = self._asked(name)
            if name == "step_1" and self.often():
                body["opens_at"] = "step_0.ended_at"
            domain = self._domain(body)
            leads: dict[str, Tree] = {answer: self.pick(ends) for answer in domain}
            if self.rarely():
                leads[domain[0]] = [
                    {"when": self.pick(FIELDS).text, "then": "release_to_seller"},
                    {"otherwise": "refund"},
                ]
            body["leads_to"] = leads
            steps[name] = body
            self.questions[name] = body
        for name in steps:
            del self.questions[name]
        self.steps["return_and_refund"] = steps

    def _domain(self, body: Body) -> list[str]:
        names = [*_keys(body["answers"]), *_keys(body.get("taken_as", {}))]
        return list(dict.fromkeys([*names, *_texts(body.get("silence_means", []))]))

    def _humans(self) -> list[str]:
        return sorted(name for name, body in self.questions.items() if body["to"] == "human")

    # -- rules ------------------------------------------------------------------------------

    def _rule(self, name: str, matter: str, *, bar: bool = False) -> None:
        parts = [part.text for part in self.conditions(1 if self.often() else 3)]
        body: Body = {"when": _one_or_list(parts), "conclude": self._conclusion(matter)}
        self._place(body)
        if matter != OUTCOME:
            body["matter"] = matter
            if self.rarely():
                body["applies_to"] = ["refund_full", "return_and_refund"]
        if self.rarely(1):
            body[self.pick(("from", "until"))] = "2026-03-05"
        if self.rarely(4):
            body["effects"] = {"flag": self.pick(("yes", "no")), "sum": "order.total_paid"}
        if self.rarely():
            body["because"] = {"id": "karena {ask_0.deadline}", "en": "because {ask_0.state}"}
        if self.rarely():
            body["source"] = "S-1"
        written = self.bars if bar else self.rules
        self._except(body, matter, written, bar=bar)
        written[name] = body

    def _except(self, body: Body, matter: str, written: Mapping[str, Body], *, bar: bool) -> None:
        """Make some rules exceptions to earlier ones or to a group, and group some others.

        A group that has an exception takes no new rules: they could close a circle.
        """
        rivals = sorted(n for n, b in written.items() if b.get("matter", OUTCOME) == matter)
        if rivals and self.draw(st.integers(0, 9)) < 4:
            rival = written[self.pick(rivals)]
            body.pop("for", None)
            body |= {key: value for key, value in rival.items() if key == "for"}
            same = [name for name in rivals if written[name].get("for") == rival.get("for")]
            chosen = self.draw(st.lists(st.sampled_from(same), min_size=1, max_size=2, unique=True))
            group = _group(matter, body)
            if group in self.groups and not bar and self.draw(st.booleans()):
                self.closed_groups.add(group)
                chosen = [group]
            body["exception_to"] = list(chosen)
        elif not bar and self.rarely(3):
            group = _group(matter, body)
            if group not in self.closed_groups:
                self.groups.add(group)
                body["group"] = group

    def _conclusion(self, matter: str) -> Tree:
        if matter != OUTCOME:
            if self.rarely(1):
                return {"percent": "share"}
            return self.pick(MATTERS[matter])
        if self.steps and not self.rules:
            return "return_and_refund"
        kind = self.draw(st.integers(0, 19))
        if kind < 7:
            return self.pick(REFUNDS)
        if kind < 12:
            return "return_and_refund" if self.steps else self.pick(REFUNDS)
        if kind < 15:
            return self.pick(("release_to_seller", "deny"))
        if kind < 16:
            return self.pick(("replace_or_resend_missing", "escalate"))
        if kind < 18 and self._humans():
            return f"escalate to {self.pick(self._humans())}"
        return self.pick(("as requested", "as offered", "as ruled", "the standing decision"))

    # -- files ------------------------------------------------------------------------------

    def _files(self) -> dict[str, Body]:
        main: Body = {
            "policy": "random",
            "version": "1",
            "currency": "USD",
            "time_zone": self.pick(("Asia/Jakarta", "America/New_York", "UTC")),
            "calendar": self.pick(("ID", "US")),
            "rounding": self.pick(("down", "up", "half_up", "half_even")),
            "inputs": {"order": {"risk": {"type": "enum", "values": ["low", "high"]}}},
            "sources": {"S-1": {"address": "https://example.org/terms"}},
            "findings": dict(self.findings),
            "questions": dict(self.questions),
            "rules": dict(self.rules),
            "settlements": {
                "whole": "order.total_paid",
                "refund": {"amount": "wanted"},
                "return_and_refund": {"amount": "price"},
            },
            "requests": {
                "refund": "refund",
                "return_and_refund": "return_and_refund",
                "exchange": "replace_or_resend_missing",
            },
            "effects": {"held": "claim is known"},
            "otherwise": self._otherwise(),
        }
        if self.draw(st.booleans()):
            main["dated_by"] = ["order.placed_at", "claim.filed_at"]
        if self.chapters:
            main["chapters"] = dict(self.chapters)
        if self.bars:
            main["bars"] = dict(self.bars)
        if self.steps:
            main["stages"] = {remedy: dict(steps) for remedy, steps in self.steps.items()}
        if self.rarely(1):
            main["promises"] = {"capped": "ruling.amount <= 60 USD"}
        self._define(main)
        files = {"policy.yaml": main}
        if self.chapters and self.draw(st.booleans()):
            chapter = self.pick(sorted(self.chapters))
            files["chapter.yaml"] = self._chapter_file(chapter, main)
        return files

    def _otherwise(self) -> Tree:
        outcome = self.pick(("escalate", "release_to_seller", "refund_full"))
        matters = {str(body["matter"]) for body in self.rules.values() if "matter" in body}
        if not matters and self.draw(st.booleans()):
            return outcome
        return {OUTCOME: outcome, **dict.fromkeys(sorted(matters), "none")}

    def _chapter_file(self, chapter: str, main: Body) -> Body:
        """Move the rules of one chapter into a file that says `for:` once, with its otherwise."""
        moved: Body = {"for": chapter, "otherwise": self.pick(("escalate", "deny"))}
        for section in ("questions", "rules", "bars"):
            entries = main.get(section, {})
            assert isinstance(entries, dict)
            here = {
                n: b for n, b in entries.items() if isinstance(b, dict) and b.get("for") == chapter
            }
            if here:
                moved[section] = {n: _without(b, "for") for n, b in here.items()}
                kept = {n: b for n, b in entries.items() if n not in here}
                main |= {section: kept} if kept else {}
                if not kept:
                    del main[section]
        return moved

    def _define(self, main: Body) -> None:
        """Add the readings, parameters and picks that are mentioned, each in one of its forms."""
        wanted = _words(main)
        if self.rarely(1):
            main["overlays"] = [OVERLAY]
            wanted.add("limit")
        if "as offered" in wanted:
            wanted.add("offer")
        if "as ruled" in wanted:
            wanted.add("ruling")
        todo = sorted(wanted & DEFINED.keys())
        done: set[str] = set()
        while todo:
            name = todo.pop()
            if name in done:
                continue
            done.add(name)
            section, forms = DEFINED[name]
            tree = self.pick(forms)
            entries = main.setdefault(section, {})
            assert isinstance(entries, dict)
            entries[name] = tree
            todo += sorted((_words(tree) & DEFINED.keys()) - done)


def _group(matter: str, body: Body) -> str:
    """Return the name of the group of a chapter's rules on a matter."""
    return f"group_{matter}_{body.get('for', 'any')}"


def _one_or_list(texts: list[str]) -> Tree:
    return texts[0] if len(texts) == 1 else list(texts)


def _keys(tree: Tree) -> list[str]:
    return list(tree) if isinstance(tree, dict) else []


def _texts(tree: Tree) -> list[str]:
    return [tree] if isinstance(tree, str) else []


def _without(tree: Tree, key: str) -> Tree:
    assert isinstance(tree, dict)
    return {name: value for name, value in tree.items() if name != key}


def _words(tree: Tree) -> set[str]:
    """Return every name in the values of a tree, and every whole value."""
    match tree:
        case str():
            return {tree, *re.findall(r"(?<![\w.])[a-z_]\w*", tree)}
        case dict():
            return {word for value in tree.values() for word in _words(value)}
        case list():
            return {word for value in tree for word in _words(value)}


@st.composite
def packs(draw: st.DrawFn, doses: Doses = Doses()) -> Pack:
    """Return the files of a random valid policy."""
    return _Author(draw, doses).write()
