"""The composition root: turns settings into parts, keeps the index in use open, and hands questions to the pipeline."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rag.adding import add_sources
from rag.chroma_server import ChromaServer
from rag.conversation import MAX_QUESTION, turns_from, understand
from rag.corpus_info import CorpusInfo
from rag.embedding import open_embedder
from rag.engines import QuoteEngine, open_engine
from rag.errors import ConfigurationError, SearchIndexError
from rag.evidence import rank_evidence
from rag.explaining import Explanation, explain
from rag.generations import DataDir
from rag.health import IndexHealth, index_health
from rag.index import Index
from rag.logs import logs_questions
from rag.pipeline import Asked, Pipeline, Where, checked
from rag.protocols import AnswerEngine, Embedder, Reranker, Verifier
from rag.recent import Event, RecentAnswers
from rag.reranking import open_reranker
from rag.settings import Settings
from rag.store import is_on_server
from rag.sync import Progress, chunker_fingerprint, sync
from rag.types import Answer, Document, Evidence, Passage, SyncReport, Turn, Verified
from rag.verification.verifiers import open_verifier

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables import Runnable

__all__ = ["MAX_QUESTION", "Assistant", "Where"]


class Assistant:
    """Answers questions from a corpus. Safe to use from several threads.

    Example:
        >>> assistant = Assistant.open(Settings(corpus_dir="corpus", data_dir=".airace"))
        >>> assistant.sync()
        >>> print(assistant.ask("How much did Nvidia lose after DeepSeek?").answer)
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._data_dir = DataDir(settings.data_dir)
        self._lock = Lock()
        self._recent = RecentAnswers()
        self._opened: Index | None = None
        self._retired: Index | None = None

    @classmethod
    def open(cls, settings: Settings | None = None) -> Assistant:
        """An assistant for these settings; models and index are loaded when they are first needed."""
        return cls(settings or Settings())

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model."""
        return open_embedder(self.settings)

    @cached_property
    def reranker(self) -> Reranker:
        """What orders the passages found.

        Raises:
            ModelError: The model that the settings name cannot be loaded.
        """
        return open_reranker(self.settings)

    @cached_property
    def verifier(self) -> Verifier:
        """What checks the sentences of a language model.

        Raises:
            ModelError: The model that the settings name cannot be loaded.
        """
        return open_verifier(self.settings, self.embedder)

    @cached_property
    def engine(self) -> AnswerEngine:
        """What writes the answers.

        Raises:
            ConfigurationError: There is no such engine, or it lacks a package or a key.
        """
        return open_engine(self.settings, lambda: self.verifier)

    @property
    def index(self) -> Index:
        """The generation of the index in use now, opened; a newer one is picked up as soon as it is there.

        Raises:
            IndexMissingError: Nothing has been indexed yet.
            IndexMismatchError: The index was made with another embedding model.
            SearchIndexError: The index is damaged.
        """
        with self._lock:
            current = self._data_dir.current()
            if self._opened is None or current != self._opened.folder:
                fresh = Index.open(self._data_dir, self.embedder, ChromaServer.of(self.settings))
                if self._retired is not None:  # nobody has been reading it for a whole generation
                    self._retired.close()
                self._retired, self._opened = self._opened, fresh
            self._data_dir.check_intact(self._opened.folder, self._opened.manifest)
            return self._opened

    def forget(self) -> None:
        """Drop the answers that are kept in memory; a sync makes them useless by itself."""
        self._recent.forget()

    def close(self) -> None:
        """Release the index."""
        with self._lock:
            for index in (self._opened, self._retired):
                if index is not None:
                    index.close()
            self._opened = self._retired = None

    @property
    def is_indexed(self) -> bool:
        """Whether there is a sound index of this corpus folder, made as these settings and this version make it."""
        folder = self._data_dir.current()
        if folder is None:
            return False
        try:
            manifest = self._data_dir.manifest(folder)
            self._data_dir.check_intact(folder, manifest)
        except SearchIndexError:
            return False
        wanted = (str(self.settings.corpus_dir), chunker_fingerprint(self.settings))
        placed = is_on_server(folder / "chroma") == (self.settings.chroma_url is not None)
        return placed and (manifest.corpus_dir, manifest.chunker) == wanted

    def sync(self, *, progress: Progress | None = None, rebuild: bool = False) -> SyncReport:
        """Make the index hold what the corpus folder holds; does nothing if it does.

        Raises:
            ConfigurationError: The corpus folder is missing or has no document.
            IndexBusyError: Another process is writing the index.
        """
        return sync(self.settings, self.embedder, progress=progress, rebuild=rebuild)

    def ingest(
        self, sources: Iterable[str], *, keep_files: bool = False, progress: Progress | None = None
    ) -> SyncReport:
        """Add files, folders and web pages, and sync; `keep_files` copies files that will not stay where they are.

        Raises:
            ConfigurationError: A path does not exist.
        """
        skipped = add_sources(
            sources, self._data_dir.library, self.settings, taken=self._sources_by_id(), keep_files=keep_files
        )
        report = self.sync(progress=progress)
        return replace(report, skipped=(*report.skipped, *skipped))

    def _sources_by_id(self) -> dict[str, str]:
        """Where each document comes from that is indexed, or added and waiting to be."""
        documents = [document for document, _ in self._data_dir.library.documents()]
        if self._data_dir.current() is not None:
            documents += self.documents()
        return {document.doc_id: document.source for document in documents}

    def remove(self, doc_id: str, *, progress: Progress | None = None) -> SyncReport:
        """Take a document out of the index; `ingest` of its file brings it back.

        Raises:
            ConfigurationError: There is no such document.
        """
        if self.index.catalog.document(doc_id) is None:
            raise ConfigurationError(f"there is no document {doc_id!r}", "see `airace sources` for the ids")
        self._data_dir.library.remove(doc_id)
        return self.sync(progress=progress)

    def documents(self, where: Where | None = None) -> list[Document]:
        """The documents in the index that match, in order."""
        catalog = self.index.catalog
        wanted = catalog.matching(where or {})
        return [document for document, _ in catalog.documents() if wanted is None or document.doc_id in wanted]

    def health(self) -> IndexHealth:
        """What the index was made from, what was left out of it, and whether its parts fit together."""
        return index_health(self.settings, self._data_dir, self.index)

    def document(self, doc_id: str) -> Document | None:
        """One document with its text, or None."""
        document: Document | None = self.index.catalog.document(doc_id)
        return document

    @property
    def corpus_info(self) -> CorpusInfo:
        """What the corpus is about."""
        return self._pipeline.corpus_info

    @property
    def _pipeline(self) -> Pipeline:
        """What searches and answers from the generation of the index in use now."""
        return Pipeline(self.index, self.embedder, self.reranker, self.settings)

    def search(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> list[Passage]:
        """The best passages for a question, best first; see `stream` for the arguments."""
        pipeline = self._pipeline
        candidates = pipeline.retrieve(pipeline.query(question, history), k=k, where=where)[1]
        return [candidate.passage for candidate in candidates]

    def evidence(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> list[Evidence]:
        """All sentences of the best passages, ranked as evidence, best first; see `stream` for the arguments."""
        pipeline = self._pipeline
        query = pipeline.query(question, history)
        evidence = rank_evidence(*pipeline.retrieve(query, k=k, where=where))
        return pipeline.composable(query, evidence, k=k, where=where)

    def confidence(self, question: str, *, where: Where | None = None) -> float:
        """How likely the documents answer a question (0 to 1), without answering it; see `stream` for the arguments."""
        pipeline = self._pipeline
        search, candidates = pipeline.retrieve(pipeline.query(question), where=where)
        return pipeline.judged(search, candidates, rank_evidence(search, candidates)).confidence

    def explain(self, question: str, *, expected: str | None = None, where: Where | None = None) -> Explanation:
        """Ask a question and say how the answer comes about; see `rag.explaining` and `stream` for the arguments."""
        answer, pipeline = self.ask(question, where=where), self._pipeline
        return explain(pipeline, pipeline.query(question), answer, expected, where or {})

    def ask(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> Answer:
        """Answer a question; see `stream` for the arguments."""
        *_, last = self.stream(question, history=history, k=k, where=where)
        assert isinstance(last, Verified)
        return last.answer

    @logs_questions
    def stream(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> Iterator[Event]:
        """Answer a question step by step: passages, text as it is written, sentences as they are checked, the answer.

        Closing the iterator stops the engine.

        Args:
            question: In natural language.
            history: Earlier messages, `{"role": "user" | "assistant", "content": …}`, oldest first.
            k: Passages to take evidence from.
            where: Only documents that match.

        Raises:
            ConfigurationError: The question is empty or too long, or `where` has an unknown key.
            IndexMissingError: Nothing has been indexed yet.
        """
        started = perf_counter()
        query, rewriting = understand(self.engine, checked(question), turns_from(history))
        pipeline = self._pipeline
        query = pipeline.corrected(query)
        asked = Asked(question=question, query=query, k=k, where=where, rewriting=rewriting, started=started)
        events = pipeline.answer(asked, self.engine)
        if self.engine.name == QuoteEngine.name:  # the same question gives the same answer, until the index changes
            key = (pipeline.index.folder, question, query, k, _frozen(where))
            events = self._recent.remembering(key, events, started=started)
        yield from events

    def as_retriever(self, *, k: int | None = None, where: Where | None = None) -> BaseRetriever:
        """A LangChain retriever over this index."""
        from rag.langchain import AiraceRetriever

        return AiraceRetriever(assistant=self, k=k, where=dict(where or {}))

    def as_runnable(self) -> Runnable[str | dict[str, Any], Answer]:
        """The whole chain as a LangChain Runnable: a question, or a dict of `ask`'s arguments, to an Answer."""
        from rag.langchain import answer_chain

        return answer_chain(self)


def _frozen(where: Where | None) -> Hashable:
    return tuple(sorted((key, (v,) if isinstance(v, str) else tuple(v)) for key, v in (where or {}).items()))
