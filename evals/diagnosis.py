"""Says in words where an answer was lost: not retrieved, ranked too low, or passed over in the answer."""

from __future__ import annotations

from evals.results import Outcome, Trace

__all__ = ["explain"]


def explain(outcome: Outcome, trace: Trace, *, top_k: int, max_sentences: int) -> str:
    """The stage at which the support for a right answer was lost, for a question that was not answered rightly.

    Args:
        outcome: Wrong or abstained.
        trace: Where the support stood.
        top_k: Passages that evidence is taken from.
        max_sentences: Sentences that an answer has at the most.
    """
    if trace.fused is None:
        elsewhere = f", though the right document is at rank {trace.document}" if trace.document else ""
        return f"no search found the supporting passage{elsewhere}"
    if trace.fused > top_k:
        return f"supporting passage at rank {trace.fused}, lost at {_stage(trace, top_k)}"
    if trace.evidence is None:
        return f"supporting passage at rank {trace.fused}, but its sentence is not among the evidence"
    if outcome == "abstained":
        return f"supporting sentence at rank {trace.evidence} of the evidence, lost to abstention"
    if trace.evidence > max_sentences:
        return f"supporting passage at rank {trace.fused}, its sentence at rank {trace.evidence}, lost at evidence"
    return f"supporting sentence at rank {trace.evidence} of the evidence, lost in composing the answer"


def _stage(trace: Trace, top_k: int) -> str:
    """Fusion, if one of the searches alone had the passage high enough, else retrieval; with both ranks."""
    ranks = {"dense search": trace.dense, "lexical search": trace.lexical}
    good = [name for name, rank in ranks.items() if rank is not None and rank <= top_k]
    told = ", ".join(f"{name}: {rank or 'not found'}" for name, rank in ranks.items())
    return f"fusion ({told})" if good else f"retrieval ({told})"
