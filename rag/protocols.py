"""The seams of airace: parts that can be swapped, each behind one or two methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from rag.types import Evidence, Token, Turn, Usage, VerdictName, WithheldSentence

if TYPE_CHECKING:
    from rag.verification.verdict import Verdict

__all__ = [
    "Account",
    "AnswerEngine",
    "Claim",
    "Embedder",
    "QueryEmbedding",
    "Reranker",
    "Restart",
    "TextEmbedding",
    "Verifier",
    "Written",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEmbedding:
    """A text as one vector, and token by token for late interaction.

    vector: (dimension,) float32, unit length.
    tokens: (n_tokens, token_dimension) int8; rows are unit vectors times 127.
    offsets: (n_tokens, 2) int32, the characters of the text that each token covers.
    """

    vector: NDArray[np.float32]
    tokens: NDArray[np.int8]
    offsets: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryEmbedding:
    """A query as one vector, and token by token.

    vector: (dimension,) float32, unit length.
    tokens: (n_tokens, token_dimension) float32, unit rows.
    offsets: (n_tokens, 2) int32, the characters of the query that each token covers.
    """

    vector: NDArray[np.float32]
    tokens: NDArray[np.float32]
    offsets: NDArray[np.int32]


class Embedder(Protocol):
    """Turns text into vectors. Stateless per call; used from several threads."""

    @property
    def name(self) -> str:
        """The model's name or path, as set."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the vectors would."""

    @property
    def dimension(self) -> int:
        """Length of `vector`."""

    @property
    def max_tokens(self) -> int:
        """Tokens of a text that the model sees, special tokens not counted."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens not counted, nothing cut."""

    def embed_documents(self, texts: Sequence[str]) -> Iterator[tuple[int, TextEmbedding]]:
        """(position in `texts`, embedding) of every text, in the order in which they get done."""

    def embed_query(self, text: str) -> QueryEmbedding:
        """The embedding of a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of the answer, the evidence behind it, how well that supports it (0 to 1), in words, and why not."""

    text: str
    evidence: tuple[Evidence, ...]
    support: float = 1.0
    verdict: VerdictName = "supported"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """What was written so far is void; another engine writes the answer, and the note says why."""

    engine: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How an answer came about: tokens, milliseconds spent checking, the prompt, and what is worth saying about it."""

    usage: Usage
    verify_ms: float
    prompt: str
    note: str | None = None


Written: TypeAlias = Token | Claim | WithheldSentence | Restart | Account


class Reranker(Protocol):
    """Scores the passages that the searches found."""

    @property
    def name(self) -> str:
        """As set, for example `built-in`."""

    def score(self, question: str, texts: Sequence[str], stages: Sequence[Mapping[str, float]]) -> list[float]:
        """How well each passage fits the question, between 0 and 1.

        Args:
            question: As it was searched.
            texts: The passages, each with its heading.
            stages: What the searches gave each, by stage: `dense`, `lexical`, `fused`, `late`, `late_sentence`.
        """


class AnswerEngine(Protocol):
    """Writes an answer from ranked evidence."""

    @property
    def name(self) -> str:
        """As shown to the user, for example `quote`."""

    def describe(self) -> str:
        """What it is and how fast, after trying it.

        Raises:
            GenerationError: It does not work.
        """

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Written]:
        """The answer's sentences as they get done; closing the iterator stops the writing."""

    def rewrite(self, question: str, history: Sequence[Turn]) -> tuple[str | None, Usage | None]:
        """A follow-up as a question that stands alone, or None to leave it to the rules; and what that cost."""


class Verifier(Protocol):
    """Says whether passages support a sentence."""

    @property
    def name(self) -> str:
        """As set, for example `built-in`."""

    def verify(self, sentence: str, passages: Sequence[str], *, headings: Sequence[str] = ()) -> Verdict:
        """How well one of the passages supports the sentence, and what is missing; headings are the passages' own."""
