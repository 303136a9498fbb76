"""A health check's test: what it starts, and what must be there for it to pass."""

from __future__ import annotations

from collections.abc import Callable

from dockerlint_fastapi.model.command import Program, Value
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.health.probe_status import NeverFails
    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.shell import Script

# Where a shell looks programs up in the images that we know; of any other place nothing is known.
_ON_PATH = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")


class Request(NamedTuple):
    """One thing that a program asks of a server, with the place of each part. A part is None when it cannot be told.

    `scheme` is `http` or `https`, or `tcp` for a bare connection, which has neither path nor method. What the client
    takes by default (port 80, the path `/`, GET) has the origin "default" and no place; what a variable gives has the
    origin "environment".
    """

    program: Program | None  # what asks; None for the shell itself (`/dev/tcp/HOST/PORT`)
    span: Span  # the URL, or the words that name host and port
    scheme: str | None
    host: Value | None
    port: Value | None
    path: Value | None  # without query and fragment
    method: Value | None


Requests = tuple[Request, ...] | None


class Probe(NamedTuple):
    """The test of a HEALTHCHECK or of compose's `healthcheck`, as Docker runs it in the container.

    `ways` are the programs of each way in which it can pass: `wget … || curl …` has two, `curl … && python …` one of
    two programs, `curl … || true` also the empty one. None when they cannot be told.
    """

    span: Span
    shell: str | None  # the bare name of the shell that runs it; None when it starts one program directly
    programs: tuple[Program, ...]  # everything that it starts, in order
    ways: tuple[tuple[Program, ...], ...] | None
    script: Script | None = None  # what the shell runs, when it could be parsed
    # Both are questions for parsers, and for the environment of one container: the assembly fills them in.
    asks: Callable[[], Requests] = lambda: None
    asks_of: Callable[[Program], Requests] = lambda _program: None

    @property
    def requests(self) -> tuple[Request, ...] | None:
        """Everything that the test asks of a server over HTTP or by a bare connection, in order, in whichever branch.

        Empty when it asks nothing (`pgrep`, `celery inspect`); None when that cannot be told: a program that we cannot
        read, a script that nobody knows.
        """
        return self.asks()

    def unanswered(self, answered: Callable[[Request], bool | None]) -> tuple[Request, ...]:
        """The request at which each way to pass fails, one for each way; empty when the test may pass.

        `answered` says of one request whether something answers it; None when that cannot be told.
        """
        if self.ways == ((),) and not self.programs and self._only_opens:
            opened = self.requests or ()
            return opened[:1] if opened and all(answered(one) is False for one in opened) else ()
        found: dict[Span, Request] = {}
        for way in self.ways or ():
            refused = next((one for program in way if (one := self._refused(program, answered)) is not None), None)
            if refused is None:
                return ()
            found.setdefault(refused.span, refused)
        return tuple(found.values())

    @property
    def never_fails(self) -> NeverFails | None:
        """Why it passes although the server answers with an error; None when it may fail, or that cannot be told."""
        from dockerlint_fastapi.model.health.probe_status import never_fails  # noqa: PLC0415 - only one rule asks

        return never_fails(self)

    @property
    def _only_opens(self) -> bool:
        """Whether it does nothing but open bash's `/dev/tcp/HOST/PORT`, and end badly when that fails."""
        commands = self.script.commands if self.script is not None else ()
        return all(
            command.argv == ("exit", "1")
            or any(one.target is not None and "/dev/tcp/" in one.target.text for one in command.redirects)
            for command in commands
        )

    def _refused(self, program: Program, answered: Callable[[Request], bool | None]) -> Request | None:
        """The first request of a program none of whose requests is answered: it may try one after the other."""
        asked = self.asks_of(program) or ()
        return asked[0] if asked and all(answered(one) is False for one in asked) else None

    def lacks(self, image: Image) -> tuple[Lack, ...]:
        """What the image lacks so that the test can never pass: one thing for each way. Empty when it may pass."""
        if self.shell is not None and image.has(self.shell) is False:
            return (Lack(self.shell, self.span, is_shell=True),)
        found: list[Lack] = []
        for way in self.ways or ():
            missing = next((lack for program in way for lack in _lacks(program, image, self.span)), None)
            if missing is None:
                return ()
            found.append(missing)
        return tuple({lack.program: lack for lack in reversed(found)}.values())[::-1]


class Lack(NamedTuple):
    """A program, or a module of Python, that a test needs and its image does not have."""

    program: str
    span: Span  # where the test names it; the whole test for a wrapper and for the shell that is to run it
    is_shell: bool = False  # the shell that the test is to run in
    is_module: bool = False  # no program, but a module that it imports
    certain: bool = True


def _lacks(program: Program, image: Image, test: Span) -> list[Lack]:
    """Which of the programs of one call the image lacks: the wrappers in front of it, and itself."""
    found: list[Lack] = []
    for label in program.wrappers:
        # `python -m` stands for whichever interpreter was called.
        name = label.partition(" ")[0]
        if name not in ("python", "pypy") and image.has(name) is False:
            found.append(Lack(name, test))
    path = program.argv[0].value if program.argv else None
    module = program.wrappers[-1:] == ("python -m",)
    if path is None or module or not program.name:
        return found
    folder = path.rpartition("/")[0]
    if ("/" not in path or folder in _ON_PATH) and image.has(program.name) is False:
        found.append(Lack(program.name, program.argv[0].span))
    if not found and any("import" in (one.value or "") for one in program.argv):
        from dockerlint_fastapi.model.health.probe_imports import unimportable  # noqa: PLC0415 - few tests import

        missing = unimportable(program, image)
        if missing is not None:
            found.append(Lack(missing[0], missing[1].span, is_module=True, certain=missing[2]))
    return found
