"""Why a row is put aside, and what else is found in a history: the codes and their words.

Every reader of histories uses these, so that two of them tell the same of the same rows.
"""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "unreadable_row": "cannot be read as a row",
    "missing": "a column or field that every row needs is missing or empty",
    "wrong_id": "the dispute's id is no text",
    "wrong_time": "an instant that is none",
    "time_without_offset": "an instant without an offset",
    "far_time": "an instant before 1970 or after 2099",
    "unknown_kind": "a kind that is no section of a case file",
    "unreadable_payload": "a payload that cannot be read as JSON",
    "unknown_field": "a field that no fact declares",
    "wrong_value": "a value its field does not allow",
    "no_currency": "an amount in a dispute without a currency",
    "other_currency": "another currency than the dispute had before",
    "other_item_time": "an item's `at` that is not its `occurred_at`",
    "nothing_mapped": "a row of which the mapping makes nothing",
    "unknown_dispute": "an outcome of a dispute that is not in the history",
}
"""What is wrong with the rows of one code, as a summary says it."""

OWN_ACTS_LEFT_OUT = "acts of an earlier run (left out: a replay makes its own)"
LEFT_OUT = "rows that no `where` of the mapping fits (left out)"
NOT_READ = "files and folders there that are not read: "
TWICE = "rows that stand twice (each counted once)"
OUT_OF_ORDER = "rows out of order (sorted by recorded_at)"
RECORDED_EARLY = "events recorded before they occurred (known from when they were recorded)"
AT_EPOCH = "events with an instant 1970-01-01T00:00Z, which often stands for none (used)"
AFTER_TODAY = "events dated later than they were read (used)"
CLAIM_BEFORE_ORDER = "disputes with a complaint from before their order was placed (used)"
SECOND_CLAIM = "disputes with a second complaint (a later `filed_at` opens them again)"
