"""Settings: precedence, bounds, secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Settings, load_settings
from rag.errors import AiraceError, ConfigurationError


def test_options_win_over_environment_over_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AIRACE_TOP_K", "4")
    monkeypatch.setenv("AIRACE_CORPUS", str(tmp_path))
    assert (load_settings().top_k, load_settings(top_k=2).top_k) == (4, 2)
    assert load_settings().corpus_dir == tmp_path
    assert Settings(corpus_dir="corpus").corpus_dir == Path("corpus").resolve()


def test_a_value_out_of_range_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRACE_TOP_K", "0")
    with pytest.raises(ConfigurationError, match="AIRACE_TOP_K"):
        load_settings()


def test_every_corpus_has_a_data_directory_of_its_own(tmp_path: Path) -> None:
    one, other = Settings(corpus_dir=tmp_path / "a"), Settings(corpus_dir=tmp_path / "b")
    assert one.data_dir != other.data_dir
    assert one.data_dir == Settings(corpus_dir=tmp_path / "a").data_dir


def test_settings_cannot_be_changed_and_hide_secrets() -> None:
    settings = Settings(auth="me:secret-word")
    assert "secret-word" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.top_k = 3  # type: ignore[misc]


def test_errors_say_what_is_wrong_and_what_to_do() -> None:
    assert str(AiraceError("it broke", "mend it")) == "it broke: mend it"
