"""What only a build needs and yet stays in an image: compilers and headers, installers, the tools of a front end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.model.base_image import Reference
from dockerlint_fastapi.model.dockerfile import Instruction, Run
from dockerlint_fastapi.model.install import PYTHON_MANAGERS, SYSTEM_MANAGERS, Kept, build_tool, kept_packages, steps
from dockerlint_fastapi.model.layer_order import manifest_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.source import Span

# Tools that install a project's dependencies and are of no use afterwards; pip is not one, it comes with Python.
INSTALLERS = frozenset(("uv", "poetry", "pdm", "pipenv", "hatch", "rye", "pip-tools", "pipx", "conda-lock"))
_NODE_MANAGERS = frozenset(("npm", "yarn", "pnpm", "bun"))
_NODE_PROGRAMS = frozenset(("node", "npm", "npx", "yarn", "pnpm", "bun", "next", "vite", "pm2", "supervisord"))
_USES_GIT = re.compile(
    r"^\s*(gitpython|pygit2|dulwich|setuptools[-_.]scm|pre[-_.]commit|dvc)\b", re.IGNORECASE | re.MULTILINE
)


SYSTEM_KINDS = ("compiler", "build system", "headers", "source control")


class BuildTool(NamedTuple):
    """Something that only a build needs, as it lies in the image. `kind` is `compiler`, `build system`, `headers` or
    `source control` for a system package, else `installer` or `node`.
    """

    kind: str
    name: str
    instruction: Instruction  # which brings it
    span: Span


def build_tools(image: Image) -> Iterator[BuildTool]:
    """What only the build of an image needs and the image keeps, in order.

    What the containers start, what the same RUN takes out again, and whatever may be needed at run time is left out.
    """
    started = started_names(image)
    base = image.base
    if base is not None and base.family == "uv" and base.variant != "binary" and "uv" not in started:
        yield BuildTool("installer", "uv", image.lineage[0].from_, image.lineage[0].from_.image.span)
    for instruction in image.instructions:
        if isinstance(instruction, Run):
            for kept in kept_packages(instruction.command):
                kind = _kind(kept, image)
                if kind is not None and kept.package.name is not None and kept.package.name not in started:
                    yield BuildTool(kind, kept.package.name, instruction, kept.package.word.span)
            if started.isdisjoint(_NODE_PROGRAMS):
                for step in steps(instruction.command):
                    if step.manager in _NODE_MANAGERS and step.action in ("install", "sync") and step.reads_manifest:
                        yield BuildTool("node", step.program, instruction, step.head)
                        break
            # `curl … | python -`: an installer's own script
            for step in steps(instruction.command):
                for name in sorted(step.names & INSTALLERS) if step.manager == "script" else ():
                    if name not in started:
                        yield BuildTool("installer", name, instruction, step.span)
    for transfer in image.transfers:
        reference = Reference.parse(transfer.from_.value) if transfer.from_ and transfer.from_.value else None
        if reference is not None and image.dockerfile.stage(reference.text) is None and transfer.from_ is not None:
            name = reference.name
            if name in INSTALLERS and name not in started:
                yield BuildTool("installer", name, transfer, transfer.from_.span)


def started_names(image: Image) -> frozenset[str]:
    """The programs that the containers of an image start, the wrappers in front of them included."""
    names: set[str] = set()
    for container in image.containers:
        for program in container.programs:
            names.add(program.name)
            names.update(wrapper.partition(" ")[0] for wrapper in program.wrappers)
    return frozenset(names)


def removed_later(image: Image, tools: Sequence[BuildTool]) -> Step | None:
    """The step of a later RUN that takes one of these packages out again, or None."""
    names = {tool.name for tool in tools}
    last = max((tool.span.end for tool in tools), default=0)
    for _, step in image.steps:
        if step.action == "remove" and step.span.start > last and not names.isdisjoint(step.names):
            return step
    return None


def _kind(kept: Kept, image: Image) -> str | None:
    name = kept.package.name
    if name is None:
        return None
    if kept.step.manager in SYSTEM_MANAGERS:
        kind = build_tool(name)
        # Git serves programs at run time, too; it is certainly there for the build only when pip fetches with it.
        return None if kind == "source control" and not _only_fetches(image) else kind
    return (
        "installer" if kept.step.manager in PYTHON_MANAGERS and name.lower().replace("_", "-") in INSTALLERS else None
    )


def _only_fetches(image: Image) -> bool:
    """Whether something is installed straight from a repository, and nothing is known to call git at run time."""
    fetches = False
    for _, step in image.steps:
        words = [package.word.text for package in step.packages]
        for text in (*words, *manifest_texts(image, step)):
            if _USES_GIT.search(text):
                return False
            fetches = fetches or "git+" in text
    return fetches
