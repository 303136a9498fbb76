"""Databases that only carry messages between processes, by what others call their addresses."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container

# Over `LISTEN` and `NOTIFY` of PostgreSQL, say (encode/broadcaster, readme, "Available backends", read 2026-11-24).
_CHANNEL = r"(?i)(?:\A|_)(?:broadcast(?:er)?|pub_?sub|notify)(?:_\w+)?\Z"


def only_carries_messages(container: Container) -> bool:
    """Whether all that leads to a database are addresses of a channel (`BROADCAST_URI`), and nothing else in its files
    depends on it or names it: what goes over that is kept nowhere.
    """
    service, deployment = container.service, container.deployment
    if service is None or deployment is None or container.role != "database":
        return False
    named = False
    for other in deployment.containers:
        asker = other.service
        if asker is None or asker is service:
            continue
        if any(one.file is None for one in other.env_files):
            return False
        leading = [
            one.variable
            for one in other.endpoints
            if any(deployment.service_named(host.name.value or "", asker) is service for host in one.hosts)
        ]
        if any(re.search(_CHANNEL, one.name) is None for one in leading):
            return False
        word = rf"(?<![\w.-]){re.escape(service.name)}(?![\w-])"
        others = [one.value_span.text for one in asker.environment if all(each.name != one.name for each in leading)]
        if any(re.search(word, text) is not None for text in others):
            return False
        if not leading and any(one.name == service.name for one in asker.depends_on):
            return False
        named = named or bool(leading)
    return named and not any(
        host.name.value is not None and deployment.service_named(host.name.value, other.service) is service
        for other in deployment.containers
        for one in other.code_endpoints
        for host in one.hosts
    )
