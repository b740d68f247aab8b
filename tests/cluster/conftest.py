"""One cluster for all tests that do not take it apart.

Where Spark is not installed, what needs it is not collected: `make test-slow` installs it.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from simulations.cluster.running import session
from simulations.sql.dialects import Spark
from tests.cluster.standalone import ENVIRONMENT, Standalone, standalone

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

collect_ignore = [] if find_spec("pyspark") else ["test_spark_sql.py", "test_spark_values.py"]
collect_ignore += [] if find_spec("pyarrow") else ["test_task.py"]


@pytest.fixture(scope="session")
def _on_this_machine() -> Iterator[None]:
    """Let the driver speak to workers of this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, _on_this_machine: None
) -> Iterator[Standalone]:
    """Give a master with two workers."""
    with standalone(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def brittle(
    tmp_path_factory: pytest.TempPathFactory, _on_this_machine: None
) -> Iterator[Standalone]:
    """Give a master with two workers that may be killed."""
    with standalone(tmp_path_factory.mktemp("brittle")) as started:
        yield started


@pytest.fixture
def idle(tmp_path_factory: pytest.TempPathFactory, _on_this_machine: None) -> Iterator[Standalone]:
    """Give a master without workers."""
    with standalone(tmp_path_factory.mktemp("idle"), workers=0) as started:
        yield started


@pytest.fixture(scope="module")
def spark(cluster: Standalone) -> Iterator["SparkSession"]:
    """Give a session on the cluster that reads what the dialect writes."""
    with session(cluster.address) as started:
        for name, value in Spark.SETTINGS.items():
            started.conf.set(name, value)
        yield started
