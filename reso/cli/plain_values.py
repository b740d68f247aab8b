"""Plain values of the command line, made without pydantic, whose start alone takes longer.

typer asks pydantic to make a value of what was typed. Of a flag, of one of a few words and of paths
there is little to make; what is not plainly right goes on to typer, which says what is wrong.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin


def spare(params: Iterable[Any]) -> None:
    """Let the parameters of a command take plain values as they are."""
    for param in params:
        if getattr(param, "_runtime_param", True) is None:  # typer has not looked at it yet
            param._runtime_param = Plain()


class Plain:
    """Stands in a parameter of typer for what makes its values, until it is needed."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the value of a parameter."""
        many = param.multiple or param.nargs == -1
        made = () if value is None and many else _made(value, param.type_descriptor.annotation)
        if value is None or made is not None:
            return made
        param._runtime_param = None
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)


def _made(value: Any, annotation: Any) -> Any:
    """Return what a plain value is, None for one that is not plain."""
    if annotation is bool and (isinstance(value, bool) or value in ("0", "1")):
        return value in (True, "1")
    if get_origin(annotation) is Literal and isinstance(value, str):
        return value if value in get_args(annotation) else None
    if annotation == list[Path] and value and all(map(_is_plain_path, value)):
        return [Path(path) for path in value]
    return None


def _is_plain_path(path: object) -> bool:
    return isinstance(path, str) and os.path.isdir(path) and os.access(path, os.R_OK)
