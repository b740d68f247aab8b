"""A JSON Schema of policy files, for completion, hover text and errors in an editor."""

from collections.abc import Iterable, Mapping

from reso.engine.ruling_json import Json
from reso.facts.table import FactTable
from reso.policy.header import ROUNDINGS
from reso.policy.messages import KINDS, PARTS
from reso.policy.model import COMPONENTS, PARTIES, REMEDIES
from reso.policy.parameters import REACHES
from reso.policy.parameters import WORDS as PARAMETER_WORDS
from reso.policy.questions import STEP_WORDS
from reso.policy.questions import WORDS as QUESTION_WORDS
from reso.policy.rules import BETTER, ENDINGS, REFERENCES
from reso.policy.rules import WORDS as RULE_WORDS
from reso.policy.sections import HEADER, MESSAGE_READERS, NAMED, OTHER
from reso.policy.settling import (
    ASKED,
    CONDITIONS,
    CONSENT_WORDS,
    HOLDING_WORDS,
    LEG_WORDS,
    PAYERS,
    REOPEN_WORDS,
)
from reso.policy.tables import TABLE_WORDS
from reso.problems.catalogue import waivable
from reso.study.reading import PackFiles

DRAFT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Json]

MEANINGS: Mapping[str, str] = {
    "policy": "The pack's name; one file of the pack has it. Scenario cases call it `platform`.",
    "version": "The version of the pack, as you count them.",
    "title": "What people call the pack.",
    "currency": "One ISO 4217 code, or a list of them. Amounts in expressions must be in it.",
    "time_zone": "Where days begin and end, such as Asia/Jakarta.",
    "calendar": "Whose public holidays are no business days: a country such as ID or SG.",
    "rounding": "How a share of money is rounded; `down` unless you say otherwise.",
    "dated_by": "Instants; the first known one picks the period of a parameter and the rules in "
    "force. Last resort: the earliest instant of the case, never today.",
    "uses": "Files beside the pack that are part of it.",
    "notes": "Remarks for readers of the policy.",
    "sources": "The published texts rules rest on, each with its address and our sentence for it.",
    "inputs": "The pack's own fields of a case, and wider enumerations.",
    "facts": "Facts drawn from the case: an expression with its type, absence and meaning.",
    "readings": "Names for values: an expression, or branches of `when` and `then`.",
    "picks": "Names for one record of a list: `latest responses where ...`.",
    "parameters": "The numbers of the policy: a value, periods, or a table `by` a fact.",
    "overlays": "Values laid over parameters for a time, with their reach.",
    "chapters": "Stages of the law that never mix; at most one holds.",
    "findings": "Named conditions, each with the phrase that explains it.",
    "bars": "Rules that stand alone and silence the other rules of their chapter.",
    "questions": "What is not known yet: to whom, how long, which answers, what silence means.",
    "rules": "When these conditions hold, conclude this.",
    "stages": "What follows a remedy in steps.",
    "settlements": "How a remedy becomes an amount and a quantity.",
    "requests": "Which remedy each kind of request means.",
    "effects": "Flags and values every ruling carries.",
    "promises": "What must hold for every ruling.",
    "otherwise": "What is concluded where no rule decides.",
    "escrow": "What an order holds, by component: who paid it in, who earns it.",
    "legs": "Movements of money beside the refund and the release.",
    "consent": "Which settled rulings are put to the parties first, how long, what silence means.",
    "reopens": "What opens a settled dispute again.",
    "messages": "What the buyer and the seller are told of each outcome, in both languages.",
    "waivers": "Warnings left as they are: the entry, the code of the warning, and the reason.",
    "for": "The chapter of everything in this file, unless an entry says its own.",
    # words of entries
    "address": "Where the text is published.",
    "says": "Our sentence, in both languages; {expression} stands for a value.",
    "when": "What has to hold: one condition, or a list of which all must hold.",
    "opens_at": "The instant from which it runs; by default its chapter's.",
    "value": "A value; `before`/day keys for periods; `by` for a table.",
    "source": "The sources it rests on; a parameter's name stands for those it rests on.",
    "chosen": "What the published text left open, and what you chose.",
    "by": "The fact (or name) the table is looked up by.",
    "matter": "What the rule decides on; `outcome` unless you say otherwise.",
    "from": "The first day it is in force.",
    "until": "The day it is no longer in force; of a question: the instant its clock ends.",
    "conclude": "A remedy, a reference such as `as requested`, or `escalate to QUESTION`.",
    "exception_to": "The rules (or the group) it overrides.",
    "group": "A name under which exceptions can name several rules.",
    "applies_to": "The remedies it applies to.",
    "because": "The explanation, in both languages; default: the phrases of its findings.",
    "to": "Whom the question is put to.",
    "asks": "The question as the party reads it, in both languages.",
    "lasts": "How long there is to answer.",
    "answers": "Each answer, and the recorded acts that give it.",
    "silence_means": "The answer it comes to when time runs out.",
    "taken_as": "Answers taken from a condition.",
    "put_by": "`us` when we put the question ourselves.",
    "asked_by": "The recorded acts by which it was put.",
    "paused_by": "Questions, or spans of time, during which the clock stands still.",
    "extended_by": "Acts that add time.",
    "revisable": "The last answer counts instead of the first.",
    "counts_earlier": "Acts from before the question opened count, too.",
    "leads_to": "Where each answer leads: a remedy, or `next`.",
    "amount": "An amount of money.",
    "quantity": "How many pieces.",
    "remedy": "What is done.",
    "parameter": "The parameter it is laid over.",
    "where": "Which cases it reaches.",
    "reach": "What has to fall into its time.",
    "exception": "It goes before another overlay of the same days.",
    "columns": "The expressions a decision table looks at.",
    "rows": "One list for each row: a cell for each column, then what it concludes.",
    "is": "The expression it is drawn by.",
    "type": "What kind of value it is.",
    "unit": "Of a number.",
    "absent": "What its absence means.",
    "meaning": "What it is, in a sentence.",
    "holds": "How much of it was paid in.",
    "paid_by": "Who paid it in.",
    "earned_by": "Who gets it if nothing is refunded.",
    "borne_by": "Who bears its refund where no rule says who pays; by default who earns it.",
    "returned_with": "The buyer's component whose share goes back together with this one.",
    "remainder_to": "Who gets the rest of a minor unit: the earner, or the payer.",
    "at_stake": "When a ruling moves this money at all.",
    "refunded_before": "What earlier disputes of the order gave back.",
    "released": "When the earners have been paid.",
    "payer": "Who pays: a party, or a matter that names one.",
    "payee": "Who gets it: a party, or a matter that names one.",
    "component": "What it is for.",
    "fault": "Whose fault it is: a party, or a matter that names one.",
    "after": "The step of the remedy after which it is due.",
    "of": "Who is asked for his yes.",
    "counts_as": "In which way it ends a dispute, where that does not follow.",
    "subject": "The title, and the subject of an e-mail.",
    "next": "What happens now, and until when.",
    "widen": "Further allowed values of an enumeration declared elsewhere.",
}
EITHER = ("yes", "no")
REASON: Schema = {"type": "string", "description": "Why it is left as it is."}


def policy_schema(table: FactTable, files: PackFiles | None = None) -> Schema:
    """Return the JSON Schema of the files of a pack; with `files`, of that pack in particular."""
    names = _Names(table, files)
    sections: dict[str, Json] = {}
    for name in (*HEADER, *NAMED, *OTHER):
        schema = names.section(name)
        sections[name] = {**schema, "title": name, "description": MEANINGS[name]}
    return {
        "$schema": DRAFT,
        "$id": "https://reso-bot.invalid/policy.schema.json",
        "title": "A file of a Reso-bot policy pack",
        "type": "object",
        "additionalProperties": False,
        "properties": sections,
        "$defs": names.definitions(),
    }


def modeline(path: str) -> str:
    """Return the line that, on top of a file, tells an editor to use the schema at `path`."""
    return f"# yaml-language-server: $schema={path}"


class _Names:
    """What can be completed: the names of facts, and of a pack where there is one."""

    def __init__(self, table: FactTable, files: PackFiles | None) -> None:
        self.facts = {f.path: f.meaning for f in table.every_field() if not f.in_list}
        self.instants = [f.path for f in table.every_field() if f.type == "instant"]
        self.instants = [path for path in self.instants if "[]" not in path]
        self.entries: dict[str, list[str]] = {}
        if files is not None:
            sections = files.sections
            self.entries = {name: list(sections.entries[name]) for name in NAMED}
            self.entries["questions"] = list(sections.all_questions())

    def definitions(self) -> dict[str, Json]:
        """Return the schemas that others refer to."""
        text: Schema = {"type": ["string", "number", "boolean", "null"]}
        many: Schema = {"type": "array", "items": text}
        known = [*self.facts, *self.entries.get("facts", []), *self.entries.get("readings", [])]
        instants = [*self.instants, *self.entries.get("facts", [])]
        return {
            "text": text,
            "texts": {"anyOf": [text, many]},
            "flag": {"enum": [*EITHER, True, False]},
            "phrase": {
                "type": "object",
                "additionalProperties": False,
                "required": ["id", "en"],
                "properties": {
                    "id": {"type": "string", "description": "In Indonesian."},
                    "en": {"type": "string", "description": "In English."},
                },
            },
            "fact": {"anyOf": [_words(known), text]},
            "instants": _one_or_many({"anyOf": [_words(instants), text]}),
            "value": {
                "anyOf": [
                    text,
                    {
                        "type": "object",
                        "properties": {"by": _told("by", {"$ref": "#/$defs/fact"})},
                        "additionalProperties": {"$ref": "#/$defs/value"},
                    },
                ]
            },
            "conclusion": self._conclusion(),
            "source": self._of("sources", "parameters"),
            "chapter": self._of("chapters", many=False),
            "any": {},
        }

    def _of(self, *sections: str, many: bool = True) -> Schema:
        """Return the names of some sections; any text where the pack is not known."""
        listed = [name for section in sections for name in self.entries.get(section, ())]
        one: Schema = {"$ref": "#/$defs/text"}
        if listed:
            one = _words(listed)
        return _one_or_many(one) if many else one

    def _conclusion(self) -> Schema:
        known = [*REMEDIES, *REFERENCES]
        known += [f"escalate to {name}" for name in self.entries.get("questions", [])]
        text: Schema = {"anyOf": [_words(known), {"type": "string"}]}
        detailed = _object(
            {
                **{word: {"$ref": "#/$defs/text"} for word in ("amount", "quantity", "percent")},
                "remedy": {"anyOf": [_words([*REMEDIES, *REFERENCES]), {"type": "string"}]},
                "payer": _words(PARTIES),
                "payee": _words(PARTIES),
                BETTER: {"type": "array", "items": {"$ref": "#/$defs/conclusion"}},
            }
        )
        detailed["additionalProperties"] = {"$ref": "#/$defs/any"}
        return {"anyOf": [text, detailed]}

    # -- sections ---------------------------------------------------------------------------

    def section(self, name: str) -> Schema:
        """Return the schema of a section."""
        text: Schema = {"$ref": "#/$defs/text"}
        texts: Schema = {"$ref": "#/$defs/texts"}
        match name:
            case "rounding":
                return _words(ROUNDINGS)
            case "currency" | "uses" | "notes":
                return texts
            case "dated_by":
                return {"$ref": "#/$defs/instants"}
            case "for":
                return {"$ref": "#/$defs/chapter"}
            case _ if name in HEADER:
                return text
            case "rules":
                either = _either(self._words(RULE_WORDS), self._words((*TABLE_WORDS, *COLUMNS)))
                schema = _map(either)
                schema["properties"] = {"otherwise": {"$ref": "#/$defs/any"}}
                return schema
            case "bars":
                return _map(self._words(RULE_WORDS))
            case "questions":
                return _map(self._words(QUESTION_WORDS))
            case "stages":
                steps = _map(self._words(STEP_WORDS))
                return {**_object(dict.fromkeys(REMEDIES, steps))}
            case "parameters":
                full = self._words(PARAMETER_WORDS)
                full["required"] = ["value"]
                return _map({"anyOf": [full, {"$ref": "#/$defs/value"}]})
            case "overlays":
                return {"type": "array", "items": self._overlay()}
            case "waivers":
                reasons = dict.fromkeys(waivable(), REASON)
                return _map(_object(reasons))
            case "sources":
                return _map(self._words(("address", "says")))
            case "facts":
                return _map(self._words(("is", "type", "unit", "absent", "meaning")))
            case "chapters":
                return _map(self._words(("when", "opens_at")))
            case "findings":
                return _map(_either(texts, self._words(("when", "says", "source"))))
            case "escrow":
                held: dict[str, Json] = {part: self._words(HOLDING_WORDS) for part in COMPONENTS}
                others = {key: _told(key, texts) for key in (*CONDITIONS, "refunded_before")}
                return _object({**held, **others})
            case "legs":
                return _map(self._words(LEG_WORDS))
            case "consent":
                return _map(self._consent())
            case "reopens":
                return _map(self._words(REOPEN_WORDS))
            case "messages":
                phrase: Schema = {"$ref": "#/$defs/phrase"}
                message = _object({part: _told(part, phrase) for part in PARTS})
                kinds = {**_object(dict.fromkeys(KINDS, message)), "additionalProperties": message}
                return _object(dict.fromkeys(MESSAGE_READERS, kinds))
            case "settlements":
                remedies = dict.fromkeys(REMEDIES, self._words(("amount", "quantity")))
                return _object({"whole": text, **remedies})
            case "requests":
                means: dict[str, Json] = {
                    key: {"$ref": "#/$defs/conclusion"} for key in self._requests()
                }
                return {**_object(means), "additionalProperties": {"$ref": "#/$defs/conclusion"}}
            case "picks" | "promises":
                return _map(text)
            case "otherwise":
                return {"anyOf": [{"$ref": "#/$defs/conclusion"}, {"type": "object"}]}
            case _:
                return {"type": "object"} if name != "readings" else _map({"$ref": "#/$defs/any"})

    def _requests(self) -> list[str]:
        return [
            "refund",
            "return_and_refund",
            "exchange",
            "correct_item",
            "reshipment",
            "otherwise",
        ]

    def _consent(self) -> Schema:
        schema = self._words(CONSENT_WORDS)
        properties = schema["properties"]
        assert isinstance(properties, dict)
        properties["silence_means"] = _told("silence_means", _words(("accept", "refuse")))
        properties["of"] = _told("of", _one_or_many(_words(ASKED)))
        return schema

    def _overlay(self) -> Schema:
        words = ("parameter", "from", "until", "value", "where", "reach", "because", "exception")
        schema = self._words(words)
        properties = schema["properties"]
        assert isinstance(properties, dict)
        parameters = self.entries.get("parameters")
        if parameters:
            properties["parameter"] = _told("parameter", _words(parameters))
        properties["because"] = {"$ref": "#/$defs/any"}
        schema["required"] = ["parameter", "from", "until", "value", "reach"]
        return schema

    def _words(self, words: Iterable[str]) -> Schema:
        """Return an object of these words and no other."""
        return _object({name: _told(name, self._word(name)) for name in words})

    def _word(self, name: str) -> Schema:
        match name:
            case "says" | "because" | "asks":
                return {"$ref": "#/$defs/phrase"}
            case "to":
                return _words(PARTIES)
            case "for":
                return {"$ref": "#/$defs/chapter"}
            case "source":
                return {"$ref": "#/$defs/source"}
            case "value":
                return {"$ref": "#/$defs/value"}
            case "conclude":
                return {"$ref": "#/$defs/conclusion"}
            case "paid_by" | "earned_by" | "borne_by":
                return _words(PAYERS)
            case "component" | "returned_with":
                return _words(COMPONENTS)
            case "remainder_to":
                return _words(("earner", "payer"))
            case "counts_as":
                return _words(ENDINGS)
            case "put_by":
                return _words(("us", "event"))
            case "reach":
                return _words(REACHES)
            case "revisable" | "counts_earlier" | "exception":
                return {"$ref": "#/$defs/flag"}
            case "dated_by":
                return {"$ref": "#/$defs/instants"}
            case "applies_to":
                return _one_or_many(_words((*REMEDIES, "wait", "request_evidence")))
            case "when" | "exception_to" | "columns" | "where":
                return {"$ref": "#/$defs/texts"}
            case "answers" | "taken_as" | "effects" | "leads_to" | "extended_by":
                return {"type": "object"}
            case "rows":
                return {"type": "array", "items": {"type": "array"}}
            case "paused_by" | "sources":
                return {"$ref": "#/$defs/any"}
            case _:
                return {"$ref": "#/$defs/text"}


COLUMNS = ("columns", "rows")


def _words(known: Iterable[str]) -> Schema:
    return {"enum": list(dict.fromkeys(known))}


def _told(name: str, schema: Schema) -> Schema:
    return {**schema, "description": MEANINGS[name]} if name in MEANINGS else schema


def _object(properties: Mapping[str, Json]) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": dict(properties)}


def _map(schema: Schema) -> Schema:
    return {"type": "object", "additionalProperties": schema}


def _either(one: Schema, other: Schema) -> Schema:
    return {"anyOf": [one, other]}


def _one_or_many(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one}]}
