"""The programs behind start scripts: shell scripts of the project are read where a command runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dockerlint_fastapi.assemble.procfile import MANAGERS, of_procfile
from dockerlint_fastapi.assemble.supervisor import supervised
from dockerlint_fastapi.assemble.surroundings import USER_CHANGERS, Surroundings
from dockerlint_fastapi.model.command import SHELLS, UNKNOWN, Argument, Program, Unknown, is_python
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.dockerfile import Run, Transfer
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.shell import Script, SimpleCommand, too_long
from dockerlint_fastapi.model.start.start_script import Passed, StartScript
from dockerlint_fastapi.parsers.command.branches import taken
from dockerlint_fastapi.parsers.command.scripts import of_script
from dockerlint_fastapi.parsers.command.way import Known, Way, bare
from dockerlint_fastapi.parsers.shell import parse_script
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_MAX_DEPTH: Final = 6  # scripts that run scripts
_MAX_PROGRAMS: Final = 200
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Started(NamedTuple):
    """A program, and the scripts on the way to it, the outermost first."""

    program: Program
    way: tuple[Passed, ...] = ()


def read_starts(container: Container, programs: Sequence[Program]) -> tuple[list[Started], tuple[StartScript, ...]]:
    """What a container's programs start, scripts replaced by what runs in them; and these scripts."""
    reader = _Reader(container)
    started = [one for program in programs for one in reader.follow(Started(program))]
    return started, tuple(reader.scripts)


def read_arms(container: Container) -> tuple[tuple[Passed, ...], ...]:
    """The ways to the programs of a script that is started without the arguments that it asks for (`case "$1"`):
    whoever runs the image gives them, so any of its branches may be the one.
    """
    runner = container.program
    if runner is None or len(container.scripts) != 1 or not re.search(r"\$\{?1\b", container.scripts[0].placed.text):
        return ()
    reader = _Reader(container, open_to_arguments=True)
    return tuple(one.way for one in reader.follow(Started(runner)) if one.way)


class _Run(NamedTuple):
    """How a script is run."""

    placed: Placed
    shell: str | None  # None when the shebang decides
    arguments: tuple[Argument, ...] | None
    sourced: bool


class _Reader:
    """Follows programs into the scripts of one container."""

    def __init__(self, container: Container, *, open_to_arguments: bool = False) -> None:
        self.container = container
        self.open_to_arguments = open_to_arguments  # whoever starts the first script may give it any
        self.around = Surroundings(container)
        self.scripts: list[StartScript] = []
        self.count = 0

    def follow(self, started: Started, *, tasks: bool = True) -> Iterator[Started]:
        """The programs behind one program; itself when it is no script, or its text is not known."""
        program = started.program
        self.count += 1
        if tasks and (program.wrappers or program.name in ("poe", "task")) and self.count <= _MAX_PROGRAMS:
            from dockerlint_fastapi.assemble.task_scripts import is_task, of_task  # noqa: PLC0415 - few start one

            inside = (
                of_task(self.container, program, self.around.directory(program.moves)) if is_task(program) else None
            )
            if inside is not None:
                for one in inside:
                    yield from self.follow(Started(one, started.way), tasks=False)
                return
        if self.count > _MAX_PROGRAMS or len(started.way) >= _MAX_DEPTH or not program.may_be_script:
            yield started
            return
        if program.name == "supervisord" or program.name in MANAGERS:
            read = supervised if program.name == "supervisord" else of_procfile
            inside = read(self.container, program, self.around.directory(program.moves))
            yield from self._managed(started, inside or ())
            return
        if program.name == "make":
            from dockerlint_fastapi.assemble.make_targets import of_make  # noqa: PLC0415 - few containers start one

            inside = of_make(self.container, program, self.around.directory(program.moves))
            for one in inside or ():
                yield from self.follow(Started(one, started.way))
            if inside is None:
                yield started
            return
        run = self._run_of(program)
        inside = self._of_base(program) if run is None else None
        if inside is not None:
            yield from self._before(started, inside[:-1])
            yield Started(inside[-1], started.way)
            return
        if run is None or self._is_circle(run.placed, started) or too_long(run.placed.text):
            yield started
            return
        # A carriage return at a line's end is no part of the command.
        text = run.placed.text.replace("\r\n", " \n")
        script = parse_script(text, Source.of(text, "script").span)
        shell = run.shell or script.interpreter or "sh"
        if run.shell is None and is_python(script.interpreter):
            yield Started(_as_python(program, script.interpreter), started.way)
            return
        if shell not in SHELLS or (script.interpreter and script.interpreter not in SHELLS):
            yield started
            return
        yield from self._inside(started, run, text, script, shell)

    def _managed(self, started: Started, inside: tuple[Program, ...]) -> Iterator[Started]:
        """What a manager of programs starts, scripts followed. Of several servers none is the container's: they stand
        as in branches.
        """
        found: list[Started] = []
        for one in inside:
            again = Started(one, started.way)
            found.extend((again,) if one.name == started.program.name else self.follow(again))
        several = sum(one.program.role == "server" for one in found) > 1
        for each in found or (started,):
            yield each._replace(program=each.program._replace(conditional=True)) if several else each

    def _of_base(self, program: Program) -> tuple[Program, ...] | None:
        """What a script of the base image starts; None when it is none that is known."""
        image = self.container.image
        if image is None or image.base is None or image.base.server is None:
            return None
        from dockerlint_fastapi.assemble.base_starts import of_base_script  # noqa: PLC0415 - few images have them

        return of_base_script(self.container, program)

    def _before(self, started: Started, inside: tuple[Program, ...]) -> Iterator[Started]:
        for one in inside:
            yield from self.follow(Started(one, started.way))

    def _inside(self, started: Started, run: _Run, text: str, script: Script, shell: str) -> Iterator[Started]:
        program, placed = started.program, run.placed
        way = Way(
            shell=shell,
            execs=False,
            last=program.last,
            background=program.background,
            conditional=program.conditional,
            wrappers=program.wrappers,
            inherits=program.inherits,
            environment={
                name: (value, program.environment_spans.get(name, program.span))
                for name, value in program.environment.items()
            },
            positional=run.arguments,
            moves=program.moves,
            known=self.around.of_string,
        )
        around = self.around
        known = Known(placed.place, run.arguments, around.lookup(way), around.exists(way.moves), around.text(way.moves))
        made = taken(text, script, known, placed.locate)
        places: tuple[Span, ...]
        if made is not None:
            script, places = made
        else:
            script = parse_script(text, placed.locate)
            places = tuple(command.span for command in script.commands)
        mine = StartScript(placed, script, shell, program, run.sourced)
        self.scripts.append(mine)
        found = False
        calls = _Calls(script, places)
        for inner in of_script(script, way):
            found = True
            call, command = calls.of(inner)
            step = Passed(mine, call, command, _within(inner, call))
            yield from self.follow(Started(step.program, (*started.way, step)))
        if not found:
            yield started

    def _run_of(self, program: Program) -> _Run | None:
        """The script that a program is, with its shell and arguments; None when it is none whose text is known."""
        if program.name in (".", "source"):
            operand, shell, at = 1, program.shell, None
        elif program.name in SHELLS:
            named = program.script
            operand = next((place for place, one in enumerate(program.argv) if place and one.value == named), 0)
            shell, at = program.name, operand + 1
        else:
            operand, shell, at = 0, None, 1
        value = program.argv[operand].value if operand < len(program.argv) else None
        if not value:
            return None
        placed = self._placed(value, self.around.directory(program.moves), searched=operand == 0)
        if placed is None:
            return None
        arguments = None if at is None or (self.open_to_arguments and at == len(program.argv)) else program.argv[at:]
        return _Run(placed, shell, arguments, at is None)

    def _placed(self, value: str, directory: str | None, *, searched: bool) -> Placed | None:
        """The file that a word names; a name without a slash is searched along PATH where it is a program."""
        if "/" in value or not searched:
            place = place_of(value, directory)
            found = self.container.file_at(place) if place is not None else UNKNOWN
            if found is None and place is not None:
                return self._meant(place)
            return found if isinstance(found, Placed) else None
        if not value.endswith(".sh") and not self._is_own(value):
            return None
        path = self.container.environment.get("PATH")
        folders = path.text if path is not None and not isinstance(path, Unknown) else _PATH
        for folder in folders.split(":")[:20]:
            if folder.startswith("/"):
                found = self.container.file_at(f"{folder.rstrip('/')}/{value}")
                if isinstance(found, Placed):
                    return found
        return None

    def _meant(self, place: str) -> Placed | None:
        """The script that is meant where certainly none is at its place: the only one of its name in the project, which
        lies beside the Dockerfile. That it is not found is another rule's to tell.
        """
        image, name = self.container.image, place.rpartition("/")[2]
        if image is None or not name.endswith(".sh"):
            return None
        project, source = image.project, image.dockerfile.source
        path = f"{parent(source.path)}/{name}".lstrip("/")
        if [one for one in project.index.ending(name) if one.rpartition("/")[2] == name] != [path]:
            return None
        text = project.source_of(path)
        start = self.container.start_span
        return None if text is None or start is None else Placed(place, path, text.text, text.span, start)

    def _is_own(self, name: str) -> bool:
        """Whether the build names a program somewhere: others need not be searched."""
        image = self.container.image
        if image is None:
            return False
        stages = (*image.lineage, *image.builders)
        return any(
            name in one.text
            for stage in stages
            for one in stage.instructions
            if isinstance(one, Transfer) or (isinstance(one, Run) and f"/{name}" in one.text)
        )

    def _is_circle(self, placed: Placed, started: Started) -> bool:
        """Whether a script runs itself again; once it may, as another user (`exec gosu app "$0" "$@"`)."""
        before = [step for step in started.way if step.script.placed.place == placed.place]
        changed = not USER_CHANGERS.isdisjoint(started.program.wrappers)
        return bool(before) and (len(before) > 1 or not changed)


class _Calls:
    """The commands of a script by the words in them, in order."""

    def __init__(self, script: Script, places: tuple[Span, ...]) -> None:
        self.commands = script.commands
        self.places = places
        self.whole = script.span
        self.at = 0

    def of(self, program: Program) -> tuple[Span, SimpleCommand | None]:
        """The command that starts a program, and where it is written; the programs are asked for in order."""
        wanted = program.argv[0].span
        for at in range(self.at, len(self.commands)):
            for word in self.commands[at].words:
                span = word.span
                if span.source is wanted.source and span.start <= wanted.start and wanted.end <= span.end:
                    self.at = at
                    return self.places[at], self.commands[at]
        return self.whole, None


def _within(program: Program, call: Span) -> Program:
    """A program whose span ends with its call: its last arguments may be written elsewhere in the same file."""
    span = program.span
    if span.source is not call.source or not call.start <= span.start < call.end < span.end:
        return program
    ends = [one.span.end for one in program.argv if one.span.source is call.source and one.span.end <= call.end]
    return program._replace(span=call.source.span(span.start, max(ends, default=call.end)))


def _as_python(program: Program, interpreter: str) -> Program:
    """A Python script that its shebang starts."""
    first = program.argv[0]
    name = bare(interpreter)
    return program._replace(name=name, argv=(Argument(name, name, first.span), *program.argv))
