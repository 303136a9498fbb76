"""Many repositories on many machines: `dlf fleet`, on Ray Data.

`sources` finds the repositories, `reading` makes a tree of each, `child` lints them in a process of their own, which
`isolation` watches, `parts` keeps what came out as Parquet, and `run` has Ray do it. ray and pyarrow come with
`dockerlint-fastapi[ray]`; nothing else of dlf imports them.
"""

from __future__ import annotations


class FleetError(Exception):
    """A run over many repositories that cannot begin, or go on. The message is for the user."""


class SourceError(Exception):
    """One repository that cannot be read. The message says why, for its row."""
