"""The table of facts: what is declared, how packs add to it, what is refused."""

import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reso.errors import InputError
from reso.facts.fields import Field, Inputs
from reso.facts.table import (
    FactTable,
    FactTableError,
    installed_table,
    load_core,
    parse_inputs,
)
from reso.facts.text import read_yaml

ROOT = Path(__file__).parents[2]
VOCABULARY = ROOT.parent / "shared" / "cases" / "VOCABULARY.md"
TABLE = installed_table(ROOT / "rules")
SHARED = (
    "reso/facts/core.yaml",
    "rules/shared/card_networks.yaml",
    "rules/shared/seller_programmes.yaml",
)

ROW = re.compile(r"\| `(?P<path>[^`]+)` \| (?P<values>.+) \|")
TYPES_OF = {
    "true / false": {"boolean"},
    "number": {"integer", "money", "rate"},
    "text": {"text", "enum"},
    "date": {"date", "list of date"},
    "instant, ISO 8601 with offset": {"instant"},
    "instant, ISO 8601 with offset or null": {"instant"},
}


def declare(text: str, file: str = "rules/my/pack.yaml") -> Inputs:
    document = read_yaml(text, file)
    return parse_inputs(document.data, file, document.lines)


def problems_of(*texts: str) -> list[str]:
    """Return what is wrong with files that declare this, merged into the core."""
    with pytest.raises(FactTableError) as error:
        load_core().merged(*(declare(t, f"{n}.yaml") for n, t in enumerate(texts, start=1)))
    return [str(problem) for problem in error.value.problems]


def declared(path: str) -> Field:
    """Return the field that VOCABULARY.md calls `path`."""
    section, brackets, name = path.rpartition("[].")
    return TABLE.lists[section][name] if brackets else TABLE.fields[path.removesuffix("[]")]


def vocabulary() -> Iterator[object]:
    """Yield each row of the table of `given` fields, as a test parameter."""
    if not VOCABULARY.exists():
        reason = f"{VOCABULARY} is not on this machine"
        yield pytest.param("", "", marks=pytest.mark.skip(reason=reason), id="no vocabulary")
        return
    given = VOCABULARY.read_text(encoding="utf-8").split("## given")[1].split("## expect")[0]
    for row in ROW.finditer(given):
        if row["path"] not in ("now", "claim"):  # the present, and a whole section
            yield pytest.param(row["path"], row["values"], id=row["path"])


class TestVocabulary:
    @pytest.mark.parametrize(("path", "values"), tuple(vocabulary()))
    def test_every_field_is_declared_with_its_type_and_values(self, path: str, values: str) -> None:
        if values == "list, may be empty":
            assert path.removesuffix("[]") in TABLE.lists
            return
        field = declared(path)
        assert field.source_file in SHARED
        if values in TYPES_OF:
            assert field.type in TYPES_OF[values]
            return
        booleans = {"True": "yes", "False": "no"}
        words = {booleans.get(word, word) for word in re.findall(r"`([^`]+)`", values)}
        assert field.type == "text" or words <= set(field.values)

    @pytest.mark.parametrize(
        "path",
        [
            "tracking[].weight_grams",
            "tracking[].contact_attempted",
            "evidence[].supports",
            "evidence[].hash_seen.disputes",
            "evidence[].hash_seen.accounts",
            "evidence[].hash_seen.within_days",
            "buyer.account_age_days",
            "buyer.linked_accounts",
            "shipping.courier",
            "incident.id",
            "incident.courier",
            "incident.place",
            "incident.starts_at",
            "incident.ends_at",
            "incident.parcels",
            "incident.confirmed_by",
            "order.voucher_seller",
            "order.weight_grams",
            "shipping.weight_limit_grams",
            "history.released_at",
            "history.refunded_at",
            "history.refunded_amount",
            "history.courier_compensation_to_seller",
        ],
    )
    def test_the_fields_the_stories_add_are_in_the_core(self, path: str) -> None:
        assert declared(path).source_file == SHARED[0]

    @pytest.mark.parametrize(
        ("path", "absent"),
        [
            pytest.param(
                "history.parallel_chargeback", False, id="a listed exception is not there"
            ),
            pytest.param("order.free_returns_label", False, id="a right to be shown is not shown"),
            pytest.param("history.appeals_used", 0, id="a count of nothing is 0"),
            pytest.param("order.voucher_platform", 0, id="no voucher was used"),
            pytest.param("tracking[].leg", "outward", id="an ordinary parcel goes to the buyer"),
            pytest.param("order.order_kind", "standard", id="an ordinary order"),
            pytest.param("claim.party", "buyer", id="as a rule the buyer files"),
            pytest.param("responses[].return_needed", False, id="no return unless it is asked"),
            pytest.param("tracking[].signature", None, id="not known whether it was signed for"),
            pytest.param("claim.disclosed", None, id="not a question here"),
            pytest.param("order.seal_intact", None, id="nobody looked"),
        ],
    )
    def test_what_absence_means(self, path: str, absent: object) -> None:
        assert declared(path).absent is absent or declared(path).absent == absent

    def test_every_field_says_what_it_means_and_who_states_it(self) -> None:
        ours = [field for field in TABLE.every_field() if field.source_file in SHARED]
        assert [f.path for f in ours if not f.meaning or not f.stated_by] == []

    def test_what_only_cards_or_programmes_know_is_not_in_the_core(self) -> None:
        assert not {"seller", "cardholder", "merchant"} & load_core().objects
        assert "prior_transactions" not in load_core().lists
        assert TABLE.fields["order.processed_at"].source_file == SHARED[1]
        assert TABLE.fields["seller.level"].source_file == SHARED[2]


class TestLookup:
    def test_by_dotted_name(self) -> None:
        total = TABLE.fields["order.total_paid"]
        assert (total.name, total.section, total.type) == ("total_paid", "order", "money")
        assert TABLE.fields["seller.sanction.kind"].name == "sanction.kind"
        assert TABLE.fields["fault"].section == "case"

    def test_by_list_and_field(self) -> None:
        assert TABLE.lists["tracking"]["address_match"].values == ("yes", "no", "city_state")
        assert TABLE.lists["claim.items"]["unit_price"].path == "claim.items[].unit_price"

    def test_a_field_knows_where_it_is_declared(self) -> None:
        lines = (ROOT / "reso/facts/core.yaml").read_text(encoding="utf-8").splitlines()
        place = TABLE.fields["order.total_paid"].place
        assert place.startswith("reso/facts/core.yaml:")
        assert lines[int(place.rpartition(":")[2]) - 1].startswith("    total_paid: ")

    def test_sections_are_lists_or_objects(self) -> None:
        assert {"tracking", "claim.items", "asked", "unavailable"} <= TABLE.lists.keys()
        assert {"order", "claim", "seller", "incident"} <= TABLE.objects
        assert not TABLE.objects & TABLE.lists.keys()

    def test_a_table_cannot_be_changed_and_survives_pickling(self) -> None:
        with pytest.raises(TypeError):
            TABLE.fields["order.total_paid"] = TABLE.fields["fault"]  # type: ignore[index]
        assert pickle.loads(pickle.dumps(TABLE)) == TABLE

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            pytest.param("order.total_payd", "Did you mean `order.total_paid`?", id="misspelt"),
            pytest.param("order.shipped_at", "Did you mean `shipping.shipped_at`?", id="elsewhere"),
            pytest.param("trackin", "Did you mean `tracking`?", id="a section"),
            pytest.param("tracking.evnt", "Did you mean `tracking[].event`?", id="in a list"),
            pytest.param("xyzzy", "", id="like nothing we know"),
        ],
    )
    def test_the_nearest_known_name(self, wrong: str, expected: str) -> None:
        assert TABLE.did_you_mean(wrong) == expected


class TestMerging:
    def test_a_pack_adds_sections_fields_and_values(self) -> None:
        table = load_core().merged(
            declare("""
                vehicle: {seats: {type: integer, absent: 2}}
                order: {gift_wrapped: {type: boolean, absent: no}}
                tracking: {temperature: {type: integer}}
                evidence: {type: {widen: [dashcam_video]}}
            """)
        )
        assert table.fields["vehicle.seats"].absent == 2
        assert table.fields["order.gift_wrapped"].absent is False
        assert table.lists["tracking"]["temperature"].path == "tracking[].temperature"
        assert table.lists["evidence"]["type"].values[-1] == "dashcam_video"
        assert "gift_wrapped" not in load_core().sections["order"].fields

    def test_the_same_declaration_may_stand_twice(self) -> None:
        again = declare("order: {total_paid: {type: money, meaning: in other words}}")
        meaning = load_core().merged(again).fields["order.total_paid"].meaning
        assert meaning.startswith("goods + shipping")

    def test_files_may_come_in_any_order(self) -> None:
        adds = declare("toy: {age: {type: enum, values: [baby, child]}}", "b.yaml")
        widens = declare("toy: {age: {widen: [adult]}}", "a.yaml")
        assert load_core().merged(widens, adds) == load_core().merged(adds, widens)

    def test_a_widening_says_nothing_new_twice(self) -> None:
        table = load_core().merged(declare("evidence: {type: {widen: [photo]}}"))
        assert table == load_core()

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            pytest.param(
                ["a: {b: {type: text}}", "\na:\n  b: {type: money}"],
                "2.yaml:3: a.b: is declared differently in 1.yaml:1. "
                "Make them agree; to add values to an enum write `widen: [...]`.",
                id="two declarations",
            ),
            pytest.param(
                ["a: {b: {type: enum, values: [x]}}", "a: {b: {type: enum, values: [x, y]}}"],
                "2.yaml:1: a.b: is declared differently in 1.yaml:1. "
                "Make them agree; to add values to an enum write `widen: [...]`.",
                id="two sets of values",
            ),
            pytest.param(
                ["a: {list: yes, fields: {b: {type: text}}}", "a: {list: no, fields: {}}"],
                "2.yaml:1: a: `list` differs from 1.yaml:1. Leave it out here.",
                id="a list and an object",
            ),
            pytest.param(
                ["a: {b: {widen: [x]}}"],
                "1.yaml:1: a.b: cannot be widened: it is not declared. Declare it here.",
                id="widening nothing",
            ),
            pytest.param(
                ["order: {total_paid: {widen: [x]}}"],
                "1.yaml:1: order.total_paid: cannot be widened: it is money, no enum. "
                "Declare it here.",
                id="widening money",
            ),
        ],
    )
    def test_a_contradiction_names_both_places(self, texts: list[str], expected: str) -> None:
        assert problems_of(*texts) == [expected]


class TestBadDeclarations:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("[a]", "1.yaml: inputs: is a list, where a mapping is needed"),
            ("a: 5", "1.yaml:1: a: is `5`, where a mapping is needed"),
            ("A: {}", "1.yaml:1: A: is no name of a section. Use a-z, 0-9 and _."),
            ("a: {B: {}}", "1.yaml:1: a.B: is no name of a field. Use a-z, 0-9 and _."),
            ("a:\n  b: text", "1.yaml:2: a.b: is `text`, where a mapping is needed"),
            ("a: {b: {}}", "1.yaml:1: a.b: `type` is missing"),
            (
                "a: {b: {type: mony}}",
                "1.yaml:1: a.b.type: `mony` is unknown. Did you mean `money`?",
            ),
            (
                "a: {b: {type: text, mening: x}}",
                "1.yaml:1: a.b.mening: unknown key. Did you mean `meaning`?",
            ),
            (
                "a: {lst: yes, fields: {}}",
                "1.yaml:1: a.lst: unknown key. Did you mean `list`?",
            ),
            (
                "a: {b: {type: enum}}",
                "1.yaml:1: a.b: enum needs `values`. An enum lists its values: [a, b].",
            ),
            (
                "a: {b: {type: text, values: [x]}}",
                "1.yaml:1: a.b: text has no use for `values`. An enum lists its values: [a, b].",
            ),
            (
                "a: {b: {type: enum, values: [x, x]}}",
                "1.yaml:1: a.b: `values` names one value twice. Take one of them away.",
            ),
            (
                "a: {b: {type: enum, values: [1]}}",
                "1.yaml:1: a.b.values: `1` does not fit. What is needed is a text.",
            ),
            (
                "a: {b: {widen: x}}",
                "1.yaml:1: a.b.widen: `x` does not fit. What is needed is a list.",
            ),
            (
                "a: {b: {type: rate, unit: days}}",
                "1.yaml:1: a.b: a rate needs its `unit`. Write share (0-1) or percent (0-100).",
            ),
            (
                "a: {b: {type: money, occurs: yes}}",
                "1.yaml:1: a.b: money has no use for `occurs`. Make it an instant.",
            ),
            (
                "a: {b: {type: text, stated_by: partee}}",
                "1.yaml:1: a.b.stated_by: `partee` is unknown. Did you mean `party`?",
            ),
            (
                "a: {b: {type: enum, values: [open, shut], absent: opn}}",
                "1.yaml:1: a.b.absent: `opn` is no value of enum. Did you mean `open`?",
            ),
            (
                "a: {b: {type: instant, absent: zero}}",
                "1.yaml:1: a.b.absent: `zero` is no value of instant. Known: none.",
            ),
        ],
    )
    def test_is_refused_with_its_place(self, text: str, expected: str) -> None:
        assert problems_of(text) == [expected]

    def test_all_are_told_at_once(self) -> None:
        assert len(problems_of("a:\n  b: {type: mony}\n  c: {type: enum}\nD: {}")) == 3

    @pytest.mark.parametrize(
        ("word", "type_", "expected"),
        [
            ("no", "boolean", False),
            ("false", "boolean", False),
            ("yes", "boolean", True),
            ("zero", "money", 0),
            ("7", "integer", 7),
            ("none", "integer", None),
            ("null", "text", None),
        ],
    )
    def test_words_for_absence(self, word: str, type_: str, expected: object) -> None:
        inputs = declare(f"a: {{b: {{type: {type_}, absent: {word}}}}}")
        assert FactTable().merged(inputs).fields["a.b"].absent is expected


class TestInstalledTable:
    def test_reads_the_inputs_of_every_pack(self, tmp_path: Path) -> None:
        pack = tmp_path / "rules" / "my_pack"
        pack.mkdir(parents=True)
        (pack / "policy.yaml").write_text("policy: x\ninputs:\n  a: {b: {type: text}}\n")
        (pack / "rules.yaml").write_text("not: [readable")
        table = installed_table(tmp_path / "rules")
        assert table.fields["a.b"].place == "rules/my_pack/policy.yaml:3"
        assert table.fields.keys() - load_core().fields.keys() == {"a.b"}

    def test_names_the_file_and_line_of_what_it_cannot_read(self, tmp_path: Path) -> None:
        pack = tmp_path / "rules" / "my_pack"
        pack.mkdir(parents=True)
        (pack / "policy.yaml").write_text("inputs:\n\ta: 1\n")
        with pytest.raises(InputError) as error:
            installed_table(tmp_path / "rules")
        assert str(error.value) == (
            "rules/my_pack/policy.yaml:2:1: not readable as YAML: found character '\\t' that "
            "cannot start any token. Indent with spaces, not tabs."
        )
