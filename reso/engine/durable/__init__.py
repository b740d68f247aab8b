"""durable-rules as a second engine beside the compiled one: see docs/engines.md.

The way of a decision: `circuit` makes gates of a chapter's rules, `rulesets` puts them into
rulesets within the library's limits, `pool` hands them to `child`, the process that runs the
library, `evaluator` makes a judgement of what fired, and `guard` holds it against the compiled one.
"""
