"""make: what the targets run that a container has it make (GNU make, "How to Run make")."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.command import Unknown
from dockerlint_fastapi.model.context.passage import place_of
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from dockerlint_fastapi.model.command import Program
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.parsers.makefile import Makefile
    from dockerlint_fastapi.source import Span

_NAMES: Final = ("GNUmakefile", "makefile", "Makefile")  # in the order in which it looks for them
_PLAIN: Final = frozenset("-s --silent --quiet -B --always-make -w -k --keep-going --no-print-directory -i".split())
# `$(NAME)`, `${NAME}`, a call of a function, and one character: `$$`, `$@`.
_REFERENCE: Final = r"\$(?:\(([\w.-]+)\)|\{([\w.-]+)\}|\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\}|.|\Z)"
_DEPTH: Final = 4  # of makes within makes, and of variables within variables
_MOST: Final = 50  # commands


class _Asked(NamedTuple):
    """What its words ask for."""

    file: str | None
    folder: str | None
    parallel: bool
    goals: tuple[str, ...]
    given: dict[str, str]


def of_make(container: Container, program: Program, directory: str | None) -> tuple[Program, ...] | None:
    """What make starts, in its order; None when that cannot be told. With `-j` all that it starts for several targets
    runs side by side, and make waits for all of it: the server stands last, the rest as in the background.
    """
    asked = _asked(program)
    if asked is None or program.wrappers.count("make") >= _DEPTH:
        return None
    folder = place_of(asked.folder, directory) if asked.folder is not None else directory
    placed = _makefile(container, asked, folder)
    if placed is None:
        return None
    from dockerlint_fastapi.parsers.makefile import read_makefile  # noqa: PLC0415 - few containers start one

    made = read_makefile(placed.text)
    return _Run(container, program, asked, _Read(placed, made, folder)).programs() if made is not None else None


def _makefile(container: Container, asked: _Asked, folder: str | None) -> Placed | None:
    for name in _NAMES if asked.file is None else (asked.file,):
        place = place_of(name, folder)
        found = container.file_at(place) if place is not None else None
        if isinstance(found, Placed):
            return found
    return None


def _asked(program: Program) -> _Asked | None:
    """What the words behind make say; None when one of them cannot be told."""
    file: str | None = None
    folder: str | None = None
    parallel, goals, given = False, [], {}
    words = [one.value for one in program.argv[1:]]
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        following = words[at] if at < len(words) else None
        if word is None:
            return None
        if word in ("-f", "--file", "--makefile", "-C", "--directory"):
            if following is None or (word.lower() in ("-c", "--directory") and folder is not None):
                return None
            if word in ("-C", "--directory"):
                folder = following
            else:
                file = following
            at += 1
        elif word in ("-j", "--jobs"):
            parallel = following != "1"
            at += following is not None and following.isdecimal()
        elif re.fullmatch(r"(?:-j|--jobs=)\d+", word):
            parallel = not word.endswith(("j1", "=1"))
        elif re.fullmatch(r"[A-Za-z_]\w*:?=.*", word, re.DOTALL):
            name, _, value = word.partition("=")
            given[name.rstrip(":")] = value
        elif word.startswith("-"):
            if word not in _PLAIN:
                return None
        else:
            goals.append(word)
    return _Asked(file, folder, parallel, tuple(goals), given)


class _Read(NamedTuple):
    """A Makefile, and the folder in which make works."""

    placed: Placed
    makefile: Makefile
    folder: str | None


class _Run:
    """One run of make over one Makefile."""

    def __init__(self, container: Container, program: Program, asked: _Asked, read: _Read) -> None:
        self.container, self.program, self.asked = container, program, asked
        self.placed, self.makefile, self.folder = read
        self.environment = container.environment.seen_by(program)
        self.known = True  # whether all included files are
        self.variables = self._included()
        self.done: set[str] = set()

    def programs(self) -> tuple[Program, ...] | None:
        first = self.makefile.goal
        goals = self.asked.goals or ((first,) if first is not None else ())
        each = [self._of_target(goal, 0) for goal in goals]
        if not each or any(one is None for one in each):
            return None
        if not self.asked.parallel:
            found = [program for one in each for program in one or ()]
            return tuple(one._replace(last=one is found[-1]) for one in found) or None
        if len(goals) == 1:  # what it needs is made side by side, but then its own recipe may follow
            rule = self.makefile.rules.get(goals[0])
            if rule is None or (len(rule.prerequisites) > 1 and rule.lines):
                return None
            each = [self._again(one) for one in rule.prerequisites] if len(rule.prerequisites) > 1 else each
        return _side_by_side([one for one in each if one])

    def _again(self, name: str) -> list[Program] | None:
        self.done.clear()
        return self._of_target(name, 0)

    def _of_target(self, name: str, depth: int) -> list[Program] | None:
        """What making a target runs, that of its prerequisites first."""
        if name in self.done:
            return []
        rule = self.makefile.rules.get(name)
        if rule is None or depth > _DEPTH or self._is_there(name):
            return None
        self.done.add(name)
        found: list[Program] = []
        for one in rule.prerequisites:
            if one not in self.makefile.rules:
                continue  # a file
            inner = self._of_target(one, depth + 1)
            if inner is None:
                return None
            found += inner
        for start, end in rule.lines:
            found += self._of_line(start, end, name)
        return found if len(found) <= _MOST else None

    def _is_there(self, name: str) -> bool:
        """Whether a target is, or may be, a file that is there already, so that nothing need be made."""
        if name in self.makefile.phony:
            return False
        image, place = self.container.image, place_of(name, self.folder)
        folder = image is not None and image.project.tree.is_dir(name)
        return place is None or folder or isinstance(self.container.file_at(place), Placed)

    def _of_line(self, start: int, end: int, target: str) -> Iterator[Program]:
        """What one line of a recipe starts, which a shell of its own reads."""
        from dockerlint_fastapi.parsers.command import programs_of_script  # noqa: PLC0415 - as above
        from dockerlint_fastapi.parsers.shell import parse_script  # noqa: PLC0415

        while start < end and self.placed.text[start] in "@-+ \t":
            start += 1
        text, locate = self._expanded(start, end, target)
        found = programs_of_script(parse_script(text, locate), "sh")
        call = self.program
        for one in found:
            alone = len(found) == 1
            yield one._replace(
                wrappers=(*call.wrappers, "make", *one.wrappers),
                # A shell replaces itself by its only command, and make ends what it runs when it is ended itself.
                shell=None if alone else one.shell,
                execs=alone or one.execs,
                moves=(*call.moves, *((self.asked.folder,) if self.asked.folder is not None else ()), *one.moves),
                environment={**call.environment, **one.environment},
                environment_spans={**call.environment_spans, **one.environment_spans},
                inherits=None if self.makefile.exports or self.asked.given else call.inherits and one.inherits,
                conditional=call.conditional or one.conditional,
                background=call.background or one.background,
            )

    def _expanded(self, start: int, end: int, target: str) -> tuple[str, Callable[[int, int], Span]]:
        """A line with its variables filled in, and where what comes of it stands; what is not known is left to a
        variable of the shell that nobody knows either.
        """
        raw = self.placed.text
        pieces: list[str] = []
        places: list[tuple[int, int]] = []  # of each character, where it comes from
        at = start
        for found in re.finditer(_REFERENCE, raw[start:end]):
            begin, stop = start + found.start(), start + found.end()
            pieces.append(raw[at:begin])
            places += [(one, one + 1) for one in range(at, begin)]
            text = self._reference(found, target)
            pieces.append(text)
            places += [(begin, stop)] * len(text)
            at = stop
        pieces.append(raw[at:end])
        places += [(one, one + 1) for one in range(at, end)]
        locate = self.placed.locate

        def located(first: int, behind: int) -> Span:
            if first >= len(places):
                return locate(end, end)
            return locate(places[first][0], places[behind - 1][1] if behind > first else places[first][0])

        return "".join(pieces), located

    def _reference(self, found: re.Match[str], target: str) -> str:
        if found[0] == "$$":
            return "$"
        if found[0] == "$@":
            return target
        name = found[1] or found[2]
        value = self._value(name, 0) if name else None
        return "${_}" if value is None else value

    def _value(self, name: str, depth: int) -> str | None:
        """A variable's value: of the command line, the Makefile, the environment, in this order; None if not known."""
        if depth > _DEPTH:
            return None
        if name in self.asked.given:
            value: str | None = self.asked.given[name]
        elif name == "MAKE":
            return "make"
        elif name in self.variables and not (name in self.makefile.weak and self._of_environment(name) != ""):
            value = self.variables[name]
        else:
            return self._of_environment(name) if self.known else None
        if value is None or "$" not in value:
            return value
        inner = [one[1] or one[2] for one in re.finditer(_REFERENCE, value)]
        values = {one: self._value(one, depth + 1) if one else None for one in inner}
        if None in values.values():
            return None
        return re.sub(_REFERENCE, lambda one: values[one[1] or one[2]] or "", value)

    def _of_environment(self, name: str) -> str | None:
        one, found = self.container.variables.get(name), self.environment.get(name)
        if isinstance(found, Unknown) or (one is not None and one.origin == "env_file"):
            return None
        return "" if found is None else found.text

    def _included(self) -> dict[str, str | None]:
        """The variables of the Makefile and of what it includes; those of a file that nobody has read are not known."""
        from dockerlint_fastapi.parsers.makefile import read_makefile  # noqa: PLC0415 - as above

        variables: dict[str, str | None] = {}
        for name, optional in self.makefile.includes:
            place = place_of(name, self.folder) if "$" not in name and "*" not in name else None
            found = self.container.file_at(place) if place is not None else None
            if place is not None and found is None and optional:
                continue
            read = read_makefile(found.text) if isinstance(found, Placed) else None
            if read is None or read.includes:
                self.known = False
            else:
                variables.update(read.variables)
        return {**variables, **self.makefile.variables}


def _side_by_side(each: list[list[Program]]) -> tuple[Program, ...] | None:
    """Programs that run at the same time: what each ends with goes on beside the others. Of several servers none is the
    container's.
    """
    ends = [one[-1] for one in each]
    servers = [one for one in ends if one.role == "server"]
    main = servers[0] if len(servers) == 1 else ends[-1]
    rest = [one if one not in ends else one._replace(background=True) for row in each for one in row if one is not main]
    several = len(servers) > 1
    return tuple(one._replace(conditional=one.conditional or several) for one in (*rest, main)) or None
