"""Eval cases: questions with what a right answer must contain, and the check of a dataset against its corpus."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from rag.errors import ConfigurationError, LoadingError
from rag.loading import doc_id_from, iter_files, load_bytes

__all__ = ["UNANSWERABLE", "Case", "Kind", "Quote", "check_dataset", "read_cases"]

Kind = Literal[
    "factoid",
    "list",
    "comparison",
    "temporal",
    "multi-source",
    "attribution",
    "follow-up",
    "false-premise",
    "unanswerable",
    "off-topic",
]
UNANSWERABLE = frozenset({"false-premise", "unanswerable", "off-topic"})
"""Kinds of questions that the documents do not answer."""


class Quote(BaseModel):
    """Words of a document that support the gold answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    doc_id: str
    text: str = Field(min_length=1)


class Message(BaseModel):
    """An earlier message of the conversation."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["user", "assistant"]
    content: str = Field(min_length=1)


class Case(BaseModel):
    """One question, and as much as is known about a right answer to it.

    `must_contain` is a list of requirements, each a list of alternative forms. Only `question` is needed; a case with a
    `split` belongs to a curated set and must be complete.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    kind: str | None = None
    history: tuple[Message, ...] = ()
    answerable: bool | None = None
    answer: str | None = None
    must_contain: tuple[tuple[str, ...], ...] = ()
    doc_ids: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    split: Literal["tune", "test"] | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Case:
        gold = (self.answer, self.must_contain, self.doc_ids, self.quotes)
        if self.answerable is False and any(gold):
            raise ValueError("answer, must_contain, doc_ids and quotes are for answerable cases")
        if self.split is not None:
            self._check_curated(all(gold))
        return self

    def _check_curated(self, complete: bool) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is one of {', '.join(get_args(Kind))}")
        if self.answerable is None or self.answerable == (self.kind in UNANSWERABLE):
            raise ValueError(f"kind {self.kind} does not go with answerable {self.answerable}")
        if self.answerable and not complete:
            raise ValueError("an answerable case has answer, must_contain, doc_ids and quotes")
        if (self.kind == "follow-up") != bool(self.history):
            raise ValueError("a follow-up has a history, and nothing else has")


def read_cases(path: Path) -> list[Case]:
    """The cases of a JSONL or CSV file, in order; those without an id are named by their line.

    A CSV file has a header with `question` and, where known, `id`, `answer`, `kind` and `answerable`; a case that has
    an `answer` is answerable.

    Raises:
        ConfigurationError: The file is missing or empty, or a line is not a case; the message names the line.
    """
    if not path.is_file():
        raise ConfigurationError(f"there is no dataset {path}", "give a JSONL or CSV file with a question a line")
    cases = []
    for number, row in _rows(path):
        if row.get("answer") and row.get("answerable") is None:
            row["answerable"] = True
        try:
            cases.append(Case.model_validate({"id": f"line-{number}"} | row))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "case"
            raise ConfigurationError(f"{path} line {number}: {where}: {first['msg']}", "mend the line") from error
    if not cases:
        raise ConfigurationError(f"{path} has no question", "give a JSONL or CSV file with a question a line")
    return cases


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number, fields) of every case, empty lines and empty cells left out."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(text.splitlines(keepends=True))
        if "question" not in (reader.fieldnames or ()):
            raise ConfigurationError(f"{path} has no column question", "name the columns in the first line")
        for cells in reader:
            yield reader.line_num, {name: cell.strip() for name, cell in cells.items() if name and (cell or "").strip()}
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigurationError(f"{path} line {number} is not JSON ({error})", "mend the line") from error
        if not isinstance(row, dict):
            raise ConfigurationError(f"{path} line {number} is not a JSON object", "mend the line")
        yield number, row


def check_dataset(path: Path, corpus_dir: Path) -> list[str]:
    """What does not fit between a dataset and a corpus, one line each.

    Raises:
        ConfigurationError: The dataset cannot be read.
    """
    texts = dict(_texts(corpus_dir))
    findings = []
    seen: set[str] = set()
    for case in read_cases(path):
        if case.id in seen:
            findings.append(f"{case.id}: the id occurs twice")
        seen.add(case.id)
        findings += (f"{case.id}: {problem}" for problem in _problems(case, texts))
    return findings


def _problems(case: Case, texts: Mapping[str, str]) -> Iterator[str]:
    yield from (f"there is no document {doc_id}" for doc_id in case.doc_ids if doc_id not in texts)
    for quote in case.quotes:
        if quote.doc_id not in case.doc_ids:
            yield f"it quotes {quote.doc_id}, which is not among its documents"
        if quote.text not in texts.get(quote.doc_id, ""):
            yield f"{quote.doc_id} does not say: {quote.text[:60]}"
    cited = " ".join(texts.get(doc_id, "") for doc_id in case.doc_ids).casefold()
    for forms in case.must_contain:
        if not any(form.casefold() in cited for form in forms):
            yield f"none of its documents has {' or '.join(forms)}"


def _texts(corpus_dir: Path) -> Iterator[tuple[str, str]]:
    """Document texts by id; files that cannot be read are no documents."""
    for path in iter_files(corpus_dir):
        try:
            document = load_bytes(path.read_bytes(), name=path.name, source=path.name)
        except LoadingError:
            continue
        yield document.doc_id or doc_id_from(path.stem), document.text
