"""Front matter describes a document, and footnotes tell which sentence comes from where, by offset."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Document
from rag.errors import LoadingError
from rag.loading import load_bytes
from rag.loading.markdown import parse_footnote, split_front_matter
from rag.types import Origin


def load(text: str, name: str = "note.md") -> Document:
    return load_bytes(text.encode(), name=name, source=name)


def with_front_matter(*lines: str) -> Document:
    return load("\n".join(["---", *lines, "---", "The text."]) + "\n")


def spans(document: Document) -> dict[str, list[str]]:
    """The text of each span and the publishers that it comes from."""
    return {document.text[span.start : span.end]: [o.publisher for o in span.origins] for span in document.origins}


# Front matter


def test_front_matter_describes_the_document() -> None:
    document = with_front_matter(
        "id: labs-01",
        'title: "DeepSeek: the shock"',
        "source_title: A report",
        "publisher: Example News",
        "publisher_country: US",
        "date: 2025-01-28",
        "url: https://example.org/a",
        "kind: news",
        "language: en",
        "themes: [chips, markets]",
        "added: 2026-11-23",
        "unknown: ignored",
    )
    assert document == Document(
        doc_id="labs-01",
        text="The text.\n",
        title="DeepSeek: the shock",
        source_title="A report",
        publisher="Example News",
        publisher_country="US",
        date="2025-01-28",
        url="https://example.org/a",
        kind="news",
        language="en",
        themes=("chips", "markets"),
        added="2026-11-23",
        source="note.md",
    )


@pytest.mark.parametrize(
    ("given_date", "expected"),
    [
        ("2025", "2025"),
        ("2025-03", "2025-03"),
        ("'2025-03-04'", "2025-03-04"),
        ("2025-03-04T10:30:00Z", "2025-03-04"),
        ("2025-03-04 10:30", "2025-03-04"),
        ("spring 2025", None),
        ("[2025]", None),
        ("null", None),
        ("", None),
    ],
)
def test_dates_are_as_precise_as_given(given_date: str, expected: str | None) -> None:
    assert with_front_matter(f"date: {given_date}").date == expected


@pytest.mark.parametrize("value", ["2025-02-30", "2025-13", "2025-00-10"])
def test_an_impossible_date_is_an_error(value: str) -> None:
    with pytest.raises(LoadingError, match=f"front matter is not valid: there is no date {value}"):
        with_front_matter(f"date: {value}")


@pytest.mark.parametrize(
    ("themes", "expected"),
    [
        ("[a, b]", ("a", "b")),
        ("a, b ,", ("a", "b")),
        ("\n- a\n- b", ("a", "b")),
        ("", ()),
        ("~", ()),
        ("[a, [b], {c: d}]", ("a",)),
    ],
)
def test_themes_are_a_list_or_separated_by_commas(themes: str, expected: tuple[str, ...]) -> None:
    assert with_front_matter(f"themes: {themes}").themes == expected


def test_scalars_are_text_whatever_yaml_would_make_of_them() -> None:
    document = with_front_matter("title: 2025", "publisher: no", "kind: 1e3", "language: ~", 'source_title: "null"')
    assert (document.title, document.publisher, document.kind) == ("2025", "no", "1e3")
    assert (document.language, document.source_title) == (None, "null")


def test_line_ends_and_a_byte_order_mark_do_not_hide_front_matter() -> None:
    assert load("\ufeff---\r\ntitle: A title\r\n---\r\nThe text.\r\n").title == "A title"


def test_empty_front_matter_is_front_matter() -> None:
    assert load("---\n---\nThe text.\n").text == "The text.\n"
    assert load("---\n# only a comment\n---\nThe text.\n").text == "The text.\n"


@pytest.mark.parametrize(
    "text",
    [
        "---\nA sentence between rules.\n---\nMore.\n",
        "---\n- a list\n---\nMore.\n",
        "---\ntitle: never closed\n\nMore.\n",
        "Text.\n---\ntitle: not at the top\n---\n",
        "---\n" + "key: value\n" * 10_000 + "---\nMore than front matter ever is.\n",
    ],
)
def test_what_is_not_front_matter_stays_text(text: str) -> None:
    assert load(text).text == text


@pytest.mark.parametrize(
    "line", ["title: [unclosed", "title: A: B", "title:\tx\n\ty: z", "a: &a [*a]", "? [a, b]\n: c", "x: " + "[" * 2000]
)
def test_broken_yaml_is_one_line_saying_so(line: str) -> None:
    with pytest.raises(LoadingError) as caught:
        with_front_matter(line)
    assert str(caught.value).startswith("its front matter is not valid YAML")
    assert "\n" not in str(caught.value)


def test_the_error_names_the_line() -> None:
    with pytest.raises(LoadingError, match=r"line 3"):
        with_front_matter("title: fine", "date: : wrong")


@pytest.mark.parametrize(
    "line",
    [
        "x: !!python/object/apply:os.system [exit]",
        "x: !!timestamp nonsense",
        "x: !!int nonsense",
        "x: " + "9" * 5000,
        "x: 1:" + ":".join(["59"] * 3000),
    ],
)
def test_yaml_tags_and_huge_numbers_do_nothing(line: str) -> None:
    assert with_front_matter(line, "title: T").title == "T"


@pytest.mark.parametrize("node", ["[{}]", "{{<<: [{}]}}"])
def test_alias_bombs_take_no_time_and_no_memory(node: str) -> None:
    first = "a0: &a0 [lol, lol]" if node == "[{}]" else "a0: &a0 {lol: lol}"
    bomb = [f"a{n}: &a{n} " + node.format(", ".join([f"*a{n - 1}"] * 10)) for n in range(1, 12)]
    started = time.perf_counter()
    document = with_front_matter(first, *bomb, "themes: *a11", "title: *a11")
    assert time.perf_counter() - started < 1
    assert (document.themes, document.title) == ((), None)


def test_front_matter_values_are_text_lists_and_dicts_alone() -> None:
    meta, body = split_front_matter("---\na: 1\nb: [2025-01-01, true]\nc: {d: null}\n---\nBody")
    assert (meta, body) == ({"a": "1", "b": ["2025-01-01", "true"], "c": {"d": None}}, "Body")


def test_an_id_that_is_no_id_is_not_taken() -> None:
    assert with_front_matter("id: ../../etc/passwd").doc_id == "note"
    assert with_front_matter("id: [a]").doc_id == "note"


@pytest.mark.parametrize(
    ("heading", "title"),
    [("# Chips and bans", "Chips and bans"), ("# Chips ##", "Chips"), ("# About C#", "About C#"), ("#Chips", None)],
)
def test_the_first_heading_is_the_title_where_none_is_given(heading: str, title: str | None) -> None:
    assert load(f"{heading}\n\nText.\n").title == title
    assert load(f"---\ntitle: Given\n---\n{heading}\n\nText.\n").title == "Given"


# Footnotes


def test_footnotes_become_the_origins_of_the_sentences_before_them() -> None:
    document = load(
        'First fact.[^1] Second one.[^2][^1]\n\n## Part\n\nThird.[^2]\n\n[^1]: Bloomberg, "B, or not", 2025-01-27, '
        "<https://example.org/b>\n[^2]: Reuters\n"
    )
    assert document.text == "First fact. Second one.\n\n## Part\n\nThird.\n"
    assert spans(document) == {
        "First fact.": ["Bloomberg"],
        "Second one.": ["Reuters", "Bloomberg"],
        "Third.": ["Reuters"],
    }
    bloomberg = Origin(publisher="Bloomberg", title="B, or not", date="2025-01-27", url="https://example.org/b")
    assert document.origin_at(0, 5) == bloomberg
    assert document.origin_at(document.text.index("Third"), len(document.text)) == Origin(publisher="Reuters")
    assert document.origin_at(len(document.text), len(document.text) + 1) is None


WORDS = st.lists(st.sampled_from(["chips", "中国", "naïve", "5%", "U.S.", "[sic]", "🤖"]), min_size=1, max_size=5)
SENTENCES = st.tuples(WORDS.map(" ".join), st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True))
PARAGRAPHS = st.lists(st.lists(SENTENCES, min_size=1, max_size=4), min_size=1, max_size=4)


@given(PARAGRAPHS)
def test_every_span_is_exactly_its_sentence(paragraphs: list[list[tuple[str, list[int]]]]) -> None:
    def written(mark: bool) -> str:
        return "\n\n".join(
            " ".join(f"{text}." + "".join(f"[^{key}]" * mark for key in keys) for text, keys in paragraph)
            for paragraph in paragraphs
        )

    document = load("# T\n\n" + written(True) + "\n\n" + "".join(f"[^{key}]: P{key}\n" for key in (1, 2, 3)))
    assert document.text == "# T\n\n" + written(False) + "\n"
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph]
    assert [document.text[span.start : span.end] for span in document.origins] == [f"{text}." for text, _ in sentences]
    for span, (_, keys) in zip(document.origins, sentences, strict=True):
        assert [origin.publisher for origin in span.origins] == [f"P{key}" for key in keys]


def test_list_items_have_origins_of_their_own() -> None:
    document = load("Intro.[^1]\n\n- One.[^1]\n- Two.[^2]\n\n[^1]: A\n[^2]: B\n")
    assert spans(document) == {"Intro.": ["A"], "- One.": ["A"], "- Two.": ["B"]}


def test_a_paragraph_without_footnote_has_no_origin() -> None:
    document = load("Known.[^1]\n\nOf unknown origin.\n\nKnown too.[^1]\n\n[^1]: A\n")
    start = document.text.index("Of unknown")
    assert document.origin_at(start, start + len("Of unknown origin.")) is None


def test_a_definition_may_go_on_in_indented_lines() -> None:
    document = load('Fact.[^a-1]\n\n[^a-1]: The Paper,\n    "A long title", 2025,\n    <https://example.org>\n')
    assert document.text == "Fact.\n"
    expected = Origin(publisher="The Paper", title="A long title", date="2025", url="https://example.org")
    assert document.origins[0].origins == (expected,)


def test_markers_without_a_definition_stay_as_they_are() -> None:
    text = "# Title here\n\n---\n\nText with [^1] a marker that has no note.\n"
    document = load(text, "y.md")
    assert document.text == text
    assert (document.doc_id, document.title, document.origins) == ("y", "Title here", ())
    assert load("One.[^1] Two.[^9]\n\n[^1]: A\n").text == "One. Two.[^9]\n"


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ("Reuters", Origin(publisher="Reuters")),
        ("Reuters, 2025-01", Origin(publisher="Reuters", date="2025-01")),
        ('Reuters, "A, B", 2025', Origin(publisher="Reuters", title="A, B", date="2025")),
        ("Xinhua, <https://example.org/a?b=1>", Origin(publisher="Xinhua", url="https://example.org/a?b=1")),
        ("TRT World (with LSEG data), 2025", Origin(publisher="TRT World (with LSEG data)", date="2025")),
        ("Dow Jones, Inc., 2025-01-27", Origin(publisher="Dow Jones, Inc.", date="2025-01-27")),
        ("See <javascript:alert(1)>", Origin(publisher="See <javascript:alert(1)>")),
    ],
)
def test_a_footnote_names_publisher_title_date_and_address(body: str, origin: Origin) -> None:
    assert parse_footnote(f" {body} ") == origin


@pytest.mark.parametrize(
    "text",
    [
        "# a" + "#" * 100_000 + "x",
        "# " + " " * 100_000 + "x",
        "[^1" * 300_000,
        "x [^1]" + "[^1]" * 200_000 + "\n\n[^1]: A\n",
        "x\n\n[^1]:" + " " * 300_000,
        "x[^1]\n\n[^1]: " + ', "a' * 100_000,
        "---\n" + "a: b\n" * 300_000,
        "x" * 3_000_000,
    ],
)
def test_hostile_lines_take_linear_time(text: str) -> None:
    started = time.perf_counter()
    load(text)
    assert time.perf_counter() - started < 2
