"""The forms of declarations as pydantic checks them, for those that are not plainly right."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictStr, ValidationError
from pydantic_core import ErrorDetails

from reso.facts.bodies import Body, FieldBody, SectionBody, WideningBody, as_written
from reso.facts.fields import FieldType, StatedBy

Word: TypeAlias = Annotated[str, BeforeValidator(as_written)]
Words: TypeAlias = tuple[StrictStr, ...]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _FieldForm(_Form):
    type: FieldType
    values: Words = ()
    absent: Word = "none"
    unit: StrictStr | None = None
    meaning: StrictStr = ""
    stated_by: StatedBy | None = None
    occurs: bool = False


class _WideningForm(_Form):
    widen: Words


class _SectionForm(_Form):
    fields: dict[str, object]
    list: bool | None = None
    since: StrictStr | None = None
    undated: StrictStr | None = None
    stated_by: StatedBy | None = None


_FORMS: Mapping[type, type[_Form]] = {
    FieldBody: _FieldForm,
    WideningBody: _WideningForm,
    SectionBody: _SectionForm,
}


def formed(form: type[Body], body: object) -> Body:
    """Return what a declaration says.

    Raises:
        ValidationError: with everything that is wrong.
    """
    checked = _FORMS[form].model_validate(body)
    return form(**{name: getattr(checked, name) for name in type(checked).model_fields})


__all__ = ["ErrorDetails", "ValidationError", "formed"]
