"""The scripts of tiangolo's base images that start a server: what they run.

`/start.sh` ends in `exec gunicorn -k "$WORKER_CLASS" -c "$GUNICORN_CONF" "$APP_MODULE"`, and the base's configuration
listens on `$BIND`, else on `$HOST:$PORT`, `0.0.0.0:80`; `/start-reload.sh` ends in `exec uvicorn --reload --host $HOST
--port $PORT --log-level $LOG_LEVEL "$APP_MODULE"`. Both read `$PRE_START_PATH` before, in place
(tiangolo/uvicorn-gunicorn-docker, docker-images: start.sh, start-reload.sh and gunicorn_conf.py; the images for FastAPI
and Starlette are built on that one).
"""

from __future__ import annotations

from dockerlint_fastapi.model.application.base_start import module_of_base
from dockerlint_fastapi.model.command import BASE_SCRIPTS, SHELLS, UNKNOWN, Argument, Unknown
from dockerlint_fastapi.model.files.container_files import is_of_base
from dockerlint_fastapi.model.files.image_files import Placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.command import Environment, Program
    from dockerlint_fastapi.model.container import Container

_CONFIGURATIONS: Final = ("/app/gunicorn_conf.py", "/app/app/gunicorn_conf.py")
_BEFORE: Final = "/app/prestart.sh"
_ALL: Final = "0.0.0.0"  # noqa: S104 - in a container
# The options of `uvicorn`, each with its variable and that one's default.
_UVICORN: Final = (("--host", "HOST", _ALL), ("--port", "PORT", "80"), ("--log-level", "LOG_LEVEL", "info"))


def of_base_script(container: Container, program: Program) -> tuple[Program, ...] | None:
    """What a program runs that is one of these scripts; None when it is none."""
    base = container.image.base if container.image is not None else None
    if base is None or base.family != "tiangolo" or base.server is None:
        return None
    word = program.argv[0]
    if program.name in SHELLS:
        word = next((one for one in program.argv[1:] if one.value == program.script), word)
    name = (word.value or "").removeprefix("/")
    if word.value != f"/{name}" or name not in BASE_SCRIPTS or not is_of_base(container, word.value):
        return None
    return _Script(container, program, word).programs(name)


class _Script:
    """One of the scripts as a container runs it; `word` names it."""

    def __init__(self, container: Container, program: Program, word: Argument) -> None:
        self.container = container
        self.program = program
        self.word = word
        self.environment: Environment = container.environment.seen_by(program)

    def programs(self, name: str) -> tuple[Program, ...]:
        words = self._uvicorn() if name == "start-reload.sh" else self._gunicorn()
        before, certain = self._before()
        server = self.program._replace(
            name=words[0].value or "",
            argv=(*words, self._application()),
            wrappers=(*self.program.wrappers, name),
            inherits=self.program.inherits if certain else None,
        )
        return (*before, server)

    def _uvicorn(self) -> list[Argument]:
        words = [self._said("uvicorn"), self._said("--reload")]
        for option, name, default in _UVICORN:
            words += [self._said(option), self._variable(name, default)]
        return words

    def _gunicorn(self) -> list[Argument]:
        configuration, own = self._configuration()
        worker = self._variable("WORKER_CLASS", None)
        words = [self._said("gunicorn"), self._said("-k"), worker, self._said("-c"), configuration]
        if own:
            return words
        bind = self._variable("BIND", "")
        if bind.value == "":
            host, port = (self._variable(name, default) for _, name, default in _UVICORN[:2])
            both = f"{host.value}:{port.value}" if host.value is not None and port.value is not None else None
            bind = (port if port.span is not self.word.span else host)._replace(value=both)
        return [*words, self._said("-b"), bind]

    def _configuration(self) -> tuple[Argument, bool]:
        """The configuration of gunicorn, and whether it may be another than the base's, of which the bind is known."""
        chosen = self._variable("GUNICORN_CONF", "")
        if chosen.value != "":
            return chosen, True
        for place in _CONFIGURATIONS:
            found = self.container.file_at(place)
            if isinstance(found, Placed):
                return self._said(place), True
            if found is not None and self._may_come(place):
                return Argument(None, self.word.text, self.word.span), True
        return Argument(None, self.word.text, self.word.span), False

    def _may_come(self, place: str) -> bool:
        """Whether a file of the project may stand at a place where the base has none."""
        image, name = self.container.image, place.rpartition("/")[2]
        return image is None or name in image.project.index.names

    def _application(self) -> Argument:
        chosen = self._variable("APP_MODULE", "")
        if chosen.value != "":
            return chosen
        module, name = self._variable("MODULE_NAME", ""), self._variable("VARIABLE_NAME", "app")
        if module.value == "":
            module = module._replace(value=module_of_base(self.container))
        value = None if not module.value or not name.value else f"{module.value}:{name.value}"
        return Argument(value, self.word.text, self.word.span)

    def _before(self) -> tuple[tuple[Program, ...], bool]:
        """The script that is read before, if any, and whether it certainly leaves the variables as they are."""
        path = self._variable("PRE_START_PATH", _BEFORE)
        found = self.container.file_at(path.value) if path.value is not None else UNKNOWN
        if found is None:
            return (), True
        if path.value == _BEFORE and not isinstance(found, Placed) and is_of_base(self.container, _BEFORE):
            return (), True  # the base's example, which only prints
        read = self.program._replace(name=".", argv=(self._said("."), path), execs=False, last=False)
        return (read,), isinstance(found, Placed) and "export" not in found.text

    def _said(self, value: str) -> Argument:
        """A word of the script: it stands for what its own name says."""
        return Argument(value, self.word.text, self.word.span)

    def _variable(self, name: str, default: str | None) -> Argument:
        """A variable's value as the shell has it by `${NAME:-default}`; of one in an env file nothing is told."""
        one = self.container.variables.get(name)
        found = self.environment.get(name)
        if isinstance(found, Unknown) or (one is not None and one.origin == "env_file"):
            return Argument(None, self.word.text, self.word.span)
        if found is None or not found.text:
            return Argument(default, self.word.text, self.word.span)
        span = found.span or self.word.span
        return Argument(found.text, span.text, span)
