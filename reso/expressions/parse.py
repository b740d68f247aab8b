"""Text to raw tree: Lark does the parsing, this module words its errors."""

from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import takewhile
from pathlib import Path

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from reso.memo import digest, remembered
from reso.model.money import Language
from reso.problems.catalogue import render, render_hint
from reso.problems.said import Said, said

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_OPERATORS = 120
KEPT = 2_000

RawTree = Tree[Token]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in one expression, `start` and `end` counted in characters from 0."""

    start: int
    end: int
    said: Said
    advice: Said | None = None

    def message(self, language: Language = "en") -> str:
        """Return what is wrong, without a full stop."""
        return render(self.said, language)

    def hint(self, language: Language = "en") -> str:
        """Return what to do about it; may be empty."""
        return render_hint(self.said, self.advice, language)


class FlawedExpressionError(Exception):
    """The text is no expression; `flaw` says where and why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message())
        self.flaw = flaw


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    tables = remembered("parser", digest(grammar), lambda: _tables(grammar))
    return Lark.load(BytesIO(tables))


def _tables(grammar: str) -> bytes:
    """Return the parser of a grammar as Lark saves it: working out its tables is slow."""
    made = Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)
    saved = BytesIO()
    made.save(saved)
    return saved.getvalue()


def can_be_said(name: str) -> bool:
    """Whether an expression can say this name: words such as `first` mean something else."""
    try:
        return parse(name).data == "name"
    except FlawedExpressionError:
        return False


def parse(text: str) -> RawTree:
    """Return the raw tree of an expression.

    Raises:
        FlawedExpressionError: the text cannot be read; says at which character and what was
            expected there. Longer than 4,000 characters or nested deeper than 40 brackets is
            refused unread.
    """
    if len(text) > MAX_LENGTH:
        told = said("expression-too-long", length=len(text), most=MAX_LENGTH)
        raise FlawedExpressionError(Flaw(0, 1, told))
    return _parsed(text)


@lru_cache(maxsize=KEPT)
def _parsed(text: str) -> RawTree:
    """Return the raw tree of an expression, which many places may share: nobody changes it."""
    return remembered("expressions", text, lambda: _read(text))


def _read(text: str) -> RawTree:
    _refuse_deep(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise FlawedExpressionError(_flaw_of(error, text)) from None
    if _depth(tree) > MAX_OPERATORS:
        told = said("too-many-operators", most=MAX_OPERATORS)
        raise FlawedExpressionError(Flaw(0, 1, told))
    # A grammar rule with one child is inlined by `?`; a lone token cannot reach here.
    return tree


def _refuse_deep(text: str) -> None:
    depth = 0
    quoted = ""
    for index, char in enumerate(text):
        if char in "\"'" and quoted in ("", char):
            quoted = "" if quoted else char
        if quoted:
            continue
        depth += (char in "([") - (char in ")]")
        if depth > MAX_DEPTH:
            told = said("brackets-too-deep", most=MAX_DEPTH)
            raise FlawedExpressionError(Flaw(index, index + 1, told))


def _depth(tree: RawTree) -> int:
    deepest, todo = 0, [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        todo.extend((child, depth + 1) for child in node.children if isinstance(child, Tree))
    return deepest


def _flaw_of(error: UnexpectedInput, text: str) -> Flaw:
    match error:
        case UnexpectedToken(token=token) if token.type != "$END":
            start = token.start_pos or 0
            told = said("unexpected-word", word=str(token))
            hint = word_hint(str(token)) or (_joined(text, token) if token.type == "NAME" else None)
            return Flaw(start, start + len(token), told, hint)
        case UnexpectedCharacters():
            position = error.pos_in_stream or 0
            char = text[position]
            told = said("unexpected-word", word=char)
            return Flaw(position, position + 1, told, _CHARS.get(char))
        case _:
            return Flaw(len(text), len(text) + 1, said("expression-ends-early"), _hint_end(text))


_WORDS = {
    **dict.fromkeys(("days", "day", "hari"), said("say-which-days")),
    "jam": said("say", words="hours"),
    "menit": said("say", words="minutes"),
    "detik": said("say", words="seconds"),
    "minggu": said("say", words="weeks"),
    "bulan": said("say", words="months"),
    "dan": said("say", words="and"),
    "atau": said("say", words="or"),
    **dict.fromkeys(("bukan", "tidak"), said("say", words="not")),
    **dict.fromkeys(("adalah", "equals"), said("say", words="is")),
    "in": said("say", words="is one of [a, b]"),
    **dict.fromkeys(("true", "True", "TRUE", "Yes", "YES", "on", "ya"), said("say", words="yes")),
    **dict.fromkeys(("false", "False", "FALSE", "No", "NO", "off"), said("say", words="no")),
}
_KEYWORDS = {
    *("and", "or", "not", "is", "of", "one"),
    *("known", "none", "where", "at", "over", "yes", "no"),
}
_OPENING = {"exists", "count", "sum", "first", "latest"}
_CHARS = {
    "&": said("say", words="and"),
    "|": said("say", words="or"),
    "!": said("say", words="not"),
    "{": said("use-round-brackets"),
    ";": said("part-with-commas"),
    **dict.fromkeys(
        "\u201c\u201d\u201e\u201f\u00ab\u00bb", said("straight-quotes", quotes='"..."')
    ),
    **dict.fromkeys("\u2018\u2019\u201a", said("straight-quotes", quotes="'...'")),
    **dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", said("plain-minus")),
    "\u00d7": said("say", words="*"),
    "≥": said("say", words=">="),
    "≤": said("say", words="<="),
    "≠": said("say", words="is not"),
    "\u200b": said("no-width"),
}


def word_hint(word: str) -> Said | None:
    """Return what to say in place of a word of other languages."""
    return _WORDS.get(word)


def _joined(text: str, token: Token) -> Said | None:
    """Return how to write words that seem to be one name, the token being its second word.

    What follows `is` is a value, and no name.
    """
    if text[: token.start_pos].split()[-2:-1] in (["is"], ["not"]):
        return None
    words = text[: token.start_pos].split()[-1:] + text[token.start_pos :].split()
    name = list(takewhile(lambda word: word.isidentifier() and word not in _KEYWORDS, words))
    return said("name-without-spaces", name="_".join(name)) if name[1:] else None


def _hint_end(text: str) -> Said | None:
    word = (text.split() or [""])[-1]
    return said("quote-the-value", word=word) if word in _OPENING else None
