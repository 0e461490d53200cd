"""What the verifier says of a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import VerdictName

__all__ = ["SUPPORTED", "Finding", "Verdict"]

SUPPORTED = 0.5
"""Support from which a sentence may be shown as backed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the passage does not bear out, and the most support that it leaves."""

    reason: str
    most: float = 0.1

    @classmethod
    def partly(cls, reason: str) -> Finding:
        """The fact stands there, but less or more firmly than the sentence puts it."""
        return cls(reason, 0.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How well passages support a sentence, 0 to 1, and what is missing or differs where they do not.

    quote: (index of the passage, start, end) of what supports the sentence, or comes closest; None without passages.
    """

    support: float
    reason: str = ""
    quote: tuple[int, int, int] | None = None

    @property
    def supported(self) -> bool:
        """Whether the sentence may be shown as backed."""
        return self.support >= SUPPORTED

    @property
    def verdict(self) -> VerdictName:
        """`partly`: the passages have the fact, but not as firmly, or not from whom the sentence says."""
        if self.supported:
            return "supported"
        return "partly" if self.support >= 0.3 else "not found"
