"""`python -m dockerlint_fastapi` is `dlf`."""

from dockerlint_fastapi.cli import main

main()
