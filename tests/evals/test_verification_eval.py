"""The pairs that the verifier is measured on, and what is said of how it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from evals.verification_eval import judge_pairs, read_pairs, read_training_pairs, report_split, report_to_dict
from rag.errors import ConfigurationError
from rag.settings import default_corpus_dir
from rag.verification import Verdict
from tests.conftest import ROOT


class _Believer:
    """Supports everything."""

    name = "believer"

    def verify(self, sentence: str, passages: Sequence[str], *, headings: Sequence[str] = ()) -> Verdict:
        del sentence, passages, headings
        return Verdict(support=1.0)


def test_every_passage_stands_word_for_word_in_its_document() -> None:
    texts = _texts()
    wrong = [pair.id for pair in read_pairs() for p in pair.passages if p.text not in texts[p.doc_id]]
    assert not wrong


def test_no_document_is_in_both_splits_and_ids_are_unique() -> None:
    pairs = read_pairs()
    by_split = [
        {p.doc_id for pair in pairs if pair.split == split for p in pair.passages} for split in ("tune", "test")
    ]
    assert not by_split[0] & by_split[1]
    assert len({pair.id for pair in pairs}) == len(pairs)


def test_the_training_pairs_come_from_the_corpus_and_from_no_document_of_the_test_split() -> None:
    texts, pairs = _texts(), read_training_pairs()
    assert not [pair.id for pair in pairs if pair.passages[0].text not in texts[pair.passages[0].doc_id]]
    assert len({pair.id for pair in pairs}) == len(pairs)
    tested = {passage.doc_id for pair in read_pairs() if pair.split == "test" for passage in pair.passages}
    assert not tested & {pair.passages[0].doc_id for pair in pairs}


def test_half_is_true_and_every_break_has_its_share() -> None:
    kinds = Counter(pair.kind for pair in read_pairs())
    assert len(read_pairs()) >= 320
    assert 0.45 <= kinds.pop("paraphrase") / len(read_pairs()) <= 0.55
    assert min(kinds.values()) >= 14


def test_who_believes_everything_is_right_half_of_the_time() -> None:
    report = report_to_dict(report_split("test", judge_pairs(read_pairs(), _Believer())))
    assert report["balanced_accuracy"]["value"] == 0.5
    assert report["kinds"]["paraphrase"]["value"] == 1.0
    assert report["kinds"]["number"]["value"] == 0.0


def test_a_split_without_broken_sentences_cannot_be_measured() -> None:
    true = [pair for pair in read_pairs() if pair.supported]
    with pytest.raises(ConfigurationError, match="true and broken"):
        report_split("test", judge_pairs(true, _Believer()))


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"id": "a"}\n')
    with pytest.raises(ConfigurationError, match=r"pairs\.jsonl:1"):
        read_pairs(path)


@pytest.mark.slow
def test_the_command_prints_both_splits(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "eval", "verification", "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    splits = json.loads(done.stdout)["splits"]
    assert [split["split"] for split in splits] == ["tune", "test"]
    assert all(split["balanced_accuracy"]["value"] > 0.75 for split in splits)


def _texts() -> dict[str, str]:
    from evals.cases import _texts

    return dict(_texts(default_corpus_dir()))
