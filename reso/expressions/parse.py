"""Text to raw tree: Lark does the parsing, this module words its errors."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from reso.model.money import Language
from reso.problems.catalogue import render, render_hint
from reso.problems.said import Said, said

MAX_LENGTH = 4_000
MAX_DEPTH = 40
MAX_OPERATORS = 120

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
        told = said("expression-too-long", length=len(text), most=MAX_LENGTH)
        raise FlawedExpressionError(Flaw(0, 1, told))
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
            return Flaw(start, start + len(token), told, word_hint(str(token)))
        case UnexpectedCharacters():
            position = error.pos_in_stream or 0
            char = text[position]
            told = said("unexpected-word", word=char)
            return Flaw(position, position + 1, told, _CHARS.get(char))
        case _:
            return Flaw(len(text), len(text) + 1, said("expression-ends-early"), _hint_end(text))


_WORDS = {
    "days": said("say-which-days"),
    "day": said("say-which-days"),
    "in": said("say", words="is one of [a, b]"),
    "equals": said("say", words="is"),
    "true": said("say", words="yes"),
    "false": said("say", words="no"),
}
_OPENING = {"exists", "count", "sum", "first", "latest"}
_CHARS = {
    "&": said("say", words="and"),
    "|": said("say", words="or"),
    "!": said("say", words="not"),
    "{": said("use-round-brackets"),
}


def word_hint(word: str) -> Said | None:
    """Return what to say in place of a word of other languages."""
    return _WORDS.get(word)


def _hint_end(text: str) -> Said | None:
    word = (text.split() or [""])[-1]
    return said("quote-the-value", word=word) if word in _OPENING else None
