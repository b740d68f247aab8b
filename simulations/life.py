OWN_ACTS = frozenset(
    {
        "asked",
        "proposed",
        "settled",
        "escalated",
        "taken_over",
        "handed_back",
        "adjudicated",
        "reopened",
        "closed",
    }
)
