"""Settings of one environment that an image fixes in ENV: addresses of databases, hosts, the environment's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Env, Pair
from dockerlint_fastapi.model.secrets import names_a_secret
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.variables import ContainerVariable
    from dockerlint_fastapi.model.files.image_files import Placed
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Span

# Variables of tools and of the runtime, by the first word of their name.
_TOOLS = frozenset(
    "apt bun c cargo conda cuda debian dotnet git gradle hf huggingface java lang lc ld mamba maven mkl model nltk node"
    " npm nvidia omp pdm pip pipenv pipx playwright pnpm poetry pyenv python pytest pythonpath ruff rust tiktoken torch"
    " transformers tz uv virtual virtualenv xdg yarn".split()
)
_SERVERS = frozenset("gunicorn granian hypercorn uvicorn".split())  # their own variables are their defaults
_HOST = r"(?:^|_)(?:HOST|HOSTNAME|HOSTS|SERVER|SERVERS|BROKERS)\Z"
_ADDRESS = r"(?:^|_)(?:URL|URI|DSN|BROKER|ENDPOINT|ORIGIN|ORIGINS|DOMAIN)\Z"
_SETTING = (
    r"(?:\w+_)?(?:ENV|ENVIRONMENT|STAGE)\Z|"
    r"(?:APP_|SQL_)?(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|RABBITMQ|SMTP)_"
    r"(?:NAME|USER|USERNAME|DB|DATABASE|PORT)\Z|(?:\w+_)?(?:BUCKET|BUCKET_NAME|REGION)\Z"
)
_EVERYWHERE = r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost|::1?|\[::1?\]|\*)\Z"
_LOCAL = r"localhost|127\.\d+\.\d+\.\d+|\[?::1\]?"
# Words of a name by which a host is one to connect to, be it `localhost`: a broker may as well be the program itself.
_CLIENTS = frozenset(
    "arangodb cache cassandra celery chroma chromadb ch clickhouse couchdb dragonfly email es elastic elasticsearch"
    " kafka keydb mail mariadb memcache memcached meilisearch milvus minio mongo mongodb mysql nats neo4j ollama"
    " opensearch pg pgsql postgres postgresql psql qdrant rabbit rabbitmq amqp redis s3 smtp sqlalchemy surrealdb"
    " timescale timescaledb typesense valkey weaviate db database sql".split()
)
# Servers that a start script or supervisord may run beside the program, by the words of what leads to them.
_DATABASE = frozenset("db database sql sqlalchemy".split())
_INSIDE = (
    (frozenset("redis cache celery broker".split()), frozenset("redis-server valkey-server keydb-server".split())),
    (_DATABASE | frozenset("postgres postgresql pg".split()), frozenset("postgres pg_ctl pg_ctlcluster".split())),
    (_DATABASE | frozenset(("mysql", "mariadb")), frozenset("mysqld mysqld_safe mariadbd".split())),
    (frozenset("mongo mongodb db database".split()), frozenset(("mongod",))),
    (frozenset("rabbitmq rabbit amqp celery broker".split()), frozenset(("rabbitmq-server",))),
    (frozenset(("ollama",)), frozenset(("ollama",))),
    (frozenset(("qdrant",)), frozenset(("qdrant",))),
    (frozenset("minio s3".split()), frozenset(("minio",))),
)
# What `service` and `/etc/init.d` call them.
_SERVICES = {
    "postgresql": "postgres", "mysql": "mysqld", "mariadb": "mariadbd", "redis": "redis-server",
    "redis-server": "redis-server", "mongod": "mongod", "mongodb": "mongod", "rabbitmq-server": "rabbitmq-server",
}  # fmt: skip
_BACKGROUND = r"(?m)^[^#\n]*[^#&\n]&[ \t]*(?:#.*)?$"
# Addresses at which browsers and others from outside find the program.
_OF_BROWSERS = r"PUBLIC|EXTERNAL|FRONTEND|ORIGIN|CORS|SITE|CALLBACK|REDIRECT|DOMAIN|BASE_URL|APP_URL"
_URL = r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#\s]*@)?([^/?#\s:@]+)"


class HardcodedAddress(NamedTuple):
    """An address that code hands to a client as a literal. `name` is the constant's or the local name's that holds it,
    "" for none; `host` is None for the file of a database; `secret` says that a password stands in it as well.
    """

    name: str
    client: str  # the callable that gets it
    span: Span
    host: str | None
    secret: bool = False

    def set_in_vain(self, container: Container) -> ContainerVariable | None:
        """The variable of the container that is called as the constant and that no code reads: what it says has no
        effect.
        """
        variable = container.variables.get(self.name)
        project = container.image.project if container.image is not None else None
        if variable is None or project is None or variable.origin == "image":
            return None
        from dockerlint_fastapi.model.environment.settings_class import is_literal_in_code  # noqa: PLC0415 - few have any

        return variable if project.index.answer(is_literal_in_code, self.name) else None


class HardcodedSetting(NamedTuple):
    """One variable of ENV that differs between environments; `reaches` tells whether it names a host to connect to, and
    `replaced` whether what stands in the image decides nothing: all that starts the image sets it, or the start script
    has the same default.
    """

    pair: Pair
    reaches: bool
    env: Env  # in which it stands
    replaced: bool = False

    def follows(self, other: HardcodedSetting) -> bool:
        """Whether another stands in the same instruction, or nothing stands between theirs."""
        one, own = other.env.span, self.env.span
        if one.source is not own.source:
            return False
        return one.start == own.start or (one.end <= own.start and not one.source.text[one.end : own.start].strip())

    def is_spoken_of(self, project: Project) -> bool:
        """Whether some code of the project has its name, in capitals or not."""
        return bool(project.index.answer(_is_in_code, self.pair.name))


def _is_in_code(project: Project, name: str) -> bool:
    word = rf"(?i)(?<!\w){re.escape(name)}(?!\w)"
    sources = (project.source_of(path) for path in project.paths if path.endswith((".py", ".sh")))
    return any(one is not None and re.search(word, one.text) is not None for one in sources)


def hardcoded_settings(image: Image) -> Iterator[HardcodedSetting]:
    """The settings in ENV of an image that belong to one environment; secrets, what is made of arguments, and the
    address of a server that the image starts itself, are left to others.
    """
    scripts: tuple[Placed, ...] | None = None
    for env in image.every(Env):
        for pair in env.pairs:
            name, value = pair.name.upper(), (pair.value or "").strip()
            if not value or "$" in pair.raw or _is_of_tools(name) or names_a_secret(pair.name):
                continue
            if value == image.stage.name and _is_chosen_by_stage(image, pair):
                continue
            reaches = _reaches(name, value)
            if reaches is None or _is_inside(image, name, value):
                continue
            from dockerlint_fastapi.model.environment.start_values import start_default, start_scripts  # noqa: PLC0415 - few get here

            scripts = start_scripts(image) if scripts is None else scripts
            default = start_default(scripts, pair.name) if scripts else None
            same = default is not None and default.value == value
            yield HardcodedSetting(pair, reaches, env, same or is_replaced(image, pair.name))


def is_replaced(image: Image, name: str) -> bool:
    """Whether services start the image, and each of them sets the variable; where no service does, whether the
    project's own `docker run` sets it.
    """
    started = [one for one in image.containers if one.is_whole and one.service is not None]
    if not started:
        from dockerlint_fastapi.model.environment.start_values import is_handed_over  # noqa: PLC0415 - as above

        return is_handed_over(image, name)
    found = [one.variables.get(name) for one in started]
    return all(one is not None and one.origin != "image" for one in found)


def _is_inside(image: Image, name: str, value: str) -> bool:
    """Whether a setting is the address or the port of a server that every container of the image starts itself."""
    host, port = _address(image, name, value)
    if host is None or not re.fullmatch(_LOCAL, host):
        return False
    if port and not re.search(_OF_BROWSERS, name):
        from dockerlint_fastapi.model.environment.start_values import start_scripts  # noqa: PLC0415 - few get here

        if any(_waits_for(one.text, port) for one in start_scripts(image)):
            return True
    return bool(image.containers) and all(starts_server(one, name, value, port) for one in image.containers)


def _address(image: Image, name: str, value: str) -> tuple[str | None, str]:
    """The host and the port that a setting names, by itself or with the variables of the same first words."""
    url = re.match(_URL + r"(?::(\d+))?", value)
    if url is not None:
        return url[1], url[2] or ""
    stem, _, last = name.rpartition("_")
    own, _, port = value.partition(":")
    host: str | None = own
    if last == "PORT":
        pair = image.environment.get(f"{stem}_HOST")
        host, port = (pair.value if pair is not None else None), value
    elif not port:
        pair = image.environment.get(f"{stem}_PORT")
        port = (pair.value or "") if pair is not None else ""
    return host, port


def starts_server(container: Container, name: str, value: str, port: str = "") -> bool:
    """Whether a container starts the server that a setting leads to: one of that kind, or beside another server one
    that is given that port.
    """
    scheme, colon, _ = value.partition("://")
    words = {*name.lower().split("_")} if not colon or scheme.startswith("http") else {scheme.partition("+")[0].lower()}
    for program in container.programs:
        called = _server(program)
        if any(called in servers and not words.isdisjoint(kinds) for kinds, servers in _INSIDE):
            return True
    if not port or len(container.programs) < 2 or re.search(_OF_BROWSERS, name):
        return False
    given = rf"(?:\A|[:=]){re.escape(port)}\Z"
    return any(re.search(given, word.value or "") for one in container.programs for word in one.argv[1:])


def _waits_for(text: str, port: str) -> bool:
    """Whether a start script puts something in the background, and asks for its port at `localhost`."""
    if port not in text or re.search(_BACKGROUND, text) is None:
        return False
    return re.search(rf"(?m)^[^#\n]*\b(?:localhost|127\.0\.0\.1)[ \t:]+{re.escape(port)}\b", text) is not None


def _server(program: Program) -> str:
    """The bare name of the program, or of the one that it starts as a service of the system."""
    arguments = [one.value or "" for one in program.argv]
    if arguments and arguments[0].startswith("/etc/init.d/"):
        return _SERVICES.get(arguments[0].rpartition("/")[2], "")
    if program.name in ("service", "systemctl"):
        return next((_SERVICES[one] for one in arguments[1:] if one in _SERVICES), "")
    return program.name


def _is_chosen_by_stage(image: Image, pair: Pair) -> bool:
    """Whether another stage of the file sets the variable too, to another value: there is a stage for each setting."""
    return any(
        other.name == pair.name and other.value != pair.value
        for stage in image.dockerfile.stages
        if stage not in image.lineage
        for env in stage.instructions
        if isinstance(env, Env)
        for other in env.pairs
    )


def _is_of_tools(name: str) -> bool:
    first = name.partition("_")[0].lower()
    return first in _TOOLS or first in _SERVERS or first.startswith(("python", "ld", "next", "vite", "react"))


def _reaches(name: str, value: str) -> bool | None:
    """Whether a setting names a host of one environment; False for another setting of it, None for what is none."""
    match = re.match(_URL, value)
    if match is not None:
        if not re.search(_ADDRESS + "|" + _HOST, name):
            return None
        # an address on the web may be the same one everywhere
        return not value.startswith(("http://", "https://")) or ("." not in match[1] and "localhost" not in match[1])
    if re.search(_HOST, name):
        if re.fullmatch(_EVERYWHERE, value) and "_" not in name:
            return None  # HOST=0.0.0.0, where the server listens
        if re.fullmatch(r"0\.0\.0\.0|::|\[::\]|\*", value):
            return None
        if re.fullmatch(_LOCAL, value) and _CLIENTS.isdisjoint(name.lower().split("_")):
            return None  # where a server of the project listens, for all that the name says
        return bool(re.fullmatch(r"[\w.-]+(?::\d+)?(?:,[\w.:-]+)*", value))
    if re.search(_ADDRESS, name) and ("://" in value or re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/?", value)):
        return False
    if re.fullmatch(r"(?i)prod(?:uction)?|live|release", value):
        return None  # whoever forgets to say otherwise gets the careful setting
    return False if re.match(_SETTING, name) else None
