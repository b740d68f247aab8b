"""What a history knows, and which rules of a policy cannot see by it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from reso.lifecycle.acts import records_of
from reso.model.case import Records
from reso.model.events import Event
from reso.policy.model import Policy, Rule
from simulations.life import complained_at
from simulations.measures.rates import Rate
from simulations.measures.sight import Look, Sight
from simulations.measures.tables import ResultsTable

LEAST_KNOWN = 0.01
"""A fact stated in a smaller share of disputes counts as (almost) never known."""
PARTY_LISTS = ("evidence", "responses")


@dataclass(frozen=True, slots=True)
class Known:
    """In which share of the disputes with a claim a fact is ever stated.

    Attributes:
        shares: by fact, `order.total_paid`; of a list's field, `tracking.event`, if any item says.
        by_party: by list and party, `("evidence", "buyer")`: any item of that party. A `message`
            among `responses` is no answer and does not count.
    """

    disputes: int
    shares: Mapping[str, float]
    by_party: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def of_history(cls, histories: Iterable[Sequence[Event]]) -> "Known":
        """Return what the events of disputes state, each dispute's events given together."""
        facts, parties, total = Counter[str](), Counter[tuple[str, str]](), 0
        for events in histories:
            if complained_at(events) is not None:
                total += 1
                facts.update({path for event in events for path in _paths(event)})
                parties.update({found for event in events for found in _parties(event)})
        return cls(
            total,
            {path: count / total for path, count in sorted(facts.items())},
            {found: count / total for found, count in sorted(parties.items())},
        )

    @classmethod
    def of_prepared(
        cls, table: ResultsTable, facts: str, disputes: int, shares: Mapping[str, float]
    ) -> "Known":
        """Return the same of prepared facts.

        Args:
            facts: their table in SQL, such as `read_parquet('facts-*.parquet')`.
            shares: by fact, as the manifest says: `tracking` and `tracking[].event` of a list.
        """
        facts_known = {
            path.replace("[]", ""): share
            for path, share in shares.items()
            if f"{path}[]" not in {one.partition(".")[0] for one in shares}
        }
        stated_whole = [path for path in shares if "." in path and "[]" not in path]
        for path in stated_whole:
            facts_known.update(_inside(table, facts, path, disputes))
        found: dict[tuple[str, str], float] = {}
        for section in PARTY_LISTS:
            fields = table.item_fields(facts, section)
            if "party" in fields:
                wanted = "item.action IS DISTINCT FROM 'message'" if "action" in fields else "true"
                rows = table.rows(
                    f"""
                    SELECT party, count(*) FROM (
                        SELECT unnest(list_distinct([item.party FOR item IN {section}
                            IF {wanted}])) AS party FROM {facts})
                    WHERE party IS NOT NULL GROUP BY 1
                    """
                )
                found.update({(section, party): count / disputes for party, count in rows})
        return cls(disputes, dict(sorted(facts_known.items())), dict(sorted(found.items())))

    def share(self, look: Look) -> float:
        """Return in which share of disputes there is anything to see there: of all it needs."""
        if look.parties:
            found = max(self.by_party.get((look.path, party), 0.0) for party in look.parties)
        else:
            found = self.of(look.path)
        return min([found, *(self.of(path) for path in look.fields)])

    def of(self, path: str) -> float:
        """Return the share of a fact; of a section, that of its best known fact."""
        if path in self.shares:
            return self.shares[path]
        inside = (share for name, share in self.shares.items() if name.startswith(f"{path}."))
        return max(inside, default=0.0)


@dataclass(frozen=True, slots=True)
class BlindRule:
    """A rule that looks where this history holds (almost) nothing.

    Attributes:
        blind: `all` of its conditions see nothing, or `some`; a condition sees nothing if
            everything it looks at is known in less than the least share.
        unseen: what those conditions look at.
        on_silence: one of them compares an answer with what silence means: such a rule still
            decides, and always in that way.
        disputes: that it ended here all the same.
    """

    rule: str
    chapter: str
    blind: Literal["all", "some"]
    unseen: tuple[str, ...]
    on_silence: bool
    disputes: int


@dataclass(frozen=True, slots=True)
class LackGroup:
    """Disputes that reached a human by one question and rule which look at what is not recorded."""

    question: str
    reason: str
    disputes: int
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lack:
    """Escalations that rest on what this history does not record.

    An upper bound of those that happen only because of it: had it been recorded, some would have
    reached a human as well.
    """

    for_lack: Rate
    groups: tuple[LackGroup, ...]


def blind_rules(
    policy: Policy, known: Known, table: ResultsTable, least: float = LEAST_KNOWN
) -> tuple[BlindRule, ...]:
    """Return the rules and bars with a condition that sees nothing: wholly blind ones first.

    What a chapter asks for is no condition of its rules, and parameters are no facts.
    """
    ended: dict[str, int] = dict(table.rows(_ENDED))
    sight = Sight(policy)
    found = (_blind(rule, sight, known, least, ended) for rule in policy.rules)
    return tuple(
        sorted(
            (rule for rule in found if rule is not None),
            key=lambda one: (one.blind, -one.disputes, one.rule),
        )
    )


def lack_of_data(
    policy: Policy, known: Known, table: ResultsTable, least: float = LEAST_KNOWN
) -> Lack:
    """Return the escalations that rest on what this history does not record.

    Such is one whose question or rule has a condition that sees nothing, or looks at a question
    put to a party whose answers are (almost) never recorded.
    """
    rows = table.rows(_ESCALATED)
    sight, groups = Sight(policy), []
    for question, reason, count in rows:
        nodes = [*sight.conditions(question), *sight.conditions(reason)]
        asked = {name for name in (question, reason) if name in sight.asked}
        asked |= {name for node in nodes for name in sight.asks(node)}
        looks = [*map(sight.of, nodes), *map(sight.answers, sorted(asked))]
        unseen = _unseen(looks, known, least)
        if unseen:
            groups.append(LackGroup(question, reason, count, unseen))
    total = sum(count for *_, count in rows)
    return Lack(Rate(sum(group.disputes for group in groups), total), tuple(groups))


_ENDED = """
    SELECT reason, count(*) FROM {results} WHERE ended NOT IN ('no_claim', 'open')
        AND reason IS NOT NULL GROUP BY 1
"""
_ESCALATED = """
    SELECT coalesce(question, ''), coalesce(reason, ''), count(*) FROM {results}
    WHERE ended = 'escalated' GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""


def _blind(
    rule: Rule, sight: Sight, known: Known, least: float, ended: Mapping[str, int]
) -> BlindRule | None:
    looks = [(node, sight.of(node)) for node in rule.when]
    looking = [(node, looked) for node, looked in looks if looked]
    blind = [(node, looked) for node, looked in looking if _sees_nothing(looked, known, least)]
    if not blind:
        return None
    return BlindRule(
        rule.name,
        rule.chapter,
        "all" if len(blind) == len(looking) else "some",
        _unseen([looked for _, looked in blind], known, least),
        any(sight.is_silence(node) for node, _ in blind),
        ended.get(rule.name, 0),
    )


def _inside(table: ResultsTable, facts: str, path: str, disputes: int) -> dict[str, float]:
    """Return the shares of the fields of items in a list that is stated as a whole."""
    fields = sorted(table.item_fields(facts, path, "v"))
    if not fields:
        return {}
    items = f'flatten([coalesce(change.v, []) FOR change IN "{path}"])'
    counts = ", ".join(
        f'count(*) FILTER (len([1 FOR item IN {items} IF item."{name}" IS NOT NULL]) > 0)'
        for name in fields
    )
    found = table.row(f"SELECT {counts} FROM {facts}")
    return {
        f"{path}.{name}": count / disputes
        for name, count in zip(fields, found, strict=True)
        if count
    }


def _sees_nothing(looked: frozenset[Look], known: Known, least: float) -> bool:
    return all(known.share(look) < least for look in looked)


def _unseen(looks: Iterable[frozenset[Look]], known: Known, least: float) -> tuple[str, ...]:
    blind = (looked for looked in looks if looked and _sees_nothing(looked, known, least))
    return tuple(sorted({str(look) for looked in blind for look in looked}))


def _paths(event: Event) -> Iterator[str]:
    prefix = "" if event.kind == "case" else f"{event.kind}."
    for record in records_of(event):
        for name, value in record.items():
            if value is not None:
                yield prefix + name
            if isinstance(value, Records):
                for item in value:
                    yield from (
                        f"{prefix}{name}.{part}" for part, v in item.items() if v is not None
                    )


def _parties(event: Event) -> Iterator[tuple[str, str]]:
    if event.kind in PARTY_LISTS:
        for record in records_of(event):
            if record.get("party") and record.get("action") != "message":
                yield event.kind, str(record["party"])
