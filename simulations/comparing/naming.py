"""What the two sides of a comparison are called, and by which hashes they are known."""

from reso.cases import Pack
from reso.engine.words import plain_name, short_hash
from reso.expressions.tree import Lit
from reso.model.money import Language
from reso.model.time import Duration, format_duration
from simulations.comparing.telling import LANGUAGES
from simulations.running import PolicyChoice


def names_of(
    a: tuple[Pack, PolicyChoice], b: tuple[Pack, PolicyChoice]
) -> dict[Language, tuple[str, str]]:
    """Return what the sides are called; where that is one name, their hashes part them."""
    named: dict[Language, tuple[str, str]] = {}
    for language in LANGUAGES:
        first, second = (plain_name_of(*one, language) for one in (a, b))
        if first == second:
            first, second = (
                f"{name} [{short_hash(pack.policy.content_hash)}]"
                for name, (pack, _) in ((first, a), (second, b))
            )
        named[language] = first, second
    return named


def plain_name_of(pack: Pack, choice: PolicyChoice, language: Language) -> str:
    """Return what a policy is called: its name, version, and the values that were set."""
    name = f"{plain_name(pack.policy.name)} {pack.policy.version}"
    set_ = ", ".join(
        f"{plain_name(key)} = {_value(pack, key, text, language)}"
        for key, text in choice.settings.items()
    )
    return f"{name} ({set_})" if set_ else name


def _value(pack: Pack, parameter: str, text: str, language: Language) -> str:
    """Return a value that was set: a length of time in the reader's language."""
    node = next(one.node for one in pack.policy.definitions if one.name == parameter)
    match node:
        case Lit(value=Duration() as length):
            return format_duration(length, language)
        case _:
            return text


def hash_of(key: str, pack: Pack) -> tuple[str, dict[str, str]]:
    """Return a policy's name, version and hash for the sentence `key` of a brief."""
    policy = pack.policy
    told = short_hash(policy.content_hash)
    return key, {"policy": policy.name, "version": policy.version, "hash": told}
