"""Questions to ask next, made from the corpus; each is tried first, and offered only if the documents answer it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from rag.assistant import Assistant, Where
from rag.sentences import iter_blocks
from rag.types import Answer
from ui.render import safe

__all__ = ["follow_ups", "suggestions_view"]

_N_OFFERED = 3
_N_FROM_SECTIONS = 2
_N_TRIED = 6  # candidates of each kind, the nearest first: what trying them costs is bounded by this
_MAX_HEADING = 80  # characters; what is longer is no name of a subject


def follow_ups(assistant: Assistant, answer: Answer, asked: Iterable[str], where: Where) -> list[str]:
    """Questions near this one that the documents answer; at most three.

    Two are made from headings of the cited documents (or, without an answer, of the nearest ones), the others are the
    corpus's own; each kind is ranked by the similarity of its embeddings to the question.

    Args:
        assistant: Has the documents.
        answer: The answer that they follow.
        asked: Questions asked so far, which are not offered again.
        where: The filters that are in force.
    """
    before = set(asked)
    sections = {
        f"What is said about “{heading}”?": (doc_id, heading) for doc_id, heading in _sections(assistant, answer)
    }
    near = _nearest_first(assistant, answer.standalone_question, {text: place[1] for text, place in sections.items()})
    own = _nearest_first(
        assistant, answer.standalone_question, {text: text for text in assistant.corpus_info.questions}
    )

    def answered(questions: Iterable[str]) -> Iterator[str]:
        new = (question for question in questions if question not in before)
        tried = islice(new, _N_TRIED)
        return (question for question in tried if _is_answered(assistant, question, sections.get(question), where))

    offered = list(islice(answered(near), _N_FROM_SECTIONS))
    return [*offered, *islice(answered(own), _N_OFFERED - len(offered))]


def suggestions_view(questions: Sequence[str], *, abstained: bool) -> str:
    """The questions as buttons; "" if there are none."""
    if not questions:
        return ""
    label = "The documents do answer" if abstained else "Ask next"
    buttons = "".join(
        f'<button class="example" data-question="{safe(question)}">{safe(question)}</button>' for question in questions
    )
    return f'<nav class="next" aria-label="{label}"><h3 class="label">{label}</h3>{buttons}</nav>'


def _sections(assistant: Assistant, answer: Answer) -> Iterator[tuple[str, str]]:
    """Document and heading of the sections near an answer, those left out that it quotes."""
    near = answer.nearest if answer.abstained and answer.abstain_reason != "off-topic" else ()
    doc_ids = [citation.doc_id for citation in answer.citations] + [passage.chunk.doc_id for passage in near]
    quoted = {(citation.doc_id, (citation.heading or "").rpartition(" › ")[2]) for citation in answer.citations}
    for doc_id in dict.fromkeys(doc_ids):
        document = assistant.document(doc_id)
        for block in iter_blocks(document.text) if document else ():
            is_subject = block.level >= 2 and " " in block.title and len(block.title) <= _MAX_HEADING
            if is_subject and (doc_id, block.title) not in quoted:
                yield doc_id, block.title


def _nearest_first(assistant: Assistant, asked: str, subjects: Mapping[str, str]) -> list[str]:
    """The candidates by the similarity of their subjects to what was asked."""
    embed = assistant.embedder.embed_query
    vector = embed(asked).vector
    similarity = {question: float(embed(subject).vector @ vector) for question, subject in subjects.items()}
    return sorted(subjects, key=lambda question: -similarity[question])


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
