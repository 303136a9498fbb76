"""`uv run` as a start command, which syncs the environment first."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container

MESSAGES = {
    "all": "`uv run` syncs at each start, and fetches all dependencies: the image has no environment of the project",
    "groups": "`uv run` syncs at each start, and fetches the {} that the build left out: the start needs the network",
    "project": "`uv run` syncs at each start, and builds the project, which the build left out: that needs the network",
    "read-only": "`uv run` syncs at each start, and wants to write: the root file system is read-only",
    "nothing": "`uv run` syncs at each start: what differs from `uv.lock` then is fetched before the server answers",
}


def check(container: Container) -> Iterator[Finding]:
    found = container.runtime_sync
    if found is None or container.development:
        return
    groups = f"group{'s' if len(found.groups) > 1 else ''} " + ", ".join(f"`{name}`" for name in found.groups)
    finding = Finding.at(
        found.span,
        MESSAGES["read-only" if found.read_only else found.kind].format(groups),
        severity="info" if found.kind == "nothing" and not found.read_only else None,
        once="project",
        pedantic=found.kind == "nothing" and not found.read_only,
    )
    if found.kind != "nothing":
        finding = finding.note(found.build, "this is what the image has installed")
    change = edits.words.behind(found.run, "--no-sync") if found.kind in ("groups", "nothing") else None
    yield finding.fixed_by("add `--no-sync`", change, safe=False, names="command")
