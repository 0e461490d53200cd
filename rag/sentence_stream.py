"""Cuts text into sentences while a language model writes it, and reads the citation markers in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rag.errors import GenerationError
from rag.loading.text import printable
from rag.prompts import MISSING
from rag.sentences import sentence_spans

__all__ = ["SentenceStream", "WrittenSentence", "without_thoughts"]

# [1], [1, 2], [1-3], [^1], 【1】, [passage 1], [Source 2] …
_MARKER = re.compile(
    r"[\[【]\s*(?:\^|#|(?:passages?|sources?|refs?|n)\b\.?\s*[=:]?)?\s*"
    r"(\d{1,3}(?:\s*(?:[,;&–-]|and)\s*\d{1,3})*)\s*[\]】]",
    re.IGNORECASE,
)
_PLAIN_MARKER = re.compile(r"\[\d{1,3}\]")
_BROKEN_MARKER = re.compile(
    r"[\[【]\s*(?:\^|passages?|sources?|refs?|citation( needed)?|n|\?)?\s*[\]】]|\[\d{1,3}\s*(?=[.!?\s]*$)", re.I
)
_ENDS_THEN_MARKERS = re.compile(rf"([.!?。！？][\"”’)]*)[ \t]*((?:{_MARKER.pattern}[ \t]*)+)", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,2}[.)])\s+")
_SOURCE_LIST = re.compile(r"^\W*(sources?|references|citations|bibliography)\W*$", re.IGNORECASE)
_NO_PROSE = re.compile(r"^\s*(```|~~~|[-=|:\s]*$)")
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)")
_MAX_REPEATS = 3  # times that a sentence may be written before it is a loop


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSentence:
    """A sentence without its markers, the passages that they name, and how many markers were put right or removed."""

    text: str
    passages: tuple[int, ...]
    repaired: int = 0
    removed: int = 0


class SentenceStream:
    """Takes text piece by piece and gives each sentence as soon as the next one begins."""

    def __init__(self, n_passages: int) -> None:
        self._n_passages = n_passages
        self._line = ""
        self._seen: dict[str, int] = {}
        self._in_source_list = False
        self.missing: list[str] = []

    def feed(self, piece: str) -> Iterator[WrittenSentence]:
        """The sentences that this piece completes.

        Raises:
            GenerationError: The text repeats itself.
        """
        *lines, rest = (self._line + printable(piece.replace("\r", ""))).split("\n")
        for line in lines:
            yield from self._sentences(_sentences_of(line))
        self._line = _markers_before_stop(rest)
        *complete, last = _sentences_of(self._line) or [""]
        if complete and len(last) > 2 and last[0] not in "[【(":
            yield from self._sentences(complete)
            self._line = last + (" " if self._line.endswith(" ") else "")

    def finish(self, *, cut_off: bool = False) -> Iterator[WrittenSentence]:
        """What is left at the end; if the text was cut off, without a last sentence that has no end."""
        rest, self._line = _sentences_of(_markers_before_stop(self._line)), ""
        if cut_off and rest and not re.search(r"[.!?。！？][\"”’)\s]*$", rest[-1]):
            rest.pop()
        yield from self._sentences(rest)

    def _sentences(self, raw: Iterable[str]) -> Iterator[WrittenSentence]:
        for one in raw:
            self._in_source_list |= bool(_SOURCE_LIST.match(one))
            if one.startswith(MISSING):
                self.missing.append(one.removeprefix(MISSING).strip())
            elif not self._in_source_list and (sentence := self._read(one)):
                yield sentence

    def _read(self, raw: str) -> WrittenSentence | None:
        numbers: list[int] = []
        repaired = removed = 0
        for match in _MARKER.finditer(raw):
            named = _numbers(match[1])
            known = [n for n in named if 1 <= n <= self._n_passages]
            numbers += known
            removed += len(named) - len(known)
            repaired += bool(known) and not _PLAIN_MARKER.fullmatch(match[0])
        text, broken = _BROKEN_MARKER.subn("", _MARKER.sub("", raw))
        text = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(text.split()))
        if not re.search(r"\w", text) or text.endswith(":"):
            return None
        times = self._seen[text.casefold()] = self._seen.get(text.casefold(), 0) + 1
        if times > _MAX_REPEATS:
            raise GenerationError("the model repeated itself without end", "try another model")
        if times > 1:
            return None
        passages = tuple(dict.fromkeys(numbers))
        return WrittenSentence(text=text, passages=passages, repaired=repaired, removed=removed + broken)


def without_thoughts(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces without the `<think>…</think>` with which reasoning models may begin."""
    start, thinking, begun = "", False, False
    for piece in pieces:
        if begun:
            yield piece
            continue
        start += piece
        head = start.lstrip()
        thinking = thinking or head.startswith("<think>")
        if thinking:
            _, end, start_of_answer = head.partition("</think>")
            if end:
                begun = True
                yield start_of_answer
        elif not "<think>".startswith(head):
            begun = True
            yield start
    if not begun and not thinking:
        yield start


def _markers_before_stop(line: str) -> str:
    """`… billion. [1] The` as `… billion [1]. The`, so that a marker stays with its sentence."""
    return _ENDS_THEN_MARKERS.sub(lambda match: f" {match[2].strip()}{match[1]} ", line)


def _sentences_of(line: str) -> list[str]:
    is_heading = line.lstrip().startswith("#") and not _SOURCE_LIST.match(line)
    if is_heading or _NO_PROSE.match(line):
        return []
    prose = _EMPHASIS.sub("", _BULLET.sub("", _markers_before_stop(line)))
    if prose.startswith(MISSING):
        return [prose]
    return [prose[start:end] for start, end in sentence_spans(prose, 0, len(prose))]


def _numbers(text: str) -> list[int]:
    """`1, 3-5` as 1, 3, 4, 5."""
    numbers: list[int] = []
    for part in re.split(r"[,;&]|and", text):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        numbers += range(first, max(first, min(last[0], first + 20)) + 1) if last else [first]
    return numbers
