"""Who may log in: one user and password, or a file of users with bcrypt hashes, in Apache's htpasswd format."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Protocol

import bcrypt

from rag.errors import ConfigurationError

__all__ = ["OneUser", "UserFile", "Users", "add_user", "users_from", "verify"]

_NAME = re.compile(r"[\w.@-]{1,64}")
_MIN_CHARACTERS = 8  # NIST SP 800-63B, section 5.1.1.2
_MAX_BYTES = 72  # bcrypt reads no further


class Users(Protocol):
    """Where password hashes come from."""

    def hash_of(self, name: str) -> bytes | None:
        """The user's bcrypt hash at this moment, or None if there is no such user."""
        ...


class OneUser:
    """A single user; the password is kept as a hash alone."""

    def __init__(self, name: str, password: str) -> None:
        self._name = name
        self._hash = _hashed(password)

    def hash_of(self, name: str) -> bytes | None:
        """The hash, for this one name."""
        return self._hash if name == self._name else None


class UserFile:
    """Lines of `name:hash`; read again when the file has changed, so that users come and go without a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._hashes: dict[str, bytes] = {}
        self._refresh()
        if not self._hashes:
            raise ConfigurationError(f"{path} has no users", f"add one with: airace users add {path} NAME")

    def hash_of(self, name: str) -> bytes | None:
        """The hash in the file's present state; nobody can log in while the file cannot be read."""
        try:
            self._refresh()
        except ConfigurationError:
            return None
        return self._hashes.get(name)

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_size) != self._stamp:
                self._hashes = _read(self._path)
                self._stamp = (stat.st_mtime_ns, stat.st_size)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{self._path} cannot be read ({error})", "check what --auth names") from error


def users_from(auth: str) -> Users:
    """The users that `--auth` names: a file of users, or `user:password`.

    Raises:
        ConfigurationError: It is neither, or the password is too short or too long.
    """
    path = Path(auth).expanduser()
    if path.is_file():
        return UserFile(path)
    name, colon, password = auth.partition(":")
    if not (name and colon and password):
        raise ConfigurationError(
            "--auth is neither user:password nor a file of users",
            "write for example --auth reader:a-long-password, or make a file with: airace users add FILE NAME",
        )
    return OneUser(name, password)


def verify(users: Users, name: str, password: str) -> bytes | None:
    """The user's hash if the password is right, else None; as slow for unknown users as for known ones."""
    known = users.hash_of(name)
    given = password.encode()
    fits = bcrypt.checkpw(given[:_MAX_BYTES], known or _nobody())  # compares in constant time
    return known if fits and len(given) <= _MAX_BYTES else None


def add_user(path: Path, name: str, password: str) -> bool:
    """Add a user to the file, or give a user of it another password; returns whether the user is new.

    The file is replaced in one step and can be read by its owner alone.

    Raises:
        ConfigurationError: The name or the password cannot be used, or the file cannot be read or written.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name for a user", "use up to 64 letters, digits and . _ @ -")
    try:
        hashes = _read(path) if path.exists() else {}
        is_new = name not in hashes
        hashes[name] = _hashed(password)
        fresh = path.with_name(f".{path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{user}:{hashed.decode()}\n" for user, hashed in hashes.items())
        fresh.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be changed ({error})", "name a file that you may write") from error
    return is_new


@cache
def _nobody() -> bytes:
    """A hash that no password fits."""
    return bcrypt.hashpw(os.urandom(32).hex().encode(), bcrypt.gensalt())


def _read(path: Path) -> dict[str, bytes]:
    hashes = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, hashed = line.strip().partition(":")
        if not name or not re.fullmatch(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}", hashed):
            raise ConfigurationError(
                f"line {number} of {path} is not name:bcrypt-hash", "write it with: airace users add, or htpasswd -B"
            )
        hashes[name] = hashed.encode()
    return hashes


def _hashed(password: str) -> bytes:
    if len(password) < _MIN_CHARACTERS:
        raise ConfigurationError("the password is too short", f"take at least {_MIN_CHARACTERS} characters")
    if len(password.encode()) > _MAX_BYTES:
        raise ConfigurationError("the password is too long", f"bcrypt reads {_MAX_BYTES} bytes at the most")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())
