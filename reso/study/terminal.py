"""Lines laid out for a terminal: long ones wrapped by words, excerpts above their carets."""

import re
import textwrap

from rich.text import Text

CARET = re.compile(r" *\^+")
PLACE = re.compile(r"[^\s:]+:\d+(?::\d+)?: ")
MARGIN = 4


def wrapped(line: str, width: int) -> str:
    """Return a line wrapped by words; what belongs to a list or stands indented hangs by two."""
    indent = len(line) - len(line.lstrip(" "))
    hangs = indent > 0 or line.startswith("- ") or PLACE.match(line) is not None
    wrapper = textwrap.TextWrapper(
        width=max(width, indent + 20),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2 if hangs else 0),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.wrap(line.strip()))


def laid_out(text: str, width: int) -> Text:
    """Return lines for a terminal of this width.

    A line above a row of carets keeps its columns; of one too long the part around them is shown.
    """
    lines = text.split("\n")
    parts: list[Text] = []
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if CARET.fullmatch(line) and number:
            start = _start(line, width)
            parts.append(Text(line[start : start + width], style="bold red"))
        elif CARET.fullmatch(below):
            start = _start(below, width)
            parts.append(Text(line[start : start + width]))
        else:
            parts.append(_styled(wrapped(line, width)))
    return Text("\n").join(parts)


def _start(carets: str, width: int) -> int:
    """Return the first column shown of an excerpt, so that its carets are on the screen."""
    first = carets.index("^")
    return 0 if len(carets) <= width else max(0, min(first - MARGIN, len(carets) - width + MARGIN))


def _styled(line: str) -> Text:
    text, place = Text(line), PLACE.match(line)
    if place is not None:
        text.stylize("bold", 0, place.end() - 2)
    return text
