"""What people think of answers: thumbs with a reason and a note, kept so that nothing that was said is lost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from ui import journal

__all__ = ["REASONS", "Feedback", "FeedbackStore", "Verdict"]

REASONS = ("wrong passage", "wrong claim", "incomplete", "should have abstained", "out of date")
"""Why an answer is not good."""

Verdict = Literal["up", "down"]
_MAX_NOTE = 4000  # characters that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """A verdict on an answer.

    `at` is the time in UTC, `answer` the JSON of `airace ask --json`, `user` the name under which somebody was logged
    in, empty without a login.
    """

    id: str
    at: str
    verdict: Verdict
    reason: str | None
    note: str
    answer: dict[str, Any]
    user: str


class FeedbackStore:
    """Feedback in a file of its own. Several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, *, verdict: Verdict, reason: str | None, note: str, answer: Mapping[str, Any], user: str) -> Feedback:
        """Keep a verdict; when this returns it is on the disk.

        Raises:
            ValueError: The verdict or the reason is not among the known ones.
            ConfigurationError: The file cannot be written.
        """
        if verdict not in get_args(Verdict):
            raise ValueError(f"a verdict is up or down, not {verdict!r}")
        if reason is not None and reason not in REASONS:
            raise ValueError(f"a reason is one of {', '.join(REASONS)}, not {reason!r}")
        feedback = Feedback(
            id=uuid.uuid4().hex[:12],
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            verdict=verdict,
            reason=reason,
            note=note.strip()[:_MAX_NOTE],
            answer=dict(answer),
            user=user,
        )
        journal.append(self._path, asdict(feedback))
        return feedback

    def newest(self, user: str | None = None) -> list[Feedback]:
        """All feedback, or that of one user, newest first."""
        kept = [Feedback(**row) for row in journal.read(self._path) if row.keys() == _FIELDS]
        return [feedback for feedback in reversed(kept) if user is None or feedback.user == user]


_FIELDS = Feedback.__dataclass_fields__.keys()
