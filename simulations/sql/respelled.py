"""Trees of SQL expressions written as text again."""

from simulations import literals
from simulations.sql.terms import ARITHMETIC, COMPARISONS, Term

CHAINED = frozenset({"+", "|", "||"})
"""Operators whose long chains stand without brackets."""


def text_of(term: Term) -> str:
    """Return the text of an expression, in DuckDB's words; it binds tighter than any operator."""
    op, word, parts = term.op, term.word, term.parts
    match op:
        case "column":
            return '"' + word.replace('"', '""') + '"'
        case "literal":
            return f"({word})" if word.startswith("-") else word
        case "variable":
            return word
        case "null":
            return f"CAST(NULL AS {word})" if word else "NULL"
        case "cast":
            return f"CAST({text_of(parts[0])} AS {word})"
        case "try_cast":
            return f"TRY_CAST({text_of(parts[0])} AS {word})"
        case "call":
            return f"{word}({_listed(parts)})"
        case "lambda":
            return f"lambda {word}: {text_of(parts[0])}"
        case "case":
            return _case(parts)
        case "list":
            return f"[{_listed(parts)}]"
        case "struct":
            named = zip(word.split(","), map(text_of, parts), strict=True)
            return f"{{{', '.join(f'{literals.text_of(name)}: {value}' for name, value in named)}}}"
        case "index":
            return f"list_extract({_listed(parts)})"
        case "member":
            return f"struct_extract({text_of(parts[0])}, {literals.text_of(word)})"
        case _:
            return f"({_operated(term)})"


def _operated(term: Term) -> str:
    op, parts = term.op, term.parts
    if op in CHAINED and parts[0].op == op:
        return f"{_operated(parts[0])} {op} {text_of(parts[1])}"
    texts = [text_of(part) for part in parts]
    match op:
        case "and" | "or":
            return f" {op.upper()} ".join(texts)
        case "not" if parts[0].op == "is null":
            return f"{text_of(parts[0].parts[0])} IS NOT NULL"
        case "not":
            return f"NOT {texts[0]}"
        case "is null":
            return f"{texts[0]} IS NULL"
        case "in":
            return f"{texts[0]} IN ({', '.join(texts[1:])})"
        case "between":
            return f"{texts[0]} BETWEEN {texts[1]} AND {texts[2]}"
        case _ if op in ARITHMETIC or op in COMPARISONS:
            return f"{texts[0]} {op} {texts[1]}"
        case _:
            raise ValueError(op)


def _case(parts: tuple[Term, ...]) -> str:
    whens = "".join(
        f"WHEN {text_of(when)} THEN {text_of(then)} "
        for when, then in zip(parts[:-1:2], parts[1::2], strict=True)
    )
    return f"CASE {whens}ELSE {text_of(parts[-1])} END"


def _listed(parts: tuple[Term, ...]) -> str:
    return ", ".join(map(text_of, parts))
