"""Converts a sentence-transformers model to ONNX: `python -m rag.embedding.export MODEL_DIR OUT_DIR`.

Runs as a process of its own, so that torch (seconds to import, hundreds of megabytes) never enters the
process that answers. The graph gives both outputs from one forward pass: `sentence_embedding` (mean of the
token embeddings, normalised, as the model's own pooling does) and `token_embeddings`. Its weights are then rounded to
int8, a scale for each output channel, which takes 40 % less time and changes retrieval by no more than chance does
(`evals/EXPERIMENTS.md`).
"""

from __future__ import annotations

import hashlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

__all__ = ["EXPORTER_VERSION", "GRAPH_FILE", "MANIFEST_FILE", "export"]

EXPORTER_VERSION = "2"
GRAPH_FILE, MANIFEST_FILE = "model.onnx", "manifest.json"
_OPSET = 17
_MIN_COSINE = 0.9999  # of the converted model with the original
_MIN_COSINE_INT8 = 0.98  # of the rounded model with the original
_SAMPLES = (
    "What did Nvidia lose on 27 January 2025?",
    "China set the goal of leading the world in AI by 2030. " * 12,
    "Künstliche Intelligenz, 人工智能, 🤖 — $589 billion (−17%).",
    "short",
)


def export(model_dir: Path, out_dir: Path) -> None:
    """Write the ONNX graph and a manifest with its hash to `out_dir`, after checking it against the model.

    The manifest has the least cosine with the vectors of sentence-transformers before and after rounding to int8.

    Raises:
        RuntimeError: The graph's vectors differ from those of sentence-transformers.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    # Attention as separate products and sums: what ONNX Runtime fuses best.
    eager = {"attn_implementation": "eager"}
    model = SentenceTransformer(str(model_dir), device="cpu", local_files_only=True, model_kwargs=eager)
    exact, graph = out_dir / "exact.onnx", out_dir / GRAPH_FILE
    sample = model.tokenizer(list(_SAMPLES), padding=True, truncation=True, return_tensors="pt")
    axes = {0: "batch", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _encoder(torch, model),
            (sample["input_ids"], sample["attention_mask"]),
            str(exact),
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
    _round_to_int8(exact, graph)
    cosines = {name: _least_cosine(model, path) for name, path in (("exact", exact), ("int8", graph))}
    exact.unlink()
    for name, least in (("exact", _MIN_COSINE), ("int8", _MIN_COSINE_INT8)):
        if cosines[name] < least:
            raise RuntimeError(f"converted model differs from the original: cosine {cosines[name]:.5f} < {least}")
    with graph.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = {"exporter": EXPORTER_VERSION, "sha256": digest, "min_cosine": cosines}
    (out_dir / MANIFEST_FILE).write_text(json.dumps(manifest))


def _round_to_int8(exact: Path, graph: Path) -> None:
    """Write the graph with the weights of its matrix products in int8; activations are rounded as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        exact,
        graph,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


def _least_cosine(model: Any, graph: Path) -> float:
    """The least cosine of the graph's vectors with the model's own, over the samples, each alone as in use."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    cosines = []
    for text, reference in zip(_SAMPLES, model.encode(list(_SAMPLES), normalize_embeddings=True), strict=True):
        tokens = model.tokenizer([text], truncation=True, return_tensors="np")
        feed = {name: tokens[name] for name in ("input_ids", "attention_mask")}
        (vectors,) = session.run(["sentence_embedding"], feed)
        cosines.append(float(vectors[0] @ reference))
    return min(cosines)


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
