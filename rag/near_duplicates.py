"""Finds documents that say almost what another one says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rag.types import Chunk, Document

__all__ = ["mark_near_duplicates"]

_SHARE = 0.9  # of sentences in common, of the longer document's
_MIN_SENTENCES = 5  # shorter documents share sentences by chance


def mark_near_duplicates(
    documents: Sequence[tuple[Document, str]], chunks: Sequence[Chunk]
) -> list[tuple[Document, str]]:
    """The documents, those that share 90 % of their sentences with an earlier one marked with its id.

    Two documents share 90 % only if they share one of the rarest 10 % of each: only those are looked up, so that what
    many documents repeat costs nothing (prefix filtering: Chaudhuri, Ganti & Kaushik, ICDE 2006, section 4).
    """
    sentences = _sentences(documents, chunks)
    frequency = Counter(sentence for own in sentences.values() for sentence in own)
    holders: dict[str, list[str]] = {}
    marked = []
    for document, source_hash in documents:
        own = sentences[document.doc_id]
        n_rare = len(own) - math.ceil(_SHARE * len(own)) + 1
        rare = sorted(own, key=lambda sentence: (frequency[sentence], sentence))[:n_rare]
        near = dict.fromkeys(holder for sentence in rare for holder in holders.get(sentence, ()))
        shared = {holder: len(own & sentences[holder]) for holder in near}
        twin = max(shared, key=shared.__getitem__, default=None)
        if twin and len(own) >= _MIN_SENTENCES and shared[twin] >= _SHARE * max(len(own), len(sentences[twin])):
            document = replace(document, duplicate_of=twin)
        else:
            for sentence in rare:
                holders.setdefault(sentence, []).append(document.doc_id)
        marked.append((document, source_hash))
    return marked


def _sentences(documents: Sequence[tuple[Document, str]], chunks: Sequence[Chunk]) -> dict[str, set[str]]:
    """The sentences of each document, letter case and white space made alike."""
    sentences: dict[str, set[str]] = {document.doc_id: set() for document, _ in documents}
    for chunk in chunks:
        own = sentences[chunk.doc_id]
        for start, end in chunk.sentences:
            own.add(" ".join(chunk.text[start - chunk.start : end - chunk.start].casefold().split()))
    return sentences
