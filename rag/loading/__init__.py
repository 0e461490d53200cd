"""Reads files and web pages into documents: one module a format, nothing but text comes out."""

from __future__ import annotations

from rag.loading.files import SUFFIXES, doc_id_from, doc_id_from_url, iter_files, load_bytes
from rag.loading.limits import Limits
from rag.loading.metadata import is_url
from rag.loading.reader import DocumentReader

__all__ = [
    "SUFFIXES", "DocumentReader", "Limits", "doc_id_from", "doc_id_from_url", "is_url", "iter_files", "load_bytes",
]  # fmt: skip
