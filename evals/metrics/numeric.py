"""Does the answer give the quantities and dates of the gold answer, however they are written?"""

from __future__ import annotations

from evals.metrics.content import without_marks
from rag.dates import dates_in
from rag.quantities import quantities, same_value

__all__ = ["numeric_agreement"]


def numeric_agreement(answer: str, gold: str) -> tuple[float, list[str]] | None:
    """Share of the gold answer's quantities and dates that the answer gives, and those that it lacks.

    Value, unit and scale count, not the form: $589bn is 589 billion dollars. None if the gold answer has neither
    quantity nor date.
    """
    said = without_marks(answer)
    wanted_values, wanted_dates = quantities(gold), dates_in(gold)
    if not wanted_values and not wanted_dates:
        return None
    said_values, said_dates = quantities(said), {date.date for date in dates_in(said)}
    lacking = [wanted.text for wanted in wanted_values if not any(same_value(wanted, other) for other in said_values)]
    lacking += [wanted.text for wanted in wanted_dates if not any(d.startswith(wanted.date) for d in said_dates)]
    n = len(wanted_values) + len(wanted_dates)
    return (n - len(lacking)) / n, lacking
