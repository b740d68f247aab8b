"""The line on top of a file that tells an editor which schema it follows."""

from pathlib import Path

from reso.study.schema import modeline
from reso.study.schema_files import CASES, FOLDER, POLICY

MARK = "# yaml-language-server:"


def pack_modeline(file: Path) -> str:
    """Return the modeline of a file by its path inside its pack."""
    steps = "../" * len(file.parts)
    return modeline(f"{steps}{FOLDER}/{CASES if file.parent.name == 'cases' else POLICY}")


def modeline_of(file: Path) -> str:
    """Return the modeline of a file of a pack; "" where no schema stands beside the packs."""
    path = file.resolve()
    pack = path.parent.parent if path.parent.name == "cases" else path.parent
    line = pack_modeline(path.relative_to(pack))
    schema = path.parent / line.partition("=")[2]
    return line if schema.is_file() else ""


def with_modeline(text: str, line: str) -> str:
    """Return a file's text with a modeline on top, unless it has one."""
    if not line or any(one.startswith(MARK) for one in text.split("\n")):
        return text
    return f"{line}\n{text}"
