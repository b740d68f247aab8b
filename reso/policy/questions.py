"""Questions and the stages made of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from reso.expressions.tree import And, Compare, ItemField, Lit, Node, OneOf, Pick, Type
from reso.policy.document import Items, Map, Text, Tree
from reso.policy.model import (
    PARTIES,
    Acts,
    AnswerRule,
    Conclusion,
    Extension,
    Lead,
    Party,
    Pause,
    Question,
    Stage,
    Step,
)
from reso.policy.reading import Body, Entry, Expressions, chapter_of, failed, phrase, source_names
from reso.policy.rules import RuleReader
from reso.problems.said import did_you_mean

INSTANT = Type("instant")
DURATION = Type("duration")
WORDS = (
    "for",
    "to",
    "asks",
    "opens_at",
    "when",
    "lasts",
    "until",
    "answers",
    "silence_means",
    "taken_as",
    "put_by",
    "asked_by",
    "paused_by",
    "extended_by",
    "revisable",
    "counts_earlier",
    "source",
)
STEP_WORDS = (*WORDS, "leads_to")


@dataclass(slots=True)
class QuestionReader:
    """Reads the `questions` and `stages` sections."""

    expressions: Expressions
    rules: RuleReader
    opens: Mapping[str, Node]
    questions: tuple[str, ...]
    fallback_opens: Node

    def question(
        self, entry: Entry, *, stage: str = "", words: tuple[str, ...] = WORDS
    ) -> Question:
        """Read one question."""
        body = entry.body(words)
        chapter = chapter_of(body, self.rules.chapters, entry.chapter)
        to = body.choice("to", PARTIES) or "human"
        if not body.text("to"):
            entry.problem("question-to-nobody", name=entry.name)
        return Question(
            name=entry.name,
            chapter=chapter,
            to=_party(to),
            says=phrase(self.expressions, body, "asks"),
            opens_at=self._value(body, "opens_at", INSTANT) or self._chapter_opens(chapter),
            when=self.expressions.all_of(entry.document, body.texts("when")),
            lasts=self._value(body, "lasts", DURATION),
            until=self._value(body, "until", INSTANT),
            answers=self._answers(body, to),
            silence_means=self._silence(body),
            put_by_us=body.choice("put_by", ("us", "event"), "event") == "us",
            asked=self._asked(body),
            asked_by=self._asked_by(body),
            paused_by=self._pauses(body),
            extended_by=self._extensions(body, to),
            revisable=body.flag("revisable"),
            counts_earlier=body.flag("counts_earlier"),
            stage=stage,
            sources=source_names(body, self.rules.citable),
            mark=entry.mark,
        )

    def _chapter_opens(self, chapter: str) -> Node:
        return self.opens.get(chapter, self.fallback_opens)

    def _value(self, body: Body, key: str, expected: Type) -> Node | None:
        tree = body.tree(key)
        if tree is None:
            return None
        if not isinstance(tree, Text):
            body.entry.problem("not-an-expression", tree.mark, key=key)
            return None
        node = self.expressions.value(body.entry.document, tree, expected)
        return None if failed(node) else node

    def _silence(self, body: Body) -> str:
        silence = body.text("silence_means")
        clock = body.tree("lasts") or body.tree("until")
        if clock is not None and not silence:
            body.entry.problem("clock-without-silence", name=body.entry.name)
        if silence and clock is None:
            body.entry.problem("silence-without-clock", name=body.entry.name)
        return silence

    # -- answers ----------------------------------------------------------------------------

    def _answers(self, body: Body, to: str) -> tuple[AnswerRule, ...]:
        found: dict[str, AnswerRule] = {}
        tree = body.tree("answers")
        if isinstance(tree, Map):
            for name, given_by in tree:
                found[name] = AnswerRule(name, self._acts(body, given_by, to))
        elif tree is not None:
            body.entry.problem("answers-shape")
        taken = body.tree("taken_as")
        if isinstance(taken, Map):
            for name, condition in taken:
                texts = body.texts_of(condition, name)
                node = self.expressions.all_of(body.entry.document, texts)
                acts = found[name].acts if name in found else ()
                found[name] = AnswerRule(name, acts, node)
        elif taken is not None:
            body.entry.problem("taken-as-shape", taken.mark)
        if not found:
            body.entry.problem("question-without-answers", name=body.entry.name)
        return tuple(found.values())

    def _acts(self, body: Body, tree: Tree, to: str) -> tuple[Acts, ...]:
        """Read acts: names of `responses.action` by the party asked, or `LIST where ...`."""
        texts = tree.items if isinstance(tree, Items) else (tree,)
        words = [item for item in texts if isinstance(item, Text)]
        if len(words) < len(texts):
            body.entry.problem("acts-shape", tree.mark)
            return ()
        names = [word for word in words if " " not in word.value.strip() and word.value.strip()]
        found = [self._listed(body, word) for word in words if word not in names]
        if names:
            found.append(self._actions(body, names, to))
        return tuple(acts for acts in found if acts is not None)

    def _listed(self, body: Body, text: Text) -> Acts | None:
        node = self.expressions.listed(body.entry.document, text)
        return Acts(node.section, node.where) if isinstance(node, Pick) else None

    def _actions(self, body: Body, names: list[Text], to: str) -> Acts | None:
        fields = self.expressions.scope.items("responses") or {}
        action, party = fields.get("action"), fields.get("party")
        if action is None or party is None:
            return None
        if to == "clock":
            body.entry.problem("clock-does-not-act", names[0].mark)
            return None
        if _actor(to) not in party.type.values:
            body.entry.problem("party-does-not-act", names[0].mark, party=to)
            return None
        known = [self.expressions.word(body.entry.document, name, action.type) for name in names]
        values = tuple(node.value for node in known if not failed(node))
        return Acts("responses", And((_by(party, to), OneOf(action, values))))

    def _asked(self, body: Body) -> Acts | None:
        fields = self.expressions.scope.items("asked") or {}
        if body.text("put_by") != "us" or "question" not in fields:
            return None
        question = fields["question"]
        return Acts("asked", Compare("=", question, Lit(body.entry.name, Type("text"))))

    def _asked_by(self, body: Body) -> Acts | None:
        text = body.single("asked_by")
        return None if text is None else self._listed(body, text)

    # -- clocks -----------------------------------------------------------------------------

    def _pauses(self, body: Body) -> tuple[Pause, ...]:
        tree = body.tree("paused_by")
        if tree is None:
            return ()
        items = tree.items if isinstance(tree, Items) else (tree,)
        return tuple(pause for item in items if (pause := self._pause(body, item)) is not None)

    def _pause(self, body: Body, tree: Tree) -> Pause | None:
        if isinstance(tree, Text):
            if tree.value in self.questions:
                return Pause(question=tree.value)
            advice = did_you_mean(tree.value, self.questions)
            body.entry.problem("unknown-question", tree.mark, name=tree.value, advice=advice)
            return None
        if not isinstance(tree, Map):
            body.entry.problem("pause-shape", tree.mark)
            return None
        inner = Body(body.entry, tree).only(("from", "until"))
        starts, ends = self._value(inner, "from", INSTANT), self._value(inner, "until", INSTANT)
        if starts is None or ends is None:
            body.entry.problem("pause-incomplete", tree.mark)
            return None
        return Pause(starts_at=starts, ends_at=ends)

    def _extensions(self, body: Body, to: str) -> tuple[Extension, ...]:
        tree = body.tree("extended_by")
        if tree is None:
            return ()
        if not isinstance(tree, Map):
            body.entry.problem("extension-shape", tree.mark)
            return ()
        inner = Body(body.entry, tree).only(("acts", "by", "most"))
        acts_tree, by = inner.tree("acts"), self._value(inner, "by", DURATION)
        if acts_tree is None or by is None:
            body.entry.problem("extension-incomplete", tree.mark)
            return ()
        most = inner.text("most", "1")
        if not most.isdigit():
            body.entry.problem("extension-most", inner.mark("most"))
            return ()
        return tuple(Extension(acts, by, int(most)) for acts in self._acts(inner, acts_tree, to))

    # -- stages -----------------------------------------------------------------------------

    def stage(
        self, remedy: str, chapter: str, entries: list[Entry]
    ) -> tuple[Stage, list[Question]]:
        """Read the steps that follow a remedy, in file order."""
        steps: list[Step] = []
        questions: list[Question] = []
        for entry in entries:
            question = self.question(entry, stage=remedy, words=STEP_WORDS)
            questions.append(question)
            steps.append(Step(entry.name, self._leads(entry, question)))
        return Stage(remedy, chapter, tuple(steps)), questions

    def _leads(self, entry: Entry, question: Question) -> tuple[tuple[str, tuple[Lead, ...]], ...]:
        body = entry.body(STEP_WORDS)
        tree = body.tree("leads_to")
        if not isinstance(tree, Map):
            entry.problem("step-leads-nowhere", name=entry.name)
            return ()
        found = []
        for answer, where in tree:
            if answer not in question.domain():
                entry.problem("unknown-answer", tree.keys[answer], answer=answer, name=entry.name)
                continue
            found.append((answer, self._lead(body, where)))
        missing = [name for name in question.domain() if name not in tree.entries]
        if missing:
            entry.problem("answer-leads-nowhere", tree.mark, answer=missing[0])
        return tuple(found)

    def _lead(self, body: Body, tree: Tree) -> tuple[Lead, ...]:
        if isinstance(tree, Items):
            return tuple(lead for item in tree.items for lead in self._branch(body, item))
        return (Lead(None, self._led(body, tree)),)

    def _branch(self, body: Body, tree: Tree) -> tuple[Lead, ...]:
        if not isinstance(tree, Map):
            body.entry.problem("branch-shape", tree.mark)
            return ()
        inner = Body(body.entry, tree).only(("when", "then", "otherwise"))
        last = inner.tree("otherwise")
        if last is not None:
            return (Lead(None, self._led(body, last)),)
        then = inner.tree("then")
        when = self.expressions.all_of(body.entry.document, inner.texts("when"))
        if then is None or when is None:
            body.entry.problem("branch-incomplete", tree.mark)
            return ()
        return (Lead(when, self._led(body, then)),)

    def _led(self, body: Body, tree: Tree) -> Conclusion | None:
        if isinstance(tree, Text) and tree.value == "next":
            return None
        return self.rules.conclusion(body.entry, tree)


def _party(name: str) -> Party:
    return next(party for party in PARTIES if party == name)


def _by(party: ItemField, to: str) -> Node:
    return Compare("=", party, Lit(_actor(to), party.type.optional(False)))


def _actor(to: str) -> str:
    """Whose acts answer a question: the party's own; a human speaks as `human_admin`."""
    return {"human": "human_admin"}.get(to, to)


def answer_names(entry: Entry) -> tuple[str, ...]:
    """Return the answers a question can have, before anything else of it is read."""
    if not isinstance(entry.tree, Map):
        return ()
    names: list[str] = []
    for key in ("answers", "taken_as"):
        tree = entry.tree.entries.get(key)
        if isinstance(tree, Map):
            names.extend(name for name in tree.entries if name not in names)
    silence = entry.tree.entries.get("silence_means")
    if isinstance(silence, Text) and silence.value not in names:
        names.append(silence.value)
    return tuple(names)
