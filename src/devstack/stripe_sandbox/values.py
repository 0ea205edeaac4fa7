"""The shapes that travel: JSON documents outwards, decoded form values inwards."""

from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]
FormValue: TypeAlias = "str | list[FormValue] | dict[str, FormValue]"
Form: TypeAlias = dict[str, FormValue]
