"""Sessions of people who have logged in, and the brake on guessing passwords. All in memory: a restart ends them."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from ui.users import Users

__all__ = ["SESSION_SECONDS", "Sessions", "Throttle"]

SESSION_SECONDS = 12 * 3600
"""After that, people log in again."""

_MAX_SESSIONS = 10_000
_WINDOW_SECONDS = 15 * 60
_LIMITS = {"pair": 5, "address": 20, "user": 100}  # wrong passwords within the window

_PEPPER = secrets.token_bytes(32)

Clock = Callable[[], float]
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    user: str
    password_hash: bytes
    expires: float


class Sessions:
    """Tokens and whose they are. A session ends with its time, its user, or its user's password."""

    def __init__(self, users: Users, *, clock: Clock = time.monotonic) -> None:
        self._users = users
        self._clock = clock
        self._sessions: dict[bytes, _Session] = {}
        self._lock = Lock()

    def start(self, user: str, password_hash: bytes, *, token: str | None = None) -> str:
        """Begin a session; returns its token, a new one unless the client has its own credential."""
        token = token or secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            self._sessions = {key: session for key, session in self._sessions.items() if session.expires > now}
            while len(self._sessions) >= _MAX_SESSIONS:
                del self._sessions[next(iter(self._sessions))]  # the oldest
            session = _Session(user=user, password_hash=password_hash, expires=now + SESSION_SECONDS)
            self._sessions[_key(token)] = session
        return token

    def user(self, token: str) -> str | None:
        """Whose session it is, or None if there is none."""
        session = self._sessions.get(_key(token))
        if session is None or session.expires <= self._clock():
            return None
        return session.user if self._users.hash_of(session.user) == session.password_hash else None

    def end(self, token: str) -> None:
        """Log out."""
        with self._lock:
            self._sessions.pop(_key(token), None)

    def __len__(self) -> int:
        return sum(session.expires > self._clock() for session in list(self._sessions.values()))


class Throttle:
    """Counts wrong passwords by user and address together, by address, and by user."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._attempts: dict[_Key, deque[float]] = {}
        self._lock = Lock()

    def wait(self, user: str, address: str) -> int:
        """Count an attempt; returns 0 if it may go on, else the seconds until the next one may."""
        with self._lock:
            self._forget()
            now, keys = self._clock(), _keys(user, address)
            for key in keys:
                attempts = self._attempts.get(key)
                if attempts and len(attempts) >= _LIMITS[key[0]]:
                    return int(attempts[0] + _WINDOW_SECONDS - now) + 1
            for key in keys:
                self._attempts.setdefault(key, deque()).append(now)
            return 0

    def succeeded(self, user: str, address: str) -> None:
        """Take back the attempt, which was no guess, and what was counted against this user from here."""
        with self._lock:
            for key in _keys(user, address):
                if key[0] == "pair":
                    self._attempts.pop(key, None)
                elif self._attempts.get(key):
                    self._attempts[key].pop()

    def _forget(self) -> None:
        oldest = self._clock() - _WINDOW_SECONDS
        for key, attempts in list(self._attempts.items()):
            while attempts and attempts[0] <= oldest:
                attempts.popleft()
            if not attempts:
                del self._attempts[key]


def _key(token: str) -> bytes:
    """Tokens are kept as digests: looking one up takes no time that depends on how much of it is right."""
    return hashlib.blake2b(token.encode(), key=_PEPPER).digest()


def _keys(user: str, address: str) -> list[_Key]:
    return [("pair", f"{user} {address}"), ("address", address), ("user", user)]
