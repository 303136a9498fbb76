"""The wheels that a lock file lists: whether a distribution has one for musl where it has one for glibc."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.files.image_files import Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.image import Image

_LOCKS: Final = ("uv.lock", "poetry.lock", "pdm.lock")
_NAME: Final = r"(?m)^name = \"([^\"\n]+)\""
# Name, version, perhaps a build, then Python, ABI and platforms.
_WHEEL: Final = r"[\w.+!-]+?-((?:cp|py|pp)[\w.]+)-([\w.]+)-([\w.]+)\.whl"


def locked_wheels(image: Image) -> tuple[str, ...] | None:
    """The distributions of an image for which its lock file has a wheel for glibc on x86-64, none for musl and no pure
    one; None when no lock file lists all of them with their wheels, or its Python is not known.
    """
    found = image.distributions
    for one in image.installed.steps if not found.doubts else ():
        for name in _LOCKS if one.exact and one.directory is not None else ():
            placed = one.find(f"{(one.directory or '').rstrip('/')}/{name}")
            if isinstance(placed, Placed) and one.python is not None:
                wanted = found.found
                return tuple(name for name in _without_musl(placed.text, one.python) if name in wanted)
    return None


def _without_musl(text: str, version: str) -> Iterator[str]:
    minor = int(version.rpartition(".")[2]) if version.rpartition(".")[2].isdecimal() else 0
    for block in text.split("[[package]]")[1:]:
        name = re.search(_NAME, block)
        tags = re.findall(_WHEEL, block)
        wheels = [(abi, platform) for python, abi, platform in tags if _runs_on(python, abi, minor)]
        systems = [platform for _, platform in wheels]
        # without an ABI there is nothing to compile: a program, or a library that other systems need
        glibc = any(abi != "none" and "manylinux" in one and "x86_64" in one for abi, one in wheels)
        musl = any(one == "any" or ("musllinux" in one and "x86_64" in one) for one in systems)
        if name is not None and glibc and not musl:
            yield name[1].lower().replace("_", "-").replace(".", "-")


def _runs_on(python: str, abi: str, minor: int) -> bool:
    """Whether a wheel is for CPython 3.`minor`."""
    for tag in python.split("."):
        if tag in ("py3", f"py3{minor}", f"cp3{minor}"):
            return abi in ("none", "abi3", f"cp3{minor}") or tag.startswith("py3")
        older = re.fullmatch(r"cp3(\d+)", tag)
        if older and abi == "abi3" and int(older[1]) <= minor:
            return True
    return False
