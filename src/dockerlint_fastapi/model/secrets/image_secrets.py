"""How much a secret in an image's ENV opens: what only a client hands on, and what nothing asks for."""

from __future__ import annotations

from dockerlint_fastapi.model.environment.hardcoded_settings import is_replaced, starts_server
from dockerlint_fastapi.model.environment.settings_class import is_of_a_server, sets_unread_field
from dockerlint_fastapi.model.environment.start_values import start_default, start_scripts
from dockerlint_fastapi.model.secrets import is_drawn, is_made_up
from dockerlint_fastapi.model.secrets.defaulted_secrets import is_refused
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.dockerfile import Pair
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_SUPERUSER = "DJANGO_SUPERUSER_"
_COMMAND = "createsuperuser"
_CALLERS = (
    ".sh",
    ".py",
    ".yml",
    ".yaml",
    ".toml",
    ".md",
    ".bash",
    ".mk",
    ".just",
    ".conf",
    ".ps1",
    "Makefile",
    "justfile",
)


class ImageSecret(NamedTuple):
    """What is known of a secret in ENV besides its value.

    `opens_nothing`: a stand-in that all that starts the image replaces and only a client hands on, a field of settings
    that no code reads, or a stand-in for the key to a service of somebody else. `unasked`: what would
    take it is nowhere called. `again` is where the start script has the same text as its default.
    """

    opens_nothing: bool
    unasked: bool
    again: Span | None


def image_secret(image: Image, pair: Pair) -> ImageSecret:
    """What is known of a pair of ENV that holds a secret."""
    value = pair.value or ""
    default = start_default(start_scripts(image), pair.name)
    again = default.span if default is not None and default.value == value else None
    stand_in = is_made_up(value) and not is_drawn(value)
    client = stand_in and is_of_a_server(pair.name) and is_replaced(image, pair.name)
    if client:
        client = not any(starts_server(one, pair.name.upper(), "") for one in image.containers)
    idle = stand_in and not client and bool(image.project.index.answer(sets_unread_field, pair.name))
    unasked = pair.name.startswith(_SUPERUSER) and not image.project.index.answer(_calls_for_superuser)
    return ImageSecret(client or idle or is_refused(pair.name, value), unasked, again)


def _calls_for_superuser(project: Project) -> bool:
    """Whether a file that says how the project is started or used has Django's command that makes an administrator."""
    paths = (one for one in project.paths if one.endswith(_CALLERS) or "docker" in one.rpartition("/")[2].lower())
    sources = map(project.source_of, paths)
    return any(one is not None and _COMMAND in one.text for one in sources)
