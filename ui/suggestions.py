"""Questions to ask next, made from the corpus; each is tried first, and offered only if the documents answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from rag.assistant import Assistant, Where
from rag.sentences import iter_blocks
from rag.types import Answer, Document
from ui.render import safe

__all__ = ["follow_ups", "suggestions_view"]

_N_OFFERED = 3
_N_TRIED = 10  # candidates, the nearest first: what trying them costs is bounded by this
_MAX_HEADING = 80  # characters; what is longer is no name of a subject


def follow_ups(assistant: Assistant, answer: Answer, asked: Iterable[str], where: Where) -> list[str]:
    """Questions near this one that the documents answer, nearest first; at most three.

    Candidates are the corpus's own questions and the headings of the documents that were cited (or, without an answer,
    of the nearest ones), ranked by the similarity of their embeddings to the question.

    Args:
        assistant: Has the documents.
        answer: The answer that they follow.
        asked: Questions asked so far, which are not offered again.
        where: The filters that are in force.
    """
    doc_ids = dict.fromkeys([citation.doc_id for citation in answer.citations])
    doc_ids |= dict.fromkeys([passage.chunk.doc_id for passage in answer.nearest] if answer.abstained else [])
    documents = [document for doc_id in doc_ids if (document := assistant.document(doc_id)) is not None]
    cited_headings = {(citation.doc_id, citation.heading) for citation in answer.citations}
    candidates: dict[str, tuple[str, str] | None] = dict.fromkeys(assistant.corpus_info.questions)
    for doc_id, heading in _headings(documents):
        if not any(cited == doc_id and (path or "").endswith(heading) for cited, path in cited_headings):
            candidates[f"What is said about “{heading}”?"] = (doc_id, heading)
    for question in asked:
        candidates.pop(question, None)
    ranked = _nearest_first(assistant, answer.standalone_question, list(candidates))[:_N_TRIED]
    answerable = (question for question in ranked if _is_answered(assistant, question, candidates[question], where))
    return list(islice(answerable, _N_OFFERED))


def suggestions_view(questions: Sequence[str], *, abstained: bool) -> str:
    """The questions as buttons; "" if there are none."""
    if not questions:
        return ""
    label = "The documents do answer" if abstained else "Ask next"
    buttons = "".join(
        f'<button class="example" data-question="{safe(question)}">{safe(question)}</button>' for question in questions
    )
    return f'<nav class="next" aria-label="{label}"><h3 class="label">{label}</h3>{buttons}</nav>'


def _headings(documents: Iterable[Document]) -> Iterator[tuple[str, str]]:
    for document in documents:
        for block in iter_blocks(document.text):
            if block.level >= 2 and " " in block.title and len(block.title) <= _MAX_HEADING:
                yield document.doc_id, block.title


def _nearest_first(assistant: Assistant, question: str, candidates: Sequence[str]) -> list[str]:
    embed = assistant.embedder.embed_query
    asked = embed(question).vector
    similarity = {candidate: float(embed(candidate).vector @ asked) for candidate in candidates}
    return sorted(candidates, key=lambda candidate: -similarity[candidate])


def _is_answered(assistant: Assistant, question: str, section: tuple[str, str] | None, where: Where) -> bool:
    """Whether the documents answer the question, and with a sentence from the section that it was made from."""
    if section is not None:
        best = next(iter(assistant.evidence(question, where=where)), None)
        if best is None:
            return False
        chunk = best.passage.chunk
        if chunk.doc_id != section[0] or not (chunk.heading or "").endswith(section[1]):
            return False
    return assistant.confidence(question, where=where) >= assistant.settings.abstain_below
