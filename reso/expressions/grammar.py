"""Text to raw tree by Lark, and what is wrong with a text it cannot read, in our words."""

from functools import cache
from io import BytesIO
from itertools import takewhile
from pathlib import Path

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from reso.expressions.raw import Flaw, FlawedExpressionError, RawTree
from reso.expressions.words import word_hint
from reso.memo import digest, remembered
from reso.problems.said import Said, said


def lark_tree(text: str) -> RawTree:
    """Return the raw tree of an expression.

    Raises:
        FlawedExpressionError: the text cannot be read; says at which character and what was
            expected there.
    """
    try:
        return _raw(_parser().parse(text))
    except UnexpectedInput as error:
        raise FlawedExpressionError(_flaw_of(error, text)) from None


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


def _raw(tree: Tree[Token]) -> RawTree:
    """Return a tree of Lark as one of ours, however deep it is."""
    made: dict[int, RawTree] = {}
    for node in tree.iter_subtrees():
        children = (made[id(c)] if isinstance(c, Tree) else str(c) for c in node.children)
        meta = node.meta
        made[id(node)] = RawTree(str(node.data), tuple(children), meta.start_pos, meta.end_pos)
    return made[id(tree)]


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
