from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image


def check(image: Image) -> Iterator[Finding]:
    if any(image.ignore_file(context) for context in image.contexts):
        return
    copies = [copy for copy in image.every_transfer if copy.from_ is None and copy.sources]
    broad = next((copy for copy in copies if copy.is_broad), None)
    if copies:
        yield Finding.at(
            broad or copies[0],
            "no `.dockerignore`: the build is sent everything in its context, also `.git`, virtual environments and `.env`"
            if broad is None
            else "no `.dockerignore`: this copies everything in the build context, also `.git`, virtual environments and `.env`",
            severity="warning" if broad and not image.development else "info",
        )
