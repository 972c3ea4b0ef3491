"""A secret is a name or a path in the configuration, and a value only at the moment of use."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, model_validator

from connectors.nouns import Model, SourceError


class Secret(Model):
    """`{env: NAME}` or `{file: PATH}`; read anew at each use, so that it can be rotated."""

    env: str | None = None
    """The environment variable that holds it."""
    file: Path | None = None
    """The file that holds it; blanks around it do not count."""

    @model_validator(mode="after")
    def _one_place(self) -> "Secret":
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret is {env: NAME} or {file: PATH}")
        return self

    def reveal(self) -> str:
        """The value; SourceError(reason="config") when it is not there."""
        if self.file is not None:
            return self._of_file(self.file)
        value = os.environ.get(self.env or "")
        if not value:
            raise SourceError(f"the environment has no {self.env}", reason="config")
        return value

    def missing(self) -> str | None:
        """Why the secret cannot be had now, or None."""
        try:
            self.reveal()
        except SourceError as error:
            return str(error)
        return None

    def _of_file(self, path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}", reason="config") from error
        if not value:
            raise SourceError(f"{path} is empty", reason="config")
        return value


def with_secrets(value: Any) -> Any:
    """A tree as YAML gives it, with a Secret where `{env: NAME}` or `{file: PATH}` stands."""
    if isinstance(value, Mapping):
        if set(value) in ({"env"}, {"file"}):
            return Secret.model_validate(value)
        return {key: with_secrets(item) for key, item in value.items()}
    return [with_secrets(item) for item in value] if isinstance(value, list | tuple) else value


def revealed(value: Any) -> Any:
    """The same tree with the secrets themselves; SourceError(reason="config") without one."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: revealed(item) for key, item in value.items()}
    return [revealed(item) for item in value] if isinstance(value, list | tuple) else value


def secrets_in(value: Any) -> Iterator[Secret]:
    """Every secret that a model, or a tree of them, names."""
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from secrets_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from secrets_in(item)


def secret_values(value: Any) -> Iterator[str]:
    """The values of all secrets that a model names, of those that can be had."""
    for secret in secrets_in(value):
        with suppress(SourceError):
            yield secret.reveal()
