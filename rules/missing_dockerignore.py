"""A build context without a `.dockerignore`."""

from collections.abc import Iterator

from dockerlint_fastapi import Creation, Finding
from dockerlint_fastapi.model import BuildContext


def check(context: BuildContext) -> Iterator[Finding]:
    """Speaks once for each build context: of what takes the most from it."""
    taken = [one for one in context.unfiltered if one.is_broad or one.image.python]
    worst = min(
        taken, key=lambda one: (bool(one.image.development), not one.is_broad, one.reach == "file"), default=None
    )
    if worst is None:
        return
    lies = "`.env` and " + ("virtual environments" if worst.image.python else "installed packages")
    if not context.path:
        lies = f"`.git`, {lies}"
    if worst.reach == "context":
        message = f"no `.dockerignore`: this copies all of the build context, {lies} included"
    elif worst.hidden:
        message = f"no `.dockerignore`: this copies all of `{worst.word.text}`, hidden files such as `.env` included"
    elif worst.reach == "folder":
        message = f"no `.dockerignore`: this copies all of `{worst.word.text}`, caches and forgotten files included"
    else:
        message = f"no `.dockerignore`: only these files are copied now, but a `COPY . .` would take {lies} along"
    severe = worst.is_broad and not worst.image.development
    narrow = not worst.hidden and worst.reach != "context"
    finding = Finding.at(
        worst,
        message,
        severity="warning" if severe else "info",
        in_guide="info" if narrow and not severe else None,
        pedantic=narrow and not severe,
    )
    finding = finding.note(context.stray(worst), f"nothing reads this one: the context is `{context.path or '.'}`")
    yield mended(finding, context)


def mended(finding: Finding, context: BuildContext) -> Finding:
    """The finding with a file that leaves out what no image needs."""
    new = context.proposal
    return finding.fixed_by(f"make `{new.path}`", Creation(new.path, new.text), safe=new.harmless) if new else finding
