"""A server or worker that runs as root."""

from collections.abc import Iterator

from dockerlint_fastapi import Finding
from dockerlint_fastapi.model import Container


def check(container: Container) -> Iterator[Finding]:
    """Speaks of the user that is set last, in compose or by USER, or of the FROM whose own user nobody changes."""
    image, account, program = container.image, container.account, container.program
    if image is None or program is None or account is None or not account.is_root:
        return
    if not container.long_running or container.python is False:
        return
    if container.development or container.drops_privileges is not False:
        return
    message = f"`{program.name}` runs as root: whoever breaks into it may write and install anything in the container"
    if account.span is not None:
        finding = Finding.at(account.span, message)
        own = image.user
        if own is not None and own.user.span != account.span:
            finding = finding.note(own.user, f"the image itself would start as `{own.user.text}`")
        yield finding
        return
    finding = Finding.at(image.stage.from_.image, f"no `USER` follows, so {message}")
    made = image.stage.made_user
    yield finding.note(made and made.span, f"`{made.name}` is made here, but no `USER` switches to it" if made else "")
