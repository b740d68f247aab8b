"""Colours that stay apart for colour-blind readers, and the look of all charts.

The colours are those of M. Okabe and K. Ito, Color universal design, 2008. Where they alone would
carry a meaning, a shape or a label stands beside them, so that print in grey keeps it.
"""

from collections.abc import Mapping
from typing import Any

from simulations.report.parts import Spec

BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PURPLE, GREY, INK = "#56b4e9", "#cc79a7", "#8a8f98", "#22262b"
PALE = "#c9ced6"

ENDED: Mapping[str, str] = {
    "agreed": GREEN,
    "lapsed": SKY,
    "imposed": BLUE,
    "withdrawn": GREY,
    "escalated": RED,
    "open": ORANGE,
}
SERIES = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY)
WIDTH = 900
FONT = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', sans-serif"

LOOK: Mapping[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#e7e9ed",
        "domainColor": PALE,
        "tickColor": PALE,
        "labelLimit": 290,
    },
    "legend": {
        "labelFontSize": 12,
        "title": None,
        "orient": "top",
        "labelColor": INK,
        "symbolSize": 90,
        "symbolStrokeWidth": 2.5,
        "labelLimit": 420,
    },
    "text": {"fontSize": 12, "color": INK, "font": FONT},
}


def looked(spec: Spec) -> Spec:
    """Return a chart with the look of all charts."""
    return {**spec, "config": {**spec.get("config", {}), **LOOK}}
