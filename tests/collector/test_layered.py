"""Versions of a mapping: each says what a dict would, and none changes an earlier one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.layered import Layered, layered

Changes = dict[int, int | None]
changes = st.dictionaries(st.integers(0, 300), st.none() | st.integers(), max_size=40)


@given(st.lists(changes, max_size=12))
def test_each_version_says_what_a_dict_would(story: list[Changes]) -> None:
    versions, dicts = [Layered[int, int]({})], [dict[int, int]()]
    for step in story:
        versions.append(versions[-1].with_changes(step))
        whole = {**dicts[-1], **step}
        dicts.append({key: one for key, one in whole.items() if one is not None})

    for version, plain in zip(versions, dicts, strict=True):
        assert version == plain
        assert len(version) == len(plain)
        assert sorted(version) == sorted(plain)
        keys = range(301)
        assert [version.get(key) for key in keys] == [plain.get(key) for key in keys]
        assert [key in version for key in keys] == [key in plain for key in keys]
        assert {key: version[key] for key in version} == plain


def test_what_is_gone_is_not_there() -> None:
    version = Layered({"a": 1, "b": 2}).with_changes({"a": None})

    assert version.get("a", 7) == 7
    assert version.get("c", 7) == 7
    with pytest.raises(KeyError, match="a"):
        version["a"]


def test_a_version_is_not_made_again_where_nothing_changed() -> None:
    version = layered({"a": 1})

    assert version.with_changes({}) is version
    assert layered(version) is version
