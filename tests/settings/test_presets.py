import pytest

from collector.settings.part import Part
from collector.settings.presets import with_presets
from collector.settings.read import Steps, Tree, read
from tests.settings.folder import Folder, Register

S = "sources.yaml"
PRESET = """\
# A product that many provinces have.
connector: register
url: {env: RADIO_URL, default: https://product.example}
token: {env: PRODUCT_TOKEN}
schedule: {every: 5m}
body: {page: {size: 50, start: 0}, kinds: [a, b]}
metrics:
  hotspots: {path: up, factor: 2}
"""


@pytest.fixture
def with_preset(folder: Folder) -> Folder:
    presets = folder.path.parent / "presets"
    presets.mkdir()
    (presets / "product.yaml").write_text(PRESET, encoding="utf-8")
    folder.environ["PRODUCT_TOKEN"] = "t"
    own = folder.read(S).partition("  radio:")[0]
    radio = """\
  radio:
    use: presets/product
    name: {vi: Mạng, en: Network}
    owner: Sở TTTT
    freshness: {late_after: 1d, stale_after: 3d}
    sites: {north: phu-yen}
    metrics:
      hotspots: {factor: 0.5}
      officer: {path: who}
"""
    folder.write(S, own + radio)
    return folder


def radio_of(folder: Folder) -> Register:
    connector = folder.settings().sources["radio"].connector
    assert isinstance(connector, Register)
    return connector


def test_a_source_starts_from_its_preset_and_its_own_keys_win(with_preset: Folder) -> None:
    assert with_preset.says() == []
    radio = radio_of(with_preset)

    assert radio.url == "https://product.example"
    assert radio.metrics["hotspots"].path == "up"
    assert radio.metrics["hotspots"].factor == 0.5
    assert radio.metrics["officer"].path == "who"
    assert with_preset.settings().sources["radio"].schedule.every_us == 300_000_000


def test_mappings_are_merged_deep_and_lists_replaced(with_preset: Folder) -> None:
    with_preset.change(S, "sites: {north", "body: {page: {size: 9}, kinds: [c]}\n    sites: {north")

    assert radio_of(with_preset).body == {"page": {"size": 9, "start": 0}, "kinds": ["c"]}


def test_a_secret_is_replaced_as_one_thing(with_preset: Folder) -> None:
    with_preset.change(S, "sites: {north", "token: {file: /run/token}\n    sites: {north")

    token = radio_of(with_preset).token

    assert token is not None
    assert token.env is None
    assert str(token.file) == "/run/token"


def test_another_type_takes_nothing_of_the_preset_s(with_preset: Folder) -> None:
    """Keys of an API key are unknown to a user with a password, and those of one page to others."""
    file = with_preset.path.parent / "presets" / "product.yaml"
    paged = "auth: {type: api_key, name: X-Key, key: {env: KEY}}\nbody: {pages: {type: a, size: 9}"
    file.write_text(PRESET.replace("body: {page: {size: 50, start: 0}", paged), encoding="utf-8")
    own = "auth: {type: basic, username: me}\n    body: {pages: {type: b}}\n    sites: {north"
    with_preset.change(S, "sites: {north", own)

    radio, keys = laid(with_preset)

    assert radio["auth"] == {"type": "basic", "username": "me"}
    assert radio["body"] == {"pages": {"type": "b"}, "kinds": ["a", "b"]}
    assert keys >= {("auth", "username"), ("body", "pages", "type"), ("body", "kinds")}
    assert keys.isdisjoint({("auth", "name"), ("auth", "key", "env"), ("body", "pages", "size")})


@pytest.mark.parametrize("own", ["{name: Y-Key}", "{type: api_key, name: Y-Key}"])
def test_the_same_type_takes_the_preset_s_other_keys(with_preset: Folder, own: str) -> None:
    file = with_preset.path.parent / "presets" / "product.yaml"
    auth = "auth: {type: api_key, name: X-Key, key: {env: KEY}}\n"
    file.write_text(PRESET + auth, encoding="utf-8")
    with_preset.change(S, "sites: {north", f"auth: {own}\n    sites: {{north")

    radio, _ = laid(with_preset)

    assert radio["auth"] == {"type": "api_key", "name": "Y-Key", "key": {"env": "KEY"}}


def laid(folder: Folder) -> tuple[dict[str, Tree], set[Steps]]:
    """The radio source over its preset, and the keys below it that have a place."""
    document, _ = read(folder.path / S, folder.environ)
    assert document is not None
    whole, findings = with_presets(document, folder.path, folder.environ)
    assert findings == []
    radio = Part(whole).into("sources", "radio").data
    assert isinstance(radio, dict)
    return radio, {path[2:] for path in whole.places if path[:2] == ("sources", "radio")}


def test_a_mistake_in_a_preset_has_the_preset_s_line(with_preset: Folder) -> None:
    file = with_preset.path.parent / "presets" / "product.yaml"
    file.write_text(PRESET.replace("factor: 2", "facto: 2"), encoding="utf-8")

    assert with_preset.says() == [
        f"{file}:8: metrics.hotspots.facto: no such key, did you mean factor?"
    ]


def test_a_mistake_over_a_preset_has_the_source_s_line(with_preset: Folder) -> None:
    with_preset.change(S, "{factor: 0.5}", "{factor: much}")

    (only,) = with_preset.says()

    line = with_preset.line(S, "factor: much")
    assert only.startswith(f"{S}:{line}: sources.radio.metrics.hotspots.factor: ")


def test_what_a_preset_does_not_bring_is_missing_in_the_source(with_preset: Folder) -> None:
    with_preset.change(S, "    owner: Sở TTTT\n", "")

    line = with_preset.line(S, "radio:")
    assert with_preset.says() == [f"{S}:{line}: sources.radio.owner: is missing"]


def test_an_unknown_preset_is_the_only_finding_of_its_source(with_preset: Folder) -> None:
    with_preset.change(S, "use: presets/product", "use: presets/produce")

    line = with_preset.line(S, "use:")
    problem = "no such preset, did you mean presets/product?"
    assert with_preset.says() == [f"{S}:{line}: sources.radio.use: {problem}"]


def test_the_beginning_of_a_preset_s_name_is_completed(with_preset: Folder) -> None:
    with_preset.change(S, "use: presets/product", "use: presets/pro")

    (only,) = with_preset.says()

    assert only.endswith("sources.radio.use: no such preset, did you mean presets/product?")


@pytest.mark.parametrize("use", ["product", "../presets/product", "presets/../here/sources", "5"])
def test_a_preset_is_named_and_never_reached_by_a_path(with_preset: Folder, use: str) -> None:
    with_preset.change(S, "use: presets/product", f"use: {use}")

    line = with_preset.line(S, "use:")
    assert with_preset.says() == [f"{S}:{line}: sources.radio.use: should be presets/NAME"]


def test_a_preset_that_is_no_yaml_is_a_finding_of_its_own(with_preset: Folder) -> None:
    file = with_preset.path.parent / "presets" / "product.yaml"
    file.write_text("a: 1\na: 2\nb: [\n", encoding="utf-8")

    (only,) = with_preset.says()

    assert only.startswith(f"{file}:4: is no YAML")


def test_a_preset_does_not_use_another(with_preset: Folder) -> None:
    file = with_preset.path.parent / "presets" / "product.yaml"
    file.write_text(f"{PRESET}use: presets/product\n", encoding="utf-8")

    assert with_preset.says() == [f"{file}:9: use: a preset does not use another"]
