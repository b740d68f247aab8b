"""The process that runs durable-rules: plans come in, the values of gates go out, line by line.

It is started by its path and imports nothing of this project, so that it is up quickly and its
death takes nothing along. A request is a line of JSON:

    {"load": 3, "plan": {"size": 9, "stages": [[{"places": [...], "rules": [...]}]]}}
    {"run": 3, "values": [[0, 1, ...], ...]}      inputs of one decision each
    {"drop": [3]}

The answer is a line, too: what was run comes back as the places of the gates that are yes. What
goes wrong ends the process: nothing it would say afterwards could be trusted.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

SESSION, SENTINEL = "0", "sentinel"
TAKEN = 0
"""What the library answers when it took a fact and a rule matched."""


def main() -> None:
    """Say that durable-rules is there, then answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asks; then nobody does
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what the library may print is no answer
    try:
        library = Library()
    except ImportError as error:
        _say(answers, {"unusable": str(error)})
        return
    _say(answers, {"ready": True})
    plans: dict[int, Plan] = {}
    for request in _requests(sys.stdin.buffer):
        if "run" in request:
            _say(answers, [plans[request["run"]].run(inputs) for inputs in request["values"]])
        elif "load" in request:
            plans[request["load"]] = Plan(library, request["load"], request["plan"])
            _say(answers, {"loaded": request["load"]})
        else:
            for number in request["drop"]:
                plans.pop(number).drop()
            _say(answers, {"dropped": request["drop"]})


class Library:
    """durable-rules: a host without its timers, and the calls below it."""

    def __init__(self) -> None:
        import durable_rules_engine
        from durable.engine import Host

        class Quiet(Host):  # type: ignore[misc]
            """A host that starts no timer threads."""

            def _run(self) -> None:
                return

        self.engine = durable_rules_engine
        self.make_host = Quiet


class Plan:
    """The rulesets of one chapter of one policy version, and the host that keeps them."""

    def __init__(self, library: Library, number: int, data: dict[str, Any]) -> None:
        self.size: int = data["size"]
        self.host = library.make_host()
        self.stages = [
            [
                Ruleset(library, self.host, f"p{number}s{depth}n{place}", ruleset)
                for place, ruleset in enumerate(stage)
            ]
            for depth, stage in enumerate(data["stages"])
        ]

    def run(self, inputs: Sequence[int]) -> list[int]:
        """Return the places of the gates that are yes."""
        values = [*inputs, *[0] * (self.size - len(inputs))]
        fired: set[int] = set()
        for stage in self.stages:
            for ruleset in stage:
                fired |= ruleset.fired(values)
            for place in fired:
                values[place] = 1
        return sorted(fired)

    def drop(self) -> None:
        """Give back what the library keeps of the rulesets."""
        for stage in self.stages:
            for ruleset in stage:
                ruleset.drop()


class Ruleset:
    """A ruleset of the library, asked with one fact at a time in one session."""

    def __init__(self, library: Library, host: Any, name: str, data: dict[str, Any]) -> None:
        self.places: list[int] = data["places"]
        self.gates = {f"r{number}": gate for number, (gate, _) in enumerate(data["rules"])}
        fields = "".join(f',"f{number}":%d' for number in range(len(self.places)))
        self.fact = f'{{"sid":"{SESSION}","id":1,"s":1{fields}}}'
        self.engine = library.engine
        host.register_rulesets({name: _definition(data["rules"])})
        self.handle = host.get_ruleset(name)._handle
        self.asked = False

    def fired(self, values: Sequence[int]) -> set[int]:
        """Return the places of the gates whose rules fired.

        Raises:
            RuntimeError: the library refused the fact, or the sentinel did not fire.
        """
        fact = self.fact % tuple(map(values.__getitem__, self.places))
        names = set(self._firings(fact))
        if SENTINEL not in names:
            raise RuntimeError("the sentinel did not fire")
        self.asked = True
        self.engine.retract_fact(self.handle, fact)
        return {self.gates[name] for name in names if name != SENTINEL}

    def _firings(self, fact: str) -> Iterator[str]:
        """Yield the name of the rule behind each firing; a rule may fire more than once."""
        answer, state = self.engine.assert_fact(self.handle, fact)
        if answer != TAKEN:
            raise RuntimeError(f"the fact was not taken: {answer}")
        started = self.engine.start_action_for_state(self.handle, state)
        message = started[1] if started else None
        while message:
            yield message[2 : message.index('"', 2)]  # {"r7":{"m":{...}}}
            message = self.engine.complete_and_start_action(self.handle, state)

    def drop(self) -> None:
        """Give back what is kept; a session in which nothing ever fired must not be deleted."""
        if self.asked:
            self.engine.delete_state(self.handle, SESSION)
        self.engine.delete_ruleset(self.handle)


def _definition(rules: Sequence[tuple[int, list[tuple[int, bool, int]]]]) -> dict[str, Any]:
    """Return a ruleset as the library takes it."""
    found: dict[str, Any] = {SENTINEL: _rule([{"s": 1}])}
    for number, (_, tests) in enumerate(rules):
        compared = [
            {"$neq": {f"f{at}": value}} if negated else {f"f{at}": value}
            for at, negated, value in tests
        ]
        found[f"r{number}"] = _rule(compared or [{"s": 1}])
    return found


def _rule(tests: list[dict[str, Any]]) -> dict[str, Any]:
    condition = tests[0] if len(tests) == 1 else {"$and": tests}
    return {"all": [{"m": condition}], "run": _nothing}


def _nothing(_context: object) -> None:
    """The action of every rule; which ones fired is read off the library's messages."""


def _requests(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    return map(json.loads, iter(stream.readline, b""))


def _say(stream: Any, answer: object) -> None:
    data = json.dumps(answer, separators=(",", ":")).encode() + b"\n"
    while data:
        data = data[stream.write(data) :]


if __name__ == "__main__":
    main()
