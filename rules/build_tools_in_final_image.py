from collections.abc import Iterator, Sequence
from itertools import groupby

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.build_time import (
    SYSTEM_KINDS,
    BuildTool,
    brings_compiler,
    compiles_nothing,
    idle_installers,
    is_for_builders,
    removals,
    stage_of,
    starts_nothing,
)
from dockerlint_fastapi.model.install.system_libraries import loaded_libraries
from dockerlint_fastapi.record import NamedTuple

HELP = "install them in a builder stage and copy the virtual environment, or purge them in the same `RUN`"
LIBRARIES = "a library that the application loads is a package of its own, as `libpq5` is of `libpq-dev`"
NO_LIBRARIES = ("python3-dev", "musl-dev", "libc-dev", "libc6-dev", "linux-libc-dev")


class Options(NamedTuple):
    allow_packages: tuple[str, ...] = ()  # needed at run time, so no build tools here


def _idle(tool: BuildTool) -> Finding:
    """The finding on an installer that comes along."""
    message = f"`{tool.name}` is copied into the image that ships, and nothing there calls it"
    named = tool.name in tool.span.text
    help_ = "leave it to the stage that installs" if named else "install into a virtual environment, and copy that"
    return Finding.at(tool, message, severity="info", help=help_, once="file")


def check(image: Image, options: Options) -> Iterator[Finding]:
    if not image.python or image.development:
        return
    yield from map(_idle, idle_installers(image))
    tools = [
        tool for tool in image.build_tools if tool.kind in SYSTEM_KINDS and tool.name not in options.allow_packages
    ]
    if not tools or is_for_builders(image):
        return
    idle = compiles_nothing(image, tools)
    mild = idle or brings_compiler(image) or image.hardly_ships or starts_nothing(image)
    mild = mild or all(tool.kind != "compiler" for tool in tools)
    removed = removals(image)
    told: set[str] = set()
    for _, group in groupby(tools, key=lambda tool: tool.instruction):
        found = [tool for tool in group if tool.name not in told]
        told.update(tool.name for tool in found)
        if not found:
            continue  # an earlier RUN has them all
        names = [f"`{name}`" for name in dict.fromkeys(tool.name for tool in found)]
        listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        ends = found[-1].instruction.span.end
        later = next((one for tool in found if (one := removed.get(tool.name)) and one.span.start > ends), None)
        finding = _kept(image, found, listed, idle=idle)._replace(severity="info" if mild else None)
        if found[0].span.source is not found[0].instruction.span.source:
            finding = finding.note(found[0].instruction, "the script is run here")
        yield finding.note(later, "removed only here, so the layer above still holds them")


def _kept(image: Image, found: Sequence[BuildTool], listed: str, *, idle: bool) -> Finding:
    loaded = next(loaded_libraries(image, [tool.name for tool in found]), None)
    if loaded is not None:
        message = (
            f"the image keeps {listed}, and what runs needs no more of that than the library in `{loaded.library}`"
        )
        help_ = f"write `{loaded.library}` in place of `{loaded.package}`, which `{loaded.distribution}` loads"
        return Finding.at(found[0], message, help=help_ if len(found) == 1 else f"{help_}; the rest is for the build")
    if idle:
        message = (
            f"the image keeps {listed}, with headers for a compiler that is not here: the libraries alone would do"
        )
    else:
        message = f"the image keeps {listed}, which only the build needs: more to pull, to patch and to attack"
    # purging the headers of a library may take along what the application loads
    headers = any(tool.name.endswith("-dev") and tool.name not in NO_LIBRARIES for tool in found)
    finding = Finding.at(found[0], message, help=f"{HELP}; {LIBRARIES}" if headers else None)
    return finding.caused_by(stage_of(image, found[0].instruction))  # all that builds in it has one remedy
