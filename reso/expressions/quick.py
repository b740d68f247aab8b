"""Text to raw tree without Lark, which takes longer to start than most packs take to read.

What is not plainly an expression is left to Lark, which says what is wrong with it; so are the
rare words of which only its tables tell whether they are names. Both give the same tree for what
both read (`tests/expressions/test_quick.py` holds them together).
"""

import re
from typing import NoReturn

from reso.expressions.raw import RawTree

RESERVED = frozenset(
    (
        *("not", "one", "known", "none", "yes", "no"),
        *("exists", "count", "sum", "first", "latest"),
    )
)
"""Words that mean something where a name can stand; other words of the grammar are names there."""

_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_TOKEN = re.compile(
    r"\s*(?:"
    rf"(?P<word>{_NAME})"
    r"|(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<time>\d{1,2}:\d{2})"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<string>\"[^\"\n]*\"|'[^'\n]*')"
    r"|(?P<sign><=|>=|!=|[-+*%()\[\],<>=])"
    r"|(?P<end>\Z))"
)
_ONE_NAME = re.compile(_NAME)
_UNITS = frozenset(
    f"{unit}{plural}"
    for unit in ("hour", "minute", "second", "week", "month")
    for plural in ("", "s")
)
_KINDS_OF_DAYS, _DAYS = frozenset(("calendar", "business")), frozenset(("day", "days"))
_SIGNS = frozenset(("<=", ">=", "!=", "<", ">", "="))
_LITERALS = frozenset(("date", "time", "string"))


class _LeaveItError(Exception):
    """The text is nothing that is read here."""


def quick_tree(text: str) -> RawTree | None:
    """Return the raw tree of an expression, None for what is left to Lark."""
    if _ONE_NAME.fullmatch(text) and text not in RESERVED:
        return RawTree("name", (text,), 0, len(text))
    try:
        return _Reader(text).whole()
    except (_LeaveItError, RecursionError):  # Lark needs no stack for what is nested
        return None


class _Reader:
    """Reads the tokens of one text, a method for each rule of `grammar.lark`.

    `at` is the token to be read next. `words` are the tokens as written; `kinds`, `starts` and
    `ends` are what they are and where, with one token more for the end of the text.
    """

    __slots__ = ("at", "ends", "kinds", "starts", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.kinds: list[str] = []
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        position, kind = 0, ""
        while kind != "end":
            found = _TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise _LeaveItError
            kind = found.lastgroup
            start, position = found.span(kind)
            self.kinds.append(kind)
            self.words.append(found[kind])
            self.starts.append(start)
            self.ends.append(position)

    def whole(self) -> RawTree:
        tree = self.expr()
        return tree if self.kinds[self.at] == "end" else self.leave()

    def leave(self) -> NoReturn:
        raise _LeaveItError

    def tree(self, data: str, begin: int, *children: RawTree | str) -> RawTree:
        """Return the tree of what was read since the token `begin`."""
        return RawTree(data, children, self.starts[begin], self.ends[self.at - 1])

    def take(self, *words: str) -> bool:
        """Go past these words, or signs, if they are what comes next."""
        after = self.at + len(words)
        if tuple(self.words[self.at : after]) != words:
            return False
        self.at = after
        return True

    def need(self, *words: str) -> None:
        if not self.take(*words):
            self.leave()

    def taken(self) -> str:
        """Go past a token and return it as written."""
        self.at += 1
        return self.words[self.at - 1]

    def name(self) -> str:
        if self.kinds[self.at] != "word" or self.words[self.at] in RESERVED:
            self.leave()
        return self.taken()

    # -- conditions -------------------------------------------------------------------------

    def expr(self) -> RawTree:
        begin, found = self.at, [self.all_of()]
        while self.take("or"):
            found.append(self.all_of())
        return self.tree("any_of", begin, *found) if len(found) > 1 else found[0]

    def all_of(self) -> RawTree:
        begin, found = self.at, [self.negation()]
        while self.take("and"):
            found.append(self.negation())
        return self.tree("all_of", begin, *found) if len(found) > 1 else found[0]

    def negation(self) -> RawTree:
        begin = self.at
        while self.take("not"):
            pass
        inner, found = self.at, self.comparison()
        for outer in range(inner - 1, begin - 1, -1):
            found = self.tree("negation", outer, found)
        return found

    def comparison(self) -> RawTree:
        begin, left = self.at, self.sum()
        word = self.words[self.at]
        if word == "is":
            return self.being(begin, left)
        if word == "contains":
            self.at += 1
            return self.tree("contains", begin, left, self.sum())
        compared = self.compared(word)
        return self.tree("compare", begin, left, compared, self.sum()) if compared else left

    def compared(self, word: str) -> str:
        """Go past what compares, if it is what comes next, and return it as written."""
        first = self.at
        if word in _SIGNS or word in ("before", "after"):
            self.at += 1
        elif word != "at" or not (
            self.take("at", "or", "before") or self.take("at", "or", "after")
        ):
            return ""
        return self.text[self.starts[first] : self.ends[self.at - 1]]

    def being(self, begin: int, left: RawTree) -> RawTree:
        """Read what follows a sum and begins with `is`."""
        self.need("is")
        negated = self.take("not")
        if self.take("one", "of"):
            listed = self.listed()
            return self.tree("none_of" if negated else "one_of", begin, left, listed)
        if self.take("known"):
            return self.tree("unknown" if negated else "known", begin, left)
        if self.take("none"):
            return self.tree("known" if negated else "unknown", begin, left)
        return self.tree("unequal" if negated else "equal", begin, left, self.sum())

    def listed(self) -> RawTree:
        begin = self.at
        self.need("[")
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.need("]")
        return self.tree("list", begin, *found)

    # -- values -----------------------------------------------------------------------------

    def sum(self) -> RawTree:
        begin, found = self.at, self.product()
        while (sign := self.words[self.at]) in ("+", "-"):
            self.at += 1
            found = self.tree("plus" if sign == "+" else "minus", begin, found, self.product())
        return found

    def product(self) -> RawTree:
        begin, found = self.at, self.postfix()
        while self.take("*"):
            found = self.tree("times", begin, found, self.postfix())
        return found

    def postfix(self) -> RawTree:
        begin, found = self.at, self.atom()
        while self.words[self.at] == "at" and self.kinds[self.at + 1] == "time":
            self.at += 1
            found = self.tree("at_time", begin, found, self.taken())
        return found

    def atom(self) -> RawTree:
        begin, kind = self.at, self.kinds[self.at]
        if kind == "word":
            return self.worded(begin)
        if kind == "number":
            return self.number(begin)
        if kind in _LITERALS:
            return self.tree(kind, begin, self.taken())
        self.need("(")
        inner = self.expr()
        self.need(")")
        return inner

    def number(self, begin: int) -> RawTree:
        number, word = self.taken(), self.words[self.at]
        if self.take("%"):
            return self.tree("percent", begin, number)
        if self.kinds[self.at] != "word":
            return self.tree("number", begin, number)
        if len(word) == 3 and word.isalpha() and word.isupper():
            return self.tree("money", begin, number, self.taken())
        first = self.at
        if word in _KINDS_OF_DAYS and self.words[self.at + 1] in _DAYS:
            self.at += 2
        elif word in _UNITS:
            self.at += 1
        else:
            return self.tree("number", begin, number)
        parts = [self.tree("unit", first, self.written(first))]
        while self.take("inclusive") or self.take("end", "of", "day"):
            first = self.at - (1 if self.words[self.at - 1] == "inclusive" else 3)
            parts.append(self.tree("mode", first, self.written(first)))
        return self.tree("duration", begin, number, *parts)

    def written(self, first: int) -> str:
        """Return what was read since the token `first`, as written."""
        return self.text[self.starts[first] : self.ends[self.at - 1]]

    def worded(self, begin: int) -> RawTree:
        """Read what begins with a word: a name, a call, what is said of a list, yes or no."""
        word = self.words[begin]
        if word in RESERVED:
            return self.reserved(begin)
        self.at += 1
        if self.take("("):
            return self.call(begin, word)
        if not self.take("of"):
            return self.tree("name", begin, word)
        which = self.taken()
        if which not in ("first", "latest"):
            self.leave()
        self.take("of")
        return self.tree(f"{which}_field", begin, word, self.name(), *self.where())

    def call(self, begin: int, name: str) -> RawTree:
        found: list[RawTree] = []
        if not self.take(")"):
            found.append(self.expr())
            while self.take(","):
                found.append(self.expr())
            self.need(")")
        return self.tree("call", begin, name, *found)

    def reserved(self, begin: int) -> RawTree:
        """Read what begins with a reserved word."""
        word = self.taken()
        if word in ("yes", "no"):
            return self.tree(word, begin)
        if word == "sum":
            self.need("of")
            added = self.sum()
            self.need("over")
            return self.tree("total", begin, added, self.name(), *self.where())
        if word == "count":
            self.need("of")
        elif word in ("first", "latest"):
            self.take("of")
        elif word != "exists":
            self.leave()
        return self.tree(word, begin, self.name(), *self.where())

    def where(self) -> tuple[RawTree, ...]:
        begin = self.at
        if not self.take("where"):
            return ()
        return (self.tree("where", begin, self.expr()),)
