"""Values that variables of an image get when it starts: by its start script, or by a `docker run` of the project's."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_SCRIPT = r"(?:\A|/)[\w.-]*(?:\.(?:sh|bash)|entrypoint|start|run|boot)[\w.-]*\Z"
_RUN = r"(?m)\b(?:docker|podman|nerdctl)[ \t]+(?:container[ \t]+)?run[ \t]((?:[^\n\\;&|#]|\\\n|\\.)*)"
_VARIABLE = r"(?<![\w-])(?:-e|--env)(?:[ \t]+|=)[\"']?([A-Za-z_]\w*)"
# Options of `docker run` that take no value; of all others the next word is one, unless it is joined by `=`.
_SWITCHES = frozenset(
    "--detach --init --interactive --no-healthcheck --oom-kill-disable --privileged --publish-all --quiet --read-only"
    " --rm --sig-proxy --tty --help".split()
)
_SHORT_SWITCHES = r"-[ditPq]+\Z"
_MOST_CHARACTERS = 200_000  # of a file
_MOST_RUNS = 50  # in one: of what more of them set, nothing is told


class StartDefault(NamedTuple):
    """What a start script gives a variable that nothing sets: `export X="${X:-value}"`."""

    value: str
    span: Span  # of the value


def start_scripts(image: Image) -> tuple[Placed, ...]:
    """The project's scripts that the ENTRYPOINT and the CMD of an image name."""
    container = next(iter(image.plain_containers or image.containers), None)
    words = [word.value for one in (image.entrypoint, image.cmd) if one is not None for word in one.command.words]
    if container is None:
        return ()
    named = [one for one in dict.fromkeys(words) if one and re.search(_SCRIPT, one) and not one.startswith("-")]
    places = [container.place_of(one) for one in named]
    answers = [container.file_at(place) for place in places if place is not None]
    return tuple(one for one in answers if isinstance(one, Placed))


def start_default(scripts: tuple[Placed, ...], name: str) -> StartDefault | None:
    """The default that a start script has for a variable, behind other variables too (`${X:-${Y:-value}}`)."""
    for placed in scripts:
        if name not in placed.text:
            continue
        written = rf"(?m)^[^#\n]*?\$\{{{re.escape(name)}:?[-=](?:\$\{{\w+:?-)*([^{{}}$\n]*)\}}"
        found = re.search(written, placed.text)
        if found is not None:
            return StartDefault(found[1].strip("\"'"), placed.locate(found.start(1), found.end(1)))
    return None


def is_handed_over(image: Image, name: str) -> bool:
    """Whether recipes of the project start the image by `docker run`, and each of these sets the variable: the image is
    named by a variable or as the recipe builds it, beside the Dockerfile or in a project that has only one.
    """
    from dockerlint_fastapi.model.project import dockerfile_paths  # noqa: PLC0415  # few images get here

    index, folder = image.project.index, image.dockerfile.source.path.rpartition("/")[0]
    only = len(index.gathered(dockerfile_paths)) == 1
    runs = [names for where, names in index.answer(_runs) if only or where == folder]
    return bool(runs) and all(name in names for names in runs)


def _runs(project: Project) -> tuple[tuple[str, frozenset[str]], ...]:
    """The recipe's folder and the variables of each `docker run` that starts what the project builds."""
    found: list[tuple[str, frozenset[str]]] = []
    for source in project.recipes:
        text = source.text[:_MOST_CHARACTERS]
        for number, one in enumerate(re.finditer(_RUN, text) if " run " in text else ()):
            if number == _MOST_RUNS:
                found.append((source.path.rpartition("/")[0], frozenset()))
                break
            command = one[1].replace("\\\n", " ")
            image = _image_of(command)
            given = re.match(r"\$+[({]?(\w+)[)}]?\Z", image or "")
            assigned = (
                re.search(rf"(?m)^[ \t]*{given[1]}[ \t]*[:?]?=[ \t]*([^\s#]+)", text) if given is not None else None
            )
            image = assigned[1].strip("\"'") if assigned is not None else image
            if image is not None and ("$" in image or re.search(rf"(?:-t|--tag)[ =]{re.escape(image)}(?!\S)", text)):
                names = frozenset(re.findall(_VARIABLE, command))
                found.append((source.path.rpartition("/")[0], names))
    return tuple(found)


def _image_of(command: str) -> str | None:
    """The image of a `docker run`: the first word that is neither an option nor the value of one, nor a variable with
    options in front of it (`$MOUNTS "$IMAGE"`).
    """
    words = command.split()
    at = 0
    while at < len(words):
        word = words[at]
        if word.startswith("-"):
            alone = "=" in word or word in _SWITCHES or re.match(_SHORT_SWITCHES, word) is not None
            at += 1 if alone else 2
        elif word.startswith("$") and at + 1 < len(words) and words[at + 1].strip("\"'").startswith("$"):
            at += 1
        else:
            return word.strip("\"'")
    return None
