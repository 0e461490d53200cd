"""An answer with its citations as text to take elsewhere: Markdown, plain text, and BibTeX for the sources."""

from __future__ import annotations

import re

from rag.balance import about_sources
from rag.types import Answer, Citation
from ui.render import source_of, url_of

__all__ = ["as_bibtex", "as_markdown", "as_text"]

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d))?")


def as_markdown(answer: Answer) -> str:
    """The question as a heading, the answer, and a numbered list of what it quotes."""
    lines = [f"## {' '.join(answer.question.split())}", "", answer.answer, ""]
    for citation in answer.citations:
        publisher, date = source_of(citation)
        url = url_of(citation)
        named = ", ".join(part for part in (publisher, f"*{_title(citation)}*", date) if part)
        lines.append(f"{citation.n}. “{' '.join(citation.quote.split())}” — {named}{f'. <{url}>' if url else ''}")
    return "\n".join([*lines, "", *_standing(answer)]).strip() + "\n"


def as_text(answer: Answer) -> str:
    """The answer, and below it each source with its address."""
    lines = [answer.answer, ""]
    for citation in answer.citations:
        publisher, date = source_of(citation)
        named = ", ".join(part for part in (publisher, _title(citation), date) if part)
        lines += [f"[{citation.n}] {named}", *([f"    {url}"] if (url := url_of(citation)) else [])]
    return "\n".join([*lines, "", *_standing(answer)]).strip() + "\n"


def as_bibtex(answer: Answer) -> str:
    """One `@misc` entry for each publication that is cited, in order."""
    entries: dict[tuple[str, str, str], str] = {}
    for citation in answer.citations:
        publisher, _ = source_of(citation)
        key = (publisher, _title(citation), url_of(citation) or "")
        entries.setdefault(key, _entry(citation))
    return "\n".join(entries.values())


def _entry(citation: Citation) -> str:
    publisher, date = source_of(citation)
    found = _DATE.match(date or "")
    fields = {"author": f"{{{_escaped(publisher)}}}", "title": f"{{{_escaped(_title(citation))}}}"}
    if found:
        fields |= {"year": found["year"]} | ({"month": str(int(found["month"]))} if found["month"] else {})
    if url := url_of(citation):
        fields["url"] = url.replace("{", "%7B").replace("}", "%7D")
    year = found["year"] if found else "nd"
    name = re.sub(r"[^a-z0-9]+", "", publisher.casefold()) or "source"
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items())
    return f"@misc{{{name}{year}-{citation.n},\n{body}\n}}\n"


def _standing(answer: Answer) -> list[str]:
    sources = about_sources(answer)
    return [sources] if sources else []


def _title(citation: Citation) -> str:
    return (citation.origin.title if citation.origin else None) or citation.title


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in text)
