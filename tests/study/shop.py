"""A small shop for the reading tools: the author's guide's pack, and cases of it."""

from pathlib import Path

from reso.cases import Pack
from reso.facts.reader import load_case_text, read_case_file
from reso.model.case import Case
from reso.study.reading import read_files, ready

POLICY = """\
policy: shop
version: "1"
currency: SGD
time_zone: Asia/Singapore
calendar: SG
dated_by: [order.placed_at, claim.filed_at]

sources:
  HELP-1:
    address: https://my-shop.example/help/returns
    says:
      id: "Pembeli dapat mengajukan permintaan dalam 7 hari."
      en: "The buyer can file a request within 7 days."

readings:
  delivered_at: at of first tracking where event is delivered

chapters:
  request: {when: claim is known, opens_at: claim.filed_at}

requests: {refund: refund, otherwise: return_and_refund}

settlements:
  whole: order.total_paid
  refund: {amount: order.total_paid}
  return_and_refund: {amount: order.total_paid}

otherwise: escalate
"""
NUMBERS = """\
parameters:
  buyer_window: {value: 7 calendar days, source: HELP-1}
  seller_time: {value: 48 hours, source: HELP-1}
  small_amount: {value: {by: order.seller_tier, mall: 20 SGD, otherwise: 10 SGD}, source: HELP-1}
  trusted_rate: {value: 30%, source: HELP-1}
"""
REQUEST = """\
for: request

questions:
  seller_answer:
    to: seller
    asks: {id: "Apakah penjual setuju?", en: "Does the seller approve?"}
    lasts: seller_time
    answers: {approve: [approve, accept_solution], reject: reject}
    silence_means: silent
    source: HELP-1

findings:
  filed_late:
    when: claim.filed_at after delivered_at + buyer_window
    says:
      id: "permintaan diajukan lewat dari {buyer_window} sejak paket tiba {delivered_at}"
      en: "the request was filed more than {buyer_window} after delivery at {delivered_at}"
  seller_silent:
    when: seller_answer is silent
    says:
      id: "penjual tidak menjawab dalam {seller_time}"
      en: "the seller did not answer within {seller_time}"
  small:
    when: order.total_paid <= small_amount
    says: {id: "jumlahnya kecil", en: "the amount is small"}
  young:
    when: buyer.account_age_days < 30
    says:
      id: "akun pembeli baru berumur {buyer.account_age_days} hari"
      en: "the buyer's account is only {buyer.account_age_days} days old"

bars:
  too_late: {when: filed_late, conclude: release_to_seller, source: HELP-1}

rules:
  agreed: {when: seller_answer is approve, conclude: as requested, source: HELP-1}
  silence: {when: seller_silent, conclude: return_and_refund, source: HELP-1}
  small_silence:
    when: [seller_silent, small]
    conclude: refund
    exception_to: silence
    source: HELP-1
  young_account:
    when: [seller_answer is reject, young]
    conclude: release_to_seller
    source: HELP-1
"""
CASES = """\
cases:
  - id: SMALL
    given:
      claim: {type: broken, requested: refund, filed_at: "2026-05-10T20:00:00+08:00"}
      order: {currency: SGD, total_paid: 10.00, placed_at: "2026-05-02T12:00:00+08:00"}
      tracking: [{at: "2026-05-09T11:00:00+08:00", event: delivered}]
      now: "2026-05-12T20:00:00+08:00"
    expect: {decision: refund_full, amount: 10.00, reasons: [small_silence]}
  - id: LATE
    given:
      claim: {type: broken, requested: refund, filed_at: "2026-05-18T11:00:00+08:00"}
      order: {currency: SGD, total_paid: 10.00, placed_at: "2026-05-02T12:00:00+08:00"}
      tracking: [{at: "2026-05-09T11:00:00+08:00", event: delivered}]
      now: "2026-05-22T12:00:00+08:00"
    expect: {decision: release_to_seller, reasons: [too_late]}
"""
LATE = """\
claim: {type: broken, requested: refund, filed_at: "2026-05-18T11:00:00+08:00"}
order: {currency: SGD, total_paid: 10.00, placed_at: "2026-05-02T12:00:00+08:00"}
tracking: [{at: "2026-05-09T11:00:00+08:00", event: delivered}]
now: "2026-05-22T12:00:00+08:00"
"""
LARGE = """\
claim: {type: broken, requested: refund, filed_at: "2026-05-10T20:00:00+08:00"}
order: {currency: SGD, total_paid: 64.90, placed_at: "2026-05-02T12:00:00+08:00"}
tracking: [{at: "2026-05-09T11:00:00+08:00", event: delivered}]
now: "2026-05-12T20:00:00+08:00"
"""
REFUSED = """\
claim: {type: broken, requested: refund, filed_at: "2026-05-10T20:00:00+08:00"}
order: {currency: SGD, total_paid: 64.90, placed_at: "2026-05-02T12:00:00+08:00"}
tracking: [{at: "2026-05-09T11:00:00+08:00", event: delivered}]
buyer: {account_age_days: 12}
evidence:
  - {party: buyer, type: photo, strength: weak}
  - {party: seller, type: packing_video, strength: weak}
responses: [{at: "2026-05-11T20:00:00+08:00", party: seller, action: reject}]
now: "2026-05-12T20:00:00+08:00"
"""
FILES = {"policy.yaml": POLICY, "numbers.yaml": NUMBERS, "request.yaml": REQUEST}


def write_shop(folder: Path, **changed: str) -> Path:
    """Write the shop into a folder; a file `numbers` may say something else."""
    (folder / "cases").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".yaml"), text), encoding="utf-8")
    (folder / "cases" / "requests.yaml").write_text(changed.get("cases", CASES), encoding="utf-8")
    return folder


def shop(folder: Path, **changed: str) -> Pack:
    """Return the shop, ready to rule."""
    return ready(read_files(write_shop(folder, **changed)))


def case_of(pack: Pack, text: str) -> Case:
    """Return a case written as a case file."""
    return read_case_file(load_case_text(text, "case"), pack.table).case_at()
