"""The users that containers run as."""

from __future__ import annotations

from dockerlint_fastapi.edits import compose, dockerfile
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.dockerfile import Cmd, Entrypoint, Env, Expose, Healthcheck, Label, User
from dockerlint_fastapi.model.files.written_places import is_mounted_over
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

_NAME = "app"
_LONG = 110  # characters of a line
# How a user is made, by the system of the base image.
_MADE = {
    "debian": f"useradd --create-home {_NAME}",
    "ubuntu": f"useradd --create-home {_NAME}",
    "alpine": f"adduser -D {_NAME}",
}
# What may stand behind USER and does the same there.
_INDIFFERENT = (Cmd, Entrypoint, Env, Expose, Healthcheck, Label)


def unprivileged(image: Image, folders: Sequence[str] = ()) -> Edit | None:
    """A user, made where there is none, who gets some folders and those that the code writes to, and USER in front of
    the start command: behind all that needs root. None where not all of these folders can be told.
    """
    stage, made = image.stage, image.stage.made_user
    making = "" if made is not None else _new_user(image)
    written = image.written_places if making is not None else None
    if making is None or written is None or image.is_mounted_over:
        return None
    name = made.name if made is not None else _NAME
    new = [one for one in written.made if not any(f"{one}/".startswith(f"{folder}/") for folder in folders)]
    whole = " ".join(dict.fromkeys((*folders, *new)))
    steps = (
        making,
        f"mkdir -p {' '.join(new)}" if new else "",
        f"chown -R {name} {whole}" if whole else "",
        f"chown {name} {' '.join(written.given)}" if written.given else "",
    )
    text = " && ".join(filter(None, steps))
    if len(text) > _LONG:
        text = f" {image.dockerfile.escape}\n    && ".join(filter(None, steps))
    text = f"RUN {text}\nUSER {name}" if text else f"USER {name}"
    first = next((one for one in stage.instructions if isinstance(one, (Cmd, Entrypoint, Healthcheck))), None)
    behind = stage.instructions[stage.instructions.index(first) :] if first is not None else ()
    if all(isinstance(one, _INDIFFERENT) for one in behind):
        return dockerfile.before_start(stage, text)
    return dockerfile.at_end(stage, text)


def switched(container: Container, where: Span) -> Edit | None:
    """Another user than root where one is chosen: the last USER names one that is made, a service leaves it to its
    image, which has one. None where the one of the image may lack a right.
    """
    image, service = container.image, container.service
    if image is None:
        return None
    user = image.user
    if user is not None and where == user.user.span:
        made = image.stage.made_user
        plain = isinstance(user, User) and '"' not in where.text and image.written_places == ((), ())
        behind = [one for one in image.stage.instructions if one.span.start > where.start]
        if made is None or not plain or not all(isinstance(one, _INDIFFERENT) for one in behind):
            return None
        return Edit(where, made.name)
    if service is None or user is None or (user.user.value or "root").partition(":")[0] in ("root", "0"):
        return None
    if is_mounted_over(container, ()) or any(True for _ in container.privileges):
        return None
    return compose.without_key(service.body, "user")


def _new_user(image: Image) -> str | None:
    distribution = image.base.distribution if image.base is not None else None
    if image.base is None or image.base.family == "distroless":
        return None
    return _MADE.get(distribution or ("debian" if image.base.family == "python" else ""))
