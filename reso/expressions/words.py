"""Words of other languages that authors write into expressions, and what to say in their place."""

from reso.problems.said import Said, said

_WORDS = {
    **dict.fromkeys(("days", "day", "hari"), said("say-which-days")),
    "jam": said("say", words="hours"),
    "menit": said("say", words="minutes"),
    "detik": said("say", words="seconds"),
    "minggu": said("say", words="weeks"),
    "bulan": said("say", words="months"),
    "dan": said("say", words="and"),
    "atau": said("say", words="or"),
    **dict.fromkeys(("bukan", "tidak"), said("say", words="not")),
    **dict.fromkeys(("adalah", "equals"), said("say", words="is")),
    "in": said("say", words="is one of [a, b]"),
    **dict.fromkeys(("true", "True", "TRUE", "Yes", "YES", "on", "ya"), said("say", words="yes")),
    **dict.fromkeys(("false", "False", "FALSE", "No", "NO", "off"), said("say", words="no")),
}


def word_hint(word: str) -> Said | None:
    """Return what to say in place of a word of other languages."""
    return _WORDS.get(word)
