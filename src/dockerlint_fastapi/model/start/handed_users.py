"""Programs that root starts and that are told which user to become: by an option (`server --run-as-user app`), or by a
variable that a start script looks for (`PUID`).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.container import Container

# The words of an option that names a user to change to; `--db-user` has others.
_SAYS_USER: Final = frozenset(("user", "username", "uid", "setuid", "setuser"))
_SAYS_AS: Final = _SAYS_USER | {"as"}  # `--run-as`
_AROUND: Final = frozenset(
    ("as", "change", "drop", "privileges", "process", "run", "set", "switch", "to", "unprivileged")
)
# As a command of a script; `sudo` and `su` start services as well.
_CHANGES: Final = r"(?m)^[ \t]*(?:exec[ \t]+)?(?:gosu|su-exec|setpriv|runuser|s6-setuidgid|chpst|setuidgid|fixuid)[ \t]"


def may_be_given_one(container: Container) -> bool:
    """Whether a start script changes the user in a branch that is not taken by what is known here: whoever starts the
    container decides.
    """
    return any(re.search(_CHANGES, step.script.placed.text) for step in container.way)


def is_handed_its_user(container: Container) -> bool:
    """Whether an option of the program has the value of a user that the build makes: it starts as root to become that
    one by itself (`setuid`).
    """
    program, image = container.program, container.image
    made = image.stage.made_user if program is not None and image is not None else None
    if program is None or made is None:
        return False
    words = [one.value or "" for one in program.argv]
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        given = value if equals else words[at + 1] if at + 1 < len(words) else ""
        if given.partition(":")[0] == made.name and option.startswith("--") and _names_user(option):
            return True
    return False


def _names_user(option: str) -> bool:
    said = set(re.split(r"[-_.]", option.lstrip("-").lower()))
    return not said.isdisjoint(_SAYS_AS) and said <= _SAYS_USER | _AROUND
