"""What a program asks of a server: the requests of curl, wget, nc, of Python code, and of scripts that call them.

Health checks are read by it. Shell variables are resolved by the environment that the program sees, three-way.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dockerlint_fastapi.model.command import SHELLS, Argument, Environment, Program, is_python
from dockerlint_fastapi.model.health.probe import Request, Requests
from dockerlint_fastapi.model.shell import Script
from dockerlint_fastapi.parsers.command import programs_of_script
from dockerlint_fastapi.parsers.request.clients import curl, nc, wget
from dockerlint_fastapi.parsers.request.expansion import as_run
from dockerlint_fastapi.parsers.request.sockets import connections
from dockerlint_fastapi.parsers.request.variables import script_environment
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final, Protocol
else:
    Protocol = object

__all__ = ["File", "Files", "Reader"]


class File(Protocol):
    """A file of the container: its text, and where each stretch of it stands in the project."""

    @property
    def text(self) -> str:
        """What it holds."""

    @property
    def locate(self) -> Callable[[int, int], Span]:
        """The place of `text[start:end]`."""


Files = Callable[[str], "File | None"]
"""The file that a path names in the container, relative ones in its working directory; None when it cannot be told."""

_FUNCTION: Final = r"^[ \t]*(?:function[ \t]+)?([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)"
_MAX_DEPTH: Final = 3  # scripts that call scripts
_MAX_TEXT: Final = 200_000  # characters of a script; a health check is a page at most

# Programs that ask no server that speaks HTTP: they look at processes, files, other servers, or at what was fetched.
_SILENT: Final = frozenset(
    "arq awk base64 basename cat celery cmp cut date diff dirname dramatiq du echo egrep env expr false fgrep find "
    "grep grpc-health-probe grpc_health_probe head hostname id jq kill killall ls mongosh mysql mysqladmin nproc od "
    "pg_isready pgrep pidof printf ps psql pwd rabbitmq-diagnostics redis-cli rq sed sleep sort stat supervisorctl "
    "tail taskiq tee test touch tr true uniq wc which xargs".split()
)


_READERS: Final = {"curl": curl, "wget": wget, "nc": nc, "ncat": nc, "netcat": nc}


class Reader:
    """Reads what programs ask for, with the variables and the files of one container."""

    __slots__ = ("_depth", "_environment", "_files")

    def __init__(self, environment: Environment, files: Files, depth: int = 0) -> None:
        self._environment = environment
        self._files = files
        self._depth = depth

    def within(self, script: Script | None) -> Reader:
        """The reader for a single program of a script, which may assign variables."""
        if script is None:
            return self
        return Reader(script_environment(script, self._environment), self._files, self._depth)

    def of_script(self, script: Script, shell: str) -> Requests:
        """What a script asks for, in whichever branch or function; None when one of its programs cannot be read."""
        if script.problems:
            return None
        environment = script_environment(script, self._environment)
        inner = Reader(environment, self._files, self._depth)
        functions = frozenset(re.findall(_FUNCTION, script.span.text, re.ASCII | re.MULTILINE))
        found: list[Request] = []
        for command in script.commands:
            if command.name in functions:
                continue  # what it calls stands in the script as well
            opened = tuple(connections(command, environment))
            if opened:
                found.extend(opened)
                continue
            alone = script._replace(commands=(command._replace(before="", after="", nesting=()),))
            for program in programs_of_script(alone, shell):
                asked = inner.of_program(program)
                if asked is None:
                    return None
                found.extend(asked)
        return tuple(found)

    def of_program(self, program: Program) -> Requests:
        """What one program asks for; empty when it asks nothing, None when that cannot be told."""
        if program.wrappers[-1:] == ("python -m",):
            return None
        environment = self._environment.seen_by(program)
        reader = _READERS.get(program.name)
        if reader is not None:
            words = [as_run(argument, environment, in_shell=program.shell is not None) for argument in program.argv[1:]]
            return reader(program, words)
        if program.name in _SILENT:
            return ()
        if is_python(program.name):
            code = _code(program)
            if code is not None:
                from dockerlint_fastapi.parsers.request.python import requests_of_code  # noqa: PLC0415 - needs `ast`

                text = as_run(code, environment, in_shell=program.shell is not None)
                return requests_of_code(text.value, text.span, program, environment)
        return self._of_file(program, environment)

    def _of_file(self, program: Program, environment: Environment) -> Requests:
        """What the script file asks for that a program is or runs."""
        path = _file_of(program)
        file = self._files(path) if path is not None and self._depth < _MAX_DEPTH else None
        if path is None or file is None or len(file.text) > _MAX_TEXT:
            return None
        first = file.text.partition("\n")[0]
        if is_python(program.name) or path.endswith(".py") or (first.startswith("#!") and "python" in first):
            from dockerlint_fastapi.parsers.request.python import requests_of_code  # noqa: PLC0415 - needs `ast`

            return requests_of_code(file.text, file.locate, program, environment)
        from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - only scripts in files need it

        script = parse_script(file.text, file.locate)
        shell = program.name if program.name in SHELLS else script.interpreter or "sh"
        if shell not in SHELLS:
            return None
        return Reader(environment, self._files, self._depth + 1).of_script(script, shell)


def _file_of(program: Program) -> str | None:
    """The path of the script that a program is or runs; None when it is none."""
    if program.script is not None:
        return program.script
    if not program.argv or is_python(program.name) or program.name in SHELLS:
        return None
    path = program.argv[0].value
    return path if path is not None and "/" in path else None


def _code(program: Program) -> Argument | None:
    """The argument of `python -c`."""
    argv = program.argv
    at = 1
    while at < len(argv):
        value = argv[at].value
        if value is None or not value.startswith("-") or value.startswith("--") or value == "-":
            return None
        cluster = value[1:]
        if cluster.endswith("c"):
            return argv[at + 1] if at + 1 < len(argv) else None
        if "m" in cluster:
            return None
        at += 2 if value in ("-X", "-W") else 1
    return None
