"""Figures, dates and their order: what follows from a passage is supported, what it gives otherwise is not."""

from __future__ import annotations

import pytest

from rag.verification import verify
from rag.verification.figures import check_figures

FERRY = "The ferry carried 38.4% of the tourists and the tunnel 31.4%."


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("The ferry led the tunnel by seven percentage points.", FERRY),
        (
            "The harbour earned 12 million euros more in 2021.",
            "The harbour earned 30 million euros, then 42 million euros in 2021.",
        ),
        ("Bread became nearly 30% cheaper.", "Bread fell from 5.00 euros to 3.55 euros."),
        ("Turnover more than tripled.", "Turnover rose by 215%."),
        ("Nearly half of the bakers strike.", "46% of the bakers strike."),
        ("The bridge cost over half a billion euros.", "The bridge cost 560 million euros."),
        ("Nine tenths of the seed sprouted.", "90% of the seed sprouted."),
        ("One bird in a hundred returned.", "1% of the birds returned."),
        ("Together the two mills ground 70 tonnes.", "The old mill ground 30 tonnes and the new mill 40 tonnes."),
        ("Three towns flooded.", "Arles, Tours and Metz flooded."),
        (
            "The dam broke four days after the storm of 3 May 2019.",
            "The storm came on 3 May 2019, the dam broke on 7 May 2019.",
        ),
        ("The strike lasted seven days.", "The strike lasted a week."),
        ("The shop reopened on 9 June 2020.", "The shop closed on 7 June 2020 and reopened two days after."),
        ("The law has been in force since July 2022.", "The law was passed in June 2022 and is in force from 1 July."),
        ("The four-legged herd grazes.", "The herd grazes."),
    ],
)
def test_what_follows_from_the_figures_of_a_passage_is_given_by_it(sentence: str, passage: str) -> None:
    assert check_figures(sentence, passage) is None


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("The ferry led the tunnel by nine percentage points.", FERRY),
        ("Turnover more than tripled.", "Turnover rose by 115%."),
        ("Just under half of the bakers strike.", "56% of the bakers strike."),
        ("The bridge cost over half a billion euros.", "The bridge cost 440 million euros."),
        ("Two of seven judges agreed.", "Five of seven judges agreed."),
        ("Between 200 and 900 swans came.", "Between 20 and 200 swans came."),
        (
            "The dam broke nine days after the storm of 3 May 2019.",
            "The storm came on 3 May 2019, the dam broke on 7 May 2019.",
        ),
        ("The shop closed early in 2020.", "The shop closed late in 2020."),
    ],
)
def test_what_does_not_follow_is_missing(sentence: str, passage: str) -> None:
    assert check_figures(sentence, passage)


@pytest.mark.parametrize(
    ("passage", "same", "other"),
    [
        (
            "The orchard has more than 300 trees.",
            "The orchard has over 300 trees.",
            "The orchard has just under 300 trees.",
        ),
        (
            "The boat may carry no more than 40 guests.",
            "The boat may carry at most 40 guests.",
            "The boat may carry at least 40 guests.",
        ),
        (
            "The tower will open no earlier than 2031.",
            "The tower will open in 2031 at the earliest.",
            "The tower will open in 2031 at the latest.",
        ),
        (
            "The well gives 900 litres a day.",
            "Every day the well gives 900 litres.",
            "The well gives 900 litres a month.",
        ),
        (
            "Cables cost 80 euros per megawatt.",
            "Per megawatt, cables cost 80 euros.",
            "Cables cost 80 euros per gigawatt.",
        ),
        (
            "The brothers inherited 70,000 euros each.",
            "Each of the brothers inherited 70,000 euros.",
            "The brothers inherited 70,000 euros between them.",
        ),
        (
            "The second chapter of the novel is set in Rome.",
            "The novel's second chapter is set in Rome.",
            "The first chapter of the novel is set in Rome.",
        ),
        (
            "The vineyard sold 5,000 bottles in the first nine months of 2018.",
            "In the first nine months of 2018 the vineyard sold 5,000 bottles.",
            "The vineyard sold 5,000 bottles in the whole of 2018.",
        ),
        (
            "The repair was a matter of weeks.",
            "The repair was merely a matter of weeks.",
            "The repair was a matter of hours.",
        ),
        (
            "Olives made up 33% of sales in 2015 and 41% in 2014.",
            "Olives made up 41% of sales in 2014 and 33% in 2015.",
            "Olives made up 41% of sales in 2015 and 33% in 2014.",
        ),
        (
            "The museum bought the painting in April 1998, and in July 1999 the curator restored the frame.",
            "In July 1999 the curator restored the frame.",
            "In April 1998 the curator restored the frame.",
        ),
        (
            "Rent rose 12% to 900 euros, and wages rose 5% to 3,000 euros.",
            "Wages rose 5% to 3,000 euros.",
            "Wages rose 12% to 3,000 euros.",
        ),
        (
            "The orchestra toured Norway before the conductor resigned.",
            "The conductor resigned after the orchestra had toured Norway.",
            "The orchestra toured Norway after the conductor had resigned.",
        ),
        (
            "On 3 March 2011 the bakery burned down. On 9 April 2011 the owner emigrated.",
            "The bakery burned down before the owner emigrated.",
            "The owner emigrated before the bakery burned down.",
        ),
    ],
)
def test_a_figure_or_date_is_of_what_the_passage_has_it_of(passage: str, same: str, other: str) -> None:
    verdict = verify(same, [passage])
    assert verdict.supported, verdict.reason
    assert not verify(other, [passage]).supported


def test_the_year_is_that_of_what_is_said_and_not_that_of_who_says_it() -> None:
    passage = "The census found in a report of May 2022 that the valley had 8,000 goats in 2021."
    assert verify("The valley had 8,000 goats in 2021.", [passage]).supported
    assert not verify("The valley had 8,000 goats in 2022.", [passage]).supported


def test_endless_numbers_are_read_without_harm() -> None:
    many = " ".join(f"{n} apples and {n}9% of {n} pears," for n in range(1, 60))
    assert check_figures(
        "Together they had 999999999999 days before 3 May 2019.", f"{many} 9999 weeks after 3 May 2019."
    )
