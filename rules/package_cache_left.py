from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Image, Run, Step
from dockerlint_fastapi.model.install.installer_settings import (
    browser_libraries,
    downloads_left,
    lists_are_used_behind,
    user_of_lists,
)

LISTS_GONE = "rm -rf /var/lib/apt/lists/*"
WHAT = {
    "apt": ("apt's package lists", "end this `RUN` with `&& rm -rf /var/lib/apt/lists/*`"),
    "apk": ("apk's index", "write `apk add --no-cache`"),
    "dnf": ("the package manager's cache", "end this `RUN` with `clean all`"),
    "conda": ("the packages that conda unpacked", "end this `RUN` with `conda clean -afy`"),
    "npm": ("npm's cache", "end this `RUN` with `npm cache clean --force`, or mount a cache at `/root/.npm`"),
    "uv": ("uv's cache, a copy of all that it installs,", "mount a cache at `/root/.cache/uv`, or set `UV_NO_CACHE=1`"),
}


def check(image: Image) -> Iterator[Finding]:
    if image.development or image.is_taken_apart:
        return
    split = [fault for fault in image.apt_faults if fault.kind == "split"]
    alone = {place for fault in split for place in (fault.step.head, fault.span, fault.other)}
    for run, step in downloads_left(image):
        if step.manager == "npm" and not image.python:
            continue  # a front end is another linter's
        if step.head in alone:
            continue  # `apt-update-alone` tells that these lists stay
        what, how = WHAT[step.manager]
        if step.manager == "apk" and step.action == "update":
            how = "leave `apk update` out, and let `apk add --no-cache` fetch an index for itself"
        user = user_of_lists(image, run) if step.manager == "apt" else None
        if user is not None:
            how = f"{how}, once the later ones fetch lists of their own: `apt-get update && apt-get install …`"
        finding = Finding.at(
            step.head,
            f"`{step.words}` leaves {what} in this layer, and no later `RUN` can shrink it",
            severity="info" if step.manager == "apk" or image.hardly_ships or image.is_for_one_job else None,
            help=how,
            once="file",
        ).note(user.head if user is not None else None, "a stage that is built on this one installs from them")
        yield mended(finding, image, run, step)
    yield from _of_browsers(image)


def _of_browsers(image: Image) -> Iterator[Finding]:
    """Speaks of Playwright, which asks apt for the libraries of its browsers."""
    told = {run for run, step in downloads_left(image) if step.manager == "apt"}
    for run, call, words in browser_libraries(image):
        if run in told or lists_are_used_behind(image, run):
            continue
        message = f"`{words}` leaves apt's package lists in this layer, and no later `RUN` can shrink it"
        severity = "info" if image.hardly_ships or image.is_for_one_job else None
        finding = Finding.at(call.span, message, severity=severity, help=WHAT["apt"][1], once="file")
        yield finding.fixed_by("remove the lists", edits.installs.appended(run, LISTS_GONE), names="steps")


def mended(finding: Finding, image: Image, run: Run, step: Step) -> Finding:
    """The finding with its fix, in the RUN that leaves the downloads."""
    program = step.program.rpartition("/")[2]
    if step.manager == "apt":
        if lists_are_used_behind(image, run):
            return finding  # that RUN is what `apt-update-alone` speaks of
        changes = [edits.installs.appended(run, LISTS_GONE), *edits.installs.alone_behind(image, run, LISTS_GONE)]
        return finding.fixed_by("remove the lists", *changes, names="steps")
    if step.manager == "apk":
        change = edits.installs.without_index(run, image.steps_of(run))
        return finding.fixed_by("add `--no-cache`", change, names="steps")
    if step.manager == "dnf":
        added = edits.installs.appended(run, f"{program} clean all")
        return finding.fixed_by(f"add `{program} clean all`", added, names="steps")
    if step.manager == "conda":
        added = edits.installs.appended(run, f"{program} clean -afy")
        return finding.fixed_by(f"add `{program} clean`", added, names="steps")
    if step.manager == "npm" and not any(one.action == "remove" for one in image.steps_of(run)):
        added = edits.installs.appended(run, "npm cache clean --force")
        return finding.fixed_by("clean npm's cache", added, names="steps")
    if step.manager != "uv":
        return finding
    line = edits.dockerfile.above(run, "ENV UV_NO_CACHE=1")
    return finding.fixed_by("set `UV_NO_CACHE=1`", line, safe=False, names="environment:UV_NO_CACHE")
