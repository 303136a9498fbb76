"""Ports of the host that two services of one deployment want."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Port, Service


class PortConflict(NamedTuple):
    """Two services that publish the same port of the host on the same address.

    `always` is False when one of them only starts with a profile: then it happens once that profile is used.
    `variant` tells that one extends the other or merges it (`<<: *api`), or that both extend the same one, as people
    write what they start one at a time.
    """

    port: int
    protocol: str
    first: Service
    first_span: Span
    second: Service
    second_span: Span
    always: bool
    variant: bool


class _Claim(NamedTuple):
    """What one entry of `ports:` takes of the host."""

    service: Service
    profiles: frozenset[str] | None  # None when they cannot be told
    span: Span


def port_conflicts(file: ComposeFile) -> Iterator[PortConflict]:
    """The conflicts of a merged compose file, each service's first one with an earlier service. Ranges and random
    ports are left out: Docker looks for a free one.
    """
    taken: dict[tuple[str, int, str], list[_Claim]] = {}
    for service in file.services.values():
        if not _starts(service):
            continue
        profiles = _profiles(service)
        for port in service.ports:
            wanted = _wanted(port)
            if wanted is None or port.published is None:
                continue
            claims = taken.setdefault(wanted, [])
            for earlier in claims:
                together = _together(earlier.profiles, profiles)
                if earlier.service is not service and together is not None:
                    span = port.published.span
                    where = span if span != earlier.span else service.span  # `extends` brings the very same entry
                    variant = not _roots(file, earlier.service).isdisjoint(_roots(file, service))
                    variant = variant or _merges(service, earlier.service) or _merges(earlier.service, service)
                    yield PortConflict(
                        wanted[1], wanted[2], earlier.service, earlier.span, service, where, together, variant
                    )
                    break
            claims.append(_Claim(service, profiles, port.published.span))


def _roots(file: ComposeFile, service: Service) -> set[str]:
    """A service's own name, and that of the one that it extends."""
    written = [one.services[service.name] for one in file.files if service.name in one.services]
    extended = [one.extends.service.value for one in written if one.extends is not None]
    return {service.name, *(name for name in extended if name is not None)}


def _merges(service: Service, other: Service) -> bool:
    """Whether a service has its keys from another by a YAML merge (`<<: *api`)."""
    whole = other.body.span
    return any(
        entry.merged and entry.span.source is whole.source and whole.start <= entry.span.start < whole.end
        for entry in service.body
    )


def _starts(service: Service) -> bool:
    """Whether it publishes anything when it is started: not on the host's network, nor with no replica at all."""
    mode, replicas = service.network_mode, service.replicas
    if mode is not None and (mode.value is None or mode.value.startswith(("host", "none", "service:", "container:"))):
        return False
    return replicas is None or (replicas.number is not None and replicas.number > 0)


def _profiles(service: Service) -> frozenset[str] | None:
    names = [profile.value for profile in service.profiles]
    return None if None in names else frozenset(name for name in names if name is not None)


def _wanted(port: Port) -> tuple[str, int, str] | None:
    """The address, port and protocol of the host; None when a part cannot be told, or may be one of several."""
    number = port.published.number if port.published is not None else None
    if not number or port.protocol is None:
        return None
    address = "" if port.host_ip is None else port.host_ip.value
    if address is None:
        return None
    address = address.strip("[]")
    return ("" if address in ("0.0.0.0", "::") else address), number, port.protocol  # noqa: S104 - any address


def _together(first: frozenset[str] | None, second: frozenset[str] | None) -> bool | None:
    """Whether two services always start together; False when a profile has to be chosen, None when they need not."""
    if first is None or second is None:
        return None
    if not first and not second:
        return True
    if first and second:
        return True if first == second else False if first & second else None
    return False
