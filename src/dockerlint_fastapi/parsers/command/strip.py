"""A wrapper's own words, by its table: options, operands, assignments, and where the program behind it begins."""

from __future__ import annotations

from collections.abc import Mapping

from dockerlint_fastapi.model.command import Argument
from dockerlint_fastapi.parsers.command.places import rest_of
from dockerlint_fastapi.parsers.command.way import Walk, assigned_name, bare
from dockerlint_fastapi.parsers.wrappers import Wrapper
from dockerlint_fastapi.record import NamedTuple


class Inline(NamedTuple):
    """A wrapper's program given as one string, and the shell that runs it."""

    argument: Argument
    shell: str


def strip_wrapper(walk: Walk, name: str, wrapper: Wrapper) -> bool | Inline | None:
    """Moves past a wrapper. True when a module's name follows, False when a program does, None if it is unreadable."""
    arguments = walk.arguments
    at = walk.at + 1
    label = name
    seen: dict[str, Argument | None] = {}
    general: dict[str, Argument | None] = {}
    while wrapper.subcommands is not None:
        past = past_options(arguments, at, wrapper)
        if past is None or past[0] >= len(arguments):
            return None
        general.update(past[1])
        subcommand = arguments[past[0]].value
        inner = wrapper.subcommands.get(subcommand or "")
        if inner is None:
            return None
        label = f"{label} {subcommand}"
        wrapper, at = inner, past[0] + 1
    if wrapper.dashes:
        behind = _behind_dashes(arguments, at)
        if behind is None:
            if wrapper.command:
                past = past_options(
                    arguments, at, wrapper._replace(any_valued=True, valued=frozenset({wrapper.command}))
                )
                held = past[1].get(wrapper.command) if past else None
                if held is not None:
                    walk.wrappers.append(label)
                    walk.opaque()
                    return Inline(held, "sh")
            return None
        at = behind
    else:
        past = past_options(arguments, at, wrapper)
        if past is None:
            return None
        at, seen = past
        inline = _user_command(walk, label, wrapper, at, seen)
        if inline is not None or (wrapper.command and label == "su"):
            return inline
        # With --user the program follows; without it, runuser's first word is the user of a login shell.
        if label == "runuser" and not {"-u", "--user"} & seen.keys():
            return None
        at += wrapper.operands
    assigned: list[tuple[Argument, str]] = []
    if wrapper.assigns:
        while at < len(arguments):
            variable = assigned_name(arguments[at])
            if variable is None:
                break
            assigned.append((arguments[at], variable))
            at += 1
    if at >= len(arguments):
        return None
    if wrapper.clears_with & seen.keys():
        walk.clear()
    if wrapper.opaque or wrapper.opaque_with & seen.keys():
        walk.opaque()
    for option in ("-u", "--unset"):
        removed = seen.get(option)
        if name == "env" and option in seen:
            if removed is None or removed.value is None:
                walk.opaque()
            else:
                walk.environment[removed.value] = (None, removed.span)
    for word, variable in assigned:
        walk.assign(word, variable)
    _move(walk, name, {**general, **seen})
    walk.wrappers.append(label)
    walk.at = at
    if label == "hatch run":
        arguments[at] = _behind_colon(arguments[at])
    return wrapper.python and not {"-m", "--module"}.isdisjoint(seen)


# The options by which a wrapper starts its program in another directory.
_DIRECTORY_OPTIONS = {
    "env": ("-C", "--chdir"),
    "poetry": ("-C", "--directory"),
    "sudo": ("-D", "--chdir"),
    "uv": ("--directory",),
}


def _move(walk: Walk, name: str, seen: Mapping[str, Argument | None]) -> None:
    for option in _DIRECTORY_OPTIONS.get(name, ()):
        if option in seen:
            value = seen[option]
            walk.moves = (*walk.moves, value.value if value is not None else None)
            return


def _user_command(
    walk: Walk, label: str, wrapper: Wrapper, at: int, seen: Mapping[str, Argument | None]
) -> Inline | None:
    """`su user -c "…"`: options may stand behind the user too. None when there is no command to be told."""
    if not wrapper.command:
        return None
    arguments = walk.arguments
    if at < len(arguments):
        rest = past_options(arguments, at + 1, wrapper)
        if rest is None:
            return None
        seen = {**seen, **rest[1]}
    held = next((seen[option] for option in ("-c", "--command", "--session-command") if option in seen), None)
    if held is None:
        return None
    shell = next((seen[option] for option in ("-s", "--shell") if option in seen), None)
    walk.wrappers.append(label)
    if not {"-", "-l", "--login"}.isdisjoint(seen):
        walk.opaque()  # a login shell starts from another environment and reads profiles
    return Inline(held, bare(shell.value) if shell is not None and shell.value else "sh")


def past_options(arguments: list[Argument], at: int, wrapper: Wrapper) -> tuple[int, dict[str, Argument | None]] | None:
    """Where the options that begin at `at` end, and which were seen with which value; None when that cannot be told."""
    seen: dict[str, Argument | None] = {}
    while at < len(arguments):
        argument = arguments[at]
        value = argument.value
        if value is None:
            # It may be an option, several, or the program itself, unless there are no options (gosu, su-exec).
            known = not _may_hide_options(argument) or not (wrapper.flags or wrapper.valued or wrapper.any_valued)
            return (at, seen) if known else None
        if value == "--":
            return at + 1, seen
        if not value.startswith("-") or (value == "-" and "-" not in wrapper.flags):
            return at, seen
        if value in wrapper.unreadable:
            return None
        if value in wrapper.flags:
            seen[value] = None
            at += 1
            continue
        if value in wrapper.valued:
            if at + 1 >= len(arguments):
                return None
            seen[value] = arguments[at + 1]
            at += 2
            continue
        name, equals, text = value.partition("=")
        if equals and (value.startswith("--") or name in wrapper.valued):
            seen[name] = Argument(text, argument.text, argument.span)
            at += 1
            continue
        if value.startswith("--"):
            if not wrapper.any_valued or at + 1 >= len(arguments):
                return None
            seen[value] = arguments[at + 1]
            at += 2
            continue
        step = _cluster(arguments, at, wrapper, seen)
        if step is None:
            return None
        at += step
    return at, seen


def _may_hide_options(argument: Argument) -> bool:
    """Whether a word that cannot be told may be anything but the program: `$OPTIONS` may, `/opt/$X/bin/uvicorn` not."""
    return argument.text.lstrip("\"'").startswith(("$", "`"))


def _cluster(arguments: list[Argument], at: int, wrapper: Wrapper, seen: dict[str, Argument | None]) -> int | None:
    """How many words a group of short options (`-gv`, `-n10`) takes; None when one is not known."""
    argument = arguments[at]
    value = argument.value or ""
    for place in range(1, len(value)):
        option = "-" + value[place]
        if option in wrapper.unreadable:
            return None
        if option in wrapper.valued:
            attached = value[place + 1 :]
            if attached:
                seen[option] = Argument(attached, argument.text, argument.span)
                return 1
            if at + 1 >= len(arguments):
                return None
            seen[option] = arguments[at + 1]
            return 2
        if option not in wrapper.flags:
            # `nice -10`
            return 1 if value[1:].isdecimal() else None
        seen[option] = None
    return 1


def _behind_dashes(arguments: list[Argument], at: int) -> int | None:
    """The place behind the first literal `--`; or of the first word, when that is no option."""
    for place in range(at, len(arguments)):
        if arguments[place].value == "--":
            return place + 1 if place + 1 < len(arguments) else None
    return None


def _behind_colon(argument: Argument) -> Argument:
    """`uvicorn` of hatch's `prod:uvicorn`, environment and program."""
    colon = (argument.value or "").find(":")
    return argument if colon < 0 else rest_of(argument, colon + 1)
