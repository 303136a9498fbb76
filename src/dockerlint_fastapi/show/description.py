"""What dlf understood of a project, as plain data: what the renderers print, and the fields of the JSON form.

A field is None when the thing is absent or cannot be told; what cannot be told stands in `unknown` with its reason.
Texts are as the files have them, control characters included: a renderer makes them fit for its reader. Values of
environment variables are in none of them, and literal secrets in commands are `***`.
"""

from __future__ import annotations

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.source import Span


class Place(NamedTuple):
    """Where something is written. Line and column count from 1, columns in characters."""

    path: str
    line: int
    column: int

    @classmethod
    def of(cls, span: Span) -> Place:
        """The beginning of a span."""
        line, column = span.source.position(span.start)
        return cls(span.source.shown, line, column)


class Fact(NamedTuple):
    """A value and which way it came: `option`, `environment`, `file` (`gunicorn.conf.py`), `default` (of the
    server), `compose`, `Dockerfile` or `base image`. `place` is None for what no file of the project says.
    """

    value: str
    origin: str
    place: Place | None


class Reason(NamedTuple):
    """Why something is taken for what it is; no place where a file's name says so."""

    reason: str
    place: Place | None


class Unknown(NamedTuple):
    """Something that dlf cannot tell, and why."""

    what: str
    reason: str
    place: Place | None


class Written(NamedTuple):
    """A part of a compose value. `value` is None when a variable in it cannot be told, `default` then what it is when
    no such variable is set.
    """

    text: str
    value: str | None
    default: str | None


class Context(NamedTuple):
    """A folder from which an image is built, `.` for the working directory, and the ignore file that then applies.
    `files` and `bytes` are what a build is sent of it, as far as instructions ask for it; None when it is not certain
    that it is this folder. With `more` there is more than was counted.
    """

    path: str
    ignore_file: str | None
    files: int | None
    bytes: int | None
    more: bool


class Build(NamedTuple):
    """How an image of the project is built. `chosen_by` is why it is that stage: `target`, `last stage`, or `name` when
    this one is named for shipping and the last one for development, or for something else besides. With
    `contexts_named` false no compose file names the context, and `contexts` are those that fit.
    """

    dockerfile: str
    stage: str | None
    stage_index: int
    chosen_by: str
    place: Place
    contexts: tuple[Context, ...]
    contexts_named: bool


class Base(NamedTuple):
    """The image it all begins with: `written` with build arguments and defaults. `known`: a table says what it has."""

    name: str
    written: str
    known: bool
    place: Place


class CommandPart(NamedTuple):
    """What one instruction or key gives to the command. `origin` is `ENTRYPOINT`, `CMD`, `entrypoint`, `command`, or
    `base image` with the name of its instruction; `form` is `exec` or `shell`.
    """

    origin: str
    form: str
    text: str
    place: Place | None


class Command(NamedTuple):
    """The command that starts a container, as words that a shell would take."""

    text: str
    parts: tuple[CommandPart, ...]


class Program(NamedTuple):
    """The program that the container is about, the script that it runs if any, and what stands in front of it,
    outermost first.
    """

    name: str
    script: str | None
    wrappers: tuple[str, ...]
    place: Place | None


class Script(NamedTuple):
    """A shell script on the way to the program: where it stands in the container, the file of the project that it is
    (None for one that an instruction writes), what brings it there, and what runs it. `sourced`: another script reads
    it.
    """

    path: str
    file: str | None
    shell: str
    sourced: bool
    brought_by: Place
    run_by: Place


class Call(NamedTuple):
    """The call in Python code that starts a server."""

    name: str
    place: Place


class Application(NamedTuple):
    """What a server serves: its import string, and the file and line that it leads to. `routes` counts those that are
    known; `all_routes` is whether these are all.
    """

    name: str
    factory: bool
    place: Place
    routes: int
    all_routes: bool


class Package(NamedTuple):
    """An installed distribution that the start needs; `version` is None when it is neither pinned nor locked."""

    name: str
    version: str | None
    specifier: str
    place: Place


class Bind(NamedTuple):
    """One place that a server listens on; `host` is `unix:PATH` or `fd:NUMBER` for a socket that is not TCP."""

    host: Fact | None
    port: Fact | None


class Server(NamedTuple):
    """A server and its settings. `host` and `port` are those of the bind that is best reached from outside."""

    kind: str
    subcommand: str | None
    call: Call | None
    app: Fact | None
    host: Fact | None
    port: Fact | None
    workers: Fact | None
    reload: Fact | None
    binds: tuple[Bind, ...] | None


class Port(NamedTuple):
    """One entry of `ports:`; `published` is None when the host chooses one."""

    host_ip: Written | None
    published: Written | None
    target: Written | None
    protocol: str | None
    place: Place


class Exposed(NamedTuple):
    """One word of EXPOSE."""

    port: str
    place: Place


class Request(NamedTuple):
    """What a health check asks for; `?` stands for what cannot be told. No method for a bare connection (`tcp://`)."""

    method: str | None
    url: str
    place: Place


class Timing(NamedTuple):
    """When a health check runs, as written; None where nothing is said, so that Docker's default counts."""

    interval: str | None
    timeout: str | None
    retries: str | None
    start_period: str | None
    start_interval: str | None


class HealthCheck(NamedTuple):
    """A container's health check. `state` is `set`, `off`, `none` or `inherited` (the base image's own); `origin` is
    `compose` or `HEALTHCHECK`; `form` is `exec` or `shell`. `requests` is None when that cannot be told.
    """

    state: str
    origin: str | None
    form: str | None
    test: str | None
    requests: tuple[Request, ...] | None
    timing: Timing | None
    place: Place | None


class Volume(NamedTuple):
    """What is mounted. `type` is that of compose, `tmpfs`, or `anonymous`, as for the VOLUME of an image."""

    type: str | None
    source: str | None
    target: str | None
    read_only: bool | None
    place: Place


class Variable(NamedTuple):
    """The name of an environment variable, and who sets it: `compose`, `host` (compose passes on the caller's),
    `env_file`, `ENV` or `base image`.
    """

    name: str
    source: str
    place: Place | None


class EnvFile(NamedTuple):
    """A file of variables, as written, and whether dlf read it; its values are never shown."""

    path: str
    required: bool | None
    read: bool
    place: Place


class Dependency(NamedTuple):
    """A service that is started before; `condition` as compose names it, `required` false where it may be absent."""

    service: str
    condition: str | None
    required: bool | None
    place: Place


class Container(NamedTuple):
    """An image as one service starts it, or as `docker run` would (`service` is None). `no_application` is why its
    server certainly finds none.
    """

    service: str | None
    place: Place
    role: str | None
    setting: str
    development: Reason | None
    profiles: tuple[str, ...]
    image: Fact | None
    build: Build | None
    base: Base | None
    command: Command | None
    scripts: tuple[Script, ...]
    program: Program | None
    server: Server | None
    application: Application | None
    no_application: Reason | None
    packages: tuple[Package, ...]
    exposed: tuple[Exposed, ...]
    ports: tuple[Port, ...]
    network_mode: Fact | None
    user: Fact | None
    health_check: HealthCheck | None
    volumes: tuple[Volume, ...]
    variables: tuple[Variable, ...]
    env_files: tuple[EnvFile, ...]
    depends_on: tuple[Dependency, ...]
    unknown: tuple[Unknown, ...]


class Deployment(NamedTuple):
    """Compose files that are used together, and what for. `incomplete` is why settings may be missing from them."""

    files: tuple[str, ...]
    setting: str
    reason: str
    incomplete: str | None
    containers: tuple[Container, ...]


class Unread(NamedTuple):
    """A file of which dlf understood nothing, or not all, and why."""

    path: str
    reason: str
    place: Place


class Description(NamedTuple):
    """The whole project. `images` are containers of images that no service for production starts as they are built."""

    deployments: tuple[Deployment, ...]
    images: tuple[Container, ...]
    unread: tuple[Unread, ...]
