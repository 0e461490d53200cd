"""Which sides cited sources come from, said only where it is known."""

from __future__ import annotations

from rag.balance import about_sources, balance, host_key, publisher_key
from rag.types import Answer, Balance, Citation, Origin

PUBLISHERS = {
    "reuters": ("GB", "news"),
    "xinhua": ("CN", "news"),
    "people's daily": ("CN", "news"),
    "scmp.com": ("HK", "news"),
    "caisi": ("US", "official"),
}


def citation(publisher: str, url: str | None = None) -> Citation:
    return Citation(
        n=1, chunk_id="c", doc_id="d", title="t", publisher="A collection", date=None, url=None, heading=None, text="t",
        start=0, end=1, quote="t", quote_start=0, quote_end=1, score=1.0, origin=Origin(publisher=publisher, url=url),
    )  # fmt: skip


def note(*citations: Citation) -> str | None:
    found = balance(citations, PUBLISHERS)
    return found.note if found else None


def test_one_sided_sources_are_called_so() -> None:
    assert note(citation("Xinhua"), citation("People's Daily (English)")) == "All 2 cited sources are Chinese."
    assert (
        note(citation("CAISI"), citation("BIS", "https://www.bis.gov/rule"))
        == "All 2 cited sources are American and official."
    )


def test_several_sides_are_counted() -> None:
    sources = [citation("Xinhua"), citation("People's Daily"), citation("Reuters"), citation("Xinhua")]
    assert balance(sources, PUBLISHERS) == Balance(
        sources=3, countries={"CN": 2, "GB": 1}, kinds={"news": 3}, note="Sources: 2 Chinese, 1 British."
    )


def test_countries_are_never_guessed() -> None:
    unknown = citation("China Daily Blog", "https://blog.example.cn/x")
    assert note(citation("Xinhua"), unknown) is None
    found = balance([unknown], PUBLISHERS)
    assert found is not None
    assert found.countries == {"unknown": 1}


def test_a_publisher_is_known_by_its_host_too() -> None:
    found = balance([citation("South China Morning Post", "https://www.scmp.com/tech/1")], PUBLISHERS)
    assert found is not None
    assert found.countries == {"HK": 1}
    assert host_key("https://www.scmp.com:443/a") == "scmp.com"
    assert host_key("http://[broken") == host_key(None) == ""
    assert publisher_key("VCPost (citing CNBC)") == "vcpost"


def test_a_single_source_has_no_note() -> None:
    assert note(citation("Xinhua")) is None
    assert balance([], PUBLISHERS) is None


def test_what_displays_show() -> None:
    sides = balance([citation("Xinhua"), citation("People's Daily")], PUBLISHERS)
    answer = Answer(
        question="q", standalone_question="q", engine="quote", answer="a", abstained=False, abstain_reason=None,
        confidence=0.9, as_of="2026-05-01", balance=sides,
    )  # fmt: skip
    assert about_sources(answer) == "Newest source: 2026-05-01. All 2 cited sources are Chinese."
