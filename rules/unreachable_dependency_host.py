"""A database, cache or broker at a host name that leads nowhere."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    for one in container.unreachable_hosts:
        variable, host, service = one.endpoint.variable, one.host.name, one.service
        name = variable.name
        if one.why == "loopback":
            message = f"`{name}` leads to the container itself, in which no such server runs: the connection is refused"
            finding = Finding.at(host.span, message)
            if service is not None:
                finding = finding.note(service, f"this service can be reached as `{service.name}`")
        elif one.why == "apart" and service is not None and container.service is not None:
            message = f"the host in `{name}` is a service that shares no network with `{container.service.name}`"
            finding = Finding.at(host.span, f"{message}: it does not resolve", severity="warning", once="file")
            finding = finding.note(service, "this service is on other networks")
        else:
            what = f"`{host.text}` in `{name}`" if variable.shown and host.text else f"the host in `{name}`"
            message = f"{what} is the name of no service here, so that it does not resolve"
            finding = Finding.at(host.span, message, severity="warning")
        if variable.origin == "env_file":
            finding = finding.note(container, "the environment of this service comes from there")
        if service is not None and one.why != "apart" and variable.shown and host.span.text == host.value:
            change = Edit(host.span, service.name)
            finding = finding.fixed_by(f"connect to `{service.name}`", change, safe=False, reveals=True, names="here")
        yield finding
