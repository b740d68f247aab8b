"""Templates: every outcome has one for each party, and every text keeps to the tone."""

from pathlib import Path

import pytest

from reso.policy.messages import KINDS, READERS, wrong_with
from tests.strategies.small_packs import pack, problems_of

ROOT = Path(__file__).parents[2]
SHARED = (ROOT / "rules" / "shared" / "messages.yaml").read_text(encoding="utf-8")
HEADER = "policy: small\ncurrency: IDR\ntime_zone: Asia/Jakarta\notherwise: escalate\n"
GOOD = '{subject: {id: "Halo", en: "Hello"}, says: {id: "Baik.", en: "Fine."}}'


def test_the_shared_texts_tell_every_outcome_to_every_party() -> None:
    found = {(t.reader, t.kind) for t in pack("", SHARED).policy.messages}
    assert found == {(reader, kind) for reader in READERS for kind in KINDS}


def test_a_packs_own_text_goes_before_the_shared_one() -> None:
    own = f"messages: {{buyer: {{wait: {GOOD}}}}}\n"
    files = [("policy.yaml", HEADER + own), ("../shared/messages.yaml", SHARED)]
    uses = [("policy.yaml", HEADER + "uses: ../shared/messages.yaml\n" + own), files[1]]
    assert problems_of(*uses) == []


@pytest.mark.parametrize(
    ("text", "language", "what"),
    [
        pytest.param("Ini kesalahan Anda.", "id", "`kesalahan anda` puts blame", id="blame"),
        pytest.param("This is your fault.", "en", "`your fault` puts blame", id="blame_en"),
        pytest.param("We call the police.", "en", "`police` threatens", id="threat"),
        pytest.param("Menurut pasal tiga.", "id", "`pasal` speaks like a contract", id="legalese"),
        pytest.param("As TKS-C2 says.", "en", "a clause number says nothing", id="citation"),
        pytest.param("Great!! Yes.", "en", "`!!` shouts", id="shouting"),
        pytest.param("word " * 21 + ".", "en", "a sentence of 21 words; at most 20", id="long"),
        pytest.param("a" * 321, "en", "321 characters; `says` has at most 320", id="too_much"),
        pytest.param("You get {amuont}.", "en", "a message cannot show `{amuont}`", id="slot"),
        pytest.param(
            "See {buyer.account_age_days}.", "en", "cannot show `{buyer.account", id="private"
        ),
    ],
)
def test_what_a_text_must_not_say_is_told(text: str, language: str, what: str) -> None:
    told = [message for message, _ in wrong_with(text, language, "says")]
    assert len(told) == 1
    assert what in told[0]


@pytest.mark.parametrize("text", ["A word in articles is no article", "Bagian ayatnya"])
def test_words_are_matched_whole(text: str) -> None:
    found = [message for message, _ in wrong_with(text, "id", "says")]
    assert found == []


@pytest.mark.parametrize(
    ("messages", "what"),
    [
        pytest.param(f"{{courier: {{wait: {GOOD}}}}}", "no message goes to `courier`", id="reader"),
        pytest.param(f"{{buyer: {{wiat: {GOOD}}}}}", "Did you mean `wait`?", id="kind"),
        pytest.param('{buyer: {wait: {says: {id: "a", en: "b"}}}}', "needs `subject`", id="part"),
        pytest.param(
            '{buyer: {wait: {subject: {id: "a"}, says: {id: "a", en: "b"}}}}',
            "`subject` needs a text in each language",
            id="language",
        ),
        pytest.param(
            '{buyer: {wait: {subject: {id: "{amount}", en: "b"}, says: {id: "a", en: "b"}}}}',
            "`subject` fills in other values in Indonesian than in English",
            id="slots_differ",
        ),
    ],
)
def test_a_wrong_template_is_a_problem_of_the_pack(messages: str, what: str) -> None:
    told = problems_of(("policy.yaml", f"{HEADER}messages: {messages}\n"))
    assert any(what in problem for problem in told), told
