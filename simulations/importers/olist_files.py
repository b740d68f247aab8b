"""Reads the Olist files: CSV under the names they are published by, or Parquet."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reso.errors import InputError
from reso.facts.values import Plain

PUBLISHED: Mapping[str, str] = {
    "orders": "olist_orders_dataset",
    "order_items": "olist_order_items_dataset",
    "order_payments": "olist_order_payments_dataset",
    "order_reviews": "olist_order_reviews_dataset",
    "customers": "olist_customers_dataset",
    "products": "olist_products_dataset",
    "sellers": "olist_sellers_dataset",
    "category_translation": "product_category_name_translation",
}
READ = ("orders", "order_items", "order_payments", "order_reviews", "products")
"""The tables disputes are made of; where customers and sellers live, no policy asks yet."""

OPTIONAL = "category_translation"

ORDERS = """
    SELECT order_id, order_purchase_timestamp::TIMESTAMP, order_approved_at::TIMESTAMP,
        order_delivered_carrier_date::TIMESTAMP, order_delivered_customer_date::TIMESTAMP,
        order_estimated_delivery_date::TIMESTAMP
    FROM orders ORDER BY order_id
"""
ITEMS = """
    SELECT order_id, price::DECIMAL(18, 2), freight_value::DECIMAL(18, 2), seller_id, category
    FROM order_items LEFT JOIN categories USING (product_id)
    ORDER BY order_id, order_item_id::INTEGER
"""
PAYMENTS = """
    SELECT order_id, payment_value::DECIMAL(18, 2)
    FROM order_payments ORDER BY order_id, payment_sequential::INTEGER
"""
REVIEWS = """
    SELECT review_id, order_id, review_score::INTEGER, coalesce(review_comment_title, ''),
        coalesce(review_comment_message, ''), review_answer_timestamp::TIMESTAMP
    FROM order_reviews ORDER BY order_id, review_id
"""
TRANSLATED = """
    CREATE TEMP VIEW categories AS
    SELECT product_id, coalesce(product_category_name_english, product_category_name) AS category
    FROM products LEFT JOIN category_translation USING (product_category_name)
"""
UNTRANSLATED = """
    CREATE TEMP VIEW categories AS
    SELECT product_id, product_category_name AS category FROM products
"""

Rows = list[tuple[Plain, ...]]


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows of what disputes are made of: times local and naive, amounts exact decimals."""

    orders: Rows
    items: Rows
    payments: Rows
    reviews: Rows


def is_olist(folder: Path) -> bool:
    """Whether a folder holds the orders and reviews under one of their names."""
    return all(_file(folder, name) is not None for name in ("orders", "order_reviews"))


def read_tables(folder: Path) -> Tables:
    """Read the files of a folder.

    Raises:
        InputError: a file is missing, or not as published.
    """
    with duckdb.connect() as connection:
        for name in READ:
            if not _open(connection, folder, name):
                what = f"there is no `{PUBLISHED[name]}.csv` and no `{name}.parquet`"
                raise InputError(str(folder), what, "Put all the files into one folder.")
        has_names = _open(connection, folder, OPTIONAL)
        connection.execute(TRANSLATED if has_names else UNTRANSLATED)
        return Tables(
            *(_rows(connection, folder, query) for query in (ORDERS, ITEMS, PAYMENTS, REVIEWS))
        )


def _file(folder: Path, name: str) -> Path | None:
    named = (folder / f"{PUBLISHED[name]}.csv", folder / f"{name}.parquet")
    return next((file for file in named if file.is_file()), None)


def _open(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> bool:
    """Make a file a table of the connection; return whether there is such a file."""
    file = _file(folder, name)
    if file is None:
        return False
    try:
        if file.suffix == ".csv":  # CRLF stands within quoted texts: the dialect is not guessed
            relation = connection.read_csv(
                str(file), header=True, all_varchar=True, sep=",", quotechar='"', escapechar='"'
            )
        else:
            relation = connection.read_parquet(str(file))
        relation.create(name)
    except duckdb.Error as error:
        raise _unreadable(file, error) from error
    return True


def _rows(connection: duckdb.DuckDBPyConnection, folder: Path, query: str) -> Rows:
    try:
        return connection.execute(query).fetchall()
    except duckdb.Error as error:
        raise _unreadable(folder, error) from error


def _unreadable(place: Path, error: duckdb.Error) -> InputError:
    what = f"not as Olist publishes it: {str(error).splitlines()[0]}"
    return InputError(str(place), what, "Take the files as published.")
