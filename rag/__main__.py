"""`python -m rag` is `airace`."""

from rag.cli import main

main()
