"""Answer-quality evals."""
