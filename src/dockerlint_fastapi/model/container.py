"""A container: an image as one service starts it, with everything that decides how it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dockerlint_fastapi.model.bases.base_image import Reference
from dockerlint_fastapi.model.evidence import Evidence, is_off
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.application import Application, Search
    from dockerlint_fastapi.model.bases.pull import Pull
    from dockerlint_fastapi.model.command import Environment, Program, Server, Unknown, Value
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.dockerfile import Cmd, Entrypoint, Expose
    from dockerlint_fastapi.model.environment.env_file import EnvFileUse
    from dockerlint_fastapi.model.environment.hardcoded_settings import HardcodedAddress
    from dockerlint_fastapi.model.environment.host_variables import HostVariable
    from dockerlint_fastapi.model.environment.settings_class import SecretDefault, SettingsUse
    from dockerlint_fastapi.model.environment.variables import ContainerVariable
    from dockerlint_fastapi.model.files.container_files import Cover
    from dockerlint_fastapi.model.files.image_files import Answer
    from dockerlint_fastapi.model.files.runtime_files import AbsentFile
    from dockerlint_fastapi.model.health.health_times import HealthTimes
    from dockerlint_fastapi.model.health.premature_checks import PrematureCheck
    from dockerlint_fastapi.model.health.probe import Probe, Request
    from dockerlint_fastapi.model.health.redirected import Redirected
    from dockerlint_fastapi.model.health.sibling_checks import CheckedElsewhere
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.install.hidden_environment import HiddenEnvironment
    from dockerlint_fastapi.model.install.lacking import Lacking
    from dockerlint_fastapi.model.install.search_path import OffPath
    from dockerlint_fastapi.model.instructions.accounts import MadeUser
    from dockerlint_fastapi.model.network.endpoints import Endpoint
    from dockerlint_fastapi.model.network.internal_ports import InternalPort
    from dockerlint_fastapi.model.network.listening import Listening
    from dockerlint_fastapi.model.network.reachability import Undeclared, Unreachable
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.model.secrets.database_password import OpenDatabase
    from dockerlint_fastapi.model.services.database_account import Mismatch
    from dockerlint_fastapi.model.services.database_volumes import StrayVolume
    from dockerlint_fastapi.model.services.host_access import HostMount, Privilege, Socket
    from dockerlint_fastapi.model.services.kept_data import LostData
    from dockerlint_fastapi.model.services.probe_account import ProbeAccount
    from dockerlint_fastapi.model.services.shell_syntax import Operator
    from dockerlint_fastapi.model.start.broken_scripts import BrokenScript
    from dockerlint_fastapi.model.start.default_workers import DefaultWorkers
    from dockerlint_fastapi.model.start.launchers import Launcher
    from dockerlint_fastapi.model.start.mounted_code import MountedCode
    from dockerlint_fastapi.model.start.runtime_sync import RuntimeSync
    from dockerlint_fastapi.model.start.scaling import CpuLimit, Replication
    from dockerlint_fastapi.model.start.shutdown_time import ShutdownTime, StopSignal
    from dockerlint_fastapi.model.start.start_faults import StartFault
    from dockerlint_fastapi.model.start.start_script import Passed, StartScript
    from dockerlint_fastapi.model.start.unattended import Unattended
    from dockerlint_fastapi.model.start.unexpanded import Unexpanded
    from dockerlint_fastapi.model.start.worker_class import DeprecatedWorker, WsgiWorker

# One of them is in every flag that a secret stands behind.
_OF_SECRETS = ("pass", "pwd", "secret", "token", "key", "auth", "credential", "pword")
# Image names (last part of the repository) by what the container does.
ROLES = {
    "database": frozenset(
        "postgres postgresql postgis timescaledb timescaledb-ha pgvector pgvecto-rs vchord-postgres paradedb mysql"
        " mysql-server mariadb percona percona-server percona-server-mongodb mongo"
        " mongodb mongodb-community-server mongodb-atlas-local cockroach cassandra scylla clickhouse clickhouse-server"
        " elasticsearch opensearch neo4j memgraph memgraph-mage falkordb dgraph arangodb orientdb surrealdb couchdb"
        " couchbase rethinkdb questdb influxdb yugabyte ferretdb qdrant weaviate milvus chroma vespa marqo".split()
    ),
    "cache": frozenset(
        "redis valkey memcached dragonfly keydb redis-stack redis-stack-server redismod kvrocks".split()
    ),
    "broker": frozenset(
        "rabbitmq lavinmq emqx kafka kafka-native cp-kafka cp-server zookeeper cp-zookeeper nats redpanda activemq"
        " activemq-artemis activemq-classic pulsar nsq beanstalkd".split()
    ),
    "proxy": frozenset("nginx traefik caddy haproxy envoy".split()),
}


# What those images are for, as commands that start it name it.
DAEMONS = frozenset(
    "caddy clickhouse-server cockroach docker-entrypoint.sh dragonfly elasticsearch envoy haproxy kafka"
    " keydb-server mariadbd memcached mongod mongos mysqld nats-server neo4j nginx nginx-debug opensearch"
    " postgres rabbitmq-server redis-sentinel redis-server redis-stack-server redpanda traefik valkey-server"
    " zookeeper standalone start start-single-node couchdb memgraph questdb scylla arangod chroma".split()
)


_OF_USERS = ("user", "uid", "run-as", "run_as")  # in options that may name one
_USER_CHANGERS = frozenset(
    ("gosu", "su-exec", "setpriv", "runuser", "sudo", "su", "s6-setuidgid", "chpst", "setuidgid", "capsh", "fixuid")
)


_LONG_RUNNING = ("server", "worker", "other-web")


_NOT_PYTHON = frozenset(("nginx", "caddy", "cron", "crond", "supercronic"))


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
        "_code_endpoints",
        "_covers",
        "_development",
        "_endpoints",
        "_listening",
        "_of_base",
        "_search",
        "deployment",
        "env_files",
        "environment",
        "foreground",
        "image",
        "probe",
        "program",
        "programs",
        "read_addresses",
        "read_arms",
        "read_calls",
        "read_code_endpoints",
        "read_file_endpoints",
        "read_imports",
        "read_laziness",
        "read_manifests",
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
        self._development: tuple[Evidence | None] | None = None  # likewise
        self._endpoints: tuple[Endpoint, ...] | None = None  # as above
        self._code_endpoints: tuple[Endpoint, ...] | None = None  # as above
        self._listening: tuple[Listening | None] | None = None  # as above
        self._search: Search | None = None  # as above
        self._of_base: tuple[Application | None] | None = None  # as above
        # what the code of its application asks of the environment; read when first asked for
        self.read_settings: Callable[[Container], tuple[SettingsUse, ...]] = lambda _container: ()
        self.read_secrets: Callable[[Container], tuple[SecretDefault, ...]] = lambda _container: ()
        self.read_code_endpoints: Callable[[Container], tuple[Endpoint, ...]] = lambda _container: ()
        self.read_file_endpoints: Callable[[Container], tuple[Endpoint, ...]] = lambda _container: ()
        self.read_addresses: Callable[[Container], tuple[HardcodedAddress, ...]] = lambda _container: ()
        self.read_laziness: Callable[..., bool] = lambda _container, _client="": False  # likewise; see `connects_late`
        # of some modules' names, those that it certainly imports when it starts, each with the place
        self.read_imports: Callable[[Container, frozenset[str]], tuple[tuple[str, Span], ...]] = lambda _one, _names: ()
        # of some programs' names, those that it calls, each with the place; None where there is no code to read
        self.read_calls: Callable[[Container, frozenset[str]], tuple[tuple[str, Span], ...]] | None = None
        # the ways to the programs of a script that nobody gives the arguments that it asks for
        self.read_arms: Callable[[Container], tuple[tuple[Passed, ...], ...]] = lambda _container: ()
        # of the first container of an image those that manifests of Kubernetes start by commands of their own
        self.read_manifests: Callable[[], tuple[Container, ...]] = tuple
        self.image = image
        self.service = service
        self.deployment = deployment
        self.programs = programs  # everything that the start command runs, in order
        self.program = program  # the one that the container is about
        self.server = server
        self.role = role  # server, worker, one-shot, other-web, frontend, idle, database, cache, broker, proxy
        self.start = start  # the instruction whose command runs; None when compose sets another, or there is none
        self.start_span = start_span  # the command that starts it: a CMD, an ENTRYPOINT, or compose's `command`
        # the start scripts that were read, in the order in which they run; and those that lead to the main program, the
        # outermost first, each with its call
        self.scripts: tuple[StartScript, ...] = ()
        self.way: tuple[Passed, ...] = ()
        # Python of which nobody has read what it runs, where its script waits for that beside the main program
        self.foreground: tuple[Program, tuple[Passed, ...]] | None = None
        self.environment = environment
        # the same by name, each as it is written; and the env files that `env_file:` names, in order
        self.variables: Mapping[str, ContainerVariable] = {}
        self.env_files: tuple[EnvFileUse, ...] = ()
        self.probe = probe  # the health check's test that runs in it; None when there is none, or it cannot be told

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
        from dockerlint_fastapi.model.context.passage import place_of  # noqa: PLC0415  # few rules ask for a place

        return place_of(path, self.directory)

    @property
    def covers(self) -> tuple[Cover, ...]:
        """What compose mounts over the image's files."""
        if self._covers is None:
            from dockerlint_fastapi.model.files.container_files import covers_of  # noqa: PLC0415  # as above

            self._covers = covers_of(self)
        return self._covers

    def covered_by(self, covers: tuple[Cover, ...]) -> None:
        """Tells what lies over its files, for one that no service starts."""
        self._covers = covers

    def file_at(self, place: str) -> Answer:
        """The file at an absolute path; None when certainly none is there, UNKNOWN when that cannot be told."""
        from dockerlint_fastapi.model.files.container_files import file_at  # noqa: PLC0415  # as above

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
        """The application that its server serves; None when there certainly is none (no server, or `search.result`
        tells why the import fails), UNKNOWN when that cannot be told.
        """
        from dockerlint_fastapi.model.application import Fault  # noqa: PLC0415  # as above

        if self.server is None:
            return self._application_of_base()
        found = self.search.result if self.search is not None else None
        return None if isinstance(found, Fault) else found

    def _application_of_base(self) -> Application | None:
        """The application of a server that the base image starts by itself."""
        if self.image is None or self.image.base is None or self.image.base.server is None:
            return None
        if self._of_base is None:
            from dockerlint_fastapi.model.application.base_start import (  # noqa: PLC0415  # few bases do
                application_of_base,
            )

            self._of_base = (application_of_base(self),)
        return self._of_base[0]

    @property
    def settings(self) -> tuple[SettingsUse, ...]:
        """The settings classes of which its application certainly makes objects, with the fields that nothing sets."""
        return self.read_settings(self)

    @property
    def secret_defaults(self) -> tuple[SecretDefault, ...]:
        """The secrets that stand in the code of its application, for where nothing else sets them."""
        return self.read_secrets(self)

    @property
    def hardcoded_addresses(self) -> tuple[HardcodedAddress, ...]:
        """The addresses that its code hands to clients as literals, so that no variable can change them."""
        return self.read_addresses(self)

    @property
    def start_secrets(self) -> Iterator[SecretDefault]:
        """The secrets behind flags of what it starts, as far as they stand in its Dockerfile or a start script."""
        arguments = (one.value or "" for program in self.programs for one in program.argv)
        if not self.scripts and not any(word in text for text in arguments for word in _OF_SECRETS):
            return iter(())
        from dockerlint_fastapi.model.secrets.start_secrets import start_secrets  # noqa: PLC0415  # as above

        return start_secrets(self)

    @property
    def connects_late(self) -> bool:
        """Whether it certainly starts nothing but its server, whose application connects with its first request."""
        from dockerlint_fastapi.model.services.readiness import connects_late  # noqa: PLC0415  # as above

        return connects_late(self)

    @property
    def health_checked(self) -> bool | None:
        """Whether Docker tests its health; None for an image of which that is not known."""
        from dockerlint_fastapi.model.services.readiness import has_healthcheck  # noqa: PLC0415  # as above

        return has_healthcheck(self)

    @property
    def listening(self) -> Listening | None:
        """Where its server listens, when that is the only thing in it that does; None when that cannot be told."""
        if self._listening is None:
            from dockerlint_fastapi.model.network.listening import listening  # noqa: PLC0415  # as above

            self._listening = (listening(self),)
        return self._listening[0]

    @property
    def nginx_listening(self) -> Listening | None:
        """Where nginx listens in it by the project's configuration; None when it runs none, or that cannot be told."""
        if self.image is None or self.image.base is None or self.image.base.family != "nginx":
            return None
        from dockerlint_fastapi.model.network.nginx_ports import nginx_listening  # noqa: PLC0415  # as above

        return nginx_listening(self)

    def answers(self, request: Request) -> bool | None:
        """Whether something in it answers what is asked from within it; None when that cannot be told."""
        from dockerlint_fastapi.model.network.listening import answers  # noqa: PLC0415  # as above

        return answers(self, request)

    def agreeing_expose(self, request: Request) -> Expose | None:
        """The EXPOSE that agrees with what its health check asks for in vain, so that its server is the odd one."""
        from dockerlint_fastapi.model.network.exposed import agreeing_expose  # noqa: PLC0415  # as above

        return agreeing_expose(self, request)

    def shows(self, value: Value) -> bool:
        """Whether a value that a variable gave may be told: it stands elsewhere than in an env file."""
        from dockerlint_fastapi.model.network.listening import shows  # noqa: PLC0415  # as above

        return shows(self, value)

    def asks_itself(self, request: Request) -> bool:
        """Whether what is asked from within it goes to itself, as far as the host can be told."""
        from dockerlint_fastapi.model.network.listening import asks_itself  # noqa: PLC0415  # as above

        return asks_itself(self, request)

    @property
    def inherits_probe(self) -> bool:
        """Whether its health check is its image's, which has it for something else than what this service starts."""
        from dockerlint_fastapi.model.network.listening import inherits_probe  # noqa: PLC0415  # as above

        return inherits_probe(self)

    @property
    def monitor_port(self) -> str | None:
        """The port of Flower, where that is what it starts; None when it is not, or cannot be told."""
        from dockerlint_fastapi.model.health.sibling_checks import monitor_port  # noqa: PLC0415  # as above

        return monitor_port(self)

    @property
    def checked_elsewhere(self) -> CheckedElsewhere | None:
        """What its image's check asks in vain, as services with the same command are checked at other ports."""
        from dockerlint_fastapi.model.health.sibling_checks import checked_elsewhere  # noqa: PLC0415  # as above

        return checked_elsewhere(self)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Where its environment says that it connects to: databases, caches, brokers."""
        if self._endpoints is None:
            from dockerlint_fastapi.model.network.endpoints import endpoints_of  # noqa: PLC0415  # few rules ask for them

            self._endpoints = tuple(endpoints_of(self.variables))
        return self._endpoints

    @property
    def code_endpoints(self) -> tuple[Endpoint, ...]:
        """Where its code connects to by addresses that stand in it."""
        if self._code_endpoints is None:
            self._code_endpoints = self.read_code_endpoints(self)
        return self._code_endpoints

    @property
    def file_endpoints(self) -> tuple[Endpoint, ...]:
        """Where its code connects to by configuration files that it reads, as far as the environment says nothing."""
        return self.read_file_endpoints(self)

    @property
    def unreachable_hosts(self) -> Iterator[Unreachable]:
        """The hosts in its environment that certainly lead nowhere."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.network.reachability import unreachable_hosts  # noqa: PLC0415  # as above

        return unreachable_hosts(self)

    @property
    def undeclared_dependencies(self) -> Iterator[Undeclared]:
        """The services that its environment leads to and that it does not depend on."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.network.reachability import undeclared_dependencies  # noqa: PLC0415  # as above

        return undeclared_dependencies(self)

    @property
    def strange_probe_account(self) -> ProbeAccount | None:
        """The account of its health check, when the database has none of that name."""
        if self.role != "database" or self.service is None or self.service.healthcheck is None:
            return None
        from dockerlint_fastapi.model.services.probe_account import strange_account  # noqa: PLC0415  # as above

        return strange_account(self)

    @property
    def mismatches(self) -> Iterator[Mismatch]:
        """What its connection settings say of a service, and is not so: user, password, database, port."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.services.database_account import mismatches  # noqa: PLC0415  # as above

        return mismatches(self)

    @property
    def open_database(self) -> OpenDatabase | None:
        """What it lacks as a database without a password; None when it has one, or that cannot be told."""
        if self.role != "database" or self.service is None:
            return None
        from dockerlint_fastapi.model.secrets.database_password import open_database  # noqa: PLC0415  # as above

        return open_database(self)

    @property
    def start_fault(self) -> StartFault | None:
        """What is wrong with its start command: none, the program twice, options alone."""
        from dockerlint_fastapi.model.start.start_faults import start_fault  # noqa: PLC0415  # as above

        return start_fault(self)

    @property
    def launcher(self) -> Launcher | None:
        """What gets the signals in place of its server: `conda run`, or Python code that starts it as a child."""
        if self.program is None or (
            not self.program.wrappers and (self.server is None or self.server.program is self.program)
        ):
            return None
        from dockerlint_fastapi.model.start.launchers import launcher  # noqa: PLC0415  # as above

        return launcher(self)

    @property
    def runtime_sync(self) -> RuntimeSync | None:
        """How `uv run` syncs when it starts; None when it does not, or that cannot be told."""
        if self.program is None or "uv run" not in self.program.wrappers:
            return None
        from dockerlint_fastapi.model.start.runtime_sync import runtime_sync  # noqa: PLC0415  # as above

        return runtime_sync(self)

    @property
    def shutdown_time(self) -> ShutdownTime | None:
        """How long its server takes to stop, and how long Docker lets it; None when one of them cannot be told."""
        if self.server is None or self.service is None:
            return None
        from dockerlint_fastapi.model.start.shutdown_time import shutdown_time  # noqa: PLC0415  # as above

        return shutdown_time(self)

    @property
    def deaf_workers(self) -> StopSignal | None:
        """The signal with which Docker asks it to stop, and at which its server's workers do not; None for SIGTERM."""
        told = self.image.stopsignal if self.image is not None else None
        if told is None and (self.service is None or self.service.setting("stop_signal") is None):
            return None
        from dockerlint_fastapi.model.start.shutdown_time import deaf_workers  # noqa: PLC0415  # few set a signal

        return deaf_workers(self)

    @property
    def health_times(self) -> HealthTimes | None:
        """The times of the health check that its service sets itself; None when it sets none."""
        if self.service is None or self.service.healthcheck is None:
            return None
        from dockerlint_fastapi.model.health.health_times import times_of_service  # noqa: PLC0415  # as above

        return times_of_service(self)

    @property
    def prepares(self) -> bool:
        """Whether it does work that takes its time before its server answers: migrations in the start command."""
        from dockerlint_fastapi.model.health.health_times import prepares  # noqa: PLC0415  # as above

        return prepares(self)

    @property
    def unanswered_localhost(self) -> Request | None:
        """The request for `localhost` at which its health check fails because BusyBox's `wget` tries `::1` only."""
        if self.probe is None or self.server is None:
            return None
        from dockerlint_fastapi.model.health.busybox_probe import unanswered_localhost  # noqa: PLC0415  # as above

        return unanswered_localhost(self)

    @property
    def off_path(self) -> OffPath | None:
        """Its main program, when that is installed where PATH does not lead; None when it is found, or not known."""
        from dockerlint_fastapi.model.install.search_path import off_path  # noqa: PLC0415  # only one rule asks

        return off_path(self)

    @property
    def stray_volume(self) -> StrayVolume | None:
        """The volume that is meant for its database's data, which lie elsewhere; None when there is none."""
        from dockerlint_fastapi.model.services.database_volumes import stray_volume  # noqa: PLC0415  # only one rule asks

        return stray_volume(self)

    @property
    def waits(self) -> bool | None:
        """Whether it waits by itself for what it connects to, or tries again; None when something unread may do so."""
        from dockerlint_fastapi.model.services.waiting import waits  # noqa: PLC0415  # as above

        return waits(self)

    @property
    def lacking(self) -> Iterator[Lacking]:
        """The distributions that its start needs and its image certainly has not."""
        from dockerlint_fastapi.model.install.lacking import lacking  # noqa: PLC0415  # few rules ask

        return lacking(self)

    @property
    def project(self) -> Project | None:
        """The project that it is of; None for models made without one."""
        if self.image is not None:
            return self.image.project
        return self.deployment.project if self.deployment is not None else None

    @property
    def orchestrated(self) -> bool:
        """Whether something says that an orchestrator restarts and probes what is built for it, or is beside that."""
        if self.image is not None:
            return self.image.orchestrated
        return self.deployment is not None and self.deployment.orchestrated

    @property
    def cpu_limit(self) -> CpuLimit | None:
        """The CPUs that compose allows it; None when it does not limit them, or that cannot be told."""
        if self.service is None:
            return None
        from dockerlint_fastapi.model.start.scaling import cpu_limit  # noqa: PLC0415  # few rules ask

        return cpu_limit(self)

    @property
    def default_workers(self) -> DefaultWorkers | None:
        """Its server's workers by the default of a variable of Compose, or of its base image; None where there are no
        such.
        """
        base = self.image.base if self.image is not None else None
        of_compose = self.server is not None and self.server.kind == "uvicorn" and "WEB_CONCURRENCY" in self.variables
        if not of_compose and (base is None or base.family != "tiangolo"):
            return None
        from dockerlint_fastapi.model.start.default_workers import default_workers  # noqa: PLC0415  # as above

        return default_workers(self)

    @property
    def replication(self) -> Replication | None:
        """Why somebody else multiplies it (replicas, an orchestrator); None when nothing says so."""
        from dockerlint_fastapi.model.start.scaling import replication  # noqa: PLC0415  # as above

        return replication(self)

    @property
    def counted_cpus(self) -> Span | None:
        """Where its workers are counted by the CPUs of the host; None when they are not, or that cannot be told."""
        from dockerlint_fastapi.model.start.scaling import counted_cpus  # noqa: PLC0415  # as above

        return counted_cpus(self)

    @property
    def settled(self) -> bool:
        """Whether all options of its server are known, and nobody can add some by a variable at the command's end."""
        return (
            self.server is not None and self.server.complete and self.search is not None and not self.search.takes_more
        )

    def pins_below(self, name: str, major: int, minor: int) -> bool:
        """Whether its image has a distribution in a version that is certainly below `major.minor`."""
        from dockerlint_fastapi.model.install.distributions import Distribution  # noqa: PLC0415  # as above

        found = self.image.distributions.get(name) if self.image is not None else None
        return isinstance(found, Distribution) and found.older_than(major, minor)

    @property
    def deprecated_worker(self) -> DeprecatedWorker | None:
        """The worker class of `uvicorn.workers` that its gunicorn runs, or None."""
        from dockerlint_fastapi.model.start.worker_class import deprecated_worker  # noqa: PLC0415  # as above

        return deprecated_worker(self)

    @property
    def wsgi_worker(self) -> WsgiWorker | None:
        """The worker class that cannot call its ASGI application, or None."""
        from dockerlint_fastapi.model.start.worker_class import wsgi_worker  # noqa: PLC0415  # as above

        return wsgi_worker(self)

    @property
    def heartbeat_on_disk(self) -> bool:
        """Whether its gunicorn certainly keeps the files by which it watches its workers on a disk."""
        from dockerlint_fastapi.model.start.heartbeat import heartbeat_on_disk  # noqa: PLC0415  # only one rule asks for it

        return heartbeat_on_disk(self)

    @property
    def unattended(self) -> Unattended | None:
        """The first program in it that Docker does not watch; None when there is none that is known."""
        from dockerlint_fastapi.model.start.unattended import unattended  # noqa: PLC0415  # as above

        return unattended(self)

    @property
    def daemonized(self) -> Program | None:
        """What puts programs into the background by a daemon of its own: `pm2 start`."""
        if len(self.programs) < 2:
            return None
        from dockerlint_fastapi.model.start.unattended import daemonized  # noqa: PLC0415  # as above

        return daemonized(self)

    @property
    def unexpanded(self) -> Iterator[Unexpanded]:
        """The variables in its command and health check that no shell expands."""
        from dockerlint_fastapi.model.start.unexpanded import unexpanded  # noqa: PLC0415  # as above

        return unexpanded(self)

    @property
    def origin(self) -> Reference | None:
        """The image that it starts, or that its image is built on; None when that cannot be told. The tag may be a
        variable that nothing sets.
        """
        if self.image is not None:
            return self.image.reference
        from dockerlint_fastapi.model.bases.pull import origin_of  # noqa: PLC0415  # few rules ask

        return origin_of(self.service) if self.service is not None else None

    @property
    def pulls(self) -> tuple[Pull, ...]:
        """The image that its service takes from elsewhere, if any; one that the project itself builds is none."""
        from dockerlint_fastapi.model.bases.pull import pull_of  # noqa: PLC0415  # few rules ask

        pull, project = pull_of(self.service) if self.service is not None else None, self.project
        own = self.image is not None or (project is not None and pull is not None and project.makes(pull.reference))
        return () if pull is None or own else (pull,)

    @property
    def data_pulls(self) -> tuple[Pull, ...]:
        """The image of a service, or what a database or broker is built on: what its data are written by."""
        if self.service is None or self.image is None or self.role not in ("database", "broker"):
            return self.pulls if self.service is not None else ()
        from dockerlint_fastapi.model.bases.pull import pulls_of  # noqa: PLC0415 - few projects build a database

        return tuple(one for one in pulls_of(self.image.lineage) if one.way == "FROM")

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
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.services.shell_syntax import operators  # noqa: PLC0415  # as above

        return operators(self)

    @property
    def host_variables(self) -> Iterator[HostVariable]:
        """The variables in what compose has it run that are meant for it, and that Compose fills in itself."""
        from dockerlint_fastapi.model.environment.host_variables import host_variables  # noqa: PLC0415  # as above

        return host_variables(self)

    @property
    def premature_checks(self) -> Iterator[PrematureCheck]:
        """The calls of `pg_isready` in its health check that succeed before PostgreSQL can be reached."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.health.premature_checks import premature_checks  # noqa: PLC0415  # as above

        return premature_checks(self)

    @property
    def redirected_probe(self) -> Redirected | None:
        """What its health check asks for, and is certainly only sent on from; None when that cannot be told."""
        from dockerlint_fastapi.model.health.redirected import redirected  # noqa: PLC0415  # as above

        return redirected(self)

    @property
    def health_waiter(self) -> Span | None:
        """Where another service says that it waits until this one is healthy; None when none does."""
        from dockerlint_fastapi.model.health.premature_checks import health_waiters  # noqa: PLC0415  # as above

        return next((span for _, span in health_waiters(self)), None)

    @property
    def only_carries_messages(self) -> bool:
        """Whether it is a database that is only a channel between processes, by what others call its addresses."""
        if self.service is None or self.role != "database":
            return False
        from dockerlint_fastapi.model.services.channels import only_carries_messages  # noqa: PLC0415  # as above

        return only_carries_messages(self)

    @property
    def lost_data(self) -> Iterator[LostData]:
        """The data in it that no mount keeps."""
        if self.service is None:
            return iter(())
        from dockerlint_fastapi.model.services.kept_data import lost_data  # noqa: PLC0415  # as above

        return lost_data(self)

    @property
    def internal_port(self) -> InternalPort | None:
        """The first port that it opens to everyone, when only other services need it."""
        if self.service is None:
            return None
        from dockerlint_fastapi.model.network.internal_ports import internal_port  # noqa: PLC0415  # as above

        return internal_port(self)

    @property
    def docker_sockets(self) -> Iterator[Socket]:
        """Where it gets Docker's socket."""
        from dockerlint_fastapi.model.services.host_access import docker_sockets  # noqa: PLC0415  # as above

        return docker_sockets(self)

    @property
    def host_mounts(self) -> Iterator[HostMount]:
        """The mounts of the host's own configuration or credentials."""
        from dockerlint_fastapi.model.services.host_access import host_mounts  # noqa: PLC0415  # as above

        return host_mounts(self)

    @property
    def privileges(self) -> Iterator[Privilege]:
        """The settings that take walls of the container away."""
        from dockerlint_fastapi.model.services.host_access import privileges  # noqa: PLC0415  # as above

        return privileges(self)

    @property
    def as_built(self) -> bool:
        """Whether it starts what the image says: compose sets no command of its own."""
        return self.start is not None or self.service is None

    @property
    def absent_files(self) -> Iterator[AbsentFile]:
        """The files that its start reads, and that are certainly not in it."""
        from dockerlint_fastapi.model.files.runtime_files import absent_files  # noqa: PLC0415  # few rules ask for files

        return absent_files(self)

    @property
    def broken_scripts(self) -> Iterator[BrokenScript]:
        """The start scripts that cannot run, and why."""
        if not self.scripts and (self.service is None or self.program is None or not self.program.wrappers):
            return iter(())
        from dockerlint_fastapi.model.start.broken_scripts import broken_scripts  # noqa: PLC0415  # few start by a script

        return broken_scripts(self)

    @property
    def launched(self) -> Program | None:
        """What the start command itself runs to get to the main program: the outermost script, or that program."""
        return self.way[0].script.runner if self.way else self.program

    @property
    def long_running(self) -> bool:
        """Whether its program certainly runs until it is stopped: a server or a worker, not a migration. Of a program
        of the project that nobody knows, a service that stays and starts the same tells it, or the ports of an image
        that starts a module.
        """
        program = self.program
        if self.server is not None and self.server.call is not None:
            return True
        if program is None or not program.known:
            return False
        if program.role is None and self.role is None and self.image is not None:
            whole = program.last and not program.conditional and not program.background
            if self.service is None:  # a module of Python's, in an image that says on which ports it is reached
                module = "python -m" in program.wrappers and any(True for _ in self.image.exposes)
                return whole and (module or any(one.as_built and one.stays for one in self.image.containers))
            return whole and (self.service.is_kept_up or self.stays)
        if program.role is None and self.role in ("worker", "server") and not self.scripts:
            return True  # its code says so
        return program.role in _LONG_RUNNING

    @property
    def stays(self) -> bool:
        """Whether its service is one that others ask something for as long as it runs: it publishes ports, or has a
        health check.
        """
        service = self.service
        return service is not None and (bool(service.ports) or service.healthcheck is not None)

    @property
    def is_shell(self) -> bool:
        """Whether all that compose has it do is to hold a shell open for its developer."""
        if self.service is None or self.service.command is None:
            return False
        from dockerlint_fastapi.model.start.endless import is_developers_shell  # noqa: PLC0415  # one rule asks

        return is_developers_shell(self.service)

    @property
    def waits_in_node(self) -> bool:
        """Whether it is a program of Node that works for ever for others of the project, by all signs."""
        if self.service is None or self.program is None or self.program.name not in ("node", "docker-entrypoint.sh"):
            return False
        from dockerlint_fastapi.model.start.endless import waits_in_node  # noqa: PLC0415  # one rule asks

        return waits_in_node(self)

    @property
    def is_endless(self) -> bool:
        """Whether compose has it do something again and again, in a loop that nothing leaves."""
        if self.service is None:
            return False
        from dockerlint_fastapi.model.start.endless import is_endless  # noqa: PLC0415  # one rule asks

        return is_endless(self.service)

    @property
    def python(self) -> bool | None:
        """Whether what it runs is Python: an ASGI server is, anything else as the image is; None if unknown."""
        if self.server is not None:
            return True
        if self.program is not None and self.program.name in _NOT_PYTHON:
            return False
        return self.image.python if self.image else None

    @property
    def unheard(self) -> Passed | None:
        """The script that waits for the program in the background and hands it no signal on."""
        if not self.way:
            return None
        from dockerlint_fastapi.model.start.launchers import unheard  # noqa: PLC0415  # few start by a script

        return unheard(self)

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
        itself (`--user` of gunicorn and hypercorn, `--uid` of celery, `--run-as-user app` of one that is handed a user
        whom the build makes). None for a script that nobody has read.
        """
        called = self.server is not None and self.server.call is not None  # by the project's own code, which was read
        if self.program is None or not (self.program.known or called):
            return None
        if not _USER_CHANGERS.isdisjoint(self.program.wrappers):
            return True
        if any(not _USER_CHANGERS.isdisjoint(one.wrappers) for one in self.programs):
            return None  # in a branch, as it seems
        if self.server is not None and "user" in self.server.options:
            return True
        if called and self.server is not None and self.server.call is not None:
            text = self.server.call.span.source.text
            if "os.setuid(" in text or "os.setresuid(" in text:
                return None  # on some way, and perhaps not on this one
        if self.program.name == "celery":
            return any((argument.value or "").partition("=")[0] == "--uid" for argument in self.program.argv)
        options = (one.value or "" for one in self.program.argv)
        if not self.way and not any(one.startswith("--") and any(word in one for word in _OF_USERS) for one in options):
            return False
        from dockerlint_fastapi.model.start.handed_users import is_handed_its_user, may_be_given_one  # noqa: PLC0415  # one rule asks

        return is_handed_its_user(self) or (None if may_be_given_one(self) else False)

    @property
    def platform_command(self) -> Span | None:
        """Where a hosting platform's file starts a script that leads to its program."""
        from dockerlint_fastapi.model.start.platform_commands import platform_command  # noqa: PLC0415  # one rule asks

        return platform_command(self)

    @property
    def service_starter(self) -> Span | None:
        """Where its start script, as far as it can be read, starts a service of the system in front of the program
        (`service postgresql start`), which only root may.
        """
        from dockerlint_fastapi.model.start.system_services import service_starter  # noqa: PLC0415  # one rule asks

        return service_starter(self)

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
    def forgotten_user(self) -> MadeUser | None:
        """The user that a Python image makes and that nothing switches to, as far as the Dockerfile shows."""
        image = self.image
        if image is None or self.service is not None or not image.python or image.user is not None:
            return None
        words = image.dockerfile.source.text.replace("/", " ").replace('"', " ").split()
        return None if not _USER_CHANGERS.isdisjoint(words) else image.stage.made_user

    @property
    def serves(self) -> bool:
        """Whether it certainly runs an ASGI server (or a base image made to run one)."""
        return self.role == "server"

    @property
    def development(self) -> Evidence | None:
        """Why it is not meant for production (`model.development` lists what says so). Asked of projects that are put
        together: before, only names can be (`deployment.development_of`, `image.named_development`).
        """
        if self.service is None and self.image is not None and not self.image.composed:
            return self.image.development
        if self._development is None:
            from dockerlint_fastapi.model.development import of_container  # noqa: PLC0415 - compose files are read late

            self._development = (of_container(self),)
        return self._development[0]

    @property
    def started_for_work(self) -> Evidence | None:
        """Why what it starts is meant for development: it is itself, or its image's command reloads code that all
        services bring along.
        """
        from dockerlint_fastapi.model.development import of_start  # noqa: PLC0415 - compose files are read late

        return self.development or of_start(self)

    @property
    def is_for_work_alone(self) -> bool:
        """Whether it is an image as built whose own start reloads the code, and by it alone services run that, all
        for development and with code that they bring along; and nobody pushes it, or runs it elsewhere.
        """
        image = self.image
        if self.service is not None or image is None or not self.reloads or self.started_for_work is None:
            return False
        services = [one.service for one in image.containers if one.service is not None]
        given = image.cmd.command.words if image.cmd is not None and image.cmd.command.exec_form else ()
        usual = [one.value for one in given]
        own = any(
            one.entrypoint is not None
            or (one.command is not None and [each.value for each in one.command.arguments or ()] != usual)
            for one in services
        )
        return bool(services) and not own and not (image.is_pushed or image.orchestrated or image.host is not None)

    @property
    def is_off(self) -> bool:
        """Whether every profile of its service says that nobody is to start it: `profiles: [never]`."""
        profiles = self.service.profiles if self.service is not None else ()
        return bool(profiles) and all(is_off(one.value or "") for one in profiles)

    @property
    def is_whole(self) -> bool:
        """Whether all its settings are known, unlike those of an overlay whose base is missing."""
        return self.deployment is None or self.deployment.whole

    @property
    def reload_variable(self) -> str | None:
        """The variable by whose default its code starts the server with a reloader."""
        from dockerlint_fastapi.model.start.reload_variable import reload_variable  # noqa: PLC0415  # as above

        return reload_variable(self)

    @property
    def usual(self) -> Container | None:
        """The same service as a plain `docker compose up` starts it, with the automatic override, where nothing is seen
        to run the set of this one alone: what it has there is not missing here.
        """
        usual = self.deployment.usual if self.deployment is not None else None
        return (
            usual.containers_by_name.get(self.service.name) if usual is not None and self.service is not None else None
        )

    @property
    def shipped(self) -> Container | None:
        """The same service in the set for production, of one in a set that is laid over the same file and says nothing
        of what it is for: what production gives it is not missing here.
        """
        shipped = self.deployment.shipped if self.deployment is not None else None
        return (
            shipped.containers_by_name.get(self.service.name)
            if shipped is not None and self.service is not None
            else None
        )

    @property
    def setting(self) -> str:
        """`production`, `base` (a compose file that names no setting) or `development`."""
        if self.development is not None:
            return "development"
        return self.deployment.setting if self.deployment else "production"

    @property
    def reloads(self) -> bool:
        """Whether its server certainly watches its source files."""
        if self.branches_reload:
            return True
        return self.server is not None and self.server.reload is not None and self.server.reload.on

    @property
    def branches_reload(self) -> bool:
        """Whether every branch of its start script starts a server, each of them for work on the code: with a reloader,
        or under a debugger.
        """
        serving = [one for one in self.programs if one.role in ("server", "other-web") and not one.background]
        return len(serving) > 1 and all(one.conditional and one.is_for_work for one in serving)

    @property
    def worked_on(self) -> bool:
        """Whether it is meant for work on the code, whatever its file is called: it mounts the source, and reloads."""
        return self.reloads and self.mounts_source

    @property
    def is_workbench(self) -> bool:
        """The same in whatever language and framework: what it starts watches the sources that are mounted into it, or
        copied into it while it runs.
        """
        if self.worked_on or (self.syncs_source and self.reloads):
            return True
        from dockerlint_fastapi.model.start.reloaders import watches_mounted_code  # noqa: PLC0415 - asked of base files

        return watches_mounted_code(self)

    @property
    def borrows_code(self) -> bool:
        """Whether it is an image of tools alone, for work on the code: without code and a command, and reloading what
        is mounted.
        """
        return self.worked_on and self.image is not None and self.image.cmd is None and self.image.without_code

    @property
    def is_bare(self) -> bool:
        """Whether it is an image as built, into which all services that use it, for development, mount the code."""
        return self.service is None and self.image is not None and self.image.only_for_work

    @property
    def is_codeless(self) -> bool:
        """Whether nothing of that code is in such an image."""
        return self.is_bare and self.image is not None and self.image.without_code

    @property
    def mounts_source(self) -> bool:
        """Whether the project's code is mounted over the image's, as for work on it: a bind mount of a folder that
        holds the module that its server imports or a package of it; any folder with Python files where that cannot be
        told. Where the project's files are not at hand, the folder's name decides.
        """
        if self.service is None or not self.service.volumes:
            return False
        from dockerlint_fastapi.model.start.mounted_code import mounts_code  # noqa: PLC0415 - few containers mount some

        return any(mounts_code(self, mount) for mount in self.service.volumes)

    @property
    def hidden_environment(self) -> HiddenEnvironment | None:
        """The virtual environment of the image that it needs and that a bind mount hides; None when it is none."""
        if self.service is None:
            return None
        from dockerlint_fastapi.model.install.hidden_environment import hidden_environment  # noqa: PLC0415 - one rule asks

        return hidden_environment(self)

    @property
    def mounted_code(self) -> tuple[MountedCode, ...]:
        """The folders of the project's own code that compose mounts over the same code in the image."""
        from dockerlint_fastapi.model.start.mounted_code import mounted_code  # noqa: PLC0415 - one rule asks

        return tuple(mounted_code(self))

    @property
    def syncs_source(self) -> bool:
        """Whether `docker compose watch` copies changed files into it while it runs (`develop.watch`, `sync`)."""
        return self.service is not None and any((one.action or "").startswith("sync") for one in self.service.watch)
