"""What else a language model writes: nothing, remarks on the passages, the wrong edition, names that go in circles."""

from __future__ import annotations

import pytest

from rag.verification import verify
from rag.verification.mentions import check_editions, check_heading_names, check_repeats

COUNT = "The Harbour Report 2026 counts 41 ferries in Oslo, 17% of them electric."
BUILDER = "Nordlys builds the Tern ferry, which charges in nine minutes."
PASSAGE = f"{COUNT} {BUILDER}"


@pytest.mark.parametrize(
    "sentence",
    [
        "How many of the 41 ferries in Oslo are electric?",
        "The passage describes how many ferries in Oslo are electric.",
        "The builders of the electric ferries in Oslo are: 1.",
        "The electric ferries in Oslo,",
        "The answer to this question is: 41 ferries in Oslo.",
        "The author of the passage counts 41 ferries in Oslo.",
        "The 41 ferries of the city of Oslo are the 41 ferries of the city of Oslo.",
        "Question: the number of electric ferries in Oslo.",
        "So 41 ferries - 17 ferries = 24 ferries in Oslo.",
        "The electric ferries, the electric ferries and the electric ferries are counted in Oslo.",
        "In 2026 the 2026 ferries of Oslo were counted for 2026.",
    ],
)
def test_a_question_a_remark_a_broken_off_list_a_sum_and_a_circle_are_not_supported(sentence: str) -> None:
    assert not verify(sentence, [PASSAGE]).supported


def test_an_edition_of_another_year_is_not_the_one_of_the_passage() -> None:
    assert check_editions("The Harbour Report 2025 counts 41 ferries.", COUNT, "")
    assert not check_editions("The Harbour Report 2026 counts 41 ferries.", COUNT, "")
    assert not check_editions("In 2025 the Harbour Report counted fewer.", COUNT, "")


def test_a_name_may_not_take_the_place_of_another_one_beside_itself() -> None:
    assert check_repeats("The Tern is the firm that builds the Tern.", BUILDER)
    assert not check_repeats("Nordlys builds the Tern.", BUILDER)


def test_what_a_passage_says_of_one_firm_is_not_said_of_the_firm_in_its_heading() -> None:
    heading = "Ferries of Fjordline"
    assert check_heading_names("Fjordline builds a ferry that charges in nine minutes.", BUILDER, heading)
    assert not check_heading_names("Fjordline runs it.", "Its ferry charges in nine minutes.", heading)


def test_a_figure_is_not_given_by_a_rougher_one() -> None:
    assert not verify("In Oslo 17.1% of the ferries are electric.", [PASSAGE]).supported
    assert verify("In Oslo 17% of the ferries are electric.", [PASSAGE]).supported


def test_a_number_in_a_name_counts_nothing() -> None:
    assert not verify("The Tern 2 ferry comes in two sizes.", ["The Tern 2 ferry charges in nine minutes."]).supported
