"""The path of one question through one opened generation of the index: query, passages, evidence, judgement, answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeAlias

from rag.abstention import abstain
from rag.answerability import Judgement, judge, names_unknown_version
from rag.composing import compose, compose_abstention
from rag.conversation import MAX_QUESTION, resolve, turns_from
from rag.corpus_info import CorpusInfo, read_corpus_info
from rag.decomposition import merge_evidence, sub_questions
from rag.errors import ConfigurationError
from rag.evidence import rank_evidence
from rag.index import Index
from rag.loading.text import one_line, printable
from rag.protocols import AnswerEngine, Embedder, Reranker
from rag.recent import Event
from rag.retrieval import Candidate, Query, Retriever, Search
from rag.settings import Settings
from rag.temporal import prefer_time
from rag.types import Answer, Evidence, Retrieved, Timings, Token, Turn, Usage, Verified

__all__ = ["Asked", "Pipeline", "Where", "checked"]

Where = Mapping[str, str | Sequence[str]]
"""Filter on documents by publisher, kind, theme, dates …: see `rag.catalog.FILTERS`."""

History: TypeAlias = Iterable[Mapping[str, Any] | Turn] | None

_N_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to answer.

    question: As it was asked.
    query: As it was understood, and is searched.
    k: Passages to take evidence from; None for as many as the settings say.
    where: Only documents that match.
    rewriting: What it cost to understand it.
    started: When it came, by `perf_counter`.
    """

    question: str
    query: Query
    k: int | None = None
    where: Where | None = None
    rewriting: Usage | None = None
    started: float


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Searches and answers from one opened generation of the index."""

    index: Index
    embedder: Embedder
    reranker: Reranker
    settings: Settings

    @property
    def corpus_info(self) -> CorpusInfo:
        """What the corpus is about."""
        documents = (document for document, _ in self.index.catalog.documents())  # read only if they are needed
        return read_corpus_info(self.settings.corpus_dir, documents)

    def query(self, question: str, history: History = None) -> Query:
        """The question with those before it that it leans on, misspelt words corrected.

        Raises:
            ConfigurationError: The question is empty or too long.
        """
        return self.corrected(resolve(checked(question), turns_from(history)))

    def corrected(self, query: Query) -> Query:
        """The query with misspelt words corrected.

        What the embedding model has as one token is a word, whether the documents have it or not.
        """

        def is_word(word: str) -> bool:
            return self.index.lexical.knows(word) or self.embedder.count_tokens([word]) == [1]

        speller = self.index.speller
        question, context = (speller.correct(text, is_word=is_word) for text in (query.question, query.context))
        return Query(question, context)

    def retriever(self, k: int | None = None) -> Retriever:
        """What searches, for at least `k` passages."""
        n_candidates = max(self.settings.candidates, k or 0)
        return Retriever(self.index, self.embedder, self.reranker, n_candidates=n_candidates)

    def retrieve(
        self, query: Query, *, k: int | None = None, where: Where | None = None
    ) -> tuple[Search, list[Candidate]]:
        """The search as it was made ready, and the best passages, best first."""
        retriever = self.retriever(k)
        search = retriever.prepare(query)
        return search, retriever.retrieve(search, k=k or self.settings.top_k, where=where)

    def judged(self, search: Search, candidates: Sequence[Candidate], evidence: Sequence[Evidence]) -> Judgement:
        """Whether the documents answer the question."""
        names_unknown = names_unknown_version(search.query.question, self.index.catalog.mentions)
        return judge(search, candidates, evidence, names_unknown=names_unknown)

    def composable(
        self, query: Query, evidence: list[Evidence], *, k: int | None = None, where: Where | None = None
    ) -> list[Evidence]:
        """The evidence as an answer is composed from it: in the right time, and for every part of the question."""
        parts = []
        for part in sub_questions(query.question):
            search, candidates = self.retrieve(Query(part, query.text), k=k, where=where)
            parts.append(rank_evidence(search, candidates))
        return merge_evidence(prefer_time(query.question, evidence), parts)

    def answer(self, asked: Asked, engine: AnswerEngine) -> Iterator[Event]:
        """The passages, text as it is written, sentences as they are checked, and at last the answer."""
        query = asked.query
        search, candidates = self.retrieve(query, k=asked.k, where=asked.where)
        retrieved = perf_counter()
        passages = tuple(candidate.passage for candidate in candidates)
        yield Retrieved(standalone_question=query.text, passages=passages)

        evidence = rank_evidence(search, candidates)
        judgement = self.judged(search, candidates, evidence)
        judged = perf_counter()
        draft = Answer(
            question=printable(asked.question),
            standalone_question=query.text,
            engine=engine.name,
            answer="",
            abstained=True,
            abstain_reason=None,
            confidence=judgement.confidence,
            index_version=self.index.manifest.index_version,
            nearest=passages[:_N_NEAREST],
        )
        publishers = self.index.catalog.publishers()
        if judgement.confidence < self.settings.abstain_below:
            abstention = abstain(
                query.question,
                evidence,
                on_topic=judgement.on_topic,
                subject=self.corpus_info.subject,
                n_documents=self.index.manifest.n_documents,
            )
            composed = compose_abstention(engine.name, abstention, publishers)
            draft = replace(draft, abstain_reason=abstention.reason)
            yield Token(text=composed.answer)
        else:
            best = self.composable(query, evidence, k=asked.k, where=asked.where)
            composed = yield from compose(engine, query.text, best, publishers)
            draft = replace(draft, abstained=False)
        finished = perf_counter()
        timings = Timings(
            retrieve=_ms(asked.started, retrieved),
            evidence=_ms(retrieved, judged),
            generate=_ms(judged, finished - composed.verify_ms / 1000),
            verify=round(composed.verify_ms, 3),
            total=_ms(asked.started, finished),
        )
        answer = composed.complete(replace(draft, timings_ms=timings))
        if asked.rewriting:
            answer = replace(answer, usage=(answer.usage or Usage()) + asked.rewriting)
        yield Verified(answer=answer)


def checked(question: str) -> str:
    """The question on one line, without what cannot be printed.

    Raises:
        ConfigurationError: It is empty or too long.
    """
    text = " ".join(printable(question).split()) or one_line(question)
    if not text:
        raise ConfigurationError("the question is empty", "ask something")
    if len(text) > MAX_QUESTION:
        raise ConfigurationError(f"the question has {len(text)} characters", f"{MAX_QUESTION} are the limit")
    return text


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)
