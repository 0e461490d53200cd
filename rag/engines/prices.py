"""What a hosted model's tokens cost, by the price list that comes with `genai-prices`."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["cost_usd"]


@lru_cache(maxsize=256)
def cost_usd(engine: str, tokens_in: int, tokens_out: int) -> float | None:
    """US dollars at list prices, or None where no price is known, as of models of one's own.

    Args:
        engine: `provider:model`.
        tokens_in: Of the prompt.
        tokens_out: Of what was written.
    """
    try:
        from genai_prices import Usage, calc_price
    except ImportError:
        return None
    provider, _, model = engine.partition(":")
    try:
        price = calc_price(Usage(input_tokens=tokens_in, output_tokens=tokens_out), model, provider_id=provider)
    except LookupError:
        return None
    return float(price.total_price)
