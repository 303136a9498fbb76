"""Health checks as they run: the programs of each way in which their test can pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dockerlint_fastapi.model.command import SHELLS, Argument, Program, Unknown
from dockerlint_fastapi.model.compose import Service
from dockerlint_fastapi.model.dockerfile import Healthcheck
from dockerlint_fastapi.model.environment.interpolation import render
from dockerlint_fastapi.model.health.probe import Probe, Requests
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.model.shell import Script, SimpleCommand
from dockerlint_fastapi.parsers.command import locator, programs_of, programs_of_script
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.parsers.request import File, Reader

Ways = tuple[tuple[Program, ...], ...]
_NOTHING: Ways = ((),)  # it passes without any program
_MOST = 16  # ways that are followed; no real test has more than three
_COMPARES = frozenset(("=", "==", "-eq"))


def probe_of_instruction(healthcheck: Healthcheck | None) -> Probe | None:
    """The test of a HEALTHCHECK; None for `HEALTHCHECK NONE`, and when there is no such instruction."""
    command = healthcheck.command if healthcheck is not None else None
    if command is None:
        return None
    if command.exec_form:
        return _of_words(tuple(Argument(word.value, word.text, word.span) for word in command.words), command.span)
    shell = command.shell[0].rpartition("/")[2] if command.shell else "sh"
    return _of_script(command.script, shell, command.span)


def probe_of_service(service: Service, image: Image | None) -> Probe | None:
    """The test that runs in a service: its own, else the image's; None when there is none, or it is switched off.
    `image` is None for one that is not built here.
    """
    check = service.healthcheck
    if check is None or (check.test is None and check.disabled is False):
        return image.probe if image is not None else None
    if check.disabled is not False or check.test is None:
        return None
    if check.form == "CMD":
        return _of_words(check.arguments, check.test.span)
    scalar = check.script_scalar
    if check.form != "CMD-SHELL" or scalar is None:
        return None
    from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - only tests in shell form need it

    rendered = render(scalar.text, service.lookup)
    shell = image.shell_program if image is not None else "sh"
    if not rendered.certain:
        return Probe(check.test.span, shell, (), None)
    script = parse_script(rendered.text, lambda start, end: scalar.locate(*rendered.origin(start, end)))
    return _of_script(script, shell, check.test.span)


def asking(container: Container) -> Probe | None:
    """The test of a container, able to say what it asks for with that container's variables and files."""
    test = container.probe
    if test is None:
        return None

    @cache
    def reader() -> Reader:
        from dockerlint_fastapi.parsers.request import Reader  # noqa: PLC0415 - only rules on what it asks need it

        return Reader(container.environment, lambda path: _file(container, path))

    @cache
    def asks() -> Requests:
        if test.script is not None and test.shell is not None:
            return reader().of_script(test.script, test.shell)
        return reader().of_program(test.programs[0]) if len(test.programs) == 1 else None

    def asks_of(program: Program) -> Requests:
        return reader().within(test.script).of_program(program)

    return test._replace(asks=asks, asks_of=asks_of)


def _file(container: Container, path: str) -> File | None:
    """A file of the container by a path in it, or one in its working directory; None also when it cannot be told."""
    place = container.place_of(path)
    found = container.file_at(place) if place is not None else None
    return None if isinstance(found, Unknown) else found


def _of_words(words: tuple[Argument, ...], span: Span) -> Probe:
    """A test in exec form: one program, or a script behind `sh -c`."""
    name = (words[0].value or "").rpartition("/")[2] if words else ""
    if name in SHELLS and len(words) > 2 and words[1].value == "-c" and words[2].value is not None:
        from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415 - only a few tests are written so

        return _of_script(parse_script(words[2].value, locator(words[2])), name, span)
    started = programs_of(words)
    return Probe(span, None, started, (started,) if len(started) == 1 else None)


def _of_script(script: Script | None, shell: str, span: Span) -> Probe:
    if script is None:
        return Probe(span, shell, (), None)
    return Probe(span, shell, programs_of_script(script, shell), _ways_of_script(script, shell), script)


def _ways_of_script(script: Script, shell: str) -> Ways | None:
    """The ways in which a script ends well. Its status is that of its last list; `exit` may end it before."""
    outer = [command for command in script.commands if "substitution" not in command.nesting]
    if script.problems or not outer or any(command.nesting for command in outer):
        return None
    early: list[tuple[Program, ...]] = []
    ways: list[tuple[Program, ...]] = []
    for pipelines in _lists(outer):
        ways = []
        for operator, pipeline in pipelines:
            status = _exit_status(pipeline, operator)
            if status == "unknown":
                return None
            if status == "good":
                if operator != "&&":
                    return _NOTHING
                early, ways = [*early, *ways], []
                continue
            one = () if status == "bad" else _ways_of_pipeline(pipeline, script, shell)
            ways = [(*way, *more) for way in ways for more in one] if operator == "&&" else [*ways, *one]
            if len(ways) + len(early) > _MOST:
                return None
    return (*early, *ways)


def _exit_status(pipeline: list[SimpleCommand], operator: str) -> str | None:
    """`good`, `bad` or `unknown` for an `exit` that ends the script; None for any other command."""
    command = pipeline[0]
    if len(pipeline) > 1 or command.name != "exit":
        return None
    argument = command.words[1] if len(command.words) > 1 else None
    if argument is None or argument.text in ("$?", '"$?"'):  # the status of what ran before it
        return {"||": "bad", "&&": "good"}.get(operator, "unknown")
    if argument.value is None or not argument.value.isdecimal():
        return "unknown"
    return "bad" if int(argument.value[:9]) % 256 else "good"


def _lists(commands: list[SimpleCommand]) -> Iterator[list[tuple[str, list[SimpleCommand]]]]:
    """The lists of a script: pipelines, each with the operator in front of it (`&&`, `||`, or "" for the first)."""
    current: list[tuple[str, list[SimpleCommand]]] = []
    for command in commands:
        if command.before in ("|", "|&") and current:
            current[-1][1].append(command)
        elif command.before in ("&&", "||") and current:
            current.append((command.before, [command]))
        else:
            if current:
                yield current
            current = [("", [command])]
    if current:
        yield current


def _ways_of_pipeline(pipeline: list[SimpleCommand], script: Script, shell: str) -> Ways:
    """What a pipeline needs: its last program, and those before it when that one fails on empty input."""
    last = pipeline[-1]
    if last.name in ("false", "return"):
        return ()
    if last.name in ("[", "test"):
        return _ways_of_test(last, script, shell)
    needed = pipeline if _fails_without_input(last) else pipeline[-1:]
    return _needed(needed, script, shell)


def _needed(commands: list[SimpleCommand], script: Script, shell: str) -> Ways:
    """One way: the programs of these commands. What starts several (a script behind `sh -c`) is left out."""
    needed: list[Program] = []
    for command in commands:
        alone = script._replace(commands=(command._replace(before="", after="", nesting=()),))
        started = programs_of_script(alone, shell)
        needed.extend(started if len(started) == 1 else ())
    return (tuple(needed),)


def _fails_without_input(command: SimpleCommand) -> bool:
    """`grep` finds nothing in what a missing program prints; `grep -v` and `-L`, and every other filter, may pass."""
    return (
        command.program in ("grep", "egrep", "fgrep") and command.has_flag("-v", "-L", "-c", "--invert-match") is False
    )


def _ways_of_test(test: SimpleCommand, script: Script, shell: str) -> Ways:
    """`[ "$(curl … )" = 200 ]` needs what is inside: nothing is not equal to a text that is not empty."""
    inner = [
        command
        for command in script.commands
        if "substitution" in command.nesting and test.span.start <= command.span.start < test.span.end
    ]
    if not inner:
        return _NOTHING
    words = [word for word in test.words[1:] if word.text != "]"]
    plain = len(words) == 3 and words[1].value in _COMPARES and any(word.value for word in (words[0], words[2]))
    piped = all(command.before in ("", "|") and command.nesting == ("substitution",) for command in inner)
    if not plain or not piped or inner[-1].program in ("wc", "echo", "printf"):
        return _NOTHING
    return _needed(inner[:1], script, shell)
