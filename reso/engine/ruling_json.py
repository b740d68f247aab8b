"""A ruling as plain data, ready for JSON: every trace, and the texts in both languages.

Amounts are exact decimal texts in major units, percentages numbers, instants ISO 8601 on the
clocks of the policy's zone. What a ruling does not have is null.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from reso.engine.explain import Explainer
from reso.engine.explanation import ReasonText
from reso.engine.words import word
from reso.expressions.tree import Kind
from reso.facts.operations import MILLION
from reso.model.money import Language, to_major
from reso.model.ruling import EvidenceTrace, QuestionTrace, Reason, RuleTrace, Ruling
from reso.model.time import Duration, format_duration, local_time
from reso.policy.model import Policy

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None

LANGUAGES: tuple[Language, ...] = ("id", "en")


def ruling_json(ruling: Ruling, policy: Policy) -> dict[str, Json]:
    """Return a ruling as plain data for JSON.

    Raises:
        ValueError: the ruling was made by another policy or version.
    """
    return _Writer(Explainer(policy), ruling).ruling()


def percent_number(millionths: int) -> int | float:
    """Return a rate in percent as a number: 50, 12.5."""
    percent = Decimal(millionths) / (MILLION // 100)
    return int(percent) if percent == percent.to_integral_value() else float(percent)


class _Writer:
    """Writes one ruling."""

    def __init__(self, explainer: Explainer, ruling: Ruling) -> None:
        self.explainer = explainer
        self.given = ruling
        self.zone: ZoneInfo = explainer.policy.calendar.zone
        self.currency = ruling.currency or explainer.policy.currencies[0]
        self.texts = {language: explainer.explain(ruling, language) for language in LANGUAGES}

    def ruling(self) -> dict[str, Json]:
        ruling = self.given
        return {
            "policy": {
                "name": ruling.policy,
                "version": ruling.version,
                "content_hash": ruling.content_hash,
            },
            "known_at": self._instant(ruling.known_at),
            "chapter": ruling.chapter or None,
            "decision": ruling.decision,
            "settled": ruling.settled,
            "headline": {language: told.headline for language, told in self.texts.items()},
            "amount": None if ruling.amount is None else self._money(ruling.amount),
            "currency": ruling.currency,
            "quantity": ruling.quantity,
            "percent": None if ruling.percent is None else percent_number(ruling.percent),
            "payer": ruling.payer or None,
            "payee": ruling.payee or None,
            "of": ruling.of or None,
            "party": ruling.party or None,
            "deadline": self._instant(ruling.deadline),
            "deadline_of": ruling.deadline_of or None,
            "matters": dict(ruling.matters),
            "needed": list(ruling.needed),
            "possible": list(ruling.possible),
            "effects": self._effects(),
            "reasons": [self._reason(n, reason) for n, reason in enumerate(ruling.reasons)],
            "rules": [self._rule(rule) for rule in ruling.rules],
            "questions": [self._question(question) for question in ruling.questions],
            "evidence": [self._evidence(piece) for piece in ruling.evidence],
        }

    def _reason(self, index: int, reason: Reason) -> dict[str, Json]:
        told = {language: text.reasons[index] for language, text in self.texts.items()}
        kinds = self.explainer.kinds(reason)
        return {
            "kind": reason.kind,
            "name": reason.name,
            "concluded": reason.concluded or None,
            "detail": reason.detail or None,
            "text": {language: text.text for language, text in told.items()},
            "sources": self._sources(told),
            "values": [
                {
                    "expression": text,
                    "kind": kinds.get(text),
                    "value": self._value(value, kinds.get(text, "text")),
                }
                for text, value in reason.values
            ],
        }

    def _sources(self, told: Mapping[Language, ReasonText]) -> list[Json]:
        return [
            {
                "id": source.id,
                "address": source.address,
                "says": {
                    language: text.sources[index].says or None for language, text in told.items()
                },
            }
            for index, source in enumerate(told["en"].sources)
        ]

    def _rule(self, rule: RuleTrace) -> dict[str, Json]:
        return {
            "name": rule.name,
            "kind": rule.kind,
            "matter": rule.matter,
            "status": rule.status,
            "sources": list(rule.sources),
        }

    def _question(self, question: QuestionTrace) -> dict[str, Json]:
        asks: dict[str, Json] = {
            language: self.explainer.asks(
                question.name, self.given, self.explainer.voice(self.given, language)
            )
            or None
            for language in LANGUAGES
        }
        return {
            "name": question.name,
            "to": question.to,
            "asks": asks,
            "state": question.state,
            "answer": question.answer,
            "opened_at": self._instant(question.opened_at),
            "deadline": self._instant(question.deadline),
            "ended_at": self._instant(question.ended_at),
            "needed": question.needed,
            "to_be_asked": question.to_be_asked,
        }

    def _evidence(self, piece: EvidenceTrace) -> dict[str, Json]:
        why: dict[str, Json] = {
            language: word("evidence", piece.why, language) for language in LANGUAGES
        }
        return {
            "index": piece.index,
            "party": piece.party or None,
            "type": piece.type or None,
            "used": piece.used,
            "why": piece.why,
            "text": why,
        }

    def _effects(self) -> dict[str, Json]:
        held = self.given.effects or {}
        return {n: self._value(v, self.explainer.effect_kind(n)) for n, v in held.items()}

    def _value(self, value: object, kind: Kind) -> Json:
        match value:
            case bool() | None:
                return value
            case int() if kind == "money":
                return self._money(value)
            case int() if kind == "rate":
                return percent_number(value)
            case int() | str():
                return value
            case datetime():
                return self._instant(value)
            case date() | time():
                return value.isoformat()
            case Duration():
                return format_duration(value, "en")
            case _:  # unknown
                return None

    def _money(self, minor: int) -> str:
        return f"{to_major(minor, self.currency):f}"

    def _instant(self, instant: datetime | None) -> str | None:
        return None if instant is None else local_time(instant, self.zone).isoformat()
