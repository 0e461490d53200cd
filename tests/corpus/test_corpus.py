"""The corpus keeps its own rules, says nothing that the research notes do not say, and leaves little of them out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from rag.corpus_check import check_corpus
from rag.lexical import terms
from rag.loading.markdown import load_markdown
from rag.protocols import Embedder
from rag.types import Document
from tests.conftest import ROOT, SHARED
from tests.corpus.figures import figures

NOTES = SHARED / "research"
needs_notes = pytest.mark.skipif(not NOTES.is_dir(), reason="the research notes are not beside this checkout")
VIA = re.compile(r"[\[(]via\b[^\])]*[\])]")
METADATA = re.compile(r"^- (source_title|publisher|date|url|kind|themes|also_seen)\b.*$", re.MULTILINE)


def test_the_corpus_keeps_its_rules() -> None:
    assert [str(finding) for finding in check_corpus(ROOT / "corpus")] == []


def documents() -> Iterator[Document]:
    for path in sorted((ROOT / "corpus").glob("*-*.md")):
        yield load_markdown(path.read_bytes(), source=path.name)


def notes() -> dict[str, str]:
    """Note by id in lower case, and the tensions of each file as `<file>-tensions`."""
    found = {}
    for path in sorted(NOTES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"^## ([A-Z]+-\d\d) .*?(?=^## |^# |\Z)", text, re.MULTILINE | re.DOTALL):
            found[match[1].lower()] = match[0]
        tensions = re.search(r"^# Tensions.*", text, re.MULTILINE | re.DOTALL)
        found[f"{path.stem}-tensions"] = tensions[0] if tensions else ""
    return found


def sources_of(sentence_urls: list[str | None], all_notes: dict[str, str]) -> str:
    """The notes that carry one of these addresses."""
    urls = [url for url in sentence_urls if url]
    return "\n".join(text for text in all_notes.values() if any(url in text for url in urls))


@needs_notes
def test_no_figure_is_invented() -> None:
    all_notes = notes()
    tensions = "\n".join(text for name, text in all_notes.items() if name.endswith("-tensions"))
    missing = []
    for document in documents():
        own = all_notes.get(document.doc_id, "")
        for span in document.origins:
            sentence = document.text[span.start : span.end]
            cited = sources_of([origin.url for origin in span.origins], all_notes)
            allowed = figures(own + cited + tensions)
            missing += [f"{document.doc_id}: {figure}: {sentence}" for figure in sorted(figures(sentence) - allowed)]
    assert missing == []


@needs_notes
def test_every_note_has_a_document() -> None:
    ids = {document.doc_id for document in documents()}
    assert {name for name in notes() if not name.endswith("-tensions")} <= ids


def facts(note: str) -> list[str]:
    body = METADATA.sub("", note)
    return [VIA.sub("", line[2:]).strip() for line in body.splitlines() if line.startswith("- ")]


def says_the_same(fact: str, sentences: list[str]) -> bool:
    """Whether one sentence has nearly all terms and all figures of the fact: then nothing needs embedding."""
    wanted = set(terms(fact))
    shares = (
        (len(wanted & set(terms(sentence))) / len(wanted), figures(fact) <= figures(sentence)) for sentence in sentences
    )
    return any(share >= 0.6 and complete for share, complete in shares)


@needs_notes
@pytest.mark.slow
def test_nine_facts_in_ten_are_in_the_documents(embedder: Embedder) -> None:
    by_id = {document.doc_id: document for document in documents()}
    missing, total = [], 0
    for name, note in notes().items():
        document = by_id.get(name)
        if document is None:
            continue
        sentences = [document.text[span.start : span.end] for span in document.origins]
        stated = facts(note)
        total += len(stated)
        unsure = [fact for fact in stated if not says_the_same(fact, sentences)]
        vectors = dict(embedder.embed_documents([*sentences, *unsure])) if unsure else {}
        for number, fact in enumerate(unsure, start=len(sentences)):
            similar = np.array([vectors[i].vector @ vectors[number].vector for i in range(len(sentences))])
            best = np.argsort(-similar)[:3]
            lacking = figures(fact) - set().union(*(figures(sentences[i]) for i in best))
            if similar.max() < 0.65 or len(lacking) > 0.2 * len(figures(fact)):
                missing.append(f"{name}: {similar.max():.2f} {sorted(lacking)} {fact}")
    covered = 1 - len(missing) / total
    assert covered >= 0.9, "\n".join([f"{covered:.1%} of {total} facts covered; missing:", *missing])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$589 billion", {"5.89e+11"}),
        ("589bn", {"5.89e+11"}),
        ("1.6 trillion parameters", {"1.6e+12"}),
        ("16,000 and 3.1%", {"16000", "3.1"}),
        ("27 January 2025", {"27", "2025", "01-27", "2025-01"}),
        ("the R1-0528 model", {"528"}),
    ],
)
def test_figures_are_compared_by_value(text: str, found: set[str]) -> None:
    assert figures(text) == found
