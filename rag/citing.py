"""Numbers citations and ties each sentence of an answer to the exact words behind it."""

from __future__ import annotations

import re

from rag.types import AnswerSentence, Citation, Evidence

__all__ = ["CitationList", "marked", "without_markers"]

_MARKER = re.compile(r"\[(\d+)\]")


def without_markers(text: str) -> str:
    """Text in which no bracketed number can be taken for one of our markers: `[3]` becomes `(3)`.

    Images become links, so that what shows the answer as Markdown sends nothing to an address that a document names.
    """
    return _MARKER.sub(r"(\1)", text).replace("![", "[")


class CitationList:
    """Hands out citation numbers 1, 2, 3 … in order of first use."""

    def __init__(self) -> None:
        self._citations: dict[tuple[str, int, int], Citation] = {}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, by number."""
        return tuple(self._citations.values())

    def cite(self, evidence: Evidence) -> int:
        """The number of the citation that quotes this evidence."""
        chunk, document = evidence.passage.chunk, evidence.passage.document
        key = (chunk.chunk_id, evidence.start, evidence.end)
        if key not in self._citations:
            self._citations[key] = Citation(
                n=len(self._citations) + 1,
                chunk_id=chunk.chunk_id,
                doc_id=chunk.doc_id,
                title=document.display_title,
                publisher=document.publisher or "",
                date=document.date,
                url=document.url,
                heading=chunk.heading,
                text=chunk.text,
                start=chunk.start,
                end=chunk.end,
                quote=evidence.text,
                quote_start=evidence.start,
                quote_end=evidence.end,
                score=evidence.score,
                origin=document.origin_at(evidence.start, evidence.end),
                page=document.page_at(evidence.start),
            )
        return self._citations[key].n

    def sentence(self, text: str, evidence: tuple[Evidence, ...], *, support: float) -> AnswerSentence:
        """A sentence with its citations; `support` is how well they back it (0 to 1)."""
        numbers = tuple(self.cite(item) for item in evidence)
        return AnswerSentence(
            text=without_markers(text),
            citations=numbers,
            supported=bool(numbers) and support >= 0.5,
            support=support,
        )


def marked(sentence: AnswerSentence) -> str:
    """A sentence with its markers right after it."""
    return sentence.text + " " + "".join(f"[{n}]" for n in sentence.citations)
