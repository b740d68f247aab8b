"""A message in the form it goes out: resolution centre, e-mail, chat, push, agent's script."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from email.message import EmailMessage
from typing import Literal

from reso.messages.compose import Message
from reso.messages.words import say

Form = Literal["centre", "email", "chat", "push"]

LONGEST_PUSH = 178
"""Characters of a push notification that phones show, title apart."""


def render(message: Message, form: Form) -> str:
    """Return a message as text in one form.

    centre: Markdown with headings, everything and its sources. email: an RFC 5322 message with
    subject, as plain text. chat: short paragraphs without headings and sources. push: a title
    line, and what matters most in at most `LONGEST_PUSH` characters.
    """
    return FORMS[form](message)


def _centre(message: Message) -> str:
    lines = [f"# {message.subject}", "", " ".join(message.says)]
    for key, items in _sections(message):
        lines += ["", f"## {say('frame', key, message.language)}", "", *_listed(items)]
    return "\n".join(lines) + "\n"


def _email(message: Message) -> str:
    hello = say("frame", f"hello_{message.reader}", message.language)
    lines = [hello, "", " ".join(message.says)]
    for key, items in _sections(message):
        lines += ["", f"{say('frame', key, message.language)}:", *_listed(items)]
    lines += ["", say("frame", "thanks", message.language)]
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail.set_content("\n".join(lines) + "\n", cte="8bit")
    mail["Content-Language"] = message.language  # set_content drops what was said of it before
    return mail.as_string()


def _chat(message: Message) -> str:
    why = [said for said, _ in message.why][:2]
    paragraphs = [" ".join(message.says), " ".join(why), " ".join(message.money)]
    paragraphs += [" ".join(message.next), " ".join(message.may)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _push(message: Message) -> str:
    kept: list[str] = []
    for said in (*message.says, *message.next):
        if len(" ".join((*kept, said))) > LONGEST_PUSH:
            break
        kept.append(said)
    return "\n".join(line for line in (message.subject, " ".join(kept)) if line) + "\n"


def _sections(message: Message) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the parts of a message that have something to say."""
    why = [line for said, sources in message.why for line in (said, *_indented(sources))]
    parts: tuple[tuple[str, Sequence[str]], ...] = (
        ("why", why),
        ("money", message.money),
        ("evidence", message.evidence),
        ("effects", message.effects),
        ("next", message.next),
        ("may", message.may),
    )
    yield from ((key, items) for key, items in parts if items)


def _listed(items: Sequence[str]) -> Iterator[str]:
    """Yield items as a list; what is indented belongs to the item above."""
    yield from (item if item.startswith(" ") else f"- {item}" for item in items)


def _indented(sources: Sequence[str]) -> Iterator[str]:
    yield from (f"  {source}" for source in sources)


FORMS: Mapping[Form, Callable[[Message], str]] = {
    "centre": _centre,
    "email": _email,
    "chat": _chat,
    "push": _push,
}
