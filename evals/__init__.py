"""Answer-quality evals.

Question sets so far, one JSON object a line (question, whether it is answerable, what a right answer must contain, the
documents that may be cited for it): `datasets/tune.jsonl` (100), on which thresholds are set, and
`datasets/starter.jsonl` (40), which the tests ask: no weight was fitted on it, but the threshold was chosen with its
results in view.
"""
