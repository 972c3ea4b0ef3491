"""A secret is a name or a path in the configuration, and a value only at the moment of use."""

import os
from pathlib import Path

from pydantic import model_validator

from connectors.base import Model, SourceError


class Secret(Model):
    """`{env: NAME}` or `{file: PATH}`; read anew at each use, so that it can be rotated."""

    env: str | None = None
    file: Path | None = None

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
