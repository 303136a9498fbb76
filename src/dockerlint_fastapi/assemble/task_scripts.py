"""Tasks that a project declares for its manager (`pdm run server`, `poe serve`): what they start."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Span

_MOST: Final = 20  # steps of one task
_WRITTEN: Final = r"\b(?:pdm|pipenv|hatch|rye|pixi)[\"', \t]+run\b[^\n;&|]*\Z"
# The same where the manager is the entrypoint: `CMD ["run", "server"]`.
_SPLIT: Final = r"(?:\bCMD|\bcommand:)[\s\[\"'-]*\brun[\"',\s-]+\Z"
_BEFORE: Final = 200  # characters in front of a word that are looked at
# What a task may have besides its command that changes what runs, or how.
_CHANGES: Final = frozenset(
    "env env_file envfile working_dir cwd depends-on depends_on deps uses args interpreter".split()
)


class _Runner(NamedTuple):
    """A manager's file and table of tasks; `shell` says whether its commands are read by one, `commands` under which
    keys a command stands, `sequences` under which several.
    """

    file: str
    table: tuple[str, ...]
    shell: bool
    commands: tuple[str, ...] = ("cmd",)
    sequences: tuple[str, ...] = ()


_POE: Final = _Runner("pyproject.toml", ("tool", "poe", "tasks"), False, ("cmd", "shell"), ("sequence",))
_BY_WRAPPER: Final = {
    "pdm run": _Runner("pyproject.toml", ("tool", "pdm", "scripts"), False, ("cmd", "shell"), ("composite",)),
    "pipenv run": _Runner("Pipfile", ("scripts",), False),
    "hatch run": _Runner("pyproject.toml", ("tool", "hatch", "envs", "default", "scripts"), True),
    "rye run": _Runner("pyproject.toml", ("tool", "rye", "scripts"), True, ("cmd",), ("chain",)),
    "pixi run": _Runner("pyproject.toml", ("tool", "pixi", "tasks"), True),
}
_BY_NAME: Final = {"poe": _POE, "task": _Runner("pyproject.toml", ("tool", "taskipy", "tasks"), True)}


def is_task(program: Program) -> bool:
    """Whether a program may be the name of a task: a manager is asked to run it by that very word."""
    if program.name in _BY_NAME:
        return True
    if not program.wrappers or program.wrappers[-1] not in _BY_WRAPPER or not program.argv:
        return False
    span = program.argv[0].span
    before = span.source.text[max(0, span.start - _BEFORE) : span.start]
    return re.search(_WRITTEN, before) is not None or re.search(_SPLIT, before) is not None


def of_task(container: Container, program: Program, directory: str | None) -> tuple[Program, ...] | None:
    """What a task starts, in its order; None when it is none, or that cannot be told. Of several only the last is run
    with the arguments of the call.
    """
    runner = _BY_NAME.get(program.name) or _BY_WRAPPER.get(program.wrappers[-1] if program.wrappers else "")
    words = program.argv[1:] if program.name in _BY_NAME else program.argv
    name = words[0].value if words else None
    place = place_of(runner.file, directory) if runner is not None else None
    placed = container.file_at(place) if place is not None and name and not name.startswith("-") else None
    if runner is None or not name or not isinstance(placed, Placed) or runner.table[-1] not in placed.text:
        return None
    from dockerlint_fastapi.parsers.manifests.toml_text import load_toml  # noqa: PLC0415 - few containers start a task

    table: Any = load_toml(placed.text)
    for key in runner.table:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict) or "_" in table:
        return None
    reader = _Reader(runner, table, placed, program)
    found = reader.programs(name, words[1:], frozenset())
    return tuple(found) if found else None


class _Reader:
    """Follows the tasks of one table from one call."""

    def __init__(self, runner: _Runner, table: dict[str, Any], placed: Placed, call: Program) -> None:
        self.runner = runner
        self.table = table
        self.placed = placed
        self.call = call

    def programs(self, name: str, given: tuple[Argument, ...], above: frozenset[str]) -> list[Program] | None:
        """What a task starts with some arguments; None when that cannot be told."""
        task = self.table.get(name)
        if name in above or task is None:
            return None
        if isinstance(task, dict):
            if not _CHANGES.isdisjoint(task):
                return None
            key = next((key for key in (*self.runner.commands, *self.runner.sequences) if key in task), None)
            if key is None:
                return None
            task, shell = task[key], self.runner.shell or key == "shell"
        else:
            key, shell = "", self.runner.shell
        if isinstance(task, list) and key not in self.runner.commands:
            return self._sequence(task, given, above | {name})
        if isinstance(task, list) and all(isinstance(word, str) for word in task):
            from shlex import join  # noqa: PLC0415 - few containers start a task

            task = join(task)
        return self._command(task, name, given, shell=shell) if isinstance(task, str) else None

    def _sequence(
        self, tasks: list[object], given: tuple[Argument, ...], above: frozenset[str]
    ) -> list[Program] | None:
        found: list[Program] = []
        for at, task in enumerate(tasks[: _MOST + 1]):
            if not isinstance(task, str) or at == _MOST:
                return None
            last = at == len(tasks) - 1
            rest = given if last else ()
            inner = self.programs(task, rest, above) if task in self.table else None
            if inner is None:
                inner = self._command(task, "", rest, shell=self.runner.shell)
            if not inner:
                return None
            found += inner if last else [one._replace(last=False) for one in inner]
        return found

    def _command(self, text: str, name: str, given: tuple[Argument, ...], *, shell: bool) -> list[Program] | None:
        from dockerlint_fastapi.parsers.command import programs_of_script  # noqa: PLC0415 - as above
        from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415

        if "{" in text.replace("${", ""):  # placeholders for the arguments
            if given:
                return None
            text = re.sub(r"(?<!\$)\{args(?::([^{}]*))?\}", lambda found: found[1] or "", text)
            if re.search(r"(?<!\$)\{\w", text):
                return None
        found = programs_of_script(parse_script(text, self._locator(text, name)), "sh")
        if not found or (given and len(found) > 1) or (not shell and len(found) > 1):
            return None
        return [self._within(one, given, shell=shell) for one in found]

    def _locator(self, text: str, name: str) -> Callable[[int, int], Span]:
        """Where the command of a task stands in the file; the call where it is written otherwise."""
        key = re.search(rf"(?m)^[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*=", self.placed.text) if name else None
        at = self.placed.text.find(text, key.end() if key is not None else 0)
        end = self.placed.text.find("\n", key.end()) if key is not None else -1
        if at < 0 or (key is not None and 0 <= end < at):
            return lambda _start, _end: self.call.span
        return lambda start, end: self.placed.locate(at + start, at + end)

    def _within(self, one: Program, given: tuple[Argument, ...], *, shell: bool) -> Program:
        """A program as the call runs it, which stands for the shell or none, and in the environment of its manager."""
        call = self.call
        wrappers = (*call.wrappers, call.name) if call.name in _BY_NAME else call.wrappers
        if (one.argv[0].value or "").endswith(".py"):
            first = Argument("python", "python", one.argv[0].span)
            one = one._replace(name="python", argv=(first, *one.argv))
        return one._replace(
            argv=(*one.argv, *given),
            wrappers=(*wrappers, *one.wrappers),
            environment={**call.environment, **one.environment},
            environment_spans={**call.environment_spans, **one.environment_spans},
            shell=one.shell if shell else call.shell,
            # Of the shell that hatch has it read by nobody need speak: hatch itself passes no signal on to that.
            execs=call.execs and one.execs if shell and call.waiting is None else call.execs,
            moves=(*call.moves, *one.moves),
            inherits=None if call.inherits is None else call.inherits and one.inherits,
            conditional=call.conditional or one.conditional,
            background=call.background or one.background,
        )
