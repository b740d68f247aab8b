"""Text to raw tree: Lark does the parsing, this module words its errors."""

from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_OPERATORS = 120

RawTree = Tree[Token]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in one expression, `start` and `end` counted in characters from 0."""

    start: int
    end: int
    message: str
    hint: str = ""


class FlawedExpressionError(Exception):
    """The text is no expression; `flaw` says where and why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


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
        raise FlawedExpressionError(
            Flaw(0, 1, f"expression of {len(text):,} characters; at most {MAX_LENGTH:,} are read")
        )
    _refuse_deep(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise FlawedExpressionError(_flaw_of(error, text)) from None
    if _depth(tree) > MAX_OPERATORS:
        flaw = Flaw(0, 1, f"more than {MAX_OPERATORS} operators in a row", "Split it.")
        raise FlawedExpressionError(flaw)
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
            flaw = Flaw(index, index + 1, f"brackets nested deeper than {MAX_DEPTH}", "Split it.")
            raise FlawedExpressionError(flaw)


def _depth(tree: RawTree) -> int:
    deepest, todo = 0, [(tree, 1)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        todo.extend((child, depth + 1) for child in node.children if isinstance(child, Tree))
    return deepest


def _flaw_of(error: UnexpectedInput, text: str) -> Flaw:
    match error:
        case UnexpectedToken(token=token) if token.type == "$END":
            return Flaw(len(text), len(text) + 1, "the expression ends too early", _hint_end(text))
        case UnexpectedToken(token=token):
            start = token.start_pos or 0
            hint = word_hint(str(token)) or (_joined(text, token) if token.type == "NAME" else "")
            return Flaw(start, start + len(token), f"did not expect `{token}` here", hint)
        case UnexpectedCharacters():
            position = error.pos_in_stream or 0
            char = text[position]
            return Flaw(position, position + 1, f"did not expect `{char}` here", _hint_char(char))
        case _:
            return Flaw(0, 1, "cannot read this expression")


_WORDS = {
    **dict.fromkeys(("days", "day", "hari"), "Say `calendar days` or `business days`."),
    "jam": "Say `hours`.",
    "menit": "Say `minutes`.",
    "detik": "Say `seconds`.",
    "minggu": "Say `weeks`.",
    "bulan": "Say `months`.",
    "dan": "Say `and`.",
    "atau": "Say `or`.",
    "bukan": "Say `not`.",
    "tidak": "Say `not`.",
    "adalah": "Say `is`.",
    "in": "Say `is one of [a, b]`.",
    "equals": "Say `is`.",
    **dict.fromkeys(("true", "True", "TRUE", "Yes", "YES", "on", "ya"), "Say `yes`."),
    **dict.fromkeys(("false", "False", "FALSE", "No", "NO", "off"), "Say `no`."),
}
_KEYWORDS = {
    "and",
    "or",
    "not",
    "is",
    "of",
    "one",
    "known",
    "none",
    "where",
    "at",
    "over",
    "yes",
    "no",
}
_OPENING = {"exists", "count", "sum", "first", "latest"}
_CHARS = {
    "&": "Say `and`.",
    "|": "Say `or`.",
    "!": "Say `not`.",
    "{": "Use round brackets.",
    ";": "Part the values with commas.",
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", 'Type straight quotes: "...".'),
    **dict.fromkeys("\u2018\u2019\u201a", "Type straight quotes: '...'."),
    **dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "Type a plain minus: -."),
    "\u00d7": "Say `*`.",
    "≥": "Say `>=`.",
    "≤": "Say `<=`.",
    "≠": "Say `is not`.",
    "\u200b": "Take this character out: it has no width.",
}


def word_hint(word: str) -> str:
    """Return what to say in place of a word of other languages."""
    return _WORDS.get(word, "")


def _joined(text: str, token: Token) -> str:
    """Return how to write words that seem to be one name, the token being its second word."""
    words = text[: token.start_pos].split()[-1:] + text[token.start_pos :].split()
    name = list(takewhile(lambda word: word.isidentifier() and word not in _KEYWORDS, words))
    return f"A name has no spaces: `{'_'.join(name)}`." if name[1:] else ""


def _hint_end(text: str) -> str:
    word = (text.split() or [""])[-1]
    return f'If `{word}` is a value, put it in quotes: "{word}".' if word in _OPENING else ""


def _hint_char(char: str) -> str:
    return _CHARS.get(char, "")
