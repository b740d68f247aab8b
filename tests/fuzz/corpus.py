"""What the fuzzer begins with: everything that ships, and every example of the docs."""

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from reso.facts.reader import load_case_text
from reso.facts.text import read_yaml
from reso.problems.catalogue import kinds
from reso.problems.pages import example_files
from tests.docs.blocks import ROOT, blocks, pages
from tests.shipped import PACKS, RULES, pack_of
from tests.strategies.small_packs import HEADER, OTHERWISE

SHARED = "shared"


@cache
def policies() -> tuple[bytes, ...]:
    """Return the policy files that ship, each below its name, and the examples of all docs.

    What is mutated stands among the other files of the pack whose name its first line has.
    """
    shipped = [_named(path) for path in _shipped().values()]
    examples = [b.text for page in pages() for b in blocks(page) if b.words == ("yaml", "policy")]
    return (*shipped, *(_headed(text).encode() for text in (*examples, *_examples())))


def _examples() -> Iterator[str]:
    """Yield the mended examples of the catalogue that are one file: one for nearly every word."""
    for kind in kinds().values():
        (_, first), *others = example_files(kind.mended)
        if first and not others:
            yield first


def _shipped() -> dict[str, Path]:
    found = [path for name in (*PACKS, SHARED) for path in sorted((RULES / name).glob("*.yaml"))]
    return {str(path.relative_to(RULES)): path for path in found}


def _named(path: Path) -> bytes:
    return f"# {path.relative_to(RULES)}\n".encode() + path.read_bytes()


def _headed(text: str) -> str:
    begun = text if re.search("^(policy|currency):", text, re.M) else HEADER + text
    return begun if re.search("^otherwise:", begun, re.M) else begun + OTHERWISE


def installed(raw: bytes, root: Path) -> Path:
    """Write the pack a mutated file belongs to into `root`, that file in its place.

    Returns the folder of the pack. Without the name of a shipped file, it is a pack by itself.
    """
    shutil.copytree(RULES / SHARED, root / SHARED)
    name = raw.partition(b"\n")[0].decode(errors="replace").removeprefix("# ")
    if name not in _shipped():
        (root / "pack").mkdir()
        (root / "pack" / "policy.yaml").write_bytes(raw)
        return root / "pack"
    home = name.partition("/")[0]
    folder = home if home != SHARED else _user_of(name)
    (root / folder).mkdir()
    for path in (RULES / folder).glob("*.yaml"):
        shutil.copy(path, root / folder)
    (root / name).write_bytes(raw)
    return root / folder


def _user_of(shared: str) -> str:
    """Return the first pack whose header names a shared file."""
    named = (f for f in PACKS if f"../{shared}" in (RULES / f / "policy.yaml").read_text())
    return next(named, PACKS[0])


@cache
def cases() -> tuple[str, ...]:
    """Return the cases that ship, as JSON."""
    found = [load_case_text(p.read_text(), p.name) for p in sorted(ROOT.glob("fixtures/cases/*"))]
    for path in sorted(RULES.glob("*/cases/*.yaml")):
        held = load_case_text(path.read_text(encoding="utf-8"), path.name).get("cases")
        found += [raw["given"] for raw in held or () if isinstance(raw.get("given"), dict)]  # type: ignore[attr-defined]
    return tuple(json.dumps(data, default=float) for data in found)


@cache
def words() -> tuple[str, ...]:
    """Return the keys that stand in policy files and cases."""
    found: set[str] = set()
    todo = [tree_of(raw) for raw in policies()] + [json.loads(text) for text in cases()]
    while todo:
        match todo.pop():
            case dict() as mapping:
                found.update(mapping)
                todo.extend(mapping.values())
            case list() as items:
                todo.extend(items)
    return tuple(sorted(found))


@cache
def kin() -> dict[str, tuple[str, ...]]:
    """Return the words of enums, each with all of its enum."""
    found: dict[str, tuple[str, ...]] = {}
    for field in pack_of(PACKS[0]).table.fields.values():
        found.update(dict.fromkeys(field.values, tuple(field.values)))
    return found


def tree_of(raw: bytes) -> object:
    """Return the plain data of a policy file."""
    return read_yaml(raw.decode(), "policy").data
