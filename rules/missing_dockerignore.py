"""A build context without a `.dockerignore`."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import BuildContext


def check(context: BuildContext) -> Iterator[Finding]:
    """Speaks once for each build context: of what takes the most from it."""
    taken = [one for one in context.unfiltered if one.is_broad or one.image.python]
    worst = min(
        taken, key=lambda one: (bool(one.image.development), not one.is_broad, one.reach == "file"), default=None
    )
    if worst is None:
        return
    name = worst.word.text
    if worst.reach == "context":
        lies = (
            "`.git`, `.env` and virtual environments" if not context.path else "`.env`, caches and virtual environments"
        )
        message = f"no `.dockerignore`: this copies all of the build context, {lies} included"
    elif worst.reach == "folder":
        message = f"no `.dockerignore`: whatever lies in `{name}` is copied, `__pycache__` and forgotten files included"
    else:
        message = "no `.dockerignore`: the first `COPY . .` would take `.git`, `.env` and virtual environments along"
    severe = worst.is_broad and not worst.image.development
    yield Finding.at(worst, message, severity="warning" if severe else "info")
