"""HTML of the library: nothing that documents say of themselves becomes live, and the plot counts every document."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from rag import Document
from rag.types import SyncReport
from ui.library_view import report_view, table
from ui.timeline import timeline


def document(**fields: object) -> Document:
    return Document(**({"doc_id": "a", "text": "Text."} | fields))  # type: ignore[arg-type]


def test_fields_of_documents_are_escaped() -> None:
    hostile = '"><script>x</script>${y}'
    shown = table([document(title=hostile, publisher=hostile, kind=hostile, themes=(hostile,))], {"a": 3})
    assert "<script>" not in shown
    assert "${" not in shown


@given(
    st.lists(
        st.tuples(st.integers(2015, 2026), st.integers(1, 12), st.sampled_from(["US", "CN", "FR", None])), min_size=1
    )
)
def test_every_dated_document_is_in_the_plot(dates: list[tuple[int, int, str | None]]) -> None:
    documents = [document(date=f"{year}-{month:02d}", publisher_country=country) for year, month, country in dates]
    told = " ".join(re.findall(r"<title>(.*?)</title>", timeline(documents)))
    counts = [int(n) for n in re.findall(r"(?:US|CN|FR|other or unknown) (\d+)", told)]
    assert sum(counts) == len(documents)


def test_documents_of_which_only_the_year_is_known_are_told_apart() -> None:
    shown = timeline([document(date="2025-01-02"), document(date="2024")])
    assert "1 of which only the year is known" in shown
    assert timeline([document(date="2024"), document()]) == ""


def test_a_report_has_a_line_for_each_file_with_its_own_name() -> None:
    report = SyncReport(added=("a",), skipped=(("/data/files/12/b.pdf", "it is empty"),))
    documents = {"a": document(title="Alpha", source="/data/files/34/a.txt")}
    shown = report_view(report, documents, ["/tmp/1/a.txt", "/tmp/2/b.pdf", "https://example.org/c"])
    lines = re.sub(r"<.*?>", "", shown.replace("</li>", "\n")).strip().split("\n")
    assert lines == [
        "a.txt: added Alpha",
        "b.pdf: not added it is empty",
        "https://example.org/c: unchanged it is there already",
    ]
