"""The YAML form of declarations: what `core.yaml` and the `inputs` of a pack say."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, TypeAlias

from reso.facts.bodies import Body, FieldBody, SectionBody, WideningBody, plain_body
from reso.facts.fields import Field, Inputs, Section, Widening
from reso.facts.problems import LONGEST_NAME, DeclarationProblem, FactTableError, shown
from reso.model.case import Scalar
from reso.problems.said import Said, Value, known_names, nearest_or_known, said

if TYPE_CHECKING:
    from reso.facts.body_forms import ErrorDetails

Path: TypeAlias = tuple[str, ...]
Lines: TypeAlias = Mapping[Path, int]

RATE_UNITS = ("share", "percent")

_SECTION_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_ABSENT: Mapping[str, Mapping[str, Scalar]] = {
    "boolean": {"yes": True, "no": False},
    "integer": {"zero": 0},
    "money": {"zero": 0},
    "rate": {"zero": 0},
}


_NEEDED: Mapping[str, str] = {
    "string_type": "a-text",
    "tuple_type": "a-list",
    "bool_type": "yes-or-no",
    "bool_parsing": "yes-or-no",
    "dict_type": "a-mapping",
}
"""What a key takes, by what pydantic calls a value that is something else."""


def parse_inputs(mapping: object, file: str, lines: Lines | None = None) -> Inputs:
    """Return the declarations in `mapping`: sections by name, each with its fields by name.

    A section that says something of itself holds its fields under `fields`. `lines` gives the line
    of `file` on which a key stands, by the keys that lead to it.

    Raises:
        FactTableError: with everything that is wrong.
    """
    parser = _Parser(file, lines or {})
    sections = [section for entry in parser.entries(mapping, ()) for section in parser.named(entry)]
    if parser.problems:
        raise FactTableError(parser.problems)
    return Inputs(tuple(sections), tuple(parser.widenings))


@dataclass(slots=True)
class _Parser:
    file: str
    lines: Lines
    problems: list[DeclarationProblem] = field(default_factory=list)
    widenings: list[Widening] = field(default_factory=list)

    def named(self, entry: tuple[str, object]) -> Iterator[Section]:
        name, body = entry
        if _SECTION_NAME.fullmatch(name):
            yield from self._section(name, body, (name,))
        else:
            self._problem("input-section-name", (name,))

    def entries(self, body: object, path: Path) -> Iterator[tuple[str, object]]:
        if isinstance(body, Mapping):
            yield from ((str(key), value) for key, value in body.items())
        else:
            self._problem("input-not-a-mapping", path, value=_told(body))

    def _section(self, name: str, body: object, path: Path) -> Iterator[Section]:
        """Yield the section, and before it the lists that stand in it."""
        about = SectionBody(fields={})
        inner = path
        if isinstance(body, Mapping) and "fields" in body:
            about = self._checked(SectionBody, body, path) or about
            body, inner = about.fields, (*path, "fields")
        fields: dict[str, Field] = {}
        for key, declaration in self.entries(body, inner):
            here = (*inner, key)
            if isinstance(declaration, Mapping) and "fields" in declaration:
                yield from self._section(f"{name}.{key}", declaration, here)
            elif new := self._field(name, key, declaration, here):
                said_by = new.stated_by or about.stated_by
                fields[key] = replace(new, stated_by=said_by, in_list=bool(about.list))
        if not fields and about.list is None:
            return  # it widens what others declare
        yield Section(
            name=name,
            fields=fields,
            is_list=about.list,
            since=about.since,
            undated=about.undated,
            source_file=self.file,
            line=self.lines.get(path),
        )

    def _field(self, section: str, name: str, body: object, path: Path) -> Field | None:
        line = self.lines.get(path)
        if not _FIELD_NAME.fullmatch(name):
            self._problem("input-field-name", path)
            return None
        if isinstance(body, Mapping) and "widen" in body:
            if widening := self._checked(WideningBody, body, path):
                self.widenings.append(Widening(section, name, widening.widen, self.file, line))
            return None
        about = self._checked(FieldBody, body, path)
        if about is None:
            return None
        self._check_sense(about, path)
        return Field(
            name=name,
            section=section,
            type=about.type,
            values=about.values,
            absent=self._absent(about, path),
            unit=about.unit,
            meaning=about.meaning,
            stated_by=about.stated_by,
            occurs=about.occurs,
            source_file=self.file,
            line=line,
        )

    def _check_sense(self, about: FieldBody, path: Path) -> None:
        if about.type.endswith("enum") and not about.values:
            self._problem("input-without-values", path, type=about.type)
        if about.values and not about.type.endswith("enum"):
            self._problem("input-with-values", path, type=about.type)
        if len(set(about.values)) < len(about.values):
            self._problem("input-value-twice", path)
        if about.type == "rate" and about.unit not in RATE_UNITS:
            self._problem("input-rate-without-unit", path)
        if about.occurs and about.type != "instant":
            self._problem("input-occurs", path, type=about.type)

    def _absent(self, about: FieldBody, path: Path) -> Scalar:
        word = about.absent
        known: Mapping[str, Scalar] = {
            **_ABSENT.get(about.type, {}),
            **{value: value for value in about.values},
            "none": None,
        }
        if word in known:
            return known[word]
        if about.type == "integer" and word.isdecimal():
            return int(word)
        self._problem(
            "input-absent",
            (*path, "absent"),
            advice=_nearest_or_known(word, known),
            value=_told(word),
            type=about.type,
        )
        return None

    def _checked(self, form: type[Body], body: object, path: Path) -> Body | None:
        plain = plain_body(form, body)
        return self._formed(form, body, path) if plain is None else plain

    def _formed(self, form: type[Body], body: object, path: Path) -> Body | None:
        from reso.facts import body_forms  # slow to import, for pydantic

        try:
            return body_forms.formed(form, body)
        except body_forms.ValidationError as error:
            known = tuple(one.name for one in fields(form))
            for detail in error.errors(include_url=False):
                self._translate(detail, known, path)
            return None

    def _translate(self, detail: "ErrorDetails", keys: Collection[str], path: Path) -> None:
        key = str(detail["loc"][0]) if detail["loc"] else ""
        value = detail["input"]
        match detail["type"]:
            case "extra_forbidden":
                advice = _nearest_or_known(key, keys)
                self._problem("input-unknown-key", (*path, key), advice=advice)
            case "literal_error":
                known = tuple(re.findall(r"'([^']+)'", detail["ctx"]["expected"]))
                advice = _nearest_or_known(str(value), known)
                self._problem("input-unknown-word", (*path, key), advice=advice, value=_told(value))
            case "missing":
                self._problem("input-incomplete", path, key=key)
            case kind if key:
                needed = said(_NEEDED.get(kind, "a-text"))
                self._problem("input-wrong-kind", (*path, key), value=_told(value), needed=needed)
            case _:
                self._problem("input-not-a-mapping", path, value=_told(value))

    def _problem(
        self, code: str, path: Path, /, *, advice: Said | None = None, **values: Value
    ) -> None:
        name = ".".join(part for part in path if part != "fields")
        line = self.lines.get(path) or self.lines.get(path[:-1])
        told = said(code, path=name or "inputs", **values)
        self.problems.append(DeclarationProblem(name, told, advice, self.file, line))


def _told(value: object) -> Value:
    """Return a value as a problem shows it: as it is written, what has parts by its kind."""
    match value:
        case dict():
            return said("a-mapping")
        case list() | tuple():
            return said("a-list")
        case _:
            return shown(value)


def _nearest_or_known(name: str, known: Collection[str]) -> Said:
    return nearest_or_known(name, known) if len(name) <= LONGEST_NAME else known_names(known)
