"""The words of a YAML file with the gaps between them, where the comments stand."""

from collections.abc import Iterator

from ruamel.yaml import YAML
from ruamel.yaml.tokens import StreamEndToken, StreamStartToken, Token


def scan(text: str) -> Iterator[Token]:
    """Yield the tokens of a YAML text, those that only mark structure (of no width) included."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    yield from yaml.scan(text)


def span(token: Token, text: str) -> tuple[int, int]:
    """Return where a token's text begins and ends; a block scalar ends with its last letter."""
    start, end = token.start_mark.index, token.end_mark.index
    return start, start + len(text[start:end].rstrip(" \t\n"))


def is_written(token: Token) -> bool:
    """Whether a token has a text of its own."""
    if isinstance(token, StreamStartToken | StreamEndToken):
        return False
    return bool(token.end_mark.index > token.start_mark.index)


def comments(text: str) -> list[tuple[int, int]]:
    """Return where the comments of a YAML text begin and end, in file order."""
    found: list[tuple[int, int]] = []
    position = 0
    for start, end in [*(span(t, text) for t in scan(text) if is_written(t)), (len(text), 0)]:
        for offset, line in _lines(text[position:start], position):
            at = line.find("#")
            if at >= 0:
                found.append((offset + at, offset + len(line.rstrip())))
        position = end
    return found


def _lines(gap: str, offset: int) -> Iterator[tuple[int, str]]:
    for line in gap.split("\n"):
        yield offset, line
        offset += len(line) + 1
