"""`dlf cache`: where results are kept, and how to be rid of them."""

from __future__ import annotations

import sys

from dockerlint_fastapi.cli.declared import Choice, argument, command, option
from dockerlint_fastapi.cli.outcome import FAILURE
from dockerlint_fastapi.cli.output import complain, write


@command("cache", short_help="Show where results are kept, or remove them.")
@argument("action", metavar="ACTION", type=Choice(("clean", "dir")))
@option("--cache-dir", metavar="DIR", help="This folder. Default: DLF_CACHE_DIR, else the user's cache folder.")
def cache(action: str, cache_dir: str | None) -> int:
    """Remove what `dlf check` keeps of its results (`clean`), or print the folder that they are in (`dir`).

    Only dlf's own entries are removed. A run that goes on meanwhile takes no harm: it lints anew.

    \b
    Examples:
      dlf cache clean
      dlf cache dir --cache-dir .cache/dlf
    \b
    Exit codes:
      0  done, also when nothing was there
      2  the folder is not the user's own
    """  # noqa: D301 - \b is for click: keep these lines as they are
    from dockerlint_fastapi.places import folder_of, usable  # noqa: PLC0415

    folder = folder_of(cache_dir)
    if action == "dir":
        write(sys.stdout, f"{folder}\n")
        return 0
    if not usable(folder):
        complain(f"{folder}: not cleaned: it is not yours alone to write to")
        return FAILURE
    from dockerlint_fastapi.cache import clear  # noqa: PLC0415

    count = clear(folder)
    write(sys.stdout, f"Removed {count} {'entry' if count == 1 else 'entries'} from {folder}\n")
    return 0
