"""Where else the literal of a secret is read when a deployment runs: in files that services mount or that are built
into their images, in env files, in what they run and are asked for their health. Whoever changes the one has to change
the other, or may have to. What is told as a secret itself is no other side.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.cached import cached_property
from dockerlint_fastapi.model.files.missing_files import example_of
from dockerlint_fastapi.model.secrets import is_drawn, is_made_up, is_stand_in, names_a_secret
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.tree import Tree

# Files in which programs are told an address or an account.
_CONFIGURATIONS = (
    ".yml", ".yaml", ".json", ".toml", ".conf", ".cfg", ".ini", ".xml", ".properties", ".hcl", ".hocon", ".alloy",
    ".env", ".sql", ".sh",
)  # fmt: skip
_CODE = ".py"
# Folders whose files nothing reads that serves, besides those whose names begin with a dot.
_UNREAD = frozenset(
    "__pycache__ __pypackages__ build dist doc docs example examples fixtures htmlcov node_modules site-packages test"
    " testing tests venv".split()
)
_EXAMPLES = r"(?i)(?:\A|[^a-z])(?:default|dist|example|sample|template|test|tests)s?(?:[^a-z]|\Z)"
_MANIFEST = r"(?m)^apiVersion:"  # of Kubernetes, which is told its secrets apart
_MOST_CHARACTERS = 200_000
_MOST_TOGETHER = 4_000_000
_MOST_FILES = 300  # that are looked through for one deployment
_MOST_NAMES = 3_000
_MIN_LITERAL = 4
_NEAR = 200  # characters of a line that are looked at in front of a literal, and at its beginning
# What names a value in front of it, also in a field of settings (`password: SecretStr = SecretStr("`), and in a call
# that asks for a variable (`getenv("DB_PASSWORD", "`).
_KEY = r"([\w.-]+)[\"']?\s*(?:[:=]|:[^=\n]*=\s*(?:\w+\.)?(?:Field|SecretStr)\()\s*(?:\w+\s*=\s*)?[\"']?\Z"
_ASKED = r"[\"']([\w.-]+)[\"']\s*,\s*(?:\w+\s*=\s*)?[\"']\Z"
_BEFORE_A_BLANK = r"(-*[\w.-]+)[\"']?[ \t]+[\"']?\Z"  # `requirepass x`, `--requirepass x`, `PASSWORD 'x'`
_STRUCTURED = (".yml", ".yaml", ".json", ".toml")  # where a blank stands between words of a sentence
_SUBSCRIPT = r"[\w)\]]\s*\[\s*[rRbBuUfF]{0,2}[\"']\Z"
_VALUE_FOLLOWS = r"[\"']?[ \t]?(?:=|:\s)"  # behind a name
# Names of the same server: `DB_PASSWORD` may well be what `POSTGRES_PASSWORD` is.
_SERVERS = tuple(
    map(
        frozenset,
        (
            ("db", "database", "postgres", "postgresql", "pg", "pgpassword", "mysql", "mariadb", "sql", "timescale"),
            ("mongo", "mongodb"),
            ("redis", "cache", "valkey"),
            ("rabbitmq", "rabbit", "amqp", "broker"),
            ("clickhouse",), ("neo4j",), ("minio", "s3"), ("elastic", "elasticsearch"), ("opensearch",), ("surreal",),
        ),
    )
)  # fmt: skip
# What tells where a server is, and how far from its password that is looked for.
_HOST = r"""(?i)host(?:name)?["']?[ \t]*[=:][ \t]*["']?([\w.-]+)|@([\w.-]+)(?=[:/])"""
_AROUND = 300
_URL = "://"  # in place of a name
_AT_HOST = r"@([A-Za-z0-9][\w.-]*)(?![\w.${%-])"
# Options of the clients of databases that give a password, the one of MySQL in the same word.
_OPTION = r"(?:\A|[\s\"'])(?:-p|(?:-p|-a|--pass(?:word)?)[\"',= \t]+)\Z"


class OtherSide(NamedTuple):
    """A place that says the same; `certain` where it is what the secret is, and no other account's of the same word."""

    span: Span
    certain: bool

    @property
    def note(self) -> str:
        """What is to say of it beside the secret."""
        return f"this says the same, and {'has' if self.certain else 'may have'} to change with it"


class _Text(NamedTuple):
    """What is looked through: `told` when secrets are looked for in it as well, `code` for what a variable overrules,
    `dotenv` for what Compose reads its variables from, `choice` for an env file that a program may or may not choose,
    `example` for one that people copy.
    """

    span: Span
    text: str
    told: bool = False
    code: bool = False
    dotenv: bool = False
    choice: bool = False
    example: bool = False


class OtherSides:
    """The other sides of the secrets of a deployment; `told` are the places of those that are told themselves."""

    def __init__(self, deployment: Deployment, told: Iterable[Span]) -> None:
        self._deployment = deployment
        self._told = sorted((one.source.path, one.start, one.end) for one in told)

    def __call__(
        self, literal: str, variable: str | None, names: frozenset[str], *, clients: bool
    ) -> Iterator[OtherSide]:
        """The places that say a literal; not the `.env` that gives it to the variable which is to take its place.
        With `clients`, those that get it from the compose file are known: then code has it as a default only. `names`
        are those of the variables that hold it.
        """
        kinds = [kind for kind in _SERVERS if not kind.isdisjoint(_words(*names))]
        if len(literal) < _MIN_LITERAL or literal not in self._everything:
            return
        for one in self._texts:
            if literal not in one.text or (one.code and clients):
                continue
            said = _said(literal, one, variable, named=literal in self._names)
            if said is None or (one.told and self._is_told(said[0])):
                continue
            side, key = said
            host = re.match(_AT_HOST, side.source.text[side.end : side.end + _NEAR]) if key == _URL else None
            leads = self._leads_here(side) if one.choice or one.example else None
            if host is not None and host[1] != "host.docker.internal":  # whose port may be the service's
                leads = self._deployment.service_named(host[1]) is not None
            if leads or (leads is None and not one.example):
                known = leads or (one.told and key) or key in names or _is_unlike_others(literal)
                yield OtherSide(side, bool(known) or any(not kind.isdisjoint(_words(key)) for kind in kinds))

    def _leads_here(self, side: Span) -> bool | None:
        """Whether what stands beside a password in an env file names a service of this deployment as the host; else it
        is another server's, such as the one of the file's twin for another database. None where it names no host.
        """
        text = side.source.text
        start = max(0, side.start - _AROUND)
        hosts = re.finditer(_HOST, text[start : side.end + _AROUND])
        nearest = min(hosts, key=lambda found: abs(start + found.start() - side.start), default=None)
        return self._deployment.service_named(nearest[1] or nearest[2]) is not None if nearest is not None else None

    @cached_property
    def _names(self) -> frozenset[str]:
        """What an account, a database or anything else but a secret is called in the environment of a service."""
        services = self._deployment.merged.services.values()
        variables = (one for service in services for one in service.environment)
        return frozenset(one.value for one in variables if one.value and not names_a_secret(one.name))

    @cached_property
    def _everything(self) -> str:
        return "\n".join(one.text for one in self._texts)

    def _is_told(self, side: Span) -> bool:
        """Whether a secret that is told stands there."""
        at = bisect_left(self._told, (side.source.path, side.end))
        path, _, end = self._told[at - 1] if at else ("", 0, 0)
        return path == side.source.path and side.start < end

    @cached_property
    def _texts(self) -> tuple[_Text, ...]:
        deployment, project = self._deployment, self._deployment.project
        found: dict[tuple[str, int], _Text] = {}
        for service in deployment.merged.services.values() if project is not None else ():
            check = service.healthcheck
            for node in (service.entrypoint, service.command, check.test if check is not None else None):
                if node is not None:
                    span = node.span
                    found[span.source.path, span.start] = _Text(span, span.text, told=True)
            for use in deployment.env_files_of(service):
                if use.file is not None:
                    _add(found, use.file.source)
                elif project is not None and use.path is not None:
                    example = example_of(project, use.path)
                    source = project.source_of(example) if example is not None else None
                    if source is not None:
                        _add(found, source, example=True)
        if project is not None:
            dotenv = deployment.dotenv.file
            if dotenv is not None:
                _add(found, dotenv.source, dotenv=True)
            left = _MOST_TOGETHER
            for path in _files_of(deployment, project):
                source = project.source_of(path) if (path, 0) not in found else None
                if source is not None and left > 0:
                    left -= len(source.text)
                    name = path.rpartition("/")[2]
                    _add(found, source, choice=name.startswith(".env") or name.endswith(".env"))
        return tuple(found.values())


def _add(
    found: dict[tuple[str, int], _Text],
    source: Source,
    *,
    dotenv: bool = False,
    choice: bool = False,
    example: bool = False,
) -> None:
    span = source.span(0, min(len(source.text), _MOST_CHARACTERS))
    if not source.path.endswith((".yml", ".yaml")) or re.search(_MANIFEST, span.text) is None:
        code = source.path.endswith(_CODE)
        found[source.path, 0] = _Text(span, span.text, code=code, dotenv=dotenv, choice=choice, example=example)


def _files_of(deployment: Deployment, project: Project) -> Iterator[str]:
    """The files that reach a container of a deployment, as far as programs are told something in them, once each."""
    seen = {file.source.path for file in deployment.files}
    left = _MOST_FILES
    for path in _reaching(deployment, project):
        if path in seen or project.index.compose_file(path) is not None or project.git_ignores(path):
            continue
        seen.add(path)
        left -= 1
        if left < 0:
            return
        yield path


def _reaching(deployment: Deployment, project: Project) -> Iterator[str]:
    tree = project.tree
    walked: dict[str, tuple[str, ...]] = {}
    for mounted in dict.fromkeys(
        path for one in deployment.merged.services.values() for path in _mounted(deployment, one)
    ):
        if tree.is_file(mounted):
            yield mounted
        else:
            walked[mounted] = tuple(_below(tree, mounted))
            yield from walked[mounted]
    images = dict.fromkeys(one.image for one in deployment.containers if one.service and one.service.build is not None)
    for build in (build for image in images if image is not None for build in image.builds):
        context = build.context
        if context not in walked:
            walked[context] = tuple(_below(tree, context))
        for path in walked[context]:
            inside = path[len(context) + 1 :] if context else path
            if not build.excludes(inside) and build.takers(inside):
                yield path


def _mounted(deployment: Deployment, service: Service) -> Iterator[str]:
    """What of the project a service mounts."""
    for mount in service.volumes:
        path = deployment.merged.resolve(mount.source) if mount.source is not None else None
        if path:
            yield path


def _below(tree: Tree, folder: str) -> Iterator[str]:
    """The files in a folder, and in those below it, by which programs are configured; those in the folder first."""
    waiting, left = [folder], _MOST_NAMES
    for one in waiting:
        inside = tree.listing(one)
        before = f"{one}/" if one else ""
        left -= len(inside.files) + len(inside.directories)
        if left < 0:
            return
        waiting += [
            before + name for name in sorted(inside.directories) if name not in _UNREAD and not name.startswith(".")
        ]
        for name in sorted(inside.files):
            told = name.endswith((*_CONFIGURATIONS, _CODE)) or name.startswith(".env")
            if told and re.search(_EXAMPLES, name) is None:
                yield before + name


def _is_unlike_others(literal: str) -> bool:
    """Whether nothing but one secret is spelled like a literal: no stand-in, no word, no name."""
    mixed = re.match(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,}", literal) is not None
    return not is_made_up(literal) or is_drawn(literal) or (mixed and not is_stand_in(literal))


def _words(*names: str) -> set[str]:
    return {word for name in names for word in re.split(r"[^a-z0-9]+", name.lower())}


def _said(literal: str, where: _Text, variable: str | None, *, named: bool) -> tuple[Span, str] | None:
    """Where a text says a literal as a secret, and what announces it: a name in front of it, `://` or an option; `""`
    where nothing does. Plain words (`postgres`, `my-shop`) are as often the name of a program,
    a database or an account, and `password` is a word of sentences and the key of an entry, so they have to stand
    behind the name of a secret or in a URL. So has what a service calls something else by (`named`).
    """
    text = where.text
    plain = named or re.fullmatch(r"[A-Za-z_-]+", literal) is not None
    front = r"(?:(?<![\w-])|(?<=[\s\"']-p))" if where.told else r"(?<![\w-])"
    end = r"(?![\w=:-])" if plain else r"(?![\w-])"  # `key:secret:role`
    for found in re.finditer(rf"{front}{re.escape(literal)}{end}", text):
        start = text.rfind("\n", 0, found.start()) + 1
        if text[start : start + _NEAR].lstrip().startswith(("#", ";", "//", "-- ")):
            continue
        before = text[max(start, found.start() - _NEAR) : found.start()]
        key = _key(before, where)
        if where.dotenv and key == variable:
            continue
        if re.match(_VALUE_FOLLOWS, text[found.end() : found.end() + 4]) is not None:
            continue  # `"password": `
        in_url = re.search(r"://[^\s/@]*:\Z", before) is not None and text.startswith("@", found.end())
        if in_url and re.match(r"@(?:localhost|127\.0\.0\.1)\b", text[found.end() : found.end() + 12]) is not None:
            continue  # no other container
        option = where.told and re.search(_OPTION, before) is not None
        announced = in_url or option or (key is not None and names_a_secret(key.lstrip("-")))
        if where.code and not _is_value(literal, text[start : found.start()], text[found.end() :][:3], named=announced):
            continue
        if announced or not plain:
            span = where.span.source.span(where.span.start + found.start(), where.span.start + found.end())
            return span, (_URL if in_url else "-p" if option else key or "") if announced else ""
    return None


def _key(before: str, where: _Text) -> str | None:
    """The name of what stands behind a part of a line."""
    found = re.search(_KEY, before) or (re.search(_ASKED, before) if where.code else None)
    if found is None and (found := re.search(_BEFORE_A_BLANK, before)) is not None:
        prose = where.code and re.search(r"(?i)\bpassword\s+'\Z", before) is None
        structured = where.span.source.path.endswith(_STRUCTURED) and not where.told
        if (prose or structured) and not found[1].startswith("-"):
            return None
    return found[1] if found is not None else None


def _is_value(literal: str, before: str, after: str, *, named: bool) -> bool:
    """Whether what stands between two parts of a line of Python is a value: in a string that begins in this line,
    behind its name there or as all of it, and no key or subscript. What looks drawn by lot is nothing else anywhere.
    """
    if not _in_string(before):
        return False  # a name of the program's own: `password: str`
    if re.search(_SUBSCRIPT, before) is not None:
        return False  # `user["password"]`
    whole = before.endswith(('"', "'")) and after.startswith(before[-1]) and not before.endswith(before[-1] * 3)
    return named or whole or is_drawn(literal) or not is_made_up(literal)


def _in_string(before: str) -> bool:
    """Whether what stands behind the first part of a line of Python is in a string that begins in this line."""
    quote = ""
    for char in before:
        if quote:
            quote = "" if char == quote else quote
        elif char == "#":
            return False
        elif char in "\"'":
            quote = char
    return bool(quote)
