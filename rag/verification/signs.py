"""What speaks against a claim beside its figures: each sign that a stretch does not say so, by its name."""

from __future__ import annotations

from collections.abc import Iterable

from rag.verification.figures import check_figures
from rag.verification.mentions import check_heading_names
from rag.verification.modality import (
    check_denial,
    check_denied_clause,
    check_denied_word,
    check_modality,
)
from rag.verification.names import check_names
from rag.verification.opposites import check_opposites
from rag.verification.order import check_order
from rag.verification.roles import check_roles, check_speaker, check_speaker_apart
from rag.verification.scope import check_scope
from rag.verification.stretches import main_sentence
from rag.verification.verdict import Finding
from rag.weights import load_verification_weights

__all__ = ["SIGNS", "findings", "support_despite"]

SIGNS = (
    "names",
    "speaker",
    "speaker_apart",
    "figures_apart",
    "denial",
    "denied_word",
    "denied_clause",
    "opposite",
    "roles",
    "order",
    "modality",
    "scope",
    "heading_names",
)
"""The names of all signs. None of them is sure: how much each counts is fitted."""


def findings(claim: str, stretch: str, *, heading: str, passage: str) -> dict[str, Finding]:
    """The signs that a claim shows, with what they say.

    Args:
        claim: The sentence.
        stretch: What comes nearest to it.
        heading: Above the passage.
        passage: The whole of it.
    """
    sentence = main_sentence(claim, stretch)
    found = {
        "names": check_names(claim, stretch, heading, passage),
        "speaker": check_speaker(claim, stretch, heading),
        "speaker_apart": check_speaker_apart(claim, sentence, heading),
        "figures_apart": check_figures(claim, sentence),
        "denial": check_denial(claim, stretch),
        "denied_word": check_denied_word(claim, stretch),
        "denied_clause": check_denied_clause(claim, stretch),
        "opposite": check_opposites(claim, sentence),
        "roles": check_roles(claim, stretch),
        "order": check_order(claim, sentence),
        "modality": check_modality(claim, stretch),
        "scope": check_scope(claim, sentence),
        "heading_names": check_heading_names(claim, stretch, heading),
    }
    return {sign: finding for sign, finding in found.items() if finding}


def support_despite(found: Iterable[str]) -> float:
    """How likely it is, from 0 to 1, that a claim is borne out in spite of the signs that it shows.

    A logistic regression, fitted by `evals/training/verification_signs.py`.
    """
    return load_verification_weights()["signs"].probability(dict.fromkeys(found, 1.0))
