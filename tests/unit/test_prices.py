"""Money per answer: list prices of hosted models, nothing for models of one's own."""

from __future__ import annotations

from importlib import import_module

import pytest

from rag.engines.auto import HOSTED
from rag.engines.prices import cost_usd
from rag.types import Usage


@pytest.mark.parametrize("engine", [engine for _, _, engine, _ in HOSTED])
def test_the_models_of_auto_are_known_to_langchain_and_have_a_price(engine: str) -> None:
    provider, _, model = engine.partition(":")
    profiles = import_module(f"langchain_{provider}.data._profiles")._PROFILES
    assert model in profiles
    once, twice = cost_usd(engine, 1000, 100), cost_usd(engine, 2000, 200)
    assert once is not None
    assert twice is not None
    assert 0 < once < 0.1
    assert twice == pytest.approx(2 * once)


@pytest.mark.parametrize("engine", ["ollama:llama3.2", "local:qwen.gguf", "openai:no-such-model", "nobody:model"])
def test_no_price_is_invented(engine: str) -> None:
    assert cost_usd(engine, 1000, 100) is None


def test_costs_add_up_where_they_are_known() -> None:
    known, unknown = Usage(tokens_in=10, tokens_out=1, cost_usd=0.25), Usage(tokens_in=5)
    assert (known + known).cost_usd == 0.5
    assert (known + unknown).cost_usd == 0.25
    assert (unknown + unknown).cost_usd is None
    assert (known + unknown).summary == "15 tokens in, 1 out, $0.2500"
    assert unknown.summary == "5 tokens in, 0 out"
