"""The users that containers run as."""

from __future__ import annotations

from dockerlint_fastapi.edits import compose, dockerfile
from dockerlint_fastapi.finding import Edit
from dockerlint_fastapi.model.dockerfile import Cmd, Entrypoint, Env, Expose, Healthcheck, Label, User
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.image import Image

_NAME = "app"
# How a user is made, by the system of the base image.
_MADE = {
    "debian": f"useradd --create-home {_NAME}",
    "ubuntu": f"useradd --create-home {_NAME}",
    "alpine": f"adduser -D {_NAME}",
}
# What may stand behind USER and does the same there.
_INDIFFERENT = (Cmd, Entrypoint, Env, Expose, Healthcheck, Label)


def unprivileged(image: Image, folders: Sequence[str] = ()) -> Edit | None:
    """A user, made where there is none, who gets some folders, and USER in front of the start command: behind all that
    needs root.
    """
    stage, made = image.stage, image.stage.made_user
    making = "" if made is not None else _new_user(image)
    if making is None:
        return None
    name = made.name if made is not None else _NAME
    given = f"chown -R {name} {' '.join(folders)}" if folders else ""
    steps = " && ".join(filter(None, (making, given)))
    text = f"RUN {steps}\nUSER {name}" if steps else f"USER {name}"
    if stage.from_.keyword_span.text.islower():
        text = "\n".join(" ".join((line.split()[0].lower(), *line.split()[1:])) for line in text.split("\n"))
    first = next((one for one in stage.instructions if isinstance(one, (Cmd, Entrypoint, Healthcheck))), None)
    behind = stage.instructions[stage.instructions.index(first) :] if first is not None else ()
    if all(isinstance(one, _INDIFFERENT) for one in behind):
        return dockerfile.before_start(stage, text)
    return dockerfile.at_end(stage, text)


def switched(container: Container, where: Span) -> Edit | None:
    """Another user than root where one is chosen: the last USER names one that is made, a service leaves it to its
    image, which has one.
    """
    image, service = container.image, container.service
    if image is None:
        return None
    user = image.user
    if user is not None and where == user.user.span:
        made = image.stage.made_user
        return Edit(where, made.name) if isinstance(user, User) and made is not None and '"' not in where.text else None
    if service is None or user is None or (user.user.value or "root").partition(":")[0] in ("root", "0"):
        return None
    return compose.without_key(service.body, "user")


def _new_user(image: Image) -> str | None:
    distribution = image.base.distribution if image.base is not None else None
    if image.base is None or image.base.family == "distroless":
        return None
    return _MADE.get(distribution or ("debian" if image.base.family == "python" else ""))
