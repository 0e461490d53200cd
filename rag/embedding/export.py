"""Converts a sentence-transformers model to ONNX: `python -m rag.embedding.export MODEL_DIR OUT_DIR`.

Runs as a process of its own, so that torch (seconds to import, hundreds of megabytes) never enters the
process that answers. The graph gives both outputs from one forward pass: `sentence_embedding` (mean of the
token embeddings, normalised, as the model's own pooling does) and `token_embeddings`.
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

__all__ = ["EXPORTER_VERSION", "GRAPH_FILE", "MANIFEST_FILE", "export"]

EXPORTER_VERSION = "1"
GRAPH_FILE, MANIFEST_FILE = "model.onnx", "manifest.json"
_OPSET = 17
_MIN_COSINE = 0.9999
_SAMPLES = (
    "What did Nvidia lose on 27 January 2025?",
    "China set the goal of leading the world in AI by 2030. " * 12,
    "Künstliche Intelligenz, 人工智能, 🤖 — $589 billion (−17%).",
    "short",
)


def export(model_dir: Path, out_dir: Path) -> None:
    """Write the ONNX graph and a manifest with its hash to `out_dir`, after checking it against the model.

    Raises:
        RuntimeError: The graph's vectors differ from those of sentence-transformers.
    """
    import onnxruntime
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(model_dir), device="cpu", local_files_only=True)
    graph = out_dir / GRAPH_FILE
    encoder = _encoder(torch, model)
    sample = model.tokenizer(list(_SAMPLES), padding=True, truncation=True, return_tensors="pt")
    arguments = (sample["input_ids"], sample["attention_mask"])
    axes = {0: "batch", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            encoder,
            arguments,
            str(graph),
            input_names=["input_ids", "attention_mask"],
            output_names=["sentence_embedding", "token_embeddings"],
            dynamic_axes={
                "input_ids": axes,
                "attention_mask": axes,
                "sentence_embedding": {0: "batch"},
                "token_embeddings": axes,
            },
            opset_version=_OPSET,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    feed = {"input_ids": arguments[0].numpy(), "attention_mask": arguments[1].numpy()}
    (vectors,) = session.run(["sentence_embedding"], feed)
    reference = model.encode(list(_SAMPLES), normalize_embeddings=True)
    cosine = float((vectors * reference).sum(axis=1).min())
    if cosine < _MIN_COSINE:
        raise RuntimeError(f"converted model differs from the original: cosine {cosine:.5f} < {_MIN_COSINE}")
    with graph.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {"exporter": EXPORTER_VERSION, "sha256": digest, "min_cosine": cosine}
    (out_dir / MANIFEST_FILE).write_text(json.dumps(manifest))


def _encoder(torch: Any, model: Any) -> Any:
    """The transformer with its mean pooling and normalisation as one torch module."""
    transformer = model[0].auto_model

    class Encoder(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            tokens = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
            mean = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=-1), tokens

    return Encoder().eval()


if __name__ == "__main__":
    export(Path(sys.argv[1]), Path(sys.argv[2]))
