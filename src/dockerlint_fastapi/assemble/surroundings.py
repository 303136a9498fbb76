"""What a shell of a container finds round it: variables, the user, arguments and files."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.parsers.command.way import Known, Way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

USER_CHANGERS: Final = frozenset("chpst gosu runuser s6-setuidgid setpriv setuidgid su su-exec sudo".split())
_ASKS_USER: Final = ("id -u", "id -un", "whoami", "UID", "EUID")


class Surroundings:
    """Answers for one container, to the scripts and strings that its shells read."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def of_string(self, way: Way) -> Known:
        """What is known where a shell is given its text as a string."""
        return Known(None, way.positional, self.lookup(way), self.exists(way.moves), self.text(way.moves))

    def lookup(self, way: Way) -> Callable[[str], str | Unknown | None]:
        """The variables that a shell finds, and who its user is."""

        def answer(name: str) -> str | Unknown | None:
            if name in _ASKS_USER:
                return self._user(name, way)
            # `${_}` stands for what Compose puts there, and is not known.
            if not name.isidentifier() or name == "_":
                return UNKNOWN
            if name in way.environment:
                value = way.environment[name][0]
                return UNKNOWN if value is None else value
            if way.inherits is not True:
                return None if way.inherits is False else UNKNOWN
            return self._variable(name)

        return answer

    def _variable(self, name: str) -> str | Unknown | None:
        one = self.container.variables.get(name)
        if one is not None and (one.origin == "env_file" or (one.origin == "compose" and "$" in one.text)):
            return UNKNOWN  # what stands there may be a secret, and is told nowhere
        found = self.container.environment.get(name)
        return found if found is None or isinstance(found, Unknown) else found.text

    def _user(self, name: str, way: Way) -> str | Unknown:
        account = self.container.account
        if account is None:
            return UNKNOWN
        changed = not USER_CHANGERS.isdisjoint(way.wrappers)
        number = name in ("id -u", "UID", "EUID")
        if account.is_root and not changed:
            return "0" if number else "root"
        return "1000" if number else "app"  # scripts only ask whether it is root: any other user will do

    def directory(self, moves: tuple[str | None, ...]) -> str | None:
        """The directory behind some `cd`s; None when it cannot be told."""
        directory = self.container.directory
        for move in moves:
            directory = place_of(move, directory)
        return directory

    def exists(self, moves: tuple[str | None, ...]) -> Callable[[str, str], bool | None]:
        """Whether files are there, as a shell asks that begins behind some `cd`s."""

        def answer(option: str, path: str) -> bool | None:
            from dockerlint_fastapi.model.files.image_files import Placed  # noqa: PLC0415  # few commands test for files

            place = place_of(path, self.directory(moves)) if option != "-d" else None
            found = self.container.file_at(place) if place is not None else UNKNOWN
            if isinstance(found, Placed):
                return True if option in ("-f", "-e", "-r") else None
            # A file that is not in the image may be made, or mounted, before the script runs: code is not.
            return False if found is None and path.endswith(".py") else None

        return answer

    def text(self, moves: tuple[str | None, ...]) -> Callable[[str], str | None]:
        """The text of a file at a path behind some `cd`s; None when that cannot be told."""

        def answer(path: str) -> str | None:
            from dockerlint_fastapi.model.files.image_files import Placed  # noqa: PLC0415  # as above

            place = place_of(path, self.directory(moves))
            found = self.container.file_at(place) if place is not None else UNKNOWN
            return found.text if isinstance(found, Placed) else None

        return answer
