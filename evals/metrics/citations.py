"""Do the citations support the sentences that they stand behind, and are they exact?

Source: Gao et al. 2023, ALCE (arXiv 2305.14627), section 3.2, with our verifier in the place of its NLI model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

__all__ = ["citation_precision", "citation_recall", "right_documents", "verbatim_rate"]

Supports = Callable[[str, Sequence[str]], bool]
"""Whether texts, taken together, support a sentence."""


def citation_recall(sentences: Sequence[tuple[str, Sequence[str]]], supports: Supports) -> float:
    """Share of the sentences that are supported by all their cited passages together.

    Args:
        sentences: (sentence, texts of the passages that it cites), at least one.
        supports: The verifier.
    """
    return sum(_is_supported(text, cited, supports) for text, cited in sentences) / len(sentences)


def citation_precision(sentences: Sequence[tuple[str, Sequence[str]]], supports: Supports) -> float | None:
    """Share of the citations that are needed; None if there is no citation.

    A citation counts if its sentence is supported by all its citations together, and if it either supports the
    sentence alone, or the others do not support it without this one.
    """
    needed = total = 0
    for text, cited in sentences:
        total += len(cited)
        if not _is_supported(text, cited, supports):
            continue
        for position, passage in enumerate(cited):
            others = [*cited[:position], *cited[position + 1 :]]
            needed += supports(text, [passage]) or not _is_supported(text, others, supports)
    return needed / total if total else None


def verbatim_rate(citations: Sequence[Mapping[str, object]], document_texts: Mapping[str, str]) -> float | None:
    """Share of the citations whose quoted words stand in the document at the place that is given; None without any.

    A citation is a dict as in `airace ask --json`.
    """
    if not citations:
        return None
    exact = sum(_is_exact(citation, document_texts.get(str(citation["doc_id"]), "")) for citation in citations)
    return exact / len(citations)


def right_documents(cited: Sequence[str], wanted: Sequence[str]) -> float:
    """1 if any of the cited documents is one that the dataset names for the question, else 0."""
    return float(bool(set(cited) & set(wanted)))


def _is_supported(text: str, cited: Sequence[str], supports: Supports) -> bool:
    return bool(cited) and supports(text, cited)


def _is_exact(citation: Mapping[str, object], document_text: str) -> bool:
    start, end = citation["quote_start"], citation["quote_end"]
    assert isinstance(start, int)  # nosec B101 # tells the type
    assert isinstance(end, int)  # nosec B101 # tells the type
    return document_text[start:end] == citation["quote"] != ""
