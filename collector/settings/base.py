"""What all models of the configuration's files have in common."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=False,
        # The line under a field is what the key reference says of it.
        use_attribute_docstrings=True,
    )
