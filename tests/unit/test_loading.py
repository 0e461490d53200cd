"""Every format is read with its text, its metadata and its pages, and nothing else gets in."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rag import Document
from rag.loading import doc_id_from, is_url, iter_files
from tests.documents import PAGE, SENTENCE, article, encrypted, load, p, pdf, word, word_of


def words(document: Document) -> str:
    return " ".join(document.text.split())


# Plain text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("Café – “naïve”\n".encode(), "Café – “naïve”\n"),
        ("\ufeffPlain\n".encode(), "Plain\n"),
        ("Größe ½\n".encode("utf-16"), "Größe ½\n"),
        ("Größe ½ – 中国\n".encode("utf-32"), "Größe ½ – 中国\n"),
        ("Plain text of 2025\n".encode("utf-16-le"), "Plain text of 2025\n"),
        ("Plain text of 2025\n".encode("utf-16-be"), "Plain text of 2025\n"),
        ("“Größe” ½ cut".encode("utf-16") + b"\n", "“Größe” ½ cut\ufffd"),
        (b"one\r\ntwo\rthree\x0cfour\xc2\x85five\xe2\x80\xa8six\n", "one\ntwo\nthree\nfour\nfive\nsix\n"),
        ("The café’s “naïve” price is 5 €.".encode("cp1252"), "The café’s “naïve” price is 5 €."),
        ("Señor Muñoz vive en España.".encode("latin-1"), "Señor Muñoz vive en España."),
        (
            "Les élèves français étaient déçus de l’été.\n".encode("cp1252"),
            "Les élèves français étaient déçus de l’été.\n",
        ),
        (b"Plain. " * 50_000 + "Café society".encode("latin-1"), "Plain. " * 50_000 + "Café society"),
        ("中国的人工智能公司在一月发布了新的模型。".encode("gb18030"), "中国的人工智能公司在一月发布了新的模型。"),
        (
            "Китайская компания представила новую модель.".encode("cp1251"),
            "Китайская компания представила новую модель.",
        ),
        ("中国的模型。".encode() * 9 + b"\xff" + "“Cafés”".encode(), "中国的模型。" * 9 + "\ufffd“Cafés”"),
        ("中国的模型。".encode()[:-1], "中国的模型\ufffd"),
    ],
)
def test_encodings_and_line_ends_are_understood(data: bytes, expected: str) -> None:
    assert load(data, "a.txt").text == expected


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_control_characters_and_invisible_hyphens_never_end_up_in_the_text(name: str) -> None:
    text = f"<p>{SENTENCE}</p>\n<p>A \x1b[31mred\x07 light\xad\xadning \x00and\x7f \ufeffmore. {SENTENCE * 9}</p>"
    assert "A [31mred lightning and more" in load(text, name).text


@pytest.mark.slow
def test_a_text_of_50_megabytes_is_read_in_seconds() -> None:
    line = (SENTENCE + "\n").encode()
    started = time.perf_counter()
    document = load(line * (50_000_000 // len(line)), "long.txt")
    assert len(document.text) > 49_000_000
    assert load(b"word " * 10_000_000, "one-line.txt").text
    assert time.perf_counter() - started < 10


# PDF


def test_pdf_keeps_page_numbers_title_author_and_date() -> None:
    made = pdf(
        SENTENCE,
        "",
        "Huawei makes Ascend chips.",
        title="A  report",
        author="The Authors",
        creation_date=datetime(2025, 3, 4, tzinfo=UTC),
    )
    document = load(bytes(made.output()), "report.pdf")
    assert (document.title, document.publisher, document.date) == ("A report", "The Authors", "2025-03-04")
    assert SENTENCE in words(document)
    assert document.page_at(document.text.index("Nvidia")) == 1
    assert document.page_at(document.text.index("Huawei")) == 3
    assert document.page_at(len(document.text)) == 3


def test_a_text_has_no_pages() -> None:
    assert load(SENTENCE, "a.txt").page_at(0) is None


def test_a_pdf_that_needs_no_password_to_be_read_is_read() -> None:
    assert SENTENCE in words(load(encrypted(user_password=""), "restricted.pdf"))


def test_pdfs_can_be_read_from_several_threads() -> None:
    data = bytes(pdf(*[SENTENCE * 20] * 5).output())
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda number: load(data, f"{number}.pdf").text, range(32)))
    assert len(texts) == 1


# HTML


def test_html_gives_the_article_and_its_metadata_alone() -> None:
    document = load(PAGE, "page.html")
    assert SENTENCE in document.text
    assert "Sputnik" in document.text
    for unwanted in ("cookies", "Log in", "Technology", "Tweet", "All rights reserved", "evil", "alert", "<p"):
        assert unwanted not in document.text
    assert (document.title, document.publisher, document.date) == ("Nvidia sinks", "Example News", "2025-01-28")
    assert (document.url, document.language) == ("https://news.example.org/nvidia-sinks", "en")


@pytest.mark.parametrize(
    "markup",
    [
        "<script>evil()</script>",
        "<SCRIPT type=text/javascript>evil()//",
        "<style>p { content: 'evil' }</style>",
        "<img src=x onerror='evil()'>",
        "<svg><script>evil()</script></svg>",
        "<a href='javascript:evil()'>a link</a>",
        "<iframe srcdoc='<p>evil</p>'>evil</iframe>",
        "<template><p>evil</p></template>",
        "<noscript>evil</noscript>",
        "<!-- evil -->",
        "<p hidden style='evil' onmouseover=evil() data-x=evil>Text.</p>",
    ],
)
def test_html_scripts_handlers_and_styles_never_end_up_in_the_text(markup: str) -> None:
    assert "evil" not in load(article(f"{markup}<p>{SENTENCE}</p>"), "page.html").text


def test_html_headings_lists_and_tables_are_markdown_and_words_stay_as_they_are() -> None:
    body = (
        "<h2>The <em>ban</em></h2><p>It cost <b>5*</b> in snake_case [sic] &lt;T&gt;, above 10<sup>26</sup> FLOP.</p>"
        "<ul><li>One <i>item</i></li><li>Two</li></ul><p>After.</p>"
        "<table><tr><th>Chip</th><th>Status</th></tr><tr><td>H100</td><td>banned</td></tr></table>"
    )
    assert (
        "\n\n## The ban\n\nIt cost 5* in snake_case [sic] <T>, above 10^26 FLOP.\n"
        "- One item\n- Two\n\nAfter.\n| Chip | Status | \n|---|---|\n| H100 | banned | \n\n"
    ) in load(article(body), "page.html").text


def test_a_page_that_says_nothing_about_itself_has_no_metadata() -> None:
    document = load(article(f"<p>{SENTENCE}</p>"), "page.html")
    assert (document.title, document.publisher, document.date, document.url) == (None, None, None, None)
    assert document.doc_id == "page"


def test_short_pages_and_fragments_are_read() -> None:
    assert load("<html><body><p>Nvidia lost 17%.</p></body></html>", "a.html").text == "Nvidia lost 17%.\n"
    assert load("<p>Nvidia lost 17%.<script>evil()</script><p>On Monday.", "a.html").text.count("\n") >= 2


def test_the_encoding_that_a_page_declares_counts() -> None:
    page = article(f"<p>{'ASCII all along. ' * 300}Модель представила китайская компания.</p>", "<meta charset=koi8-r>")
    assert "Модель представила китайская компания." in load(page.encode("koi8-r"), "page.html").text


def test_character_codes_of_control_characters_do_no_harm() -> None:
    text = load(article(f"<p>{SENTENCE} A&#x1b;[31m&#0;&#xD800;&#11;&#xFFFE;&#1114112; B</p>"), "page.html").text
    assert SENTENCE in text
    assert "\x1b" not in text
    text.encode()


# DOCX


def test_docx_keeps_headings_lists_and_tables_in_order() -> None:
    def fill(document: Any) -> None:
        properties = document.core_properties
        properties.title, properties.author = "A memo", "The Author"
        properties.created = datetime(2025, 1, 28, tzinfo=UTC)
        document.add_heading("Losses", level=1)
        document.add_paragraph(SENTENCE)
        document.add_paragraph("One item", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = "R1", "$294,000"
        table.rows[1].cells[0].merge(table.rows[1].cells[1]).text = "merged"
        document.add_paragraph("Models above 10").add_run("26").font.superscript = True

    document = load(word(fill), "memo.docx")
    assert (document.title, document.publisher, document.date) == ("A memo", "The Author", "2025-01-28")
    assert document.text == (
        f"# Losses\n\n{SENTENCE}\n\n- One item\n\n| R1 | $294,000 |\n| merged |\n\nModels above 10^26\n"
    )


def test_docx_text_in_content_controls_insertions_boxes_and_inner_tables_counts_once() -> None:
    box = f"<w:txbxContent>{p('In a box.')}</w:txbxContent>"
    drawing = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    inner = f"<w:tbl><w:tr><w:tc>{p('Inner.')}</w:tc></w:tr></w:tbl>"
    data = word_of(
        f"<w:sdt><w:sdtContent>{p('In a control.')}</w:sdtContent></w:sdt>"
        "<w:p><w:ins><w:r><w:t>Inserted.</w:t></w:r></w:ins><w:del><w:r><w:delText>Deleted.</w:delText></w:r></w:del></w:p>"
        f"<w:p><w:r><w:t>Around.</w:t>{drawing}</w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{p('Outer.')}{inner}<w:p><w:r>{drawing}</w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    assert load(data, "a.docx").text == (
        "In a control.\n\nInserted.\n\nAround.\n\nIn a box.\n\n| Outer. Inner. In a box. |\n"
    )


def test_a_docx_table_of_a_billion_columns_takes_no_time() -> None:
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="1000000000"/></w:tcPr>{p("Wide.")}</w:tc>'
    assert load(word_of(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"), "a.docx").text == "| Wide. |\n"


def test_docx_entities_are_not_expanded() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
    data = word_of(p(SENTENCE) + p("&a;") + p("&b;"), before=entities)
    assert load(data, "a.docx").text == f"{SENTENCE}\n"


# Names, formats and metadata


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (bytes(pdf(SENTENCE).output()), "really-a-pdf.txt", SENTENCE),
        (b"\r\n " + bytes(pdf(SENTENCE).output()), "pdf-without-ending", SENTENCE),
        (PAGE, "really-html.pdf", SENTENCE),
        (PAGE, "really-html.txt", SENTENCE),
        ("\ufeff\n" + PAGE, "really-html.md", SENTENCE),
        ('<?xml version="1.0" encoding="utf-8"?>\n' + PAGE, "really-xhtml.txt", SENTENCE),
        (word(lambda document: document.add_paragraph(SENTENCE)), "really-word.txt", SENTENCE),
        ("Text on <html> tags.", "tags.txt", "Text on <html> tags."),
    ],
)
def test_the_content_decides_what_a_file_is(data: bytes | str, name: str, expected: str) -> None:
    document = load(data, name)
    assert expected in words(document)
    assert "alert" not in document.text


def test_metadata_is_one_line_each_and_addresses_lead_to_the_web() -> None:
    document = load(
        '---\ntitle: "A \\ud800 \\e[31m\\n title"\npublisher: "'
        + "long " * 500
        + '"\nurl: "javascript:alert(1)"\n---\nText.',
        "a.md",
    )
    assert document.title == "A [31m title"
    assert len(document.publisher or "") <= 300
    assert document.url is None
    page = article(f"<p>{SENTENCE}</p>", '<link rel="canonical" href="javascript:alert(1)">')
    assert load(page, "a.html").url is None


def test_only_http_addresses_are_addresses() -> None:
    assert all(map(is_url, ("http://example.org", "HTTPS://example.org/a")))
    assert not any(map(is_url, ("file:///etc/passwd", "ftp://example.org", "data:text/html,x", "c:\\http://", "")))


@pytest.mark.parametrize(
    ("name", "doc_id"),
    [
        ("A report (final) v2", "a-report-final-v2"),
        ("Café crème", "cafe-creme"),
        ("人工智能", "document"),
        ("x" * 200, "x" * 80),
    ],
)
def test_ids_are_plain_and_short(name: str, doc_id: str) -> None:
    assert doc_id_from(name) == doc_id


def test_a_folder_is_searched_for_readable_files_in_a_stable_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.PDF", "README.md", ".hidden.txt", ".git/d.txt", "e.xyz", "a/f.docx", "g.md/h.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in iter_files(tmp_path)]
    assert found == ["a/c.PDF", "a/f.docx", "b.txt", "g.md/h.html"]
