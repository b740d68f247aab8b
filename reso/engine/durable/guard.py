"""Two engines on every decision: the compiled evaluator, and durable-rules held against it."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from reso.engine.compiled import Compiled, Reading, is_down
from reso.engine.durable.disagreements import Told, disagreement, in_short, same, silent, told
from reso.engine.durable.evaluator import Durable
from reso.engine.durable.pool import ChildError, Pool
from reso.engine.durable.rulesets import RulesetError
from reso.engine.durable.watch import LOG, Watch
from reso.engine.judgement import DisagreementError, Judgement
from reso.facts.interpret import NoValueError
from reso.model.case import Case

Engines = Literal["both", "durable"]
COMPILED, DURABLE = "compiled", "durable-rules"
CANNOT_JUDGE = (NoValueError, ValueError, OverflowError)


class Guarded:
    """An evaluator of two; see `judge`.

    Args:
        engines: "both" compares every decision; "durable" lets durable-rules decide alone, and
            the compiled evaluator where it gives no answer.
        pack: the folder of the policy, for disagreement files, which go into `folder`.
        whole: whether every chapter's rulesets are made and checked now; if not, a chapter's
            are when a case is first in it.

    Attributes:
        refused: why durable-rules does not take this policy, so that the compiled evaluator
            decides alone; "" as long as it does.
    """

    def __init__(
        self,
        compiled: Compiled,
        pool: Pool,
        watch: Watch,
        folder: Path,
        pack: str = "",
        engines: Engines = "both",
        *,
        whole: bool = True,
    ) -> None:
        self.policy = compiled.policy
        self.compiled = compiled
        self.durable = Durable(compiled, pool)
        self.watch = watch
        self.folder = folder
        self.pack = pack
        self.engines: Engines = engines
        self.refused = ""
        if whole:
            self._make_whole()

    def judge(self, case: Case, at: datetime) -> Judgement:
        """Judge a case by both engines.

        Where durable-rules gives no answer, the compiled evaluator's judgement stands and a
        disagreement is counted. A case with a source down is read node by node, by neither.

        Raises:
            DisagreementError: they differ; the case is a human's.
        """
        if self.refused or self.watch.tripped or is_down(case):
            return self.compiled.judge(case, at)
        reading = self.compiled.reading(case, at)
        if self.engines == "both":
            return self._compared(reading)
        return self._asked(reading) or self.compiled.judged(reading)

    def _compared(self, reading: Reading) -> Judgement:
        ours = self.compiled.judged(reading)
        try:
            theirs = self._asked(reading, ours)
        except CANNOT_JUDGE as error:
            raise self._disagreed(reading, told(ours), silent(error)) from error
        if theirs is None:
            return ours
        if not same(ours, theirs):
            raise self._disagreed(reading, told(ours), told(theirs))
        self.watch.compared()
        return ours

    def _asked(self, reading: Reading, ours: Judgement | None = None) -> Judgement | None:
        """Return the judgement of durable-rules; None, counted and written down, if it has none."""
        try:
            return self.durable.judged(reading)
        except CANNOT_JUDGE:
            raise
        except RulesetError as error:
            self._refuse(error)
        except ChildError as error:
            if error.trouble == "unusable":
                self.watch.trip(str(error))
            else:
                self._unanswered(reading, error.trouble, error, ours)
        except Exception as error:  # a fault in how we ask loses no decision either
            self._unanswered(reading, "fault", error, ours)
        return None

    def _make_whole(self) -> None:
        try:
            self.durable.make_whole()
        except Exception as error:  # whatever it is: the compiled evaluator can do without
            self._refuse(error)

    def _refuse(self, error: Exception) -> None:
        """Leave this policy to the compiled evaluator, and raise the alarm."""
        self.refused = str(error) or type(error).__name__
        name = self.policy.name
        LOG.error("ALARM: durable-rules does not take policy %s: %s", name, self.refused)

    def _unanswered(
        self, reading: Reading, trouble: str, error: Exception, ours: Judgement | None
    ) -> None:
        found = ours or self.compiled.judged(reading)
        self._record(reading, trouble, told(found), silent(error))

    def _disagreed(self, reading: Reading, ours: Told, theirs: Told) -> DisagreementError:
        self._record(reading, "difference", ours, theirs)
        results = ((COMPILED, in_short(ours)), (DURABLE, in_short(theirs)))
        return DisagreementError(results)

    def _record(self, reading: Reading, trouble: str, ours: Told, theirs: Told) -> None:
        """Log, write down and count a disagreement; that it cannot be written loses no decision."""
        case, at = reading.context.case, reading.context.at
        try:
            found = disagreement(self.policy, self.pack, trouble, case, at, ours, theirs)
            where = str(found.write(self.folder))
        except Exception as error:  # whatever it is: no decision is lost by it
            where = f"not written: {error}"
        LOG.warning("the engines disagree (%s): %s", trouble, where)
        self.watch.disagreed(trouble)
