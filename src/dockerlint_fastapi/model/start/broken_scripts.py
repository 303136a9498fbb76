"""Start scripts that cannot run: line ends of Windows, no first line that names a shell, no right to be executed, a
shell that the image lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.dockerfile import Copy, Run, Stage, Transfer
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.shell import ShellWord
    from dockerlint_fastapi.model.start.start_script import StartScript

# Releases whose dash refuses `set -o pipefail`: it came with 0.5.12-7 of May 2024 (Debian's changelog of dash).
_NO_PIPEFAIL: Final = frozenset("stretch buster bullseye bookworm xenial bionic focal jammy noble".split())
_CLEANS_LINES: Final = r"dos2unix|fromdos|\\r|\^M|\\015"


class BrokenScript(NamedTuple):
    """Why a start script cannot run.

    `kind`: `crlf`, `shebang`, `mode` (no right to be executed; `name` is the shell that it asks for), `interpreter`
    (`name` is not in the image), `bashism` (`name` means nothing to the image's `sh`). `span` is the faulty place;
    `call` is what starts the script.
    """

    kind: str
    name: str
    place: str
    span: Span
    call: Span
    by: Span
    transfer: Transfer | None  # the COPY or ADD that brings it, where that is plain
    path: str  # of the file of the project, "" where an instruction writes it

    @property
    def alone(self) -> bool:
        """Whether that COPY or ADD brings nothing else."""
        sources = self.transfer.sources if self.transfer is not None else ()
        return len(sources) == 1 and (sources[0].value or "").endswith(self.place.rpartition("/")[2])


def broken_scripts(container: Container) -> Iterator[BrokenScript]:
    """What stops the start scripts of a container, one fault for each script."""
    image = container.image
    if image is None:
        return
    told: set[str] = set()
    for script in container.scripts:
        if script.placed.place not in told:
            fault = next(_faults(container, image, script), None)
            if fault is not None:
                told.add(script.placed.place)
                yield fault
    yield from _unexecutable_wrapper(container, image, told)


def _unexecutable_wrapper(container: Container, image: Image, told: set[str]) -> Iterator[BrokenScript]:
    """The script of the project that waits for others in front of the program, which a service starts directly, without
    the right to be executed: `command: ["./wait-for-it.sh", "db:5432", "--", "uvicorn", …]`.
    """
    service, program = container.service, container.program
    command = (service.entrypoint or service.command) if service is not None else None
    words = (command.arguments or ()) if command is not None and image.entrypoint is None else ()
    first = (words[0].value or "") if words else ""
    name = first.rpartition("/")[2]
    if program is None or first == name or name not in program.wrappers or not name.endswith(".sh"):
        return
    place = clean(f"{container.directory}/{first}") if not first.startswith("/") else clean(first)
    placed = container.file_at(place) if container.directory is not None else None
    if not isinstance(placed, Placed) or placed.place in told:
        return
    transfer = _transfer(image, placed.by)
    if _lacks_mode(container, image, placed, transfer):
        shell = "bash" if "bash" in placed.text.split("\n", 1)[0] else "sh"
        yield BrokenScript(
            "mode", shell, placed.place, words[0].span, words[0].span, placed.by, transfer, placed.path or ""
        )


def _faults(container: Container, image: Image, script: StartScript) -> Iterator[BrokenScript]:
    placed, runner = script.placed, script.runner
    direct = not script.sourced and runner.name not in SHELLS
    call = runner.argv[0].span if direct and runner.argv else runner.span
    transfer = _transfer(image, placed.by)

    def fault(kind: str, name: str, span: Span) -> BrokenScript:
        return BrokenScript(kind, name, placed.place, span, call, placed.by, transfer, placed.path or "")

    lines = placed.text.split("\n", 1)
    if placed.path is not None and lines[0].endswith("\r") and not _cleans_lines(image) and not _git_mends(container):
        yield fault("crlf", "", placed.locate(0, len(lines[0])))
        return
    if direct and not placed.text.startswith("#!"):
        # A shell runs it all the same, and so does what starts it by libc's `execvp` (tini, dumb-init, env).
        by_shell = any(other.placed.place != placed.place for other in _before(container, script))
        by_shell = by_shell or bool(runner.shell or runner.wrappers)
        if not by_shell and placed.text.strip():
            yield fault("shebang", "", placed.locate(0, len(lines[0].rstrip()) or 1))
    mended = any(one.name == "chmod" and _is_named(one, placed.place) for one in container.programs)
    if direct and placed.path is not None and not mended and _lacks_mode(container, image, placed, transfer):
        yield fault("mode", script.script.interpreter or "sh", call)
    shell = script.script.interpreter if direct else script.shell
    if shell in SHELLS and not script.sourced and image.has(shell) is False:
        end = len(lines[0].rstrip())
        yield fault("interpreter", shell, placed.locate(0, end) if direct else runner.argv[0].span)
    yield from (fault("bashism", word.text, word.span) for word in _bashisms(image, script))


def _before(container: Container, script: StartScript) -> tuple[StartScript, ...]:
    return container.scripts[: container.scripts.index(script)]


def _transfer(image: Image, by: Span) -> Transfer | None:
    """The COPY or ADD from the build context that a span belongs to."""
    return next(
        (one for one in image.context_transfers if any(word.span == by for word in one.sources)),
        None,
    )


def _cleans_lines(image: Image) -> bool:
    stages: tuple[Stage, ...] = (*image.lineage, *image.builders)
    runs = (one for stage in stages for one in stage.instructions if isinstance(one, Run))
    return any(
        re.search(_CLEANS_LINES, text) for run in runs for text in (run.text, *(one.body for one in run.heredocs))
    )


def _git_mends(container: Container) -> bool:
    """Whether git is told to write plain line ends, so that those of this checkout are its own affair."""
    project = container.image.project if container.image is not None else None
    source = project.source_of(".gitattributes") if project is not None else None
    return source is not None and re.search(r"(?m)^[^#\n]*\b(?:eol=lf|-crlf)\b", source.text) is not None


def _lacks_mode(container: Container, image: Image, placed: Placed, transfer: Transfer | None) -> bool:
    """Whether a script comes from a file without the right to be executed, and nothing gives it that right."""
    if placed.path is None or image.project.tree.executable(placed.path) is not False:
        return False
    if transfer is None and not any(one.span == placed.by for one in container.covers):
        return False  # from another stage, or in another way that is not followed
    if transfer is not None and (transfer.flag("chmod") is not None or _is_made_executable(image, placed.place)):
        return False
    return not (isinstance(transfer, Copy) and transfer.onbuild)


def _is_named(program: Program, place: str) -> bool:
    """Whether a program that the start runs, such as `chmod +x`, is given a script, or what may be it."""
    name = place.rpartition("/")[2]
    words = [one.value for one in program.argv[1:]]
    return any(word is None or "*" in word or word.rpartition("/")[2] == name for word in words) or "-R" in words


def _is_made_executable(image: Image, place: str) -> bool:
    """Whether some RUN of the image changes modes of the script, or may: by its name, its folder, or a pattern."""
    folder, _, name = place.rpartition("/")
    last = folder.rpartition("/")[2]
    for run in image.every(Run):
        for text in (run.text, *(one.body for one in run.heredocs)):
            if not re.search(r"\b(?:chmod|install|setfacl)\b", text):
                continue
            if name in text or "*" in text or "$" in text or "-R" in text or (last and last in text):
                return True
    return False


def _bashisms(image: Image, script: StartScript) -> Iterator[ShellWord]:
    """What only bash understands, in a script that certainly dash runs: `source`, and `set -o pipefail` where that dash
    is an old one.
    """
    if script.shell not in ("sh", "dash") or (script.shell == "sh" and image.sh != "dash"):
        return
    old = image.base is not None and image.base.release in _NO_PIPEFAIL
    for command in script.script.commands:
        if command.words and command.name in ("source", "pushd", "popd", "shopt"):
            yield command.words[0]
        elif old and command.name == "set" and "pipefail" in command.argv:
            yield next(word for word in command.words if word.value == "pipefail")
