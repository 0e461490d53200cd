"""The growth benchmark: copies that differ, and figures for every size."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.benchmarks import run_growth
from evals.benchmarks.growth import with_other_names_and_figures
from rag import Settings
from rag.errors import ConfigurationError

TEXT = """---
id: a-1
title: On Nvidia
date: 2025-01-27
---
On 27 January 2025 the shares of Nvidia fell by 17 %, and those of Broadcom too; Nvidia lost most.
"""


def test_copies_have_other_names_and_figures_and_the_same_front_matter() -> None:
    first, again, second = (
        with_other_names_and_figures(TEXT, ["Broadcom", "Huawei", "Nvidia"], seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert len({TEXT, first, second}) == 3
    assert first.startswith(TEXT[: TEXT.index("---\nOn")])


def test_sizes_that_do_not_rise_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    with pytest.raises(ConfigurationError, match="rising sizes"):
        run_growth(Settings(corpus_dir=tmp_path), sizes=[20, 10])


@pytest.mark.slow
def test_a_small_corpus_gives_all_figures(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"{number}.md").write_text(TEXT.replace("a-1", f"a-{number}") + "It was a lot. " * number)
    result = run_growth(Settings(corpus_dir=tmp_path), sizes=[10, 30])
    assert [step["passages"] for step in result["steps"]] == [10, 30]
    assert result["disk_per_passage_kb"] > 0
    assert result["retrieve_growth"] > 0
    assert result["sync_ten_changed_s"] > 0
