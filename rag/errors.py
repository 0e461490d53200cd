"""Errors that airace raises, each with a hint that says what to do.

    AiraceError
    ├── ConfigurationError      a setting, an option or an argument is wrong
    ├── LoadingError            one document cannot be read (reported, the others go on)
    ├── SearchIndexError        the index cannot be used
    │   ├── IndexMissingError       nothing has been indexed yet
    │   ├── IndexMismatchError      built with another embedding model or chunker
    │   └── IndexBusyError          another process is writing it
    ├── ModelError              a model cannot be loaded, or its weights are not the known ones
    └── GenerationError         the answer engine failed
        └── ContextOverflowError    the prompt is too long for the model

Misuse of the Python interface stays `ValueError` or `TypeError`.
"""

from __future__ import annotations

__all__ = [
    "AiraceError",
    "ConfigurationError",
    "ContextOverflowError",
    "GenerationError",
    "IndexBusyError",
    "IndexMismatchError",
    "IndexMissingError",
    "LoadingError",
    "ModelError",
    "SearchIndexError",
]


class AiraceError(Exception):
    """Base of all our errors: what is wrong, and a hint on what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}: {self.hint}" if self.hint else self.message


class ConfigurationError(AiraceError):
    """A setting, an option or an argument is wrong."""


class LoadingError(AiraceError):
    """One document cannot be read; the rest of the run goes on."""


class SearchIndexError(AiraceError):
    """The index cannot be used."""


class IndexMissingError(SearchIndexError):
    """Nothing has been indexed in this data directory yet."""


class IndexMismatchError(SearchIndexError):
    """The index was built with another embedding model or chunker."""


class IndexBusyError(SearchIndexError):
    """Another process is writing this index."""


class ModelError(AiraceError):
    """A model cannot be loaded, or its weights are not the known ones."""


class GenerationError(AiraceError):
    """The answer engine failed."""


class ContextOverflowError(GenerationError):
    """The prompt is too long for the model's context."""
