"""Blocks and sentences of a document with their exact offsets."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import sentencex

__all__ = ["Block", "heading_title", "iter_blocks", "leans_on_what_is_before", "sentence_spans"]

_HEADING = re.compile(r"[ ]{0,3}(#{1,6})[ \t]+(?=\S)")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")
_TABLE_RULE = frozenset(" \t:|-")
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_MAX_SENTENCE = 1000  # characters; what is longer is no sentence, and is cut at white space
_LEANING = re.compile(
    r"(it|its|they|their|he|she|his|her|this|that|these|those|such|both|the (company|firm|report|study|model|"
    r"move|deal|figure|former|latter)|however|but|also|another|others?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A heading (level 1 to 6), or a paragraph, list item, table row or stretch of code (level 0)."""

    start: int
    end: int
    level: int = 0
    title: str = ""


def iter_blocks(text: str) -> Iterator[Block]:
    """The blocks of a text in order, without the blank lines between them."""
    start: int | None = None
    end = position = 0
    fenced = False
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
        heading = None if fenced else _HEADING.match(body)
        fence = bool(_FENCE.match(body))
        alone = not fenced and (_LIST_ITEM.match(body) or _is_table_row(body) or fence)
        if start is not None and (not body.strip() or heading or alone) and (not fenced or not body.strip()):
            yield Block(start, end)
            start = None
        if heading:
            title = heading_title(body[heading.end() :])
            yield Block(position, position + len(body), len(heading[1]), title)
        elif body.strip() and (fenced or not _is_table_rule(body)):
            start = position if start is None else start
            end = position + len(body)
        fenced ^= fence
        position += len(line)
    if start is not None:
        yield Block(start, end)


def _is_table_row(line: str) -> bool:
    row = line.strip(" \t")
    return len(row) > 1 and row[0] == "|" and row[-1] == "|"


def _is_table_rule(line: str) -> bool:
    """Whether the line is the one between a table's head and body."""
    return "|" in line and _TABLE_RULE.issuperset(line)


def heading_title(title: str) -> str:
    """`Chips ##` is the heading “Chips”, `About C#` is itself."""
    whole = title.strip()
    bare = whole.rstrip("#")
    return bare.rstrip() or whole if bare.endswith((" ", "\t")) or not bare else whole


def sentence_spans(
    text: str, start: int, end: int, *, language: str = "en", known_ends: Collection[int] = ()
) -> list[tuple[int, int]]:
    """Offsets of the sentences in text[start:end], trimmed, in order, never overlapping.

    A "sentence" over 1,000 characters (a table, a log) is cut at white space.

    Args:
        text: The whole document.
        start: Where the block begins.
        end: Where it ends.
        language: Two letters.
        known_ends: Offsets at which a sentence surely ends, such as where a footnote stood.
    """
    block = text[start:end]
    spans: list[tuple[int, int]] = []
    for boundary in sentencex.get_sentence_boundaries(language, block):
        first, last = _trim(block, boundary["start_index"], boundary["end_index"])
        if first == last:
            continue
        if spans and _goes_on(block, spans[-1][1] - start, first):
            spans[-1] = (spans[-1][0], start + last)
        else:
            spans.append((start + first, start + last))
    known = sorted(known_ends)
    whole = [piece for span in spans for piece in _split_at(text, *span, known)]
    return [piece for span in whole for piece in _cut(text, *span)]


def _split_at(text: str, start: int, end: int, known_ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The span in pieces that end where a sentence is known to end."""
    inner = known_ends[bisect_right(known_ends, start) : bisect_left(known_ends, end)]
    for first, last in pairwise((start, *inner, end)):
        trimmed = _trim(text, first, last)
        if trimmed[0] < trimmed[1]:
            yield trimmed


def _goes_on(block: str, previous_end: int, first: int) -> bool:
    """Whether a "boundary" is none: a full stop inside a name (01.AI) or after an abbreviation (approx. 5 pm)."""
    glued = first == previous_end and block[previous_end - 1] == "."
    return glued or block[first].islower()


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space, list marks and table edges at its ends."""
    piece = text[start:end]
    mark = _LIST_ITEM.match(piece)
    start += mark.end() if mark and start == 0 else 0
    piece = text[start:end]
    stripped = piece.strip(" \t\n\r\f\v|\u00a0\u3000")
    if not stripped:
        return start, start
    first = start + piece.index(stripped)
    return first, first + len(stripped)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _MAX_SENTENCE:
        space = max(text.rfind(" ", start, start + _MAX_SENTENCE), text.rfind("\n", start, start + _MAX_SENTENCE))
        middle = space if space > start else start + _MAX_SENTENCE
        first, last = _trim(text, start, middle)
        if first < last:
            yield first, last
        start = middle
    first, last = _trim(text, start, end)
    if first < last:
        yield first, last


def leans_on_what_is_before(sentence: str) -> bool:
    """Whether a sentence begins with a word for what an earlier one has named ("It …", "The company …")."""
    return bool(_LEANING.match(sentence))
