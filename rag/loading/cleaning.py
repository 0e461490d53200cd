"""Removes what web pages leave behind in copied text: consent notices, share bars, subscription prompts.

Only whole lines and only what is surely boilerplate: a line must match one of the patterns from start to
end, and a paragraph about cookies in an article on privacy matches none of them.
"""

from __future__ import annotations

import logging
import re

__all__ = ["strip_boilerplate"]

logger = logging.getLogger(__name__)

_MAX_LINE = 400  # characters; longer lines are prose

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # consent notices
        r"by (clicking|continuing|using|selecting|tapping|pressing)\b.{0,120}\b(you (agree|consent|accept)|"
        r"(our|the) use)\b.{0,240}\b(cookies?|tracking|privacy policy)\b.*",
        r"(this|our) (web ?site|site|page) uses cookies\b.*",
        r"we (and our (\d+ )?partners )?(use|store|set) cookies\b.*",
        r"we (and our (\d+ )?partners )(store|use|process|access)\b.{0,200}\b(device|data|information)\b.*",
        r"(accept|reject|decline|allow|manage|deny)( all)?( cookies| preferences| settings)?",
        r"(cookie|privacy|consent) (settings|preferences|policy|notice)",
        r"(sign up|subscribe|register) (for|to) (our|the) (free )?(daily |weekly )?newsletters?\b.{0,120}",
        r"(log|sign) in( (or|/) (sign up|register|subscribe))?",
        r"(skip to (main )?content|back to top|advertisement|sponsored content|scroll to continue|read more)",
        r"(copyright |©|\(c\)).{0,80}all rights reserved.{0,60}",
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


def strip_boilerplate(text: str, *, source: str = "") -> str:
    """The text without lines that are surely boilerplate; everything else stays as it is."""
    kept = []
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped and len(stripped) <= _MAX_LINE and _is_boilerplate(stripped):
            logger.info("%s: removed boilerplate: %s", source or "text", stripped[:120])
        else:
            kept.append(line)
    return "\n".join(kept)


def _is_boilerplate(line: str) -> bool:
    words = re.findall(r"\w+", line.lower())
    if len(words) > 1 and words[0] in _SHARE_ACTIONS and _SHARE_WORDS.issuperset(words):
        return True
    return any(pattern.fullmatch(line) for pattern in _PATTERNS)
