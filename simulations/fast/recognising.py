"""Which kind each dispute is of; of a kind not met before, one is led by the engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reso.model.events import Event
from simulations.fast.facts import LEDGER, OWN_LISTS, own
from simulations.fast.kinds import WORD, ChapterKinds, Led, Variant
from simulations.fast.standings import packed
from simulations.fast.tables import Tables

LED_AT_ONCE = 400

EventsOf = Callable[[Sequence[str]], Mapping[str, Sequence[Event]]]
"""Gives the recorded events of disputes, by their ids."""


@dataclass(frozen=True, slots=True)
class Recognising:
    """Finds the kinds of disputes that have been looked at."""

    tables: Tables
    events_of: EventsOf

    def recognise(self, known: ChapterKinds, variants: str, seen: str) -> None:
        """Find the kind of each dispute; of a kind not met before, one is led."""
        self.tables.run("CREATE OR REPLACE TABLE found(id BIGINT, step INTEGER)")
        self.tables.run(
            f"CREATE TABLE IF NOT EXISTS {variants}(k1 UBIGINT, k2 UBIGINT, step INTEGER)"
        )
        rest = seen
        led: set[int] = set()
        while True:
            bits = self._match(known, variants, rest)
            listed = "".join(f", {bit}" for bit in bits)
            new = self.tables.run(
                f"SELECT k1, k2, min(id) FROM answers ANTI JOIN found USING (id) "
                f"GROUP BY k1, k2{listed} LIMIT {LED_AT_ONCE}"
            ).fetchall()
            if not new:
                return
            if again := led & {number for *_, number in new}:
                self._refuse(known, again, seen)
            led |= {number for *_, number in new}
            self._lead(known, variants, new)
            self.tables.run(
                f"CREATE OR REPLACE TABLE rest AS SELECT * FROM {seen} ANTI JOIN found USING (id)"
            )
            rest = "rest"

    def _refuse(self, known: ChapterKinds, ids: set[int], seen: str) -> None:
        """Say which disputes are not of the kind they were led as: a fault of this program."""
        listed = ", ".join(map(str, sorted(ids)[:3]))
        told = [
            f"{number}: {condition}"
            for number, k1, k2 in self.tables.run(
                f"SELECT id, k1, k2 FROM {seen} WHERE id IN ({listed})"
            ).fetchall()
            for variant in known.variants
            if variant.key == (k1, k2)
            for condition in known.asked(variant)
            if not self.tables.count(f"(SELECT 1 FROM {seen} WHERE id = {number} AND {condition})")
        ]
        raise RuntimeError(f"led as a kind they are not of: {'; '.join(told)}")

    def _match(self, known: ChapterKinds, variants: str, rows: str) -> list[str]:
        """Find which kind met before each of these is of; return the columns of its answers."""
        words = known.words
        self._words(variants, words)
        conditions = [f"coalesce({sql}, FALSE)" for sql in known.conditions]
        bits = "".join(
            f", ({packed(conditions[n * WORD : (n + 1) * WORD])}) AS b{n}" for n in range(words)
        )
        fits = "".join(f" AND (b.b{n} & v.m{n}) = v.w{n}" for n in range(words))
        with self.tables.as_written():
            self.tables.run(
                f"CREATE OR REPLACE TABLE answers AS SELECT id, k1, k2{bits} FROM {rows}"
            )
        self.tables.run(f"""
            INSERT INTO found SELECT b.id, max(v.step) FROM answers b
            JOIN {variants} v ON b.k1 = v.k1 AND b.k2 = v.k2{fits} GROUP BY b.id
        """)
        return [f"b{n}" for n in range(words)]

    def _words(self, variants: str, words: int) -> None:
        """Make sure that the table of variants has a pair of columns for each word."""
        columns = len(self.tables.run(f"DESCRIBE {variants}").fetchall())
        for n in range((columns - 3) // 2, words):
            self.tables.run(f"ALTER TABLE {variants} ADD COLUMN m{n} BIGINT DEFAULT 0")
            self.tables.run(f"ALTER TABLE {variants} ADD COLUMN w{n} BIGINT DEFAULT 0")

    def _lead(
        self, known: ChapterKinds, variants: str, new: Sequence[tuple[int, int, int]]
    ) -> None:
        led = self._led([number for *_, number in new])
        made = [known.lead((k1, k2), led[number]) for k1, k2, number in new]
        self._words(variants, known.words)
        rows = ", ".join(_variant_row(variant, known.words) for variant in made)
        self.tables.run(f"INSERT INTO {variants} VALUES {rows}")

    def _led(self, ids: Sequence[int]) -> dict[int, Led]:
        """Return what has to be known of disputes to lead them."""
        names = [*(own(name) for name in OWN_LISTS), *(own(path) for path in LEDGER)]
        quoted = ", ".join(f'm."{name}"' for name in names)
        listed = ", ".join(map(str, ids))
        rows = self.tables.run(
            'SELECT m.id, f.dispute_id, f.arrivals, m."at", m.n, m.act_n, m.log, m.before, '
            f"{quoted} "
            f"FROM moved m JOIN facts f USING (id) WHERE m.id IN ({listed})"
        ).fetchall()
        events = self.events_of([row[1] for row in rows])
        found = {}
        for number, dispute, arrivals, at, n, act_n, log, before, *mine in rows:
            lists = dict(zip(OWN_LISTS, mine, strict=False))
            ledger = dict(zip(LEDGER, mine[len(OWN_LISTS) :], strict=True))
            told = [(entry["at"], entry["n"], entry["step"]) for entry in log]
            found[number] = Led(
                events[dispute], arrivals, at, n, act_n, told, lists, ledger, before
            )
        return found


def _variant_row(variant: Variant, words: int) -> str:
    pairs = [f"{variant.asked.get(n, 0)}, {variant.wanted.get(n, 0)}" for n in range(words)]
    return f"({', '.join([*map(str, variant.key), str(variant.step), *pairs])})"
