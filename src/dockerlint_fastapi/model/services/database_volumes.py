"""Where the official images of databases keep their data, and whether compose mounts a volume there."""

from __future__ import annotations

import re

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.bases.end_of_life import DATABASES
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from dockerlint_fastapi.model.bases.base_image import Reference
    from dockerlint_fastapi.model.bases.pull import Pull
    from dockerlint_fastapi.model.compose import Service
    from dockerlint_fastapi.model.container import Container

POSTGRES = "/var/lib/postgresql"
_DIRECTORIES = {
    "mysql": "/var/lib/mysql",
    "mariadb": "/var/lib/mysql",
    "mongo": "/data/db",
    "redis": "/data",
    "redis-stack": "/data",  # redis-stack/redis-stack, `etc/scripts/entrypoint.sh`
    "rabbitmq": "/var/lib/rabbitmq",
}
_STACKS = frozenset(("redis/redis-stack", "redis/redis-stack-server"))
_CHROMA = frozenset(("chromadb/chroma", "ghcr.io/chroma-core/chroma"))
# Words of a command or of the environment by which the data lie elsewhere.
_MOVED = (
    r"--datadir|--dbpath|--dir\b|--path\b|data_directory|\.(?:conf|cnf|cfg|ini)\b|/\w*config\.ya?ml\b|-D\b|--config\b"
    r"|\.xml\b|/production\.ya?ml\b|/(?:elastic|open)search\.yml\b|path\.data|--(?:bolt|engine)-path\b"
)
# A folder of that name is for data: a volume there is meant to keep them.
_DATA = (
    r"(?i)/(?:[\w.-]*(?:data|postgres|pgsql|mysql|mariadb|mongo|redis|rabbit|chroma"
    r"|valkey|keydb|qdrant|elastic|opensearch|clickhouse|influx)[\w.-]*|db)(?:/|\Z)"
)
_OTHER = (
    r"(?i)/(?:docker-entrypoint|etc|tmp|run|backups?|dumps?|logs?|scripts?|init|certs?|ssl|conf|config|import|export)"
)


class StrayVolume(NamedTuple):
    """A volume that is meant for a database's data, which lie elsewhere. `refuses`: the image then does not start.
    `unless` is the path of an env file that nobody has read, in which `PGDATA` alone would change that.
    """

    span: Span  # the path in the container
    place: str  # as written
    directory: str  # where the data lie
    version: str | None  # that the tag names; None for whatever is newest
    refuses: bool
    pull: Pull
    unless: str | None = None


def stray_volume(container: Container) -> StrayVolume | None:
    """The volume of a database that misses its data; None when there is none, or that cannot be told."""
    service = container.service
    pull = container.pulls[0] if service is not None and container.pulls else None
    product = _product(pull.reference) if pull is not None else None
    if service is None or pull is None or product is None or _is_moved(container, product):
        return None
    unless = _unread(container, product)
    if unless is not None and product != "postgres":
        return None
    others = table("service_images")["kept"].get(product)
    found = _version(pull.reference)
    if others is None and found is None and (pull.reference.digest is not None or pull.reference.drift is None):
        return None
    if product == "postgres" and found is None and pull.reference.full_repository != product:
        return None
    new = found is None or int(found[1]) >= 18
    directory = others or _DIRECTORIES.get(product) or (POSTGRES if new else f"{POSTGRES}/data")
    if product == "redis-stack" and (service.command or service.entrypoint):
        return None  # the folder is a matter of its own entrypoint, which hands these to the server
    if product == "chroma":
        chosen = chroma_directory(pull.reference)
        if chosen is None:
            return None
        directory = chosen
    if product == "influxdb":
        chosen = influx_directory(container, pull.reference)
        if chosen is None:
            return None
        directory = chosen
    targets = [
        (one.target, (one.target.intended or "").rstrip("/")) for one in service.volumes if one.target is not None
    ]
    if any(not place.startswith("/") for _, place in targets):
        return None  # one that cannot be told may be it
    if others is not None and any(place.startswith(f"{directory}/") for _, place in targets):
        return None  # a folder of the data may be what is to be kept of them
    refused = next((one for one in targets if product == "postgres" and new and one[1] == f"{POSTGRES}/data"), None)
    covered = any(
        f"{directory}/".startswith(f"{place}/") or (product == "postgres" and new and _is_of_version(place, found))
        for _, place in targets
        if place != ""
    )
    exactly = product != "postgres" or new or any(place == directory for _, place in targets)
    if refused is None and covered and exactly:
        return None
    if unless is not None and refused is None:
        return None
    stray = refused or next((one for one in targets if _is_meant(one[1], directory, product)), None)
    if stray is None:
        return None
    version = found[0] if found and others is None and pull.reference.full_repository == product else None
    return StrayVolume(stray[0].span, stray[1], directory, version, refused is not None, pull, unless)


def _version(reference: Reference) -> re.Match[str] | None:
    """The version in a tag; of what is built on PostgreSQL's image that of the server."""
    expression = table("service_images")["postgres_versions"].get(reference.full_repository)
    return re.search(expression or r"\A([0-9]+)(?:\.[0-9]+)*(?=-|\Z)", reference.tag or "")


def _is_of_version(place: str, version: re.Match[str] | None) -> bool:
    """Whether a place is the folder in which PostgreSQL's image keeps the data from 18 on, `18` or `18/docker`; that of
    any version where the tag names none.
    """
    inside = re.fullmatch(rf"{POSTGRES}/([0-9]+)(?:/docker)?", place)
    return inside is not None and (version is None or inside[1] == version[1])


def _product(reference: Reference) -> str | None:
    if reference.full_repository in _CHROMA:
        return "chroma"
    if reference.full_repository in _STACKS:
        return "redis-stack"
    if reference.full_repository == "influxdb":
        return "influxdb"
    facts, name = table("service_images"), reference.full_repository
    return DATABASES.get(name) or (
        "postgres" if name in facts["postgres_versions"] else name if name in facts["kept"] else None
    )


def chroma_directory(reference: Reference) -> str | None:
    """Where a version of Chroma keeps its data: its configuration says `/data` since 1.0, and before that the folder is
    one of the program's own. None when the version cannot be told, and for those before 0.4, whose files lay elsewhere.
    """
    if reference.moving:
        return "/data"
    found = re.match(r"([0-9]+)\.([0-9]+)", reference.tag or "")
    if found is None or reference.full_repository not in _CHROMA:
        return None
    version = (int(found[1]), int(found[2]))
    return "/data" if version >= (1, 0) else "/chroma/chroma" if version >= (0, 4) else None


def influx_directory(container: Container, reference: Reference) -> str | None:
    """Where a version of InfluxDB keeps its data, as the VOLUME of its image says: 1 and 2 each in a folder of its own.
    None for 3, where the command chooses the folder, and where a variable, an option or a file of settings may do so.
    """
    found = re.match(r"([12])(?:\.[0-9]+)*(?=-|\Z)", reference.tag or "")
    if found is None or reference.full_repository != "influxdb" or _is_moved(container, "influxdb"):
        return None
    for one in container.service.volumes if container.service is not None else ():
        place = (one.target.intended or "/etc/influxdb") if one.target is not None else ""
        if place.startswith("/etc/influxdb") and (one.type or one.default_type) != "volume":
            return None
    return "/var/lib/influxdb2" if found[1] == "2" else "/var/lib/influxdb"


def _is_meant(place: str, directory: str, product: str) -> bool:
    """Whether what is mounted there is meant to hold the data."""
    place = place.rstrip("'\"")  # a quote that nothing opens is a part of the path
    if re.search(_OTHER, place) or "." in place.rpartition("/")[2]:
        return False
    if place.startswith(f"{directory}/"):
        # a folder of the data may be what is to be kept of them, but for PostgreSQL's, which are in that of a version
        return directory == POSTGRES and re.search(_DATA, place.removeprefix(directory)) is not None
    return re.search(_DATA, place) is not None or (product == "postgres" and place == POSTGRES)


def volume_for_data(service: Service) -> Span | None:
    """The path of a mount that is meant for a database's data by what it is called; None when there is none."""
    for one in service.volumes:
        place = (one.target.intended or "").rstrip("/") if one.target is not None else ""
        if one.target is not None and re.search(_DATA, place) is not None and re.search(_OTHER, place) is None:
            return one.target.span
    return None


def is_for_settings(place: str) -> bool:
    """Whether what is mounted at a place is no database's data by its path: scripts for the start, settings, logs."""
    return re.match(_OTHER, place) is not None


def _is_moved(container: Container, product: str) -> bool:
    """Whether a variable, the command or a configuration file may put the data elsewhere."""
    service = container.service
    if service is None or _names_a_mover(product, container.variables):
        return True
    texts = [one.span.text for one in (service.command, service.entrypoint) if one is not None]
    texts += [one.source.text for one in service.volumes if one.source is not None]
    texts += [one.target.text for one in service.volumes if one.target is not None]
    return any(re.search(_MOVED, text) for text in texts) or service.node("configs") is not None


def _names_a_mover(product: str, names: Iterable[str]) -> bool:
    """Whether one of these is a variable by which the data of a product lie elsewhere."""
    moving = table("service_images")["moving"]
    expression = moving.get(product) or (moving["bitnami"] if product.startswith("bitnami") else None)
    return expression is not None and any(re.fullmatch(expression, name) is not None for name in names)


def _unread(container: Container, product: str) -> str | None:
    """The path of an env file that nobody has read, and that may put the data elsewhere: not when no variable does, nor
    when an example shows what it holds, and no such variable is in it.
    """
    moving = table("service_images")["moving"]
    if product not in moving and not product.startswith("bitnami"):
        return None
    for one in container.env_files:
        if one.file is None and _may_move(container, product, one.path):
            return one.path or ""
    return None


def _may_move(container: Container, product: str, path: str | None) -> bool:
    """Whether no example of an env file shows that it moves nothing."""
    project = container.project
    if path is None or project is None:
        return True
    from dockerlint_fastapi.model.files.missing_files import example_of  # noqa: PLC0415 - few databases get here

    example = example_of(project, path)
    source = project.source_of(example) if example is not None else None
    return source is None or _names_a_mover(product, re.findall(r"[\w.]+", source.text))
