"""Does the answer contain what a right answer must contain, and how much else does it say?"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

__all__ = ["contains_form", "missing_requirements", "token_f1", "without_marks", "word_recall"]

_MARKER = re.compile(r"\s*\[\d+\]")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation + "“”‘’–—", " "))


def without_marks(answer: str) -> str:
    """The answer without its citation markers."""
    return _MARKER.sub("", answer)


def contains_form(text: str, form: str) -> bool:
    """Whether a form occurs in a text at the beginning of a word or number, upper and lower case alike.

    A number is matched whole: `8%` is not in `98%` nor in `4.8%`, and `2025` not in `20251`. A word may go on:
    `agricultur` is in `agriculture` and in `agricultural`.
    """
    words = (re.escape(word) for word in form.split())
    before = r"(?<!\w)(?<!\d[.,])" if form.strip()[:1].isalnum() else ""
    after = r"(?!\w)(?![.,]\d)" if form.strip()[-1:].isdigit() else ""
    return re.search(before + r"\s+".join(words) + after, text, re.IGNORECASE) is not None


def missing_requirements(answer: str, must_contain: Sequence[Sequence[str]]) -> list[str]:
    """The requirements that the answer does not meet, each by its first form; citation markers do not count."""
    said = without_marks(answer)
    return [forms[0] for forms in must_contain if not any(contains_form(said, form) for form in forms)]


def token_f1(answer: str, gold: str) -> float:
    """F1 of the words that answer and gold answer share, 0 to 1.

    Source: Rajpurkar et al. 2016, SQuAD (arXiv 1606.05250), section 6.1: bags of words, after punctuation and
    articles are removed. A quoted sentence says more than a short gold answer, so that values near 1 are not to be
    expected; it serves to compare runs.
    """
    said, wanted = _words(without_marks(answer)), _words(gold)
    common = sum((said & wanted).values())
    if not common:
        return 0.0
    precision, recall = common / said.total(), common / wanted.total()
    return 2 * precision * recall / (precision + recall)


def word_recall(answer: str, gold: str) -> float:
    """Share of the gold answer's words that the answer has, 0 to 1; punctuation and articles do not count."""
    said, wanted = _words(without_marks(answer)), _words(gold)
    return (said & wanted).total() / wanted.total() if wanted else 1.0


def _words(text: str) -> Counter[str]:
    """Words in lower case; dots and commas inside numbers stay."""
    plain = re.sub(r"(?<=\d)[.,](?=\d)", "·", text.casefold()).translate(_PUNCTUATION)
    return Counter(_ARTICLES.sub(" ", plain).split())
