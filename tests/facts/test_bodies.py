"""What is read of a declaration without pydantic is what pydantic reads of it."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reso.facts.bodies import FieldBody, SectionBody, WideningBody, plain_body
from reso.facts.body_forms import ValidationError, formed
from reso.facts.fields import FieldType, StatedBy

FORMS = (FieldBody, WideningBody, SectionBody)
TYPES = (*get_args(FieldType), *get_args(StatedBy))
KEYS = (
    *("type", "values", "absent", "unit", "meaning", "stated_by", "occurs", "widen"),
    *("fields", "list", "since", "undated", "another"),
)

WORDS = st.sampled_from((*TYPES, "yes", "no", "true", "none", "", "x"))
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers(-1, 2) | st.decimals(0, 2, places=1),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
KEYED = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(TYPES),
        "values": st.lists(WORDS, max_size=2),
        "absent": VALUES,
        "meaning": WORDS,
        "stated_by": WORDS | st.none(),
        "occurs": VALUES,
        "unit": VALUES,
    },
)


def by_pydantic(form: Any, body: object) -> object:
    """Return what pydantic makes of a declaration, None where it finds something wrong."""
    try:
        return formed(form, body)
    except ValidationError:
        return None


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
@given(body=LIKELY | KEYED | VALUES)
def test_what_is_plainly_right_is_what_pydantic_reads(form: Any, body: object) -> None:
    plain = plain_body(form, body)
    assert plain is None or plain == by_pydantic(form, body)


@pytest.mark.parametrize(
    ("form", "body"),
    [
        pytest.param(FieldBody, {"type": "money", "absent": "zero", "meaning": "m"}, id="a field"),
        pytest.param(
            FieldBody, {"type": "enum", "values": ["a"], "absent": False}, id="a word of YAML 1.1"
        ),
        pytest.param(FieldBody, {"type": "instant", "occurs": "yes", "unit": None}, id="a flag"),
        pytest.param(WideningBody, {"widen": ["a", "b"]}, id="a widening"),
        pytest.param(SectionBody, {"fields": {"a": {}}, "list": True, "since": "a"}, id="a list"),
    ],
)
def test_what_packs_declare_needs_no_pydantic(form: Any, body: object) -> None:
    assert plain_body(form, body) is not None
    assert plain_body(form, body) == by_pydantic(form, body)
