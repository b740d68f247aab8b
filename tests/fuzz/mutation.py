"""Mutations of real inputs, byte by byte and by their structure; all chance comes from `rng`."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

MOST_BYTES = 60_000

TELLTALES = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "\0", "\t", "\r", "\r\n", "\x07", "\x7f", "\x85", "\u00a0", "\u200b", "\u2028", "\ufeff",
        "\ud800", "\U0010ffff", "“", "&a ", "*a", "!!str ", "!", "%YAML 1.1\n---\n", "---\n",
        "...\n",
        "<<: ", "<<<<<<< HEAD\n", "=======\n", "? ", "- ", ": ", ", ", "#", "|", ">", "|9\n", "'",
        '"',
        "[" * 60, "]" * 60, "{", "}", "{a: " * 40, "(" * 50, ")", "{x}", "null", "~", "true", "NaN",
        "-1", "1e39", "1e-39", "9" * 45, "0.00000000001", "100%", "99999999 business days",
        "1 month",
        "9999-12-31", "0001-01-01", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00",
        "24:00", "IDR", "XXX", "999999999999999 IDR", "policy:", "rules:", "when: ", "otherwise",
        '"\\ud800"', '"\\0"', '"\\U00110000"', '"\\x07"',
    )
)  # fmt: skip


def mutated_bytes(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    """Return `raw` after one to six small accidents; pieces of `others` may get into it."""
    for _ in range(rng.randint(1, 6)):
        raw = rng.choice(_ACCIDENTS)(rng, raw, others)
    return raw[:MOST_BYTES]


def _flip(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    if not raw:
        return raw
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(8))]) + raw[at + 1 :]


def _insert(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    at = rng.randint(0, len(raw))
    return raw[:at] + rng.choice((rng.randbytes(rng.randint(1, 4)), b"")) + raw[at:]


def _tell(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    start = rng.randint(0, len(raw))
    end = min(len(raw), start + rng.choice((0, 0, 1, 5, 20)))
    return raw[:start] + rng.choice(TELLTALES) + raw[end:]


def _delete(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    start = rng.randint(0, len(raw))
    return raw[:start] + raw[start + rng.choice((1, 1, 2, 8, 40, 200)) :]


def _splice(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    start = rng.randint(0, len(other))
    piece = other[start : start + rng.choice((3, 12, 50, 300))]
    at = rng.randint(0, len(raw))
    return raw[:at] + piece + raw[at:]


def _repeat(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    start = rng.randint(0, len(raw))
    piece = raw[start : start + rng.choice((1, 4, 30, 200))]
    return raw[:start] + piece * rng.choice((2, 3, 20)) + raw[start:]


def _truncate(rng: Random, raw: bytes, others: Sequence[bytes]) -> bytes:
    return raw[: rng.randint(0, len(raw))] if rng.random() < 0.3 else raw


Accident = Callable[[Random, bytes, Sequence[bytes]], bytes]
_ACCIDENTS: tuple[Accident, ...] = (_flip, _insert, _tell, _delete, _splice, _repeat, _truncate)

ODD_VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 10**16, 10**40, 1.5, "", " ", "no", "yes", "none", "12:30",
    "2026-02-30",
    "2026-01-31", "claim is known", "claim is none", "order.total_paid", "claim.type is damaged",
    "order.total_paid > 5", "5 calendar days", "6 hari", "50 IDR", "50 SGD", "15%", "escalate",
    "deny",
    "refund_full", "as requested", "earliest", "2026-03-13T08:00:00+08:00", "2026-03-13T08:00:00",
    "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "XYZ", "{claim.type}", "{", "a" * 90,
    [], {}, [[]], [None], {"when": "claim is known"}, {"id": "{", "en": "}"}, "\u00a0", "\0",
    "\ud800",
)  # fmt: skip

Place = tuple[dict[str, object] | list[object], str | int]


def mutated_tree(rng: Random, tree: object, words: Sequence[str]) -> object:
    """Return plain data after one to five changes of its keys and values; `tree` is changed."""
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        found = list(places(tree))
        if not found:
            return tree
        _change(rng, rng.choice(found), rng.choice(found), words)
    return tree


def places(tree: object) -> Iterator[Place]:
    """Yield where plain data has its values: the mapping or list, and the key or index in it."""
    todo = [tree]
    while todo:
        match todo.pop():
            case dict() as mapping:
                yield from ((mapping, key) for key in mapping)
                todo.extend(mapping.values())
            case list() as items:
                yield from ((items, index) for index in range(len(items)))
                todo.extend(items)


def _change(rng: Random, place: Place, other: Place, words: Sequence[str]) -> None:
    holder, key = place
    value = holder[key]  # type: ignore[index]
    match rng.randrange(8):
        case 0:
            del holder[key]  # type: ignore[arg-type]
        case 1 | 2:
            holder[key] = rng.choice(ODD_VALUES)  # type: ignore[index]
        case 3 | 4:
            holder[key] = copied(other[0][other[1]])  # type: ignore[index]
        case 5 if isinstance(holder, dict):
            holder[rng.choice(words)] = copied(value)
        case 5:
            holder.insert(rng.randint(0, len(holder)), copied(value))
        case 6 if isinstance(holder, dict):
            holder[rng.choice(words)] = holder.pop(key)  # type: ignore[arg-type]
        case _:
            holder[key] = rng.choice(([value], {rng.choice(words): value}, f"{value}"))  # type: ignore[index]


def copied(value: object) -> object:
    """Return plain data that shares nothing with `value`."""
    match value:
        case dict():
            return {key: copied(part) for key, part in value.items()}
        case list():
            return [copied(part) for part in value]
        case _:
            return value
