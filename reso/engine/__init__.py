"""The engine: logic, the compiled evaluator, and the flow from a case to a ruling."""
