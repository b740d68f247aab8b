"""The fast replay: all disputes of a history moved on together in SQL, one of each kind led by the engine."""
