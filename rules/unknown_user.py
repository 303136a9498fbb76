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
        elif account.instruction.flag("link") is not None:  # there are no accounts to look into
            message = f"no {what} exists here: the build stops, since it cannot look up its number"
        else:
            done = "passes over it" if account.kind == "group" else "gives the files to root"
            message = f"no {what} exists here: BuildKit {done}, and other builders stop"
        near = f"; `{account.near}` is probably meant" if account.near else ""
        mild = not isinstance(account.instruction, User) and account.instruction.flag("link") is None
        finding = Finding.at(account.span, message + near, severity="warning" if mild else None)
        finding = finding.note(account.later, "it is made only here").note(account.given, "named here, too")
        literal = account.near is not None and account.span.text == account.name
        change = Edit(account.span, account.near or "") if literal else None
        yield finding.fixed_by(f"write `{account.near}`", change, safe=False, names=("user", "steps"))
