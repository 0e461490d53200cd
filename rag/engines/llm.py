"""Answers written by a language model, none of which is shown before it has been checked against the passages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from time import perf_counter

from rag.checking import check
from rag.context_window import ContextWindow, fit_history, fit_passages
from rag.engines.chat_model import ChatModel
from rag.errors import ContextOverflowError, GenerationError
from rag.lexical import terms
from rag.prompts import answer_grammar, answer_messages, rewrite_messages
from rag.protocols import Account, AnswerEngine, Claim, Restart, Verifier, Written
from rag.sentence_stream import SentenceStream, WrittenSentence, without_thoughts
from rag.sentences import leans_on_what_is_before
from rag.types import Evidence, Passage, Token, Turn, Usage, WithheldSentence

__all__ = ["LlmEngine"]

_REWRITE_TOKENS = 96
_MAX_REWRITTEN = 400  # characters
_DANGLING = "it leans on a sentence that is not shown, and may be taken to speak of somebody else"


class LlmEngine:
    """A language model, held to the passages; where it fails, the fallback answers and says so."""

    def __init__(self, model: ChatModel, *, fallback: AnswerEngine, verifier: Verifier, mark_unsupported: bool) -> None:
        self.model = model
        self._verifier = verifier
        self._fallback = fallback
        self._mark = mark_unsupported

    @property
    def name(self) -> str:
        """`provider:model` or `local:<file>`."""
        return self.model.name

    def describe(self) -> str:
        """Context length and tokens a second, from one short request."""
        started = perf_counter()
        text = "".join(self.model.stream([("human", "Count from one to twenty in words.")], max_tokens=48))
        speed = self.model.window.count(text) / (perf_counter() - started)
        window = self.model.window.tokens
        return f"{self.name}, context of {window} tokens used, {speed:.0f} tokens/s over a short request"

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Written]:
        """Raw text as tokens, each sentence as a claim once it is checked, an account of it all at the end."""
        run = _Run(self.model, self._verifier, evidence, mark=self._mark)
        try:
            overflows = False
            try:
                yield from run.write(question, self.model.window)
            except ContextOverflowError:
                if run.judged:
                    raise
                overflows = True
            if overflows:  # not in the handler: an error there would be taken for one more overflow, which caused it
                yield from run.write(question, replace(self.model.window, tokens=self.model.window.tokens // 2))
            problem = run.problem()
        except GenerationError as error:
            problem = str(error)
        if problem:
            yield Restart(engine=self._fallback.name, note=f"{self.name}: {problem}. The sources are quoted instead.")
            yield from self._fallback.write(question, evidence)
        yield run.account(question, note=not problem)

    def rewrite(self, question: str, history: Sequence[Turn]) -> tuple[str | None, Usage | None]:
        """One short call; None if it fails, or if the new question brings in what nobody has said."""
        turns = fit_history(question, history, self.model.window, answer_tokens=_REWRITE_TOKENS)
        if not turns:
            return None, None
        text, usage = "", Usage()
        try:
            with closing(self.model.stream(rewrite_messages(question, turns), max_tokens=_REWRITE_TOKENS)) as pieces:
                while len(text) <= 2 * _MAX_REWRITTEN:
                    text += next(pieces)
        except StopIteration as done:
            usage = done.value[0]
        except GenerationError:
            return None, None
        rewritten = "".join(without_thoughts([text])).strip().strip('"“”')
        return (rewritten if _is_faithful(rewritten, question, turns) else None), usage


class _Run:
    """One answer in the making."""

    def __init__(self, model: ChatModel, verifier: Verifier, evidence: Sequence[Evidence], *, mark: bool) -> None:
        self._model = model
        self._verifier = verifier
        self._evidence = evidence
        self._mark = mark
        self._passages: list[Passage] = []
        self._stream = SentenceStream(0)
        self._usage = Usage()
        self._prompt = ""
        self._text = ""
        self._verify_ms = 0.0
        self._supported = 0
        self._last_supported = False
        self.judged = 0

    def write(self, question: str, window: ContextWindow) -> Iterator[Written]:
        """Stream the model's text and the sentences in it, checked."""
        ranked = list({item.passage.chunk.chunk_id: item.passage for item in self._evidence}.values())
        self._passages = fit_passages(question, ranked, window)
        messages = answer_messages(question, self._passages)
        self._prompt = "\n\n".join(text for _, text in messages)
        self._stream = SentenceStream(len(self._passages))
        cut_off = False
        grammar = answer_grammar(len(self._passages))
        with closing(self._model.stream(messages, grammar=grammar)) as model_text:

            def pieces() -> Iterator[str]:
                nonlocal cut_off
                usage, cut_off = yield from model_text
                self._usage += usage

            for piece in without_thoughts(pieces()):
                self._text += piece
                yield Token(text=piece)
                for sentence in self._stream.feed(piece):
                    yield self._checked(sentence)
        for sentence in self._stream.finish(cut_off=cut_off):
            yield self._checked(sentence)

    def problem(self) -> str | None:
        """Why what was written cannot be the answer; None if it can."""
        if not self.judged:
            if self._stream.missing:
                return "the model found no answer"
            return "the model finished no sentence" if self._text.strip() else "the model wrote nothing"
        if not self._supported:
            return "nothing that the model wrote is supported by the sources"
        if 2 * self._supported < self.judged:
            return f"only {self._supported} of the model's {self.judged} sentences are supported by the sources"
        return None

    def account(self, question: str, *, note: bool) -> Account:
        """Tokens, time and prompt; with `note`, what the model found missing, if that was asked for."""
        if self._text and not self._usage.tokens_in:  # stopped or broken off before the server counted
            count = self._model.window.count
            self._usage += self._model.usage(count(self._prompt), count(self._text))
        asked = set(terms(question))
        missing = [text for text in self._stream.missing if terms(text) and set(terms(text)) <= asked]
        return Account(
            usage=self._usage,
            verify_ms=self._verify_ms,
            prompt=self._prompt,
            note=f"Not found in the sources: {missing[0].rstrip('.')}." if note and missing else None,
        )

    def _checked(self, written: WrittenSentence) -> Written:
        started = perf_counter()
        found = check(self._verifier, written, self._passages, self._evidence)
        self._verify_ms += (perf_counter() - started) * 1000
        self.judged += 1
        judged = found.verdict
        if judged.supported and not self._last_supported and leans_on_what_is_before(written.text):
            judged = replace(judged, support=0.0, reason=_DANGLING)
        self._last_supported = judged.supported
        self._supported += judged.supported
        self._usage += Usage(
            markers_repaired=written.repaired, markers_removed=written.removed, citations_moved=int(found.moved)
        )
        if judged.supported or self._mark:
            return Claim(
                text=written.text,
                evidence=found.evidence if judged.supported else (),
                support=judged.support,
                verdict=judged.verdict,
                reason=judged.reason,
            )
        return WithheldSentence(text=written.text, verdict=judged.verdict, reason=judged.reason)


def _is_faithful(rewritten: str, question: str, turns: Sequence[Turn]) -> bool:
    """Whether a rewritten question is one line whose names and figures all come from the conversation."""
    if not rewritten or "\n" in rewritten or len(rewritten) > _MAX_REWRITTEN:
        return False
    said = set(terms(" ".join([question, *(turn.content for turn in turns)])))
    names = re.findall(r"(?<!^)\b(?:[A-Z][\w.-]*|\S*\d\S*)", rewritten)
    own, new = set(terms(question)), set(terms(rewritten))
    return rewritten.endswith(("?", "？")) and set(terms(" ".join(names))) <= said and 2 * len(own & new) >= len(own)
