"""`airace corpus check` finds every broken rule, one line each, and nothing in a sound corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.corpus_check import check_corpus
from rag.errors import ConfigurationError

SOUND = """---
id: labs-01
title: A title
source_title: null
publisher: Example Press
date: 2025-01-28
url: https://example.org/a
kind: news
themes: [chips]
publisher_country: US
language: en
added: 2026-11-23
---

Nvidia lost $589 billion on 27 January 2025.[^1]

## Reactions

Nvidia praised DeepSeek, and doubted that it needed fewer chips.[^2] Cantor agreed in May.[^1] Others did not.[^2]

[^1]: Example Press, "Nvidia sinks", 2025-01-28, <https://example.org/a>
[^2]: example.org, <https://example.org/b>
"""


def findings(folder: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
    return [str(finding) for finding in check_corpus(folder)]


def test_a_sound_document_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, labs_01_title=SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("kind: news", "kind: gossip", "front matter: kind"),
        ("kind: news", "kind: news\nmood: good", "front matter: mood"),
        ("date: 2025-01-28\n", "date: 2025-02-30\n", "front matter"),
        ("url: https://example.org/a\n", "url: nowhere\n", "front matter: url"),
        ("publisher_country: US", "publisher_country: America", "front matter: publisher_country"),
        ("id: labs-01", "id: labs-02", "its name is not the id"),
        ("2025.[^1]", "2025.[^9]", "footnote [^9] is not defined"),
        ("not.[^2]", "not.[^1]", None),
        ("[^2]: example.org", "[^3]: example.org", "footnote [^3] is not used"),
        ('"Nvidia sinks", 2025-01-28', '“Nvidia" sinks', "is not `Publisher"),
        (" in May.[^1]", " in May.", "no footnote right after"),
        ("Others did not.", "Others" + " really" * 60 + " did not.", "words, more than 60"),
        ("Others did not.", "Others [TODO] did not.", "leftover"),
        ("Others did not.", "Others (via example.org) did not.", "leftover"),
    ],
)
def test_a_broken_rule_is_found(tmp_path: Path, old: str, new: str, says: str | None) -> None:
    assert old in SOUND
    found = findings(tmp_path, labs_01_title=SOUND.replace(old, new))
    assert bool(found) is (says is not None)
    assert says is None or any(says in finding for finding in found)


def test_copies_and_doubled_ids_are_found(tmp_path: Path) -> None:
    found = findings(tmp_path, labs_01_one=SOUND, labs_01_two=SOUND)
    assert any("is that of labs-01-one.md" in finding for finding in found)
    assert any("stand in labs-01-one.md as well" in finding for finding in found)


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no corpus folder"):
        check_corpus(tmp_path / "nowhere")
