"""Which kind each dispute is of; of a kind not met before, one is led by the engine."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reso.model.events import Event
from simulations.fast.chapters import Chapters
from simulations.fast.facts import OWN_LISTS, own
from simulations.fast.kinds import WORD, ChapterKinds, Led, Variant
from simulations.fast.standings import packed
from simulations.fast.tables import Tables
from simulations.life import LEDGER

LED_AT_ONCE = 1_000

EventsOf = Callable[[Sequence[int]], Mapping[int, Sequence[Event]]]
"""Gives the recorded events of disputes, by their ids."""


@dataclass(frozen=True, slots=True)
class Recognising:
    """Finds the kinds of disputes that have been looked at.

    Attributes:
        written: how many kinds of a chapter stand in the pool's table of kinds, by its number.
        dropped: how many of those that are refused stand there no longer.
    """

    tables: Tables
    chapters: Chapters
    events_of: EventsOf
    written: Counter[int] = field(default_factory=Counter)
    dropped: Counter[int] = field(default_factory=Counter)

    def recognise(self, known: ChapterKinds, number: int, seen: str) -> None:
        """Find the kind of each dispute; of a kind not met before, one is led.

        Raises:
            KindFaultError: one is not of the kind it was led as, and that is to be raised.
        """
        run = self.tables.run
        run("CREATE OR REPLACE TABLE found(id BIGINT, step INTEGER)")
        run(f"CREATE TABLE IF NOT EXISTS variants{number}(k1 UBIGINT, k2 UBIGINT, step INTEGER)")
        answered = 0
        led: dict[int, Variant] = {}
        while True:
            answered = self._answer(known, number, seen, answered)
            self._find(number, answered)
            new = run(
                "SELECT k1, k2, min(id) FROM answers ANTI JOIN found USING (id) "
                f"GROUP BY k1, k2 LIMIT {LED_AT_ONCE}"
            ).fetchall()
            if not new:
                return
            again = {dispute: led.pop(dispute) for *_, dispute in new if dispute in led}
            if again:
                self._refuse(known, again, seen)
            else:
                led |= self._lead(known, number, new, seen)

    def _refuse(self, known: ChapterKinds, led: Mapping[int, Variant], seen: str) -> None:
        """Refuse the kinds of disputes that are not of the kind they were led as.

        That is a fault of this program. Who was found to be of such a kind is so no longer.
        """
        for number, variant in led.items():
            with self.chapters.lock:
                asked = known.asked(variant)
            held = self.tables.run(
                f"SELECT {', '.join(asked) or 'TRUE'} FROM {seen} WHERE id = {number}"
            ).fetchone()
            told = [sql for sql, holds in zip(asked, held or (), strict=False) if not holds]
            with self.chapters.lock:
                known.refuse(variant, f"dispute {number}: {'; '.join(told)}")
            if variant.step >= 0:
                self.tables.run(f"DELETE FROM found WHERE step = {variant.step}")

    def _answer(self, known: ChapterKinds, number: int, seen: str, answered: int) -> int:
        """Write down, of disputes whose kind is not found, the answers to all that is asked.

        Of the conditions, `answered` have been put to them before. Return how many there are.
        """
        asked = self._write(known, number)
        first = answered // WORD
        told = "".join(
            f", {_bits(asked, max(answered, n * WORD), (n + 1) * WORD)} AS b{n}"
            for n in range(first, _words(len(asked)))
        )
        if not answered:
            query = f"SELECT id, k1, k2{told} FROM {seen}"
        elif len(asked) > answered:
            before = _words(answered)
            kept = "".join(f", a.b{n}" for n in range(first))
            more = f", a.b{first} + s.b{first} AS b{first}" if first < before else ""
            new = "".join(f", s.b{n}" for n in range(before, _words(len(asked))))
            query = (
                f"SELECT id, a.k1, a.k2{kept}{more}{new} FROM answers a JOIN "
                f"(SELECT id{told} FROM {seen} ANTI JOIN found USING (id)) s USING (id)"
            )
        else:
            return answered
        with self.tables.as_written():
            self.tables.run(f"CREATE OR REPLACE TABLE answers AS {query}")
        return len(asked)

    def _find(self, number: int, answered: int) -> None:
        """Find which of the kinds that are known these are of, by their answers."""
        fits = "".join(f" AND (b.b{n} & v.m{n}) = v.w{n}" for n in range(_words(answered)))
        self.tables.run(f"""
            INSERT INTO found SELECT b.id, max(v.step)
            FROM (FROM answers ANTI JOIN found USING (id)) b
            JOIN variants{number} v ON b.k1 = v.k1 AND b.k2 = v.k2{fits} GROUP BY b.id
        """)

    def _write(self, known: ChapterKinds, number: int) -> tuple[str, ...]:
        """Write down the kinds that are known by now; return all that is asked of disputes."""
        with self.chapters.lock:
            asked = tuple(known.conditions)
            made = known.variants[self.written[number] :]
            refused = known.refused[self.dropped[number] :]
        self.written[number] += len(made)
        self.dropped[number] += len(refused)
        words, variants = _words(len(asked)), f"variants{number}"
        self._widen(variants, words)
        if made:
            rows = ", ".join(_variant_row(variant, words) for variant in made)
            self.tables.run(f"INSERT INTO {variants} VALUES {rows}")
        for one in refused:
            is_it = f"k1 = {one.key[0]} AND k2 = {one.key[1]} AND step = {one.step}"
            self.tables.run(f"DELETE FROM {variants} WHERE {is_it}")
        return asked

    def _widen(self, variants: str, words: int) -> None:
        """Make sure that the table of variants has a pair of columns for each word."""
        columns = len(self.tables.run(f"DESCRIBE {variants}").fetchall())
        for n in range((columns - 3) // 2, words):
            self.tables.run(f"ALTER TABLE {variants} ADD COLUMN m{n} BIGINT DEFAULT 0")
            self.tables.run(f"ALTER TABLE {variants} ADD COLUMN w{n} BIGINT DEFAULT 0")

    def _lead(
        self, known: ChapterKinds, number: int, new: Sequence[tuple[int, int, int]], seen: str
    ) -> dict[int, Variant]:
        """Lead one dispute of each new kind; return which were led, and as which kind.

        Of a key that another pool has found a kind of meanwhile, none is led: it may be that kind.
        """
        led = self._led(known, [dispute for *_, dispute in new], seen)
        with self.chapters.lock:
            met = {variant.key for variant in known.variants[self.written[number] :]}
            return {
                dispute: known.lead((k1, k2), led[dispute])
                for k1, k2, dispute in new
                if (k1, k2) not in met
            }

    def _led(self, known: ChapterKinds, ids: Sequence[int], seen: str) -> dict[int, Led]:
        """Return what has to be known of disputes to lead them."""
        columns = known.agreement.columns
        names = [
            *(f'm."{own(name)}"' for name in (*OWN_LISTS, *LEDGER)),
            *(f's."{name}"' for name in columns),
        ]
        listed = ", ".join(map(str, ids))
        rows = self.tables.run(
            f'SELECT m.id, f.arrivals, m."at", m.n, m.act_n, m.log, m.before, {", ".join(names)} '
            f"FROM moving m JOIN facts f USING (id) JOIN {seen} s USING (id) "
            f"WHERE m.id IN ({listed})"
        ).fetchall()
        events = self.events_of(ids)
        found = {}
        for number, arrivals, at, n, act_n, log, before, *rest in rows:
            mine, row = rest[: len(rest) - len(columns)], rest[len(rest) - len(columns) :]
            lists = dict(zip(OWN_LISTS, mine, strict=False))
            ledger = dict(zip(LEDGER, mine[len(OWN_LISTS) :], strict=True))
            told = [(entry["at"], entry["n"], entry["step"]) for entry in log]
            said = dict(zip(columns, row, strict=True))
            found[number] = Led(
                events[number], arrivals, at, n, act_n, told, lists, ledger, before, said
            )
        return found


def _variant_row(variant: Variant, words: int) -> str:
    pairs = [f"{variant.asked.get(n, 0)}, {variant.wanted.get(n, 0)}" for n in range(words)]
    return f"({', '.join([*map(str, variant.key), str(variant.step), *pairs])})"


def _words(conditions: int) -> int:
    """Return how many numbers it takes to keep the answers to so many conditions."""
    return -(-conditions // WORD)


def _bits(conditions: Sequence[str], start: int, stop: int) -> str:
    """Return the answers to some of the conditions, by their numbers, as bits of a number."""
    held = [f"coalesce({sql}, FALSE)" for sql in conditions[start:stop]]
    return f"({packed(held)}) * {1 << start % WORD}"
