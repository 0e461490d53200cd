"""Answer-quality evals: questions with what a right answer must contain, metrics, runs, reports, comparisons.

Question sets, one JSON object a line: `datasets/golden.jsonl` (ten kinds, split by document; nothing is tuned on
its `test` questions), `datasets/tune.jsonl`, on which thresholds are set, and `datasets/starter.jsonl`, which the
tests ask: no weight was fitted on it, but the threshold was once chosen with its results in view.

A run goes `cases` → `runner` → `scoring` (with `metrics`) → `figures` → `compare` → `report`.
"""
