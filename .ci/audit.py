"""Looks for the packages of requirements.lock in a database of known vulnerabilities (`make audit`).

Arguments are handed to pip-audit, as `--ignore-vuln ID` or `--osv-url ADDRESS` for a mirror. Where no database can be
reached, as behind a mirror of the package index that knows of none, one line says so and nothing fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
DATABASES = ("osv", "pypi")
PATIENCE_S = 60  # for an answer on one package


def command(database: str, requirements: Path, *options: str) -> list[str]:
    """Of pip-audit, which looks at what the file names and installs nothing."""
    audit = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", "--disable-pip", "--no-deps"]
    return [*audit, "--timeout", "10", "-s", database, "-r", str(requirements), *options]


def is_reached(database: str, options: list[str]) -> bool:
    """Whether the database knows of a package: a mirror without one answers too, that it has found nothing."""
    first = re.search(r"^[\w.-]+==[\w.]+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "one.txt"
        requirements.write_text(first[0] if first else "", encoding="utf-8")
        asked = command(database, requirements, "--format", "json", *options)
        try:
            found = json.loads(subprocess.run(asked, capture_output=True, timeout=PATIENCE_S, check=False).stdout)
        except (subprocess.TimeoutExpired, ValueError):
            return False
    return any("skip_reason" not in package for package in found["dependencies"])


def main(options: list[str]) -> int:
    """The exit code: of pip-audit, or 0 where no database is reached."""
    for database in DATABASES:
        if is_reached(database, options):
            return subprocess.run(command(database, LOCK, *options), check=False).returncode
    sys.stdout.write(
        "audit: no database of vulnerabilities can be reached; requirements.lock was not held against one\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
