"""Connection settings that do not fit the database that they lead to."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding, edits
from dockerlint_fastapi.model import Container
from dockerlint_fastapi.model.services.database_account import Mismatch

NOTES = {
    "user": "the user is made by this",
    "password": "the password is set by this",
    "database": "the database is made by this",
    "none": "the password is set by this",
    "port": "this port is one of the host",
}


def check(container: Container) -> Iterator[Finding]:
    probe = container.strange_probe_account
    if probe is not None:
        message = f"the health check logs in as `{probe.user}`, whom this database does not have: it never succeeds"
        help_ = "log in as the account that the database makes, or ask `pg_isready`"
        yield Finding.at(probe.span, message, help=help_).note(probe.other, NOTES["user"])
    for one in container.mismatches:
        service = one.service.name
        default = f"`{service}` sets none, so that the image takes its default"
        note = default if one.other == one.service.span else NOTES[one.what]
        advice = "write the password in the URL: `redis://:PASSWORD@HOST:6379`" if one.what == "none" else None
        finding = Finding.at(one.part.span, _message(one), help=advice).note(one.other, note)
        if one.endpoint.variable.origin == "env_file":
            finding = finding.note(container, "the environment of this service comes from there")
        yield finding.fixed_by(f"take the {one.what} of `{service}`", _change(one), safe=False, names="here")


def _message(one: Mismatch) -> str:
    name, service = one.part.name, one.service.name
    if one.what == "port":
        return f"`{name}` has the port that `{service}` publishes on the host: in its network it listens at {one.port}"
    if one.what == "none":
        name = one.endpoint.variable.name
        return f"`{name}` has no password, and `{service}` asks for one: it answers nothing but `NOAUTH`"
    if one.what == "database":
        return f"the database in `{name}` is not the one that `{service}` makes, so that there is none to connect to"
    return f"the {one.what} in `{name}` is not the one that `{service}` is set up with: the login fails"


def _change(one: Mismatch) -> Edit | None:
    """What makes the part what the service has; None where that cannot be written there."""
    if one.what == "port":
        plain = one.part.span.text == one.part.value and not one.part.span.source.private
        return Edit(one.part.span, str(one.port)) if plain else None
    known = one.what != "none" and one.other != one.service.span
    return edits.services.agreed(one.part, one.other) if known else None
