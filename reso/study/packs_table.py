"""All packs side by side: what each says on one theme, as tables in Markdown.

Every row is made of a pack's policy: its parameters, questions, matters and holdings. A theme is
told by what uses a name: a length of time held against the instant of the claim is a time to
complain, one a question lasts is the time of whom it is put to.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from reso.engine.words import plain_name, word
from reso.policy.model import OUTCOME, Definition, Phrase, Placeholder, Policy, Question, Source
from reso.study.pack_uses import FilingBound, PackUses
from reso.study.pack_words import PackWords, listed
from reso.study.vocabulary import said

EVERYWHERE = "every chapter"
NONE = "-"
WHOM = {"human": "a person", "clock": NONE}
"""Whom a question is put to, where the words of messages (`our team`) would not fit."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a theme: its cells beside the name of the pack, and the sources it rests on."""

    cells: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """A table: its title, what to know of it, its columns, and the rows of each pack by name."""

    title: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Row, ...]], ...]


@dataclass(frozen=True, slots=True)
class _Pack:
    """One pack with what follows its names and says its values."""

    policy: Policy
    uses: PackUses
    words: PackWords

    @classmethod
    def of(cls, policy: Policy) -> "_Pack":
        return cls(policy, PackUses(policy), PackWords(policy))

    def chapters(self, names: Iterable[str]) -> str:
        return ", ".join(plain_name(name) if name else EVERYWHERE for name in names)


_Rows = Callable[[_Pack], Iterator[Row]]


def themes(policies: Sequence[Policy]) -> list[Theme]:
    """Return the tables of packs, in the order the packs are given."""
    packs = [_Pack.of(policy) for policy in policies]
    return [
        Theme(title, note, columns, tuple((pack.policy.name, tuple(rows(pack))) for pack in packs))
        for title, note, columns, rows in _THEMES
    ]


# -- questions ------------------------------------------------------------------------------


def _asked(wanted: Callable[[_Pack, Question], bool], to_whom: bool = True) -> _Rows:
    """Return what makes a row of every question that is wanted; `to_whom`: with its addressee."""

    def rows(pack: _Pack) -> Iterator[Row]:
        for question in pack.policy.questions:
            if wanted(pack, question):
                yield _question(pack, question, to_whom)

    return rows


def _question(pack: _Pack, question: Question, to_whom: bool) -> Row:
    text = _text(question.says) or plain_name(question.name)
    whom = WHOM.get(question.to) or word("parties", question.to, "en")
    cells = [f"{text} `{question.name}`", *([whom] if to_whom else [])]
    cells += [_time(pack, question), _silence(pack, question)]
    cited = [*question.sources, *(s for one in _times(pack, question) for s in one.sources)]
    return Row(tuple(cells), tuple(dict.fromkeys(cited)))


def _text(phrase: Phrase | None) -> str:
    """Return a phrase; a value of the case stands in it by its name: "by *deadline*"."""
    if phrase is None:
        return ""
    return "".join(
        f"*{plain_name(part.text.rpartition('.')[2])}*" if isinstance(part, Placeholder) else part
        for part in phrase.en
    )


def _times(pack: _Pack, question: Question) -> list[Definition]:
    ends = [node for node in (question.lasts, question.until) if node is not None]
    return [one for node in ends for one in pack.uses.times(node)]


def _time(pack: _Pack, question: Question) -> str:
    """Return how long a question is open: what it lasts, or its end and the times in it."""
    told: list[str] = []
    if question.lasts is not None:
        told.append(pack.words.value(question.lasts))
    if question.until is not None:
        end = f"until `{pack.words.writer.text(question.until)}`"
        times = [_named(pack, one) for one in pack.uses.times(question.until)]
        told.append(f"{end}: {', '.join(times)}" if times else end)
    for extension in question.extended_by:
        most = f", at most {extension.most} times" if extension.most > 1 else ""
        told.append(f"can be extended by {pack.words.value(extension.by)}{most}")
    return "; ".join(told) or "no end"


def _named(pack: _Pack, parameter: Definition) -> str:
    value = pack.words.value(parameter.node)
    by_cases = ":" in value
    return f"{plain_name(parameter.name)} {f'({value})' if by_cases else value}"


def _silence(pack: _Pack, question: Question) -> str:
    """Return what silence is taken as, and what rules conclude of it."""
    if not question.silence_means:
        return NONE
    taken = word("answers", question.silence_means, "en")
    led_to = [pack.words.conclusion(c) for c in pack.uses.led_to(question, question.silence_means)]
    return f"{taken} → {' / '.join(dict.fromkeys(led_to))}" if led_to else taken


def _plain(pack: _Pack, question: Question) -> bool:
    """Whether a question is no request for evidence, no step of a remedy and no appeal."""
    return not (question.put_by_us or question.stage or pack.uses.on_appeal(question))


def _put_to(*parties: str) -> _Rows:
    """Return the rows of what these parties are asked, evidence, remedies and appeals apart."""
    return _asked(lambda pack, q: q.to in parties and _plain(pack, q), to_whom=len(parties) > 1)


# -- parameters -----------------------------------------------------------------------------


def _parameter(pack: _Pack, one: Definition) -> Row:
    name = f"{plain_name(one.name)} `{one.name}`"
    bears_on = listed(pack.uses.borne_on(one.name)) or NONE
    return Row((name, pack.words.value(one.node), bears_on), one.sources)


def _bound(pack: _Pack, found: FilingBound) -> Row:
    one = found.parameter
    bound = "not before" if found.bound == "from" else "at latest"
    name = f"{plain_name(one.name)} `{one.name}`"
    value = pack.words.value(one.node)
    return Row((name, bound, value, pack.chapters(found.chapters)), one.sources)


def _windows(pack: _Pack) -> Iterator[Row]:
    for found in pack.uses.filing_bounds():
        yield _bound(pack, found)


def _of_kinds(*kinds: str) -> _Rows:
    """Return what makes a row of every parameter of these kinds."""

    def rows(pack: _Pack) -> Iterator[Row]:
        for one in pack.uses.parameters():
            if one.node.type.kind in kinds:
                yield _parameter(pack, one)

    return rows


def _other_times(pack: _Pack) -> Iterator[Row]:
    """Yield the times that neither a question lasts nor a claim is held against."""
    told = {found.parameter.name for found in pack.uses.filing_bounds()}
    told |= {one.name for q in pack.policy.questions for one in _times(pack, q)}
    for one in pack.uses.parameters():
        if one.node.type.kind in ("duration", "instant", "time", "date") and one.name not in told:
            yield _parameter(pack, one)


# -- the pack, and who pays -----------------------------------------------------------------


def _overview(pack: _Pack) -> Iterator[Row]:
    policy = pack.policy
    holds = ", ".join(holding.component for holding in policy.escrow.holdings)
    counted = f"{len(policy.rules)}, {len(policy.questions)}"
    zone = policy.calendar.zone.key
    cells = (policy.version, ", ".join(policy.currencies), zone, holds or NONE, counted)
    yield Row(cells, ())


def _payers(pack: _Pack) -> Iterator[Row]:
    """Yield who is named on each matter beside the outcome, and by which rules."""
    for matter in pack.policy.matters():
        rules = [rule for rule in pack.policy.rules if rule.matter == matter != OUTCOME]
        for value in dict.fromkeys(rule.conclude.value for rule in rules):
            naming = [rule for rule in rules if rule.conclude.value == value]
            cited = (source for rule in naming for source in rule.sources)
            cells = (plain_name(matter), plain_name(value), listed(rule.name for rule in naming))
            yield Row(cells, tuple(dict.fromkeys(cited)))


_PUT_TO = ("question", "time", "silence is taken as → what then follows")
_QUESTION = ("question", "to", *_PUT_TO[1:])
_PARAMETER = ("what", "value", "bears on")
_THEMES: tuple[tuple[str, str, tuple[str, ...], _Rows], ...] = (
    (
        "The packs",
        "Rules and bars, questions: how many of each.",
        ("version", "currency", "time zone", "money held of an order", "rules, questions"),
        _overview,
    ),
    (
        "When a claim may be filed",
        "What rules and bars hold the instant of a claim or an appeal against.",
        ("what", "filed", "time", "chapter"),
        _windows,
    ),
    ("What the seller is asked", "", _PUT_TO, _put_to("seller")),
    ("What the buyer is asked", "", _PUT_TO, _put_to("buyer")),
    (
        "Evidence asked for",
        "What is asked of a party before a ruling that turns on it.",
        _QUESTION,
        _asked(lambda pack, q: q.put_by_us and not q.stage and not pack.uses.on_appeal(q)),
    ),
    ("Who decides where the sides do not agree", "", _QUESTION, _put_to("human", "platform")),
    (
        "What is waited for",
        "Parcels, couriers and days.",
        _QUESTION,
        _put_to("courier", "insurer", "clock"),
    ),
    (
        "Returns and replacements",
        "The steps of a remedy.",
        _QUESTION,
        _asked(lambda pack, q: bool(q.stage)),
    ),
    (
        "Who pays, who is at fault",
        "What rules conclude beside the outcome.",
        ("matter", "is", "by the rules"),
        _payers,
    ),
    (
        "Appeals",
        "",
        _QUESTION,
        _asked(lambda pack, q: not q.stage and pack.uses.on_appeal(q)),
    ),
    ("Amounts and shares", "", _PARAMETER, _of_kinds("money", "rate")),
    (
        "Counts and readings",
        "A yes or no is a reading of a published text that can be turned.",
        _PARAMETER,
        _of_kinds("integer", "boolean", "enum", "text", "list"),
    ),
    ("Other times", "", _PARAMETER, _other_times),
)


# -- Markdown -------------------------------------------------------------------------------

_TOP = (
    "# All packs side by side\n\n"
    "Made by `reso compare-packs` from the policies themselves; nothing here is written by hand. "
    "A name in `code` is that of an entry of the pack.\n"
    "The sources behind each row stand [at the end](#sources) with their addresses; "
    "*chosen here* marks what no page says: the reason stands in\n"
    "the pack. Packs that say nothing on a theme are left out of its table.\n"
)


def markdown(policies: Sequence[Policy]) -> str:
    """Return the tables of packs and the sources they cite as one page."""
    parts = [_TOP]
    parts += [text for theme in themes(policies) if (text := _table(theme))]
    return "\n".join([*parts, _sources(policies)])


def _table(theme: Theme) -> str:
    """Return a theme as a section; "" where no pack says anything on it."""
    cited = any(row.sources for _, rows in theme.rows for row in rows)
    columns = ("pack", *theme.columns, *(("sources",) if cited else ()))
    lines = [_line(columns), _line(["---"] * len(columns))]
    for pack, rows in theme.rows:
        for number, row in enumerate(rows):
            sources = (", ".join(row.sources) or "*chosen here*",) if cited else ()
            lines.append(_line(["" if number else f"**{pack}**", *row.cells, *sources]))
    if len(lines) == 2:
        return ""
    note = f"{theme.note}\n\n" if theme.note else ""
    return f"## {theme.title}\n\n{note}" + "\n".join(lines) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _sources(policies: Sequence[Policy]) -> str:
    """Return the list of sources: each once, with its packs, address and our sentence for it."""
    packs: dict[tuple[str, str], list[str]] = {}
    told: dict[tuple[str, str], Source] = {}
    for policy in policies:
        for source in policy.sources:
            packs.setdefault((source.id, source.address), []).append(policy.name)
            told.setdefault((source.id, source.address), source)
    lines = [
        f"- **{name}** ({', '.join(packs[name, address])}): {_address(address)}"
        f"{_sentence(told[name, address])}"
        for name, address in sorted(told)
    ]
    return "\n".join(["## Sources", "", *lines, ""])


def _address(address: str) -> str:
    return f"<{address}>" if address.startswith(("http://", "https://")) else address


def _sentence(source: Source) -> str:
    text = said(source.says, "en")
    return f" {text}" if text else ""
