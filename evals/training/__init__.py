"""Fits the numbers in `rag/weights` from questions; not needed for answering."""
