"""Puts files, folders and web pages beside the corpus, for the next sync to index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from rag.errors import LoadingError
from rag.gather import is_own_name, load_source, sources_in, unlike_others
from rag.library import Library
from rag.loading import DocumentReader, Limits, is_url
from rag.loading.text import one_line
from rag.settings import Settings

__all__ = ["add_sources"]


def add_sources(
    sources: Iterable[str], library: Library, settings: Settings, *, taken: dict[str, str], keep_files: bool
) -> list[tuple[str, str]]:
    """Read the sources and keep them in the library.

    Args:
        sources: Paths and addresses.
        library: Where they are kept; what lies in the corpus folder is only taken back if it was removed.
        settings: Name the corpus folder and the limits.
        taken: The ids of documents in use, each with where it comes from; those added come in.
        keep_files: Whether to copy files, as they will not stay where they are.

    Returns:
        (source, reason and what to do) of what could not be read.

    Raises:
        ConfigurationError: A path does not exist.
    """
    corpus_dir = settings.corpus_dir
    found, skipped = sources_in(sources)
    skipped = [(path, why) for path, why in skipped if not Path(path).is_relative_to(corpus_dir)]
    with DocumentReader(Limits.of(settings)) as reader:
        for name in found:
            source = str(library.keep(Path(name))) if keep_files and not is_url(name) else name
            is_of_corpus = Path(source).is_relative_to(corpus_dir)
            try:
                document, source_hash = load_source(source, reader)
            except LoadingError as error:
                if not is_of_corpus:  # the sync reports it
                    skipped.append((one_line(source), str(error)))
                    library.discard(source)
                continue
            if is_of_corpus:
                named = replace(document, source=Path(source).relative_to(corpus_dir).as_posix())
                library.restore({document.doc_id, unlike_others(named)})
            else:
                if taken.get(document.doc_id, source) != source and is_own_name(document):
                    document = replace(document, doc_id=unlike_others(document))
                taken.setdefault(document.doc_id, source)
                library.add(document, source_hash)
    return skipped
