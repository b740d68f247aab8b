"""SQL expressions as trees: what is written as text is read back, to be made simpler.

Read is what this package and the replay write, in DuckDB's words: no more of SQL than that.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache


class UnreadableError(ValueError):
    """A text is not an expression as this package writes them."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A part of an expression.

    Attributes:
        op: what it does: an operator, or one of the words `column`, `variable`, `literal`,
            `null`, `call`, `lambda`, `case`, `cast`, `try_cast`, `struct`, `list`, `index`,
            `member`, `in`, `between`, `is null`, `and`, `or`, `not`.
        word: a name, the text of a constant, a type, the names of fields or variables.
        parts: what it is made of; of `case`: condition and value in turn, last what else.
    """

    op: str
    word: str = ""
    parts: "tuple[Term, ...]" = ()
    _hash: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.op, self.word, self.parts)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Term)
            and self._hash == other._hash
            and (self.op, self.word) == (other.op, other.word)
            and self.parts == other.parts
        )

    def walk(self) -> "Iterator[Term]":
        """Yield this part and all parts of it."""
        todo = [self]
        while todo:
            term = todo.pop()
            yield term
            todo += term.parts


TRUE, FALSE = Term("literal", "TRUE"), Term("literal", "FALSE")
BOOLEAN = "BOOLEAN"
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
ARITHMETIC = frozenset({"+", "-", "*", "//", "%", "&", "|", ">>", "||"})


def null(kind: str = "") -> Term:
    """Return none of a type; no type: one that fits anywhere."""
    return Term("null", kind)


def column(name: str) -> Term:
    """Return what is read from a column."""
    return Term("column", name)


def number(value: int) -> Term:
    """Return a whole number."""
    return Term("literal", str(value))


def call(name: str, *parts: Term) -> Term:
    """Return a function of parts."""
    return Term("call", name, parts)


def cast(term: Term, kind: str) -> Term:
    """Return an expression as another type."""
    return null(kind) if term.op == "null" else Term("cast", kind, (term,))


def with_variable(term: Term, name: str, value: Term) -> Term:
    """Return an expression in which a value stands for a lambda's variable."""
    if term.op == "variable":
        return value if term.word == name else term
    if not term.parts or (term.op == "lambda" and name in term.word.split(", ")):
        return term
    parts = tuple(with_variable(part, name, value) for part in term.parts)
    return Term(term.op, term.word, parts)


# -- reading ----------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")|(?P<number>\d+)
    |(?P<word>[A-Za-z_]\w*)|(?P<sign>::|<=|>=|<>|//|\|\||>>|[-+*/%&|<>=(){}\[\],.:]))""",
    re.VERBOSE,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "&", "|", ">>"),
    ("+", "-"),
    ("*", "//", "%"),
)
"""Operators that bind from the left, from the loosest on."""


@lru_cache(maxsize=1 << 14)
def parsed(text: str) -> Term:
    """Return an expression read from its text.

    Raises:
        UnreadableError: it is not one as this package writes them.
    """
    reader = _Reader(text)
    term = reader.expression()
    if reader.place < len(reader.tokens):
        raise UnreadableError(f"{reader.tokens[reader.place][1]!r} in {text!r}")
    return term


class _Reader:
    """Reads one expression, from the loosest operator to the tightest."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens: list[tuple[str, str]] = []
        start, end = 0, len(text.rstrip())
        while start < end:
            found = _TOKEN.match(text, start)
            if found is None or found.lastgroup is None:
                raise UnreadableError(f"{text[start : start + 20]!r} in {text!r}")
            word = found[found.lastgroup]
            self.tokens.append((found.lastgroup, word))
            start = found.end()

    # -- tokens ------------------------------------------------------------------------------

    def _next(self) -> tuple[str, str]:
        if self.place == len(self.tokens):
            raise UnreadableError(f"the end of {self.text!r}")
        self.place += 1
        return self.tokens[self.place - 1]

    def _word(self, ahead: int = 0) -> str:
        """Return the next sign or keyword in capitals; empty: a text, a name or the end."""
        if self.place + ahead >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.place + ahead]
        return text.upper() if kind in ("word", "sign") else ""

    def _takes(self, *words: str) -> bool:
        if all(self._word(ahead) == word for ahead, word in enumerate(words)):
            self.place += len(words)
            return True
        return False

    def _must(self, *words: str) -> None:
        if not self._takes(*words):
            raise UnreadableError(f"no {' '.join(words)} at {self.place} in {self.text!r}")

    def _many(self, end: str, one: "Callable[[], Term]") -> tuple[Term, ...]:
        """Read parts between commas up to a closing sign."""
        found: list[Term] = []
        while not self._takes(end):
            if found:
                self._must(",")
            found.append(one())
        return tuple(found)

    # -- operators ---------------------------------------------------------------------------

    def expression(self) -> Term:
        """Read an expression."""
        return self._joined("or", self._and)

    def _and(self) -> Term:
        return self._joined("and", self._not)

    def _joined(self, op: str, one: "Callable[[], Term]") -> Term:
        parts = [one()]
        while self._takes(op.upper()):
            parts.append(one())
        return parts[0] if len(parts) == 1 else Term(op, "", tuple(parts))

    def _not(self) -> Term:
        if self._takes("NOT"):
            return Term("not", "", (self._not(),))
        return self._null_test()

    def _null_test(self) -> Term:
        term = self._comparison()
        while self._takes("IS"):
            negated = self._takes("NOT")
            self._must("NULL")
            term = Term("is null", "", (term,))
            term = Term("not", "", (term,)) if negated else term
        return term

    def _comparison(self) -> Term:
        term = self._between()
        while self._word() in COMPARISONS:
            op = self._next()[1]
            term = Term(op, "", (term, self._between()))
        return term

    def _between(self) -> Term:
        term = self._operation(0)
        negated = self._word() == "NOT" and self._word(1) in ("IN", "BETWEEN")
        if negated:
            self._must("NOT")
        if self._takes("BETWEEN"):
            low = self._operation(0)
            self._must("AND")
            term = Term("between", "", (term, low, self._operation(0)))
        elif self._takes("IN", "("):
            term = Term("in", "", (term, *self._many(")", self.expression)))
        return Term("not", "", (term,)) if negated else term

    def _operation(self, level: int) -> Term:
        if level == len(_LEVELS):
            return self._signed()
        term = self._operation(level + 1)
        while self._word() in _LEVELS[level]:
            op = self._next()[1]
            term = Term(op, "", (term, self._operation(level + 1)))
        return term

    def _signed(self) -> Term:
        if not self._takes("-"):
            return self._followed()
        term = self._followed()
        if term.op == "literal":
            return Term("literal", f"-{term.word}")
        return Term("-", "", (number(0), term))

    def _followed(self) -> Term:
        """Read a part with the casts, positions and fields that follow it."""
        term = self._part()
        while True:
            if self._takes("::"):
                term = cast(term, self._type())
            elif self._takes("["):
                term = Term("index", "", (term, self.expression()))
                self._must("]")
            elif self._takes("."):
                kind, name = self._next()
                term = Term("member", _unquoted(name) if kind == "name" else name, (term,))
            else:
                return term

    # -- parts -------------------------------------------------------------------------------

    def _part(self) -> Term:
        kind, text = self._next()
        match kind:
            case "text" | "number":
                return Term("literal", text)
            case "name":
                return column(_unquoted(text))
            case "word":
                return self._named(text)
        match text:
            case "(":
                term = self.expression()
                self._must(")")
                return term
            case "[":
                return Term("list", "", self._many("]", self.expression))
            case "{":
                return self._struct()
        raise UnreadableError(f"{text!r} in {self.text!r}")

    def _struct(self) -> Term:
        names: list[str] = []

        def entry() -> Term:
            names.append(self._next()[1][1:-1])
            self._must(":")
            return self.expression()

        parts = self._many("}", entry)
        return Term("struct", ",".join(names), parts)

    def _named(self, text: str) -> Term:
        match text.upper():
            case "TRUE" | "FALSE" as word:
                return Term("literal", word)
            case "NULL":
                return null()
            case "DATE" if self.tokens[self.place][0] == "text":
                return Term("literal", f"DATE {self._next()[1]}")
            case "CASE":
                return self._case()
            case "CAST" | "TRY_CAST" as word:
                self._must("(")
                term = self.expression()
                self._must("AS")
                kind = self._type()
                self._must(")")
                return cast(term, kind) if word == "CAST" else Term("try_cast", kind, (term,))
            case "LAMBDA":
                return self._lambda()
        if self._takes("("):
            return _called(text.lower(), self._many(")", self.expression))
        return Term("variable", text)

    def _lambda(self) -> Term:
        names = [self._next()[1]]
        while self._takes(","):
            names.append(self._next()[1])
        self._must(":")
        return Term("lambda", ", ".join(names), (self.expression(),))

    def _case(self) -> Term:
        subject = None if self._word() == "WHEN" else self.expression()
        parts: list[Term] = []
        while self._takes("WHEN"):
            when = self.expression()
            self._must("THEN")
            parts += [when if subject is None else Term("=", "", (subject, when))]
            parts.append(self.expression())
        parts.append(self.expression() if self._takes("ELSE") else null())
        self._must("END")
        return Term("case", "", tuple(parts))

    def _type(self) -> str:
        found = self._next()[1]
        if self._takes("("):
            fields = []
            while not self._takes(")"):
                self._takes(",")
                fields.append(f'"{_unquoted(self._next()[1])}" {self._type()}')
            found += f"({', '.join(fields)})"
        while self._takes("[", "]"):
            found += "[]"
        return found


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _called(name: str, parts: tuple[Term, ...]) -> Term:
    """Return a function of parts; what is written in two ways is read as one."""
    if name == "struct_extract":
        return Term("member", parts[1].word[1:-1].replace("''", "'"), parts[:1])
    return Term("index", "", parts) if name == "list_extract" else Term("call", name, parts)
