"""Random gates and inputs, and what follows from them by a plain reading; large policies."""

from collections.abc import Mapping, Sequence
from random import Random

from reso.engine.durable.circuit import Gate, Is
from reso.policy.model import Policy
from tests.strategies.small_packs import pack

MOST_VALUE = 5
QUESTIONS = 2


class Gates:
    """Gates over inputs, in the shape of a circuit; each may look at those before it."""

    def __init__(self, random: Random, inputs: int, gates: int) -> None:
        self.inputs = {number: f"input:{number}" for number in range(inputs)}
        self.gates: dict[str, Gate] = {}
        for number in range(gates):
            name = f"gate:{number}"
            ways = tuple(self._way(random) for _ in range(random.choice((0, 1, 1, 2, 3, 6))))
            self.gates[name] = Gate(name, ways)

    def _way(self, random: Random) -> tuple[Is, ...]:
        return tuple(self._is(random) for _ in range(random.choice((0, 1, 1, 2, 3, 9))))

    def _is(self, random: Random) -> Is:
        if self.gates and random.random() < 0.4:
            return Is(random.choice([*self.gates]), random.randint(0, 1), random.random() < 0.5)
        name = random.choice([*self.inputs.values()])
        return Is(name, random.randint(0, MOST_VALUE), random.random() < 0.5)

    def values(self, random: Random) -> list[int]:
        """Return random values of the inputs."""
        return [random.randint(0, MOST_VALUE) for _ in self.inputs]


def follows(
    gates: Mapping[str, Gate], inputs: Sequence[str], values: Sequence[int]
) -> frozenset[str]:
    """Return the gates that are yes, read one after the other."""
    known = dict(zip(inputs, values, strict=True))
    for gate in gates.values():
        known[gate.name] = int(
            any(all((known[t.name] == t.value) is not t.negated for t in way) for way in gate.ways)
        )
    return frozenset(name for name in gates if known[name])


def large_policy(random: Random, rules: int) -> Policy:
    """Return a policy of many rules, bars and exceptions over findings and open answers."""
    lines = ["findings:"]
    for number in range(rules // 5):
        earlier = [f"finding_{n}" for n in range(number)]
        lines.append(f"  finding_{number}: {_condition(random, earlier, 3)}")
    lines.append("questions:")
    lines += [
        f"  question_{number}: {{to: seller, opens_at: claim.filed_at, lasts: 9 calendar days, "
        "answers: {agreed: approve, refused: reject}, silence_means: silent}"
        for number in range(QUESTIONS)
    ]
    findings = [f"finding_{number}" for number in range(rules // 5)]
    lines.append("bars:")
    for number in range(2):
        conditions = " and ".join(_condition(random, findings, 0) for _ in range(3))
        lines.append(f'  bar_{number}: {{when: "{conditions}", conclude: release_to_seller}}')
    lines.append("rules:")
    for number in range(rules):
        conclude = random.choice(("refund", "release_to_seller", "escalate"))
        except_ = ""
        if number and random.random() < 0.1:
            except_ = f", exception_to: rule_{random.randrange(number)}"
        when = _condition(random, findings, 2)
        lines.append(f'  rule_{number}: {{when: "{when}", conclude: {conclude}{except_}}}')
    lines.append("settlements:\n  refund: {amount: order.total_paid}\n  whole: order.total_paid")
    return pack("\n".join(lines)).policy


def _condition(random: Random, findings: Sequence[str], depth: int) -> str:
    if depth and random.random() < 0.6:
        joint = random.choice((" and ", " or "))
        parts = (_condition(random, findings, depth - 1) for _ in range(random.randint(2, 3)))
        return f"({joint.join(parts)})"
    kind = random.random()
    if findings and kind < 0.4:
        return random.choice(findings)
    if kind < 0.5:
        exists = f"exists responses where action is {random.choice(('approve', 'reject'))}"
        return random.choice((f"({exists})", f"(not ({exists}))"))
    if kind < 0.6:
        one, other = random.sample(("agreed", "refused", "silent"), 2)
        tests = (f"is {one}", f"is not {one}", f"is one of [{one}, {other}]", "is known")
        return f"question_{random.randrange(QUESTIONS)} {random.choice(tests)}"
    if kind < 0.8:
        return f"claim.type is {random.choice(('damaged', 'broken', 'counterfeit', 'defective'))}"
    return f"order.total_paid >= {random.randint(1, 40)}00 IDR"
