"""Feedback on an answer becomes a case of the evals, after somebody has said what a right answer is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

import evals
from evals.cases import UNANSWERABLE, Case, check_dataset, read_cases
from rag.errors import ConfigurationError
from rag.library import write_atomically
from rag.settings import Settings, default_corpus_dir
from ui.feedback import Feedback

__all__ = ["CaseDraft", "case_id", "draft_from", "from_chat_path", "save_case", "saved_ids"]

_FILE = "from_chat.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDraft:
    """A case as somebody edits it; `facts` has a requirement a line, its alternative forms set apart by `|`."""

    question: str
    kind: str
    answer: str = ""
    facts: str = ""
    doc_ids: tuple[str, ...] = ()

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer questions of this kind."""
        return self.kind not in UNANSWERABLE


def draft_from(feedback: Feedback) -> CaseDraft:
    """What the feedback says already: whether there is an answer, and of a good one what it is and from where."""
    answer, is_good = feedback.answer, feedback.verdict == "up"
    question = answer["standalone_question"]
    if feedback.reason == "should have abstained" or (answer["abstained"] and is_good):
        kind = "off-topic" if answer["abstain_reason"] == "off-topic" else "unanswerable"
        return CaseDraft(question=question, kind=kind)
    if not is_good or not answer["sentences"]:
        return CaseDraft(question=question, kind="factoid")
    main = answer["sentences"][0]
    cited = {citation["doc_id"]: None for citation in answer["citations"] if citation["n"] in main["citations"]}
    return CaseDraft(question=question, kind="factoid", answer=main["text"], doc_ids=tuple(cited))


def from_chat_path(settings: Settings) -> Path:
    """The dataset of such cases: beside the others if they are about the same corpus, else in the data folder.

    With a corpus of one's own, or where the program's folder cannot be written, `airace eval` is given the path.
    """
    beside = Path(evals.__file__).parent / "datasets"
    is_ours = settings.corpus_dir == default_corpus_dir().resolve() and os.access(beside, os.W_OK)
    return (beside if is_ours else settings.data_dir / "evals") / _FILE


def case_id(feedback: Feedback) -> str:
    """The id of the case that the feedback becomes."""
    return f"chat-{feedback.id}"


def saved_ids(path: Path) -> set[str]:
    """The ids of the cases that were saved."""
    return {case.id for case in read_cases(path)} if path.is_file() else set()


def save_case(draft: CaseDraft, new_id: str, path: Path, corpus_dir: Path) -> Case:
    """Add the case to the dataset, if `airace eval check` finds nothing in it; a saved one of that id is replaced.

    Raises:
        ConfigurationError: Something is missing or does not fit the corpus; the message says what.
    """
    case = _case(draft, new_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock"):
        others = [other for other in (read_cases(path) if path.is_file() else []) if other.id != new_id]
        _check(case, corpus_dir)
        write_atomically(path, _lines([*others, case]))
    return case


def _case(draft: CaseDraft, new_id: str) -> Case:
    question = " ".join(draft.question.split())
    if not question:
        raise ConfigurationError("the case has no question", "write one")
    if not draft.is_answerable:
        return Case(id=new_id, question=question, kind=draft.kind, answerable=False)
    facts = tuple(filter(None, (_forms(line) for line in draft.facts.splitlines())))
    answer = " ".join(draft.answer.split()) or None
    if not (facts or answer):
        raise ConfigurationError("nothing says what a right answer is", "give the expected facts, or an answer")
    if not draft.doc_ids:
        raise ConfigurationError("no source is named", "choose the document that answers the question")
    return Case(
        id=new_id,
        question=question,
        kind=draft.kind,
        answerable=True,
        answer=answer,
        must_contain=facts,
        doc_ids=draft.doc_ids,
    )


def _forms(line: str) -> tuple[str, ...]:
    return tuple(form for part in line.split("|") if (form := " ".join(part.split())))


def _check(case: Case, corpus_dir: Path) -> None:
    """Let the check of datasets look at a dataset of this one case."""
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / _FILE
        alone.write_text(_lines([case]), encoding="utf-8")
        findings = check_dataset(alone, corpus_dir)
    if findings:
        problems = "; ".join(finding.removeprefix(f"{case.id}: ") for finding in findings)
        raise ConfigurationError(problems, "change the facts or the sources to what the documents say")


def _lines(cases: Iterable[Case]) -> str:
    return "".join(f"{case.model_dump_json(exclude_defaults=True)}\n" for case in cases)
