from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import From


def check(base: From) -> Iterator[Finding]:
    yield from ()
