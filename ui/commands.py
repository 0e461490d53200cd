"""The commands around the app that are not the app: users."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `airace users` to the command line."""
    users = typer.Typer(no_args_is_help=True, help="Who may use the app: a file for `airace serve --auth FILE`.")
    users.command("add", epilog="Example: `airace users add users.txt anna`; `airace serve --auth users.txt`")(_add)
    app.add_typer(users, name="users")


def _add(
    file: Annotated[Path, typer.Argument(help="File of users; made if it is not there.")],
    name: Annotated[str, typer.Argument(help="Of the user.")],
) -> None:
    """Add a user, or give one another password; to take one away, delete the line from the file."""
    from ui.users import add_user

    is_new = add_user(file, name, _password())
    typer.echo(f"{'Added' if is_new else 'Changed the password of'} {name} in {file}", err=True)


def _password() -> str:
    """Asked for twice at a terminal; else the first line of the input, so that scripts need no argument for it."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")
