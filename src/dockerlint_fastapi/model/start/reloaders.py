"""What starts a program again when its sources change: the servers of front ends and of other frameworks than ASGI."""

from __future__ import annotations

from dockerlint_fastapi.pattern import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import Mount
    from dockerlint_fastapi.model.container import Container

_START = r"(?:^|[\s;&|(/])"
_END = r"(?=$|[\s;&|)])"
# A script of package.json by its name: what it runs is for the project to say, and this is what all of them call it.
_SCRIPTS = (
    rf"{_START}(?:npm|pnpm|yarn|bun|deno)(?:\s+--?\S+)*(?:\s+(?:run|task))?"
    rf"\s+(?:start:)?(?:dev|watch|develop)(?::[\w-]+)?{_END}"
)
_TOOLS = (
    rf"{_START}(?:vite(?!\s+(?:build|preview|optimize))|next\s+dev|nuxt\s+dev|nuxi\s+dev|astro\s+dev|ng\s+serve|"
    r"remix\s+dev|react-scripts\s+start|vue-cli-service\s+serve|tsx\s+watch|ts-node-dev|nodemon|"
    r"node\s+--watch|cargo[\s-]watch|bacon|"
    rf"watchmedo\s+(?:auto-restart|shell-command)|watchfiles){_END}"
)
_AIR = r"(?:^|[;&|]\s*|-c\s+)(?:/\S*/)?air(?:\s+-\S+\s+\S+)*\s*(?:$|[;&|])"
_FLASK_DEBUG = rf"{_START}flask(?:\s+\S+)*?\s+--debug{_END}"
_WATCHES = pattern(f"{_SCRIPTS}|{_TOOLS}|{_AIR}|{_FLASK_DEBUG}")
_DJANGO = pattern(rf"{_START}(?:\S*manage\.py|django-admin)\s+runserver(?:_plus)?{_END}(?!.*--noreload)")
_FLASK = pattern(rf"{_START}flask(?:\s+\S+)*?\s+run{_END}(?!.*--no-(?:reload|debug))")
_MARKS = pattern(r"[\[\]\",']+")
# The folders of files that no program is made of (`container` judges folders with Python by what is in them).
_DATA = frozenset("data db logs log static media uploads certs cert config conf nginx ssl storage secrets".split())


def watches_mounted_code(container: Container) -> bool:
    """Whether a service starts a reloader, and a folder of the project is mounted into it."""
    service = container.service
    if service is None or not any(_is_folder(mount) for mount in service.volumes):
        return False
    text = _started(container)
    if _WATCHES.search(text) or _DJANGO.search(text):
        return True
    if not _FLASK.search(text):
        return False
    debug = container.variables.get("FLASK_DEBUG")
    setting = container.variables.get("FLASK_ENV")
    on = debug is not None and (debug.value or "").lower() in ("1", "true", "yes", "on")
    return on or (setting is not None and setting.value == "development")


def _started(container: Container) -> str:
    """What a service starts, as one text: its own command, else that of the image."""
    service, image = container.service, container.image
    both = (service.entrypoint, service.command) if service is not None else ()
    words = [one.value or "" for given in both if given is not None for one in given.arguments or ()]
    if not words and image is not None:
        words = [one.span.text.partition(" ")[2] for one in (image.entrypoint, image.cmd) if one is not None]
    return " ".join(_MARKS.sub(" ", " ".join(words)).split())


def _is_folder(mount: Mount) -> bool:
    """Whether a mount is of a folder of the project that may hold a program."""
    if mount.source is None or "bind" not in (mount.type, mount.default_type, None):
        return False
    text = mount.source.text.replace("${PWD}", ".").replace("$PWD", ".").rstrip("/")
    name = text.rpartition("/")[2].lower()
    return text.startswith(".") and name not in _DATA and ("." not in name or name in (".", ".."))
