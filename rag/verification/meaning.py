"""How much of what a sentence says a stretch of text says too, word by word.

A word is met if the stretch has it, or a word that the embedding model places near it in context (late interaction,
as in ColBERT, arXiv 2004.12832, section 3.3). Names and figures are checked elsewhere, by value.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from rag.lexical import terms
from rag.protocols import Embedder, TextEmbedding
from rag.verification.names import canonical, names_in
from rag.verification.readings import figure_spans
from rag.verification.stretches import Stretch
from rag.weights import load_verification_weights

__all__ = ["Match", "Words", "content_words", "match", "match_features", "support_of", "words_met"]

_WORD = re.compile(r"[^\W_][\w’'-]*")
_INT8_SCALE = 127.0
_MET = 0.55  # similarity from which a word counts as said
_LIGHT = frozenset(
    """
    said say says report reported accord make made take took give gave get got put set use well one two name call say
    much own year also around roughly nearly almost approximately total together part number people new
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


@dataclass(frozen=True, slots=True)
class Words:
    """The content words of a sentence: where they stand, their stems, and whether each is part of a name."""

    spans: tuple[tuple[int, int], ...]
    stems: tuple[str, ...]
    named: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How well a stretch meets the words of a sentence, each from 0 to 1.

    `by_model` says whether an embedding model has compared the words, or only their stems. `overall` is the mean
    similarity of all words. Of those that are no names: their `mean`; `weakest`, that of the two words that are met
    worst; `met`, the share of words that are said; `unmet`, the word that is met worst. `cosine` is that of the mean
    tokens (1 where there is nothing to compare).
    """

    by_model: bool
    overall: float
    mean: float
    weakest: float
    met: float
    cosine: float
    unmet: str


def content_words(claim: str) -> Words:
    """The words of a claim that carry meaning, without its figures and dates."""
    figures = figure_spans(claim)
    names = [(name.start, name.end) for name in names_in(claim)]
    spans, stems, named = [], [], []
    for word in _WORD.finditer(claim):
        stem = next(iter(terms(canonical(word[0]))), "")
        if stem and stem not in _LIGHT and not _touches(word.span(), figures):
            spans.append(word.span())
            stems.append(stem)
            named.append(_touches(word.span(), names))
    return Words(tuple(spans), tuple(stems), tuple(named))


def _touches(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)


def words_met(words: Words, text: str) -> NDArray[np.float32]:
    """(n_words,) 1 where the text has the word."""
    known = set(terms(canonical(text)))
    return np.array([float(stem in known) for stem in words.stems], dtype=np.float32)


def match(claim: str, words: Words, stretch: Stretch, passage: str, embedder: Embedder | None) -> Match:
    """How well a stretch meets the words of the claim; by stems alone where there is no embedding model."""
    met = words_met(words, stretch.text)
    by_model = embedder is not None
    cosine = 1.0
    if embedder is not None and len(met) and met.min() < 1.0:
        similarities, cosine = _similarities(claim, words, stretch, passage, embedder)
        met = np.maximum(met, similarities)
    plain = np.flatnonzero(~np.array(words.named, dtype=bool))
    if not len(plain):
        overall = float(met.mean()) if len(met) else 1.0
        return Match(by_model=by_model, overall=overall, mean=1.0, weakest=1.0, met=1.0, cosine=cosine, unmet="")
    order = plain[np.argsort(met[plain])]
    start, end = words.spans[int(order[0])]
    return Match(
        by_model=by_model,
        overall=float(met.mean()),
        mean=float(met[plain].mean()),
        weakest=float(met[order[:2]].mean()),
        met=float((met[plain] >= _MET).mean()),
        cosine=cosine,
        unmet=claim[start:end],
    )


def support_of(found: Match) -> float:
    """How likely it is, from 0 to 1, that the stretch says what the words say: a logistic regression.

    Fitted by `evals/training/verification.py`.
    """
    return load_verification_weights()["model" if found.by_model else "stems"].probability(match_features(found))


def match_features(found: Match) -> dict[str, float]:
    """What the words of the claim count for in its support."""
    return {"mean": found.mean, "weakest": found.weakest, "met": found.met, "cosine": found.cosine}


def _similarities(
    claim: str, words: Words, stretch: Stretch, passage: str, embedder: Embedder
) -> tuple[NDArray[np.float32], float]:
    """(n_words,) the mean, over the tokens of each word, of the best cosine with a token of the stretch.

    And the cosine of the mean tokens of claim and stretch.
    """
    own, other = _embedding(cast(Hashable, embedder), claim), _embedding(cast(Hashable, embedder), passage)
    inside = (other.offsets[:, 0] >= stretch.start) & (other.offsets[:, 1] <= stretch.end)
    if not inside.any() or not len(own.offsets):
        return np.zeros(len(words.spans), dtype=np.float32), 0.0
    tokens = own.tokens.astype(np.float32) / _INT8_SCALE
    given = other.tokens[inside].astype(np.float32) / _INT8_SCALE
    best = (tokens @ given.T).max(axis=1)
    by_word = np.array([_of_word(best, own.offsets, span) for span in words.spans], dtype=np.float32)
    mean, mean_given = tokens.mean(axis=0), given.mean(axis=0)
    norms = float(np.linalg.norm(mean) * np.linalg.norm(mean_given))
    return by_word, float(mean @ mean_given) / norms if norms else 0.0


def _of_word(cosines: NDArray[np.float32], offsets: NDArray[np.int32], span: Sequence[int]) -> float:
    rows = (offsets[:, 0] >= span[0]) & (offsets[:, 1] <= span[1])
    return float(cosines[rows].mean()) if rows.any() else 0.0


@lru_cache(maxsize=256)  # a claim is compared with several passages, a passage with every sentence of an answer
def _embedding(embedder: Hashable, text: str) -> TextEmbedding:
    return next(embedding for _, embedding in cast(Embedder, embedder).embed_documents([text]))
