"""A database, cache or broker at a host name that leads nowhere."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.network.reachability import Unreachable

OUTSIDE = "host.docker.internal"
IN_CODE = "read the host from a variable, and set that in `environment:` to the name of the service, such as `db`"

FORGOTTEN = "set `{}` beside the other parts of the account, to the name of the service"


def check(container: Container) -> Iterator[Finding]:
    for one in container.unreachable_hosts:
        variable, host, service = one.endpoint.variable, one.host.name, one.service
        if variable.origin == "code":
            found = _in_code(container, one)
            mild = one.why == "default"
            yield found._replace(severity="warning", help=FORGOTTEN.format(variable.name)) if mild else found
            continue
        finding = _of(container, one)
        if one.why == "example":
            told = f"the environment of this service comes from a copy of `{host.span.source.path.rpartition('/')[2]}`"
            finding = finding._replace(severity="warning").note(container, told)
        elif variable.origin == "env_file":
            finding = finding.note(container, "the environment of this service comes from there")
        meant = service is not None and one.why not in ("apart", "outside")
        if meant and service is not None and variable.shown and host.span.text == host.value:
            change = Edit(host.span, service.name)
            finding = finding.fixed_by(f"connect to `{service.name}`", change, safe=False, reveals=True, names="here")
        yield finding


def _of(container: Container, one: Unreachable) -> Finding:
    """What is said of a host by why it leads nowhere."""
    name, host, service = one.endpoint.variable.name, one.host.name, one.service
    if one.why in ("loopback", "example"):
        message = f"`{name}` leads to the container itself, in which no such server runs: the connection is refused"
        finding = Finding.at(host.span, message)
        return finding if service is None else finding.note(service, f"this service can be reached as `{service.name}`")
    if one.why == "outside" and service is not None:
        message = f"`{name}` goes out to the host to reach `{service.name}`: Docker on Linux knows no `{OUTSIDE}`"
        return Finding.at(host.span, message, severity="warning").note(service, "this service publishes the port")
    if one.why == "apart" and service is not None and container.service is not None:
        message = f"the host in `{name}` is a service that shares no network with `{container.service.name}`"
        finding = Finding.at(host.span, f"{message}: it does not resolve", severity="warning", once="file")
        return finding.note(service, "this service is on other networks")
    what = f"`{host.text}` in `{name}`" if one.endpoint.variable.shown and host.text else f"the host in `{name}`"
    message = f"{what} is the name of no service here, so that it does not resolve"
    return Finding.at(host.span, message, severity="warning")


def _in_code(container: Container, one: Unreachable) -> Finding:
    """No fix: what stands in the code is right on a developer's machine."""
    name, service = one.endpoint.variable.name, one.service
    message = f"`{name}` is led to the container itself, in which no such server runs: the connection is refused"
    finding = Finding.at(one.host.name.span, message, help=IN_CODE, once="file")
    finding = finding if service is None else finding.note(service, f"this service can be reached as `{service.name}`")
    return finding.note(container, "this service runs the code")
