"""The fast replay: disputes moved on together in SQL, one of each kind led by the engine."""
