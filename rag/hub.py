"""Loads models by name or path with one clear line when that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from rag.errors import ModelError

__all__ = ["load_model"]

_Model = TypeVar("_Model")


def load_model(load: Callable[[str], _Model], name: str, *, role: str, hint: str) -> _Model:
    """What `load` makes of the name.

    Args:
        load: Loads a model from a folder or from the hub.
        name: Of the model.
        role: What the model is for, as the message says.
        hint: What to do if there is no such model.

    Raises:
        ModelError: It cannot be loaded.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # a dozen lines for every host that is out of reach
    try:
        return load(name)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"{role} {name!r} cannot be loaded ({str(error).splitlines()[0]})", hint) from error
