"""Secrets planted in every place that has one; none is found again after a run of faults."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from prometheus_client import generate_latest

from collector.documents import run_document
from collector.once import dry_run
from collector.settings.load import load
from tests.makers import Draft, Rig, named, rigged
from tests.source_server import Asked, Served, SourceServer, as_json

SECRETS = {
    name: f"planted-{name.lower()}/=+{number}"
    for number, name in enumerate(
        (
            *("HEADER", "QUERY", "FORM", "JSON", "BASIC", "BEARER", "KEY_QUERY", "KEY_COOKIE"),
            *("OAUTH_CLIENT", "LOGIN", "LGSP", "LOGIN_QUERY"),
        )
    )
}
# What the source itself gives for them.
GIVEN = ("planted-access-token", "planted-session-cookie", "planted-csrf", "planted-ticket")
Fault = Callable[[Asked, str], Served]


def secret(name: str) -> dict[str, str]:
    return {"env": name}


def login(**more: Any) -> dict[str, Any]:
    return {"type": "login", "path": "/login", "json": {"p": secret("LOGIN")}, **more}


# Each source: its authentication, and what is secret in its request.
SOURCES: dict[str, dict[str, Any]] = {
    "header": {"headers": {"X-Key": secret("HEADER")}},
    "query": {"query": {"q": secret("QUERY")}},
    "form": {"method": "POST", "form": {"f": secret("FORM")}},
    "json": {"method": "POST", "json": {"deep": [{"j": secret("JSON")}]}},
    "basic": {"auth": {"type": "basic", "username": "reader", "password": secret("BASIC")}},
    "bearer": {"auth": {"type": "bearer", "token": secret("BEARER")}},
    "key-query": {
        "auth": {"type": "api_key", "in": "query", "name": "k", "key": secret("KEY_QUERY")}
    },
    "key-cookie": {
        "auth": {"type": "api_key", "in": "cookie", "name": "k", "key": secret("KEY_COOKIE")}
    },
    "oauth": {
        "auth": {
            "type": "oauth2_client_credentials",
            "token_url": "/token",
            "client_id": "chiso",
            "client_secret": secret("OAUTH_CLIENT"),
        }
    },
    "session": {
        "auth": login(
            token={"path": "ticket", "in": "query", "name": "t"},
            csrf={"header": "X-Csrf", "name": "X-Csrf"},
            query={"u": secret("LOGIN_QUERY")},
        )
    },
    "lgsp": {
        "auth": {"type": "lgsp", "token_url": "/token", "keys": {"SecretKey": secret("LGSP")}}
    },
}


def healthy(asked: Asked, _secret: str) -> Served:
    if asked.path.endswith("/token"):
        return as_json({"access_token": GIVEN[0], "expires_in": 3600})
    if asked.path.endswith("/login"):
        cookie = f"S={GIVEN[1]}; Path=/"
        return as_json({"ticket": GIVEN[3]}, Set_Cookie=cookie, X_Csrf=GIVEN[2])
    return as_json({"ok": True, "rows": [{"code": "H0", "n": 1, "at": "2024-10-16T00:00:00Z"}]})


def is_data(asked: Asked) -> bool:
    return not asked.path.endswith(("/token", "/login"))


def on_data(fault: Fault) -> Fault:
    """The fault where data is asked for; logins are well."""
    return lambda asked, text: fault(asked, text) if is_data(asked) else healthy(asked, text)


def rows(**row: Any) -> Served:
    return as_json({"ok": True, "rows": [{"code": "H0", "n": 1, **row}]})


def raw(text: str) -> Served:
    return Served(raw=text.encode())


def moved(to: str) -> Served:
    return Served(status=302, headers={"Location": to})


def charset(text: str) -> Served:
    return Served(b"\xff", content_type=f"text/json; charset={quote(text)}")


def says_no(text: str) -> Served:
    """So long a message that it is cut in the midst of the secret."""
    return as_json({"ok": False, "msg": f"{'x' * 190}{text}", "rows": []})


FAULTS: dict[str, Fault] = {
    "refused": lambda _, text: as_json({"error": text}, 401),
    "forbidden": on_data(lambda _, text: as_json({"error": text}, 403)),
    "bad login": lambda asked, text: (
        healthy(asked, text) if is_data(asked) else as_json({"error": text}, 400)
    ),
    "token elsewhere": lambda _, text: as_json({"tokens": text}),
    "broken": on_data(lambda _, text: Served(text.encode(), 500, "text/plain")),
    "busy": on_data(lambda _, text: as_json({"error": text}, 429, Retry_After="60")),
    "moved": on_data(
        lambda _, text: Served(
            status=302, headers={"Location": f"http://e.example/?x={quote(text)}"}
        )
    ),
    "moved at home": on_data(lambda _, text: moved(f"/x?x={quote(text)}")),
    "says no": on_data(
        lambda _, text: as_json({"ok": False, "msg": f"{'x' * 190}{text}", "rows": []})
    ),
    "value": on_data(lambda _, text: rows(n=text)),
    "unit": on_data(lambda _, text: rows(code=text)),
    "time": on_data(lambda _, text: rows(at=text)),
    "no json": on_data(lambda _, text: Served(f'{{"a": {text}'.encode())),
    "page": on_data(lambda _, text: Served(f"<html>{text}".encode(), content_type="text/html")),
    "twice": on_data(lambda _, text: Served(f'{{"{text}": 1, "{text}": 2}}'.encode())),
    "charset": on_data(lambda _, text: charset(text)),
    "packed": on_data(lambda _, text: Served(b"[]", headers={"Content-Encoding": quote(text)})),
    "half": on_data(lambda _, text: raw(f"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{text}")),
    "no http": on_data(lambda _, text: raw(f"{text}\r\n\r\n")),
    "next page": on_data(
        lambda _, text: as_json({"ok": True, "rows": [], "next": f"http://e.example/?{text}"})
    ),
    "odd page": on_data(lambda _, text: as_json({"ok": True, "rows": [], "next": [text]})),
}


@contextmanager
def province(server: SourceServer, folder: Path) -> Iterator[Rig]:
    """A store and all the sources, each with a metric of its own."""
    draft = Draft()
    for name, own in SOURCES.items():
        metric = name.replace("-", "_")
        made = {"kind": "gauge", "unit": "things", "name": named("Số", "Number")}
        draft.metrics["metrics"][f"m_{metric}"] = made
        draft.sources[name] = described(f"{server.url}/{name}", f"m_{metric}", dict(own))
    settings = load(draft.write(folder / "config"), environ=SECRETS)
    with rigged(settings, f"sqlite:///{folder}/chiso.db") as rig:
        yield rig


def described(url: str, metric: str, own: dict[str, Any]) -> dict[str, Any]:
    auth = own.pop("auth", {"type": "none"})
    request = {
        "pages": {"type": "next_link", "next": "next"},
        "ok_when": "ok",
        "error_message": "msg",
        "records": "rows",
        "data_at": "at",
        "agency": {"code": "code", "system": "register"},
        "metrics": {metric: {"path": "n"}},
        **own,
    }
    return {
        "connector": "http_json",
        "name": named("Nguồn", "Source"),
        "owner": "Văn phòng",
        "schedule": {"every": "15m"},
        "freshness": {"late_after": "45m", "stale_after": "3d"},
        "base_url": url,
        "allow": ["base_url"],
        "auth": auth,
        "redirects": 1,
        "limits": {"attempts": 2, "wait_s": 0, "total_s": 5, "refused_wait_s": 0.001},
        "requests": [request],
    }


def told() -> Iterator[tuple[str, str]]:
    """Each source, with each secret that it can repeat: its own, and what it gave for them."""
    for source, own in SOURCES.items():
        for name, text in SECRETS.items():
            if f"'env': '{name}'" in repr(own):
                yield source, text
        for text in {"oauth": GIVEN[:1], "lgsp": GIVEN[:1], "session": GIVEN[1:]}.get(source, ()):
            yield source, text


def answered(asked: Asked, *, fault: Fault, text: str) -> Served:
    return fault(asked, text)


def spellings() -> set[str]:
    """What must not be found: the secrets, and every form in which they could be written."""
    found = set[str]()
    for text in (*SECRETS.values(), *GIVEN):
        packed = b64encode(text.encode()).decode().rstrip("=")
        found |= {text, quote(text), quote(text, safe=""), packed, json.dumps(text)[1:-1]}
    found |= {b64encode(f"reader:{SECRETS['BASIC']}".encode()).decode(), "planted-"}
    return found


def test_no_secret_is_found_after_a_run_of_faults(
    source_server: SourceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in SECRETS.items():
        monkeypatch.setenv(name, text)
    shown: list[str] = []

    with province(source_server, tmp_path) as rig:
        for fault in (healthy, *FAULTS.values(), healthy):
            for source, text in told():
                source_server.answer = partial(answered, fault=fault, text=text)
                run = rig.pull(source).run
                shown += [repr(run), json.dumps(run_document(run), ensure_ascii=False)]
                rig.move(1_000_000)
        outcomes = {run.outcome for run in rig.store.last_runs().values()}
        shown += [generate_latest(rig.front.registry).decode(), rig.lines.getvalue()]
        shown += rig.published.bodies.values()
        for source in SOURCES:
            said = dry_run(rig.settings, f"sqlite:///{tmp_path}/chiso.db", source, rig.clock)
            shown.append(json.dumps(said, ensure_ascii=False))
    shown += [file.read_bytes().decode("latin-1") for file in tmp_path.glob("chiso.db*")]

    # Every secret did leave for its source, and came back: the last pulls were well.
    assert outcomes == {"ok"}
    sent = "\n".join(repr(one) for one in source_server.asked)
    assert [given for given in GIVEN if given not in sent] == []
    everything = "\n".join(shown)
    everything += everything.encode().decode("latin-1")
    assert {spelling for spelling in spellings() if spelling in everything} == set()
