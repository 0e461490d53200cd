"""Corrects words of a query that the documents do not know to words that they do."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.process import extract

from rag.lexical import terms

__all__ = ["Speller"]

_FILE = "words.json"
_WORD = re.compile(r"(?<!\w)[^\W\d_]{4,}(?!\w)")
_SHORTEST = 5  # letters from which a word is corrected
_TWO_EDITS_FROM = 8  # letters from which two edits are one slip rather than another word


@dataclass(frozen=True, slots=True)
class Speller:
    """The words of the documents by their first letter: how each is mostly written, and how often it stands there."""

    words: dict[str, dict[str, tuple[str, int]]]

    @classmethod
    def build(cls, texts: Iterable[str], folder: Path, *, gone: Iterable[str] = (), old: Path | None = None) -> None:
        """Count the words of texts and save them to `folder`.

        Args:
            texts: What to count; where an older count is given, only what has come since.
            folder: Where to save.
            gone: Texts that the older count has and this one should not have.
            old: Folder of an older count.
        """
        counts = Counter(json.loads((old / _FILE).read_text(encoding="utf-8"))) if old else Counter[str]()
        counts.update(word for text in texts for word in _WORD.findall(text))
        counts.subtract(word for text in gone for word in _WORD.findall(text))
        counts = +counts
        (folder / _FILE).write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Speller:
        """Read what `build` wrote."""
        counts = Counter(json.loads((folder / _FILE).read_text(encoding="utf-8")))
        words: dict[str, dict[str, tuple[str, int]]] = {}
        for written, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            plain = written.casefold()
            group = words.setdefault(plain[0], {})
            mostly, so_far = group.get(plain, (written, 0))
            group[plain] = (mostly, so_far + count)
        return cls(words)

    def correct(self, text: str, *, is_word: Callable[[str], bool]) -> str:
        """The text with its misspelt words corrected, otherwise as it is.

        Args:
            text: A query.
            is_word: Whether a word (in small letters) is one, though the documents do not have it in this form.

        Returns:
            The text, where words of five letters and more that nothing knows are replaced by the nearest word of the
            documents with the same first letter, the more frequent of two: one edit away (Damerau–Levenshtein), two
            from eight letters. No name becomes a word in small letters; see `_is_slip` for
            what else is left alone.
        """
        return _WORD.sub(lambda match: self._corrected(match[0], is_word, at_start=match.start() == 0), text)

    def _corrected(self, word: str, is_word: Callable[[str], bool], *, at_start: bool) -> str:
        plain = word.casefold()
        group = self.words.get(plain[0], {})
        if len(plain) < _SHORTEST or plain in group or len(terms(plain)) != 1 or is_word(plain):
            return word
        cutoff = 2 if len(plain) >= _TWO_EDITS_FROM else 1
        near = extract(plain, group.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=cutoff, limit=None)
        best = min(near, key=lambda hit: (hit[1], -group[hit[0]][1]), default=None)
        written = word if best is None else group[best[0]][0]
        is_name = word[0].isupper() and not at_start
        return written if _is_slip(plain, written.casefold()) and not (is_name and written.islower()) else word


def _is_slip(word: str, other: str) -> bool:
    """Whether a word may be the other one misspelt, rather than a form of it or a word of its own.

    One letter of five replaced makes a word of its own (Biren, Biden).
    """
    if word.startswith(other) or other.startswith(word):
        return False
    return len(word) > _SHORTEST or len(word) != len(other) or sorted(word) == sorted(other)
