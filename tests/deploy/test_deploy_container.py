"""The Dockerfile by hadolint, the compose file by the compose schema; neither is started."""

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from compose_spec import PyCompose
from ruamel.yaml import YAML

from tests.prometheus import DEPLOY

COMPOSE = DEPLOY / "compose.yaml"


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"

    done = subprocess.run(
        [hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_image_is_built_from_the_lock_and_does_not_run_as_root() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")

    assert re.search(
        r"--require-hashes --only-binary :all: --requirement requirements\.lock", dockerfile
    )
    assert re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE) == ["10766:10766"]


def test_all_that_the_image_copies_exists_and_passes_the_ignore_file() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
    copied = {name for names in copies for name in names.split()}

    assert copied == {line[1:] for line in ignore if line.startswith("!")}
    assert all((DEPLOY.parent / name).exists() for name in copied)


def test_the_compose_file_fits_the_schema_and_names_nothing_that_is_not_there() -> None:
    compose = PyCompose.from_yaml(COMPOSE.read_text(encoding="utf-8"))

    compose.validate()
    assert compose.service_names() == ["chiso", "postgres", "prometheus", "grafana"]


def test_a_misspelt_key_would_be_found() -> None:
    text = COMPOSE.read_text(encoding="utf-8").replace("restart:", "restarts:", 1)

    with pytest.raises(ValueError, match="restarts"):
        PyCompose.from_yaml(text)


def test_every_volume_is_a_declared_one_or_a_file_of_the_clone() -> None:
    compose = _compose()
    sources = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
    ]
    paths = [source for source in sources if source.startswith(".")]

    assert set(sources) - set(paths) == set(compose["volumes"])
    assert all((DEPLOY / path).exists() for path in paths)


def test_ports_are_open_on_the_machine_itself_only() -> None:
    ports = [
        port for service in _compose()["services"].values() for port in service.get("ports", ())
    ]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_passwords_come_from_files_that_git_does_not_know() -> None:
    compose = _compose()
    files = [secret["file"] for secret in compose["secrets"].values()]
    files.append(compose["services"]["chiso"]["env_file"])
    variables = [
        name for service in compose["services"].values() for name in service.get("environment", ())
    ]

    assert all(file.startswith("secrets/") for file in files)
    assert "secrets/" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert all(name.endswith("_FILE") for name in variables if "PASSWORD" in name)


def test_prometheus_keeps_more_than_a_year() -> None:
    command = _compose()["services"]["prometheus"]["command"]

    assert "--storage.tsdb.retention.time=400d" in command


def test_grafana_finds_its_dashboards_and_its_prometheus() -> None:
    folder = DEPLOY / "grafana" / "provisioning"
    (provider,) = YAML(typ="safe").load(folder / "dashboards" / "chiso.yaml")["providers"]
    (source,) = YAML(typ="safe").load(folder / "datasources" / "chiso.yaml")["datasources"]
    grafana = _compose()["services"]["grafana"]

    path = provider["options"]["path"]
    assert f"./grafana/generated:{path}:ro" in grafana["volumes"]
    assert source["uid"] == "chiso-prometheus"
    assert source["url"] == "http://prometheus:9090"


def _compose() -> Any:
    return YAML(typ="safe").load(COMPOSE)
