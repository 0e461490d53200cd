"""Boilerplate of web pages goes from copied text; articles that talk about cookies or privacy stay whole."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.loading import load_bytes
from rag.loading.cleaning import strip_boilerplate
from tests.conftest import SHARED

SEED = SHARED / "seed/article.txt"

BOILERPLATE = [
    'By clicking "Accept", you agree to the storing of cookies on your device.',
    "By continuing to use this site, you consent to our use of cookies.",
    "By using our website you are agreeing to our Privacy Policy.",
    "By continuing, you accept our privacy policy.",
    "This website uses cookies to enhance your experience.",
    "We use cookies to improve your experience on our site. Learn more.",
    "We and our 842 partners store and access information on your device.",
    "To provide the best experiences, we use technologies like cookies to store device information.",
    "We value your privacy.",
    "Share Tweet Email",
    "Share this article on Facebook",
    "- Share on X",
    "Accept all cookies",
    "Reject all",
    "Cookie settings",
    "Subscribe to our newsletter",
    "Log in or sign up",
    "Skip to main content",
    "Advertisement",
    "© 2025 Example News. All rights reserved.",
    "All rights reserved.",
]
PROSE = [
    "The regulator fined the firm because it stored cookies without consent.",
    "By clicking a link in the mail, the official opened the door to the hackers.",
    "By using DeepSeek you agree to a privacy policy that sends your data to servers in China, researchers warn.",
    "By continuing the use of tracking cookies, Google has delayed its privacy plans once more.",
    "By clicking “Accept”, you agree to the storing of cookies. Few people read that line, a study found in 2024.",
    "We use cookies as an example of tracking in this chapter.",
    "We store data on devices in China, the policy of the firm says.",
    "To ensure safety, the labs test their models before release.",
    "Cookies are small files, and privacy policy is what regulators make of them.",
    "Investors accept all risks, the prospectus says, and share prices may fall.",
    "The report on privacy policy runs to 300 pages.",
    "Copyright law in China covers AI output; all rights reserved notices do not.",
    "Subscribe to the newsletters of the labs and you only see hype, said Marcus.",
    "Share prices fell.",
    "Email",
    "Facebook",
    "## Privacy policy",
]


@pytest.mark.parametrize("line", BOILERPLATE)
def test_boilerplate_lines_go(line: str) -> None:
    assert strip_boilerplate(f"First.\n{line}\nLast.") == "First.\nLast."
    assert strip_boilerplate(f"{line}\n  {line.upper()}  \nLast.\n") == "Last.\n"


@pytest.mark.parametrize("line", PROSE)
def test_prose_and_single_words_stay(line: str) -> None:
    assert strip_boilerplate(f"First.\n{line}\nLast.") == f"First.\n{line}\nLast."


def test_a_notice_broken_over_lines_goes_as_a_whole() -> None:
    notice = (
        "By clicking “Accept”, you agree to the storing of cookies on your\n"
        "device to enhance site navigation, analyze site usage and assist in\n"
        "improving your experience."
    )
    assert strip_boilerplate(f"Last fact.\n\n{notice}\n") == "Last fact.\n\n"
    assert strip_boilerplate(f"{notice}\nChina aims to lead.") == "China aims to lead."


def test_a_long_paragraph_is_never_boilerplate() -> None:
    text = "This website uses cookies, " + "and this essay is about you and what they do " * 10
    assert strip_boilerplate(text) == text


@given(st.lists(st.sampled_from([*BOILERPLATE, *PROSE, "", "A fact.", "\tIndented fact."]), max_size=12))
def test_what_stays_is_the_other_lines_in_order_and_untouched(lines: list[str]) -> None:
    kept = strip_boilerplate("\n".join([*lines, "End."]))
    assert kept == "\n".join([*(line for line in lines if line not in BOILERPLATE), "End."])


@pytest.mark.skipif(not SEED.is_file(), reason="the seed article is not beside this checkout")
def test_the_cookie_notice_of_the_seed_article_goes_and_nothing_else() -> None:
    original = SEED.read_text(encoding="utf-8").split("\n")
    kept = load_bytes(SEED.read_bytes(), name="article.txt", source="article.txt").text.rstrip("\n").split("\n")
    assert kept == original[:-1]
    assert "storing of cookies" in original[-1]
    assert "cookie" not in "\n".join(kept).lower()


@pytest.mark.parametrize(
    "line",
    [
        "share this " * 36,
        "accept " * 57,
        "by clicking " * 33,
        "by continuing you agree " * 16,
        "we use cookies " * 26,
        "sign up for our " * 25,
        "copyright 2025 " * 26,
        "to provide we use " * 22,
        "we use cookies " * 100_000,
    ],
)
def test_cleaning_takes_linear_time_on_hostile_lines(line: str) -> None:
    started = time.perf_counter()
    strip_boilerplate("\n".join([line] * (200 if len(line) < 1000 else 1)))
    assert time.perf_counter() - started < 1


def test_many_lines_take_no_time() -> None:
    started = time.perf_counter()
    strip_boilerplate("A fact on chips.\n" * 300_000)
    assert time.perf_counter() - started < 1
