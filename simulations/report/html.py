"""Parts of a report as HTML."""

import json
from collections.abc import Collection, Iterator, Sequence
from html import escape
from itertools import count

from simulations.report.opening import KeyFigure, Opening
from simulations.report.parts import Cell, Chart, Part, Row, Spec, Table
from simulations.report.speaking import Voice


class Writer:
    """Writes parts as HTML and numbers their charts. One writer for one page."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.specs: list[Spec] = []
        self._tables = count(1)

    def head(self, opening: Opening) -> str:
        """Return the verdict, what to know before believing it, and the key figures."""
        warnings = "".join(f"<li>{_sentence(one)}</li>" for one in opening.warnings if one)
        read_first = escape(self.voice.name("opening", "read_first"))
        return (
            f'<p class="verdict">{escape(opening.verdict)}</p>'
            f'<div class="figures">{"".join(map(_figure, opening.figures))}</div>'
            f'<div class="first"><h2>{read_first}</h2><ul>{warnings}</ul></div>'
        )

    def part(self, part: Part) -> str:
        """Return a part."""
        content = "".join(self._one(one) for one in part.content)
        return (
            f'<section id="{part.key}"><h2>{escape(part.title)}</h2>'
            + "".join(f"<p>{_sentence(line)}</p>" for line in part.lines)
            + content
            + "".join(f'<p class="note">{escape(line)}</p>' for line in part.closing)
            + "</section>"
        )

    def _one(self, one: Chart | Table) -> str:
        return self._chart(one) if isinstance(one, Chart) else self._table(one)

    def _chart(self, chart: Chart) -> str:
        self.specs.append(chart.spec)
        number = len(self.specs) - 1
        said = escape(f"{chart.title} {chart.aid}")
        return (
            f"<figure><figcaption><b>{escape(chart.title)}</b> {escape(chart.aid)}</figcaption>"
            f'<div class="chart" id="chart-{number}" role="img" aria-label="{said}"></div></figure>'
        )

    def _table(self, table: Table) -> str:
        title = escape(table.title)
        numbers = table.numbers
        body = "".join(_row(row, numbers, self.voice) for row in table.rows)
        kind = ' class="sortable"' if table.sortable and len(table.rows) > 1 else ""
        whole = (
            f'<div class="wide" tabindex="0" role="region" aria-label="{title}">'
            f'<table{kind} id="table-{next(self._tables)}"><caption>{title}</caption>'
            f"<thead><tr>{''.join(_heads(table, numbers))}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
        )
        if not table.folded:
            return whole
        rows = escape(self.voice.say("names", "rows", n=self.voice.count(len(table.rows))))
        return f"<details><summary>{title} <small>{rows}</small></summary>{whole}</details>"


def contents(parts: Sequence[Part]) -> str:
    """Return links to all parts."""
    return "".join(f'<a href="#{part.key}">{escape(part.title)}</a>' for part in parts)


def data_script(value: object) -> str:
    """Return data as JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def script_text(script: str) -> str:
    """Return a script that can stand inside a script element: no tag in it ends it."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _sentence(text: str) -> str:
    """Return a sentence that may begin with a word put into it."""
    return escape(text[:1].upper() + text[1:])


def _figure(figure: KeyFigure) -> str:
    value, label, detail = map(escape, (figure.value, figure.label, figure.detail))
    return f"<div><b>{value}</b><span>{label}</span><small>{detail}</small></div>"


def _heads(table: Table, numbers: Collection[int]) -> Iterator[str]:
    for place, name in enumerate(table.columns):
        kind = ' class="number"' if place in numbers else ""
        text = escape(name)
        if table.sortable and len(table.rows) > 1:
            text = f'<button type="button">{text}</button>'
        yield f'<th scope="col"{kind}>{text}</th>'


def _row(row: Row, numbers: Collection[int], voice: Voice) -> str:
    cells = list(_cells(row, numbers))
    if row.small:
        mark = f' <em class="mark">{escape(voice.name("names", "small"))}</em>'
        cells[0] = cells[0].replace("</td>", f"{mark}</td>").replace("</th>", f"{mark}</th>")
    kind = ' class="small"' if row.small else ""
    return f"<tr{kind}>{''.join(cells)}</tr>"


def _cells(row: Row, numbers: Collection[int]) -> Iterator[str]:
    for place, cell in enumerate(row.cells):
        kind = ' class="number"' if place in numbers else ""
        if isinstance(cell, Cell):
            value = "" if cell.value is None else f' data-value="{cell.value:.12g}"'
            yield f"<td{kind}{value}>{escape(cell.text)}</td>"
        elif place == 0:
            yield f'<th scope="row">{escape(cell)}</th>'
        else:
            yield f"<td>{escape(cell)}</td>"
