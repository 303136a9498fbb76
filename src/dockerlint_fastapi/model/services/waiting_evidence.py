"""Programs that wait for others by themselves, or try again: told by the names that people give to that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.command import UNKNOWN, Unknown
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.source import Source

# What waits, by the names that people give to it, in commands and start scripts.
_WAITS = (
    r"(?i)wait[-_ ]?(?:for|until|on|4x)|dockerize\b|pg_isready|(?:mysqladmin|redis-cli)\b[^\n]{0,99}\bping"
    r"|\bnc\b[^\n]{0,20}-\w{0,5}z|/dev/tcp/|(?<![a-z])pre[-_]?start|check[-_](?:db|database|connection)|\buntil\b"
    r"|\bwhile !|\bretry|\btenacity\b|\bbackoff\b|rabbitmq-diagnostics|rabbitmqctl (?:wait|await)"
)
# At the end a loop of one's own round the call that connects.
_RETRIES = (
    r"\b(?:tenacity|backoff|retrying|retry_on_exception|connect_with_retry|wait_for_\w+)\b|@retry\b"
    r"|\bfor[ \t]+(?:attempt|retry|retries|trial|_?try|n_try)\w*[ \t]+in\b[^\n]*\n(?:[^\n]*\n){0,3}?[^\n]*"
    r"(?:create_pool|connect|begin|execute|create_all)\("
)
_STARTERS = frozenset(
    "app connection core database databases db engine events init lifespan main migrate pre prestart session start"
    " startup storage postgres wait".split()
)
_CLIENTS = (
    r"(?i)\b(?:sqlalchemy|sqlmodel|asyncpg|psycopg2?|pymongo|motor|beanie|tortoise|aio_?pika|kombu|pymysql|aiomysql"
    r"|elasticsearch|opensearchpy)\b"
)
_SCRIPT = r"\.(?:ba)?sh\Z|(?:^|/)(?:docker-)?(?:entry-?point|start)(?:[-_]\w+)*\Z"
# An endless loop with its body, in which errors are caught; and what connects besides.
_LOOP = r"(?m)^([ \t]*)while[ \t]+(?:True|1)[ \t]*:[^\n]*\n((?:\1[ \t]+\S[^\n]*(?:\n|\Z)|[ \t]*\n)+)"
_CAUGHT = (
    r"(?m)^([ \t]*)try:[^\n]*\n(?:\1[ \t]+\S[^\n]*\n|[ \t]*\n)+\1except"
    r"(?:[ \t]+Exception\b|[ \t]*:|[^\n:]*(?:OperationalError|ConnectionError|DBAPIError))"
)
_OPENS = r"\b(?:connect|create_pool|create_connection|Elasticsearch)\("
_MOST_FILES = 300  # Python files that are looked into for a retry
_MOST_CHARACTERS = 100_000  # of each


def waiting(container: Container) -> Span | Unknown | None:
    """Where a container waits for others before its program starts, as far as its command, its start scripts and the
    project's code show; UNKNOWN when a script that it runs cannot be read.
    """
    if container.start_span is not None:
        spans = [program.span for program in container.programs] + [container.start_span]
        for span in spans:
            found = re.search(_WAITS, span.text)
            if found is not None:
                return span.source.span(span.start + found.start(), span.start + found.end())
    if _is_airflow(container):
        return container.start_span or container.span
    unread = False
    for path in _scripts(container):
        if re.search(_WAITS, path):
            return container.start_span or container.span
        place = container.place_of(path)
        file = container.file_at(place) if place is not None else UNKNOWN
        if isinstance(file, Unknown):
            unread = True
        elif file is not None:
            found = re.search(_WAITS, re.sub(r"(?m)(?<!\S)#.*$", lambda comment: " " * len(comment[0]), file.text))
            if found is not None:
                return file.locate(found.start(), found.end())
    project = container.deployment.project if container.deployment is not None else None
    if project is not None:
        # what lies in the folder that its image is built from, as far as that is known
        retries = project.retries_below(*(container.image.contexts if container.image is not None else ("",)))
        if retries is None and container.server is None:
            retries = _tried_again(container, project)
        if retries is not None:
            return retries
    return UNKNOWN if unread else None


def _tried_again(container: Container, project: Project) -> Span | None:
    """Where a program that is no server tries again: its script in an endless loop, or what that imports."""
    from dockerlint_fastapi.model.services.script_clients import script_of  # noqa: PLC0415 - few programs ask

    script = script_of(container, project)
    if script is None:
        return None
    source, folder = script.source, script.folder
    lasting = _endless(source)
    if lasting is not None:
        return lasting
    from dockerlint_fastapi.model.environment.printing import imported_names  # noqa: PLC0415 - few programs ask

    waiting, met = [source.path], {source.path}
    while waiting and len(met) < _MOST_FILES:
        one = project.source_of(waiting.pop())
        if one is None:
            continue
        text = one.text[:_MOST_CHARACTERS]
        found = re.search(_RETRIES, text) if re.search(_CLIENTS, text) else None
        if found is not None:
            return one.span(found.start(), found.end())
        name = one.path.removeprefix(folder).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for named in imported_names(one, name):
            inner = folder + named.replace(".", "/")
            for other in (f"{inner}.py", f"{inner}/__init__.py"):
                if other not in met and project.tree.is_file(other):
                    met.add(other)
                    waiting.append(other)
    return None


def _endless(source: Source) -> Span | None:
    """Where a script does all that it does in a loop that no error ends, and that pauses."""
    text = source.text[:_MOST_CHARACTERS]
    for found in re.finditer(_LOOP, text):
        body = found[2]
        caught = re.search(_CAUGHT, body) is not None and re.search(r"\bsleep\(", body) is not None
        if caught and "raise" not in body and re.search(_OPENS, text.replace(body, "")) is None:
            return source.span(found.start() + len(found[1]), found.start(2) - 1)
    return None


def _is_airflow(container: Container) -> bool:
    """Whether the entrypoint of Apache Airflow's image runs first, which asks the database (and the broker of Celery)
    until they answer, twenty times unless CONNECTION_CHECK_MAX_COUNT says otherwise (Airflow's docs, docker-stack).
    """
    image, service = container.image, container.service
    if container.origin is None or container.origin.full_repository != "apache/airflow":
        return False
    if (service is not None and service.entrypoint is not None) or (image is not None and image.entrypoint is not None):
        # the script of another one may go on with it, as that of the compose file in Airflow's docs does
        where = container.start_span
        if where is None or re.search(r"(?<![\w./-])/entrypoint(?![\w./-])", where.text) is None:
            return False
    count = container.variables.get("CONNECTION_CHECK_MAX_COUNT")
    return count is None or count.value != "0"


def _scripts(container: Container) -> Iterator[str]:
    """The paths of the scripts that are run on the way to the program."""
    image, service = container.image, container.service
    words: list[str | None] = []
    if image is not None and (service is None or service.entrypoint is None):
        words.extend(word.value for word in image.entrypoint.command.words) if image.entrypoint is not None else None
        if image.cmd is not None and (service is None or service.command is None):
            words.extend(word.value for word in image.cmd.command.words)
    for command in (service.entrypoint, service.command) if service is not None else ():
        words.extend(one.value for one in command.arguments or ()) if command is not None else None
    words.extend(program.script for program in container.programs)
    for word in dict.fromkeys(words):
        for part in (word or "").split():
            if re.search(_SCRIPT, part):
                yield part


def retries_of(project: Project, *folders: str) -> Span | None:
    """Where the project's Python code below some folders tries again to connect, by the names of the usual libraries;
    None when no file that looks like it begins things does.
    """
    prefixes = dict.fromkeys(f"{folder}/" if folder else "" for folder in folders)
    wanted = sorted(
        path
        for prefix in prefixes
        for path in project.index.python_files_from(prefix)
        if not _STARTERS.isdisjoint(re.split(r"[._]", path.rpartition("/")[2].lower()))
    )
    for path in wanted[:_MOST_FILES]:
        if "test" in path:
            continue
        source = project.source_of(path)
        text = source.text[:_MOST_CHARACTERS] if source is not None else ""
        found = re.search(_RETRIES, text) if re.search(_CLIENTS, text) else None
        if source is not None and found is not None:
            return source.span(found.start(), found.end())
    return None
