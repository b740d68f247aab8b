"""Rulings in words: every kind of reason, value and clock, in both languages, and as JSON."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reso.cases import Pack, load_pack
from reso.engine.explain import explain, render_text
from reso.engine.ruling_json import ruling_json
from reso.engine.words import Voice, words
from reso.expressions.tree import Kind
from reso.facts.operations import UNKNOWN
from reso.facts.reader import read_case_file
from reso.model.case import Case
from reso.model.money import Language
from reso.model.ruling import EvidenceTrace, Reason, RuleTrace, Ruling
from reso.model.time import Duration

MINI = Path(__file__).parents[1] / "packs" / "mini"
FILED_AT = "2026-03-02T09:00:00+08:00"
THREE_HOURS_LATER = "2026-03-02T12:00:00+08:00"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(MINI)


def case_of(pack: Pack, claim_type: str, now: str = THREE_HOURS_LATER, **more: object) -> Case:
    order = {"currency": "SGD", "items_subtotal": "40.00", "total_paid": "45.50"}
    claim = {"type": claim_type, "filed_at": FILED_AT}
    data = {"claim": claim, "order": order, "now": now, **more}
    return read_case_file(data, pack.table).case_at()


def ruling_on(pack: Pack, claim_type: str, now: str = THREE_HOURS_LATER, **more: object) -> Ruling:
    return pack.engine.decide(case_of(pack, claim_type, now, **more))


def headline(pack: Pack, ruling: Ruling, language: Language = "en") -> str:
    return explain(ruling, pack.policy, language).headline


def first_reason(pack: Pack, ruling: Ruling, language: Language = "en") -> str:
    return explain(ruling, pack.policy, language).reasons[0].text


REFUND_EN = """\
The buyer gets all the money back: SGD 45.50.

Why
- The seller agreed, or was silent for 48 hours, by 4 Mar 2026 09:00 UTC+08:00 (24 hours ago), \
and the price of SGD 40.00 is not above SGD 50.00.
  It rests on: A silent seller agrees. (MINI-1, https://example.org/silence)

Evidence
- Not used: photo from the buyer, because the decision does not turn on it.

What this means
- The money is held safely while the case runs.
- No appeal against this decision is possible.
- The request is approved automatically.
- Evidence asked for: photo of parcel.
- The goods have to be shipped by 4 Mar 2026 09:00 UTC+08:00 (24 hours ago).

What comes next
- The money is paid back now; nothing more needs to be done.

By the policy mini, version 7 (HASH), with what was known at 5 Mar 2026 09:00 UTC+08:00."""

WAIT_ID = """\
Belum ada keputusan: kami menunggu penjual sampai 4 Mar 2026 09:00 UTC+08:00 (45 jam lagi).

Mengapa
- Yang masih diperlukan: Apakah penjual setuju? Penjual dapat menjawab sampai 4 Mar 2026 09:00 \
UTC+08:00 (45 jam lagi). Tanpa jawaban sampai saat itu, kami menganggapnya: disetujui.
  Dasarnya: Penjual yang diam dianggap setuju. (MINI-1, https://example.org/silence)

Bukti
- Belum dinilai: foto dari pembeli.

Artinya
- Uang ditahan dengan aman selama kasus ini berjalan.
- Keputusan ini tidak dapat dibanding.

Selanjutnya
- Kasus ini kami lihat lagi pada 4 Mar 2026 09:00 UTC+08:00 (45 jam lagi), atau lebih cepat bila \
ada hal baru.
- Jika tidak ada hal baru sampai 4 Mar 2026 09:00 UTC+08:00 (45 jam lagi): Pembeli mendapat \
seluruh uangnya kembali: SGD 45,50.

Menurut kebijakan mini, versi 7 (HASH), dengan yang diketahui pada 2 Mar 2026 12:00 UTC+08:00."""

PHOTO = [{"party": "buyer", "type": "photo", "strength": "strong"}]


def rendered(pack: Pack, ruling: Ruling, language: Language, then: Ruling | None = None) -> str:
    text = render_text(explain(ruling, pack.policy, language, then))
    return text.replace(ruling.content_hash[:12], "HASH")


def test_a_refund_is_told_whole_in_english(pack: Pack) -> None:
    ruling = ruling_on(pack, "damaged", "2026-03-05T09:00:00+08:00", evidence=PHOTO)
    assert rendered(pack, ruling, "en") == REFUND_EN


def test_a_wait_is_told_whole_in_indonesian_with_what_follows_if_nothing_happens(
    pack: Pack,
) -> None:
    case = case_of(pack, "damaged", evidence=PHOTO)
    ruling = pack.engine.decide(case)
    then = pack.engine.decide(case, ruling.deadline)
    assert rendered(pack, ruling, "id", then) == WAIT_ID


def test_what_follows_is_left_out_where_it_is_the_same(pack: Pack) -> None:
    case = case_of(pack, "counterfeit")
    ruling = pack.engine.decide(case)
    then = pack.engine.decide(case, ruling.deadline)
    told = explain(ruling, pack.policy, "en", then)
    assert told.next_steps == ("Our team reads the case and tells both sides.",)


TWO_LAMPS = {"items": [{"sku": "L", "qty_claimed": 2, "unit_price": "20.00"}]}


@pytest.mark.parametrize(
    ("claim_type", "english", "indonesian"),
    [
        pytest.param(
            "defective",
            "Before we decide, we need something from the buyer, by 3 Mar 2026 12:00 UTC+08:00 "
            "(in 24 hours).",
            "Sebelum memutuskan, kami memerlukan sesuatu dari pembeli, paling lambat 3 Mar 2026 "
            "12:00 UTC+08:00 (24 jam lagi).",
            id="request for evidence",
        ),
        pytest.param(
            "counterfeit",
            "One of our people decides this case, by 3 Mar 2026 09:00 UTC+08:00 (in 21 hours).",
            "Kasus ini akan diputus oleh petugas kami, paling lambat 3 Mar 2026 09:00 UTC+08:00 "
            "(21 jam lagi).",
            id="escalation",
        ),
        pytest.param(
            "wrong_item",
            "The goods go back to the seller, then the buyer gets the money back: SGD 45.50, "
            "2 pieces.",
            "Barang dikirim kembali kepada penjual, lalu uang pembeli dikembalikan: SGD 45,50, "
            "2 buah.",
            id="return",
        ),
        pytest.param(
            "incomplete",
            "The seller sends the right or the missing goods, 2 pieces.",
            "Penjual mengirim barang pengganti atau barang yang kurang, 2 buah.",
            id="replacement",
        ),
        pytest.param(
            "courier_loss_compensation",
            "The seller gets a payment: SGD 40.00, paid by the courier.",
            "Penjual menerima pembayaran: SGD 40,00, dibayar oleh kurir.",
            id="paid to the seller by another",
        ),
        pytest.param(
            "shipping_overcharge",
            "The buyer gets part of the money back: SGD 10.00, and the seller keeps 12.5%.",
            "Pembeli mendapat sebagian uangnya kembali: SGD 10,00, dan 12,5% tetap menjadi milik "
            "penjual.",
            id="part, with a share kept",
        ),
    ],
)
def test_the_headline_says_who_gets_what_and_by_when(
    pack: Pack, claim_type: str, english: str, indonesian: str
) -> None:
    claim = {"type": claim_type, "filed_at": FILED_AT, **TWO_LAMPS}
    ruling = ruling_on(pack, claim_type, claim=claim)
    assert headline(pack, ruling) == english
    assert headline(pack, ruling, "id") == indonesian


def test_one_piece_is_no_plural(pack: Pack) -> None:
    ruling = replace(ruling_on(pack, "incomplete"), quantity=1)
    assert headline(pack, ruling) == "The seller sends the right or the missing goods, 1 piece."


def test_the_denied_party_is_named(pack: Pack) -> None:
    ruling = replace(ruling_on(pack, "counterfeit"), decision="deny", party="seller", deadline=None)
    assert headline(pack, ruling) == "The request of the seller is not granted."
    assert headline(pack, ruling, "id") == "Permintaan dari penjual tidak dapat dikabulkan."


@pytest.mark.parametrize(
    ("claim_type", "english", "indonesian"),
    [
        pytest.param(
            "wrong_item", "The wrong goods came.", "Barang yang salah dikirim.", id="because"
        ),
        pytest.param(
            "not_received",
            'This is still needed: The answer to "courier word". The courier can answer until '
            "5 Mar 2026 09:00 UTC+08:00 (in 69 hours). Without an answer by then, we take it as: "
            "lost.",
            'Yang masih diperlukan: Jawaban atas "courier word". Kurir dapat menjawab sampai '
            "5 Mar 2026 09:00 UTC+08:00 (69 jam lagi). Tanpa jawaban sampai saat itu, kami "
            "menganggapnya: hilang.",
            id="a question without a text",
        ),
        pytest.param(
            "service_terminated",
            "No rule of its own fits this case, so the general one applies: a person decides.",
            "Tidak ada aturan khusus yang berlaku untuk kasus ini, jadi yang berlaku adalah aturan "
            "umum: diputus oleh petugas.",
            id="otherwise",
        ),
        pytest.param(
            "change_of_mind",
            "The rules that apply contradict each other (changed one, changed two), so one of our "
            "people decides.",
            "Aturan-aturan yang berlaku saling bertentangan (changed one, changed two), jadi "
            "petugas kami yang memutuskan.",
            id="conflict",
        ),
        pytest.param(
            "seller_appeal",
            "The decision could not be worked out, as the case holds no ruling in force; so one of "
            "our people decides.",
            "Keputusan tidak dapat dihitung, karena kasus ini tidak memuat keputusan yang berlaku; "
            "jadi petugas kami yang memutuskan.",
            id="flaw",
        ),
        pytest.param(
            "broken",
            'Whatever comes of what is still open, the result is the same (rule "either way").',
            'Apa pun jawaban atas hal yang masih terbuka, hasilnya sama (aturan "either way").',
            id="settled whatever is answered",
        ),
    ],
)
def test_each_kind_of_reason_is_a_sentence(
    pack: Pack, claim_type: str, english: str, indonesian: str
) -> None:
    ruling = ruling_on(pack, claim_type)
    assert first_reason(pack, ruling) == english
    assert first_reason(pack, ruling, "id") == indonesian


def test_a_broken_promise_is_named(pack: Pack) -> None:
    order = {"currency": "SGD", "items_subtotal": "1100", "total_paid": "1200"}
    ruling = ruling_on(pack, "expired_item", order=order)
    assert first_reason(pack, ruling) == (
        'The decision would break a promise of the policy, "never above a thousand", so one of '
        "our people decides."
    )


def test_what_is_beyond_the_calendar_is_said(pack: Pack) -> None:
    late = "9999-12-31T09:00:00+08:00"
    claim = {"type": "damaged", "filed_at": late}
    ruling = ruling_on(pack, "damaged", late, claim=claim)
    assert first_reason(pack, ruling, "id") == (
        "Keputusan tidak dapat dihitung, karena 48 hours after 9999-12-31T01:00:00+00:00 melewati "
        "kalender (tahun 1-9999); jadi petugas kami yang memutuskan."
    )


def test_a_source_that_is_down_is_named(pack: Pack) -> None:
    ruling = replace(
        ruling_on(pack, "damaged"),
        needed=("source:tracking",),
        reasons=(Reason("question", "source:tracking", detail="this source is down"),),
    )
    assert first_reason(pack, ruling) == (
        "The records of tracking are not available, so one of our people decides."
    )


RETURNED = [{"at": "2026-03-04T09:00:00+08:00", "event": "delivered", "leg": "return"}]


def test_a_step_nobody_answered_says_what_silence_meant(pack: Pack) -> None:
    ruling = ruling_on(pack, "wrong_item", "2026-03-07T09:00:00+08:00", tracking=RETURNED)
    assert ruling.decision == "refund_full"
    assert [reason.text for reason in explain(ruling, pack.policy, "en").reasons] == [
        "The wrong goods came.",
        "Are the returned goods in order? There was no answer until 6 Mar 2026 09:00 UTC+08:00 "
        "(24 hours ago), so we take it as: in order.",
    ]


def test_a_step_that_was_answered_says_the_answer(pack: Pack) -> None:
    disputed = {"at": "2026-03-05T09:00:00+08:00", "party": "seller", "action": "dispute"}
    ruling = ruling_on(
        pack, "wrong_item", "2026-03-07T09:00:00+08:00", tracking=RETURNED, responses=[disputed]
    )
    assert explain(ruling, pack.policy, "id").reasons[1].text == (
        "Apakah barang yang kembali sesuai? Jawabannya: tidak sesuai."
    )


def test_a_question_a_human_has_to_answer_is_open_with_its_clock(pack: Pack) -> None:
    told = explain(ruling_on(pack, "counterfeit"), pack.policy, "en")
    assert [(q.name, q.to, q.until, q.text) for q in told.questions] == [
        (
            "team",
            "human",
            datetime(2026, 3, 3, 1, 0, tzinfo=UTC),
            "How does the team rule? Our team answers by 3 Mar 2026 09:00 UTC+08:00 (in 21 hours).",
        )
    ]


def test_a_question_is_named_when_a_value_of_its_text_is_not_in_the_ruling(pack: Pack) -> None:
    known = ruling_on(pack, "defective")
    ruling = replace(
        known,
        reasons=(Reason("otherwise", "otherwise", "wait"),),
        questions=tuple(replace(question, values=()) for question in known.questions),
    )
    assert [question.text for question in explain(ruling, pack.policy, "en").questions] == [
        'The answer to "proof". The buyer can answer until 3 Mar 2026 12:00 UTC+08:00 '
        "(in 24 hours). Without an answer by then, we take it as: nothing shown."
    ]


def test_clocks_that_decide_nothing_stand_apart(pack: Pack) -> None:
    told = explain(ruling_on(pack, "broken"), pack.policy, "en")
    assert told.questions == ()
    assert [clock.name for clock in told.clocks] == ["seller_answer"]


@pytest.mark.parametrize(
    ("why", "used", "text"),
    [
        pytest.param("used", True, "Used: video from the buyer.", id="used"),
        pytest.param(
            "late",
            False,
            "Not used: video from the buyer, because it came after its deadline.",
            id="late",
        ),
        pytest.param(
            "weak",
            False,
            "Not used: video from the buyer, because it does not prove what it should show.",
            id="weak",
        ),
        pytest.param(
            "not_asked_for",
            False,
            "Not used: video from the buyer, because the decision does not turn on it.",
            id="not asked for",
        ),
    ],
)
def test_evidence_says_whether_and_why_it_counted(
    pack: Pack, why: str, used: bool, text: str
) -> None:
    piece = EvidenceTrace(0, "buyer", "video", used, why)
    ruling = replace(ruling_on(pack, "wrong_item"), evidence=(piece,))
    assert explain(ruling, pack.policy, "en").evidence[0].text == text


def test_evidence_is_not_called_unused_before_anybody_weighed_it(pack: Pack) -> None:
    told = explain(ruling_on(pack, "counterfeit", evidence=PHOTO), pack.policy, "en")
    assert [piece.text for piece in told.evidence] == ["Not weighed yet: photo from the buyer."]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        pytest.param("can_reopen", True, "The case can be opened again.", id="a flag"),
        pytest.param(
            "can_reopen", False, "The case cannot be opened again.", id="a flag that is no"
        ),
        pytest.param("redirect", "seller", "Please take this up with the seller.", id="a word"),
        pytest.param("route", "fast_lane", "Way on: fast lane.", id="a word of the pack's own"),
        pytest.param("gold_star", True, "Gold star: yes.", id="a flag of the pack's own"),
    ],
)
def test_effects_are_sentences(pack: Pack, name: str, value: bool | str, text: str) -> None:
    ruling = replace(ruling_on(pack, "wrong_item"), matters=(), effects={name: value})
    assert explain(ruling, pack.policy, "en").effects == (text,)


def test_a_matter_beside_the_outcome_is_a_sentence(pack: Pack) -> None:
    told = explain(ruling_on(pack, "wrong_item"), pack.policy, "id")
    assert told.effects[0] == "Ongkos kirim retur ditanggung penjual."


ENGLISH = Voice("en", ZoneInfo("Asia/Jakarta"), "IDR", NOON)
INDONESIAN = Voice("id", ZoneInfo("Asia/Jakarta"), "IDR", NOON)


@pytest.mark.parametrize(
    ("value", "kind", "english", "indonesian"),
    [
        pytest.param(None, "money", "not known", "tidak diketahui", id="none"),
        pytest.param(UNKNOWN, "instant", "not known", "tidak diketahui", id="unknown"),
        pytest.param(True, "boolean", "yes", "ya", id="yes"),
        pytest.param(False, "boolean", "no", "tidak", id="no"),
        pytest.param(1_250_000, "money", "IDR 1,250,000", "Rp1.250.000", id="money"),
        pytest.param(125_000, "rate", "12.5%", "12,5%", id="rate"),
        pytest.param(1_250, "integer", "1,250", "1.250", id="count"),
        pytest.param(
            NOON - timedelta(hours=74),
            "instant",
            "27 Feb 2026 09:00 WIB (74 hours ago)",
            "27 Feb 2026 09:00 WIB (74 jam yang lalu)",
            id="past",
        ),
        pytest.param(
            NOON + timedelta(days=8, hours=3),
            "instant",
            "10 Mar 2026 14:00 WIB (in 8 days 3 hours)",
            "10 Mar 2026 14:00 WIB (8 hari 3 jam lagi)",
            id="to come",
        ),
        pytest.param(
            NOON,
            "instant",
            "2 Mar 2026 11:00 WIB (now)",
            "2 Mar 2026 11:00 WIB (sekarang)",
            id="now",
        ),
        pytest.param(date(2026, 5, 4), "date", "4 May 2026", "4 Mei 2026", id="date"),
        pytest.param(time(9, 5), "time", "09:05", "09:05", id="clock time"),
        pytest.param(
            Duration("business_days", 2),
            "duration",
            "2 business days",
            "2 hari kerja",
            id="duration",
        ),
        pytest.param("wrong_item", "enum", "wrong item", "barang salah", id="known word"),
        pytest.param("own_word", "enum", "own word", "own word", id="word in no table"),
        pytest.param("a_b\x1b[2J\nc", "text", "a_b [2J c", "a_b [2J c", id="text is made harmless"),
    ],
)
def test_values_are_written_as_people_write_them(
    value: object, kind: Kind, english: str, indonesian: str
) -> None:
    assert ENGLISH.value(value, kind) == english
    assert INDONESIAN.value(value, kind) == indonesian


def test_placeholders_are_filled_by_the_type_of_their_expression(pack: Pack) -> None:
    claim = {
        "type": "shipping_overcharge",
        "filed_at": FILED_AT,
        "requested": "refund",
        "visible": True,
    }
    ruling = ruling_on(pack, "shipping_overcharge", claim=claim)
    assert first_reason(pack, ruling) == (
        "The seller keeps 12.5% (refund, yes, 48 hours, not known)."
    )
    assert first_reason(pack, ruling, "id") == (
        "Penjual menahan 12,5% (pengembalian dana, ya, 48 jam, tidak diketahui)."
    )


def test_every_word_has_both_languages() -> None:
    lacking = [
        f"{table}.{key}"
        for table, entries in words().items()
        for key, entry in entries.items()
        if set(entry) != {"id", "en"} or not all(text.strip(" ") for text in entry.values())
    ]
    assert lacking == []


def test_a_ruling_of_another_version_is_refused(pack: Pack) -> None:
    ruling = replace(ruling_on(pack, "damaged"), content_hash="0" * 64, version="6")
    with pytest.raises(ValueError, match=r"^the ruling is by mini 6, not by this version of mini"):
        explain(ruling, pack.policy, "en")


# -- JSON -----------------------------------------------------------------------------------


def test_json_holds_exact_amounts_and_local_instants(pack: Pack) -> None:
    ruling = ruling_on(pack, "damaged", "2026-03-05T09:00:00+08:00", evidence=PHOTO)
    data = ruling_json(ruling, pack.policy)
    assert json.loads(json.dumps(data)) == data
    assert data["policy"] == {
        "name": "mini",
        "version": "7",
        "content_hash": pack.policy.content_hash,
    }
    shown = {key: data[key] for key in ("decision", "settled", "amount", "currency", "payee")}
    assert shown == {
        "decision": "refund_full",
        "settled": True,
        "amount": "45.50",
        "currency": "SGD",
        "payee": "buyer",
    }
    assert (data["known_at"], data["payer"]) == ("2026-03-05T09:00:00+08:00", None)
    assert data["effects"] == {
        "funds_held": True,
        "appeal_available": False,
        "auto_approved": True,
        "evidence_type": "photo_of_parcel",
        "sla_deadline": "2026-03-04T09:00:00+08:00",
    }


def test_json_reasons_carry_both_texts_their_sources_and_values(pack: Pack) -> None:
    ruling = ruling_on(pack, "damaged", "2026-03-05T09:00:00+08:00")
    assert ruling_json(ruling, pack.policy)["reasons"] == [
        {
            "kind": "rule",
            "name": "agreed",
            "concluded": "refund",
            "detail": None,
            "text": {
                "id": "Penjual setuju, atau diam selama 48 jam, sampai 4 Mar 2026 09:00 UTC+08:00 "
                "(24 jam yang lalu), dan harga SGD 40,00 tidak melebihi SGD 50,00.",
                "en": "The seller agreed, or was silent for 48 hours, by 4 Mar 2026 09:00 "
                "UTC+08:00 (24 hours ago), and the price of SGD 40.00 is not above SGD 50.00.",
            },
            "sources": [
                {
                    "id": "MINI-1",
                    "address": "https://example.org/silence",
                    "says": {
                        "id": "Penjual yang diam dianggap setuju.",
                        "en": "A silent seller agrees.",
                    },
                }
            ],
            "values": [
                {"expression": "seller_time", "kind": "duration", "value": "48 hours"},
                {
                    "expression": "seller_answer.ended_at",
                    "kind": "instant",
                    "value": "2026-03-04T09:00:00+08:00",
                },
                {"expression": "price", "kind": "money", "value": "40.00"},
                {"expression": "limit", "kind": "money", "value": "50.00"},
            ],
        }
    ]


def test_json_questions_and_rules_are_traced(pack: Pack) -> None:
    data = ruling_json(ruling_on(pack, "damaged"), pack.policy)
    assert data["deadline"] == "2026-03-04T09:00:00+08:00"
    assert data["needed"] == ["seller_answer"]
    assert data["questions"] == [
        {
            "name": "seller_answer",
            "to": "seller",
            "asks": {"id": "Apakah penjual setuju?", "en": "Does the seller agree?"},
            "state": "open",
            "answer": None,
            "opened_at": "2026-03-02T09:00:00+08:00",
            "deadline": "2026-03-04T09:00:00+08:00",
            "ended_at": None,
            "needed": True,
            "to_be_asked": False,
        }
    ]
    assert {
        "name": "agreed",
        "kind": "rule",
        "matter": "outcome",
        "status": "undecided",
        "sources": ["MINI-1"],
    } in data["rules"]  # type: ignore[operator]


def test_json_says_why_evidence_did_not_count(pack: Pack) -> None:
    piece = EvidenceTrace(0, "buyer", "photo", used=False, why="late")
    ruling = replace(ruling_on(pack, "wrong_item"), evidence=(piece,))
    assert ruling_json(ruling, pack.policy)["evidence"] == [
        {
            "index": 0,
            "party": "buyer",
            "type": "photo",
            "used": False,
            "why": "late",
            "text": {
                "id": "diserahkan setelah batas waktunya",
                "en": "it came after its deadline",
            },
        }
    ]


@pytest.mark.parametrize(
    ("millionths", "percent"),
    [
        pytest.param(500_000, 50, id="whole"),
        pytest.param(125_000, 12.5, id="half"),
        pytest.param(1, 0.0001, id="smallest"),
    ],
)
def test_json_percentages_are_numbers(pack: Pack, millionths: int, percent: float) -> None:
    ruling = replace(ruling_on(pack, "shipping_overcharge"), percent=millionths)
    assert ruling_json(ruling, pack.policy)["percent"] == percent


def test_a_share_of_nothing_is_not_told(pack: Pack) -> None:
    ruling = ruling_on(pack, "shipping_overcharge")
    assert "50%" in headline(pack, replace(ruling, percent=500_000))
    assert "%" not in headline(pack, replace(ruling, percent=0))


def test_a_rule_without_a_text_is_named(pack: Pack) -> None:
    ruling = replace(
        ruling_on(pack, "damaged"),
        reasons=(Reason("rule", "rejected", "release_to_seller", ("MINI-2",)),),
        rules=(RuleTrace("rejected", "rule", "outcome", "decided", ("MINI-2",)),),
    )
    assert first_reason(pack, ruling) == 'The rule "rejected" applies to this case.'
