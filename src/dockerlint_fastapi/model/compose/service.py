"""One service of a compose file, with the questions that it answers."""

# ruff: noqa: PLC0415 - each part of a service is imported when it is asked for: most runs see no compose file

from __future__ import annotations

from dockerlint_fastapi.model.compose.environment import EnvFile, Variable, env_files, variables
from dockerlint_fastapi.model.compose.nodes import Mapping, Node, Scalar
from dockerlint_fastapi.model.compose.settings import Setting, flag, setting, settings
from dockerlint_fastapi.model.environment.interpolation import Lookup
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from dockerlint_fastapi.model.compose.build import Build, Watch
    from dockerlint_fastapi.model.compose.command import CommandSetting, Splitter
    from dockerlint_fastapi.model.compose.file import ComposeFile
    from dockerlint_fastapi.model.compose.healthcheck import Healthcheck
    from dockerlint_fastapi.model.compose.mounts import Mount
    from dockerlint_fastapi.model.compose.ports import Port
    from dockerlint_fastapi.model.compose.relations import Dependency, Extends, Grant, Network
    from dockerlint_fastapi.model.network.unquoted_ports import UnquotedPort

_TEST_WORDS = frozenset(("test", "tests", "testing", "ci", "e2e", "mock", "mocks"))  # in a service's name

if TYPE_CHECKING:
    _Remembered = property
else:

    class _Remembered:
        """A property whose answer is kept as long as the same is known of the variables: rules ask many times."""

        def __init__(self, make: Callable[[Service], Any]) -> None:
            self._make = make
            self._name = make.__name__
            self.__doc__ = make.__doc__

        def __get__(self, service: Service | None, owner: type) -> Any:
            if service is None:
                return self
            known = service.file.lookup
            held = service.answers.get(self._name)
            if held is None or held[0] is not known:
                held = service.answers[self._name] = (known, self._make(service))
            return held[1]


class Service:
    """One service. Questions answer None when the key is absent; a `Setting` that cannot be told has the value None."""

    __slots__ = ("_commands", "_split", "answers", "body", "file", "key", "name")

    def __init__(self, file: ComposeFile, key: Scalar, body: Mapping, split: Splitter | None = None) -> None:
        self.file = file
        self.key = key
        self.name = key.text
        self.body = body
        self._split = split
        self._commands: dict[str, CommandSetting | None] = {}
        self.answers: dict[str, tuple[Lookup, Any]] = {}  # see _Remembered

    def __repr__(self) -> str:
        return f"Service({self.name!r})"

    @property
    def span(self) -> Span:
        """Where the service is named."""
        return self.key.span

    @property
    def lookup(self) -> Lookup:
        """What is known of the variables of its file."""
        return self.file.lookup

    def setting(self, *path: str) -> Setting | None:
        """The scalar under a key, or under a path of keys."""
        node = self.node(*path)
        return setting(node, self.file.lookup) if node is not None else None

    def node(self, *path: str) -> Node | None:
        """The value under a path of keys."""
        node = self.body.get(path[0]) if path else self.body
        for key in path[1:]:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def is_cleared(self, key: str) -> bool:
        """Whether a file of the set removes or replaces a key on purpose, by `!reset` or `!override`."""
        return key in self.body.cleared

    def key_span(self, key: str) -> Span | None:
        """Where a key of the service stands."""
        entry = self.body.entry(key)
        return entry.key.span if entry else None

    @property
    def beginning(self) -> Span | None:
        """The empty span in front of its first key, where another could be written on a line of its own; None when the
        service is written in one line or takes all its keys from elsewhere.
        """
        first = next((entry for entry in self.body if not entry.merged and entry.span.source is self.span.source), None)
        if first is None:
            return None
        at, source = first.key.span, first.key.span.source
        return source.span(at.start, at.start) if not source.line(at.line)[: at.column - 1].strip() else None

    @_Remembered
    def image(self) -> Setting | None:
        """`image:`."""
        return self.setting("image")

    @_Remembered
    def build(self) -> Build | None:
        """`build:` in either syntax."""
        from dockerlint_fastapi.model.compose.build import build

        return build(self.node("build"), self.lookup)

    @property
    def command(self) -> CommandSetting | None:
        """`command:`; None when absent or null: the image's own."""
        return self._command("command")

    @property
    def entrypoint(self) -> CommandSetting | None:
        """`entrypoint:`; None when absent or null: the image's own. One that is given drops the image's CMD too."""
        return self._command("entrypoint")

    @_Remembered
    def hooks(self) -> tuple[CommandSetting, ...]:
        """The commands of `pre_start:`, `post_start:` and `pre_stop:`."""
        from dockerlint_fastapi.model.compose.command import command
        from dockerlint_fastapi.model.compose.nodes import items_of

        items = [item for key in ("pre_start", "post_start", "pre_stop") for item in items_of(self.node(key))]
        entries = [item.entry("command") for item in items if isinstance(item, Mapping)]
        made = [command(entry, self.lookup, self._split) for entry in entries if entry is not None]
        return tuple(one for one in made if one is not None)

    def _command(self, key: str) -> CommandSetting | None:
        if key not in self._commands:
            from dockerlint_fastapi.model.compose.command import command

            entry = self.body.entry(key)
            self._commands[key] = command(entry, self.lookup, self._split) if entry else None
        return self._commands[key]

    @_Remembered
    def environment(self) -> tuple[Variable, ...]:
        """`environment:` in either syntax."""
        return variables(self.node("environment"), self.lookup)

    def variable(self, name: str) -> Variable | None:
        """The variable of that name in `environment:`."""
        return next((found for found in self.environment if found.name == name), None)

    @_Remembered
    def labels(self) -> tuple[Variable, ...]:
        """`labels:` in either syntax."""
        return variables(self.node("labels"), self.lookup)

    @_Remembered
    def env_files(self) -> tuple[EnvFile, ...]:
        """`env_file:` in every syntax; a later file wins over an earlier one, `environment:` over both."""
        return env_files(self.node("env_file"), self.lookup)

    @_Remembered
    def ports(self) -> tuple[Port, ...]:
        """`ports:` in either syntax."""
        from dockerlint_fastapi.model.compose.ports import ports

        return ports(self.node("ports"), self.lookup)

    @property
    def unquoted_ports(self) -> Iterator[UnquotedPort]:
        """The mappings in `ports:` that are written without quotes."""
        from dockerlint_fastapi.model.network.unquoted_ports import unquoted_ports

        return unquoted_ports(self)

    @_Remembered
    def expose(self) -> tuple[Setting, ...]:
        """`expose:`."""
        return settings(self.node("expose"), self.lookup)

    @_Remembered
    def volumes(self) -> tuple[Mount, ...]:
        """`volumes:` in either syntax."""
        from dockerlint_fastapi.model.compose.mounts import mounts

        return mounts(self.node("volumes"), self.lookup)

    @_Remembered
    def tmpfs(self) -> tuple[Setting, ...]:
        """`tmpfs:`, each `path[:options]`."""
        return settings(self.node("tmpfs"), self.lookup)

    @_Remembered
    def depends_on(self) -> tuple[Dependency, ...]:
        """`depends_on:` in either syntax."""
        from dockerlint_fastapi.model.compose.relations import dependencies

        return dependencies(self.node("depends_on"), self.lookup)

    @_Remembered
    def restart(self) -> Setting | None:
        """`restart:`."""
        return self.setting("restart")

    @property
    def is_named_for_tests(self) -> bool:
        """Whether a word of its name says that it is there for tests: `db-test`, `e2e-db`."""
        from dockerlint_fastapi.model.evidence import tokens

        return not _TEST_WORDS.isdisjoint(tokens(self.name))

    @property
    def is_kept_up(self) -> bool:
        """Whether it is to run whenever the machine does: a policy that starts it after a reboot, too."""
        restart = self.restart
        return restart is not None and restart.value in ("always", "unless-stopped")

    @property
    def is_locked_down(self) -> bool:
        """Whether root is nobody there: it may write nothing into the image, and has none of root's capabilities."""
        fixed, all_rights = self.setting("read_only"), self.setting("privileged")
        dropped = {(one.value or "").upper() for one in settings(self.node("cap_drop"), self.lookup)}
        added = any(True for _ in settings(self.node("cap_add"), self.lookup))
        return bool(fixed and fixed.flag and "ALL" in dropped) and not added and all_rights is None

    @property
    def restarts(self) -> bool:
        """Whether a policy starts it again at least when it fails."""
        return self.restart is not None and self.restart.value not in (None, "no")

    @property
    def restart_policy(self) -> Mapping | None:
        """`deploy.restart_policy`."""
        node = self.node("deploy", "restart_policy")
        return node if isinstance(node, Mapping) else None

    @_Remembered
    def replicas(self) -> Setting | None:
        """`scale:`, or else `deploy.replicas`."""
        return self.setting("scale") or self.setting("deploy", "replicas")

    @_Remembered
    def healthcheck(self) -> Healthcheck | None:
        """`healthcheck:`."""
        from dockerlint_fastapi.model.compose.healthcheck import healthcheck

        entry = self.body.entry("healthcheck")
        return (
            healthcheck(entry.key.span, entry.value, self.lookup)
            if entry and isinstance(entry.value, Mapping)
            else None
        )

    @_Remembered
    def profiles(self) -> tuple[Setting, ...]:
        """`profiles:`; a service with none always starts."""
        return settings(self.node("profiles"), self.lookup)

    @_Remembered
    def user(self) -> Setting | None:
        """`user:`."""
        return self.setting("user")

    @_Remembered
    def network_mode(self) -> Setting | None:
        """`network_mode:`."""
        return self.setting("network_mode")

    @_Remembered
    def networks(self) -> tuple[Network, ...]:
        """`networks:` in either syntax."""
        from dockerlint_fastapi.model.compose.relations import networks

        return networks(self.node("networks"), self.lookup)

    @_Remembered
    def init(self) -> bool | None:
        """`init:`; False when absent, None when it cannot be told."""
        return flag(self.body, "init", self.lookup, absent=False)

    @_Remembered
    def extends(self) -> Extends | None:
        """`extends:` in either syntax."""
        from dockerlint_fastapi.model.compose.relations import extends

        return extends(self.node("extends"), self.lookup)

    @_Remembered
    def watch(self) -> tuple[Watch, ...]:
        """`develop.watch`."""
        from dockerlint_fastapi.model.compose.build import watches

        return watches(self.node("develop", "watch"), self.lookup)

    @_Remembered
    def secrets(self) -> tuple[Grant, ...]:
        """`secrets:` in either syntax."""
        from dockerlint_fastapi.model.compose.relations import grants

        return grants(self.node("secrets"), self.lookup)

    @_Remembered
    def configs(self) -> tuple[Grant, ...]:
        """`configs:` in either syntax."""
        from dockerlint_fastapi.model.compose.relations import grants

        return grants(self.node("configs"), self.lookup)
