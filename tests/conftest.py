"""Hypothesis profiles: `RESO_HYPOTHESIS` names one of them, `dev` is the default.

Laws whose examples cost much take fewer: `tests.strategies.costly`.

dev: few examples, new ones each time. ci: more, the same ones each time. deep: for the slow
tests, each of whose examples is a whole docket of disputes; the same ones each time.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=30, deadline=None, print_blob=True)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True, derandomize=True)
settings.register_profile(
    "deep",
    max_examples=40,
    deadline=None,
    print_blob=True,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("RESO_HYPOTHESIS", "dev"))

os.environ.setdefault("RESO_ENGINE", "compiled")  # the tests of durable-rules ask for it themselves


@pytest.fixture(autouse=True, scope="session")
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the commands of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
