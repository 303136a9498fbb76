"""What will really run: compose files joined with the images they build, container by container."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dockerlint_fastapi.model.base_image import Reference
from dockerlint_fastapi.model.compose import DEFAULT_NAMES
from dockerlint_fastapi.model.context import BuildContext, contexts_of
from dockerlint_fastapi.model.evidence import Evidence, setting_of_path, tokens
from dockerlint_fastapi.model.inline_secrets import InlineSecret, inline_secrets
from dockerlint_fastapi.model.unread_ignore import UnreadIgnoreFile, unread_ignore_files
from dockerlint_fastapi.source import Problem, Source, Span
from dockerlint_fastapi.tree import normal, parent

if TYPE_CHECKING:
    from datetime import date

    from dockerlint_fastapi.model.application import Application, Module, Search
    from dockerlint_fastapi.model.broken_references import BrokenReference, DependencyCycle, UnfilledResource
    from dockerlint_fastapi.model.broken_scripts import BrokenScript
    from dockerlint_fastapi.model.command import Environment, Program, Server, Unknown, Value
    from dockerlint_fastapi.model.compose import ComposeFile, Mount, Service
    from dockerlint_fastapi.model.compose_conflicts import Conflict
    from dockerlint_fastapi.model.container_files import Cover
    from dockerlint_fastapi.model.database_account import Mismatch
    from dockerlint_fastapi.model.database_password import OpenDatabase
    from dockerlint_fastapi.model.database_volumes import StrayVolume
    from dockerlint_fastapi.model.defaulted_secrets import DefaultedSecret
    from dockerlint_fastapi.model.distributions import Installed
    from dockerlint_fastapi.model.dockerfile import Cmd, Dockerfile, Entrypoint
    from dockerlint_fastapi.model.endpoints import Endpoint
    from dockerlint_fastapi.model.env_file import EnvFileUse
    from dockerlint_fastapi.model.health_times import HealthTimes
    from dockerlint_fastapi.model.hidden_environment import HiddenEnvironment
    from dockerlint_fastapi.model.host_access import HostMount, Privilege, Socket
    from dockerlint_fastapi.model.host_variables import HostVariable
    from dockerlint_fastapi.model.ignore_file import IgnoreFile
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.image_files import Answer, Placed
    from dockerlint_fastapi.model.internal_ports import InternalPort
    from dockerlint_fastapi.model.kept_data import LostData
    from dockerlint_fastapi.model.lacking import Lacking
    from dockerlint_fastapi.model.launchers import Launcher
    from dockerlint_fastapi.model.listening import Listening
    from dockerlint_fastapi.model.missing_files import MissingFile
    from dockerlint_fastapi.model.mounted_code import MountedCode
    from dockerlint_fastapi.model.port_conflicts import PortConflict
    from dockerlint_fastapi.model.premature_checks import PrematureCheck
    from dockerlint_fastapi.model.probe import Probe, Request
    from dockerlint_fastapi.model.pull import Pull
    from dockerlint_fastapi.model.reachability import Undeclared, Unreachable
    from dockerlint_fastapi.model.readiness import Impossible, Unawaited
    from dockerlint_fastapi.model.runtime_files import AbsentFile
    from dockerlint_fastapi.model.scaling import CpuLimit, Replication
    from dockerlint_fastapi.model.search_path import OffPath
    from dockerlint_fastapi.model.secret_arguments import LiteralArgument
    from dockerlint_fastapi.model.service_names import ServiceNames
    from dockerlint_fastapi.model.settings_class import SecretDefault, SettingsUse
    from dockerlint_fastapi.model.shell_syntax import Operator
    from dockerlint_fastapi.model.shutdown_time import ShutdownTime
    from dockerlint_fastapi.model.stage_names import StageFault
    from dockerlint_fastapi.model.start_faults import StartFault
    from dockerlint_fastapi.model.start_script import Passed, StartScript
    from dockerlint_fastapi.model.unattended import Unattended
    from dockerlint_fastapi.model.undefined_variables import Undefined
    from dockerlint_fastapi.model.unexpanded import Unexpanded
    from dockerlint_fastapi.model.variables import ContainerVariable
    from dockerlint_fastapi.model.worker_class import DeprecatedWorker, WsgiWorker
    from dockerlint_fastapi.tree import Tree

# Image names (last part of the repository) by what the container does.
ROLES = {
    "database": frozenset(
        "postgres postgresql postgis timescaledb timescaledb-ha pgvector mysql mariadb percona mongo"
        " mongodb cockroach cassandra clickhouse-server elasticsearch opensearch neo4j qdrant weaviate".split()
    ),
    "cache": frozenset("redis valkey memcached dragonfly keydb redis-stack redis-stack-server redismod".split()),
    "broker": frozenset("rabbitmq kafka cp-kafka zookeeper cp-zookeeper nats redpanda activemq".split()),
    "proxy": frozenset("nginx traefik caddy haproxy envoy".split()),
}

# What those images are for, as commands that start it name it.
DAEMONS = frozenset(
    "caddy clickhouse-server cockroach docker-entrypoint.sh dragonfly elasticsearch envoy haproxy kafka"
    " keydb-server mariadbd memcached mongod mongos mysqld nats-server neo4j nginx nginx-debug opensearch"
    " postgres rabbitmq-server redis-sentinel redis-server redis-stack-server redpanda traefik valkey-server"
    " zookeeper".split()
)


_USER_CHANGERS = frozenset(
    ("gosu", "su-exec", "setpriv", "runuser", "sudo", "su", "s6-setuidgid", "chpst", "setuidgid", "capsh", "fixuid")
)
_LONG_RUNNING = ("server", "worker", "other-web")
_NOT_PYTHON = frozenset(("nginx", "caddy", "cron", "crond", "supercronic"))
_PROJECT_FILES = ("Dockerfile", "pyproject.toml", "requirements", "setup.cfg")
# What a folder that is mounted beside the code is called.
_NO_SOURCE = frozenset(
    "cert certs conf config data db db_data dumps file files initdb keys log logs media model_cache models"
    " nginx output outputs postgres postgres_data redis secret secrets ssl static storage tmp upload uploads"
    " volume volumes weights".split()
)


class Account(NamedTuple):
    """The user that a container starts as, as written (`app`, `1000:1000`), and where; no span for the base image's."""

    text: str
    span: Span | None

    @property
    def is_root(self) -> bool:
        """Whether it is uid 0, by name or number."""
        return self.text.partition(":")[0] in ("root", "0")


class Container:
    """An image as one service starts it, or as `docker run` without arguments would (`service` is None).

    `image` is None when the service uses an image that no Dockerfile of the project builds.
    Nothing here is guessed: `server` and `role` are None when they cannot be told.
    """

    __slots__ = (
        "_covers",
        "_endpoints",
        "_search",
        "deployment",
        "env_files",
        "environment",
        "image",
        "probe",
        "program",
        "programs",
        "pulls",
        "read_secrets",
        "read_settings",
        "role",
        "scripts",
        "server",
        "service",
        "start",
        "start_span",
        "variables",
        "way",
    )

    def __init__(
        self,
        *,
        image: Image | None,
        service: Service | None,
        deployment: Deployment | None,
        programs: tuple[Program, ...],
        program: Program | None,
        server: Server | None,
        role: str | None,
        start: Cmd | Entrypoint | None,
        start_span: Span | None,
        environment: Environment,
        probe: Probe | None = None,
    ) -> None:
        self._covers: tuple[Cover, ...] | None = None  # found when first asked for
        self._endpoints: tuple[Endpoint, ...] | None = None  # as above
        self._search: Search | None = None  # as above
        # what the code of its application asks of the environment; read when first asked for
        self.read_settings: Callable[[Container], tuple[SettingsUse, ...]] = lambda _container: ()
        self.read_secrets: Callable[[Container], tuple[SecretDefault, ...]] = lambda _container: ()
        self.image = image
        self.service = service
        self.deployment = deployment
        self.programs = programs  # everything that the start command runs, in order
        self.program = program  # the one that the container is about
        self.server = server
        self.role = role  # server, worker, one-shot, other-web, idle, database, cache, broker, proxy
        self.start = start  # the instruction whose command runs; None when compose sets another, or there is none
        self.start_span = start_span  # the command that starts it: a CMD, an ENTRYPOINT, or compose's `command`
        # the start scripts that were read, in the order in which they run; and those that lead to the main program, the
        # outermost first, each with its call
        self.scripts: tuple[StartScript, ...] = ()
        self.way: tuple[Passed, ...] = ()
        self.environment = environment
        # the same by name, each as it is written; and the env files that `env_file:` names, in order
        self.variables: Mapping[str, ContainerVariable] = {}
        self.env_files: tuple[EnvFileUse, ...] = ()
        self.probe = probe  # the health check's test that runs in it; None when there is none, or it cannot be told
        # the image that its service takes from elsewhere, if any; one that the project itself builds is none
        self.pulls: tuple[Pull, ...] = ()

    def __repr__(self) -> str:
        return f"Container({self.service or self.image!r})"

    @property
    def span(self) -> Span:
        """The service's name, or the FROM of the image."""
        if self.service is not None:
            return self.service.span
        assert self.image is not None  # noqa: S101 - a container has one or the other
        return self.image.span

    @property
    def directory(self) -> str | None:
        """The working directory, an absolute path: compose's `working_dir`, else the image's; None if it is unknown."""
        chosen = self.service.setting("working_dir") if self.service is not None else None
        if chosen is not None:
            return chosen.intended if (chosen.intended or "").startswith("/") else None
        return self.image.directory if self.image is not None else None

    def place_of(self, path: str) -> str | None:
        """A path that its program names, made absolute; None when the working directory cannot be told."""
        from dockerlint_fastapi.model.passage import place_of  # noqa: PLC0415  # few rules ask for a place

        return place_of(path, self.directory)

    @property
    def covers(self) -> tuple[Cover, ...]:
        """What compose mounts over the image's files."""
        if self._covers is None:
            from dockerlint_fastapi.model.container_files import covers_of  # noqa: PLC0415  # as above

            self._covers = covers_of(self)
        return self._covers

    def file_at(self, place: str) -> Answer:
        """The file at an absolute path; None when certainly none is there, UNKNOWN when that cannot be told."""
        from dockerlint_fastapi.model.container_files import file_at  # noqa: PLC0415  # as above

        return file_at(self, place)

    @property
    def search(self) -> Search | None:
        """How its server looks for the application, and what it finds; None when it runs no server."""
        if self._search is None and self.server is not None:
            from dockerlint_fastapi.model.application import Search  # noqa: PLC0415  # as above

            self._search = Search(self, self.server)
        return self._search

    @property
    def application(self) -> Application | Unknown | None:
        """The application that its server serves; None when there certainly is none (no server, or `search.result` tells
        why the import fails), UNKNOWN when that cannot be told.
        """
        from dockerlint_fastapi.model.application import Fault  # noqa: PLC0415  # as above

        found = self.search.result if self.search is not None else None
        return None if isinstance(found, Fault) else found

    @property
    def settings(self) -> tuple[SettingsUse, ...]:
        """The settings classes of which its application certainly makes objects, with the fields that nothing sets."""
        return self.read_settings(self)

    @property
    def secret_defaults(self) -> tuple[SecretDefault, ...]:
        """The secrets that stand in the code of its application, for where nothing else sets them."""
        return self.read_secrets(self)

    @property
    def health_checked(self) -> bool | None:
        """Whether Docker tests its health; None for an image of which that is not known."""
        from dockerlint_fastapi.model.readiness import has_healthcheck  # noqa: PLC0415  # as above

        return has_healthcheck(self)

    @property
    def listening(self) -> Listening | None:
        """Where its server listens, when that is the only thing in it that does; None when that cannot be told."""
        from dockerlint_fastapi.model.listening import listening  # noqa: PLC0415  # as above

        return listening(self)

    def answers(self, request: Request) -> bool | None:
        """Whether something in it answers what is asked from within it; None when that cannot be told."""
        from dockerlint_fastapi.model.listening import answers  # noqa: PLC0415  # as above

        return answers(self, request)

    def shows(self, value: Value) -> bool:
        """Whether a value that a variable gave may be told: it stands elsewhere than in an env file."""
        from dockerlint_fastapi.model.listening import shows  # noqa: PLC0415  # as above

        return shows(self, value)

    def asks_itself(self, request: Request) -> bool:
        """Whether what is asked from within it goes to itself, as far as the host can be told."""
        from dockerlint_fastapi.model.listening import asks_itself  # noqa: PLC0415  # as above

        return asks_itself(self, request)

    @property
    def inherits_probe(self) -> bool:
        """Whether its health check is its image's, which has it for something else than what this service starts."""
        from dockerlint_fastapi.model.listening import inherits_probe  # noqa: PLC0415  # as above

        return inherits_probe(self)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where its environment says that it connects to: databases, caches, brokers."""
        if self._endpoints is None:
            from dockerlint_fastapi.model.endpoints import endpoints_of  # noqa: PLC0415  # few rules ask for them

            self._endpoints = tuple(endpoints_of(self.variables))
        return self._endpoints

    @property
    def unreachable_hosts(self) -> Iterator[Unreachable]:
        """The hosts in its environment that certainly lead nowhere."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.reachability import unreachable_hosts  # noqa: PLC0415  # as above

        return unreachable_hosts(self)

    @property
    def undeclared_dependencies(self) -> Iterator[Undeclared]:
        """The services that its environment leads to and that it does not depend on."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.reachability import undeclared_dependencies  # noqa: PLC0415  # as above

        return undeclared_dependencies(self)

    @property
    def mismatches(self) -> Iterator[Mismatch]:
        """What its connection settings say of a service, and is not so: user, password, database, port."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.database_account import mismatches  # noqa: PLC0415  # as above

        return mismatches(self)

    @property
    def open_database(self) -> OpenDatabase | None:
        """What it lacks as a database without a password; None when it has one, or that cannot be told."""
        if self.role != "database" or self.service is None:
            return None
        from dockerlint_fastapi.model.database_password import open_database  # noqa: PLC0415  # as above

        return open_database(self)

    @property
    def start_fault(self) -> StartFault | None:
        """What is wrong with its start command: none, the program twice, options alone."""
        from dockerlint_fastapi.model.start_faults import start_fault  # noqa: PLC0415  # as above

        return start_fault(self)

    @property
    def launcher(self) -> Launcher | None:
        """What gets the signals in place of its server: `conda run`, or Python code that starts it as a child."""
        if self.program is None or (
            not self.program.wrappers and (self.server is None or self.server.program is self.program)
        ):
            return None
        from dockerlint_fastapi.model.launchers import launcher  # noqa: PLC0415  # as above

        return launcher(self)

    @property
    def shutdown_time(self) -> ShutdownTime | None:
        """How long its server takes to stop, and how long Docker lets it; None when one of them cannot be told."""
        if self.server is None or self.service is None:
            return None
        from dockerlint_fastapi.model.shutdown_time import shutdown_time  # noqa: PLC0415  # as above

        return shutdown_time(self)

    @property
    def health_times(self) -> HealthTimes | None:
        """The times of the health check that its service sets itself; None when it sets none."""
        if self.service is None or self.service.healthcheck is None:
            return None
        from dockerlint_fastapi.model.health_times import times_of_service  # noqa: PLC0415  # as above

        return times_of_service(self)

    @property
    def prepares(self) -> bool:
        """Whether it does work that takes its time before its server answers: migrations in the start command."""
        from dockerlint_fastapi.model.health_times import prepares  # noqa: PLC0415  # as above

        return prepares(self)

    @property
    def unanswered_localhost(self) -> Request | None:
        """The request for `localhost` at which its health check fails because BusyBox's `wget` tries `::1` only."""
        if self.probe is None or self.server is None:
            return None
        from dockerlint_fastapi.model.busybox_probe import unanswered_localhost  # noqa: PLC0415  # as above

        return unanswered_localhost(self)

    @property
    def off_path(self) -> OffPath | None:
        """Its main program, when that is installed where PATH does not lead; None when it is found, or not known."""
        from dockerlint_fastapi.model.search_path import off_path  # noqa: PLC0415  # only one rule asks

        return off_path(self)

    @property
    def stray_volume(self) -> StrayVolume | None:
        """The volume that is meant for its database's data, which lie elsewhere; None when there is none."""
        from dockerlint_fastapi.model.database_volumes import stray_volume  # noqa: PLC0415  # only one rule asks

        return stray_volume(self)

    @property
    def waits(self) -> bool | None:
        """Whether it waits by itself for what it connects to, or tries again; None when something unread may do so."""
        from dockerlint_fastapi.model.waiting import waits  # noqa: PLC0415  # as above

        return waits(self)

    @property
    def lacking(self) -> Iterator[Lacking]:
        """The distributions that its start needs and its image certainly has not."""
        from dockerlint_fastapi.model.lacking import lacking  # noqa: PLC0415  # few rules ask

        return lacking(self)

    @property
    def project(self) -> Project | None:
        """The project that it is of; None for models made without one."""
        if self.image is not None:
            return self.image.project
        return self.deployment.project if self.deployment is not None else None

    @property
    def cpu_limit(self) -> CpuLimit | None:
        """The CPUs that compose allows it; None when it does not limit them, or that cannot be told."""
        from dockerlint_fastapi.model.scaling import cpu_limit  # noqa: PLC0415  # few rules ask

        return cpu_limit(self)

    @property
    def replication(self) -> Replication | None:
        """Why somebody else multiplies it (replicas, an orchestrator); None when nothing says so."""
        from dockerlint_fastapi.model.scaling import replication  # noqa: PLC0415  # as above

        return replication(self)

    @property
    def counted_cpus(self) -> Span | None:
        """Where its workers are counted by the CPUs of the host; None when they are not, or that cannot be told."""
        from dockerlint_fastapi.model.scaling import counted_cpus  # noqa: PLC0415  # as above

        return counted_cpus(self)

    @property
    def settled(self) -> bool:
        """Whether all options of its server are known, and nobody can add some by a variable at the command's end."""
        return (
            self.server is not None and self.server.complete and self.search is not None and not self.search.takes_more
        )

    def pins_below(self, name: str, major: int, minor: int) -> bool:
        """Whether its image has a distribution in a version that is certainly below `major.minor`."""
        from dockerlint_fastapi.model.distributions import Distribution  # noqa: PLC0415  # as above

        found = self.image.distributions.get(name) if self.image is not None else None
        return isinstance(found, Distribution) and found.older_than(major, minor)

    @property
    def deprecated_worker(self) -> DeprecatedWorker | None:
        """The worker class of `uvicorn.workers` that its gunicorn runs, or None."""
        from dockerlint_fastapi.model.worker_class import deprecated_worker  # noqa: PLC0415  # as above

        return deprecated_worker(self)

    @property
    def wsgi_worker(self) -> WsgiWorker | None:
        """The worker class that cannot call its ASGI application, or None."""
        from dockerlint_fastapi.model.worker_class import wsgi_worker  # noqa: PLC0415  # as above

        return wsgi_worker(self)

    @property
    def unattended(self) -> Unattended | None:
        """The first program in it that Docker does not watch; None when there is none that is known."""
        from dockerlint_fastapi.model.unattended import unattended  # noqa: PLC0415  # as above

        return unattended(self)

    @property
    def unexpanded(self) -> Iterator[Unexpanded]:
        """The variables in its command and health check that no shell expands."""
        from dockerlint_fastapi.model.unexpanded import unexpanded  # noqa: PLC0415  # as above

        return unexpanded(self)

    @property
    def origin(self) -> Reference | None:
        """The image that it starts, or that its image is built on; None when that cannot be told."""
        if self.image is not None:
            return self.image.reference
        from dockerlint_fastapi.model.pull import pull_of  # noqa: PLC0415  # few rules ask

        pull = pull_of(self.service) if self.service is not None else None
        return pull.reference if pull is not None else None

    @property
    def runs_own_code(self) -> bool:
        """Whether it runs a program of the project: of an image that is built here, or an ASGI server or worker; not a
        database or proxy that is built here on a published image.
        """
        if self.role in ROLES:
            return False
        return self.image is not None or self.role in ("server", "worker")

    @property
    def operators(self) -> Iterator[Operator]:
        """The shell operators in what compose has it start, which no shell reads."""
        from dockerlint_fastapi.model.shell_syntax import operators  # noqa: PLC0415  # as above

        return operators(self)

    @property
    def host_variables(self) -> Iterator[HostVariable]:
        """The variables in what compose has it run that are meant for it, and that Compose fills in itself."""
        from dockerlint_fastapi.model.host_variables import host_variables  # noqa: PLC0415  # as above

        return host_variables(self)

    @property
    def premature_checks(self) -> Iterator[PrematureCheck]:
        """The calls of `pg_isready` in its health check that succeed before PostgreSQL can be reached."""
        from dockerlint_fastapi.model.premature_checks import premature_checks  # noqa: PLC0415  # as above

        return premature_checks(self)

    @property
    def lost_data(self) -> Iterator[LostData]:
        """The data in it that no mount keeps."""
        from dockerlint_fastapi.model.kept_data import lost_data  # noqa: PLC0415  # as above

        return lost_data(self)

    @property
    def internal_port(self) -> InternalPort | None:
        """The first port that it opens to everyone, when only other services need it."""
        from dockerlint_fastapi.model.internal_ports import internal_port  # noqa: PLC0415  # as above

        return internal_port(self)

    @property
    def docker_sockets(self) -> Iterator[Socket]:
        """Where it gets Docker's socket."""
        from dockerlint_fastapi.model.host_access import docker_sockets  # noqa: PLC0415  # as above

        return docker_sockets(self)

    @property
    def host_mounts(self) -> Iterator[HostMount]:
        """The mounts of the host's own configuration or credentials."""
        from dockerlint_fastapi.model.host_access import host_mounts  # noqa: PLC0415  # as above

        return host_mounts(self)

    @property
    def privileges(self) -> Iterator[Privilege]:
        """The settings that take walls of the container away."""
        from dockerlint_fastapi.model.host_access import privileges  # noqa: PLC0415  # as above

        return privileges(self)

    @property
    def as_built(self) -> bool:
        """Whether it starts what the image says: compose sets no command of its own."""
        return self.start is not None or self.service is None

    @property
    def absent_files(self) -> Iterator[AbsentFile]:
        """The files that its start reads, and that are certainly not in it."""
        from dockerlint_fastapi.model.runtime_files import absent_files  # noqa: PLC0415  # few rules ask for files

        return absent_files(self)

    @property
    def broken_scripts(self) -> Iterator[BrokenScript]:
        """The start scripts that cannot run, and why."""
        if not self.scripts:
            return iter(())
        from dockerlint_fastapi.model.broken_scripts import broken_scripts  # noqa: PLC0415  # few start by a script

        return broken_scripts(self)

    @property
    def launched(self) -> Program | None:
        """What the start command itself runs to get to the main program: the outermost script, or that program."""
        return self.way[0].script.runner if self.way else self.program

    @property
    def long_running(self) -> bool:
        """Whether its program certainly runs until it is stopped: a server or a worker, not a migration."""
        program = self.program
        if self.server is not None and self.server.call is not None:
            return True
        return program is not None and program.known and program.role in _LONG_RUNNING

    @property
    def python(self) -> bool | None:
        """Whether what it runs is Python: an ASGI server is, anything else as the image is; None if unknown."""
        if self.server is not None:
            return True
        if self.program is not None and self.program.name in _NOT_PYTHON:
            return False
        return self.image.python if self.image else None

    @property
    def handed_on(self) -> tuple[Cmd | Entrypoint | None, Program] | None:
        """The program of a `sh -c "…"` that a start script is given and runs by `exec "$@"`, when that shell stays; and
        the instruction whose shell form that is, None for one that is written out.
        """
        program = next((step.program for step in self.way if step.stays and step.in_argument), None)
        if program is None:
            return None
        cmd = self.image.cmd if self.image is not None else None
        if cmd is None or cmd.command.exec_form or cmd.span.source is not program.span.source:
            return None, program
        return (cmd if cmd.span.start <= program.span.start < cmd.span.end else None), program

    def shell_of(self, program: Program) -> str | None:
        """Which shell really parses a program's command: `dash`, `busybox`, `bash`, ...; None when it cannot be told,
        as `sh` of an unknown image, and when no shell does.
        """
        if program.shell != "sh":
            return program.shell
        return self.image.sh if self.image else None

    @property
    def companions(self) -> tuple[Program, ...]:
        """The programs that may still run when the main one does: those in the background, servers of their own, and
        daemons that are started as a service. What can reach them is not only what is outside the container.
        """
        return tuple(
            one
            for one in self.programs
            if one is not self.program
            and (self.server is None or one is not self.server.program)
            and (one.background or one.role in _LONG_RUNNING or one.name in ("service", "systemctl"))
        )

    @property
    def shares_network(self) -> bool | None:
        """Whether something else sees its loopback interface: it has no network of its own (`network_mode: host`,
        `service:x`), or another service joins its network; None when that cannot be told.
        """
        if self.service is None:
            return False
        joining = [f"service:{self.service.name}"]
        name = self.service.setting("container_name")
        if name is not None and name.value:
            joining.append(f"container:{name.value}")
        if self.deployment is not None and not self.deployment.network_modes.isdisjoint(joining):
            return True
        mode = self.service.network_mode
        if mode is None:
            return False
        return None if mode.value is None else mode.value.startswith(("host", "service:", "container:"))

    @property
    def in_editor(self) -> bool:
        """Whether a code editor starts it (`.devcontainer`). Editors forward ports from the loopback interface."""
        paths = [file.source.path for file in self.deployment.files] if self.deployment is not None else []
        return any(
            part.startswith((".devcontainer", "devcontainer"))
            for path in (*paths, self.span.source.path)
            for part in path.split("/")
        )

    @property
    def drops_privileges(self) -> bool | None:
        """Whether the user changes before requests are served: by a wrapper (gosu, su-exec, ...), or by the program
        itself (`--user` of gunicorn and hypercorn, `--uid` of celery). None for a script that nobody has read.
        """
        if self.program is None or not self.program.known:
            return None
        if not _USER_CHANGERS.isdisjoint(self.program.wrappers):
            return True
        if any(not _USER_CHANGERS.isdisjoint(one.wrappers) for one in self.programs):
            return None  # in a branch, as it seems
        if self.server is not None and "user" in self.server.options:
            return True
        return self.program.name == "celery" and any(
            (argument.value or "").partition("=")[0] == "--uid" for argument in self.program.argv
        )

    @property
    def account(self) -> Account | None:
        """The user that the container starts as: compose's `user`, else the image's USER, else the base image's own;
        None when that cannot be told.
        """
        chosen = self.service.user if self.service else None
        if chosen is not None:
            return None if chosen.value is None else Account(chosen.value, chosen.span)
        if self.image is None:
            return None
        user = self.image.user
        if user is not None:
            return None if user.user.value is None else Account(user.user.value, user.user.span)
        base = self.image.base
        return Account(base.user, None) if base is not None and base.user is not None else None

    @property
    def serves(self) -> bool:
        """Whether it certainly runs an ASGI server (or a base image made to run one)."""
        return self.role == "server"

    @property
    def development(self) -> Evidence | None:
        """Why it is not meant for production, when something independent of any fault says so."""
        if self.deployment is not None and self.service is not None:
            evidence = self.deployment.development_of(self.service)
            if evidence is None and self.deployment.setting == "base" and self.syncs_source and self.reloads:
                return Evidence("`develop.watch` copies changes into it", self.service.span)
            return evidence
        return self.image.development if self.image else None

    @property
    def is_whole(self) -> bool:
        """Whether all its settings are known, unlike those of an overlay whose base is missing."""
        return self.deployment is None or self.deployment.whole

    @property
    def setting(self) -> str:
        """`production`, `base` (a compose file that names no setting) or `development`."""
        if self.development is not None:
            return "development"
        return self.deployment.setting if self.deployment else "production"

    @property
    def reloads(self) -> bool:
        """Whether its server certainly watches its source files."""
        return self.server is not None and self.server.reload is not None and self.server.reload.on

    @property
    def worked_on(self) -> bool:
        """Whether it is meant for work on the code, whatever its file is called: it mounts the source, and reloads."""
        return self.reloads and self.mounts_source

    @property
    def mounts_source(self) -> bool:
        """Whether the project's code is mounted over the image's, as for work on it: a bind mount of a folder that
        holds Python files or a project. Where the project's files are not at hand, the folder's name decides.
        """
        return self.service is not None and any(self._mounts_code(mount) for mount in self.service.volumes)

    def _mounts_code(self, mount: Mount) -> bool:
        if mount.source is None:
            return False
        # `${PWD}` is the folder in which compose is started, as a rule that of the file.
        text = mount.source.text.replace("${PWD}", ".").replace("$PWD", ".")
        if text == mount.source.text:
            text = mount.source.value or mount.source.default or ""
            if (mount.type or mount.default_type or "bind") != "bind":
                return False
        if not text.startswith("."):
            return False
        written = mount.source.span.source.path
        folders = self.deployment.merged.directories if self.deployment is not None else {written: parent(written)}
        folder = folders.get(written)
        path = None if folder is None else normal(f"{folder}/{text}" if folder else text)
        tree = self.image.project.tree if self.image else None
        if tree is not None and path is None:
            return False  # outside the project
        if tree is None or path is None:
            name = text.rstrip("/").rpartition("/")[2].lower()
            return name in (".", "..") or ("." not in name and name not in _NO_SOURCE)
        return _holds_code(tree, path, 2)

    @property
    def hidden_environment(self) -> HiddenEnvironment | None:
        """The virtual environment of the image that it needs and that a bind mount hides; None when it is none."""
        from dockerlint_fastapi.model.hidden_environment import hidden_environment  # noqa: PLC0415 - one rule asks

        return hidden_environment(self)

    @property
    def mounted_code(self) -> tuple[MountedCode, ...]:
        """The folders of the project's own code that compose mounts over the same code in the image."""
        from dockerlint_fastapi.model.mounted_code import mounted_code  # noqa: PLC0415 - one rule asks

        return tuple(mounted_code(self))

    @property
    def syncs_source(self) -> bool:
        """Whether `docker compose watch` copies changed files into it while it runs (`develop.watch`, `sync`)."""
        return self.service is not None and any((one.action or "").startswith("sync") for one in self.service.watch)


def _holds_code(tree: Tree, folder: str, depth: int) -> bool:
    """Whether a folder holds Python files, or what a project has at its top, down to some depth."""
    inside = tree.listing(folder)
    if any(name.endswith(".py") or name.startswith(_PROJECT_FILES) for name in inside.files):
        return True
    return depth > 0 and any(
        _holds_code(tree, f"{folder}/{name}" if folder else name, depth - 1) for name in inside.directories
    )


def _unread(path: str | None) -> EnvFileUse:
    from dockerlint_fastapi.model.env_file import EnvFileUse  # noqa: PLC0415  # for models made without files

    return EnvFileUse(path, None, "it is not read")


class Deployment:
    """Compose files that are used together, merged: one `docker compose -f ... up`.

    `setting` is `production`, `development`, or `base` for a file whose name says neither (the guide calls that
    "local development and staging").
    """

    def __init__(
        self,
        files: Sequence[ComposeFile],
        merged: ComposeFile,
        setting: str,
        development_of: Callable[[Service], Evidence | None],
        *,
        whole: bool = True,
        base_setting: str = "base",
        given: bool = False,
    ) -> None:
        self.extended_by: tuple[Deployment, ...] = ()  # whole ones that lay more files over these, such as an override
        self.given = given  # the user says that these files are used together; else their names and contents do
        self.files = tuple(files)
        self.merged = merged
        self.setting = setting
        self.development_of = development_of
        self.base_setting = base_setting  # of a file whose name says nothing: development beside one for production
        self.whole = whole  # False for an overlay whose base is not known: nothing can be said to be missing from it
        self.containers: list[Container] = []
        self.project: Project | None = None  # that it is of
        # how a path is read as an env file, and what `env_file:` of a service names, in order
        self.env_file_at: Callable[[str], EnvFileUse] = _unread
        self.env_files_of: Callable[[Service], tuple[EnvFileUse, ...]] = lambda service: tuple(
            _unread(None) for _ in service.env_files
        )

    def __repr__(self) -> str:
        return f"Deployment({[file.source.path for file in self.files]})"

    @property
    def dotenv(self) -> EnvFileUse:
        """The `.env` in the folder of its first file, which Compose reads for `${NAME}` in its files."""
        folder = parent(self.files[0].source.path)
        return self.env_file_at(f"{folder}/.env" if folder else ".env")

    @cached_property
    def service_names(self) -> ServiceNames:
        """By which names its services find each other."""
        from dockerlint_fastapi.model.service_names import ServiceNames  # noqa: PLC0415  # few rules ask for a name

        return ServiceNames(self.merged)

    def service_named(self, host: str, asker: Service | None = None) -> Service | None:
        """The service that a host name leads to: by name, container name, host name or alias."""
        return self.service_names.named(host, asker)

    def elsewhere(self, host: str) -> bool:
        """Whether another set of compose files of the project has a service of that name."""
        project = self.project
        return project is not None and any(
            one is not self and one.service_named(host) is not None for one in project.deployments
        )

    @property
    def is_default(self) -> bool:
        """Whether it is what a plain `docker compose up` starts, with or without an override."""
        return self.files[0].source.path.rpartition("/")[2] in DEFAULT_NAMES

    @property
    def span(self) -> Span:
        """The beginning of its first file."""
        return self.files[0].span

    def setting_of(self, source: Source) -> str:
        """The setting of one of its files by that file's own name, else `base` or what a file beside it makes of it."""
        return setting_of_path(source.path) or (self.base_setting if source is self.files[0].source else "base")

    @property
    def inline_secrets(self) -> Iterator[InlineSecret]:
        """The secrets that stand as literals in its files, each as written: also those that an overlay replaces."""
        for file in self.merged.files:
            for service in file.services.values():
                yield from inline_secrets(service)

    @property
    def defaulted_secrets(self) -> Iterator[DefaultedSecret]:
        """The secret variables in its files without which its services start all the same."""
        from dockerlint_fastapi.model.defaulted_secrets import defaulted_secrets  # noqa: PLC0415  # few rules ask

        return defaulted_secrets(self)

    @property
    def literal_arguments(self) -> Iterator[LiteralArgument]:
        """The secrets that stand as literals in `build.args` of its files."""
        from dockerlint_fastapi.model.secret_arguments import literal_arguments  # noqa: PLC0415  # as above

        return literal_arguments(self)

    @property
    def dependency_cycles(self) -> Iterator[DependencyCycle]:
        """The circles in which its services wait for each other."""
        from dockerlint_fastapi.model.broken_references import dependency_cycles  # noqa: PLC0415  # few runs ask

        return dependency_cycles(self)

    @property
    def unfilled_resources(self) -> Iterator[UnfilledResource]:
        """The secrets and configs of which no one key says what is in them."""
        from dockerlint_fastapi.model.broken_references import unfilled_resources  # noqa: PLC0415  # as above

        return unfilled_resources(self)

    @property
    def impossible_waits(self) -> Iterator[Impossible]:
        """The conditions of `depends_on` that cannot come true."""
        from dockerlint_fastapi.model.readiness import impossible_waits  # noqa: PLC0415  # as above

        return impossible_waits(self)

    @property
    def unawaited(self) -> Iterator[Unawaited]:
        """The databases and brokers for whose readiness nothing waits."""
        from dockerlint_fastapi.model.readiness import unawaited  # noqa: PLC0415  # as above

        return unawaited(self)

    @property
    def imageless(self) -> Iterator[Service]:
        """The services that say nothing of the image that they start."""
        from dockerlint_fastapi.model.imageless import imageless  # noqa: PLC0415  # as above

        return imageless(self)

    @property
    def conflicts(self) -> Iterator[Conflict]:
        """The keys of its services that exclude each other."""
        from dockerlint_fastapi.model.compose_conflicts import conflicts  # noqa: PLC0415  # as above

        return conflicts(self)

    @property
    def port_conflicts(self) -> Iterator[PortConflict]:
        """The ports of the host that two of its services want."""
        from dockerlint_fastapi.model.port_conflicts import port_conflicts  # noqa: PLC0415  # as above

        return port_conflicts(self.merged)

    def runs_once(self, service: Service) -> bool:
        """Whether another service waits for it to end (`service_completed_successfully`)."""
        return service.name in self._awaited

    @cached_property
    def _awaited(self) -> frozenset[str]:
        """The services that another one waits for to end."""
        return frozenset(
            dependency.name
            for service in self.merged.services.values()
            for dependency in service.depends_on
            if dependency.condition == "service_completed_successfully"
        )

    @cached_property
    def network_modes(self) -> frozenset[str]:
        """The values of `network_mode` of its services, as far as they are known."""
        modes = (service.network_mode for service in self.merged.services.values())
        return frozenset(mode.value for mode in modes if mode is not None and mode.value is not None)

    @cached_property
    def is_swarm(self) -> bool:
        """Whether it is made for `docker stack deploy`, whose services restart by default: by its name, or by settings
        that only Swarm reads (Compose deploy specification).
        """
        if any(not {"stack", "swarm"}.isdisjoint(tokens(file.source.path)) for file in self.files):
            return True
        return any(
            service.node("deploy", key) is not None
            for service in self.merged.services.values()
            for key in ("placement", "update_config", "rollback_config", "endpoint_mode", "labels")
        )


class Project:
    """Everything that dlf knows of the files under one root."""

    def __init__(
        self,
        tree: Tree,
        source_of: Callable[[str], Source | None],
        *,
        walk: Callable[[], Iterable[str]] = tuple,
        orchestration_of: Callable[[Iterable[str]], Evidence | None] = lambda _paths: None,
        ignore_file_at: Callable[[str], IgnoreFile | None] = lambda _path: None,
        git_ignores: Callable[[str], bool] = lambda _path: False,
        sources_read: Callable[[], Iterable[Source]] = tuple,
        installed_in: Callable[[Image], Installed] | None = None,
        today: date | None = None,
    ) -> None:
        self.tree = tree
        # the Python module that a file is, parsed once; None when it cannot be parsed
        self.module_of: Callable[[Placed], Module | None] = lambda _placed: None
        self.sources_read = sources_read  # the files whose text was asked for until now
        self.installed_in = installed_in  # what an image's Python has installed; None when nobody can say
        self._today = today
        self.ignore_file_at = ignore_file_at  # the parsed `.dockerignore` at a path; None when there is none
        self.git_ignores = git_ignores  # whether git ignores a path, be it there or not
        self.ignore_files: tuple[str, ...] = ()  # Docker's, by path; none when not every Dockerfile was read
        self.source_of = source_of  # the text of any file of the project, memoised; None when there is none
        self._walk = walk
        self._orchestration_of = orchestration_of
        self.dockerfiles: tuple[Dockerfile, ...] = ()
        self.compose_files: tuple[ComposeFile, ...] = ()
        self.deployments: tuple[Deployment, ...] = ()
        self.images: tuple[Image, ...] = ()
        self.containers: tuple[Container, ...] = ()
        self.deployment_setting = "auto"  # the setting `deployment`: auto, orchestrated or single-server
        self.failures: list[tuple[Span, Exception]] = []  # files that a parser broke on, which is a fault of dlf

    @cached_property
    def today(self) -> date:
        """The day as of which ages are judged: the chosen one, else that of this machine's clock."""
        from datetime import date  # noqa: PLC0415  # few rules ask

        return self._today or date.today()  # noqa: DTZ011  # a day sooner or later is all the same

    @cached_property
    def paths(self) -> frozenset[str]:
        """Every file of the project that git does not ignore. The first question costs a walk through the tree."""
        return frozenset(self._walk())

    @cached_property
    def python_names(self) -> frozenset[str]:
        """The names of its Python files, without the ending, and of the folders that hold one."""
        files = [path[:-3] for path in self.paths if path.endswith(".py")]
        return frozenset(name for path in files for name in path.split("/"))

    @cached_property
    def orchestration(self) -> Evidence | None:
        """Why somebody else restarts and probes the containers (Kubernetes, ECS, Cloud Run, ...); None when nothing
        says so. The first question costs a walk and a look into a few files.
        """
        return self._orchestration_of(self.paths)

    @property
    def merge_problems(self) -> Iterator[Problem]:
        """What Compose refuses although each file by itself is sound, in every whole set that it belongs to: a key
        that one set leaves empty may be filled in another, as by the automatic override.
        """
        whole = [one for one in self.deployments if one.whole]
        for problem in dict.fromkeys(problem for one in whole for problem in one.merged.problems):
            where = problem.span.source
            sets = [one for one in whole if any(file.source is where for file in one.merged.files)]
            if all(problem in one.merged.problems for one in sets):
                yield problem

    @property
    def undefined_variables(self) -> Iterator[Undefined]:
        """The variables that its Dockerfiles expand and nothing sets."""
        from dockerlint_fastapi.model.undefined_variables import undefined_variables  # noqa: PLC0415 - one rule asks

        return undefined_variables(self)

    @property
    def stage_faults(self) -> Iterator[StageFault]:
        """What is wrong with the names of stages in its Dockerfiles."""
        from dockerlint_fastapi.model.stage_names import stage_faults  # noqa: PLC0415 - as above

        return stage_faults(self)

    @property
    def broken_references(self) -> Iterator[BrokenReference]:
        """The names in compose files that nothing declares."""
        from dockerlint_fastapi.model.broken_references import broken_references  # noqa: PLC0415  # few runs ask

        return broken_references(self)

    @property
    def missing_files(self) -> Iterator[MissingFile]:
        """What compose files name of the project and is not there."""
        from dockerlint_fastapi.model.missing_files import missing_files  # noqa: PLC0415  # as above

        return missing_files(self)

    @cached_property
    def recipes(self) -> tuple[Source, ...]:
        """The Makefiles, task runners' files, workflows and scripts. The first question costs a walk."""
        from dockerlint_fastapi.model.recipes import recipes_of, workflow_files  # noqa: PLC0415  # as above

        return tuple(recipes_of(self, workflow_files(self)))

    @cached_property
    def retries(self) -> Span | None:
        """Where its Python code tries again to connect; None when none is seen to. The first question costs a walk."""
        from dockerlint_fastapi.model.waiting_evidence import retries_of  # noqa: PLC0415  # as above

        return retries_of(self)

    def dockerfile_at(self, path: str) -> Dockerfile | None:
        """The Dockerfile of a path; where there is no `Dockerfile`, BuildKit takes `dockerfile`."""
        by_path = {file.source.path: file for file in self.dockerfiles}
        folder, _, name = path.rpartition("/")
        lower = f"{folder}/dockerfile" if folder else "dockerfile"
        return by_path.get(path) or (by_path.get(lower) if name == "Dockerfile" else None)

    def in_submodule(self, path: str) -> bool:
        """Whether a path lies in a git submodule, which a checkout may not hold."""
        return any(f"{path}/".startswith(f"{root}/") for root in self._submodules)

    @cached_property
    def _submodules(self) -> tuple[str, ...]:
        modules = self.source_of(".gitmodules")
        return tuple(re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S+)", modules.text)) if modules is not None else ()

    @property
    def orchestrated(self) -> bool:
        """Whether somebody else restarts and probes the containers."""
        return self.orchestration is not None

    @property
    def unread_ignore_files(self) -> Iterator[UnreadIgnoreFile]:
        """The ignore files that certainly no build reads."""
        return unread_ignore_files(self)

    @cached_property
    def contexts(self) -> tuple[BuildContext, ...]:
        """The folders from which its images are built."""
        return tuple(contexts_of(self.images))

    def makes(self, reference: Reference) -> bool:
        """Whether an image of that name is the project's own: it can only be a local name, a service is built under
        a name of the same owner, or it is no known product and called like the project or a folder at its top.
        """
        if reference.is_local or (reference.namespace != "" and reference.namespace in self._makers):
            return True
        return not reference.is_public and not self._names.isdisjoint(reference.repository.split("/"))

    @cached_property
    def _names(self) -> frozenset[str]:
        """What the project is called: by pyproject.toml, and by the folders at its top."""
        source = self.source_of("pyproject.toml") if self.tree.is_file("pyproject.toml") else None
        named = re.findall(r"(?m)^name\s*=\s*[\"']([^\"']+)", source.text if source is not None else "")
        return frozenset(name.lower() for name in (*named, *self.tree.listing("").directories))

    @cached_property
    def _makers(self) -> frozenset[str]:
        """The owners in the names under which services are built."""
        settings = [
            service.image
            for file in self.compose_files
            for service in file.services.values()
            if service.build is not None and service.image is not None
        ]
        texts = [one.value or one.default for one in settings]
        references = [Reference.parse(text) for text in texts if text]
        return frozenset(one.namespace for one in references if one is not None)

    @property
    def files(self) -> tuple[Dockerfile | ComposeFile, ...]:
        """The Dockerfiles and the compose files."""
        return (*self.dockerfiles, *self.compose_files)

    def nodes(self) -> Iterator[object]:
        """Every node that a rule may ask for, the smallest first."""
        for dockerfile in self.dockerfiles:
            yield dockerfile
            for stage in dockerfile.stages:
                yield stage
                yield stage.from_
                yield from stage.instructions
        yield from self.compose_files
        yield from self.images
        yield from self.containers
        yield from self.deployments
        yield from self.contexts
        yield self
