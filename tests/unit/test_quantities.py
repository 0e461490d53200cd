"""What counts as a quantity in a text, what does not, and when two are the same amount."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import Quantity, quantities, same_value


def only(text: str) -> Quantity:
    (quantity,) = quantities(text)
    return quantity


def values(text: str) -> list[tuple[float, str]]:
    return [(quantity.value, quantity.unit) for quantity in quantities(text)]


@pytest.mark.parametrize(
    "written",
    ["$589bn", "$589 billion", "589 billion dollars", "US$589,000 million", "$ 589 billion", "$0.589tn", "$589B"],
)
def test_one_amount_of_money_is_one_value_however_it_is_written(written: str) -> None:
    quantity = only(f"Nvidia lost {written} on one Monday.".replace("one Monday", "Monday"))
    assert (quantity.value, quantity.unit) == (pytest.approx(589e9), "USD")
    assert quantity.text == written


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("123 million yuan", 123e6, "CNY"),
        ("RMB 500 million", 500e6, "CNY"),
        ("¥5bn", 5e9, "CNY"),
        ("HK$3bn", 3e9, "HKD"),
        ("24.47 billion euros", 24.47e9, "EUR"),
        ("£4.5m", 4.5e6, "GBP"),
        ("17 per cent", 17, "percent"),
        ("2.4 percentage points", 2.4, "percentage point"),
        ("half of the models", 50, "percent"),
        ("three quarters of firms", 75, "percent"),
        ("nine in ten", 90, "percent"),
        ("two weeks", 14, "day"),
        ("12-month", 365.25, "day"),
        ("two and a half years", 913.125, "day"),
        ("1.2 GW", 1.2e9, "W"),
        ("200 megawatts", 2e8, "W"),
        ("945 TWh", 945e12, "Wh"),
        ("19 zettaflops", 19e21, "FLOPS"),
        ("600 GB/s", 600e9, "B/s"),
        ("7 nm", 7e-9, "m"),
        ("671B parameters", 671e9, "paramet"),
        ("14.8 trillion tokens", 14.8e12, "token"),
        ("50,000 H100s", 50_000, "h100"),
        ("75,000 Nvidia H200 chips", 75_000, "h200"),
        ("a 100,000-GPU cluster", 100_000, "gpu"),
        ("twelve hundred people", 1200, "peopl"),
        ("a dozen firms", 12, "firm"),
        ("half a million users", 500_000, "user"),
        ("twenty-seven states", 27, "state"),
        ("four times", 4, "times"),
        ("fourfold", 4, "times"),
        ("23-fold", 23, "times"),
        ("twice", 2, "times"),
        ("$10 per million input tokens", 10, "USD/million input token"),
        ("400,000 robotaxi rides a week", 400_000, "ride/week"),
        ("470 robots per 10,000 workers", 470, "robot/10,000 worker"),
    ],
)
def test_units(text: str, value: float, unit: str) -> None:
    assert values(f"They said {text}.") == [(pytest.approx(value), unit)]


@pytest.mark.parametrize(
    "text",
    [
        "GPT-4, H200, R1, V4-Pro, 01.AI, A800, DeepSeek-V3 and the F-35 are names.",
        "Under Section 232 it covers Gemini 2.5 models, Claude Opus 4.6 and Ascend 910B chips.",
        "The 15th plan, the 1980s, 5G, 3D, 4o, 24/7, N+3, COVID-19 and 9:30 count nothing.",
        "On 27 January 2025, in Q1 2026, between 7 and 24 April 2026, from 3 June to 9 July 2025.",
        "Some said that no one did, and one of them agreed.",
    ],
)
def test_numbers_in_names_and_dates_are_no_quantities(text: str) -> None:
    assert quantities(text) == []


def test_ranges_have_two_ends_and_changes_are_two_amounts() -> None:
    lag = only("a lag of two to three months")
    assert (lag.value, lag.high) == (pytest.approx(60.875), pytest.approx(91.3125))
    share = only("It holds 10–15% of it.")
    assert (share.value, share.high, share.unit) == (10, 15, "percent")
    assert values("It rose from 10% to 15%.") == [(10, "percent"), (15, "percent")]
    assert values("Sales fell 6% to 12 billion yuan.") == [(6, "percent"), (12e9, "CNY")]
    between = only("between 300 and 500 robots")
    assert (between.value, between.high, between.unit) == (300, 500, "robot")
    assert (only("13 to 16 million yuan").value, only("13 to 16 million yuan").high) == (13e6, 16e6)


@pytest.mark.parametrize(
    ("text", "bound"),
    [("nearly $600 billion", ""), ("more than $600 billion", "over"), ("up to $600 billion", "under")],
)
def test_hedges_belong_to_the_quantity(text: str, bound: str) -> None:
    quantity = only(f"It lost {text}.")
    assert (quantity.text, quantity.approximate, quantity.bound) == (text, True, bound)
    assert not only("It lost $600 billion.").approximate
    assert not only("It lasted over three years.").approximate


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("$589bn", "589 billion dollars", True),
        ("$593.7bn", "nearly $600 billion", True),
        ("$593.7bn", "$594 billion", True),
        ("$589 billion", "$593.7 billion", False),
        ("17%", "just under 17%", True),
        ("16.97%", "17%", True),
        ("12%", "17%", False),
        ("two to three months", "seven months", False),
        ("two to three months", "three months", True),
        ("18 months", "1.5 years", True),
        ("more than 100 million users", "127 million users", True),
        ("more than 100 million users", "600 million users", False),
        ("about 5,000 robots", "4,800 robots", True),
        ("5,000 robots", "4,200 robots", False),
        ("150 days", "240 days", False),
        ("$5 million", "5 million yuan", False),
    ],
)
def test_the_same_up_to_rounding(one: str, other: str, same: bool) -> None:
    assert same_value(only(one), only(other)) is same
    assert same_value(only(other), only(one)) is same


_PIECES = st.sampled_from(
    ["$589bn", "two", "to", "-", "–", "three", "months", "a", "half", "of", "the", "GPT-4", "%", "17", "1,234", "more",
     "than", "in", "May 2026", "2025", ".", ",", "million", "per", "tokens", "H100s", "x", "é", "from", "and", "dozen"]
)  # fmt: skip


@given(st.lists(st.tuples(_PIECES, st.sampled_from(["", " ", "\n"])), max_size=25))
def test_offsets_are_exact_and_never_overlap(pieces: list[tuple[str, str]]) -> None:
    text = "".join(piece + space for piece, space in pieces)
    end = 0
    for quantity in quantities(text):
        assert quantity.start >= end
        assert text[quantity.start : quantity.end] == quantity.text
        assert quantity.value <= quantity.high
        end = quantity.end


@given(st.integers(1, 999), st.integers(0, 9))
def test_a_value_does_not_depend_on_the_scale_it_is_written_in(whole: int, tenth: int) -> None:
    trillions, billions = f"${whole}.{tenth} trillion", f"${whole * 1000 + tenth * 100:,} billion"
    assert only(trillions).value == pytest.approx(only(billions).value)
    assert same_value(only(trillions), only(billions))


@given(st.text(max_size=80))
def test_any_text_is_read_without_harm(text: str) -> None:
    for quantity in quantities(text):
        assert text[quantity.start : quantity.end] == quantity.text


@pytest.mark.parametrize("piece", ["1,111", "one ", "$1 to ", "half a ", "1-", "more than ", "twenty ", "1 billion "])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    started = perf_counter()
    quantities(piece * 20_000)
    assert perf_counter() - started < 5


@pytest.mark.parametrize(
    "digits", ["1." + "0" * 400, "0." + "9" * 400, "9" * 400, "1" + "0" * 308, "0" * 400, "0." + "0" * 400 + "1"]
)
def test_endless_digits_are_a_number_like_any_other(digits: str) -> None:
    quantity = only(f"It made {digits} chips.")
    assert quantity.unit == "chip"
    assert same_value(quantity, quantity) or quantity.value == float("inf")
