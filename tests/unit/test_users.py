"""Users, sessions and the brake on guessing passwords."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from rag.errors import ConfigurationError
from ui.sessions import SESSION_SECONDS, Sessions, Throttle
from ui.users import OneUser, UserFile, add_user, users_from, verify

ANNA = OneUser("anna", "a-long-password")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add_user(tmp_path / "users.txt", "anna", "a-long-password")
    return tmp_path / "users.txt"


def test_a_file_of_users_holds_hashes_that_only_its_owner_can_read(file: Path) -> None:
    assert file.read_text().startswith("anna:$2b$12$")
    assert "a-long-password" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_user_is_who_knows_the_password(file: Path) -> None:
    users = UserFile(file)
    assert verify(users, "anna", "a-long-password")
    wrong = [("anna", "a-long-passworD"), ("Anna", "a-long-password"), ("ben", "a-long-password"), ("", "")]
    for name, password in wrong:
        assert verify(users, name, password) is None


def test_what_bcrypt_would_not_read_is_not_ignored(file: Path) -> None:
    add_user(file, "anna", "x" * 72)
    assert verify(UserFile(file), "anna", "x" * 72)
    assert verify(UserFile(file), "anna", "x" * 73) is None


def test_adding_a_user_keeps_the_others_and_changes_the_password_of_a_known_one(file: Path) -> None:
    assert add_user(file, "ben", "another-password")
    assert not add_user(file, "anna", "changed-password")
    users = UserFile(file)
    assert verify(users, "ben", "another-password")
    assert verify(users, "anna", "changed-password")
    assert verify(users, "anna", "a-long-password") is None


@pytest.mark.parametrize("name", ["", "a:b", "a b", "a\nb", "../x", "x" * 65])
def test_names_that_would_break_the_file_are_refused(file: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="no name for a user"):
        add_user(file, name, "a-long-password")


@pytest.mark.parametrize("password", ["", "short", "x" * 73, "ä" * 37])
def test_passwords_are_neither_too_short_nor_longer_than_bcrypt_reads(file: Path, password: str) -> None:
    with pytest.raises(ConfigurationError, match=r"too (short|long)"):
        add_user(file, "anna", password)


NO_USERS = ["", "# nobody\n", "anna\n", "anna:secret\n", "anna:$2b$12$short\n", b"\xff\xfe:x\n"]


@pytest.mark.parametrize("content", NO_USERS)
def test_a_file_without_users_or_with_something_else_is_refused(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "users.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigurationError, match=str(path)):
        users_from(str(path))


def test_auth_is_a_file_or_a_user_with_password(file: Path) -> None:
    assert verify(users_from(str(file)), "anna", "a-long-password")
    assert verify(users_from("ben:pass:word"), "ben", "pass:word")
    for auth in ("ben", "ben:", ":password", str(file) + ".missing"):
        with pytest.raises(ConfigurationError, match="neither"):
            users_from(auth)


def test_the_command_adds_a_user_with_the_password_from_its_input(tmp_path: Path) -> None:
    import typer

    from ui.commands import register

    app = typer.Typer()
    register(app)
    done = CliRunner().invoke(app, ["users", "add", str(tmp_path / "users.txt"), "anna"], input="a-long-password\n")
    assert done.exit_code == 0
    assert verify(UserFile(tmp_path / "users.txt"), "anna", "a-long-password")


def test_a_session_ends_with_its_time_its_logout_or_the_password() -> None:
    clock, known = Clock(), ANNA.hash_of("anna") or b""
    sessions = Sessions(ANNA, clock=clock)
    first, second, third = (sessions.start("anna", known) for _ in range(3))
    assert {sessions.user(token) for token in (first, second, third)} == {"anna"}
    sessions.end(second)
    assert sessions.user(second) is None
    assert sessions.user(sessions.start("anna", b"an earlier password's hash")) is None
    clock.now = SESSION_SECONDS - 1
    assert sessions.user(first) == "anna"
    clock.now = SESSION_SECONDS
    assert sessions.user(first) is None
    assert len(sessions) == 0


@given(st.text(max_size=100))
def test_no_made_up_token_is_a_session(token: str) -> None:
    sessions = Sessions(ANNA)
    sessions.start("anna", ANNA.hash_of("anna") or b"")
    assert sessions.user(token) is None


def test_wrong_passwords_are_counted_for_a_while() -> None:
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert [throttle.wait("anna", "192.0.2.1") for _ in range(6)] == [0] * 5 + [901]
    assert throttle.wait("anna", "192.0.2.2") == 0  # from elsewhere she can still log in
    assert throttle.wait("ben", "192.0.2.1") == 0
    clock.now = 900
    assert throttle.wait("anna", "192.0.2.1") == 0


def test_the_right_password_is_not_counted() -> None:
    throttle = Throttle(clock=Clock())
    for _ in range(1000):
        assert throttle.wait("anna", "192.0.2.1") == 0
        throttle.succeeded("anna", "192.0.2.1")


def test_one_user_cannot_be_guessed_from_everywhere() -> None:
    throttle = Throttle(clock=Clock())
    waits = [throttle.wait("anna", f"192.0.2.{number}") for number in range(101)]
    assert waits[:100] == [0] * 100
    assert waits[100] > 0
