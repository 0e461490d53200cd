"""Validates a corpus folder: `airace corpus check`. One finding a line; none means that every rule holds.

The rules are those of `corpus/README.md`: they make sure that any sentence can be quoted alone, with its origin.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, ValidationError

from rag.corpus_info import read_corpus_info
from rag.dates import date_bounds
from rag.errors import AiraceError, ConfigurationError
from rag.loading import iter_files
from rag.loading.markdown import FOOTNOTE_DEFINITION, load_markdown, parse_footnote, split_front_matter
from rag.loading.text import decode
from rag.sentences import iter_blocks, sentence_spans
from rag.types import Document

__all__ = ["Finding", "FrontMatter", "check_corpus"]

_MAX_WORDS = 60
_NEAR_DUPLICATE = 0.5  # share of a document's sentences that may stand in another one, word for word
_REFERENCE = re.compile(r"\[\^([\w-]+)\](?!:)")
_LEFTOVER = re.compile(r"\[\^?\w*\]|\bTODO\b|\bTBD\b|\(via |\[via |<[a-z/][^>]*>")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a file breaks."""

    file: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}"


def _is_date(value: str) -> str:
    if date_bounds(value) is None:
        raise ValueError("is not a date like 2025, 2025-01 or 2025-01-27")
    return value


_Date = Annotated[str, AfterValidator(_is_date)]


class FrontMatter(BaseModel):
    """The front matter of a corpus document; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z]+-\d\d$")
    title: str = Field(min_length=1)
    source_title: str | None
    publisher: str = Field(min_length=1)
    date: _Date | None
    url: HttpUrl | None
    kind: Literal["news", "official", "think-tank", "company", "academic", "analysis"]
    themes: list[str] = Field(min_length=1)
    publisher_country: str | None = Field(pattern=r"^[A-Z]{2}$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    added: _Date


def check_corpus(corpus_dir: Path) -> list[Finding]:
    """All findings in a folder, by file.

    Raises:
        ConfigurationError: There is no such folder.
    """
    if not corpus_dir.is_dir():
        raise ConfigurationError(f"there is no corpus folder {corpus_dir}", "set AIRACE_CORPUS or --corpus")
    findings: list[Finding] = []
    documents: list[tuple[str, Document]] = []
    try:
        read_corpus_info(corpus_dir, [])
    except AiraceError as error:
        findings.append(Finding("corpus.yaml", str(error)))
    for path in iter_files(corpus_dir):
        name = path.relative_to(corpus_dir).as_posix()
        try:
            data = path.read_bytes()
            document = load_markdown(data, source=name)
            findings += (Finding(name, problem) for problem in _check_file(path, data, document))
            documents.append((name, document))
        except AiraceError as error:
            findings.append(Finding(name, str(error)))
    findings += _check_across(documents)
    return sorted(findings, key=lambda finding: finding.file)


def _check_file(path: Path, data: bytes, document: Document) -> Iterator[str]:
    meta, body = split_front_matter(decode(data))
    yield from _check_front_matter(path, meta)
    yield from _check_footnotes(body)
    yield from _check_sentences(document)


def _check_front_matter(path: Path, meta: dict[str, Any]) -> Iterator[str]:
    if path.suffix != ".md":
        yield "is not a Markdown file (.md)"
    try:
        FrontMatter.model_validate(meta)
    except ValidationError as error:
        for problem in error.errors():
            yield f"front matter: {'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    if not re.fullmatch(re.escape(str(meta.get("id"))) + r"-[a-z0-9-]+", path.stem):
        yield f"its name is not the id {meta.get('id')!r} and a short slug"


def _check_footnotes(body: str) -> Iterator[str]:
    definitions = [(match["key"], match["body"]) for match in FOOTNOTE_DEFINITION.finditer(body)]
    defined = Counter(key for key, _ in definitions)
    used = set(_REFERENCE.findall(FOOTNOTE_DEFINITION.sub("", body)))
    yield from (f"footnote [^{key}] is defined {n} times" for key, n in defined.items() if n > 1)
    yield from (f"footnote [^{key}] is not defined" for key in sorted(used - set(defined)))
    yield from (f"footnote [^{key}] is not used" for key in sorted(set(defined) - used))
    for key, text in definitions:
        origin = parse_footnote(text)
        if origin.publisher == text.strip() and re.search(r'["<>]', text):
            yield f'footnote [^{key}] is not `Publisher, "Title", DATE, <URL>`'
        if origin.date and date_bounds(origin.date) is None:
            yield f"footnote [^{key}] has no valid date: {origin.date}"


def _check_sentences(document: Document) -> Iterator[str]:
    ends = {span.end: span.start for span in document.origins}
    for block in iter_blocks(document.text):
        if block.level:
            continue
        language = document.language or "en"
        for start, end in sentence_spans(document.text, block.start, block.end, language=language, known_ends=ends):
            sentence = document.text[start:end]
            shown = sentence if len(sentence) <= 60 else sentence[:57] + "…"
            if ends.get(end) is None or ends[end] > start:
                yield f"no footnote right after: {shown}"
            if len(sentence.split()) > _MAX_WORDS:
                yield f"{len(sentence.split())} words, more than {_MAX_WORDS}: {shown}"
            if leftover := _LEFTOVER.search(sentence):
                yield f"leftover {leftover[0]!r} in: {shown}"


def _check_across(documents: Sequence[tuple[str, Document]]) -> Iterator[Finding]:
    by_id: dict[str, str] = {}
    holders: dict[str, list[str]] = {}
    for name, document in documents:
        if document.doc_id in by_id:
            yield Finding(name, f"its id {document.doc_id!r} is that of {by_id[document.doc_id]}")
        by_id.setdefault(document.doc_id, name)
        sentences = {document.text[span.start : span.end].casefold() for span in document.origins}
        shared = Counter(holder for sentence in sentences for holder in holders.get(sentence, ()))
        for other, n in shared.items():
            if n >= _NEAR_DUPLICATE * len(sentences):
                yield Finding(name, f"{n} of its {len(sentences)} sentences stand in {other} as well")
        for sentence in sentences:
            holders.setdefault(sentence, []).append(name)
