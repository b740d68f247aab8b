"""The report of a replay: one HTML file that opens with no network."""

from simulations.report.given import ComparedWith, ReportInput, Run
from simulations.report.page import PARTS, check_report, write_report

__all__ = ["PARTS", "ComparedWith", "ReportInput", "Run", "check_report", "write_report"]
