"""The table of facts: every field a case may hold, from the core and from the packs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from reso.facts.declarations import parse_inputs
from reso.facts.fields import Field, FieldType, Inputs, Section, StatedBy, Widening
from reso.facts.problems import DeclarationProblem, FactTableError, did_you_mean
from reso.facts.text import read_text, read_yaml
from reso.memo import digest, remembered
from reso.model.events import SCALARS
from reso.problems.said import Value, said

__all__ = [
    "FactTable",
    "FactTableError",
    "Field",
    "FieldType",
    "Inputs",
    "Section",
    "StatedBy",
    "installed_table",
    "load_core",
    "parse_inputs",
]

CORE = Path(__file__).with_name("core.yaml")


@dataclass(frozen=True, slots=True)
class FactTable:
    """Declared sections by name; lists that stand in an object have a dotted one (`claim.items`).

    Attributes:
        sections: the top-level scalars of a case file stand in the section `SCALARS`.
        fields: the fields outside lists, by their dotted name (`order.total_paid`, `fault`).
        lists: the fields of the items of each list, by the name of the list, then their own.
        objects: the names of the sections that are objects.
    """

    sections: Mapping[str, Section] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    lists: Mapping[str, Mapping[str, Field]] = field(init=False, repr=False, compare=False)
    objects: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        fields = {known.path: known for known in self.every_field() if not known.in_list}
        lists = {name: part.fields for name, part in self.sections.items() if part.is_list}
        object.__setattr__(self, "sections", MappingProxyType(dict(self.sections)))
        object.__setattr__(self, "fields", MappingProxyType(fields))
        object.__setattr__(self, "lists", MappingProxyType(lists))
        object.__setattr__(self, "objects", self.sections.keys() - lists.keys() - {SCALARS})

    def __reduce__(self) -> tuple[object, ...]:  # a mapping proxy cannot be pickled
        return type(self), (dict(self.sections),)

    def every_field(self) -> Iterator[Field]:
        """Yield every field, section by section."""
        for section in self.sections.values():
            yield from section.fields.values()

    def did_you_mean(self, path: str) -> str:
        """Return "Did you mean `...`?" for the field nearest to an unknown `path`, or nothing.

        A field of the same name in another section is nearer than a similar name.
        """
        last = path.rpartition(".")[2]
        paths = [known.path for known in self.every_field()]
        elsewhere = [known for known in paths if known.rpartition(".")[2] == last]
        if len(elsewhere) == 1:
            return f"Did you mean `{elsewhere[0]}`?"
        return did_you_mean(path, (*paths, *self.objects, *self.lists))

    def merged(self, *inputs: Inputs) -> "FactTable":
        """Return this table with the declarations of packs added.

        A field may be declared twice if both declarations agree; the first stands. Enums are
        widened last, so the order of files decides nothing.

        Raises:
            FactTableError: declarations that differ, or a widening of what is no enum.
        """
        merge = _Merge(dict(self.sections))
        for part in inputs:
            for section in part.sections:
                merge.add(section)
        for part in inputs:
            for widening in part.widenings:
                merge.widen(widening)
        if merge.problems:
            raise FactTableError(merge.problems)
        return FactTable(merge.sections)


@cache
def load_core() -> FactTable:
    """Return the table of the facts every marketplace has (`core.yaml`)."""
    text = read_text(CORE)
    return remembered("core facts", digest(text), lambda: _core(text))


def _core(text: str) -> FactTable:
    shown = f"reso/facts/{CORE.name}"
    document = read_yaml(text, shown)
    return FactTable().merged(parse_inputs(document.data, shown, document.lines))


def installed_table(rules_dir: Path) -> FactTable:
    """Return the core with the `inputs` of every `*.yaml` file in the folders of `rules_dir`.

    Raises:
        FactTableError: with everything that is wrong in one file, or between the files.
        InputError: a file with `inputs` that is not readable.
    """
    files = sorted(rules_dir.glob("*/*.yaml"))
    return load_core().merged(*(part for file in files for part in _inputs_of(file, rules_dir)))


def _inputs_of(file: Path, rules_dir: Path) -> Iterable[Inputs]:
    text = read_text(file)
    if not any(line.startswith("inputs:") for line in text.splitlines()):
        return  # parsing YAML is slow, and most files of a pack declare nothing
    shown = str(file.relative_to(rules_dir.parent))
    yield from remembered(f"inputs {shown}", digest(text), lambda: _declared(text, shown))


def _declared(text: str, shown: str) -> tuple[Inputs, ...]:
    document = read_yaml(text, shown)
    if not isinstance(document.data, dict) or "inputs" not in document.data:
        return ()
    lines = {path[1:]: n for path, n in document.lines.items() if path[0] == "inputs"}
    return (parse_inputs(document.data["inputs"], shown, lines),)


@dataclass(slots=True)
class _Merge:
    sections: dict[str, Section]
    problems: list[DeclarationProblem] = field(default_factory=list)

    def add(self, new: Section) -> None:
        known = self.sections.get(new.name)
        if known is None:
            self.sections[new.name] = replace(new, is_list=bool(new.is_list))
            return
        for option in ("is_list", "since", "undated"):
            stated = getattr(new, option)
            if stated is not None and stated != getattr(known, option):
                key = option.removeprefix("is_")
                self._problem("input-section-differs", new, new.name, key=key, place=known.place)
        fields = dict(known.fields)
        for name, declared in new.fields.items():
            declared_here = replace(declared, in_list=bool(known.is_list))
            first = fields.setdefault(name, declared_here)
            if not first.agrees_with(declared_here):
                self._problem("input-differs", declared, first.path, place=first.place)
        self.sections[new.name] = replace(known, fields=fields)

    def widen(self, widening: Widening) -> None:
        section = self.sections.get(widening.section)
        known = section.fields.get(widening.name) if section is not None else None
        if section is None or known is None or not known.values:
            path = f"{widening.section}.{widening.name}"
            if known is None:
                self._problem("input-widens-nothing", widening, path)
            else:
                self._problem("input-widens-no-enum", widening, path, type=known.type)
            return
        values = tuple(dict.fromkeys((*known.values, *widening.values)))
        fields = {**section.fields, widening.name: replace(known, values=values)}
        self.sections[widening.section] = replace(section, fields=fields)

    def _problem(
        self, code: str, source: Section | Field | Widening, path: str, /, **values: Value
    ) -> None:
        told = said(code, path=path, **values)
        where = (source.source_file, source.line)
        self.problems.append(DeclarationProblem(path, told, None, *where))
