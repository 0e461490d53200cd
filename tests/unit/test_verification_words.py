"""What a sentence does with the words of its passage: opposites, order, scope, plans, denials, openers and speakers."""

from __future__ import annotations

import pytest

from rag.verification import verify
from rag.verification.modality import check_denial, check_modality
from rag.verification.names import check_names
from rag.verification.opposites import check_opposites
from rag.verification.order import check_order
from rag.verification.roles import check_speaker_apart
from rag.verification.scope import check_scope
from rag.verification.signs import support_despite


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("Harbour fees at Genoa fell in spring.", "Harbour fees at Genoa rose in spring."),
        ("The mayor tightened the noise rules for bars.", "The mayor relaxed the noise rules for bars."),
        ("The ferry's route is used in winter.", "The ferry's route is unused in winter."),
        ("Papers understate the size of the crowd.", "Papers overstate the size of the crowd."),
        ("The new bridge is more durable.", "The new bridge is less durable."),
    ],
)
def test_a_word_of_contrary_meaning_in_the_same_place_is_an_opposite(sentence: str, passage: str) -> None:
    assert check_opposites(sentence, passage)
    assert not check_opposites(passage, passage)


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("Genoa is behind Trieste in cargo.", "Trieste is ahead of Genoa in cargo."),
        ("The mayor did not relax the noise rules.", "The mayor tightened the noise rules."),
        ("Rents rose in the harbour.", "Rents rose in the harbour, while wages fell."),
    ],
)
def test_changed_places_a_negation_or_both_words_make_no_opposite(sentence: str, passage: str) -> None:
    assert not check_opposites(sentence, passage)


def test_two_words_that_have_changed_places_are_found_in_a_sentence_that_else_follows_the_passage() -> None:
    passage = "Bakers in the north use rye for bread and farmers in the south use barley for beer."
    assert check_order("Farmers in the north use rye for bread and bakers in the south use barley for beer.", passage)
    assert not check_order("Bakers in the north use rye for bread, farmers in the south barley for beer.", passage)
    assert not check_order(
        "The ship was sold by Genoa to Trieste in March.", "Genoa sold the ship in March to Trieste."
    )


def test_all_is_not_said_by_some_of_the_same() -> None:
    passage = "Some bakers in the town close on Mondays."
    assert check_scope("All bakers in the town close on Mondays.", passage)
    assert not check_scope("Many bakers in the town close on Mondays.", passage)
    assert not check_scope("All shops beside a few bakers close on Mondays.", passage)


@pytest.mark.parametrize(
    ("passage", "fact", "plan"),
    [
        ("The museum is meant to open a wing.", "The museum opened a wing.", "The museum is looking to open a wing."),
        ("The museum is seeking a director.", "The museum hired a director.", "The museum wants a director."),
        ("The city is moving toward free buses.", "The city has free buses.", "The city aims at free buses."),
    ],
)
def test_what_is_only_meant_is_no_fact_but_may_be_told_as_a_plan(passage: str, fact: str, plan: str) -> None:
    assert check_modality(fact, passage)
    assert not check_modality(plan, passage)


def test_a_denied_word_contradicts_the_passage_that_affirms_it_and_not_only_does_not() -> None:
    passage = "The museum sold tickets and books."
    assert check_denial("The museum did not sell tickets.", "The museum used to sell tickets.")
    assert not check_denial("The museum sold not only tickets but books.", passage)


@pytest.mark.parametrize("opening", ["Keeping US museums", "Cheaper US museums", "Genoa-based museums"])
def test_an_opening_participle_or_comparative_and_the_end_of_a_compound_are_no_names(opening: str) -> None:
    passage = "US museums in Genoa gain visitors."
    assert not check_names(f"{opening} gain visitors.", passage, "", passage)


def test_a_name_that_ends_like_a_participle_stays_a_name() -> None:
    passage = "Turin University opened a library."
    assert check_names("Reading University opened a library.", passage, "", passage)


def test_a_speaker_should_be_named_by_the_sentence_that_says_it() -> None:
    claim = "According to Meyer, the library is too small."
    assert check_speaker_apart(claim, "Experts find the library too small.", "")
    assert not check_speaker_apart(claim, "Meyer finds the library too small.", "")


def test_every_sign_lowers_the_support_and_a_sure_one_is_enough() -> None:
    assert support_despite([]) > support_despite(["scope"]) > support_despite(["scope", "modality"])
    assert support_despite(["opposite"]) < 0.5


def test_a_sentence_with_an_opposite_is_not_shown_as_supported() -> None:
    passage = "The library opened in May. Harbour fees at Genoa rose in spring."
    verdict = verify("Harbour fees at Genoa fell in spring.", [passage])
    assert verdict.verdict == "not found"
    assert verdict.reason == "the passage says the opposite"
