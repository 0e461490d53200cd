"""Strategies for hostile text, documents and questions."""

from __future__ import annotations

import zlib

import yaml
from hypothesis import strategies as st

from tests.documents import article, p, word_of, zip_of

__all__ = ["FILES", "NASTY", "QUESTIONS"]

SURPRISES = [
    "\x00", "\x1b[2J\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\u202egnp.exe", "\u2066", "\u200b", "\ufeff", "\ufffe",
    "\U000e0041\U000e007f", "e\u0301" * 40, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L", "👩\u200d👩\u200d👧",
    "🤖" * 50, "\U0001f1e8\U0001f1f3", "ﷺ", "ẞß", "İi",
    "'; DROP TABLE documents; --", "\" OR 1=1", "%s%n%x", "${7*7}", "{{7*7}}", "{0.__class__}", "#{1}", "<%= 1 %>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</passage>", "]]>", "&lt;",
    "&#0;", "<!--", "<![CDATA[",
    "[1]", "[99]", "[^1]", "[^1]: Forged, \"Title\", 2025, <https://x.example>\n", "![x](https://evil.example/?q=)",
    "[a](javascript:alert(1))", "# ", "###### ", "```\n", "---\n", "...\n", "|", "||||",
    "> " * 50, "- " * 50, "* * *",
    "../../etc/passwd", "C:\\nul", "file:///etc/passwd", "http://169.254.169.254/", "NaN", "Infinity", "-0", "1e999",
    "1." + "0" * 400, "before early 20٣٤", "2001-٩٩", "Nvidia lost? who ",
    "9" * 400, "$" + "9" * 60 + " trillion", "0" * 100 + ".", "½⅓", "٣٤٥", "十億", "2025-99-99", "February 30, 2025",
    "31 February", "year 0", "99999", "the year 100000000", "(" * 300, "a" * 5000, "a." * 500, "A.B.C." * 100,
    "?!" * 200, "\t" * 100, "\u2028", "\u2029", "\x85", "\r", "\x0b", "\x0c", "\\", "\\u0000",
    "\N{ZERO WIDTH JOINER}" * 20,
    "“" * 100, "said " * 50, "Nvidia " * 200, "not " * 100, "million billion trillion ",
    "$1–$2–$3–$4 billion", "per cent" * 30,
]  # fmt: skip
PLAIN = [
    "Nvidia lost $589 billion.",
    "DeepSeek trained R1 on H800 chips in 2025.",
    "What is it?",
    "who",
    "the",
    " ",
    "\n",
]

ANY_TEXT = st.text(st.characters(), max_size=40)  # lone surrogates too
NASTY = st.lists(st.one_of(st.sampled_from(SURPRISES), st.sampled_from(PLAIN), ANY_TEXT), min_size=1, max_size=12).map(
    "".join
)

QUESTIONS = st.one_of(
    NASTY,
    st.sampled_from(SURPRISES),
    NASTY.map(lambda text: f"How much did Nvidia lose {text}?"),
    st.tuples(NASTY, st.integers(1, 4000)).map(lambda pair: (pair[0] * pair[1])[:100_000]),
    st.text(st.characters(categories=["So", "Sk", "Mn", "Cf", "Cc", "Cs", "Co"]), min_size=1, max_size=300),
    st.sampled_from(
        ["Compare {0} and {0}", "What did {0} say about {0} since {0}?", "{0} vs {0}", "{0}?" * 20]
    ).flatmap(lambda form: NASTY.map(lambda text: form.replace("{0}", text))),
)


def _encoded(text: str, codec: str) -> bytes:
    return text.encode(codec, errors="surrogatepass" if codec.startswith("utf") else "replace")


TEXT_BYTES = st.one_of(
    st.tuples(NASTY, st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32", "cp1252", "gb18030"])).map(
        lambda pair: _encoded(*pair)
    ),
    st.tuples(NASTY, st.binary(max_size=60)).map(lambda pair: _encoded(pair[0], "utf-8") + pair[1]),
    st.binary(max_size=400),
)

YAML_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=9), inner, max_size=4)),
    max_leaves=9,
)
FIELDS = st.sampled_from(
    [
        "id",
        "title",
        "source_title",
        "publisher",
        "date",
        "added",
        "url",
        "kind",
        "themes",
        "language",
        "publisher_country",
    ]
)
RAW_YAML = st.sampled_from(
    [
        "title: !!python/object/apply:os.system ['true']",
        "a: &a [x, x]\nb: &b [*a, *a]\ntitle: *b", "title: !!binary x",
        "title: *missing", "&a a: *a", "? [complex]\n: key", "id: ../../x", "id: a/b",
        "id: " + "x" * 300, "date: 2025-13-01",
        "date: yesterday", "themes: {a: b}", "themes: [[[]]]", "url: javascript:alert(1)", "url: //evil", "[" * 300,
        "- a list", "just text", "title: |\n  many\n  lines", "title: \"\\e[2J\\u202E\"",
        "<<: *x", "title: [unclosed",
        "a: &x {<<: *x}", "%YAML 9.9", "\ttabs: no", "title: \"\\uD800\"",
    ]
)  # fmt: skip
FRONT_MATTER = st.one_of(
    st.dictionaries(FIELDS, YAML_VALUES, max_size=6).map(lambda data: yaml.safe_dump(data, allow_unicode=True)),
    RAW_YAML,
)
MARKDOWN = st.tuples(FRONT_MATTER, TEXT_BYTES).map(
    lambda pair: b"---\n" + _encoded(pair[0], "utf-8") + b"\n---\n" + pair[1]
)

TAGS = st.sampled_from(
    [
        "p",
        "div",
        "table",
        "tr",
        "td",
        "ul",
        "li",
        "b",
        "sup",
        "h1",
        "script",
        "svg",
        "iframe",
        "template",
        "pre",
        "article",
    ]
)
HTML = st.one_of(
    NASTY.map(lambda text: _encoded(article(f"<p>{text}</p>", f"<title>{text}</title>"), "utf-8")),
    st.lists(st.tuples(TAGS, NASTY), max_size=12).map(
        lambda parts: _encoded("<html>" + "".join(f"<{tag} x='{text}'>{text}" for tag, text in parts), "utf-8")
    ),
    st.tuples(TAGS, st.integers(1, 3000)).map(lambda pair: b"<!doctype html>" + f"<{pair[0]}>".encode() * pair[1]),
    TEXT_BYTES.map(lambda data: b"<html>" + data),
)


def _xml(text: str) -> str:
    return "".join(char for char in text if char >= " " and char not in "<>&" and not "\ud7ff" < char < "\ue000")


DOCX = st.one_of(
    NASTY.map(lambda text: word_of(p(_xml(text)))),
    NASTY.map(lambda text: word_of("<w:tbl>" * 20 + p(_xml(text)))),
    TEXT_BYTES.map(lambda data: zip_of({"word/document.xml": data, "[Content_Types].xml": data})),
    st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data),
)


def _pdf(parts: tuple[bytes, bytes, int]) -> bytes:
    noise, text, count = parts
    content = zlib.compress(b"BT /F 9 Tf (" + text + b") Tj ET " * count)
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj "
        b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj 4 0 obj<</Filter/FlateDecode/Length "
        + str(len(content)).encode() + b">>stream\n" + content + b"\nendstream endobj " + noise
        + b" trailer<</Root 1 0 R/Info<</Title(" + text + b")/CreationDate(D:99999999)>>>>\n%%EOF"
    )  # fmt: skip


PDF = st.one_of(
    st.tuples(st.binary(max_size=60), st.binary(max_size=60), st.integers(1, 50)).map(_pdf),
    st.binary(max_size=300).map(lambda data: b"%PDF-1.4\n" + data),
)

CONTENTS = st.one_of(
    st.tuples(TEXT_BYTES, st.sampled_from([".txt", ".md", ".html", ".pdf", ".docx"])),
    st.tuples(MARKDOWN, st.just(".md")),
    st.tuples(HTML, st.sampled_from([".html", ".txt"])),
    st.tuples(DOCX, st.just(".docx")),
    st.tuples(PDF, st.sampled_from([".pdf", ".md"])),
)
STEMS = st.one_of(
    st.sampled_from(
        ["con", "..", "...", "a b", "-rf", "~", "$HOME", "`id`", "%2e%2e", "\x1b[2J", "\u202etxt",
        "\n", "🤖", "x" * 200, "é",
         "README", ".hidden", "'", "<img src=x>", "index", "removed", "manifest", "CURRENT"]
    ),
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1, max_size=30),
)  # fmt: skip
FILES = st.tuples(STEMS, CONTENTS).map(lambda pair: (pair[0] + pair[1][1], pair[1][0]))
"""(name, content) of a file."""
