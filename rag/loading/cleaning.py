"""Removes what web pages leave behind in copied text: consent notices, share bars, subscription prompts.

Only whole lines and only what is surely boilerplate: a line must match one of the patterns from start to
end, and a paragraph about cookies in an article on privacy matches none of them.
"""

from __future__ import annotations

import logging
import re

__all__ = ["strip_boilerplate"]

logger = logging.getLogger(__name__)

_MAX_NOTICE = 400  # characters; what is longer is prose

# A consent notice speaks to the reader. An article that quotes one goes on about it, in sentences that do not.
_NOTICES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"by (clicking|selecting|tapping|pressing)\b.{0,80}\byou( are|'re|’re)? (agree|consent|accept)(ing)?\b"
        r".{0,200}\b(cookies?|tracking|privacy policy)\b",
        r"by (continuing|using|browsing|visiting)(,|(?= you)| (to \w+ )?(this|our|the) (web ?)?(site|page|service)s?\b)"
        r".{0,80}\byou( are|'re|’re)? (agree|consent|accept)(ing)?\b.{0,200}\b(cookies?|tracking|privacy policy)\b",
        r"(this|our) (web ?site|site|page) uses cookies\b",
        r"we (and our (\d+ )?partners )?(use|store|set) cookies\b.{0,200}\b(you|your|our|(this|the) (web ?)?site)\b",
        r"we and our (\d+ )?partners (store|use|process|access)\b.{0,200}\b(device|data|information)\b",
        r"to (provide|offer|give|improve|ensure|deliver)\b.{0,80}\bwe( and our (\d+ )?partners)? use\b"
        r".{0,40}\bcookies\b",
        r"we (value|respect|care about) your privacy",
    )
)
_TO_THE_READER = re.compile(r"\b(you|your|our|us|we|cookies?|accept|consent|preferences|learn more|read more)\b", re.I)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

_FURNITURE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(accept|reject|decline|allow|manage|deny)( all)?( cookies| preferences| settings)?",
        r"(cookie|privacy|consent) (settings|preferences|policy|notice)",
        r"(sign up|subscribe|register) (for|to) our (free )?(daily |weekly )?newsletters?\b.{0,120}",
        r"(log|sign) in( (or|/) (sign up|register|subscribe))?",
        r"(skip to (main )?content|back to top|advertisement|sponsored content|scroll to continue|read more)",
        r"(?=.*\b(19|20)\d\d\b)(copyright\b|©|\(c\)).{0,80}\ball rights reserved\b.{0,60}",
        r"all rights reserved\.?",
    )
)

_SHARE_ACTIONS = frozenset(["share", "tweet", "pin", "email", "print", "copy"])
_SHARE_WORDS = _SHARE_ACTIONS | frozenset(
    [
        "on",
        "via",
        "this",
        "article",
        "story",
        "link",
        "facebook",
        "twitter",
        "linkedin",
        "reddit",
        "telegram",
        "whatsapp",
        "pinterest",
        "x",
    ]
)

# How the patterns begin, so that a file of a million lines is scanned once and not a million times.
_CANDIDATE = re.compile(
    r"^[ \t\xa0]*(?:[-*•][ \t]+)?(?=[a-eil-pr-tw©(])"
    r"(?=by (?:click|select|tap|press|contin|using|brows|visit)|(?:this|our) (?:web|site|page)"
    r"|we (?:and|use|st|set|v|re|c)|to (?:pro|offer|give|imp|ens|del)|accept|reject|decline|allow|manage|deny"
    r"|cookie|privacy|consent|sign |subscribe|register|log |skip |back |advert|sponsored|scroll|read "
    r"|copyright|©|\(c\)|all rights|share|tweet|pin|email|print|copy)",
    re.IGNORECASE | re.MULTILINE,
)
_WRAPPED = re.compile(r"(?<![.!?:])\n[ \t]*(?=[a-z])")


def strip_boilerplate(text: str, *, source: str = "") -> str:
    """The text without lines that are surely boilerplate; everything else stays as it is."""
    kept: list[str] = []
    position = 0
    for match in _CANDIDATE.finditer(text):
        if match.start() < position:
            continue
        end = _boilerplate_end(text, match.end())
        if end is not None:
            kept.append(text[position : match.start()])
            logger.info("%s: removed boilerplate: %s", source or "text", text[match.end() : match.end() + 120])
            position = end
    return "".join([*kept, text[position:]])


def _boilerplate_end(text: str, start: int) -> int | None:
    """Where the lines of boilerplate that begin at `start` end, or None if they are none."""
    for end in dict.fromkeys([_end_of_wrapped(text, start), _end_of_line(text, start)]):
        if end - start <= _MAX_NOTICE and _is_boilerplate(" ".join(text[start:end].split())):
            return end + 1
    return None


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _end_of_wrapped(text: str, start: int) -> int:
    """The end of the line, or of the last one of those that go on in the middle of a sentence."""
    end = _end_of_line(text, start)
    while end - start <= _MAX_NOTICE and (wrap := _WRAPPED.match(text, end)):
        end = _end_of_line(text, wrap.end())
    return end


def _is_boilerplate(line: str) -> bool:
    words = re.findall(r"\w+", line.lower())
    if len(words) > 1 and words[0] in _SHARE_ACTIONS and _SHARE_WORDS.issuperset(words):
        return True
    if any(pattern.fullmatch(line) for pattern in _FURNITURE):
        return True
    is_notice = any(pattern.match(line) for pattern in _NOTICES)
    return is_notice and all(_TO_THE_READER.search(sentence) for sentence in _SENTENCE_END.split(line))
