"""Numbers, amounts and durations as an author writes them, and why some are none."""

from reso.model.time import parse_duration


def scaled(text: str, factor: int) -> int:
    """Return a plain decimal number times a power of ten; what is finer is cut off."""
    whole, _, fraction = text.partition(".")
    digits = len(str(factor)) - 1
    return int(whole) * factor + int((fraction + "0" * digits)[:digits] or "0")


def amount_flaw(text: str, digits: int) -> str:
    """Return the code of why a number is no amount of a currency with so many decimal digits."""
    fraction = text.partition(".")[2]
    if len(fraction) == 3 != digits:
        return "amount-ambiguous"
    return "amount-too-fine" if len(fraction.rstrip("0")) > digits else "amount-too-large"


def duration_flaw(text: str) -> str:
    """Return the code of why a number with a unit and words behind it is no duration."""
    length = text.replace(" end of day", "").replace(" inclusive", "")
    for words, code in (
        ("end of day", "end-of-day-of-hours"),
        ("inclusive", "inclusive-of-no-days"),
    ):
        if words in text and _reads(length) and not _reads(f"{length} {words}"):
            return code
    return "not-a-duration"


def _reads(duration: str) -> bool:
    try:
        parse_duration(duration)
    except ValueError:
        return False
    return True
