"""Every kind of flaw in a policy file is shown to its author where it stands, word for word."""

import pytest

from tests.policy.golden import FOLDER, Golden, renewing
from tests.strategies.small_packs import HEADER, OTHERWISE, problems_of

GOLDEN = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in GOLDEN])
def test_the_author_is_told_exactly_this(path: object) -> None:
    golden = Golden.read(path)  # type: ignore[arg-type]
    if renewing():
        golden.renew()
    assert golden.found() == golden.said
