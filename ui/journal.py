"""A file of JSON lines that several processes append to and that survives being killed: the people's own input."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import ConfigurationError

__all__ = ["append", "read"]


def append(path: Path, row: Mapping[str, Any]) -> None:
    """Add a row; when this returns it is on the disk.

    A line that a killed process left unfinished is closed first, so that it spoils nothing but itself.

    Raises:
        ConfigurationError: The file cannot be written.
    """
    line = json.dumps(row).encode("ascii") + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"), path.open("a+b") as file:
            if _is_torn(file):
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written ({error.strerror})", "give a folder that can be written with --data-dir"
        ) from error


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The rows, oldest first; unfinished lines are left out (the start of a JSON object is never JSON itself)."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def _is_torn(file: Any) -> bool:
    """Whether the last line has no end."""
    if not file.seek(0, os.SEEK_END):
        return False
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) != b"\n")
