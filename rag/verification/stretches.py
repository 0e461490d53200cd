"""The stretches of passages that may support a sentence: single sentences, and two neighbours, but no questions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.lexical import terms
from rag.sentences import iter_blocks, sentence_spans

__all__ = ["Stretch", "main_sentence", "stretches"]

_QUESTION = re.compile(r"[?？][\"”’)\]]*\s*$")
_PLAIN = re.compile(r"(?<!\w)[a-z][a-z'’-]+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """passages[passage][start:end]; `n_sentences` is 1 or 2."""

    passage: int
    start: int
    end: int
    n_sentences: int
    text: str

    @property
    def quote(self) -> tuple[int, int, int]:
        """Where it stands: index of the passage, start, end."""
        return self.passage, self.start, self.end


def stretches(passages: Sequence[str]) -> Iterator[Stretch]:
    """Every sentence of every passage, and every two neighbours; a question says nothing."""
    for n, passage in enumerate(passages):
        spans = [
            span
            for block in iter_blocks(passage)
            if not block.level
            for span in sentence_spans(passage, block.start, block.end)
        ]
        for i, (start, end) in enumerate(spans):
            if _QUESTION.search(passage[start:end]):
                continue
            yield Stretch(n, start, end, 1, passage[start:end])
            if i + 1 < len(spans) and not _QUESTION.search(passage[slice(*spans[i + 1])]):
                yield Stretch(n, start, spans[i + 1][1], 2, passage[start : spans[i + 1][1]])


def main_sentence(claim: str, stretch: str) -> str:
    """The sentence of a stretch that shares most plain words with the claim, names and figures left aside."""
    spans = sentence_spans(stretch, 0, len(stretch))
    plain = {stem for word in _PLAIN.findall(claim) for stem in terms(word)}
    sentences = [stretch[start:end] for start, end in spans]
    return max(sentences, key=lambda text: len(plain & set(terms(text))), default=stretch)
