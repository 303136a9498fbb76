"""Env files: the `.env` beside a compose file, those of `include`, and what `env_file:` names. Read when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dockerlint_fastapi.model.environment.env_file import Assigned, EnvFileUse
from dockerlint_fastapi.model.environment.interpolation import Lookup, Unset, unknown
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import normal, parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, EnvFile


class EnvFiles:
    """The env files of a project, each read once. One that git ignores is not read: it is one machine's own."""

    def __init__(
        self,
        sources: Callable[[str], Source | None],
        ignored: Callable[[str], bool],
        unreadable: Mapping[str, str],
    ) -> None:
        self._sources = sources
        self._ignored = ignored
        self._unreadable = unreadable
        self._uses: dict[tuple[str, bool], EnvFileUse] = {}
        self._lookups: dict[tuple[tuple[str | None, ...], int], tuple[Lookup, Lookup]] = {}

    def use(self, path: str | None, *, raw: bool = False, optional: bool = False) -> EnvFileUse:
        """The env file at a path from the project's root."""
        if path is None:
            return EnvFileUse(None, None, "its path cannot be told", optional)
        if (path, raw) not in self._uses:
            self._uses[path, raw] = self._use(path, raw=raw)
        return self._uses[path, raw]._replace(optional=optional)

    def _use(self, path: str, *, raw: bool) -> EnvFileUse:
        if self._ignored(path):
            return EnvFileUse(path, None, "git ignores it")
        source = self._sources(path)
        if source is None:
            return EnvFileUse(path, None, "it is not there")
        if path in self._unreadable:
            return EnvFileUse(path, None, "it cannot be read")
        source.private = True
        # Imported here: most projects have none that is committed.
        from dockerlint_fastapi.parsers.dotenv import parse_env_file  # noqa: PLC0415

        file = parse_env_file(source, raw=raw)
        return EnvFileUse(path, None if file.problems else file, "Compose refuses it" if file.problems else None)

    def beside(self, file: ComposeFile) -> Lookup:
        """The variables of the `.env` that Compose reads for itself when that file is the first of a set."""
        folder = parent(file.source.path)
        return self.lookup((f"{folder}/.env" if folder else ".env",))

    def of_service(self, merged: ComposeFile, named: Sequence[EnvFile]) -> tuple[EnvFileUse, ...]:
        """What `env_file:` of a service names, in order."""
        found: list[EnvFileUse] = []
        for one in named:
            optional = one.required is False
            form = one.format.value if one.format is not None else ""
            if form not in ("", ".env", "raw"):
                found.append(EnvFileUse(None, None, "its format cannot be told", optional))
            else:
                found.append(self.use(merged.resolve(one.path), raw=form == "raw", optional=optional))
        return tuple(found)

    def lookup(self, paths: Sequence[str], above: Lookup = unknown) -> Lookup:
        """The variables that Compose runs with: those of `above`, then those of env files, the later over the earlier.
        What is in none of them may be set in the shell that starts Compose, so that it cannot be told.
        """
        normalised = tuple(normal(path) for path in paths)
        key = (normalised, id(above))
        if key not in self._lookups:
            # `above` is kept beside it, for its id is good only as long as it lives
            self._lookups[key] = (self._made(normalised, above), above)
        return self._lookups[key][0]

    def _made(self, paths: tuple[str | None, ...], above: Lookup) -> Lookup:
        values: dict[str, Assigned] | None = None

        def answer(name: str) -> str | Unset | None:
            nonlocal values
            found = above(name)
            if found is not None:
                return found
            if values is None:
                values = self._assigned(paths, above)
            return values[name].value if name in values else None

        return answer

    def _assigned(self, paths: tuple[str | None, ...], above: Lookup) -> dict[str, Assigned]:
        """What files hold together; nothing when one that is there cannot be read, for it might win."""
        found: dict[str, Assigned] = {}
        for path in paths:
            use = self.use(path)
            found = {} if use.file is None else use.file.assigned(above, found)
        return found
