"""The time that questions ask for, what it does to the ranking, and the date of an answer."""

from __future__ import annotations

import pytest

from rag.temporal import TimeIntent, as_of, prefer_time, time_intent
from rag.types import Citation, Origin
from tests.evidence import one


@pytest.mark.parametrize(
    ("question", "kind", "first", "last"),
    [
        ("What did Nvidia sell in 2024?", "period", "2024-01-01", "2024-12-31"),
        ("How far behind was China as of May 2026?", "period", "0001-01-01", "2026-05-31"),
        ("What did Nvidia sell between March 2024 and May 2025?", "period", "2024-03-01", "2025-05-31"),
        ("What were the rules before October 2022?", "period", "0001-01-01", "2022-09-30"),
        ("What has changed since January 2026?", "period", "2026-01-01", "9999-12-31"),
        ("Which models came out after mid-2025?", "period", "2025-05-01", "9999-12-31"),
        ("What is the latest estimate?", "newest", "0001-01-01", "9999-12-31"),
        ("What is Nvidia's current market share?", "newest", "0001-01-01", "9999-12-31"),
        ("What was the first export rule?", "earliest", "0001-01-01", "9999-12-31"),
    ],
)
def test_time_in_questions(question: str, kind: str, first: str, last: str) -> None:
    assert time_intent(question) == TimeIntent(kind=kind, first=first, last=last)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "question",
    ["Who founded DeepSeek?", "What is in the AI Index 2026?", "Do they know now that it fell, or not?"],
)
def test_questions_without_a_time(question: str) -> None:
    assert time_intent(question) is None


def best(question: str, *sentences: str) -> str:
    return prefer_time(question, [one(text, score=2 - number / 100) for number, text in enumerate(sentences)])[0].text


def test_a_period_prefers_sentences_of_that_time() -> None:
    old, new = "Sales came to $3 billion in 2023.", "Sales came to $5 billion in 2024."
    assert best("What were sales in 2024?", old, new) == new
    assert best("What were sales in 2023?", new, old) == old
    assert best("What were sales before 2024?", new, old) == old
    assert best("What were sales?", old, new) == old


def test_figures_published_soon_after_a_period_may_be_about_it() -> None:
    report = "A count of 8 January 2026 has AgiBot first."
    assert best("Who was first in 2025?", report, "AgiBot was first in 2025.") == report


def test_the_latest_is_the_newest_among_about_equally_good_sentences() -> None:
    old, new, weak = "It had 117 services in March 2024.", "It had 868 services in April 2026.", "It is May 2026."
    evidence = [one(old, score=2.0), one(new, score=1.95), one(weak, score=1.0)]
    assert [item.text for item in prefer_time("What is the latest count?", evidence)] == [new, old, weak]
    assert prefer_time("What was the original count?", evidence)[0].text == old


def test_without_a_date_of_its_own_a_sentence_is_as_old_as_its_publication() -> None:
    old, new = one("The gap is nine months.", date="2025-01-02"), one("The gap is six months.", date="2026-01-02")
    assert prefer_time("What is the latest estimate of the gap?", [old, new])[0].text == new.text


def citation(date: str | None, origin: Origin | None = None, quote: str = "A sentence.") -> Citation:
    return Citation(
        n=1, chunk_id="c", doc_id="d", title="t", publisher="p", date=date, url=None, heading=None, text=quote, start=0,
        end=len(quote), quote=quote, quote_start=0, quote_end=len(quote), score=1.0, origin=origin,
    )  # fmt: skip


def test_an_answer_is_as_new_as_its_newest_source() -> None:
    assert as_of([citation("2025-03"), citation("2025-04-01")]) == "2025-04-01"
    assert as_of([citation("2026-11-23", Origin(publisher="p", date="2025-01-27"))]) == "2025-01-27"
    assert as_of([citation("2026-11-23", Origin(publisher="p"))]) == "2026-11-23"
    assert as_of([citation(None)]) is None
    assert as_of([]) is None


def test_an_undated_publication_is_as_new_as_the_dates_in_its_words() -> None:
    undated = Origin(publisher="p")
    assert as_of([citation("2026-11-23", undated, "It closed in May 2026 and will open by 2030.")]) == "2026-05"
    assert as_of([citation(None, undated, "It closed in May 2026.")]) == "2026-05"
