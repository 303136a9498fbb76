"""Connection settings that do not fit the database that they lead to."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container

NOTES = {
    "user": "the user is made by this",
    "password": "the password is set by this",
    "database": "the database is made by this",
    "port": "this port is one of the host",
}


def check(container: Container) -> Iterator[Finding]:
    probe = container.strange_probe_account
    if probe is not None:
        message = f"the health check logs in as `{probe.user}`, whom this database does not have: it never succeeds"
        help_ = "log in as the account that the database makes, or ask `pg_isready`"
        yield Finding.at(probe.span, message, help=help_).note(probe.other, NOTES["user"])
    for one in container.mismatches:
        name, service = one.part.name, one.service.name
        if one.what == "port":
            message = (
                f"`{name}` has the port that `{service}` publishes on the host: in its network it listens at {one.port}"
            )
        elif one.what == "database":
            message = (
                f"the database in `{name}` is not the one that `{service}` makes, so that there is none to connect to"
            )
        else:
            message = f"the {one.what} in `{name}` is not the one that `{service}` is set up with: the login fails"
        default = f"`{service}` sets none, so that the image takes its default"
        note = default if one.other == one.service.span else NOTES[one.what]
        finding = Finding.at(one.part.span, message).note(one.other, note)
        if one.endpoint.variable.origin == "env_file":
            finding = finding.note(container, "the environment of this service comes from there")
        change = None
        if one.what == "port":
            plain = one.part.span.text == one.part.value and not one.part.span.source.private
            change = Edit(one.part.span, str(one.port)) if plain else None
        elif one.other != one.service.span:
            change = edits.services.agreed(one.part, one.other)
        yield finding.fixed_by(f"take the {one.what} of `{service}`", change, safe=False, names="here")
