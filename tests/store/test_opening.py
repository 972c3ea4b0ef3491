import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from collector.store import Store, StoreError
from collector.store.migrate import _config, _known
from collector.store.sqlite import check_version, file_system_of
from collector.store.tables import METADATA
from tests.store.made import SENT, commit, fact, made_run

ROOT = Path(__file__).parents[2]


def test_a_store_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a folder" / "deep & 100 %" / "store.db"

    store = Store.open(f"sqlite:///{path}")

    assert path.is_file()
    assert store.bytes() > 0
    assert store.url_shown == f"sqlite:///{path}"
    store.close()


def test_the_migrations_make_the_tables_that_the_code_sees(store: Store) -> None:
    with store._database.migrator.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, METADATA) == []


def test_sqlite_is_opened_as_it_must_be(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")

    with store._database.writer.connect() as connection:
        found = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        strict = connection.execute(text("PRAGMA table_list")).mappings().all()
    with store._database.reader.connect() as connection:
        reader_only = connection.scalar(text("PRAGMA query_only"))

    full = 2
    wanted = {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "busy_timeout": 10000}
    assert found == wanted
    assert {row["name"] for row in strict if row["strict"]} == METADATA.tables.keys()
    assert reader_only == 1
    store.close()


def test_an_existing_store_keeps_its_facts_when_it_is_opened_again(store_url: str) -> None:
    first = Store.open(store_url)
    commit(first, made_run(1, fact(SENT, "12", 1)))
    first.close()

    again = Store.open(store_url)

    assert again.readings()[SENT].value == 12
    assert commit(again, made_run(2, fact(SENT, "13", 2))) == 2
    again.close()


def test_the_first_migration_can_be_undone_and_done_again(store: Store) -> None:
    config = _config()
    for step in (command.downgrade, command.upgrade):
        with store._database.migrator.begin() as connection:
            config.attributes["connection"] = connection
            step(config, "base" if step is command.downgrade else "head")

    assert commit(store, made_run(1)) == 1


def test_processes_that_open_a_new_store_at_once_all_find_it_whole(store_url: str) -> None:
    opening = "import sys; from collector.store import Store; Store.open(sys.argv[1]).close()"
    command_line = [sys.executable, "-c", opening, store_url]

    processes = [subprocess.Popen(command_line, cwd=ROOT) for _ in range(3)]

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    store = Store.open(store_url)
    assert store.head() == 0
    store.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(store_url: str) -> None:
    store = Store.open(store_url)
    with store._database.migrator.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()

    for read_only in (False, True):
        with pytest.raises(StoreError, match="a newer chiso made its tables") as caught:
            Store.open(store_url, read_only=read_only)
        assert caught.value.kind == "schema"


def test_reading_only_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no such file") as caught:
        Store.open(f"sqlite:///{tmp_path / 'none' / 'store.db'}", read_only=True)

    assert caught.value.kind == "unavailable"
    assert list(tmp_path.iterdir()) == []


def test_reading_only_makes_no_tables(store_url: str) -> None:
    if store_url.startswith("sqlite"):
        path = Path(store_url.removeprefix("sqlite:///"))
        path.parent.mkdir()
        path.touch()

    with pytest.raises(StoreError, match="not yet this version's") as caught:
        Store.open(store_url, read_only=True)

    assert caught.value.kind == "schema"


def test_reading_only_sees_what_a_running_service_writes(store_url: str) -> None:
    service = Store.open(store_url)
    service.lock_instance()
    reader = Store.open(store_url, read_only=True)

    commit(service, made_run(1, fact(SENT, "12", 1)))

    assert reader.readings()[SENT].value == 12
    with pytest.raises(StoreError, match="opened for reading only") as caught:
        commit(reader, made_run(2))
    assert caught.value.kind == "unavailable"
    assert service.head() == 1
    reader.close()
    service.close()


def test_a_second_instance_is_told_at_once_that_the_store_is_held(store_url: str) -> None:
    first, second = Store.open(store_url), Store.open(store_url)
    first.lock_instance()

    with pytest.raises(StoreError, match="another instance holds it") as caught:
        second.lock_instance()
    first.close()
    second.lock_instance()

    assert caught.value.kind == "locked"
    second.close()


def test_the_hold_of_a_killed_instance_is_gone(store_url: str) -> None:
    holding = (
        "import sys; from collector.store import Store; "
        "Store.open(sys.argv[1]).lock_instance(); print('held', flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", holding, store_url], cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.kill()

    store = Store.open(store_url)
    store.lock_instance()
    store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite://", "a store is a file"),
        ("sqlite:///:memory:", "a store is a file"),
        (
            "mysql://root:geheim@db/chiso",
            "begins with sqlite:/// or postgresql://, not with mysql:",
        ),
        ("var/chiso.db", "begins with sqlite:/// or postgresql://"),
        ("postgresql://root:geheim@db:port/x", "begins with sqlite:/// or postgresql://"),
    ],
)
def test_a_url_that_names_no_store_is_refused_without_its_password(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=re.escape(told)) as caught:
        Store.open(url)

    assert caught.value.kind == "unavailable"
    assert "geheim" not in str(caught.value)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql://reader:geheim@127.0.0.1:{port}/chiso?sslpassword=geheim"

        with pytest.raises(StoreError) as caught:
            Store.open(url)

    assert caught.value.kind == "unavailable"
    assert f"store postgresql://reader:***@127.0.0.1:{port}/chiso: " in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database " * 100, encoding="utf-8")

    with pytest.raises(StoreError, match="not a database") as caught:
        Store.open(f"sqlite:///{path}")

    assert caught.value.kind == "unavailable"
    assert path.read_text(encoding="utf-8") == "no database " * 100


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").touch()

    with pytest.raises(StoreError, match="cannot make the folder"):
        Store.open(f"sqlite:///{tmp_path / 'var' / 'store.db'}")


def test_an_old_sqlite_is_refused() -> None:
    check_version((3, 51, 3))
    with pytest.raises(StoreError, match=re.escape("SQLite 3.51.2 is too old: 3.51.3 is needed")):
        check_version((3, 51, 2))


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    mounts = (
        "overlay / overlay rw 0 0\n"
        "/dev/vda /srv ext4 rw 0 0\n"
        "server:/share /srv/with\\040space nfs4 rw 0 0\n"
        "tmpfs /srv tmpfs rw 0 0\n"
    )

    assert file_system_of(Path("/srv/with space/var"), mounts) == "nfs4"
    assert file_system_of(Path("/srv/without"), mounts) == "tmpfs"
    assert file_system_of(Path("/home"), mounts) == "overlay"
    assert file_system_of(Path("/home"), "") == ""


def test_the_migrations_known_without_alembic_are_those_that_it_would_make() -> None:
    script = ScriptDirectory.from_config(_config())

    order = [one.revision for one in script.walk_revisions()][::-1]

    assert _known() == order
