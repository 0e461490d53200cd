"""Evidence made from sentences, for tests of what happens after retrieval."""

from __future__ import annotations

from itertools import count

from rag.types import Chunk, Document, Evidence, Origin, OriginSpan, Passage

_NUMBERS = count()


def evidence_of(
    *sentences: str,
    publisher: str = "Example News",
    date: str | None = None,
    origin: Origin | None = None,
    scores: tuple[float, ...] | None = None,
) -> list[Evidence]:
    """The sentences of one passage, in order, scored 1 unless said otherwise."""
    doc_id = f"doc-{next(_NUMBERS)}"
    text = " ".join(sentences)
    spans, start = [], 0
    for sentence in sentences:
        spans.append((start, start + len(sentence)))
        start += len(sentence) + 1
    origins = (OriginSpan(start=0, end=len(text), origins=(origin,)),) if origin else ()
    document = Document(doc_id=doc_id, text=text, publisher=publisher, date=date, origins=origins)
    chunk = Chunk(
        chunk_id=doc_id, doc_id=doc_id, start=0, end=len(text), text=text, heading=None, sentences=tuple(spans)
    )
    passage = Passage(rank=1, chunk=chunk, document=document, score=1.0)
    return [
        Evidence(passage=passage, start=first, end=last, text=sentence, score=score)
        for (first, last), sentence, score in zip(spans, sentences, scores or (1.0,) * len(sentences), strict=True)
    ]


def one(sentence: str, publisher: str = "Example News", date: str | None = None, score: float = 1.0) -> Evidence:
    """One sentence of a document of its own."""
    return evidence_of(sentence, publisher=publisher, date=date, scores=(score,))[0]
