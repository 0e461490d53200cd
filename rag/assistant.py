"""The composition root: turns settings into parts, and a question into an answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any

from rag.abstention import abstain
from rag.adding import add_sources
from rag.answerability import Judgement, judge, names_unknown_version
from rag.chroma_server import ChromaServer
from rag.composing import compose, compose_abstention
from rag.conversation import MAX_QUESTION, resolve, turns_from, understand
from rag.corpus_info import CorpusInfo, read_corpus_info
from rag.decomposition import merge_evidence, sub_questions
from rag.embedding import open_embedder
from rag.engines import QuoteEngine, open_engine
from rag.errors import ConfigurationError, SearchIndexError
from rag.evidence import rank_evidence
from rag.explaining import Explanation, explain
from rag.generations import DataDir
from rag.health import IndexHealth, index_health
from rag.index import Index
from rag.loading.text import one_line, printable
from rag.logs import logs_questions
from rag.protocols import AnswerEngine, Embedder, Reranker, Verifier
from rag.recent import Event, RecentAnswers
from rag.reranking import open_reranker
from rag.retrieval import Candidate, Query, Retriever, Search
from rag.settings import Settings
from rag.store import is_on_server
from rag.sync import Progress, chunker_fingerprint, sync
from rag.temporal import prefer_time
from rag.types import (
    Answer,
    Document,
    Evidence,
    Passage,
    Retrieved,
    SyncReport,
    Timings,
    Token,
    Turn,
    Usage,
    Verified,
)
from rag.verification.verifiers import open_verifier

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever
    from langchain_core.runnables import Runnable

__all__ = ["MAX_QUESTION", "Assistant", "Where"]

Where = Mapping[str, str | Sequence[str]]
"""Filter on documents by publisher, kind, theme, dates …: see `rag.catalog.FILTERS`."""

_N_NEAREST = 3


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
        documents = (document for document, _ in self.index.catalog.documents())  # read only if they are needed
        return read_corpus_info(self.settings.corpus_dir, documents)

    def search(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> list[Passage]:
        """The best passages for a question, best first; see `stream` for the arguments."""
        index = self.index
        query = self._query(index, question, history)
        return [candidate.passage for candidate in self._retrieve(index, query, k, where)[1]]

    def evidence(
        self,
        question: str,
        *,
        history: Iterable[Mapping[str, Any] | Turn] | None = None,
        k: int | None = None,
        where: Where | None = None,
    ) -> list[Evidence]:
        """All sentences of the best passages, ranked as evidence, best first; see `stream` for the arguments."""
        index = self.index
        query = self._query(index, question, history)
        search, candidates = self._retrieve(index, query, k, where)
        return self._composable(index, query, rank_evidence(search, candidates), k, where)

    def confidence(self, question: str, *, where: Where | None = None) -> float:
        """How likely the documents answer a question (0 to 1), without answering it; see `stream` for the arguments."""
        index = self.index
        search, candidates = self._retrieve(index, self._query(index, question, None), None, where)
        return _judged(index, search, candidates, rank_evidence(search, candidates)).confidence

    def explain(self, question: str, *, expected: str | None = None, where: Where | None = None) -> Explanation:
        """Ask a question and say how the answer comes about; see `rag.explaining` and `stream` for the arguments."""
        answer, index = self.ask(question, where=where), self.index
        query = self._query(index, question, None)
        composable = partial(self._composable, index, query, k=None, where=where)
        return explain(index, self._retriever(index), self.settings, query, answer, composable, expected, where or {})

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
        query, rewriting = understand(self.engine, _checked(question), turns_from(history))
        index = self.index
        query = self._corrected(index, query)
        events = self._answer(index, question, query, k, where, rewriting, started)
        if self.engine.name == QuoteEngine.name:  # the same question gives the same answer, until the index changes
            key = (index.folder, question, query, k, _frozen(where))
            events = self._recent.remembering(key, events, started=started)
        yield from events

    def _answer(
        self,
        index: Index,
        question: str,
        query: Query,
        k: int | None,
        where: Where | None,
        rewriting: Usage | None,
        started: float,
    ) -> Iterator[Event]:
        """What `stream` gives, once the question is understood."""
        search, candidates = self._retrieve(index, query, k, where)
        retrieved = perf_counter()
        passages = tuple(candidate.passage for candidate in candidates)
        yield Retrieved(standalone_question=query.text, passages=passages)

        evidence = rank_evidence(search, candidates)
        judgement = _judged(index, search, candidates, evidence)
        judged = perf_counter()
        draft = Answer(
            question=printable(question),
            standalone_question=query.text,
            engine=self.engine.name,
            answer="",
            abstained=True,
            abstain_reason=None,
            confidence=judgement.confidence,
            index_version=index.manifest.index_version,
            nearest=passages[:_N_NEAREST],
        )
        publishers = index.catalog.publishers()
        if judgement.confidence < self.settings.abstain_below:
            abstention = abstain(
                query.question,
                evidence,
                on_topic=judgement.on_topic,
                subject=self.corpus_info.subject,
                n_documents=index.manifest.n_documents,
            )
            composed = compose_abstention(self.engine.name, abstention, publishers)
            draft = replace(draft, abstain_reason=abstention.reason)
            yield Token(text=composed.answer)
        else:
            best = self._composable(index, query, evidence, k, where)
            composed = yield from compose(self.engine, query.text, best, publishers)
            draft = replace(draft, abstained=False)
        finished = perf_counter()
        timings = Timings(
            retrieve=_ms(started, retrieved),
            evidence=_ms(retrieved, judged),
            generate=_ms(judged, finished - composed.verify_ms / 1000),
            verify=round(composed.verify_ms, 3),
            total=_ms(started, finished),
        )
        answer = composed.complete(replace(draft, timings_ms=timings))
        if rewriting:
            answer = replace(answer, usage=(answer.usage or Usage()) + rewriting)
        yield Verified(answer=answer)

    def as_retriever(self, *, k: int | None = None, where: Where | None = None) -> BaseRetriever:
        """A LangChain retriever over this index."""
        from rag.langchain import AiraceRetriever

        return AiraceRetriever(assistant=self, k=k, where=dict(where or {}))

    def as_runnable(self) -> Runnable[str | dict[str, Any], Answer]:
        """The whole chain as a LangChain Runnable: a question, or a dict of `ask`'s arguments, to an Answer."""
        from rag.langchain import answer_chain

        return answer_chain(self)

    def _query(self, index: Index, question: str, history: Iterable[Mapping[str, Any] | Turn] | None) -> Query:
        """The question with those before it that it leans on, misspelt words corrected."""
        return self._corrected(index, resolve(_checked(question), turns_from(history)))

    def _corrected(self, index: Index, query: Query) -> Query:
        """The query with misspelt words corrected.

        What the embedding model has as one token is a word, whether the documents have it or not.
        """

        def is_word(word: str) -> bool:
            return index.lexical.knows(word) or self.embedder.count_tokens([word]) == [1]

        question, context = (index.speller.correct(text, is_word=is_word) for text in (query.question, query.context))
        return Query(question, context)

    def _retriever(self, index: Index, k: int | None = None) -> Retriever:
        n_candidates = max(self.settings.candidates, k or 0)
        return Retriever(index, self.embedder, self.reranker, n_candidates=n_candidates)

    def _retrieve(
        self, index: Index, query: Query, k: int | None, where: Where | None
    ) -> tuple[Search, list[Candidate]]:
        retriever = self._retriever(index, k)
        search = retriever.prepare(query)
        return search, retriever.retrieve(search, k=k or self.settings.top_k, where=where)

    def _composable(
        self, index: Index, query: Query, evidence: list[Evidence], k: int | None, where: Where | None
    ) -> list[Evidence]:
        """The evidence as an answer is composed from it: in the right time, and for every part of the question."""
        parts = []
        for part in sub_questions(query.question):
            search, candidates = self._retrieve(index, Query(part, query.text), k, where)
            parts.append(rank_evidence(search, candidates))
        return merge_evidence(prefer_time(query.question, evidence), parts)


def _judged(index: Index, search: Search, candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> Judgement:
    names_unknown = names_unknown_version(search.query.question, index.catalog.mentions)
    return judge(search, candidates, evidence, names_unknown=names_unknown)


def _frozen(where: Where | None) -> Hashable:
    return tuple(sorted((key, (v,) if isinstance(v, str) else tuple(v)) for key, v in (where or {}).items()))


def _checked(question: str) -> str:
    text = " ".join(printable(question).split()) or one_line(question)
    if not text:
        raise ConfigurationError("the question is empty", "ask something")
    if len(text) > MAX_QUESTION:
        raise ConfigurationError(f"the question has {len(text)} characters", f"{MAX_QUESTION} are the limit")
    return text


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)
