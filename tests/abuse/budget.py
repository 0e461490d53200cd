"""How long the abuse tests go on: a short form that is the same every time, and a long one (`make torture`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

__all__ = ["TORTURE", "generated", "times"]

TORTURE = bool(os.environ.get("TORTURE"))


def times(short: int, long: int) -> int:
    """How often to do something."""
    return long if TORTURE else short


def generated(short: int, long: int) -> settings:
    """How many cases hypothesis generates: anew each time in the long form, which tells how to repeat what failed."""
    return settings(
        max_examples=times(short, long),
        derandomize=not TORTURE,
        deadline=None,
        database=None,
        print_blob=TORTURE,
        suppress_health_check=list(HealthCheck),
    )
