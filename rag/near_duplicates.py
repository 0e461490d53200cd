"""Finds documents that say almost what another one says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from rag.types import Chunk

__all__ = ["find_twins", "sentence_hashes"]

_SHARE = 0.9  # of sentences in common, of the longer document's
_MIN_SENTENCES = 5  # shorter documents share sentences by chance


def sentence_hashes(chunks: Iterable[Chunk]) -> NDArray[np.uint64]:
    """A number for each different sentence of a document, sorted; letter case and white space are made alike."""
    sentences = {
        " ".join(chunk.text[start - chunk.start : end - chunk.start].casefold().split())
        for chunk in chunks
        for start, end in chunk.sentences
    }
    hashes = (blake2b(sentence.encode(), digest_size=8).digest() for sentence in sentences)
    return np.unique(np.frombuffer(b"".join(hashes), dtype="<u8"))


def find_twins(sentences: Mapping[str, NDArray[np.uint64]]) -> dict[str, str]:
    """The documents that share 90 % of their sentences with an earlier one, each with its id.

    Two documents share 90 % only if they share one of the rarest 10 % of each: only those are looked up, so that what
    many documents repeat costs nothing (prefix filtering: Chaudhuri, Ganti & Kaushik, ICDE 2006, section 4).

    Args:
        sentences: What `sentence_hashes` gives for each document, by id, in order.
    """
    ids, own = list(sentences), list(sentences.values())
    holders: dict[int, list[int]] = {}
    twins = {}
    for position, rare in _rare(own).items():
        near = dict.fromkeys(holder for sentence in rare for holder in holders.get(sentence, ()))
        shared = {holder: len(np.intersect1d(own[position], own[holder], assume_unique=True)) for holder in near}
        size = len(own[position])
        enough = [holder for holder in near if shared[holder] >= _SHARE * max(size, len(own[holder]))]
        if enough and size >= _MIN_SENTENCES:
            twins[ids[position]] = ids[max(enough, key=shared.__getitem__)]
        else:
            for sentence in rare:
                holders.setdefault(sentence, []).append(position)
    return twins


def _rare(own: list[NDArray[np.uint64]]) -> dict[int, list[int]]:
    """The rarest 10 % of each document's sentences, rarest first; without those that no other document has."""
    sizes = np.array([len(hashes) for hashes in own], dtype=np.int64)
    sentences = np.concatenate([np.empty(0, dtype=np.uint64), *own])
    _, which, counts = np.unique(sentences, return_inverse=True, return_counts=True)
    frequency = counts[which]
    owner = np.repeat(np.arange(len(own)), sizes)
    order = np.lexsort((sentences, frequency, owner))
    place = np.arange(len(sentences)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    n_rare = sizes - np.ceil(_SHARE * sizes).astype(np.int64) + 1
    looked_up = order[(place < n_rare[owner]) & (frequency[order] > 1)]
    rare: dict[int, list[int]] = {}
    for position, sentence in zip(owner[looked_up].tolist(), sentences[looked_up].tolist(), strict=True):
        rare.setdefault(position, []).append(sentence)
    return rare
