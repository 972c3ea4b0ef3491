from contextlib import closing
from pathlib import Path

from collector.store.store import Store
from tests.commands.calling import called, chiso
from tests.makers import drafted
from tests.source_server import LOGIN_PAGE, SourceServer, serving


def test_a_dry_run_shows_all_but_secrets_and_stores_nothing(
    config: Path, store: str, source_server: SourceServer, tmp_path: Path
) -> None:
    said = chiso(
        *("pull", "counts", "--dry-run", "--json", "--config", config, "--store", store),
        PLANTED_KEY="planted-secret",
    )

    document = said.json()
    assert said.code == 0
    assert list(document) == [
        *("source", "outcome", "error", "observations", "refused", "requests", "restated"),
    ]
    assert (document["source"], document["outcome"], document["error"]) == ("counts", "ok", None)
    assert len(document["observations"]) == 20
    assert set(document["observations"][0]) == {"metric", "agency", "period", "data_at", "value"}
    assert set(document["requests"][0]) == {"method", "url", "status", "bytes", "seconds"}
    assert source_server.asked[-1].query["key"] == "planted-secret"
    assert "planted-secret" not in said.out + said.err
    assert not (tmp_path / "chiso.db").exists()


def test_without_a_service_it_pulls_into_the_store_itself(
    config: Path, store: str, tmp_path: Path
) -> None:
    said = called("pull", "counts", "--config", config, PLANTED_KEY="k", CHISO_STORE=store)

    assert said.code == 0
    assert said.out.startswith("counts: ok")
    assert "20 observations" in said.out
    with closing(Store.open(store, read_only=True)) as opened:
        assert len(opened.readings()) == 20


def test_what_cannot_be_done_has_its_exit_code_and_one_clear_line(
    config: Path, store: str, tmp_path: Path
) -> None:
    held = f"sqlite:///{tmp_path / 'held.db'}"
    with serving() as login, closing(Store.open(held)) as holder:
        login.answer = lambda _: LOGIN_PAGE
        failing = drafted(login.url).write(tmp_path / "failing")
        holder.lock_instance()

        unknown = called("pull", "count", "--config", config, "--store", store)
        locked = called("pull", "counts", "--config", config, "--store", held)
        keyless = called("pull", "counts", "--dry-run", "--json", "--config", config)
        failed = called("pull", "counts", "--config", failing, "--store", store)

    assert unknown.code == 2
    assert unknown.lines() == ["chiso: count: no such source, did you mean counts?"]
    assert locked.code == 75
    assert len(locked.lines()) == 1
    assert "another instance holds it" in locked.err
    assert keyless.code == 1
    assert keyless.json()["error"]["reason"] == "config"
    assert "PLANTED_KEY" in keyless.json()["error"]["message"]
    assert failed.code == 1
    assert "content" in failed.out
    with closing(Store.open(store, read_only=True)) as opened:
        assert [run.outcome for run in opened.runs()] == ["failed"]
