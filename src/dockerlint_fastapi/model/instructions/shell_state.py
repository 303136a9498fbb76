"""What a RUN does to its shell alone, and is lost when that shell ends: a directory, a variable, an activation."""

from __future__ import annotations

import re

from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from dockerlint_fastapi.model.dockerfile import Run
    from dockerlint_fastapi.model.shell import SimpleCommand
    from dockerlint_fastapi.source import Span

_PLAIN: Final = frozenset(("cd", "pushd", "popd", "export", "alias", "unalias", "ulimit", "umask", "unset"))
_QUIET: Final = frozenset((":", "true", "set", "shopt"))  # they change nothing outside either, and are no fault alone
# Files that only set variables of the shell that reads them.
_SETTINGS: Final = (
    r"(?:.*/)?(?:activate|\.bashrc|\.bash_profile|\.bash_aliases|\.profile|\.zshrc|profile|bashrc|nvm\.sh|conda\.sh|"
    r"\.?env|[\w.-]+\.env|environment)\Z"
)


class LostState(NamedTuple):
    """What is lost of a RUN. `kind` is `activate`, `cd`, `export` (variables) or `other`; `whole` tells that the RUN
    does nothing else, so that it is without any effect.
    """

    kind: str
    command: SimpleCommand
    span: Span
    whole: bool

    @property
    def lasting(self) -> str | None:
        """The instruction that does what was meant for good: WORKDIR, ENV, or a PATH that begins with the environment;
        None when that cannot be told.
        """
        words = [word.value for word in self.command.words]
        if None in words or self.command.redirects or self.command.before or self.command.after or self.command.nesting:
            return None
        match self.kind, words:
            case "cd", [_, str(place)] if re.fullmatch(r"[\w./-]+", place):
                return f"WORKDIR {place}"
            case "export", ["export", *pairs]:
                texts = [str(one) for one in pairs]
                plain = texts and all(re.fullmatch(r"\w+=[\w./:-]+", one) for one in texts)
                return f"ENV {' '.join(texts)}" if plain else None
            case "activate", [_, str(path)] if re.fullmatch(r"/[\w./-]+/bin/activate", path):
                return f'ENV PATH="{path.removesuffix("/activate")}:$PATH"'
        return None


def lost_state(run: Run) -> LostState | None:
    """What a RUN sets at its end for nobody; None when something comes behind it, or that cannot be told."""
    shell = run.command.shell
    if run.command.exec_form or any(one in ("-l", "--login", "-lc", "-i", "-ic", "-lic") for one in shell[1:]):
        return None
    script = run.command.script
    if script is None or script.problems:
        return None
    commands = [one for one in script.commands if "substitution" not in one.nesting]
    last: list[tuple[SimpleCommand, str]] = []
    for command in reversed(commands):
        kind = _kind(command)
        if kind is None:
            break
        last.append((command, kind))
    told = [one for one in reversed(last) if one[1] != "quiet"]
    if not told:
        return None
    whole = len(last) == len(commands)
    # The one that was meant to last: an activation before a directory, the last of equals.
    ranked = ("activate", "export", "cd", "other")
    command, kind = min(reversed(told), key=lambda one: ranked.index(one[1]))
    if not whole and kind == "other":
        return None
    return LostState(kind, command, command.span, whole)


def _kind(command: SimpleCommand) -> str | None:
    """What a command does to the shell; None when it does, or may do, anything else."""
    if command.nesting or command.after in ("|", "|&", "&") or command.before in ("|", "|&", "||"):
        return None
    if any(one.operator not in ("<", "<&") and _keeps(one.target) for one in command.redirects):
        return None
    if not command.words:
        return "export" if command.assignments and not command.redirects else None
    name = command.name
    if name in ("source", "."):
        return "activate" if _sets_only(command) else None
    if name in ("conda", "mamba", "micromamba", "pyenv", "nvm") and command.argv[1:2] in (
        ("activate",),
        ("shell",),
        ("use",),
    ):
        return "activate"
    if name in _QUIET:
        return "quiet"
    if name not in _PLAIN:
        return None
    return "cd" if name in ("cd", "pushd", "popd") else "export" if name in ("export", "unset") else "other"


def _keeps(target: object) -> bool:
    value = getattr(target, "value", None)
    return value not in ("/dev/null", "1", "2")


def _sets_only(command: SimpleCommand) -> bool:
    if len(command.words) < 2:
        return False
    text = command.words[1].text.strip("\"'")
    return re.match(_SETTINGS, text) is not None
