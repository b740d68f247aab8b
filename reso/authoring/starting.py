"""`reso new`: a small complete pack to start from."""

import re
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from reso.authoring.modelines import pack_modeline, with_modeline
from reso.errors import InputError
from reso.facts.calendar import Calendar
from reso.model.money import minor_digits
from reso.policy.loader import check_pack
from reso.policy.problems import PolicyError

TEMPLATE = Path(__file__).with_name("new_pack")
NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
LOCAL = re.compile(r"@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)@")


def new_pack(name: str, parent: Path, currency: str, time_zone: str, country: str) -> Path:
    """Make the folder of a new pack and return it. It is made whole or not at all.

    Raises:
        InputError: something is wrong with the name, the folder, the currency, the zone or the
            calendar; or there is such a folder already.
    """
    folder = parent / name
    _refuse(name, folder)
    minor_digits(currency)
    zone = Calendar.of(time_zone, country).zone
    values = _values(name, folder, currency, time_zone, country)
    temporary = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=parent))
    try:
        made = temporary / name
        for source in sorted(TEMPLATE.rglob("*.yaml")):
            target = made / source.relative_to(TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = _filled(source.read_text(encoding="utf-8"), values, zone)
            text = with_modeline(text, pack_modeline(source.relative_to(TEMPLATE)))
            target.write_text(text, encoding="utf-8", newline="\n")
        _, problems = check_pack(made)
        if problems:
            raise PolicyError(problems)
        _refuse(name, folder)
        made.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def _refuse(name: str, folder: Path) -> None:
    if not NAME.fullmatch(name):
        what = f"`{name}` cannot be the name of a pack"
        raise InputError("NAME", what, "Use small letters, digits and _, such as `my_shop`.")
    if not folder.parent.is_dir():
        raise InputError(str(folder.parent), "no such folder", "Make it, or say another with --in.")
    if folder.exists() or folder.is_symlink():
        raise InputError(str(folder), "it is there already", "Choose another name.")


def _values(name: str, folder: Path, currency: str, time_zone: str, country: str) -> dict[str, str]:
    unit = 1000 if minor_digits(currency) == 0 else 1
    amounts = {"SMALL": 50, "ABOVE": 51, "PRICE": 80, "MALL": 60}
    return {
        "NAME": name,
        "TITLE": name.replace("_", " ").capitalize(),
        "FOLDER": str(folder),
        "CURRENCY": currency,
        "TIME_ZONE": time_zone,
        "CALENDAR": country,
        "SMALL_AMOUNT": f"{50 * unit} {currency}",
        "MALL_AMOUNT": f"{60 * unit} {currency}",
        **{word: str(amount * unit) for word, amount in amounts.items()},
    }


def _filled(text: str, values: dict[str, str], zone: ZoneInfo) -> str:
    """Fill in the template: names, amounts, and local times with the offset of the zone."""
    for word, value in values.items():
        text = text.replace(f"@{word}@", value)
    return LOCAL.sub(lambda match: _with_offset(match[1], zone), text)


def _with_offset(local: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(local).replace(tzinfo=zone).isoformat()
