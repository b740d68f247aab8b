"""Too little memory and a full disk are told as what they are, with what to do about it."""

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from reso.errors import InputError
from simulations.faults import fault_of, told_plainly
from simulations.prepared.building import Means
from simulations.prepared.preparing import prepare, prepare_history
from simulations.replaying import kept
from simulations.replaying.kept import Asked, replay_kept
from tests.commands import whole_app
from tests.simulations.shop import FIXTURE, ROOT, fixture, pack, shop

MANY = 20_000
HEADING = "dispute_id,occurred_at,recorded_at,kind,payload\n"
AT = "2026-03-02T09:00:00Z"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CSV file of more rows than a small file or a little memory holds."""
    file = tmp_path_factory.mktemp("many") / "events.csv"
    claim = f'"{{""filed_at"": ""{AT}"", ""type"": ""damaged""}}"'
    rows = (f"D-{n},{AT},{AT},claim,{claim}\n" for n in range(MANY))
    file.write_text(HEADING + "".join(rows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def as_parquet(many: Path) -> Path:
    file = many.parent / "parquet" / "events.parquet"
    file.parent.mkdir()
    duckdb.sql(f"FROM read_csv('{many}', all_varchar = true)").write_parquet(str(file))
    return file


# -- a disk, or a file, that holds no more --------------------------------------------------------


def replayed(history: Path, folder: Path, *args: str, most: int) -> tuple[int, str, str]:
    """Replay where no file may be larger than `most` bytes; return how it ended."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    done = subprocess.run(
        [sys.executable, "-c", "from reso.cli import main; main()",
         "replay", str(history), "-p", str(shop()), "--engine", "fast", *args],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=limit,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("kind", ["many", "as_parquet"])
def test_no_room_for_what_is_prepared_is_no_fault_of_the_history(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cache = tmp_path / "cache"
    args = ("--cache", str(cache))
    code, printed, told = replayed(request.getfixturevalue(kind), tmp_path, *args, most=40_000)
    assert (code, printed) == (2, "")
    place, _, rest = told.partition(": ")
    assert Path(place).parent == cache
    assert rest == (
        "grew larger than a file may be here. Raise that limit (`ulimit -f`), "
        "or name another folder by --cache.\n"
    )
    assert list(cache.iterdir()) == []


@pytest.mark.slow
def test_without_a_cache_it_is_the_folder_of_temporary_files(many: Path, tmp_path: Path) -> None:
    code, printed, told = replayed(many, tmp_path, "--no-cache", most=40_000)
    assert (code, printed) == (2, "")
    assert told.endswith("or name another folder for temporary files by TMPDIR.\n")


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("--out", "result"), id="--out"),
        pytest.param(("--report", "result.html"), id="--report", marks=pytest.mark.slow),
    ],
)
def test_no_room_for_a_result_names_it(args: tuple[str, ...], tmp_path: Path) -> None:
    cache, work = tmp_path / "cache", tmp_path / "work"
    work.mkdir()
    prepare(FIXTURE, pack().table, cache=cache)  # so that no other file is large
    args = ("--cache", str(cache), *args)
    code, printed, told = replayed(FIXTURE, work, *args, most=60_000)
    assert (code, told) == (
        2,
        f"{args[-1]}: grew larger than a file may be here. "
        "Raise that limit (`ulimit -f`), or write elsewhere.\n",
    )
    assert list(work.iterdir()) == []
    assert printed == ""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "given: its disk is full. Free"),
        (OSError(errno.EDQUOT, "Disk quota exceeded", "/x"), "given: your share of its disk"),
        (duckdb.IOException('Could not write file "/x": No space left on device'), "given: its"),
        (MemoryError(), "memory: the machine has no more of it. Close other programs"),
        (duckdb.OutOfMemoryException("could not allocate"), "memory: more is needed than the"),
        (duckdb.OutOfMemoryException("set by 'max_temp_directory_size'"), "its disk is full"),
    ],
)
def test_an_error_is_told_as_what_it_is(error: Exception, told: str) -> None:
    assert told in str(fault_of(error, Path("given")))


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EACCES, "Permission denied", "/x"),
        duckdb.IOException('Cannot open file "/x": No such file or directory'),
        duckdb.BinderException("No space left on device"),
        RuntimeError("another one"),
        ValueError("Query interrupted"),
    ],
)
def test_any_other_error_stays_what_it_is(error: Exception) -> None:
    assert fault_of(error) is None
    with pytest.raises(type(error)) as raised, told_plainly():
        raise error
    assert raised.value is error


# -- too little memory ----------------------------------------------------------------------------


def no_memory(*_: object) -> str:
    """Run out of DuckDB's memory."""
    with duckdb.connect(config={"memory_limit": "10MB"}) as connection:
        connection.execute("SET temp_directory = ''")
        connection.execute("CREATE TABLE t AS SELECT md5(range::VARCHAR) FROM range(3000000)")
    return "never"


@pytest.mark.parametrize("memory", ["3MB", "8MB"])
def test_too_little_memory_is_no_fault_of_the_history(
    many: Path, tmp_path: Path, memory: str
) -> None:
    with pytest.raises(InputError, match=r"^memory: .*Allow it more, like RESO_MEMORY=3GB\.$"):
        prepare(many, pack().table, cache=tmp_path / "cache", means=Means(memory=memory))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_run_that_cannot_be_kept_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = prepare_history(fixture(), pack().table, cache=tmp_path)
    monkeypatch.setattr(kept, "_digest", no_memory)
    asked = Asked(prepared, pack().policy, {}, None)
    ran = replay_kept(asked, duckdb.connect(), lambda count: None)
    assert ran.table.row("SELECT count(*) FROM {results}") == (len(fixture().disputes),)
    assert list(tmp_path.iterdir()) == [prepared.folder]


@pytest.mark.parametrize(
    ("stated", "code", "told"),
    [
        ("2 GB", 0, ""),
        ("8MB", 2, "memory: more is needed than the 8MB that DuckDB may hold. "
                   "Allow it more, like RESO_MEMORY=3GB.\n"),
        ("lots", 2, "RESO_MEMORY: `lots` is no amount of memory. Write it like 3GB.\n"),
    ],
)  # fmt: skip
def test_how_much_memory_there_is_can_be_said(
    stated: str, code: int, told: str, many: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RESO_MEMORY", stated)
    args = ["replay", str(many), "-p", str(shop()), "--engine", "fast", "--cache", str(tmp_path)]
    ran = CliRunner().invoke(whole_app(), args)
    assert (ran.exit_code, ran.stderr) == (code, told)
