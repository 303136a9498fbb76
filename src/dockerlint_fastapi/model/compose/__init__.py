"""Compose files: the YAML with every place kept, and services that answer questions about it.

`nodes` is the YAML, `settings` reads its scalars. `environment`, `build`, `command`, `ports`, `mounts`, `healthcheck`
and `relations` are the parts of a service; `service` asks them, and `file` holds the services. Each imports only those
before it. Parts that a Dockerfile alone never needs are imported at their first use.
"""

from __future__ import annotations

from dockerlint_fastapi.model.compose.environment import EnvFile, Variable, variables
from dockerlint_fastapi.model.compose.file import DEFAULT_NAMES, OVERRIDE_NAMES, ComposeFile, Include, default_files
from dockerlint_fastapi.model.compose.nodes import Entry, Literal, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.compose.service import Service
from dockerlint_fastapi.model.compose.settings import Setting, go_text, port_range, setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.build import Build, Watch
    from dockerlint_fastapi.model.compose.command import CommandSetting, Splitter, Words
    from dockerlint_fastapi.model.compose.healthcheck import Healthcheck
    from dockerlint_fastapi.model.compose.mounts import Mount, mount
    from dockerlint_fastapi.model.compose.ports import Port, port
    from dockerlint_fastapi.model.compose.relations import Dependency, Extends, Grant, Network

__all__ = [
    "DEFAULT_NAMES",
    "OVERRIDE_NAMES",
    "Build",
    "CommandSetting",
    "ComposeFile",
    "Dependency",
    "Entry",
    "EnvFile",
    "Extends",
    "Grant",
    "Healthcheck",
    "Include",
    "Literal",
    "Mapping",
    "Mount",
    "Network",
    "Node",
    "Port",
    "Scalar",
    "Sequence",
    "Service",
    "Setting",
    "Splitter",
    "Variable",
    "Watch",
    "Words",
    "default_files",
    "go_text",
    "mount",
    "port",
    "port_range",
    "setting",
    "variables",
]

_MODULES = {
    "Build": "build",
    "Watch": "build",
    "CommandSetting": "command",
    "Splitter": "command",
    "Words": "command",
    "Healthcheck": "healthcheck",
    "Mount": "mounts",
    "mount": "mounts",
    "Port": "ports",
    "port": "ports",
    "Dependency": "relations",
    "Extends": "relations",
    "Grant": "relations",
    "Network": "relations",
}

if not TYPE_CHECKING:  # a type checker sees the imports above, and objects to any other name

    def __getattr__(name: str) -> object:
        """A name of a part that is imported at its first use."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(__import__(f"{__name__}.{_MODULES[name]}", fromlist=(name,)), name)
