"""The metrics of the evals, one module each: pure functions, none of which needs a language model."""
