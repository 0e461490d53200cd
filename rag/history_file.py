"""A conversation kept in a file: a JSON list of messages, `{"role": "user" | "assistant", "content": …}`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rag.conversation import turns_from
from rag.errors import ConfigurationError
from rag.types import Turn

__all__ = ["read_history", "write_history"]


def read_history(path: Path) -> list[Turn]:
    """The messages, oldest first.

    Raises:
        ConfigurationError: The file cannot be read, or is no list of messages.
    """
    hint = "give a JSON list of messages"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the history {path} cannot be read ({error})", hint) from error
    if not isinstance(data, list):
        raise ConfigurationError(f"the history {path} is not a list", hint)
    return turns_from(data)


def write_history(path: Path, turns: Sequence[Turn]) -> None:
    """Replace the file in one step, so that a run that is stopped leaves the old one.

    Raises:
        ConfigurationError: It cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.new")
    try:
        unfinished.write_text(json.dumps([asdict(turn) for turn in turns], ensure_ascii=False, indent=1), "utf-8")
        os.replace(unfinished, path)
    except OSError as error:
        raise ConfigurationError(f"the history {path} cannot be written ({error})", "give another path") from error
