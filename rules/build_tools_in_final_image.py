from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.build_time import SYSTEM_KINDS, removed_later


class Options(NamedTuple):
    allow_packages: tuple[str, ...] = ()  # needed at run time, so no build tools here


def check(image: Image, options: Options) -> Iterator[Finding]:
    if not image.python or image.development:
        return
    tools = [
        tool for tool in image.build_tools if tool.kind in SYSTEM_KINDS and tool.name not in options.allow_packages
    ]
    anyway = image.base is not None and image.base.contains("gcc") is True
    for _, group in groupby(tools, key=lambda tool: tool.instruction):
        found = list(group)
        names = ", ".join(f"`{tool.name}`" for tool in found[:4]) + (
            f" and {len(found) - 4} more" if len(found) > 4 else ""
        )
        yield Finding.at(
            found[0],
            f"the image keeps {names}: needed to build, not to run, they make it larger and help whoever breaks in",
            severity="info" if anyway else None,
        ).note(removed_later(image, found), "removed only here, so the layer above still holds them")
