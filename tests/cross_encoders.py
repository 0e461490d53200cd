"""Tiny cross-encoders with random weights, saved to a folder as sentence-transformers saves them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

__all__ = ["save_cross_encoder"]

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def save_cross_encoder(folder: Path, labels: Sequence[str], words: Sequence[str]) -> str:
    """A BERT of one layer with an output for each label; the folder's name is the model's."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join([*_SPECIAL, *words]) + "\n")
    tokenizer = BertTokenizerFast(vocab=str(vocabulary), vocab_file=str(vocabulary))
    config = BertConfig(
        vocab_size=len(_SPECIAL) + len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
