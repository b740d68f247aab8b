"""What the history knows, which rules are blind, and which escalations rest on missing data."""

from collections import Counter
from collections.abc import Iterator

from simulations.measures.knowledge import LEAST_KNOWN, BlindRule
from simulations.measures.sight import Look, Sight
from simulations.measures.validity import left_out
from simulations.report.charts import Bar, bars
from simulations.report.given import ReportInput
from simulations.report.palette import BLUE, ORANGE, RED, SKY
from simulations.report.parts import Chart, Part, Row, Table
from simulations.report.speaking import Voice

NEARLY_ALL = 0.99
MANY_ROWS = 12
MOST_BLIND = 8


def knowing_parts(about: ReportInput, voice: Voice) -> Iterator[Part]:
    """Yield the parts on what is known and who cannot see."""
    yield _knowledge(about, voice)
    yield _blind(about, voice)
    yield _lack(about, voice)


def _knowledge(about: ReportInput, voice: Voice) -> Part:
    sight, looked = Sight(about.policy), Counter[Look]()
    for rule in about.policy.rules:
        looked.update({look for node in rule.when for look in sight.of(node)})
    shares = {look: about.known.share(look) for look in looked}
    groups = {
        "nearly_all": sum(share >= NEARLY_ALL for share in shares.values()),
        "most": sum(0.5 <= share < NEARLY_ALL for share in shares.values()),
        "some": sum(LEAST_KNOWN <= share < 0.5 for share in shares.values()),
        "none": sum(share < LEAST_KNOWN for share in shares.values()),
    }
    colours = dict(zip(groups, (BLUE, SKY, ORANGE, RED), strict=True))
    drawn = [
        Bar(voice.name("known", key), count, voice.count(count), colours[key])
        for key, count in groups.items()
    ]
    rows = [
        Row((str(look), voice.share_cell(shares[look]), voice.count_cell(looked[look])))
        for look in sorted(shares, key=lambda one: (shares[one], str(one)))
    ]
    facts = [
        Row((fact, voice.share_cell(share)))
        for fact, share in sorted(about.known.shares.items(), key=lambda one: (-one[1], one[0]))
    ]
    content: list[Chart | Table] = [
        Chart(
            voice.name("known", "chart"),
            voice.name("known", "aid"),
            bars(drawn, voice.name("known", "axis")),
        ),
        Table(
            voice.name("known", "table"),
            voice.words("columns", "looks_at", "known_in", "rules"),
            rows, folded=len(rows) > MANY_ROWS, sortable=True,
        ),
        Table(
            voice.name("known", "facts"), voice.words("columns", "fact", "known_in"),
            facts, folded=True, sortable=True,
        ),
    ]  # fmt: skip
    n = voice.count(about.known.disputes)
    said = voice.say("known", "said", n=n, looks=voice.count(len(shares)))
    if len(shares) == 1:
        said = voice.say("known", "said_one", n=n)
    return Part(
        "knows",
        voice.name("parts", "knows"),
        (said,),
        content if shares else content[2:],
        (voice.name("known", "closing"), *_stays(about, voice)),
    )


def _stays(about: ReportInput, voice: Voice) -> Iterator[str]:
    """Yield what of the history no longer held once the policy had acted, and what stays."""
    found = left_out(about.table)
    if found.acts:
        acts, n, of = map(voice.count, (found.acts, found.disputes.count, found.disputes.of))
        yield voice.say("stays", "left_out", acts=acts, n=n, of=of)
    else:
        yield voice.name("stays", "nothing")
    yield voice.name("stays", "world")


def _blind(about: ReportInput, voice: Voice) -> Part:
    found = about.blind
    if not found:
        return Part("blind", voice.name("parts", "blind"), (voice.name("blind", "none"),))
    used = sorted((one for one in found if one.disputes), key=lambda one: -one.disputes)
    columns = voice.words("columns", "rule", "chapter", "blind", "unseen", "on_silence", "disputes")
    content = []
    if used:
        rows = [_blind_row(one, voice) for one in used[:MOST_BLIND]]
        content.append(Table(voice.name("blind", "first"), columns, rows, sortable=True))
    rows = [_blind_row(one, voice) for one in found]
    content.append(Table(voice.name("blind", "table"), columns, rows, folded=True, sortable=True))
    said = [voice.say("blind", "said", n=voice.count(len(found)))]
    on_silence = sum(one.disputes for one in found if one.on_silence)
    if on_silence:
        said.append(voice.say("blind", "silence", n=voice.count(on_silence)))
    return Part("blind", voice.name("parts", "blind"), said, content)


def _blind_row(one: BlindRule, voice: Voice) -> Row:
    return Row(
        (
            voice.rule(one.rule),
            voice.rule(one.chapter),
            voice.name("blind", one.blind),
            voice.listed(one.unseen),
            voice.name("blind", "yes" if one.on_silence else "no"),
            voice.count_cell(one.disputes),
        )
    )


def _lack(about: ReportInput, voice: Voice) -> Part:
    lack = about.lack
    rows = [
        Row(
            (
                voice.rule(group.question or group.reason),
                voice.rule(group.reason),
                voice.listed(group.unseen),
                voice.count_cell(group.disputes),
            )
        )
        for group in lack.groups
    ]
    said = "said" if rows else "none"
    return Part(
        "lack",
        voice.name("parts", "lack"),
        (voice.say("lack", said, rate=voice.of(lack.for_lack)),),
        [
            Table(
                voice.name("lack", "table"),
                voice.words("columns", "question", "led_by", "unseen", "disputes"),
                rows,
                folded=len(rows) > MANY_ROWS,
                sortable=True,
            )
        ]
        if rows
        else [],
    )
