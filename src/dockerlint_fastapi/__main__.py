"""`python -m dockerlint_fastapi` is `dlf`."""

import os
import sys

if sys.path[0] in ("", os.getcwd()) and not sys.flags.safe_path:
    # `-m` puts the working directory first: what lies there is linted, and nothing of it is ever imported.
    del sys.path[0]

from dockerlint_fastapi.cli import main

main()
