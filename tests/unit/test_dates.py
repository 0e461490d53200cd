"""Dates that texts mention, as precise as they are said."""

from __future__ import annotations

import pytest

from rag.dates import dates_in


@pytest.mark.parametrize(
    ("text", "date", "first", "last"),
    [
        ("27 January 2025", "2025-01-27", "2025-01-27", "2025-01-27"),
        ("January 27, 2025", "2025-01-27", "2025-01-27", "2025-01-27"),
        ("2025-01-27", "2025-01-27", "2025-01-27", "2025-01-27"),
        ("Sept. 2025", "2025-09", "2025-09-01", "2025-09-30"),
        ("May 2026", "2026-05", "2026-05-01", "2026-05-31"),
        ("Q1 2026", "2026", "2026-01-01", "2026-03-31"),
        ("first half of 2025", "2025", "2025-01-01", "2025-06-30"),
        ("early 2026", "2026", "2026-01-01", "2026-04-30"),
        ("late in 2026", "2026", "2026-09-01", "2026-12-31"),
        ("mid-2026", "2026", "2026-05-01", "2026-08-31"),
        ("2026", "2026", "2026-01-01", "2026-12-31"),
        ("2022–24", "2022", "2022-01-01", "2024-12-31"),
    ],
)
def test_a_date_and_the_days_that_it_may_mean(text: str, date: str, first: str, last: str) -> None:
    sentence = f"It happened ({text}) in Beijing."
    (mention,) = dates_in(sentence)
    assert (mention.date, mention.first, mention.last) == (date, first, last)
    assert sentence[mention.start : mention.end] == mention.text == text


@pytest.mark.parametrize(
    "text", ["$2025", "2,025 robots", "2025.5", "GPT-2025", "31 February 2025", "the 2020s", "early 20٣٤"]
)
def test_other_numbers_are_no_dates(text: str) -> None:
    assert dates_in(text) == []
