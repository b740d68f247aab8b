"""What `--engine spark` refuses, before anything is read."""

import socket
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from typer.testing import CliRunner

from reso.errors import InputError
from simulations.cluster import asking
from simulations.cluster.asking import check_cluster
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, shop

# They pass the look for packages, which only the slow tests have installed.
with_spark = pytest.mark.slow


@pytest.fixture
def master() -> Iterator[str]:
    """Give the address of something that listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"spark://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def deaf() -> str:
    """Return an address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"spark://127.0.0.1:{port}"


def said(*args: str) -> str:
    """Return what a replay that is refused says."""
    command = ["replay", str(FIXTURE), "--policy", str(shop()), *args]
    result = CliRunner().invoke(whole_app(), command)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return " ".join(result.stderr.split())


def test_a_cluster_has_to_be_named() -> None:
    assert "--engine spark: no cluster is named. Add --master spark://HOST:7077" in said(
        "--engine", "spark"
    )


def test_a_master_is_for_spark_alone(master: str) -> None:
    for engine in ((), ("--engine", "fast")):
        assert "--master: stands without --engine spark" in said("--master", master, *engine)


@pytest.mark.parametrize("option", ["--from-the-order", "--no-cache"])
def test_an_option_that_it_cannot_serve_is_refused(option: str, master: str) -> None:
    told = said("--engine", "spark", "--master", master, option)
    assert f"{option}: stands beside --engine spark" in told


def test_a_sweep_is_refused(master: str) -> None:
    asked = ("--sweep", "wait=1..3d:1", "--engine", "spark", "--master", master)
    assert "--engine" in said(*asked)


@pytest.mark.parametrize(
    "address", ["local[2]", "yarn", "spark://", "spark://here", "here:7077", "spark://here:7077/x"]
)
def test_only_a_standalone_master_is_known(address: str) -> None:
    told = said("--engine", "spark", "--master", address)
    assert "is no standalone Spark master. Write spark://HOST:7077" in told


@with_spark
def test_a_master_that_is_not_there_is_told_at_once(deaf: str) -> None:
    told = said("--engine", "spark", "--master", deaf)
    assert f"--master {deaf}: no master answered within 10 seconds" in told


@with_spark
def test_of_several_masters_one_has_to_answer(master: str, deaf: str) -> None:
    check_cluster("spark", f"{deaf},{master.removeprefix('spark://')}", {})


def test_a_missing_package_names_the_extra(master: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> object:
        return None if name == "pyspark" else find_spec(name)

    monkeypatch.setattr(asking, "find_spec", found)
    with pytest.raises(InputError, match=r"needs `pyspark`.* pip install 'reso-bot\[cluster\]'"):
        check_cluster("spark", master, {})


@with_spark
@pytest.mark.parametrize(
    ("variable", "where"),
    [("JAVA_HOME", r"there is none in JAVA_HOME \(/nowhere\)"), ("PATH", "none on the PATH")],
)
def test_missing_java_is_told(
    variable: str, where: str, master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv(variable, "/nowhere")
    with pytest.raises(InputError, match=f"needs Java, and .*{where}. Install Java 17"):
        check_cluster("spark", master, {})


def test_without_spark_nothing_is_asked() -> None:
    check_cluster(None, None, {"--from-the-order": True, "--no-cache": True})
