"""What a service names of the rest of its model: other services, volumes, networks, secrets, configs, models."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.model.compose.environment import variables
from dockerlint_fastapi.model.compose.nodes import Mapping
from dockerlint_fastapi.model.compose.relations import grants, networks
from dockerlint_fastapi.model.compose.settings import settings
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose.service import Service

_SHARED = ("network_mode", "ipc", "pid", "uts", "cgroup")  # each may name a service, `service:x`


class Use(NamedTuple):
    """One name that Compose has to find in the model, and where it is written.

    `kind` is service, volume, network, secret, config or model. `required` is False where Compose does without it
    (`required: false`), None when that cannot be told.
    """

    kind: str
    name: str
    key: str  # the key that names it, such as `depends_on`
    span: Span
    required: bool | None = True

    @property
    def text(self) -> str:
        """The name as a message may tell it: as written where it holds a variable, whose value may be a secret."""
        written = self.span.text.strip("\"'") if "$" in self.span.text else ""
        return written.removeprefix("service:") or self.name

    @property
    def orders(self) -> bool:
        """Whether Compose starts what is named before the service, so that a circle of such uses is refused."""
        return self.kind == "service" and self.key != "build.additional_contexts"


def uses_of(service: Service) -> Iterator[Use]:
    """What a service names, as compose-go's consistency check and normalisation read it. Names that hold a variable
    which cannot be told are left out, and so is `extends`, which is resolved before.
    """
    for dependency in service.depends_on:
        yield Use("service", dependency.name, "depends_on", dependency.span, dependency.required)
    yield from _services(service)
    for mount in service.volumes:
        if mount.type == "volume" and mount.source is not None and mount.source.value:
            yield Use("volume", mount.source.value, "volumes", mount.source.span)
    for network in service.networks:
        if network.name != "default":  # every model has one
            yield Use("network", network.name, "networks", network.span)
    build = service.node("build")
    for key, kind, node in (
        ("secrets", "secret", service.node("secrets")),
        ("build.secrets", "secret", build.get("secrets") if isinstance(build, Mapping) else None),
        ("configs", "config", service.node("configs")),
    ):
        for grant in grants(node, service.lookup):
            if grant.source.value:
                yield Use(kind, grant.source.value, key, grant.source.span)
    for model in networks(service.node("models"), service.lookup):  # they are written as networks are
        yield Use("model", model.name, "models", model.span)


def _services(service: Service) -> Iterator[Use]:
    """The services that are named elsewhere than in `depends_on`."""
    for link in settings(service.node("links"), service.lookup):
        if link.value:
            yield Use("service", link.value.partition(":")[0], "links", link.span)
    for key in _SHARED:
        shared = service.setting(key)
        if shared is not None and shared.value is not None and shared.value.startswith("service:"):
            yield Use("service", shared.value.removeprefix("service:"), key, shared.span)
    for source in settings(service.node("volumes_from"), service.lookup):
        if source.value and not source.value.startswith("container:"):
            yield Use("service", source.value.partition(":")[0], "volumes_from", source.span)
    for context in variables(service.node("build", "additional_contexts"), service.lookup):
        if context.value is not None and context.value.startswith("service:"):
            name = context.value.removeprefix("service:")
            yield Use("service", name, "build.additional_contexts", context.value_span)
