"""The description as a Mermaid flowchart: services, what they publish, what they wait for, and their volumes.

Names come from files that anyone may have written, and the chart is pasted into pages: whatever is not a letter, a
digit or harmless punctuation becomes a character code of Mermaid's (`#35;`), so that no name can end its label, begin
a directive, or be HTML. Node ids are made here and hold nothing of the names.
"""

from __future__ import annotations

from dockerlint_fastapi.reporters.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dockerlint_fastapi.show.description import Container, Description, Port, Volume, Written

LONGEST = 80  # characters of one name; Mermaid refuses a whole chart beyond 50,000
_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 _./:,()+@=-")
_STORES = ("database", "cache", "broker")


def escaped(text: str) -> str:
    """A text that stands for itself in a quoted label, on one line."""
    shown = visible(text)
    if len(shown) > LONGEST:
        shown = f"{shown[: LONGEST - 3]}..."
    coded = "".join(char if char > "\x7f" or char in _SAFE else f"#{ord(char)};" for char in shown)
    # A line with `style` or `classDef` in front of `:` and a code loses its last `;` in Mermaid's own preparation, and
    # `fa:fa-car` becomes an icon.
    return coded.replace("style", "#115;tyle").replace("classDef", "#99;lassDef").replace(":fa-", "#58;fa-")


def label(*lines: str) -> str:
    """A quoted label of one or more lines; empty ones are left out."""
    return '"' + "<br>".join(escaped(line) for line in lines if line) + '"'


def render(description: Description) -> str:
    """The flowchart, ready to stand between the fences of a `mermaid` block."""
    rows = ["flowchart LR"]
    groups: list[tuple[str, Sequence[Container]]] = [
        (" + ".join(one.files) + f" ({one.setting})", one.containers) for one in description.deployments
    ]
    if description.images:
        groups.append(("docker run", description.images))
    for number, (title, containers) in enumerate(groups):
        chart = _Chart(f"d{number}", containers)
        rows.append(f"  subgraph d{number}[{label(title)}]")
        rows.extend(f"    {row}" for row in chart.rows())
        rows.append("  end")
    return "\n".join(rows) + "\n"


class _Chart:
    """The nodes and arrows of one deployment."""

    __slots__ = ("containers", "prefix", "services")

    def __init__(self, prefix: str, containers: Sequence[Container]) -> None:
        self.prefix = prefix
        self.containers = containers
        self.services = {one.service: f"{prefix}s{at}" for at, one in enumerate(containers) if one.service is not None}

    def rows(self) -> Iterator[str]:
        """The nodes first, so that every arrow leads to one."""
        for at, container in enumerate(self.containers):
            left, right = ("[(", ")]") if container.role in _STORES else ("[", "]")
            yield f"{self.prefix}s{at}{left}{label(*_facts(container))}{right}"
        yield from self.ports()
        yield from self.dependencies()
        yield from self.volumes()

    def ports(self) -> Iterator[str]:
        """What can be reached from outside."""
        number = 0
        for at, container in enumerate(self.containers):
            for port in container.ports:
                node = f"{self.prefix}p{number}"
                number += 1
                yield f"{node}([{label(_outside(port))}]) -->|{label(_inside(port))}| {self.prefix}s{at}"

    def dependencies(self) -> Iterator[str]:
        """What waits for what. A service that is not there gets a node of its own."""
        missing: dict[str, str] = {}
        for at, container in enumerate(self.containers):
            for one in container.depends_on:
                target = self.services.get(one.service) or missing.get(one.service)
                if target is None:
                    target = missing[one.service] = f"{self.prefix}x{len(missing)}"
                    yield f"{target}[{label(one.service, 'not shown here')}]"
                condition = (one.condition or "").removeprefix("service_").replace("_", " ")
                arrow = f"-->|{label(condition)}|" if condition not in ("", "started") else "-->"
                yield f"{self.prefix}s{at} {arrow} {target}"

    def volumes(self) -> Iterator[str]:
        """What is mounted; a volume that several services share is one node."""
        nodes: dict[tuple[str | None, str | None, str | None, int], str] = {}
        for at, container in enumerate(self.containers):
            for volume in container.volumes:
                key = (
                    (volume.type, volume.source, None, -1) if volume.source else (volume.type, None, volume.target, at)
                )
                node = nodes.get(key)
                if node is None:
                    node = nodes[key] = f"{self.prefix}v{len(nodes)}"
                    yield f"{node}[/{label(volume.source or volume.type or 'volume')}/]"
                yield f"{self.prefix}s{at} -.-|{label(_mounted(volume))}| {node}"


def _facts(container: Container) -> Iterator[str]:
    """The lines of a service's label: its name, its image, its server and where that listens."""
    build = container.build
    if container.service is not None:
        yield container.service
    if build is not None:
        yield build.dockerfile + (f", stage {build.stage}" if build.stage is not None else "")
    elif container.image is not None:
        yield container.image.value
    server = container.server
    if server is not None:
        port = server.port.value if server.port is not None else "?"
        host = server.host.value if server.host is not None else "?"
        listens = host if host.startswith(("unix:", "fd:")) else f"{host}:{port}"
        yield f"{server.kind}, {listens}"
    elif container.program is not None:
        yield container.program.script or container.program.name
    elif container.service is None and build is None:
        yield container.place.path


def _text(part: Written | None) -> str:
    return "" if part is None else part.text if part.value is None else part.value


def _outside(port: Port) -> str:
    host = f"{_text(port.host_ip)}:" if port.host_ip is not None else ""
    return f"{host}{_text(port.published) or 'random port'}"


def _inside(port: Port) -> str:
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol or '?'}"
    return f"{_text(port.target) or '?'}{protocol}"


def _mounted(volume: Volume) -> str:
    return f"{volume.target or '?'}{', read-only' if volume.read_only else ''}"
