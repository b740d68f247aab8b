"""A folder to work in, with copies of the shipped packs, and the command line."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reso.cli import app

SHOP = """\
policy: shop
currency: SGD
time_zone: UTC
dated_by: [claim.filed_at]

parameters:
  buyer_window:
    value: {by: order.seller_tier, mall: 30 calendar days, otherwise: 7 calendar days}
    chosen: "Ours."  # for now
  rate: {value: 30%}
  buyers: 5
  length: {by: offences, 1: 1 month, 2: 2 months, otherwise: 3 months}

readings:
  offences: first_known(history.requests_on_this_order, 1)

otherwise: escalate
"""
RULES = Path(__file__).parents[2] / "rules"
CHANGED = ("lazada_sg_drtm", "tokopedia_shop")
"""The shipped packs that authors change here."""

Reso = Callable[..., Result]


def copy_packs(rules: Path, names: Iterable[str]) -> None:
    """Copy shipped packs into a folder, beside what packs share and the schemas of their files."""
    for name in (*names, "shared", ".schema"):
        shutil.copytree(RULES / name, rules / name)


@pytest.fixture
def reso(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reso:
    """Return the command, run in a folder that holds some shipped packs and a small one."""
    copy_packs(tmp_path / "rules", CHANGED)
    (tmp_path / "rules" / "shop").mkdir()
    (tmp_path / "rules" / "shop" / "policy.yaml").write_text(SHOP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> Result:
        result = CliRunner().invoke(app, list(args))
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run
