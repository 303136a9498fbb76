"""Shell scripts that a RUN starts (`COPY install.sh .`, `RUN ./install.sh`), read as commands of that RUN."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.command import SHELLS, Argument
from dockerlint_fastapi.model.context.passage import behind_workdirs, place_of
from dockerlint_fastapi.model.dockerfile import Command, Run
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.install.call import calls
from dockerlint_fastapi.model.shell import too_long
from dockerlint_fastapi.parsers.shell import parse_script

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

_END = ".sh"


def run_scripts(image: Image) -> Iterator[tuple[Run, Command]]:
    """The scripts of the project that the RUNs of an image certainly start, each with its RUN. One that begins with
    another interpreter is left out, as is one behind a `cd`.
    """
    for stage in image.lineage:
        if not any(_END in run.text for run in stage.of(Run)):
            continue
        for run, directory in behind_workdirs(image, stage):
            if not isinstance(run, Run) or _END not in run.text:
                continue
            found = calls(run.command)
            if any(call.name in ("cd", "pushd") for call in found):
                continue
            for call in found:
                place = None if call.conditional else place_of(_script(call.arguments), directory)
                placed = image.file_at(place, stage=stage, before=run) if place is not None else None
                command = _read(placed) if isinstance(placed, Placed) and placed.path is not None else None
                if command is not None:
                    yield run, command


def _script(arguments: tuple[Argument, ...]) -> str | None:
    """The script that a call starts: by its path, or as the operand of a shell."""
    first = arguments[0].value or ""
    if first.rpartition("/")[2] in SHELLS:
        words = [one.value or "" for one in arguments[1:]]
        first = next((one for one in words if not one.startswith("-")), "") if "-c" not in words else ""
        return first if first.endswith(_END) else None
    return first if first.endswith(_END) and "/" in first else None


def _read(placed: Placed) -> Command | None:
    text = placed.text.replace("\r\n", " \n")
    if too_long(text):
        return None
    script = parse_script(text, placed.locate)
    if script.interpreter and script.interpreter not in SHELLS:
        return None
    return Command(  # noqa: S604 - nothing is run
        exec_form=False,
        text=text,
        words=(),
        shell=(f"/bin/{script.interpreter or 'sh'}", "-c"),
        span=script.span,
        parse=lambda: script,
    )
