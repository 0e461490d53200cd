"""The report of a run: what it found, as one HTML page, as Markdown for pull requests, and as JSON."""

from __future__ import annotations

from evals.report.content import Report, report_to_dict

__all__ = ["Report", "report_to_dict", "write_report"]


def write_report(report: Report) -> None:
    """Write `report.html` and `report.md` into the run's folder."""
    from evals.report.html import render_html
    from evals.report.markdown import render_markdown

    (report.folder / "report.html").write_text(render_html(report), encoding="utf-8")
    (report.folder / "report.md").write_text(render_markdown(report), encoding="utf-8")
