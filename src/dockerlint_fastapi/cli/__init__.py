"""The command line: the only part that prints, reads standard input or exits.

`outcome` holds the exit codes. Each command is a module of its own, imported when it is called. Nothing else of this
package is imported at the top: `main` first sees to it that imports take the short way.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# The commands, in the order in which they are listed: the module and the function of each.
COMMANDS = {
    "check": ("check", "check"),
    "show": ("show", "show"),
    "rules": ("catalogue", "list_rules"),
    "rule": ("catalogue", "explain"),
    "fleet": ("fleet", "fleet"),
    "init": ("init", "init"),
    "cache": ("cleaning", "cache"),
    "completion": ("completion", "completion"),
    "test": ("examples", "run_examples"),
}


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and gives its exit code. Nothing but the code comes out of it, whatever happens."""
    from dockerlint_fastapi.cli.outcome import FAILURE, INTERRUPTED, Interrupted  # noqa: PLC0415 - see above
    from dockerlint_fastapi.cli.output import complain  # noqa: PLC0415 - likewise

    try:
        return _run(arguments)
    except (KeyboardInterrupt, Interrupted):
        return INTERRUPTED
    except OSError as error:
        # a full disk, a terminal that went away
        from contextlib import suppress  # noqa: PLC0415 - takes a millisecond, and is seldom needed

        with suppress(OSError):
            complain(f"{error.filename or 'output'}: {error.strerror or error}")
        return FAILURE


def _run(arguments: Sequence[str] | None) -> int:
    from dockerlint_fastapi.cli.outcome import FAILURE, Interrupted, Stop  # noqa: PLC0415 - see above
    from dockerlint_fastapi.cli.output import complain  # noqa: PLC0415 - likewise
    from dockerlint_fastapi.config import ConfigError  # noqa: PLC0415 - likewise
    from dockerlint_fastapi.rule import RuleError  # noqa: PLC0415 - likewise

    try:
        code = _dispatch(sys.argv[1:] if arguments is None else arguments)
    except (Stop, ConfigError, RuleError) as error:
        complain(str(error))
        return FAILURE
    except (KeyboardInterrupt, Interrupted, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        from dockerlint_fastapi.cli.faults import internal  # noqa: PLC0415

        internal(error, "")
        return FAILURE
    return code if isinstance(code, int) else 0


def _dispatch(arguments: Sequence[str]) -> object:
    """The exit code of a command line, or what its command returns: a plain `dlf check` is read without click."""
    if os.name != "nt" and "_DLF_COMPLETE" not in os.environ:  # Windows: click expands `*` itself
        if arguments[:1] == ["check"]:
            from dockerlint_fastapi.cli.check import check  # noqa: PLC0415

            given = check.read(arguments[1:])
            if given is not None:
                return check(**given)
        elif arguments in (["--version"], ["-V"]):
            from dockerlint_fastapi import __version__  # noqa: PLC0415 - see above
            from dockerlint_fastapi.cli.output import write  # noqa: PLC0415 - likewise

            write(sys.stdout, f"dlf {__version__}\n")
            return 0
    from dockerlint_fastapi.cli import group  # noqa: PLC0415

    return group.run(list(arguments))


def main() -> None:
    """The program `dlf`."""
    # only the program may set how its process imports and collects
    import gc  # noqa: PLC0415

    from dockerlint_fastapi import bytecode, expressions, late  # noqa: PLC0415

    linting = sys.argv[1:2] == ["check"] and not {"-h", "--help"}.intersection(sys.argv)
    if linting:
        late.hasten()
    ends = [bytecode.hasten(whole=linting), expressions.hasten(whole=linting)]

    # A run makes next to no garbage in circles: what it builds is modules and a model that live to its end. Looking
    # through them again and again, and once more when the interpreter ends, takes an eighth of the time of linting one
    # Dockerfile. A long run is still collected now and then.
    gc.set_threshold(50_000, 20, 20)
    code = run()
    for end in ends:
        end()
    gc.freeze()
    if not _watched():
        _leave(code)
    sys.exit(code)


def _watched() -> bool:
    """Whether somebody else has a part in this process: a debugger, a profiler, a thread."""
    others = sys.gettrace() is not None or sys.getprofile() is not None or "threading" in sys.modules
    return others or bool(sys.flags.interactive or os.environ.get("PYTHONINSPECT"))


def _leave(code: int) -> None:
    """Ends the process without taking its modules apart, which is a thirtieth of a run. Returns when something of its
    output is still to be written and cannot be: Python knows what to say then.
    """
    import atexit  # noqa: PLC0415

    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to it
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)
    except (OSError, ValueError):
        pass
