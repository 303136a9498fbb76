"""Options that the server does not have."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.start.misread_options import MisreadOption


def check(container: Container) -> Iterator[Finding]:
    """Speaks of each option that is certainly refused, or read otherwise than it was meant."""
    server = container.server
    if server is None:
        return
    name = " ".join(filter(None, (server.kind, server.subcommand)))
    for one in server.misread_options:
        what, instead = _said(one, name)
        severity = "warning" if server.program.conditional else None
        finding = Finding.at(one.span, what, severity=severity, help=instead)
        known = one.kind in ("foreign", "misspelt", "import-string")
        yield finding.fixed_by(
            f"write `{one.meant}`",
            edits.options.meant(server, one) if known else None,
            reveals=True,
            names=("here", "command", "server"),
        )


def _said(one: MisreadOption, name: str) -> tuple[str, str]:
    end = ": it exits with status 2"
    match one.kind:
        case "valued":
            return f"`{one.written}` of `{name}` takes no value{end}", "leave out the value"
        case "quoted":
            what = f"the quotes are part of the value: `{name}` gets `{one.written}`, for no shell takes them away"
            return what, "leave out the inner quotes"
        case "import-string":
            what = f"`{one.written}` is no path, which `{name}` wants: it finds no such file and exits"
            return what, f"write `{one.meant}`, or `--entrypoint {one.written}`"
        case "ambiguous":
            return f"`{one.written}` may stand for several options of `{name}`{end}", "write the option in full"
        case "development":
            what = f"`{name}` has no option `{one.written}`, only `fastapi run` has{end}"
            return what, "start `fastapi run` in production, and leave the option out in development"
        case "misspelt":
            return f"`{name}` has no option `{one.written}`; it is called `{one.meant}`{end}", f"write `{one.meant}`"
    what = f"`{name}` has no option `{one.written}`{end}"
    return what, f"write `{one.meant}`" if one.meant else f"leave it out: `{name}` has nothing of the kind"
