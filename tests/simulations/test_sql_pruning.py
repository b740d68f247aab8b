"""Which fields of a list's items are read: followed from column to column, or all of them."""

import pytest

from simulations.sql.pruning import Reads, pruned
from simulations.sql.respelled import text_of
from simulations.sql.terms import parsed

LAST = 'list_filter("l", lambda y: y.n <= "n")[-1]'


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        pytest.param({"a": f"{LAST}.at"}, {"n", "at"}, id="of an item"),
        pytest.param({"a": LAST, "b": '"a".at', "c": '"b" > 3'}, {"n", "at"}, id="of a column"),
        pytest.param({"a": f"{LAST} IS NULL"}, {"n"}, id="whether there is one"),
        pytest.param({"a": 'len("l")'}, set(), id="how many there are"),
        pytest.param({"a": 'list_transform("l", lambda y: y.w + y.at)'}, {"w", "at"}, id="of each"),
        pytest.param(
            {"a": f'CASE WHEN "n" > 1 THEN {LAST} END', "b": '"a".w'}, {"n", "w"}, id="of a choice"
        ),
        pytest.param({"a": '"n" > 1'}, set(), id="nobody reads it"),
        pytest.param({"a": f"{LAST} = {{'n': 1, 'at': 2}}"}, None, id="a whole item is compared"),
        pytest.param({"out": LAST}, None, id="a whole item is handed out"),
        pytest.param({"out": '"l"'}, None, id="the list is handed out"),
        pytest.param({"a": 'list_filter("l", lambda y: y IS NULL)'}, None, id="one is tested"),
    ],
)
def test_what_is_read_of_items(columns: dict[str, str], fields: set[str] | None) -> None:
    reads = Reads({name: parsed(text) for name, text in columns.items()}, ("out",))
    assert reads.of_items("l") == fields


def test_a_pruned_list_has_these_fields_of_each_item() -> None:
    assert text_of(pruned(parsed('"l"'), {"n", "at"})) == (
        'list_transform("l", lambda y: '
        "{'at': struct_extract(y, 'at'), 'n': struct_extract(y, 'n')})"
    )
