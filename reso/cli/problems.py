"""`reso help`: the codes of problems, and the page of one."""

from reso.cli.paper import Paper
from reso.errors import InputError
from reso.model.money import Language
from reso.problems.catalogue import kinds, render
from reso.problems.pages import by_theme, examples, meaning, told
from reso.problems.said import did_you_mean, said


def print_codes(paper: Paper, language: Language) -> None:
    """Print every code with its text, theme by theme."""
    for number, (theme, found) in enumerate(by_theme()):
        if number:
            paper.line()
        paper.rule(render(said(f"theme-{theme}"), language))
        paper.facts([(kind.code, told(kind, language)) for kind in found])


def print_page(paper: Paper, code: str, language: Language) -> None:
    """Print the page of a code.

    Raises:
        InputError: no problem has this code; the nearest one is named.
    """
    kind = kinds().get(code)
    if kind is None:
        todo = did_you_mean(code, kinds()) or said("list-of-codes")
        what = render(said("no-such-code"), language)
        raise InputError(code, what, render(todo, language))
    paper.line(code, style="bold")
    paper.line()
    paper.line(told(kind, language))
    paper.line()
    paper.line(meaning(kind, language))
    for title, text in examples(kind, language):
        paper.line()
        paper.line(title, style="bold cyan")
        paper.line()
        paper.verbatim("\n".join(f"    {line}".rstrip() for line in text.splitlines()))
