"""Data that are lost with the container: databases, and SQLite files, on no volume."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.data import table
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.dockerfile import Volume
from dockerlint_fastapi.model.evidence import tokens
from dockerlint_fastapi.model.services.database_volumes import (
    POSTGRES,
    chroma_directory,
    influx_directory,
    is_for_settings,
    volume_for_data,
)
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.environment.variables import ContainerVariable
    from dockerlint_fastapi.source import Span

_SQLITE = r"sqlite(?:\+\w+)?:///(?!file:|:memory:|\?)(?P<path>[^?#]+)(?:[?#].*)?"
# What gives up that PostgreSQL survives a crash: its data are for tests (postgresql.org, "Non-Durable Settings").
_NOT_DURABLE = r"(?<!\w)(?:fsync|full_page_writes)\s*=\s*(?:off|false|no|0)\b"
# MongoDB's router: it keeps nothing, its shards and configuration servers do (mongodb.com, "mongos").
_ROUTER = r"(?:\A|[\s\[\"'/])mongos(?:[\s\"']|\Z)"
# By which the images of databases are told to make one.
_NAMES_OF_DATABASES = ("POSTGRES_DB", "MYSQL_DATABASE", "MARIADB_DATABASE", "MONGO_INITDB_DATABASE")


class LostData(NamedTuple):
    """Data on no volume. `span` is the service's name, or the variable that names a file of SQLite. `place` is where
    they are in the container, "" where a variable of an env file or of Compose says it. `writers` is the place where
    several processes are asked for, when it is that which is wrong. `directory` is where a volume for them is mounted,
    "" when that cannot be told. `beside` is a volume that is meant for them, and mounted where they are not.
    `elsewhere` is the image to pin in place of one whose tag names no version, with the directory that it has.
    """

    span: Span
    place: str
    sqlite: bool
    writers: Span | None = None
    directory: str = ""
    beside: Span | None = None
    elsewhere: tuple[str, str] | None = None

    @property
    def target(self) -> str | None:
        """Where that volume is mounted, as it is written."""
        return self.beside.text if self.beside is not None else None


def lost_data(container: Container) -> Iterator[LostData]:
    """The data of a container that no mount keeps; none where a mount cannot be told, and for what is only tested."""
    service = container.service
    if service is None or not container.is_whole or service.is_named_for_tests:
        return
    if any(_is_for_tests(container, name) for name in _NAMES_OF_DATABASES) and not _is_the_only_one(container):
        return
    if container.usual is not None and not any(True for _ in lost_data(container.usual)):
        return  # the override brings the volume
    if service.node("volumes_from") is not None or any(one.target is None for one in container.covers):
        return
    if container.role == "database":
        said = service.command.span.text if service.command is not None else ""
        if re.search(_NOT_DURABLE, said) or re.search(_ROUTER, said):
            return
        place, shown = _data_of(container)
        kept = place is None or any(_related(one.target or "", place) for one in container.covers)
        if place is not None and not kept and container.stray_volume is None and not container.only_carries_messages:
            directory = _mount_point(container, place) if shown else ""
            beside = volume_for_data(service)
            pinned = _pinned(container) if directory == POSTGRES else None
            found = LostData(service.span, place if shown else "", False, directory=directory, beside=beside)
            yield found._replace(elsewhere=pinned)
    elif container.role in ("server", "worker"):
        yield from _of_sqlite(container)


def _is_for_tests(container: Container, name: str) -> bool:
    """Whether the database that an image makes is called one for tests (`shop_test`, `test_migrations`)."""
    variable = container.variables.get(name)
    words = tokens(variable.value or "") if variable is not None else []
    return not {"test", "tests"}.isdisjoint((*words[:1], *words[-1:]))


def _is_the_only_one(container: Container) -> bool:
    """Whether it is kept up, and the project starts no other database: then its name says nothing of what it is for."""
    project, service = container.project, container.service
    if project is None or service is None or not service.is_kept_up:
        return False
    others = (one for deployment in project.own.deployments for one in deployment.containers)
    return not any(one.role == "database" and one.service and one.service.name != service.name for one in others)


def _data_of(container: Container) -> tuple[str | None, bool]:
    """Where a database keeps its data, None when that is not known; and whether it may be told."""
    origin = container.origin
    if origin is None or (
        not origin.is_public and not all(is_for_settings(one.target or "") for one in container.covers)
    ):
        return None, True  # whoever made the image may have moved them to where something is mounted
    if origin.repository.startswith("bitnami"):
        return "/bitnami", True
    chosen = container.variables.get("PGDATA")
    if chosen is not None:
        return chosen.value, _is_shown(chosen)
    if origin.name == "chroma":
        return (
            None if {"PERSIST_DIRECTORY", "CONFIG_PATH"} & {*container.variables} else chroma_directory(origin)
        ), True
    if origin.name == "influxdb":
        return influx_directory(container, origin), True
    found: str | None = table("service_images")["data"].get(origin.name)
    return found, True


def _mount_point(container: Container, place: str) -> str:
    """Where a volume for a database's data belongs: PostgreSQL's images before 18 have a VOLUME of their own one folder
    below.
    """
    origin = container.origin
    if origin is None or origin.repository.startswith("bitnami"):
        return ""
    if place != POSTGRES or "PGDATA" in container.variables:
        return place
    tag = origin.tag or ""
    found = re.search(r"(?:\A|-)pg([0-9]+)", tag) or re.match(r"([0-9]+)(?:\.[0-9]+)*(?=-|\Z)", tag)
    if found is None or (origin.name in ("pgvector", "timescaledb") and "pg" not in found[0]):
        return place if origin.name == "postgres" and origin.drift is not None else ""
    return place if int(found[1]) >= 18 else f"{place}/data"


def _pinned(container: Container) -> tuple[str, str] | None:
    """The version of PostgreSQL that is advised where a tag names none, and where that one keeps its data, which is not
    where the newest does; None where the tag is one.
    """
    from dockerlint_fastapi.model.bases.end_of_life import floating_database  # noqa: PLC0415 - only of lost data

    pull = container.pulls[0] if container.pulls else None
    floating = floating_database(pull, container.role) if pull is not None else None
    if floating is None or floating.advised is None or _number_of(floating.advised) >= 18:
        return None
    return floating.advised, f"{POSTGRES}/data"


def _number_of(image: str) -> int:
    """The major version in the tag of an image, 0 where there is none."""
    found = re.search(r":([0-9]+)", image)
    return int(found[1]) if found is not None else 0


def _is_shown(variable: ContainerVariable) -> bool:
    return variable.shown and "$" not in variable.text


def _related(target: str, place: str) -> bool:
    """Whether a mount lies at a folder, above it or in it: whether it is the right one is another question."""
    one, other = f"{clean(target).rstrip('/')}/", f"{clean(place).rstrip('/')}/"
    return one.startswith(other) or other.startswith(one)


def sqlite_files(container: Container) -> Iterator[tuple[ContainerVariable, str]]:
    """The variables that name a file of SQLite, each with the place of that in the container."""
    for variable in container.variables.values():
        match = re.fullmatch(_SQLITE, (variable.value or "").strip()) if "sqlite" in (variable.value or "") else None
        place = container.place_of(match["path"]) if match is not None else None
        if place is not None and place.startswith("/"):
            yield variable, place


def _of_sqlite(container: Container) -> Iterator[LostData]:
    for variable, place in sqlite_files(container):
        covers = [f"{(one.target or '').rstrip('/')}/" for one in container.covers]
        server = container.server
        several = server.several if server is not None and (server.reload is None or not server.reload.on) else None
        if not any(f"{place}/".startswith(one) for one in covers) and not _declared(container, place):
            yield LostData(variable.span, place if _is_shown(variable) else "", True)
        elif several is not None:
            yield LostData(
                variable.span, place if _is_shown(variable) else "", True, several.span or container.start_span
            )


def _declared(container: Container, place: str) -> bool:
    """Whether a VOLUME of the image holds a place: Compose hands such a volume on to the next container."""
    stages = container.image.lineage if container.image is not None else ()
    volumes = [one for stage in stages for one in stage.instructions if isinstance(one, Volume)]
    paths = [path.value for one in volumes for path in one.paths]
    return any(path is None or f"{place}/".startswith(f"{path.rstrip('/')}/") for path in paths)
