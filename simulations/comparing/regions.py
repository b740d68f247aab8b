"""Where two policies say different things, and which disputes those parts decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property

from reso.expressions.tree import Node, uses
from reso.policy.model import Pause, Phrase, Policy
from reso.study.compare import Changed, Part, flat, words_changed
from reso.study.reading import read_files
from simulations.running import PolicyChoice


def parts_changed(a: PolicyChoice, b: PolicyChoice) -> tuple[Changed, ...]:
    """Return the parts of the files that differ, and the parameters that were set otherwise.

    "Old" is B, "new" is A: what A changes in B.
    """
    before, after = read_files(b.folder), read_files(a.folder)
    found = words_changed(before, after)
    written = [
        {name: flat(entry.tree) for name, entry in files.sections.entries["parameters"].items()}
        for files in (before, after)
    ]
    names = dict.fromkeys((*a.settings, *b.settings))
    texts = {name: (_value(b, written[0], name), _value(a, written[1], name)) for name in names}
    kept = tuple(one for one in found if one.section != "parameters" or one.name not in names)
    return kept + tuple(
        Changed("parameters", name, "changed", (Part("value", old, new),))
        for name, (old, new) in texts.items()
        if old != new
    )


def _value(choice: PolicyChoice, written: Mapping[str, Mapping[str, str]], name: str) -> str:
    if name in choice.settings:
        return choice.settings[name]
    texts = {k: v for k, v in written.get(name, {}).items() if k == "" or k.startswith("value")}
    if len(texts) == 1:
        return next(iter(texts.values()))
    return "; ".join(f"{where.removeprefix('value, ')}: {text}" for where, text in texts.items())


@dataclass(frozen=True)
class Grounds:
    """What the rules of a policy rest on: every name they mention, through all definitions."""

    policy: Policy

    def of(self, rule: str) -> frozenset[str]:
        """Return the names a rule or question rests on, its own too; none of an unknown one."""
        if rule not in self._mentioned:
            return frozenset()
        found, todo = set[str](), [rule]
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self._mentioned.get(name, ()))
        return frozenset(found)

    @cached_property
    def _mentioned(self) -> Mapping[str, frozenset[str]]:
        policy = self.policy
        named: dict[str, object] = dict(policy.picks)
        named |= {one.name: one for one in policy.definitions}
        named |= {one.name: one for one in policy.questions}
        named |= {one.name: one for one in policy.rules}
        found = {name: frozenset(_names(entry)) for name, entry in named.items()}
        overlays = {one.parameter: frozenset(_names(one)) for one in policy.overlays}
        return {name: names | overlays.get(name, frozenset()) for name, names in found.items()}


def _names(entry: object) -> Iterator[str]:
    """Yield the names an entry mentions itself, in any expression of it."""
    match entry:
        case tuple() | list():
            for part in entry:
                yield from _names(part)
        case Phrase():
            return  # what it says, not what it rests on
        case Pause(question=question) if question:
            yield question
        case _ if isinstance(entry, Node):
            told = uses(entry)
            yield from (*told.refs, *told.picks, *told.answers, *told.clocks)
        case _ if is_dataclass(entry) and not isinstance(entry, type):
            for field in fields(entry):
                yield from _names(getattr(entry, field.name))
