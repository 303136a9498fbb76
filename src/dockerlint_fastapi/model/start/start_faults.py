"""Start commands that cannot start what they are meant to: none at all, the program named twice, options alone."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.bases.reference import Reference
from dockerlint_fastapi.model.command import Argument, Program, is_python
from dockerlint_fastapi.model.install.distributions import Distribution
from dockerlint_fastapi.model.project import compose_texts
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_FAMILIES = ("python", "pypy", "uv")  # of images whose own CMD is an interpreter or a tool, and no server
_SERVERS = frozenset("celery daphne fastapi granian gunicorn hypercorn streamlit uvicorn".split())
# Programs that run what stands behind them.
_WRAPPERS = frozenset(
    "dumb-init tini catatonit gosu su-exec env nice wait-for-it.sh wait-for-it wait-for dockerize".split()
)
# Files in which a platform is told the command.
_PLATFORMS = (
    "Procfile", "railway.json", "railway.toml", "render.yaml", "fly.toml", "app.yaml", "app.json", "heroku.yml",
    "captain-definition", "koyeb.yaml", "nixpacks.toml", "devspace.yaml", "skaffold.yaml", "tilt_config.json",
)  # fmt: skip
_OPTION = r"--?[A-Za-z]"
_LINE_END = r"[ \t]*(?:\\[ \t]*)?\n\s*(?:#[^\n]*\n\s*)*"  # no word, and no `\` that still joins the lines
_MOST_BETWEEN = 2_000  # characters between a command and an option behind comments
_MOST = 200  # files that are looked into
_RUNS = r"\b(?:docker|podman|nerdctl)\b[^\n]*\brun\b|container:\s"


class StartFault(NamedTuple):
    """One fault of a container's start command: `kind` is `none`, `twice`, `options`, `python`, `dropped` or `apart`.

    `text` is the word that the message shows, `other` a second one; `note` is the other end.
    """

    kind: str
    text: str
    span: Span
    note: Span | None = None
    other: str = ""


def start_fault(container: Container) -> StartFault | None:
    """What is wrong with the start command of a container of a known image; None when nothing is, or that cannot be
    told.
    """
    image = container.image
    if not container.is_whole:
        return None
    apart = _apart(container)
    if apart is not None or image is None or image.base is None or image.base.server is not None:
        return apart
    first, second = _entrypoint(container, image), _command(container, image)
    if first is None or second is None:
        return None
    if not first and not second:
        return _none(container, image)
    if first and second:
        return _twice(first, second) or _python(first, second)
    if second and not first and (second[0].value or "").startswith("-"):
        return StartFault("options", second[0].value or "", second[0].span)
    if first and not second and container.service is not None and container.service.entrypoint is not None:
        return _dropped(container, image, first)
    return None


def _entrypoint(container: Container, image: Image) -> tuple[Argument, ...] | None:
    """The words of the entrypoint, none when there is none; None when they cannot be told, or a shell reads them."""
    chosen = container.service.entrypoint if container.service is not None else None
    if chosen is not None:
        return chosen.arguments
    if image.entrypoint is not None:
        command = image.entrypoint.command
        if not command.exec_form:
            return None
        return tuple(Argument(word.value, word.text, word.span) for word in command.words)
    words = image.base.entrypoint if image.base is not None else None
    span = image.lineage[0].from_.image.span
    return None if words is None else tuple(Argument(word, word, span) for word in words)


def _command(container: Container, image: Image) -> tuple[Argument, ...] | None:
    """The words behind it, as above. A service's entrypoint drops the image's CMD."""
    service = container.service
    chosen = service.command if service is not None else None
    if chosen is not None and not chosen.cleared:
        return chosen.arguments
    if (service is not None and service.entrypoint is not None) or image.cmd is None:
        return ()
    command = image.cmd.command
    if not command.exec_form:
        return None
    return tuple(Argument(word.value, word.text, word.span) for word in command.words)


def _none(container: Container, image: Image) -> StartFault | None:
    """An image for a program that starts none."""
    base, service = image.base, container.service
    if base is None or base.family not in _FAMILIES or image.python is not True or container.development:
        return None
    if service is not None and service.entrypoint is not None:
        return None  # cleared on purpose
    if _is_used_as_base(image) or container.in_editor:
        return None
    if service is not None:
        waits = any(service.node(key) is not None for key in ("stdin_open", "tty", "profiles", "provider", "scale"))
        if waits or service.replicas is not None or container.deployment is None or not container.deployment.whole:
            return None
        if container.deployment.runs_once(service) or _is_built_for_others(container):
            return None  # all that it is there for is its image
        return StartFault("none", base.cmd[0] if base.cmd else "", service.span, image.stage.from_.image.span)
    if _is_told_elsewhere(image):
        return None
    return StartFault("none", base.cmd[0] if base.cmd else "", image.stage.from_.image.span)


def _is_built_for_others(container: Container) -> bool:
    """Whether another service starts the image under the name that this one gives it, with a command of its own."""
    service, deployment = container.service, container.deployment
    if service is None or service.image is None or deployment is None:
        return False
    return any(
        other.name != service.name
        and other.image is not None
        and other.image.text == service.image.text
        and (other.command is not None or other.entrypoint is not None)
        for other in deployment.merged.services.values()
    )


def _is_used_as_base(image: Image) -> bool:
    """Whether another build may begin with it: a stage that is named for that, or a FROM with its name."""
    project = image.project
    services = [one.service for one in image.containers if one.service is not None]
    names = {one.image.value.partition(":")[0] for one in services if one.image is not None and one.image.value}
    if not names.isdisjoint(project.index.gathered(names_in_from)) or project.index.answer(_has_additional_contexts):
        return True
    names = {"base", "common", "builder", "build", "deps", "lambda", "sandbox"}
    path, stage = (
        re.split(r"[^a-z]+", text.lower()) for text in (image.dockerfile.source.path, image.stage.name or "")
    )
    # A stage `runner` is what runs; a Dockerfile of that name makes the image of a CI's runner.
    return not names.isdisjoint((*path, *stage)) or "runner" in path


def names_in_from(project: Project) -> Iterator[str]:
    """The names, without tags, on which stages are built; an empty one for those that cannot be told."""
    images = (stage.from_.image.value or "" for file in project.own.dockerfiles for stage in file.stages)
    return (name.partition(":")[0] for name in images)


def _has_additional_contexts(project: Project) -> bool:
    return any("additional_contexts" in text for text in project.index.gathered(compose_texts))


def _is_told_elsewhere(image: Image) -> bool:
    """Whether other than Docker's files may give the command: a platform, a cluster, a script that runs it."""
    project = image.project
    if image.orchestrated or not project.index.names.isdisjoint(_PLATFORMS):
        return True
    if image.dockerfile.source.path.startswith("."):
        return True
    if any(container.service is not None for container in image.containers):
        return True  # a service gives it one
    serves = isinstance(image.distributions.get("uvicorn"), Distribution) or bool(image.exposes)
    if not serves or project.index.answer(_is_commanded):
        return True
    return any(re.search(_RUNS, source.text) for source in project.recipes)


def _is_commanded(project: Project) -> bool:
    """Whether some YAML of the project gives commands: compose files under other names, stacks, charts."""
    if project.index.gathered(strange_commands):
        return True
    known = project.index.gathered(files_of_services)
    paths = [path for path in project.paths if path.endswith((".yml", ".yaml")) and path not in known]
    paths = [path for path in paths if not path.startswith(".github/")]
    sources = (project.source_of(path) for path in sorted(paths)[:_MOST])
    return any(
        re.search(r"(?m)^[ \t-]+(?:command|entrypoint|args|image):", one.text) for one in sources if one is not None
    )


def strange_commands(project: Project) -> Iterator[str]:
    """The services that may start any image of the project with a command of their own."""
    started = project.own.containers
    followed = {one.service.span for one in started if one.service is not None and one.image is not None}
    services = (one for file in project.own.compose_files for one in file.services.values())
    return (one.name for one in services if one.span not in followed and _may_be(one))


def files_of_services(project: Project) -> Iterator[str]:
    """The compose files that can be read."""
    return (file.source.path for file in project.own.compose_files if file.root is not None)


def _may_be(service: Service) -> bool:
    """Whether a service may start an image of the project by a name that nobody can tell, with a command of its own:
    those that are known products, and those whose build is followed, are no such services.
    """
    if service.command is None and service.entrypoint is None:
        return False
    reference = Reference.parse(service.image.value) if service.image is not None and service.image.value else None
    return reference is None or not reference.is_public


def _twice(first: tuple[Argument, ...], second: tuple[Argument, ...]) -> StartFault | None:
    """`ENTRYPOINT ["uvicorn"]` with `CMD ["uvicorn", "app:app"]`."""
    program, again = _bare(first[0]), _bare(second[0])
    if not program or program != again:
        return None
    if program in _SERVERS or (is_python(program) and len(first) == 1):
        return StartFault("twice", program, second[0].span, first[0].span)
    return None


def _python(first: tuple[Argument, ...], second: tuple[Argument, ...]) -> StartFault | None:
    """`CMD ["uvicorn", …]` in an image whose ENTRYPOINT is Python: it looks for a file of that name."""
    again = second[0].value or ""
    if len(first) > 1 or not is_python(_bare(first[0])) or again not in _SERVERS:
        return None
    return StartFault("python", again, second[0].span, first[0].span)


def _dropped(container: Container, image: Image, first: tuple[Argument, ...]) -> StartFault | None:
    """A service's entrypoint that runs what stands behind it, with nothing behind it: the image's CMD is dropped."""
    if image.cmd is None or container.service is None or container.service.entrypoint is None:
        return None
    words = [argument.value for argument in first]
    if None in words:
        return None
    wrapper = _bare(first[0])
    bare = len(words) == 1 or words[-1] == "--" or (wrapper in ("gosu", "su-exec") and len(words) == 2)
    if (wrapper in _WRAPPERS and bare) or _ends_with_arguments(container):
        return StartFault("dropped", wrapper, container.service.entrypoint.span, image.cmd.span)
    return None


def _ends_with_arguments(container: Container) -> bool:
    """Whether the script that the entrypoint is ends in `exec "$@"`, which without arguments is a bare `exec`."""
    commands = container.scripts[-1].script.commands if container.scripts else ()
    last = commands[-1] if commands else None
    return last is not None and last.argv == ("exec",) and not last.redirects and not last.nesting


def is_folded(place: Span) -> bool:
    """Whether a place stands in a folded text of YAML (`>`), by the last sign in front of it that begins a text."""
    source = place.source
    if not source.path.endswith((".yml", ".yaml")):
        return False
    begun = re.findall(r"(?m)[:-][ \t]+([>|])[-+\d]*[ \t]*(?:#.*)?\r?$", source.text[: place.start])
    return begun[-1:] == [">"]


def _apart(container: Container) -> StartFault | None:
    """An option that a shell takes for a command: the line in front of it does not go on (no backslash, or a folded
    text of YAML keeps its line end, as the next line is indented more).
    """
    before: Program | None = None
    for program in container.programs:
        word = program.argv[0] if program.argv else None
        if word is None or program.shell is None or not re.match(_OPTION, word.value or ""):
            before = program
            continue
        if before is None or program.conditional or not before.name or before.shell is None:
            return None
        span, last = word.span, before.span
        if span.source is not last.source or span.text != word.text or last.end > span.start:
            return None
        # What stands between the two is the end of a line, not a word that was passed over.
        if not re.fullmatch(_LINE_END, span.source.text[last.end : span.start]):
            return None
        return StartFault("apart", word.value or "", span, last, before.name)
    return _behind_exec(container, before) if before is not None else None


def _behind_exec(container: Container, program: Program) -> StartFault | None:
    """The same behind `exec` in a start script, where nothing more runs: an option that is no argument of the program
    although it begins the next line.
    """
    span = program.span
    files = {script.placed.path for script in container.scripts}
    if not program.execs or program.conditional or program.shell is None or span.source.path not in files:
        return None
    found = re.match(f"{_LINE_END}({_OPTION}[\\w-]*)", span.source.text[span.end : span.end + _MOST_BETWEEN])
    if found is None:
        return None
    where = span.source.span(span.end + found.start(1), span.end + found.end(1))
    return StartFault("apart", found[1], where, span, program.name)


def _bare(argument: Argument) -> str:
    return (argument.value or "").rpartition("/")[2]
