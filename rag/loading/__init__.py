"""Reads files and web pages into documents: one module a format, nothing but text comes out."""

from __future__ import annotations

from rag.loading.files import SUFFIXES, doc_id_from, iter_files, load_bytes
from rag.loading.metadata import is_url
from rag.loading.web import doc_id_from_url, fetch

__all__ = ["SUFFIXES", "doc_id_from", "doc_id_from_url", "fetch", "is_url", "iter_files", "load_bytes"]
