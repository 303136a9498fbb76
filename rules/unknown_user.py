"""A user or group that nobody made when it is used."""

from collections.abc import Iterator

from dockerlint_fastapi import Edit, Finding
from dockerlint_fastapi.model import Stage, User


def check(stage: Stage) -> Iterator[Finding]:
    """Speaks of the name, where the base image is known and everything that might make an account was understood."""
    for account in stage.unknown_accounts:
        what = f"{account.kind} `{account.name}`"
        if isinstance(account.instruction, User):
            message = f"no {what} exists here: the next `RUN` fails, and so does the start of the container"
        else:
            message = f"no {what} exists here: the build stops, since it cannot look up its number"
        near = f"; `{account.near}` is probably meant" if account.near else ""
        finding = Finding.at(account.span, message + near).note(account.later, "it is made only here")
        literal = account.near is not None and account.span.text == account.name
        change = Edit(account.span, account.near or "") if literal else None
        yield finding.fixed_by(f"write `{account.near}`", change, safe=False, names=("user", "steps"))
