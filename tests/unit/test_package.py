"""What importing costs, what is exported, and which way dependencies point."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import rag
from tests.conftest import ROOT


@pytest.mark.parametrize("module", ["rag", "rag.cli", "rag.settings"])
def test_importing_loads_neither_torch_nor_chroma_nor_gradio(module: str) -> None:
    heavy = "{'torch', 'chromadb', 'gradio', 'sentence_transformers', 'transformers', 'onnxruntime', 'langchain_core'}"
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_answering_a_question_does_not_load_torch(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.txt").write_text("Nvidia lost $589 billion on 27 January 2025.\n")
    code = (
        "import sys; from rag import Assistant, Settings\n"
        f"a = Assistant.open(Settings(corpus_dir={str(tmp_path / 'corpus')!r}, data_dir={str(tmp_path / 'data')!r}))\n"
        "a.sync(); assert not a.ask('How much did Nvidia lose?').abstained\n"
        "print(sorted({'torch', 'gradio', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_every_exported_name_can_be_imported() -> None:
    assert sorted(rag.__all__) == list(rag.__all__) == dir(rag)
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    with pytest.raises(AttributeError):
        rag.nothing  # noqa: B018


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize(("package", "forbidden"), [("rag", {"ui", "evals"}), ("evals", {"ui"})])
def test_dependencies_point_one_way(package: str, forbidden: set[str]) -> None:
    for path in (ROOT / package).rglob("*.py"):
        tops = {name.split(".")[0] for name in _imported(path)}
        assert not tops & forbidden, f"{path} imports {tops & forbidden}"
