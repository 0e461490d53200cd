"""Do passages support a sentence? Checked fact by fact, whoever wrote the sentence."""

from __future__ import annotations

from rag.verification.judging import best_support, verify
from rag.verification.verdict import Verdict

__all__ = ["Verdict", "best_support", "verify"]
