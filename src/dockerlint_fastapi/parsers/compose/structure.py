"""What Compose's schema certainly refuses: values of a wrong shape.

Source: compose-spec.json of compose-go (2026-07). Only keys and types that have long been stable stand here, and
unknown keys are nobody's error here, so that a newer Compose is never contradicted. Scalars are checked as Compose
does it after interpolation: a string stays a string, and where it takes a number or boolean it takes a string too.
"""

from __future__ import annotations

from types import MappingProxyType

from dockerlint_fastapi.model.compose import Entry, Mapping, Node, Scalar, Sequence
from dockerlint_fastapi.model.environment.interpolation import malformed
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Problem, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping as MappingType

_NAME = pattern(r"[a-zA-Z0-9._-]+\Z")


class Shape(NamedTuple):
    """What a value may be: `kinds` of string, number, integer, boolean, null, mapping, list; and what is inside."""

    kinds: tuple[str, ...]
    example: str = ""
    keys: MappingType[str, Shape] = MappingProxyType({})
    values: Shape | None = None  # of the mapping's other keys
    items: Shape | None = None
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    mounted: bool = False  # a string is the short syntax of a volume
    names: bool = False  # the mapping's keys are names of services and the like


def _of(*kinds: str) -> Shape:
    return Shape(kinds)


STRING = Shape(("string",))
NUMBER = Shape(("number", "string"))
INTEGER = Shape(("integer", "string"))
BOOLEAN = Shape(("boolean", "string"))
MAPPING = Shape(("mapping",))
STRINGS = Shape(("list",), items=STRING)
STRING_OR_STRINGS = Shape(("string", "list"), items=STRING)
LIST_OR_MAPPING = Shape(
    ("mapping", "list"),
    "`NAME: value` or `- NAME=value`",
    values=_of("string", "number", "boolean", "null"),
    items=STRING,
)
COMMAND = Shape(("string", "list", "null"), "a string, or a list of strings", items=STRING)
MOUNTED = Shape(
    ("list",), items=Shape(("string", "mapping"), keys={"source": STRING, "target": STRING, "mode": NUMBER})
)
HOSTS = Shape(("mapping", "list"), values=Shape(("string", "list")), items=STRING)

BUILD = Shape(
    ("string", "mapping"),
    "`build: .`, or a mapping with `context:`",
    keys={
        "context": STRING,
        "dockerfile": STRING,
        "dockerfile_inline": STRING,
        "target": STRING,
        "network": STRING,
        "args": LIST_OR_MAPPING,
        "labels": LIST_OR_MAPPING,
        "additional_contexts": LIST_OR_MAPPING,
        "cache_from": STRINGS,
        "cache_to": STRINGS,
        "tags": STRINGS,
        "platforms": STRINGS,
        "secrets": MOUNTED,
        "no_cache": BOOLEAN,
        "privileged": BOOLEAN,
        "pull": BOOLEAN,
    },
)
HEALTHCHECK = Shape(
    ("mapping",),
    "a mapping with `test:`",
    keys={
        "test": Shape(("string", "list"), '`test: ["CMD", …]` or a string', items=STRING),
        "interval": Shape(("string",), "a duration with a unit, such as `30s`"),
        "timeout": Shape(("string",), "a duration with a unit, such as `5s`"),
        "start_period": Shape(("string",), "a duration with a unit, such as `10s`"),
        "start_interval": Shape(("string",), "a duration with a unit, such as `1s`"),
        "retries": NUMBER,
        "disable": BOOLEAN,
    },
)
RESOURCES = Shape(("mapping",), keys={"cpus": NUMBER, "memory": STRING, "pids": INTEGER})
DEPLOY = Shape(
    ("mapping", "null"),
    keys={
        "mode": STRING,
        "endpoint_mode": STRING,
        "replicas": INTEGER,
        "labels": LIST_OR_MAPPING,
        "update_config": MAPPING,
        "rollback_config": MAPPING,
        "resources": Shape(("mapping",), keys={"limits": RESOURCES, "reservations": RESOURCES}),
        "restart_policy": Shape(
            ("mapping",), keys={"condition": STRING, "delay": STRING, "max_attempts": INTEGER, "window": STRING}
        ),
        "placement": MAPPING,
    },
)
SERVICE = Shape(
    ("mapping",),
    "a mapping with `image:` or `build:`",
    keys={
        "build": BUILD,
        "cap_add": STRINGS,
        "cap_drop": STRINGS,
        "command": COMMAND,
        "configs": MOUNTED,
        "container_name": STRING,
        "cpus": NUMBER,
        "cpuset": STRING,
        "depends_on": Shape(
            ("list", "mapping"),
            "`depends_on: [db]`, or a mapping with `condition:` for each service",
            items=STRING,
            values=Shape(
                ("mapping",),
                "a mapping with `condition:`",
                keys={
                    "condition": Shape(
                        ("string",), one_of=("service_started", "service_healthy", "service_completed_successfully")
                    ),
                    "restart": BOOLEAN,
                },
                required=("condition",),
            ),
        ),
        "deploy": DEPLOY,
        "develop": Shape(("mapping", "null"), keys={"watch": Shape(("list",), items=MAPPING)}),
        "devices": Shape(("list",), items=_of("string", "mapping")),
        "dns": STRING_OR_STRINGS,
        "dns_search": STRING_OR_STRINGS,
        "domainname": STRING,
        "entrypoint": COMMAND,
        "env_file": Shape(
            ("string", "list"),
            "a path, or a list of paths",
            items=Shape(
                ("string", "mapping"), keys={"path": STRING, "required": BOOLEAN, "format": STRING}, required=("path",)
            ),
        ),
        "environment": LIST_OR_MAPPING,
        "expose": Shape(("list",), '`expose: ["8000"]`', items=_of("string", "number")),
        "extends": Shape(("string", "mapping"), keys={"service": STRING, "file": STRING}, required=("service",)),
        "external_links": STRINGS,
        "extra_hosts": HOSTS,
        "healthcheck": HEALTHCHECK,
        "hostname": STRING,
        "image": STRING,
        "init": BOOLEAN,
        "ipc": STRING,
        "labels": LIST_OR_MAPPING,
        "links": STRINGS,
        "logging": Shape(("mapping",), keys={"driver": STRING, "options": MAPPING}),
        "network_mode": STRING,
        "networks": Shape(("list", "mapping"), "`networks: [name]`", items=STRING, values=_of("mapping", "null")),
        "pid": _of("string", "null"),
        "platform": STRING,
        "ports": Shape(
            ("list",),
            '`ports: ["8000:8000"]`',
            items=Shape(
                ("number", "string", "mapping"),
                keys={"target": INTEGER, "published": INTEGER, "host_ip": STRING, "protocol": STRING, "mode": STRING},
            ),
        ),
        "privileged": BOOLEAN,
        "profiles": Shape(("list",), "`profiles: [name]`", items=STRING),
        "read_only": BOOLEAN,
        "restart": Shape(("string",), '`"no"`, `always`, `on-failure` or `unless-stopped`'),
        "runtime": STRING,
        "scale": INTEGER,
        "secrets": MOUNTED,
        "security_opt": STRINGS,
        "stdin_open": BOOLEAN,
        "stop_grace_period": Shape(("string",), "a duration with a unit, such as `30s`"),
        "stop_signal": STRING,
        "sysctls": LIST_OR_MAPPING,
        "tmpfs": STRING_OR_STRINGS,
        "tty": BOOLEAN,
        "ulimits": MAPPING,
        "user": STRING,
        "volumes": Shape(
            ("list",),
            "`volumes: [data:/var/lib/data]`",
            items=Shape(
                ("string", "mapping"),
                keys={
                    "type": Shape(("string",), one_of=("bind", "volume", "tmpfs", "cluster", "npipe", "image")),
                    "source": STRING,
                    "target": STRING,
                    "read_only": BOOLEAN,
                    "bind": MAPPING,
                    "volume": MAPPING,
                    "tmpfs": MAPPING,
                },
                required=("type",),
                mounted=True,
            ),
        ),
        "volumes_from": STRINGS,
        "working_dir": STRING,
    },
)
_EXTERNAL = _of("boolean", "string", "mapping")
_RESOURCE = {"name": STRING, "external": _EXTERNAL, "labels": LIST_OR_MAPPING, "driver": STRING, "driver_opts": MAPPING}
FILE = Shape(
    ("mapping",),
    "a mapping with `services:`",
    keys={
        "version": Shape(("string",), "no `version:` at all; it is obsolete"),
        "name": STRING,
        "include": Shape(
            ("list",),
            "a list of paths",
            items=Shape(
                ("string", "mapping"),
                keys={"path": STRING_OR_STRINGS, "env_file": STRING_OR_STRINGS, "project_directory": STRING},
            ),
        ),
        "services": Shape(
            ("mapping",), "a mapping from each service's name to its settings", values=SERVICE, names=True
        ),
        "networks": Shape(("mapping",), values=Shape(("mapping", "null"), keys=_RESOURCE)),
        "volumes": Shape(
            ("mapping",), "`volumes:` with `name:` below it", values=Shape(("mapping", "null"), keys=_RESOURCE)
        ),
        "secrets": Shape(
            ("mapping",), values=Shape(("mapping",), keys={**_RESOURCE, "file": STRING, "environment": STRING})
        ),
        "configs": Shape(
            ("mapping",),
            values=Shape(("mapping",), keys={**_RESOURCE, "file": STRING, "environment": STRING, "content": STRING}),
        ),
    },
)


def structure_problems(root: Node, *, complete: bool = False) -> tuple[Problem, ...]:
    """Everything of a wrong shape in a file's root.

    An empty value is refused only when the model is `complete`: in an overlay it leaves what its base says.
    """
    checker = _Checker(complete=complete)
    checker.check(root, FILE, "the top level")
    return tuple(checker.problems)


def interpolation_problems(root: Node) -> tuple[Problem, ...]:
    """Every malformed `${` in a document's values: Compose refuses the file for one, wherever it stands."""
    problems: list[Problem] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.tag == "!reset" or id(node) in seen:
            continue
        if isinstance(node, Scalar):
            bad = malformed(node.text) if isinstance(node.value, str) else None
            if bad is not None and node.use is None:
                end = node.text.find("}", bad) + 1 or len(node.text)
                problems.append(
                    Problem(
                        node.locate(bad, end),
                        f"`{node.text[bad:end][:40]}` is no interpolation that Compose knows",
                        "`${NAME}`, `${NAME:-default}`, or `$$` for a dollar sign",
                    )
                )
            continue
        content = node.entries if isinstance(node, Mapping) else node.items if isinstance(node, Sequence) else ()
        if content and id(content) not in seen:
            seen.add(id(content))
            waiting.extend(item.value if isinstance(item, Entry) else item for item in content if not _merged(item))
    return tuple(problems)


def _merged(item: object) -> bool:
    """Whether it came through `<<`: it is looked at where it was written."""
    return isinstance(item, Entry) and item.merged


class _Checker:
    """Compares nodes with shapes. Aliases share their content, looked at once per shape: bombs cost nothing."""

    def __init__(self, *, complete: bool) -> None:
        self.complete = complete
        self.problems: list[Problem] = []
        self.seen: set[tuple[int, int]] = set()

    def say(self, span: Span, message: str, expected: str) -> None:
        """One problem more."""
        self.problems.append(Problem(span, message, expected))

    def check(self, node: Node, shape: Shape, what: str, *, item: bool = False) -> None:
        """One node and all below it; `what` names it, `item` says that it stands in a list."""
        if node.tag == "!reset":
            return
        kinds = _kinds(node)
        if not any(kind in shape.kinds for kind in kinds):
            if kinds[0] != "null" or self.complete or item:
                allowed = _either(shape.kinds)
                expected = shape.example or _quoted(node, shape) or allowed
                self.say(node.place, f"{what} must be {allowed}, not {_described(node)}", expected)
        elif isinstance(node, Scalar):
            value = node.value
            if shape.one_of and isinstance(value, str) and value not in shape.one_of and "$" not in value:
                self.say(node.place, f"{what} cannot be `{value}`", " or ".join(f"`{name}`" for name in shape.one_of))
            if shape.mounted and isinstance(value, str) and value[:1] not in "/.~" and not {":", "$"} & set(value):
                # Compose takes it for a place in the container; "mount path must be absolute", Docker says of that
                self.say(node.place, f"{what} is no absolute path, which Docker refuses: `{value}`", "`name:/path`")
        elif isinstance(node, Sequence):
            if shape.items is not None and self.first(node.items, shape):
                for inner in node.items:
                    self.check(inner, shape.items, f"an item of {what}", item=True)
        elif isinstance(node, Mapping) and self.first(node.entries, shape):
            # an overlay's base may hold the key; the items of lists are never merged
            for key in shape.required if self.complete or item else ():
                if node.entry(key) is None:
                    self.say(_head(node), f"{what} has no `{key}`", f"`{key}:`")
            self.mapping(node, shape)

    def first(self, content: tuple[object, ...], shape: Shape) -> bool:
        """Whether this content meets this shape for the first time."""
        key = (id(content), id(shape))
        if content and key in self.seen:
            return False
        self.seen.add(key)
        return True

    def mapping(self, node: Mapping, shape: Shape) -> None:
        """The keys and values of a mapping."""
        for entry in node.entries:
            key = entry.key.text
            if shape.names and not _NAME.match(key):
                self.say(entry.key.place, f"`{key}` is no name for a service", "letters, digits, `.`, `_` and `-`")
                continue
            inner = shape.keys.get(key, shape.values)
            if inner is not None and not (inner is shape.values and not shape.names and key.startswith("x-")):
                self.check(entry.value, inner, f"`{key}`")


def _kinds(node: Node) -> tuple[str, ...]:
    if isinstance(node, Mapping):
        return ("mapping",)
    if isinstance(node, Sequence):
        return ("list",)
    value = node.value if isinstance(node, Scalar) else None
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int):
        return ("integer", "number")
    if isinstance(value, float):
        return ("number", "integer") if value.is_integer() else ("number",)
    return ("string",)


_NAMES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "a boolean",
    "null": "empty",
    "mapping": "a mapping",
    "list": "a list",
}


def _either(kinds: tuple[str, ...]) -> str:
    names = [_NAMES[kind] for kind in kinds]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _described(node: Node) -> str:
    kind = _kinds(node)[0]
    text = node.text if isinstance(node, Scalar) else ""
    return {"integer": f"the number {text}", "number": f"the number {text}", "boolean": f"the boolean {text}"}.get(
        kind, _NAMES[kind]
    )


def _quoted(node: Node, shape: Shape) -> str:
    """The mending for a number or boolean that should be a string."""
    if isinstance(node, Scalar) and node.plain and node.text and "string" in shape.kinds:
        return f'quotes: `"{node.text}"`'
    return ""


def _head(node: Node) -> Span:
    """The beginning of a collection: up to the end of its first line."""
    span = node.place
    line = span.text.partition("\n")[0].rstrip()
    return span._replace(end=span.start + len(line))
