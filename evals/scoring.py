"""Scores one answer: every metric that applies to its question, the outcome, and the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from evals.cases import Case
from evals.metrics.attribution import names_the_speaker
from evals.metrics.citations import citation_precision, citation_recall, right_documents, verbatim_rate
from evals.metrics.content import missing_requirements, token_f1, without_marks, word_recall
from evals.metrics.numeric import numeric_agreement
from evals.metrics.retrieval import context_precision, context_recall, retrieval_metrics
from evals.results import Outcome, Score, Trace
from rag.types import Answer, Evidence, Passage, Usage
from rag.verification import verify

__all__ = ["CONTEXT_K", "Gold", "judge_outcome", "score_answer", "trace_passages"]

CONTEXT_K = 8
"""Passages that context precision and recall look at: as many as evidence is taken from."""

_MIN_WORDS = 0.6  # of a gold answer without figures, from which an answer counts as right


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """Where in the index a case's support stands: passages by id, quoted spans by document."""

    chunk_ids: frozenset[str] = frozenset()
    spans: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)


def score_answer(
    case: Case, gold: Gold, answer: Answer, passages: Sequence[Passage], text_of: Callable[[str], str]
) -> dict[str, Score]:
    """Every metric that applies, by name.

    Args:
        case: The question, and what is known about a right answer.
        gold: Where the support stands.
        answer: What airace said.
        passages: What it retrieved, best first, deeper than it used.
        text_of: The text of a document by its id.
    """
    scores = dict(_retrieval_scores(case, gold, passages))
    scores["latency_ms"] = Score(value=answer.timings_ms.total)
    if not answer.abstained:
        scores["answer_chars"] = Score(value=float(len(without_marks(answer.answer))))
        scores |= _citation_scores(case, answer, text_of)
    if answer.usage:
        scores |= _model_scores(answer, answer.usage)
    if case.answerable:
        scores |= _content_scores(case, answer)
    return scores


def judge_outcome(case: Case, answer: Answer) -> tuple[Outcome, str]:
    """What became of the question, and why in words."""
    if case.answerable is None:
        return "unjudged", "the dataset does not say what is right"
    if not case.answerable:
        if answer.abstained:
            return "rightly abstained", f"declined as it should ({answer.abstain_reason})"
        return "wrongly answered", f"the documents do not answer it, but confidence was {answer.confidence:.2f}"
    if answer.abstained:
        return "abstained", f"declined with confidence {answer.confidence:.2f} ({answer.abstain_reason})"
    if not (case.must_contain or case.doc_ids or case.answer):
        return "unjudged", "the dataset does not say what a right answer contains"
    lacking = _lacking(case, answer.answer)
    if lacking:
        return "wrong", f"the answer lacks {lacking}"
    cited = sorted({citation.doc_id for citation in answer.citations})
    if case.doc_ids and not right_documents(cited, case.doc_ids):
        return "wrong", f"the words are there, but cited from {', '.join(cited)}"
    return "right", "has what a right answer must contain" + (", from a right document" if case.doc_ids else "")


def trace_passages(gold: Gold, case: Case, passages: Sequence[Passage], evidence: Sequence[Evidence]) -> Trace:
    """The best rank of a supporting passage at every stage, of a right document, and of a supporting sentence."""
    ranks: dict[str, int | None] = {"fused": _first(p.chunk.chunk_id in gold.chunk_ids for p in passages)}
    for stage in ("dense", "lexical"):
        ordered = sorted(passages, key=lambda passage: -passage.scores[stage])
        ranks[stage] = _first(passage.chunk.chunk_id in gold.chunk_ids for passage in ordered)
    return Trace(
        **ranks,
        document=_first(passage.chunk.doc_id in case.doc_ids for passage in passages),
        evidence=_first(_overlaps(item, gold) for item in evidence),
    )


def _lacking(case: Case, said: str) -> str | None:
    """What the answer lacks: a requirement, or where there are none a figure or most words of the gold answer."""
    if case.must_contain or not case.answer:
        missing = missing_requirements(said, case.must_contain)
        return ", ".join(f"“{form}”" for form in missing) or None
    numeric = numeric_agreement(said, case.answer)
    if numeric and numeric[1]:
        return ", ".join(f"“{figure}”" for figure in numeric[1])
    if word_recall(said, case.answer) < _MIN_WORDS:
        return f"most of the words of “{case.answer}”"
    return None


def _retrieval_scores(case: Case, gold: Gold, passages: Sequence[Passage]) -> Iterator[tuple[str, Score]]:
    if gold.chunk_ids:
        ids = [passage.chunk.chunk_id for passage in passages]
        for name, value in retrieval_metrics(set(gold.chunk_ids), ids).items():
            yield name, Score(value=value)
        yield (
            "context_precision",
            Score(value=context_precision([chunk_id in gold.chunk_ids for chunk_id in ids[:CONTEXT_K]])),
        )
    if case.must_contain:
        texts = [passage.chunk.text for passage in passages[:CONTEXT_K]]
        yield "context_recall", Score(value=context_recall(case.must_contain, texts))


def _model_scores(answer: Answer, usage: Usage) -> dict[str, Score]:
    """What a language model used, and how much of what it wrote was withheld."""
    values = {"tokens_in": float(usage.tokens_in), "tokens_out": float(usage.tokens_out), "cost_usd": usage.cost_usd}
    scores = {name: Score(value=value) for name, value in values.items() if value is not None}
    quoted_instead = answer.note is not None and answer.engine == "quote"
    written = len(answer.withheld) + (0 if quoted_instead else len(answer.sentences))
    if written:
        scores["withheld"] = Score(value=len(answer.withheld) / written)
    return scores


def _citation_scores(case: Case, answer: Answer, text_of: Callable[[str], str]) -> dict[str, Score]:
    text_by_n = {citation.n: citation.text for citation in answer.citations}
    sentences = [(s.text, [text_by_n[n] for n in s.citations]) for s in answer.sentences]
    scores = {}
    if sentences:
        unsupported = [text for text, cited in sentences if not (cited and _supports(text, cited))]
        reason = f"not supported: {unsupported[0]}" if unsupported else ""
        scores["citation_recall"] = Score(value=citation_recall(sentences, _supports), reason=reason)
        scores["citation_precision"] = Score(value=citation_precision(sentences, _supports))
    cited = [citation.doc_id for citation in answer.citations]
    rows = [asdict(citation) for citation in answer.citations]
    scores["quote_verbatim"] = Score(value=verbatim_rate(rows, {doc_id: text_of(doc_id) for doc_id in set(cited)}))
    if case.doc_ids:
        scores["right_document"] = Score(value=right_documents(cited, case.doc_ids))
    return scores


def _content_scores(case: Case, answer: Answer) -> dict[str, Score]:
    """Content metrics of an answerable question; an abstention contains nothing."""
    said = "" if answer.abstained else answer.answer
    scores = {"wrongly_abstained": Score(value=float(answer.abstained))}
    if case.must_contain:
        missing = missing_requirements(said, case.must_contain)
        share = 1 - len(missing) / len(case.must_contain)
        scores["required_content"] = Score(value=share, reason=f"lacks {', '.join(missing)}" if missing else "")
    if case.answer and not answer.abstained:
        scores["token_f1"] = Score(value=token_f1(said, case.answer))
        numeric = numeric_agreement(said, case.answer)
        if numeric:
            scores["numeric_agreement"] = Score(value=numeric[0], reason=f"lacks {numeric[1]}" if numeric[1] else "")
        speaker = names_the_speaker(said, [quote.text for quote in case.quotes])
        if speaker:
            scores["speaker_named"] = Score(value=speaker[0], reason=f"speakers: {', '.join(speaker[1])}")
    return scores


def _supports(sentence: str, texts: Sequence[str]) -> bool:
    return verify(sentence, texts).supported


def _overlaps(item: Evidence, gold: Gold) -> bool:
    spans = gold.spans.get(item.passage.chunk.doc_id, ())
    return any(min(end, item.end) - max(start, item.start) >= (end - start) / 2 for start, end in spans)


def _first(flags: Iterator[bool] | list[bool]) -> int | None:
    return next((rank for rank, flag in enumerate(flags, start=1) if flag), None)
