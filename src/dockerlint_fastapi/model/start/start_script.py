"""Scripts of the project that stand between a container's command and its program."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import SIGNAL_GROUPS, Program
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.shell import Script, SimpleCommand
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

# Commands that send no signal to anybody.
_HANDS_NOTHING_ON = frozenset((":", "echo", "exit", "printf", "return", "sleep", "true", "wait"))
# Commands that are meant for when the program has ended, or that say so.
_AT_THE_END = _HANDS_NOTHING_ON | frozenset(("cat", "kill", "logger", "pkill", "rm", "set", "test", "trap", "["))

# They run a string by a shell of the user's, and wait for it.
_OTHER_USER = frozenset(("su", "runuser"))


class StartScript(NamedTuple):
    """A shell script that runs on the way to the program, and the program that ran it.

    `script` is the part of it that runs, as far as that can be told: branches that its arguments and the environment
    rule out are left out, functions stand where they are called. Its spans are places in the script's own file, or
    in the instruction that writes it; those of arguments are where the arguments are written.
    """

    placed: Placed
    script: Script
    shell: str  # the bare name of the shell that runs it, by the command or the shebang
    runner: Program
    sourced: bool  # read by the shell of another script (`. ./env.sh`), without a process of its own

    @property
    def deaf_trap(self) -> Span | None:
        """The `trap` for SIGTERM that hands the signal on to nobody, where the script waits for what it has in the
        background; None when there is none, or its handler calls what dlf does not know.
        """
        traps = [one for one in self.script.commands if one.program == "trap"]
        if len(traps) != 1 or not any(one.program == "wait" for one in self.script.commands):
            return None
        words = traps[0].arguments
        signals = {(word.value or "").upper().removeprefix("SIG") for word in words[1:]}
        handler = words[0].value if words else None
        if handler is None or handler == "-" or signals.isdisjoint(("TERM", "15")):
            return None
        body = self._body(handler.strip())
        parts = [part.strip() for part in re.split(r"[;\n&|]+", body)]
        programs = {part.split()[0] for part in parts if part and not part.startswith("#")}
        return traps[0].span if programs <= _HANDS_NOTHING_ON else None

    @property
    def alone_behind(self) -> bool:
        """Whether it has no more than one program in the background."""
        return sum(one.after == "&" for one in self.script.commands) < 2

    @property
    def hears_nothing(self) -> bool:
        """Whether the script ends by waiting for what it has in the background, and no `trap` stands anywhere in it, so
        that nobody hands a signal on: the first process of a container is spared those that it does not handle.
        """
        commands = self.script.commands
        if "trap" in self.placed.text or any(one.program in (".", "source", "eval", "fg") for one in commands):
            return False
        last = next((at for at in range(len(commands) - 1, -1, -1) if commands[at].program == "wait"), None)
        if last is None or not {"function", "group"}.issuperset(commands[last].nesting):
            return False
        return all(one.program in _HANDS_NOTHING_ON for one in commands[last:])

    def _body(self, handler: str) -> str:
        """What a handler runs: the lines of the function that it names, else itself."""
        text = self.placed.text
        if not handler.isidentifier():
            return handler
        begin = re.search(rf"(?m)^[ \t]*(?:function[ \t]+{handler}\b|{handler}[ \t]*\()[^\n{{]*\n?[ \t]*\{{", text)
        end = re.search(r"(?m)^[ \t]*\}", text[begin.end() :]) if begin is not None else None
        return text[begin.end() : begin.end() + end.start()] if begin is not None and end is not None else handler


class Passed(NamedTuple):
    """One script on the way to a program: what it starts there, and where.

    `program` is what the call starts: the next script's runner, or the program itself; its `execs` and `shell` are
    those of this call. `call` is where the command is written, None for `command` where it cannot be told which it is.
    """

    script: StartScript
    call: Span
    command: SimpleCommand | None
    program: Program

    @property
    def stays(self) -> bool:
        """Whether the script's shell is still there when the program runs, and gets the signals in its place."""
        return not self.program.execs and self.program.name not in (".", "source")

    @property
    def in_string(self) -> bool:
        """Whether the shell that stays is one of the script's own `sh -c "…"`."""
        return self.program.wrappers[len(self.script.runner.wrappers) :] != () and any(
            one.endswith(" -c") for one in self.program.wrappers[len(self.script.runner.wrappers) :]
        )

    @property
    def waiting(self) -> str | None:
        """The launcher in the script's own command that would keep the signals to itself: `hatch run`."""
        inside = self.program.wrappers[len(self.script.runner.wrappers) :]
        return self.program.waiting if self.program.waiting in inside else None

    @property
    def by_su(self) -> bool:
        """Whether the script's shell is turned into `su`, which runs the program by a string (`exec su app -c "…"`)."""
        inside = self.program.wrappers[len(self.script.runner.wrappers) :]
        first = self.command.words[0].value if self.command is not None and self.command.words else None
        return first == "exec" and not _OTHER_USER.isdisjoint(inside)

    @property
    def in_group(self) -> bool:
        """Whether a manager runs it that sends signals to all processes of the group: the shell, and the program."""
        return not SIGNAL_GROUPS.isdisjoint(self.program.wrappers)

    @property
    def in_argument(self) -> bool:
        """Whether that string is an argument of the script (`exec "$@"`), written where the container is started."""
        where = self.program.span
        within = where.source is self.call.source and self.call.start <= where.start < self.call.end
        return self.in_string and not within

    @property
    def following(self) -> SimpleCommand | None:
        """A command of the script that comes behind the program and does not look as if it were meant to wait for its
        end; None where it runs beside the program, or nobody knows whether it runs.
        """
        command = self.command
        if command is None or self.program.last or self.program.background or self.in_string:
            return None
        if command.after != ";" or command.nesting or self.script.script.commands[-1] is command:
            return None
        behind = (one for one in self.script.script.commands if one.span.start >= command.span.end)
        found = next((one for one in behind if one.span.source is command.span.source), None)
        plain = found is not None and not found.nesting and (found.program or "") and found.program not in _AT_THE_END
        return found if plain else None

    @property
    def may_exec(self) -> bool:
        """Whether `exec` in front of the command changes nothing but who gets the signals: nothing comes behind it, and
        no `trap` waits for the script's end. Where a launcher would get them (`exec hatch run …`), nothing is gained.
        """
        command = self.command
        if command is None or not self.program.last or self.in_string or command.assignments or self.waiting:
            return False
        plain = command.after in ("", ";") and command.before not in ("|", "|&")
        # "if" stands for any branch or loop of which it is not known whether it is taken.
        plain = plain and {"negated", "subshell", "if"}.isdisjoint(command.nesting)
        written = self.call.text.startswith((command.words[0].text, '"$@"'))
        return plain and written and not any(one.program == "trap" for one in self.script.script.commands)
