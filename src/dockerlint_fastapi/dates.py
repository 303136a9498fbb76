"""`datetime.date`, without the rest of `datetime`: until Python 3.12 that one is first executed in Python, with all its
classes, before it takes those of C in their place, which costs every run 2 ms.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date
else:
    try:
        from _datetime import date
    except ImportError:  # not CPython
        from datetime import date

__all__ = ["date"]
