"""Judgements by durable-rules: which rules hold and decide, and what each completion comes to.

What a case comes to beside its rules (facts, clocks, sums) is worked out as by the compiled
evaluator, from which this one differs in who says what follows from the comparisons.
"""

from collections.abc import Sequence

from reso.engine.compiled import Compiled, Kept, Standing
from reso.engine.durable.circuit import Circuit
from reso.engine.durable.pool import Pool
from reso.engine.durable.rulesets import Plan, plan
from reso.engine.program import Flags, Leaves, Program


class Rails:
    """The rules of a chapter as the processes know them, with or without something open."""

    def __init__(self, circuit: Circuit, made: Plan, pool: Pool) -> None:
        self.circuit = circuit
        self.plan = made
        self.pool = pool
        self.number = pool.number(self)

    def fired(self, program: Program, leaves: Sequence[Leaves]) -> list[frozenset[str]]:
        """Return the gates that are yes, for each of these leaves.

        Raises:
            ChildError: a process gave no answer.
        """
        values = [self.circuit.values(program.pattern(each)) for each in leaves]
        return self.pool.run(self.number, self.plan, values)


class Durable(Compiled):
    """The evaluator whose rules run in durable-rules; a case with a source down is read.

    Nothing is kept of what it says of a case, but for the effect of answers: completions of open
    answers are asked once per pattern.
    """

    def __init__(self, compiled: Compiled, pool: Pool) -> None:
        """Make it ready to judge; a chapter's rulesets are made when it first has a case."""
        super().__init__(compiled.policy, compiled.made)
        self._compiled = compiled
        self.pool = pool
        self._rails: dict[tuple[str, bool], Rails] = {}
        self._translated: Kept[Standing] = Kept()

    def standing(self, program: Program, leaves: Leaves) -> Standing:
        """Return where every rule stands, as durable-rules says.

        Raises:
            ChildError: a process gave no answer. RulesetError: as for `rails`.
        """
        is_open = program.is_open(leaves)
        rails = self.rails(program, is_open)
        fired = rails.fired(program, [leaves])[0]
        key = (program.chapter, is_open, fired)
        found = self._translated.get(key)
        if found is None:
            found = self.standing_of(rails.circuit.statuses(fired))
            self._translated.keep(key, found)
        return found

    def decides(self, program: Program, completions: Sequence[Leaves]) -> Sequence[Flags]:
        """Return which rules decide under each completion, as durable-rules says.

        Raises:
            ChildError: a process gave no answer. RulesetError: as for `rails`.
        """
        rails = self.rails(program, False)
        return [rails.circuit.decides(fired) for fired in rails.fired(program, completions)]

    def program(self, chapter: str) -> Program:
        """Return the generated rules of a chapter, the same ones the compiled evaluator has."""
        return self._compiled.program(chapter)

    def make_whole(self) -> None:
        """Make the rulesets of every chapter.

        Raises:
            RulesetError: a chapter's rules do not fit into rulesets.
        """
        for chapter in ("", *(chapter.name for chapter in self.policy.chapters)):
            for is_open in (False, True):
                self.rails(self.program(chapter), is_open)

    def rails(self, program: Program, is_open: bool) -> Rails:
        """Return the rulesets of a chapter, made when first asked for.

        Raises:
            RulesetError: its rules do not fit into rulesets.
        """
        key = (program.chapter, is_open)
        if key not in self._rails:
            circuit = Circuit(self.policy, program, self.made, is_open=is_open)
            self._rails[key] = Rails(circuit, plan(circuit), self.pool)
        return self._rails[key]
