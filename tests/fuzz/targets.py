"""What is fuzzed: the loader of packs, the expressions, the reader of cases with a decision.

A target makes an input from a source of chance and tries it. Whatever comes out of a try other
than an answer or a `ResoError` is a failure; so is an answer that cannot be written as UTF-8.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from reso.cases import Pack, load_pack
from reso.engine.decide import load_engine
from reso.engine.ruling_json import ruling_json
from reso.errors import InputError, ResoError
from reso.expressions.check import Checker
from reso.expressions.parse import FlawedExpressionError, parse
from reso.facts.reader import load_case_text, read_case_file
from reso.facts.text import decode_text, read_yaml
from reso.policy.document import read_document
from reso.policy.loader import PackLoader, check_pack
from tests.docs.blocks import ROOT, blocks, pages
from tests.fuzz.mutation import mutated_bytes, mutated_tree
from tests.fuzz.wording import Wording
from tests.strategies.small_packs import HEADER, OTHERWISE

RULES = ROOT / "rules"
PACKS = ("lazada_sg_drtm", "tokopedia_shop")
AT = datetime(2026, 3, 13, tzinfo=UTC)
SHARED_CASES = ROOT.parent / "shared" / "cases"


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


@cache
def pack(name: str) -> Pack:
    """Return a shipped pack, ready to rule."""
    return load_pack(RULES / name)


@cache
def policies() -> tuple[bytes, ...]:
    """Return the policy files that ship, each below its name, and the examples of the docs.

    What is mutated stands among the other files of the pack whose name its first line has.
    """
    files = [_named(path) for name in PACKS for path in sorted((RULES / name).glob("*.yaml"))]
    examples = [b.text for page in pages() for b in blocks(page) if b.words == ("yaml", "policy")]
    return (*files, *((_headed(text)).encode() for text in examples))


def _named(path: Path) -> bytes:
    return f"# {path.relative_to(RULES)}\n".encode() + path.read_bytes()


def _others(raw: bytes) -> tuple[str, list[Path]]:
    """Return the name of a mutated file, and the files of its pack that are left as they are."""
    first = raw.partition(b"\n")[0].decode(errors="replace").removeprefix("# ")
    files = {
        str(path.relative_to(RULES)): path
        for name in PACKS
        for path in (RULES / name).glob("*.yaml")
    }
    if first not in files:
        return "policy.yaml", []
    name = files[first].name
    return name, [path for path in files[first].parent.glob("*.yaml") if path.name != name]


def _headed(text: str) -> str:
    end = "" if "\notherwise:" in text else OTHERWISE
    return text if "policy:" in text else HEADER + text + end


@cache
def cases() -> tuple[str, ...]:
    """Return the cases that ship and those published, as JSON."""
    found = [load_case_text(p.read_text(), p.name) for p in sorted(ROOT.glob("fixtures/cases/*"))]
    listed = [*RULES.glob("*/cases/*.yaml"), *SHARED_CASES.glob("*.yaml")]
    for path in sorted(listed):
        held = load_case_text(path.read_text(encoding="utf-8"), path.name).get("cases")
        found += [raw["given"] for raw in held or () if isinstance(raw.get("given"), dict)]  # type: ignore[attr-defined]
    return tuple(json.dumps(data, default=float) for data in found)


@cache
def words() -> tuple[str, ...]:
    """Return the keys that stand in policy files and cases."""
    found: set[str] = set()
    todo = [_tree(raw) for raw in policies()] + [json.loads(text) for text in cases()]
    while todo:
        match todo.pop():
            case dict() as mapping:
                found.update(mapping)
                todo.extend(mapping.values())
            case list() as items:
                todo.extend(items)
    return tuple(sorted(found))


def _tree(raw: bytes) -> object:
    return read_yaml(raw.decode(), "policy").data


# -- packs ----------------------------------------------------------------------------------


def policy_by_structure(rng: Random) -> bytes:
    """Return a policy file with keys and values dropped, doubled, replaced."""
    raw = rng.choice(policies())
    name = raw.partition(b"\n")[0] + b"\n" if raw.startswith(b"# ") else b""
    tree = mutated_tree(rng, _tree(raw), words())
    return name + json.dumps(tree, default=str, indent=rng.choice((None, 1))).encode()


def policy_by_bytes(rng: Random) -> bytes:
    """Return a policy file after small accidents."""
    return mutated_bytes(rng, rng.choice(policies()), policies())


def accepts_policy(raw: bytes) -> bool:
    """Check a pack with this file in it, and rule by it when it is sound."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copytree(RULES / "shared", root / "shared")
        (root / "pack").mkdir()
        name, others = _others(raw)
        (root / "pack" / name).write_bytes(raw)
        for path in others:
            shutil.copy(path, root / "pack")
        policy, problems = check_pack(root / "pack")
        for problem in problems:
            problem.with_excerpt().encode()
        if policy is None:
            return False
        engine = load_engine(root / "pack")
    case = json.loads(cases()[len(raw) % len(cases())])
    with suppress(ResoError):
        engine.decide(read_case_file(case, policy.table).case_at(AT))
    return True


# -- expressions ----------------------------------------------------------------------------


@cache
def _loader() -> PackLoader:
    folder = RULES / "tokopedia_shop"
    loader = PackLoader(folder, [read_document(p, p.name) for p in sorted(folder.glob("*.yaml"))])
    loader.load()
    return loader


@cache
def _wording() -> Wording:
    table = pack("tokopedia_shop").table
    defined = [definition.name for definition in pack("tokopedia_shop").policy.definitions]
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
    shipped = pack(PACKS[len(raw) % len(PACKS)])
    history = read_case_file(load_case_text(decode_text(raw, "case"), "case"), shipped.table)
    try:
        ruling = shipped.engine.decide(history.case_at())
    except InputError as error:
        return bool(str(error).encode())
    json.dumps(ruling_json(ruling, shipped.policy)).encode()
    for language in ("id", "en"):
        shipped.explainer.explain(ruling, language).headline.encode()  # type: ignore[arg-type]
    return True


TARGETS = (
    Target("policy by structure", policy_by_structure, accepts_policy, weight=4),
    Target("policy by bytes", policy_by_bytes, accepts_policy, weight=4),
    Target("expression by grammar", expression_by_grammar, accepts_expression),
    Target("expression by bytes", expression_by_bytes, accepts_expression),
    Target("case by structure", case_by_structure, accepts_case),
    Target("case by bytes", case_by_bytes, accepts_case),
)
