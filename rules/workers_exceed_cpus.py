"""A number of workers that does not fit the CPUs."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of a number above the limit; where the setting is `single-server`, also of one that uses too little."""
    server, limit, project = container.server, container.cpu_limit, container.project
    if server is None or project is None or container.development or not container.is_whole:
        return
    workers, several = server.workers, server.several_running
    place = (workers.span if workers is not None else None) or server.program.argv[0].span
    if several is not None and limit is not None:
        if int(several.text) > limit.most_workers and several.origin != "environment":
            bound = f"more than {limit.most_workers}, (2 x CPU) + 1, only cost memory and database connections"
            finding = Finding.at(
                place, f"the container starts {several.text} workers where `cpus` is {limit.cpus:g}: {bound}"
            ).note(limit.span, "the limit of CPUs")
            change = edits.options.another(several, str(limit.most_workers))
            yield finding.fixed_by(
                f"start {limit.most_workers}", change, safe=False, names=("here", "command", "server:workers")
            )
    elif project.deployment_setting != "single-server":
        return
    elif workers is not None and workers.number == 1 and not container.reloads and server.kind != "daphne":
        if limit is None or limit.cpus >= 1:
            what = "one worker on a single server uses one of its CPUs: the guide's formula is (2 x CPU) + 1"
            yield Finding.at(place, what, severity="info")
    elif limit is not None and (counted := container.counted_cpus) is not None:
        what = f"this counts the CPUs of the whole machine, of which the container may use {limit.cpus:g}"
        yield Finding.at(counted, what, severity="info").note(limit.span, "the limit of CPUs")
