"""The Olist files and disputes derived from them, made here in small; every trap of the data."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from reso.errors import ResoError
from reso.facts.table import load_core
from reso.model.case import Records
from reso.model.events import Event
from simulations.history import History
from simulations.importers.local_time import NEVER, TWICE, LocalClock
from simulations.importers.words import Keywords, load_words
from simulations.sources import read_source

NAMES = {
    "orders": "olist_orders_dataset",
    "order_items": "olist_order_items_dataset",
    "order_payments": "olist_order_payments_dataset",
    "order_reviews": "olist_order_reviews_dataset",
    "products": "olist_products_dataset",
    "category_translation": "product_category_name_translation",
}
HEADERS = {
    "orders": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date",
    "order_items": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,"
    "freight_value",
    "order_payments": "order_id,payment_sequential,payment_type,payment_installments,payment_value",
    "order_reviews": "review_id,order_id,review_score,review_comment_title,"
    "review_comment_message,review_creation_date,review_answer_timestamp",
    "products": "product_id,product_category_name",
    "category_translation": "product_category_name,product_category_name_english",
}
PLACED, APPROVED, HANDED, CAME, DUE = (
    "2018-05-02 10:00:00",
    "2018-05-02 11:00:00",
    "2018-05-04 12:00:00",
    "2018-05-10 13:00:00",
    "2018-05-20 00:00:00",
)


class Shop:
    """Files as Olist publishes them: quoted, with line ends of DOS, in texts too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, list[str]] = {name: [] for name in NAMES}
        self.add("products", "p1,moveis", "p2,brinquedos")
        self.add("category_translation", "moveis,furniture_decor", "brinquedos,toys")

    def add(self, name: str, *rows: str) -> "Shop":
        self.rows[name] += rows
        return self

    def order(
        self,
        name: str = "o1",
        approved: str = APPROVED,
        handed: str = HANDED,
        came: str = CAME,
        placed: str = PLACED,
    ) -> "Shop":
        times = f"{placed},{approved},{handed},{came},{DUE}"
        return self.add("orders", f"{name},c1,delivered,{times}")

    def item(self, name: str = "o1", product: str = "p1", seller: str = "s1") -> "Shop":
        number = len(self.rows["order_items"]) + 1
        return self.add("order_items", f"{name},{number},{product},{seller},{DUE},10.10,5.05")

    def paid(self, name: str = "o1", value: str = "15.15") -> "Shop":
        return self.add("order_payments", f"{name},1,credit_card,1,{value}")

    def review(
        self,
        text: str = "Veio quebrado",
        score: int = 1,
        name: str = "o1",
        review: str = "r1",
        title: str = "",
        at: str = "2018-05-11 20:00:00",
    ) -> "Shop":
        quoted = text.replace('"', '""')
        row = f'"{review}","{name}",{score},"{title}","{quoted}",2018-05-11 00:00:00,{at}'
        return self.add("order_reviews", row)

    def read(self) -> History:
        for name, rows in self.rows.items():
            mark = "\ufeff" if name == "category_translation" else ""
            text = mark + "".join(f"{row}\r\n" for row in (HEADERS[name], *rows))
            file = self.folder / f"{NAMES[name]}.csv"
            file.write_text(text, encoding="utf-8", newline="")
        return read_source(self.folder, load_core())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def whole(shop: Shop) -> Shop:
    return shop.order().item().paid()


def only(history: History) -> tuple[Event, ...]:
    (events,) = history.disputes.values()
    return events


def said(events: tuple[Event, ...], name: str) -> object:
    kind, _, field = name.partition(".")
    found = [one.payload for one in events if one.kind == kind]
    records = [r for p in found for r in (p if isinstance(p, Records) else [p])]
    return next((record[field] for record in records if record and field in record), None)


def noted(history: History) -> dict[str, int]:
    return {note.what.split(" (")[0]: note.count for note in history.notes}


# -- what a row becomes ---------------------------------------------------------------------


def test_local_times_become_instants_and_amounts_stay_exact(shop: Shop) -> None:
    events = only(whole(shop).review().read())
    assert said(events, "order.placed_at") == datetime(2018, 5, 2, 13, tzinfo=UTC)
    assert said(events, "order.items_subtotal") == 1010
    assert said(events, "order.shipping_paid_by_buyer") == 505
    assert said(events, "order.total_paid") == 1515
    assert said(events, "order.category") == "home"
    assert said(events, "claim.filed_at") == datetime(2018, 5, 11, 23, tzinfo=UTC)


def test_the_estimate_means_its_whole_day(shop: Shop) -> None:
    events = only(whole(shop).review().read())
    promised = said(events, "shipping.latest_estimated_delivery")
    assert promised == datetime(2018, 5, 21, 2, 59, 59, tzinfo=UTC)


def test_everything_is_known_when_it_happened_and_not_before(shop: Shop) -> None:
    for event in only(whole(shop).review().read()):
        assert event.recorded_at == event.occurred_at


def test_texts_may_hold_line_ends_quotes_and_commas(shop: Shop) -> None:
    text = 'Recebi,\r\nmas "quebrado"\r\nde fato'
    told = said(only(whole(shop).review(text).read()), "claim.text")
    assert told == 'Recebi,\nmas "quebrado"\nde fato'


def test_title_and_message_are_one_text(shop: Shop) -> None:
    events = only(whole(shop).review("Rasgado", title="Veio errado").read())
    assert said(events, "claim.text") == "Veio errado\nRasgado"
    assert said(events, "claim.type") == "wrong_item"


# -- when a review opens a dispute ----------------------------------------------------------


@pytest.mark.parametrize(
    ("score", "text", "came", "kind"),
    [
        pytest.param(1, "Não gostei nada", CAME, "other", id="two points or fewer, any text"),
        pytest.param(2, "", "", "not_received", id="no text, but it has not come"),
        pytest.param(2, "", CAME, None, id="no text, and it has come"),
        pytest.param(3, "Chegou quebrado", CAME, "damaged", id="three points and a claim"),
        pytest.param(3, "Demorou muito", CAME, None, id="three points and an impression"),
        pytest.param(4, "Chegou quebrado", CAME, None, id="four points"),
        pytest.param(1, "Ruim", "", "not_received", id="says nothing of it, but it has not come"),
        pytest.param(1, "Que demora", "", "not_received", id="late and not there is not received"),
        pytest.param(1, "Que demora", CAME, "late_delivery", id="late and there is late"),
        pytest.param(1, "x", "2018-05-12 09:00:00", "not_received", id="it comes the next day"),
    ],
)
def test_a_review_opens_a_dispute(
    score: int, text: str, came: str, kind: str | None, shop: Shop
) -> None:
    told = shop.order(came=came).item().paid().review(text, score).read()
    assert [said(events, "claim.type") for events in told.disputes.values()] == (
        [kind] if kind else []
    )


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        pytest.param("Não recebi o produto!", ["not_received"], id="not received"),
        pytest.param("Ate agora nao chegou", ["not_received"], id="has not come"),
        pytest.param("Comprei dois e só veio um", ["incomplete"], id="one of two"),
        pytest.param("Faltou uma peça", ["incomplete"], id="a part"),
        pytest.param("Mandaram a cor errada", ["wrong_item"], id="wrong colour"),
        pytest.param("Produto FALSIFICADO", ["counterfeit"], id="counterfeit"),
        pytest.param("Quero meu dinheiro de volta", ["buyer_cancel"], id="money back"),
        pytest.param("Péssima qualidade", ["not_as_described"], id="quality"),
        pytest.param("Adorei, recomendo", [], id="praise"),
        pytest.param("quebra-cabeça lindo", ["damaged"], id="a puzzle is taken for broken"),
    ],
)
def test_keywords_speak_for_claims(text: str, kinds: list[str]) -> None:
    assert list(load_words().claims.found_in(text)) == kinds


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        pytest.param("nao chegou", "Não, chegou", True, id="accents and commas do not matter"),
        pytest.param("nao chegou", "nao me chegou", False, id="words stand side by side"),
        pytest.param("nao .. chegou", "nao me foi ele chegou", True, id="three words between"),
        pytest.param("nao .. chegou", "nao a b c d chegou", False, id="four are too many"),
        pytest.param("defeit*", "defeituoso", True, id="any ending"),
        pytest.param("defeit*", "sem-defeito", True, id="after a hyphen"),
        pytest.param("defeito", "defeitos", False, id="whole words"),
        pytest.param("um|uma peca", "uma peça", True, id="either word"),
    ],
)
def test_a_phrase_is_found(phrase: str, text: str, found: bool) -> None:
    assert (Keywords.of({"x": [phrase]}).found_in(text) == ("x",)) is found


def test_the_words_name_only_claims_and_requests_there_are() -> None:
    words = load_words()
    fields = words.table(load_core()).fields
    types, requests = fields["claim.type"].values, fields["claim.requested"].values
    assert {word for word, _ in words.claims.patterns} <= set(types)
    assert set(words.claim_types.values()) <= set(types)
    assert words.concrete | set(words.while_away) | set(words.while_away.values()) <= set(types)
    assert set(words.requests.values()) <= set(requests)
    assert {word for word, _ in words.wishes.patterns} <= set(requests)
    assert set(words.categories.values()) <= set(fields["order.category"].values)


# -- traps ----------------------------------------------------------------------------------


def test_two_reviews_of_one_order_are_one_dispute_and_a_message(shop: Shop) -> None:
    later = "2018-05-15 08:00:00"
    shop = whole(shop).review("Ainda nada", review="r2", at=later).review("Quebrado", review="r1")
    told = shop.read()
    events = only(told)
    assert said(events, "claim.text") == "Quebrado"
    assert said(events, "responses.reason") == "Ainda nada"
    assert noted(told)["orders with several reviews"] == 1


def test_one_review_of_two_orders_is_two_disputes(shop: Shop) -> None:
    told = whole(shop).review().order("o2").item("o2").paid("o2").review(name="o2").read()
    assert len(told.disputes) == 2
    assert noted(told)["reviews that stand for several orders"] == 1


@pytest.mark.parametrize(
    ("make", "what"),
    [
        pytest.param(
            lambda s: s.order(approved=HANDED, handed=APPROVED).item().paid(),
            "handed over before the payment was approved",
            id="hand-over before approval",
        ),
        pytest.param(
            lambda s: s.order(handed="2018-05-02 09:00:00").item().paid(),
            "handed over before the order was placed",
            id="hand-over before purchase",
        ),
        pytest.param(
            lambda s: s.order(handed=CAME, came=HANDED).item().paid(),
            "delivered before it was handed over",
            id="delivered before hand-over",
        ),
        pytest.param(lambda s: s.order().paid(), "orders without items", id="no items"),
        pytest.param(lambda s: s.order().item(), "orders without a payment", id="no payment"),
        pytest.param(
            lambda s: s.order().item().item(seller="s2").paid(value="30.30"),
            "orders of several sellers",
            id="several sellers",
        ),
        pytest.param(
            lambda s: s.order().item().paid(value="16.00"),
            "payments that are not goods + freight",
            id="interest of instalments",
        ),
    ],
)
def test_a_trap_is_counted_and_nothing_is_mended(make, what: str, shop: Shop) -> None:  # type: ignore[no-untyped-def]
    told = make(shop).review().read()
    assert noted(told)[what] == 1
    assert noted(whole(Shop(shop.folder)).review().read()) == {}


def test_not_received_though_the_scan_says_delivered_is_counted(shop: Shop) -> None:
    assert list(noted(whole(shop).review("Não recebi").read())) == [
        "not received, says the buyer; delivered, says the scan"
    ]


def test_reviews_that_cannot_be_dated_are_left_out_and_counted(shop: Shop) -> None:
    shop = whole(shop).review(at="").review(review="r2", at="2018-05-01 10:00:00")
    told = shop.review(name="o9", review="r3").read()
    assert told.disputes == {}
    assert noted(told) == {
        "orders with several reviews": 1,
        "reviews answered before their order was placed": 1,
        "reviews of orders that are not in the files": 1,
        "reviews without an answer time": 1,
    }


def test_goods_of_an_order_without_items_are_not_made_up(shop: Shop) -> None:
    events = only(shop.order().paid().review().read())
    assert said(events, "order.total_paid") == 1515
    assert said(events, "order.items_subtotal") is None


SAO_PAULO = ZoneInfo("America/Sao_Paulo")


@pytest.mark.parametrize(
    ("local", "instant", "found"),
    [
        pytest.param("2018-05-02 10:00", "2018-05-02 13:00", [], id="winter"),
        pytest.param("2018-01-02 10:00", "2018-01-02 12:00", [], id="summer"),
        pytest.param("2018-02-17 23:30", "2018-02-18 01:30", [TWICE], id="an hour that came twice"),
        pytest.param("2017-10-15 00:30", "2017-10-15 03:30", [NEVER], id="an hour that never was"),
    ],
)
def test_local_times_follow_summer_time(local: str, instant: str, found: list[str]) -> None:
    clock = LocalClock(SAO_PAULO)
    wanted = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert clock.instant(datetime.fromisoformat(local)) == wanted
    assert list(clock.found) == found


def test_a_day_ends_with_its_last_second_also_when_its_last_hour_comes_twice() -> None:
    clock = LocalClock(SAO_PAULO)
    assert clock.end_of_day(date(2018, 2, 17)) == datetime(2018, 2, 18, 2, 59, 59, tzinfo=UTC)


def test_a_file_that_is_missing_is_named(shop: Shop) -> None:
    whole(shop).review().read()
    (shop.folder / "olist_products_dataset.csv").unlink()
    with pytest.raises(ResoError, match=r"no `olist_products_dataset\.csv` and no `products\.par"):
        read_source(shop.folder, load_core())


# -- derived disputes -----------------------------------------------------------------------

ORDER = {
    "items": [{"category": "toys", "seller": "s", "price": 16.0, "freight": 38.99}],
    "payments": [{"value": 54.99}],
    "deliver_by": "2018-05-20",
}
CLAIM = {"type": "item_not_received", "flags": ["asks_refund"], "title": "Nada", "text": "cadê"}


def derived(folder: Path, claim: dict[str, object] = CLAIM, extra: str = "") -> Path:
    def write(name: str, *rows: tuple[str, str, object]) -> None:
        values = ", ".join(
            f"('D', TIMESTAMP '{at}', '{kind}', '{json.dumps(payload)}')"
            for at, kind, payload in rows
        )
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        table = f"SELECT * FROM (VALUES {values}) AS t(dispute_id, ts, kind, payload)"
        duckdb.sql(table).write_parquet(str(file))

    write("disputes.parquet", (PLACED, "", {}))
    events = [(PLACED, "order_placed", ORDER), (HANDED, "carrier_handover", {})]
    if extra:
        events.append((HANDED, extra, {}))
    write("events.parquet", *events, ("2018-05-22 08:00:00", "claim_opened", claim))
    write("afterwards/events_after.parquet", ("2018-06-01 08:00:00", "delivered_scan", {}))
    (folder / "afterwards" / "outcomes.parquet").write_text("nobody may read this")
    return folder


def test_derived_disputes_tell_the_same_as_the_files(tmp_path: Path) -> None:
    events = only(read_source(derived(tmp_path), load_core()))
    assert said(events, "order.total_paid") == 5499
    assert said(events, "claim.type") == "not_received"
    assert said(events, "claim.requested") == "refund"
    assert said(events, "claim.text") == "Nada\ncadê"
    assert said(events, "shipping.shipped_at") == datetime(2018, 5, 4, 15, tzinfo=UTC)
    assert events[-1].recorded_at == datetime(2018, 6, 1, 11, tzinfo=UTC)
    assert said(events[-1:], "tracking.event") == "delivered"


def test_a_kind_nobody_knows_is_left_out_and_counted(tmp_path: Path) -> None:
    told = read_source(derived(tmp_path, extra="eclipse"), load_core())
    assert noted(told) == {"events of the unknown kind `eclipse`": 1}


def test_an_unknown_type_of_claim_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResoError, match=r"events\.parquet: D: `odd` is no known type of claim"):
        read_source(derived(tmp_path, {"type": "odd"}), load_core())
