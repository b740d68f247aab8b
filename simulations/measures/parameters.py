"""Assumptions of measures, read from YAML files."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reso.errors import InputError
from reso.facts.text import read_text

Parameters = TypeVar("Parameters", bound=BaseModel)


def read_parameters(file: Path, kind: type[Parameters]) -> Parameters:
    """Return the parameters a YAML file states.

    Raises:
        InputError: there is no such file, it is no YAML, or it says something else than `kind`.
    """
    try:
        stated = YAML(typ="safe", pure=True).load(read_text(file))
        return kind.model_validate(stated)
    except YAMLError as error:
        what = f"is not readable as YAML: {str(error).splitlines()[0]}"
        raise InputError(str(file), what, "Mend it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        known = ", ".join(kind.model_fields)
        raise InputError(f"{file}: {where}", first["msg"].lower(), f"It states {known}.") from error
