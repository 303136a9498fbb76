"""The virtual environments of an image: where the tools of Python put what they install, when that is not the system.

* `uv sync` and `uv add`: `.venv` beside the project's manifest, or UV_PROJECT_ENVIRONMENT (docs.astral.sh/uv, "Project
  environment path"); with `--active` the one that VIRTUAL_ENV names;
* Poetry: `.venv` in the project with `virtualenvs.in-project`, else in a cache directory, which is left out here;
* Hatch: where HATCH_ENV_TYPE_VIRTUAL_PATH or the environment's `path` says, else in a folder of the user's home;
* PDM: `.venv` in the project, unless its configuration says no; Pipenv: with PIPENV_VENV_IN_PROJECT;
* `python -m venv`, `virtualenv` and `uv venv`: where they are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from dockerlint_fastapi.model.command import is_python
from dockerlint_fastapi.model.context.passage import place_of, workdirs
from dockerlint_fastapi.model.dockerfile import MOST_STAGES, Arg, Env, Run, Stage, Transfer, Workdir
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install import Step
    from dockerlint_fastapi.model.shell import SimpleCommand

_VERSION = r"(?:cpython-?|python)?(3\.[0-9]{1,2})(?:\.[0-9]+)?\Z"
_VALUED = frozenset(("--python", "-p", "--prompt", "--cache-dir", "--app-data", "--creator", "--seeder", "--index-url"))
_OFF = frozenset(("", "0", "false", "no", "off", "n", "f"))


class VirtualEnvironment(NamedTuple):
    """A virtual environment: its absolute path in the image, the words that make it, and the tool whose it is (`uv`,
    `poetry`, `pdm`, `pipenv`, `hatch`; `venv` for one that was made by hand). `python` is the version that uv is
    told to take for it, and where.
    """

    place: str
    span: Span
    manager: str
    python: tuple[str, Span] | None = None

    def moved(self, source: str, target: str, span: Span) -> VirtualEnvironment | None:
        """The same as a copy of a directory brings it to another; None when it does not lie in that directory."""
        if not f"{self.place}/".startswith(f"{source.rstrip('/')}/"):
            return None
        rest = self.place[len(source.rstrip("/")) :]
        return VirtualEnvironment(f"{target.rstrip('/')}{rest}", span, self.manager, self.python)


def virtual_environments(image: Image) -> tuple[VirtualEnvironment, ...]:
    """The virtual environments that a build puts into an image, by its own RUNs or by copies from other stages."""
    return _of_stage(image, image.stage, {})


def environments_of(image: Image, stage: Stage) -> tuple[VirtualEnvironment, ...]:
    """Those that a stage of the image's Dockerfile holds at its end."""
    return _of_stage(image, stage, {})


class Row(NamedTuple):
    """An instruction with the working directory in front of it and the variables in force, None if it is unknown."""

    instruction: Run | Transfer
    directory: str | None
    variables: Mapping[str, str | None]
    settings: frozenset[str]  # of Poetry and PDM: `poetry config virtualenvs.in-project true` as `in-project true`


_Known = dict[Stage, tuple[VirtualEnvironment, ...]]  # what each stage holds at its end


def _of_stage(image: Image, stage: Stage, known: _Known) -> tuple[VirtualEnvironment, ...]:
    """Those in a stage, made by itself or by what it is built on; the first to make one counts."""
    # All stages in front of it in order, so that a long chain of them is no deep recursion.
    for one in stage.dockerfile.stages[: stage.index + 1]:
        found = {environment.place: environment for environment in (known[one.base] if one.base is not None else ())}
        for row in rows(image, one):
            made = _made(image, row) if isinstance(row.instruction, Run) else _copied(one, row, known)
            for environment in made:
                found.setdefault(environment.place, environment)
        known[one] = tuple(found.values())
    return known[stage]


def _built_on(stage: Stage) -> list[Stage]:
    """The stages that one is built on, the nearest last; of very many, the last ones."""
    found: list[Stage] = []
    base = stage.base
    while base is not None and len(found) < MOST_STAGES:
        found.append(base)
        base = base.base
    return found[::-1]


def rows(image: Image, stage: Stage) -> Iterator[Row]:
    """The RUNs and copies of one stage."""
    variables: dict[str, str | None] = {}
    arguments: dict[str, str | None] = {}
    settings: frozenset[str] = frozenset()
    for above in _built_on(stage):
        for env in above.instructions:
            if isinstance(env, Env):
                variables.update({pair.name: pair.value for pair in env.pairs})
    places = workdirs(image, stage)
    directory = next(places)
    for instruction in stage.instructions:
        if isinstance(instruction, Workdir):
            directory = next(places)
        elif isinstance(instruction, Env):
            variables.update({pair.name: pair.value for pair in instruction.pairs})
        elif isinstance(instruction, Arg):
            arguments.update({pair.name: pair.value for pair in instruction.pairs})
        elif isinstance(instruction, (Run, Transfer)):
            if isinstance(instruction, Run):
                settings = settings.union(re.findall(r"virtualenvs\.([\w-]+[ \t]+\w+)", instruction.text))
            yield Row(instruction, directory, {**arguments, **variables}, settings)


def _copied(stage: Stage, row: Row, known: _Known) -> Iterator[VirtualEnvironment]:
    """What a copy from another stage brings."""
    transfer = row.instruction
    if not isinstance(transfer, Transfer) or transfer.from_ is None or transfer.from_.value is None:
        return
    other = stage.dockerfile.stage(transfer.from_.value)
    target = place_of(transfer.destination.value, row.directory)
    if other is None or other.index >= stage.index or target is None:
        return
    there = known[other]
    for word in transfer.sources if there else ():
        source = place_of(word.value, "/")
        for environment in there:
            moved = environment.moved(source, target, word.span) if source is not None else None
            if moved is not None:
                yield moved


def _made(image: Image, row: Row) -> Iterator[VirtualEnvironment]:
    """What a RUN makes."""
    run = row.instruction
    if not isinstance(run, Run):
        return
    for step in image.steps_of(run):
        place = _of_step(step, row, _folder(run, step.command, row.directory)) if not step.conditional else None
        if step.manager == "hatch" and step.action == "install" and not step.conditional:
            place = next((one.place for one in image.installed.steps if one.step.span == step.span), None)
        if place is not None:
            yield VirtualEnvironment(place, step.head, step.manager)
    script = run.command.script
    for command in script.commands if script is not None else ():
        place = _by_hand(command, row, _folder(run, command, row.directory))
        if place is not None:
            yield VirtualEnvironment(place, command.span, "venv", _python_of(command, row))


def _folder(run: Run, command: SimpleCommand | None, directory: str | None) -> str | None:
    """The directory in which a command of a RUN runs, after each `cd` in front of it."""
    script = run.command.script
    if script is None or command is None:
        return directory
    found: tuple[dict[int, int], list[tuple[int, SimpleCommand]]] | None = run.command.read.get("cd")
    if found is None:
        numbers = {id(one): at for at, one in enumerate(script.commands)}
        moves = [(at, one) for at, one in enumerate(script.commands) if one.program == "cd"]
        found = run.command.read["cd"] = (numbers, moves)
    numbers, moves = found
    last = numbers.get(id(command), len(numbers))
    for at, other in moves:
        if at >= last:
            break
        if other.nesting == command.nesting[: len(other.nesting)]:
            directory = place_of(other.argv[1] if len(other.argv) > 1 else None, directory)
    return directory


def _of_step(step: Step, row: Row, folder: str | None) -> str | None:
    """The environment into which an installer of projects puts what it installs."""
    if step.action not in ("sync", "install"):
        return None

    def variable(name: str) -> str | None:
        """Its value, "" when it is not set; None when that cannot be told."""
        return step.environment.get(name, row.variables.get(name, ""))

    option = step.option("--directory", "--project")
    if option is not None:
        folder = place_of(option.value, folder)
    chosen: str | None = ""
    if step.manager == "uv" and step.subcommand in ("sync", "add"):
        chosen = variable("VIRTUAL_ENV") if step.has("--active") else variable("UV_PROJECT_ENVIRONMENT")
    elif step.manager == "poetry" and not step.subcommand.startswith("self"):
        created = variable("POETRY_VIRTUALENVS_CREATE")
        inside = variable("POETRY_VIRTUALENVS_IN_PROJECT")
        if "create false" in row.settings or created is None or created.lower() in _OFF - {""}:
            return None
        if not ("in-project true" in row.settings or (inside is not None and inside.lower() not in _OFF)):
            return None
    elif step.manager == "pdm" and step.subcommand in ("sync", "install", "add"):
        if step.has("-g", "--global", "--venv") or "use_venv" in row.instruction.text:
            return None
    elif step.manager == "pipenv" and not step.has("--system"):
        inside = variable("PIPENV_VENV_IN_PROJECT")
        if inside is None or inside.lower() in _OFF:
            return None
    else:
        return None
    return place_of(chosen or ".venv", folder) if chosen is not None else None


def _by_hand(command: SimpleCommand, row: Row, folder: str | None) -> str | None:
    """The environment that `python -m venv`, `virtualenv` or `uv venv` makes."""
    program, argv = command.program or "", command.argv
    named = True
    if is_python(program) and argv[1:3] in (("-m", "venv"), ("-m", "virtualenv")):
        start = 3
    elif program == "virtualenv":
        start = 1
    elif program == "uv" and argv[1:2] == ("venv",):
        start, named = 2, False  # `.venv` by default
    else:
        return None
    at = start
    while at < len(argv):
        word = argv[at]
        if word is None or not word.startswith("-"):
            return place_of(expanded(command.words[at].text, row.variables), folder)
        at += 2 if word in _VALUED else 1
    return None if named else place_of(row.variables.get("UV_PROJECT_ENVIRONMENT") or ".venv", folder)


def _python_of(command: SimpleCommand, row: Row) -> tuple[str, Span] | None:
    """The version of Python that `uv venv --python 3.12` names."""
    if command.program != "uv":
        return None
    for at, word in enumerate(command.words):
        option, equals, value = word.text.partition("=")
        written = value if equals else command.words[at + 1].text if at + 1 < len(command.words) else ""
        found = re.match(_VERSION, expanded(written, row.variables) or "") if option in ("--python", "-p") else None
        if found is not None:
            return found[1], word.span if equals else command.words[at + 1].span
    return None


def expanded(text: str, variables: Mapping[str, str | None]) -> str | None:
    """A word without its quotes, `$NAME` and `${NAME}` replaced; None when another expansion is left in it."""
    text = text.replace('"', "").replace("'", "")

    def value(match: re.Match[str]) -> str:
        known = variables.get(match[1] or match[2])
        return match[0] if known is None else known

    text = re.sub(r"\$(?:(\w+)|\{(\w+)\})", value, text)
    return None if any(char in text for char in "$`*?") else text
