"""airace as parts of LangChain: a retriever, and the whole chain as a Runnable."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import ConfigDict, Field

from rag.errors import ConfigurationError
from rag.types import Answer

__all__ = ["AiraceRetriever", "answer_chain"]

_ARGUMENTS = frozenset({"question", "history", "k", "where"})


class AiraceRetriever(BaseRetriever):
    """Hybrid retrieval as a LangChain retriever; scores and offsets are in each document's metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: Any
    k: int | None = None
    where: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the signature is LangChain's
    ) -> list[LangChainDocument]:
        documents = []
        for passage in self.assistant.search(query, k=self.k, where=self.where):
            metadata = passage.to_dict()
            text = metadata.pop("text")
            documents.append(LangChainDocument(id=passage.chunk.chunk_id, page_content=text, metadata=metadata))
        return documents


def answer_chain(assistant: Any) -> Runnable[str | dict[str, Any], Answer]:
    """The chain from a question (or a dict with `question`, `history`, `k`, `where`) to an Answer."""

    def answer(request: str | dict[str, Any]) -> Answer:
        arguments = {"question": request} if isinstance(request, str) else dict(request)
        unknown = set(arguments) - _ARGUMENTS
        if unknown or "question" not in arguments:
            raise ConfigurationError(
                f"the chain takes {', '.join(sorted(_ARGUMENTS))}, not {', '.join(sorted(arguments))}",
                'give a question, or a dict with "question"',
            )
        result: Answer = assistant.ask(arguments.pop("question"), **arguments)
        return result

    return RunnableLambda(answer, name="airace")
