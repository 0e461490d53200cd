"""Cuts documents into chunks: whole sentences of one section, within the embedding model's sight."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from rag.sentences import iter_blocks, sentence_spans
from rag.types import Chunk, Document

__all__ = ["CHUNKER_VERSION", "chunk_document"]

CHUNKER_VERSION = "2"
"""Part of the index's fingerprint: raise it whenever chunks come out differently."""

_MAX_PREFIX = 200  # characters of title and heading path that go before each chunk's text
_MIN_BUDGET = 16  # tokens that must remain for text after the prefix
_SEPARATOR = " › "


class TokenCounter(Protocol):
    """The part of an embedder that chunking needs."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model sees."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""


@dataclass(frozen=True, slots=True)
class _Section:
    """Sentences below one heading path."""

    path: tuple[str, ...]
    sentences: tuple[tuple[int, int], ...]


def chunk_document(document: Document, counter: TokenCounter, *, target_tokens: int) -> list[Chunk]:
    """Chunks of a document, in order.

    A section that is longer than `target_tokens` is cut into chunks of about equal size, so that none is a
    small remainder. With title and heading path before it, no chunk exceeds `counter.max_tokens`.
    """
    chunks: list[Chunk] = []
    for section in _sections(document):
        heading = _SEPARATOR.join(section.path) or None
        prefix = _prefix(document.title, heading)
        budget = counter.max_tokens - counter.count_tokens([prefix])[0]
        if budget < _MIN_BUDGET:
            prefix, budget = "", counter.max_tokens
        sentences = _fitting(document.text, section.sentences, counter, budget)
        sizes = counter.count_tokens([document.text[start:end] for start, end in sentences])
        for group in _pack(sizes, target=min(target_tokens, budget), limit=budget):
            chunks.append(_chunk(document, [sentences[i] for i in group], heading, prefix))
    return chunks


def _sections(document: Document) -> Iterator[_Section]:
    path: list[tuple[int, str]] = []
    sentences: list[tuple[int, int]] = []
    language = document.language or "en"
    ends = [span.end for span in document.origins]
    for block in iter_blocks(document.text):
        if block.level:
            if sentences:
                yield _Section(tuple(title for _, title in path), tuple(sentences))
                sentences = []
            path = [(level, title) for level, title in path if level < block.level]
            path.append((block.level, block.title))
        else:
            sentences += sentence_spans(document.text, block.start, block.end, language=language, known_ends=ends)
    if sentences:
        yield _Section(tuple(title for _, title in path), tuple(sentences))


def _prefix(title: str | None, heading: str | None) -> str:
    """Title and heading path, each said once, as the first line of the text that is embedded."""
    if title and heading and heading.startswith(title):
        title = None
    line = _SEPARATOR.join(part for part in (title, heading) if part)
    return " ".join(line.split())[:_MAX_PREFIX] + "\n" if line else ""


def _fitting(
    text: str, sentences: Sequence[tuple[int, int]], counter: TokenCounter, limit: int
) -> list[tuple[int, int]]:
    """The sentences, those of more than `limit` tokens halved (at white space where there is any)."""
    fitting: list[tuple[int, int]] = []
    pending = list(reversed(sentences))
    sizes = counter.count_tokens([text[start:end] for start, end in pending])
    waiting = list(zip(pending, sizes, strict=True))
    while waiting:
        (start, end), size = waiting.pop()
        if size <= limit or end - start < 2:
            fitting.append((start, end))
            continue
        middle = (start + end) // 2
        space = text.rfind(" ", start + 1, middle)
        middle = space if space > start else middle
        halves = [(middle + (text[middle] == " "), end), (start, middle)]
        waiting += zip(halves, counter.count_tokens([text[a:b] for a, b in halves]), strict=True)
    return fitting


def _pack(sizes: Sequence[int], *, target: int, limit: int) -> Iterator[range]:
    """Runs of consecutive sentences of about equal size: the section's total over the number of chunks."""
    remaining = sum(sizes)
    first = 0
    while first < len(sizes):
        n_chunks = max(1, round(remaining / target))
        goal = remaining / n_chunks
        size, last = sizes[first], first + 1
        while last < len(sizes) and size + sizes[last] <= limit:
            # Taking the sentence must bring the size nearer to the goal than leaving it.
            if size + sizes[last] - goal > goal - size:
                break
            size += sizes[last]
            last += 1
        yield range(first, last)
        remaining -= size
        first = last


def _chunk(document: Document, sentences: Sequence[tuple[int, int]], heading: str | None, prefix: str) -> Chunk:
    start, end = sentences[0][0], sentences[-1][1]
    assert all(a[1] <= b[0] for a, b in pairwise(sentences))  # nosec B101 # what the lines before make true
    identity = f"{document.doc_id}\0{start}\0{prefix}\0{document.text[start:end]}"
    return Chunk(
        chunk_id=f"{document.doc_id}:{hashlib.sha256(identity.encode()).hexdigest()[:12]}",
        doc_id=document.doc_id,
        start=start,
        end=end,
        text=document.text[start:end],
        heading=heading,
        sentences=tuple(sentences),
        prefix=prefix,
    )
