"""By which names the services of a deployment find each other: what Docker's DNS answers on their networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dockerlint_fastapi.model.compose.nodes import Mapping, Sequence, is_external, items_of
from dockerlint_fastapi.model.compose.settings import Setting, setting, settings, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Service


MOST_STARTED = 300  # services that one waits for, one through the other; of more nothing is said
MAX_NAME = 253  # the longest name that DNS has


class ServiceNames:
    """The names of the services of one merged model, compared without regard to case."""

    __slots__ = ("_first", "_names", "certain", "merged")

    def __init__(self, merged: ComposeFile) -> None:
        self.merged = merged
        self.certain = True  # False when one of the names cannot be told
        self._names: dict[str, list[Service]] = {}
        self._first: dict[str, tuple[str, ...]] = {}
        for service in merged.services.values():
            self._add(service.name, service)
            for one in _given(service):
                if one.value is None:
                    self.certain = False
                else:
                    self._add(one.value, service)

    def _add(self, name: str, service: Service) -> None:
        found = self._names.setdefault(name.lower(), [])
        if service not in found:
            found.append(service)

    @property
    def known(self) -> Iterable[str]:
        """All names, in lower case."""
        return self._names

    def named(self, host: str, asker: Service | None = None) -> Service | None:
        """The service that a host name leads to, the aliases in the `links` of the one that asks included."""
        for name, alias in _links(asker) if asker is not None else ():
            if alias.lower() == host.lower() and name in self.merged.services:
                return self.merged.services[name]
        found = self._names.get(host.lower(), [])
        if not found and (stems := container_stems(host)):
            found = [one for one in self.merged.services.values() if one.name.lower() in stems]
        near = [one for one in found if asker is not None and self.share_network(asker, one) is not False]
        return next(iter(near or found), None)

    def started_first(self, service: Service) -> tuple[str, ...]:
        """The names of the services that Compose starts before a service, by what that service itself says."""
        found = self._first.get(service.name)
        if found is None:
            found = (*(one.name for one in service.depends_on), *linked(service))
            self._first[service.name] = found
        return found

    def leads_elsewhere(self, host: str, asker: Service) -> bool:
        """Whether a service is told where a host is, or may be: by `extra_hosts`, `external_links`, or a DNS server of
        its own.
        """
        if asker.node("dns") is not None or asker.node("external_links") is not None:
            return True
        return any(name.lower() == host.lower() for name in _extra_hosts(asker))

    def networks_of(self, service: Service) -> frozenset[str] | None:
        """The networks that a service joins, by their keys; None with a `network_mode`."""
        if service.network_mode is not None:
            return None
        return frozenset(one.name for one in service.networks) or frozenset(("default",))

    def share_network(self, one: Service, other: Service) -> bool | None:
        """Whether two services are on a common network; None when that cannot be told."""
        first, second = self.networks_of(one), self.networks_of(other)
        if first is None or second is None:
            return None
        if not first.isdisjoint(second):
            return True
        # two keys may be one network that exists outside of the project, or bear one name
        named = [self._declared(key) for key in first | second]
        return None if any(node is not None and (is_external(node) or node.get("name")) for node in named) else False

    def external(self, service: Service) -> bool:
        """Whether it joins a network on which containers of others may be: one that exists outside of the project, or
        that bears a name of its own, by which others can join it.
        """
        keys = self.networks_of(service)
        if keys is None:
            return True
        named = [self._declared(key) for key in keys]
        return any(node is not None and (is_external(node) or node.get("name")) for node in named)

    def _declared(self, key: str) -> Mapping | None:
        entry = self.merged.declared("networks").get(key)
        return entry.value if entry is not None and isinstance(entry.value, Mapping) else None


def container_stems(host: str) -> frozenset[str]:
    """The services, in lower case, to which the name of a container may belong: project, service, number. None for a
    host name that is none of Compose's making.
    """
    if len(host) > MAX_NAME or not re.search(r"[-_][0-9]+\Z", host):
        return frozenset()
    stem = re.sub(r"[-_][0-9]+$", "", host.lower())
    return frozenset(stem[at + 1 :] for at, letter in enumerate(stem) if letter in "-_")


def _given(service: Service) -> Iterator[Setting]:
    """The names besides its own that a service has on its networks."""
    for key in ("container_name", "hostname"):
        made = service.setting(key)
        if made is not None:
            yield made
    for network in service.networks:
        yield from network.aliases


def _links(service: Service) -> Iterator[tuple[str, str]]:
    """`links:` as service and alias."""
    for made in settings(service.node("links"), service.lookup):
        if made.value is not None:
            name, _, alias = made.value.partition(":")
            yield name, alias or name


def linked(service: Service) -> Iterator[str]:
    """The services that a service starts after because of something else than `depends_on`: `links`, `volumes_from`,
    `network_mode: service:x` and the like.
    """
    yield from (name for name, _ in _links(service))
    for made in settings(service.node("volumes_from"), service.lookup):
        yield (made.value or "").partition(":")[0]
    for key in ("network_mode", "ipc", "pid"):
        kind, _, name = (value_of(service.node(key), service.lookup) or "").partition(":")
        if kind == "service":
            yield name


def _extra_hosts(service: Service) -> Iterator[str]:
    node = service.node("extra_hosts")
    if isinstance(node, Mapping):
        yield from (entry.key.text for entry in node)
    elif isinstance(node, Sequence):
        for item in items_of(node):
            made = setting(item, service.lookup)
            yield re.split(r"[=:]", made.value or made.text, maxsplit=1)[0] if made is not None else ""
