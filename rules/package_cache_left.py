from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Image
from dockerlint_fastapi.model.install.installer_settings import downloads_left

WHAT = {
    "apt": ("apt's package lists", "end this `RUN` with `&& rm -rf /var/lib/apt/lists/*`"),
    "apk": ("apk's index", "write `apk add --no-cache`"),
    "dnf": ("the package manager's cache", "end this `RUN` with `clean all`"),
    "conda": ("the packages that conda unpacked", "end this `RUN` with `conda clean -afy`"),
    "npm": ("npm's cache", "end this `RUN` with `npm cache clean --force`, or mount a cache at `/root/.npm`"),
    "uv": ("uv's cache, a copy of all that it installs,", "mount a cache at `/root/.cache/uv`, or set `UV_NO_CACHE=1`"),
}


def check(image: Image) -> Iterator[Finding]:
    if image.development:
        return
    for run, step in downloads_left(image):
        if step.manager == "npm" and not image.python:
            continue  # a front end is another linter's
        what, how = WHAT[step.manager]
        finding = Finding.at(
            step.head,
            f"`{step.words}` leaves {what} in this layer, and no later `RUN` can shrink it",
            help=how,
            once="file",
        )
        end = run.command.script.last if run.command.script and not run.command.script.comments else None
        if step.manager == "apk" and step.action in ("install", "upgrade"):
            finding = finding.fixed_by("add `--no-cache`", Edit.behind(step.head, " --no-cache"))
        elif step.manager == "apt" and end is not None and not run.heredocs:
            finding = finding.fixed_by("remove the lists", Edit.behind(end, " && rm -rf /var/lib/apt/lists/*"))
        yield finding
