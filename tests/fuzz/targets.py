"""What is fuzzed: the loader of packs, the expressions, the reader of cases with a decision.

A target makes an input from a source of chance and tries it. Whatever comes out of a try other
than an answer or a `ResoError` is a failure; so is an answer that cannot be written as UTF-8.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from reso.cases import Pack
from reso.engine.compiled import Compiled
from reso.engine.decide import Engine
from reso.engine.ruling_json import ruling_json
from reso.errors import InputError, ResoError
from reso.expressions.check import Checker
from reso.expressions.parse import parse
from reso.expressions.raw import FlawedExpressionError
from reso.facts.reader import History, load_case_text, read_case_file
from reso.facts.text import decode_text
from reso.messages import FORMS, Messenger, render
from reso.policy.document import read_document
from reso.policy.loader import PackLoader, check_pack
from reso.problems.catalogue import LANGUAGES
from reso.settlement.proposal_json import proposal_json
from reso.study.checking import checked
from reso.study.telling import Reader
from tests.fuzz.corpus import (
    cases,
    installed,
    kin,
    policies,
    tree_of,
    words,
)
from tests.fuzz.mutation import mutated_bytes, mutated_tree
from tests.fuzz.values import changed_values
from tests.fuzz.wording import Wording
from tests.shipped import PACKS, RULES, pack_of

HOME = "marketplace"
"""The pack whose names the expressions say."""

READERS: tuple[Reader, ...] = ("buyer", "seller")


@dataclass(frozen=True)
class Target:
    """One thing that is fuzzed.

    Attributes:
        make: an input, from chance.
        accepts: whether an input is taken; a `ResoError` refuses it.
        weight: its share of the time.
    """

    name: str
    make: Callable[[Random], bytes]
    accepts: Callable[[bytes], bool]
    weight: int = 1

    def tried(self, raw: bytes) -> str:
        """Return what became of an input: "" if it was accepted, else the class of the error."""
        try:
            return "" if self.accepts(raw) else "Problem"
        except ResoError as error:
            str(error).encode()
            return type(error).__name__


# -- packs ----------------------------------------------------------------------------------


def policy_by_structure(rng: Random) -> bytes:
    """Return a policy file with keys and values dropped, doubled, replaced."""
    raw = rng.choice(policies())
    return _written(rng, raw, mutated_tree(rng, tree_of(raw), words()))


def policy_by_values(rng: Random) -> bytes:
    """Return a policy file with other values of the same kinds; most are still sound."""
    raw = rng.choice(policies())
    return _written(rng, raw, changed_values(rng, tree_of(raw), kin()))


def _written(rng: Random, raw: bytes, tree: object) -> bytes:
    name = raw.partition(b"\n")[0] + b"\n" if raw.startswith(b"# ") else b""
    return name + json.dumps(tree, default=str, indent=rng.choice((None, 1))).encode()


def policy_by_bytes(rng: Random) -> bytes:
    """Return a policy file after small accidents."""
    return mutated_bytes(rng, rng.choice(policies()), policies())


def accepts_policy(raw: bytes) -> bool:
    """Check a pack with this file in it; when it is sound, rule by it on three cases."""
    with TemporaryDirectory() as root:
        folder = installed(raw, Path(root))
        found = checked(folder)
        policy = check_pack(folder)[0]
    for problem in found.problems:
        for language in LANGUAGES:
            problem.with_excerpt(language).encode()
    assert (policy is None) == (found.policy is None), "sound in one reading, not in the other"
    if policy is None:
        assert found.problems, "refused, and nothing was said of it"
        return False
    mutated = Pack(folder, Engine.of(Compiled(policy)), policy.table)
    for number in range(3):
        case = json.loads(cases()[(len(raw) + 101 * number) % len(cases())])
        with suppress(ResoError):
            _answer(mutated, read_case_file(case, policy.table))
    return True


# -- expressions ----------------------------------------------------------------------------


@cache
def _loader() -> PackLoader:
    folder = RULES / HOME
    loader = PackLoader(folder, [read_document(p, p.name) for p in sorted(folder.glob("*.yaml"))])
    loader.load()
    return loader


@cache
def _wording() -> Wording:
    table = pack_of(HOME).table
    defined = [definition.name for definition in pack_of(HOME).policy.definitions]
    fields = [path.rpartition(".")[2] for path in table.fields]
    return Wording((*table.fields, *defined, *fields), tuple(table.lists))


def expression_by_grammar(rng: Random) -> bytes:
    """Return an expression of sound form."""
    return _wording().expression(rng).encode()


def expression_by_bytes(rng: Random) -> bytes:
    """Return an expression after small accidents."""
    some = [_wording().expression(rng).encode() for _ in range(3)]
    return mutated_bytes(rng, some[0], some)


def accepts_expression(raw: bytes) -> bool:
    """Parse an expression, and check it as a value and as a condition."""
    text = raw.decode("utf-8", "surrogateescape")
    try:
        parse(text)
        is_read = True
    except FlawedExpressionError:
        is_read = False
    told = []
    for work in (Checker.expression, Checker.condition):
        checker = Checker(_loader().expressions.scope)
        work(checker, text)
        told.append(len(checker.flaws))
    assert is_read or all(told), "unreadable, and nothing was said of it"
    return not all(told)


# -- cases ----------------------------------------------------------------------------------


def case_by_structure(rng: Random) -> bytes:
    """Return a case with keys and values dropped, doubled, replaced."""
    return json.dumps(mutated_tree(rng, json.loads(rng.choice(cases())), words())).encode()


def case_by_bytes(rng: Random) -> bytes:
    """Return a case after small accidents."""
    others = [text.encode() for text in (rng.choice(cases()), rng.choice(cases()))]
    return mutated_bytes(rng, rng.choice(cases()).encode(), others)


def accepts_case(raw: bytes) -> bool:
    """Read a case, rule on it by a shipped pack, explain the ruling in both languages."""
    shipped = pack_of(PACKS[len(raw) % len(PACKS)])
    history = read_case_file(load_case_text(decode_text(raw, "case"), "case"), shipped.table)
    try:
        _answer(shipped, history)
    except InputError as error:
        return bool(str(error).encode())
    return True


def _answer(by: Pack, history: History) -> None:
    """Rule on a case, and write all that is written of it; what cannot be written is a failure."""
    case = history.case_at()
    proposal = by.settler.propose(case)
    json.dumps(ruling_json(proposal.ruling, by.policy)).encode()
    json.dumps(proposal_json(proposal, by.policy)).encode()
    messenger = Messenger(by)
    for language in LANGUAGES:
        by.explainer.explain(proposal.ruling, language).headline.encode()
        for reader in READERS:
            message = messenger.message(case, proposal, reader, language)
            for form in FORMS:
                render(message, form).encode()


TARGETS = (
    Target("policy by structure", policy_by_structure, accepts_policy, weight=4),
    Target("policy by values", policy_by_values, accepts_policy, weight=4),
    Target("policy by bytes", policy_by_bytes, accepts_policy, weight=2),
    Target("expression by grammar", expression_by_grammar, accepts_expression),
    Target("expression by bytes", expression_by_bytes, accepts_expression),
    Target("case by structure", case_by_structure, accepts_case),
    Target("case by bytes", case_by_bytes, accepts_case),
)
