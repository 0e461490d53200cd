"""Which sides the cited sources of an answer come from: countries and kinds of publishers, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from rag.types import Answer, Balance, Citation

__all__ = ["Publishers", "about_sources", "balance", "host_key", "publisher_key", "side_of"]

Publishers = Mapping[str, tuple[str | None, str | None]]
"""Country and kind of each publisher that documents tell of, by `publisher_key` and by `host_key`."""

_UNKNOWN = "unknown"
_PEOPLE = {
    "US": "American",
    "CN": "Chinese",
    "GB": "British",
    "TW": "Taiwanese",
    "HK": "Hong Kong",
    "IN": "Indian",
    "DE": "German",
    "FR": "French",
    "NL": "Dutch",
    "AT": "Austrian",
    "JP": "Japanese",
    "KR": "South Korean",
    "SG": "Singaporean",
    "MY": "Malaysian",
    "AU": "Australian",
    "CA": "Canadian",
    "RU": "Russian",
    "TR": "Turkish",
}
_KINDS = {"official": "official", "company": "companies’ own", "think-tank": "from think tanks", "academic": "academic"}
_GOVERNMENTS = {".gov": "US", ".mil": "US", ".gov.cn": "CN", ".gov.uk": "GB"}  # reserved for the governments


def publisher_key(name: str) -> str:
    """A publisher's name without letter case and without what stands in brackets ("VCPost (citing CNBC)")."""
    return re.sub(r"\s*\([^()]*\)", "", name).strip().casefold()


def host_key(url: str | None) -> str:
    """The host of an address without `www.`, or ""."""
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:  # not an address
        return ""
    return host.removeprefix("www.")


def balance(citations: Iterable[Citation], publishers: Publishers) -> Balance | None:
    """How the distinct cited publishers spread over countries and kinds, or None if nothing is cited.

    What is not known counts as "unknown", and then there is no note. Of two or more sources that are all known, the
    note says which countries they are from, and whether they are all of one kind other than the press.
    """
    sources = {publisher_key(_publisher(citation)): side_of(citation, publishers) for citation in citations}
    if not sources:
        return None
    countries = Counter(country or _UNKNOWN for country, _ in sources.values())
    kinds = Counter(kind or _UNKNOWN for _, kind in sources.values())
    note = _note(len(sources), countries, kinds) if len(sources) > 1 else None
    return Balance(sources=len(sources), countries=dict(countries), kinds=dict(kinds), note=note)


def about_sources(answer: Answer) -> str:
    """How new the cited sources are and which sides they are from, for displays; "" where neither is known."""
    newest = f"Newest source: {answer.as_of}." if answer.as_of else ""
    note = answer.balance.note if answer.balance else None
    return " ".join(part for part in (newest, note) if part)


def _publisher(citation: Citation) -> str:
    return citation.origin.publisher if citation.origin else citation.publisher


def side_of(citation: Citation, publishers: Publishers) -> tuple[str | None, str | None]:
    """Country and kind of the publisher of a quoted sentence, as far as they are known."""
    url = citation.origin.url if citation.origin else citation.url
    host = host_key(url)
    for ending, country in _GOVERNMENTS.items():
        if host.endswith(ending):
            return country, "official"
    return publishers.get(publisher_key(_publisher(citation))) or publishers.get(host) or (None, None)


def _note(n_sources: int, countries: Counter[str], kinds: Counter[str]) -> str | None:
    only_kind = _KINDS.get(next(iter(kinds))) if len(kinds) == 1 else None
    if _UNKNOWN in countries:
        return f"All {n_sources} cited sources are {only_kind}." if only_kind else None
    people = {code: _PEOPLE.get(code, f"from {code}") for code in countries}
    if len(countries) > 1:
        return f"Sources: {', '.join(f'{n} {people[code]}' for code, n in countries.most_common())}."
    said = " and ".join(part for part in (*people.values(), only_kind) if part)
    return f"All {n_sources} cited sources are {said}."
