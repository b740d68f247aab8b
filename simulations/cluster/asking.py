"""What `--engine spark` needs, checked before anything is read: options, packages, the master."""

import os
import re
import shutil
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from reso.errors import InputError

ENGINE = "--engine spark"
PACKAGES = ("pyspark", "pyarrow")
"""What the extra `cluster` installs."""

ADDRESS = re.compile(r"spark://(?P<hosts>[^/,\s]+:\d+(?:,[^/,\s]+:\d+)*)")
REACHED_WITHIN = 10.0
"""Seconds in which a master has to answer."""


def check_cluster(engine: str | None, master: str | None, refused: Mapping[str, object]) -> None:
    """Refuse what a replay on Spark cannot serve, and a master where Spark was not asked for.

    Args:
        refused: options that cannot stand beside it, by name, with their values.

    Raises:
        InputError: an option is missing, wrong or in the way; a package or Java is missing; or
            the master cannot be reached.
    """
    if engine != "spark":
        if master is not None:
            raise InputError("--master", f"stands without {ENGINE}", f"Add {ENGINE}.")
        return
    for name, value in refused.items():
        if value:
            raise InputError(name, f"stands beside {ENGINE}", f"Leave it out. {_WHY[name]}")
    if master is None:
        raise InputError(
            ENGINE, "no cluster is named", "Add --master spark://HOST:7077; see docs/scale-out.md."
        )
    hosts = _hosts(master)
    _check_installed()
    _check_reached(master, hosts)


_WHY = {
    "--from-the-order": "Only the reference replay lets a policy act before anybody complained.",
    "--no-cache": "Workers read the prepared history from a folder that all of them see.",
}


def _hosts(master: str) -> list[tuple[str, int]]:
    """Return the hosts and ports of a master's address; several stand by for one another."""
    told = ADDRESS.fullmatch(master)
    if told is None:
        raise InputError(
            f"--master {master}", "is no standalone Spark master", "Write spark://HOST:7077."
        )
    pairs = (one.rpartition(":") for one in told["hosts"].split(","))
    return [(host, int(port)) for host, _, port in pairs]


def _check_installed() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise InputError(
            ENGINE, f"needs `{missing[0]}`, which is not installed",
            "Install the extra: pip install 'reso-bot[cluster]'.",
        )  # fmt: skip
    home = os.environ.get("JAVA_HOME")
    java = Path(home) / "bin" / "java" if home else None
    if not (java.is_file() if java else shutil.which("java")):
        where = f"there is none in JAVA_HOME ({home})" if home else "there is none on the PATH"
        raise InputError(ENGINE, f"needs Java, and {where}", "Install Java 17 or newer.")


def _check_reached(master: str, hosts: list[tuple[str, int]]) -> None:
    for host, port in hosts:
        try:
            socket.create_connection((host, port), REACHED_WITHIN / len(hosts)).close()
        except OSError:
            continue
        return
    raise InputError(
        f"--master {master}", f"no master answered within {REACHED_WITHIN:.0f} seconds",
        "Start it, or check host and port.",
    )  # fmt: skip
