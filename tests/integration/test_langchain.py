"""airace as parts of somebody else's LangChain program, as the README shows it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from rag import Answer, Assistant
from rag.errors import ConfigurationError
from tests.conftest import ROOT


def test_the_retriever_pipes_into_a_chain(default_assistant: Assistant) -> None:
    retriever = default_assistant.as_retriever(k=3)
    prompt = ChatPromptTemplate.from_template("Answer from these passages:\n{context}\n\nQuestion: {question}")

    def joined(documents: list[Any]) -> str:
        return "\n".join(document.page_content for document in documents)

    last_line = RunnableLambda(lambda value: value.to_string().splitlines()[-1])
    chain = {"context": retriever | joined, "question": RunnablePassthrough()} | prompt | last_line | StrOutputParser()
    assert chain.invoke("How much did Nvidia lose?") == "Question: How much did Nvidia lose?"


@pytest.mark.slow
def test_the_examples_of_the_readme_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "corpus").mkdir()
    for name in ("labs-01-deepseek-market-shock.md", "labs-03-caisi-2025-deepseek-kimi.md"):
        shutil.copy(ROOT / "corpus" / name, tmp_path / "corpus")
    examples = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert len(examples) == 2
    exec("\n".join(examples), {})  # in one go: the second builds on the first
    printed = capsys.readouterr().out
    assert "$589 billion" in printed
    assert "Question: What did CAISI find?" in printed


def test_retrieved_documents_carry_scores_offsets_and_source(default_assistant: Assistant) -> None:
    documents = default_assistant.as_retriever(k=2, where={"publisher": "Unknown publisher"}).invoke("DeepSeek")
    assert {document.metadata["doc_id"] for document in documents} == {"article-01"}
    for document in documents:
        source = default_assistant.document("article-01")
        assert source is not None
        assert source.text[document.metadata["start"] : document.metadata["end"]] == document.page_content
        assert document.metadata["scores"]["dense"] > 0


def test_the_chain_is_a_runnable_from_question_to_answer(default_assistant: Assistant) -> None:
    chain = default_assistant.as_runnable()
    assert isinstance(chain, Runnable)
    answer = chain.invoke("How much did Nvidia lose after DeepSeek?")
    assert isinstance(answer, Answer)
    several = chain.batch(["Who leads Baidu?", {"question": "How much did Nvidia lose?", "k": 2}])
    assert len(several) == 2
    follow_up = chain.invoke(
        {"question": "When was that?", "history": [{"role": "user", "content": "How much did Nvidia lose?"}]}
    )
    assert follow_up.standalone_question == "How much did Nvidia lose? When was that?"
    with pytest.raises(ConfigurationError, match="colour"):
        chain.invoke({"question": "x", "colour": "red"})
