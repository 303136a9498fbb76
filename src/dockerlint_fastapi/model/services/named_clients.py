"""Whether a project's Python names anything that speaks to a database: an import, a requirement, an address."""

from __future__ import annotations

import re
from itertools import islice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.project import Project

_MOST_FILES: Final = 400
_FILES: Final = (".py", ".txt", ".toml", ".cfg", ".ini", "Pipfile")
# Drivers, toolkits and frameworks with models of their own, addresses, settings that hold one; and an import by name,
# which may be of any.
_NAMES: Final = (
    r"(?i)postgres|psycopg|asyncpg|pg8000|mysql|mariadb|asyncmy|mongo|motor\b|beanie|odmantic|alembic|databases\b|ormar"
    r"|peewee|piccolo|\bpony\b|prisma|sqlalchemy|sqlmodel|tortoise|django|\bgino\b|edgedb|create_pool|\bdsn\b|odbc"
    r"|(?:database|db)_(?:ur[il]|host)|import_module|__import__"
)


def names_no_client(project: Project) -> bool:
    """Whether it certainly names none in its code and its lists of requirements. False for a project without Python, or
    with more files than are looked through.
    """
    paths = list(islice(project.index.ending(*_FILES), _MOST_FILES + 1))
    if len(paths) > _MOST_FILES or not any(path.endswith(".py") for path in paths):
        return False
    sources = (project.source_of(path) for path in paths)
    return all(one is not None and not is_client_named(one.text) for one in sources)


def is_client_named(text: str) -> bool:
    """Whether a text names one."""
    return re.search(_NAMES, text) is not None
