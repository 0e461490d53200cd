"""A report says what a run found, failures first, and shows what it quotes without ever acting on it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from evals.compare import Change, Comparison, slim
from evals.figures import FIGURES, Figure
from evals.report import plots
from evals.report.content import Report
from evals.report.html import render_html
from evals.report.markdown import render_markdown
from evals.report.terminal import show_reports
from evals.results import Outcome, Result, Run, Score, Trace

HOSTILE = '<script>alert(1)</script> | <img src="https://evil.example/x.png"> [bold]*loud*[/bold] {{ 7 * 7 }}'
TEXT = "Before the crash all was well. Nvidia lost $589 billion. Then it rose again."
QUOTE = "Nvidia lost $589 billion."
MANIFEST = {
    "dataset": "golden",
    "corpus": "corpus",
    "documents": 2,
    "engine": "quote",
    "index_version": "0123456789abcdef",
    "settings": {"top_k": 8},
    "fingerprint": "fedcba9876543210",
    "seed": 1,
    "revision": "abc1234",
    "machine": "a machine",
    "packages": {"chromadb": "1.5"},
    "started": "2026-03-01T10:00:00+00:00",
}


def citation(**changed: Any) -> dict[str, Any]:
    start = 100 + TEXT.index(QUOTE)
    fields = {
        "n": 1,
        "chunk_id": "n:1",
        "doc_id": "n",
        "title": "Nvidia’s day",
        "publisher": "Reuters",
        "date": "2025-01-27",
        "url": "https://example.org/nvidia",
        "heading": None,
        "text": TEXT,
        "start": 100,
        "end": 100 + len(TEXT),
        "quote": QUOTE,
        "quote_start": start,
        "quote_end": start + len(QUOTE),
        "score": 1.0,
        "origin": None,
    }
    return fields | changed


def case_of(name: str, question: str, kind: str, *, answerable: bool) -> dict[str, Any]:
    gold = {
        "answer": "$589 billion",
        "must_contain": [["$589 billion", "589bn"]],
        "doc_ids": ["n"],
        "quotes": [{"doc_id": "n", "text": QUOTE}],
    }
    nothing: dict[str, Any] = {"answer": None, "must_contain": [], "doc_ids": [], "quotes": []}
    about = {"id": name, "question": question, "kind": kind, "history": [], "answerable": answerable, "split": "tune"}
    return about | (gold if answerable else nothing)


def result(
    name: str, outcome: Outcome, *, question: str = "", reason: str = "because", kind: str = "factoid", **citing: Any
) -> Result:
    case = case_of(name, question or f"What about {name}?", kind, answerable=outcome in ("right", "wrong", "abstained"))
    if outcome == "failed":
        return Result(id=name, case=case, outcome=outcome, reason=reason, error="the engine is down")
    abstained = outcome in ("abstained", "rightly abstained")
    answer = {
        "question": case["question"],
        "standalone_question": case["question"],
        "engine": "quote",
        "answer": "Not in the documents." if abstained else f"{QUOTE} [1]",
        "abstained": abstained,
        "abstain_reason": "no support" if abstained else None,
        "confidence": 0.2 if abstained else 0.8,
        "sentences": [],
        "citations": [] if abstained else [citation(**citing)],
        "conflicts": [],
        "timings_ms": {"retrieve": 20.0, "total": 40.0},
        "index_version": "0123456789abcdef",
    }
    scores = {"latency_ms": Score(value=40.0), "citation_recall": Score(value=0.5, reason="not supported: all of it")}
    trace = Trace(dense=4, lexical=None, fused=12)
    return Result(id=name, case=case, outcome=outcome, reason=reason, answer=answer, scores=scores, trace=trace)


RESULTS = (
    result("r-1", "right"),
    result("r-2", "right"),
    result("w-1", "wrong", reason="the answer lacks “589bn”"),
    result("u-1", "wrongly answered", kind="unanswerable"),
    result("u-2", "rightly abstained", kind="unanswerable"),
    result("f-1", "failed"),
)


SPECS = {spec.name: spec for spec in FIGURES}
SHOWN = tuple(
    Figure(spec=SPECS[name], value=value, low=low, high=high, n=n)
    for name, value, low, high, n in (
        ("right", 0.667, 0.3, 0.9, 3),
        ("citation_recall", 1.0, 1.0, 1.0, 4),
        ("abstention_recall", 0.5, 0.0, 1.0, 2),
        ("wrongly_abstained", 0.0, 0.0, 0.0, 3),
        ("auroc", None, None, None, 0),
        ("success@1", 0.6, 0.2, 0.8, 3),
        ("recall@5", 0.8, 0.5, 0.9, 3),
        ("recall@10", 0.9, 0.6, 1.0, 3),
        ("latency_p50", 41.6, 38.2, 12_345.0, 5),
    )
)
CHANGES = (
    Change(spec=SPECS["right"], before=0.8, after=0.667, n=3, p_value=0.2, regressed=True),
    Change(spec=SPECS["citation_recall"], before=0.7, after=1.0, n=3, p_value=0.0002, regressed=False),
    Change(spec=SPECS["wrongly_abstained"], before=0.0, after=0.0, n=3, p_value=1.0, regressed=False),
)
COMPARISON = Comparison(
    changes=CHANGES,
    better=((slim(result("r-1", "wrong")), RESULTS[0]),),
    worse=((slim(result("w-1", "right")), RESULTS[2]),),
    n=4,
)


def report(results: Sequence[Result] = RESULTS, **more: Any) -> Report:
    return Report(run=Run(manifest=MANIFEST, results=tuple(results)), folder=Path("runs/golden"), figures=SHOWN, **more)


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def attributes(self, *names: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.elements for name in names if name in attrs]


@pytest.fixture(scope="module")
def plain() -> Report:
    return report()


@pytest.fixture(scope="module")
def html(plain: Report) -> str:
    return render_html(plain)


def test_the_page_loads_nothing_and_runs_nothing(html: str) -> None:
    page = Page(html)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "form"}
    outward = {
        attrs["href"] for tag, attrs in page.elements if tag == "a" and not (attrs["href"] or "#").startswith("#")
    }
    assert outward == {"https://example.org/nvidia"}
    assert page.attributes("src", "srcset", "action", "onclick") == []
    assert all(target.startswith("#") for target in page.attributes("xlink:href"))
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_hostile_text_stays_text_on_the_page() -> None:
    hostile = result("<b>id</b>", "wrong", question=HOSTILE, reason=HOSTILE, kind=HOSTILE, title=HOSTILE, text=HOSTILE)
    moved = Comparison(changes=(), better=(), worse=((hostile, hostile),), n=1)
    html = render_html(report([hostile, *RESULTS], comparison=moved))
    page = Page(html)
    assert not {tag for tag, _ in page.elements} & {"script", "img", "b>id"}
    assert page.text.count(HOSTILE) >= 4
    assert "{{ 7 * 7 }}" in page.text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " javascript:x", "//evil.example", "http", ""]
)
def test_only_web_addresses_become_links(url: str) -> None:
    page = Page(render_html(report([result("w-1", "wrong", url=url)])))
    assert url not in page.attributes("href")


def test_every_question_is_on_the_page_and_failures_come_first_the_worst_before_the_others(html: str) -> None:
    page = Page(html)
    assert all(one.case["question"] in page.text for one in RESULTS)
    cards = [attrs["id"] for tag, attrs in page.elements if tag == "article"]
    ids = [RESULTS[int((card or "").removeprefix("q")) - 1].id for card in cards]
    assert ids == ["f-1", "u-1", "w-1", "r-1", "r-2", "u-2"]


def test_quoted_words_are_highlighted_where_they_stand() -> None:
    html = render_html(report([result("w-1", "wrong")]))
    assert "all was well. <mark>Nvidia lost $589 billion.</mark> Then it" in html


@pytest.mark.parametrize(("start", "end"), [(0, 10), (500, 600), (110, 105)])
def test_a_quote_outside_its_passage_highlights_nothing_that_is_not_there(start: int, end: int) -> None:
    html = render_html(report([result("w-1", "wrong", quote_start=start, quote_end=end)]))
    assert TEXT in Page(html).text


def test_a_card_says_where_the_support_was_lost_and_how_the_answer_scored() -> None:
    text = Page(render_html(report([result("w-1", "wrong", reason="lost")]))).text
    assert "dense search 4 lexical search not found fused 12 evidence not found" in text
    assert "Sentences supported by their citations 50.0% not supported: all of it" in text
    assert "Reuters · 2025-01-27" in text


def test_every_id_on_the_page_is_unique(html: str) -> None:
    ids = Page(html).attributes("id")
    assert len(ids) == len(set(ids))


def test_every_plot_has_a_name_for_those_who_do_not_see_it(html: str) -> None:
    page = Page(html)
    labels = [attrs["aria-label"] for tag, attrs in page.elements if tag == "svg" and attrs.get("role") == "img"]
    assert len(labels) == 5
    assert any("wrong: 1" in (label or "") or "1 wrong" in (label or "") for label in labels)


@pytest.mark.filterwarnings("error")
def test_kinds_of_questions_may_have_any_name() -> None:
    kinds = ("事実", "$x$ & <y>", "a name far too long to stand beside a bar of a plot")
    page = Page(render_html(report([result(f"r-{kind}", "right", kind=kind) for kind in kinds])))
    assert "事実" in page.text
    assert "$x$ & <y>" in page.text


def test_the_same_results_make_the_same_page(plain: Report, html: str) -> None:
    assert render_html(plain) == html


def test_a_comparison_is_marked_on_the_page() -> None:
    text = Page(render_html(report(comparison=COMPARISON))).text
    assert "Worse than the baseline: Right content from a right document −13.3 pp" in text
    assert "66.7% 30.0–90.0% 3 80.0% −13.3 pp 0.20 regressed" in text
    assert "100.0% 100.0–100.0% 4 70.0% +30.0 pp <0.001 better" in text
    assert "Worse (1) w-1 What about w-1?" in text
    assert "Better (1) r-1 What about r-1?" in text


def test_a_comparison_is_marked_in_markdown() -> None:
    markdown = render_markdown(report(comparison=COMPARISON))
    assert (
        "| Right content from a right document | 66.7% | 30.0–90.0% | 3 | 80.0% | −13.3 pp | 0.20 | 🔻 regressed |"
        in (markdown)
    )
    assert "- **w-1** What about w-1? (right → wrong)" in markdown
    assert "- **r-1** What about r-1? (wrong → right)" in markdown


def test_the_page_shows_what_a_judge_thinks_beside_how_far_it_agrees() -> None:
    opinion = {"model": "provider:judge", "faithfulness": 0.9, "faithfulness_n": 4, "faithfulness_agrees": 0.75}
    opinion |= {"relevance": None, "relevance_n": 0, "relevance_agrees": None, "without_verdict": 1}
    opinion |= {"faithfulness_agrees_n": 4, "relevance_agrees_n": 0}
    text = Page(render_html(report(judge=opinion))).text
    assert "provider:judge" in text
    assert "sentences it finds supported 90.0% 4 75.0%" in text


@pytest.mark.parametrize("results", [[result("f-1", "failed")], [result("r-1", "right")], [result("u-2", "unjudged")]])
def test_small_runs_have_a_report_too(results: list[Result]) -> None:
    assert "What about" in render_html(report(results))
    assert "What about" in render_markdown(report(results)) or not report(results).failures


def test_markdown_has_the_figures_and_keeps_hostile_text_in_its_cell_and_line() -> None:
    hostile = result("w|1", "wrong", question=f"{HOSTILE}\n# Title", reason=HOSTILE, kind="a|b")
    markdown = render_markdown(report([hostile, *RESULTS]))
    assert "| Right content from a right document | 66.7% | 30.0–90.0% | 3 |" in markdown
    assert "<script" not in markdown
    assert "<img" not in markdown
    assert "\n# Title" not in markdown
    assert "- **w\\|1** " in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| a")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [
        len(re.findall(r"\|", next(line for line in markdown.splitlines() if line.startswith("| Kind"))))
    ]


def shown(*reports: Report) -> str:
    printed = io.StringIO()
    show_reports(Console(width=160, file=printed), reports)
    return printed.getvalue()


def test_the_terminal_shows_figures_with_interval_and_count_and_where_the_report_is(plain: Report) -> None:
    text = shown(plain)
    assert re.search(r"Right content from a right document +66\.7% +30\.0–90\.0% +3", text)
    assert "w-1  What about w-1?" in text
    assert "the answer lacks “589bn”" in text
    assert str(Path("runs/golden/report.html")) in text


def test_the_terminal_has_a_column_for_each_run_and_says_what_changed(plain: Report) -> None:
    other = replace(plain, folder=Path("runs/other"))
    text = shown(report(comparison=COMPARISON), other)
    header = text.splitlines()[0].split()
    assert header.count("n") == 2
    assert "golden" in header
    assert "other" in header
    assert "−13.3 pp regressed" in text


def test_the_terminal_prints_hostile_text_as_it_is_but_for_control_characters() -> None:
    text = shown(report([result("w-1", "wrong", question="[bold]loud[/bold] \x1b[31mred")]))
    assert "[bold]loud[/bold] [31mred" in text


def test_the_terminal_shows_ten_failures() -> None:
    text = shown(report([result(f"w-{n}", "wrong") for n in range(12)]))
    assert "12 failures, the first 10:" in text
    assert "w-9  " in text
    assert "w-10  " not in text


def test_the_history_tells_every_share_to_those_who_do_not_see_it() -> None:
    svg = plots.history_plot({"right answers": [0.5, 1.0], "rightly declined": [None, 0.25]}, ["11-01", "11-02"])
    assert 'role="img"' in svg
    assert "right answers 50% on 11-01, 100% on 11-02; rightly declined 25% on 11-02" in svg
