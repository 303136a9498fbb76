"""Which compose files recipes, readmes and comments of a project name together: `docker compose -f a.yml -f b.yml`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

from dockerlint_fastapi.model.files.recipes import guides
from dockerlint_fastapi.pattern import pattern
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile
    from dockerlint_fastapi.model.project import Project

_MOST_CHARACTERS = 200_000  # of each text
_MOST_COMMANDS = 200  # in each
# A command of Compose or of Swarm up to its end; a comment may go on in its next line.
_COMMAND = pattern(r"\b(?:docker[- ]compose|podman[- ]compose|docker stack deploy)\b((?:\\\r?\n|[^\n;&|`]){0,500})")
_FILE = pattern(r"(?:^|[\s\"'])(?:-f|--file|-c|--compose-file)[ \t=]+[\"']?([\w./-]+\.ya?ml)\b(?!\.)")
_VARIABLE = pattern(r"\bCOMPOSE_FILE\b[\"']?[ \t]*[:=]+[ \t]*[\"']?([\w./-]+\.ya?ml(?:[:;][\w./-]+\.ya?ml)+)")
# `FILES := -f base.yml -f prod.yml` of make, `files="-f …"` of a shell
_ASSIGNMENT = pattern(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*([:?+]?=)[ \t]*((?:\\\r?\n|[^\n#]){1,500})")
# `$(FILES)` of make; `$FILES`, `${FILES:-…}` and `${FILES[@]}` of a shell
_REFERENCE = pattern(r"\$(?:\(([A-Za-z_]\w*)\)|\{([A-Za-z_]\w*)(?:\[[@*]\]|:?[-=]([^{}\n]*))?\}|([A-Za-z_]\w*))")
_STDIN = pattern(r"compose\b[^\n]{0,200}?[ \t](?:-f|--file)[ \t=]+-(?=\s|$)")
# In the comment at the top of a file that is laid over nothing.
_ALONE = pattern(r"(?i)(?<!not )(?<!not a )(?<!non-)(?<!no )\bstand-?alone\b")
_NOT_ALONE = pattern(
    r"(?i)\bstand-?alone or\b|\boverlay\b|\boverrid|\bon top of\b|\btogether with\b|-f[ \t]+\S+[ \t]+-f\b"
)
_MOST_VALUES = 4  # of one variable
_LONGEST = 1000  # characters of a value
# What a command of Compose does: the third row only looks at what runs, for which a part of the files is enough.
_STARTS = ("up", "run", "start", "create")
_LOOKS = ("exec", "logs", "ps", "top", "port", "cp", "attach", "events", "images", "ls", "stats", "wait")
_CHANGES = "build|config|convert|push|pull|watch|down|stop|kill|rm|restart|pause|unpause"
_VERB = pattern(rf"(?:^|\s)({'|'.join(_STARTS)}|{_CHANGES}|{'|'.join(_LOOKS)})(?!\S)")


class Stack(NamedTuple):
    """The files that a command lays over each other, round one of them: those under it and those above, in order."""

    under: list[ComposeFile]
    above: list[ComposeFile]


class ComposeStacks:
    """The commands that name compose files, each as the paths that it names, in order."""

    def __init__(self, texts: Iterable[str], project: Project | None = None, files: Iterable[ComposeFile] = ()) -> None:
        self._project = project
        self._names = Counter(file.source.path.rpartition("/")[2] for file in files)
        found: dict[tuple[str, ...], bool] = {}
        self._started: set[tuple[str, ...]] = set()
        for text in texts:
            for names, verb in _named(text):
                found[names] = found.get(names, False) or verb is None or verb not in _LOOKS
                if verb in _STARTS:
                    self._started.add(names)
        self._serious = tuple(names for names, serious in found.items() if serious)
        self._commands = tuple(found)

    def stack_of(self, file: ComposeFile, folder: Sequence[ComposeFile], *, complete: bool = True) -> Stack | None:
        """The files of the same folder that are laid over each other round a file: those of the shortest command that
        lays it over others, all of them, as nobody runs the first few alone; None where no command does, or one takes
        the file first or alone. Of a file that is not `complete` such a command says nothing: Compose refuses it.
        A command that only looks at what runs counts where no other names the file.
        """
        rest = [one for one in folder if one is not file]
        best: tuple[int, int] | None = None
        found: Stack | None = None
        for names in self._naming(file):
            place = next(at for at, name in enumerate(names) if _is(file, name))
            if place == 0 and complete:
                return None
            under = [one for name in names[:place] for one in rest if _is(one, name)]
            if not place or len(under) != place:
                continue
            above = [one for name in names[place + 1 :] for one in rest if _is(one, name) and one not in under]
            rank = (place, len(above))
            if best is None or rank < best:
                best, found = rank, Stack(under, list(dict.fromkeys(above)))
        return found

    def _naming(self, file: ComposeFile) -> list[tuple[str, ...]]:
        """The commands that name a file; of these only those that start or end something, where there are such."""
        for commands in (self._serious, self._commands):
            found = [names for names in commands if any(_is(file, name) for name in names)]
            if found:
                return found
        return []

    def starts_alone(self, file: ComposeFile) -> bool:
        """Whether a command starts a file, each that names it names no other, and none elsewhere is called the same:
        what it refers to and has not is missing.
        """
        takes = self._naming(file)
        if any(len(names) > 1 for names in takes) or self._names[file.source.path.rpartition("/")[2]] > 1:
            return False
        return any(names in self._started for names in takes)

    def only_below(self, file: ComposeFile) -> bool:
        """Whether commands name a file, and each of them lays another one over it."""
        takes = self._naming(file)
        return bool(takes) and all(len(names) > 1 and _is(file, names[0]) for names in takes)

    def set_of(self, file: ComposeFile, folder: Sequence[ComposeFile]) -> list[ComposeFile]:
        """The files of the shortest command that takes a file of the folder first, where each command that names it
        lays others over it; none otherwise.
        """
        commands = sorted(self._naming(file), key=len) if self.only_below(file) else []
        found = [next((one for one in folder if _is(one, name)), None) for name in (commands[0] if commands else ())]
        return [one for one in found if one is not None] if None not in found else []

    def deploys(self, file: ComposeFile, others: Iterable[ComposeFile]) -> bool:
        """Whether the project starts a file on a server, and names none of those beside it that say production."""
        from dockerlint_fastapi.model.files.deploying_guides import is_chosen  # noqa: PLC0415 - few have both

        return self._project is not None and is_chosen(self._project, file, others)


def compose_stacks(project: Project, files: Sequence[ComposeFile]) -> ComposeStacks:
    """What the recipes and readmes of a project, and the comments of its compose files, say."""
    texts = (one.text for one in (*project.recipes, *guides(project)))
    return ComposeStacks((*texts, *("\n".join(_comments(file.source.text)) for file in files)), project, files)


def starts_elsewhere(project: Project, path: str) -> bool:
    """Whether a recipe or a readme has the paths of a compose file start in another folder than its own: it lays the
    file over one of another folder (`-f compose.yml -f jobs/compose.yml`), or hands it to Compose by its standard input
    (`-f -`), where they start in the working directory (docs.docker.com/reference/cli/docker/compose, "Use `-f`").
    """
    folder = parent(path)
    stacks, piped = project.index.answer(_commands)
    if not folder:
        return False
    return any(path in text for text in piped) or any(
        parent(names[0]) != folder and path in names[1:] for names in stacks
    )


def _commands(project: Project) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """The files that each command of a project names together, and the texts that give Compose its standard input."""
    texts = [one.text[:_MOST_CHARACTERS] for one in (*project.recipes, *guides(project)) if "compose" in one.text]
    named = {tuple(one.removeprefix("./") for one in names) for text in texts for names, _ in _named(text)}
    return tuple(one for one in named if len(one) > 1), tuple(one for one in texts if _STDIN.search(one) is not None)


def says_it_stands_alone(file: ComposeFile) -> bool:
    """Whether the comment at the top of a file tells that it is laid over no other."""
    lines = file.source.text[:_MOST_CHARACTERS].splitlines()
    above = "\n".join(takewhile(lambda line: not line.strip() or line.lstrip().startswith("#"), lines))
    return _ALONE.search(above) is not None and _NOT_ALONE.search(above) is None


def _comments(text: str) -> Iterator[str]:
    """The lines of comment of a text, without what makes them comments."""
    return (line.lstrip().lstrip("#") for line in text.splitlines() if line.lstrip().startswith("#"))


def files_named(text: str) -> Iterator[str]:
    """The paths that commands of a text give to Compose or Swarm."""
    return (name for names, _ in _named(text) for name in names)


def _named(text: str) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """The paths that each command of a text names, and what it does with them, where it says so."""
    if "compose" not in text.lower() and "stack deploy" not in text:
        return
    for said in _expanded(text[:_MOST_CHARACTERS]):
        for found in islice(_COMMAND.finditer(said, 0, _MOST_CHARACTERS), _MOST_COMMANDS):
            files = list(_FILE.finditer(found[1]))
            if files:
                verb = _VERB.search(found[1], files[-1].end())
                yield tuple(one[1] for one in files), verb[1] if verb is not None else None
        for found in islice(_VARIABLE.finditer(said, 0, _MOST_CHARACTERS), _MOST_COMMANDS):
            yield tuple(re.split("[:;]", found[1])), None


def _expanded(text: str) -> Iterator[str]:
    """A text in which variables that hold files, or the command, are replaced by their values, also where those name
    one another; once for each value of those that are set several times, as in the branches of a condition.
    """
    values = _values(text)
    if not any(".y" in value or "compose" in value for given in values.values() for value in given):
        yield text
        return
    for at in range(max(len(given) for given in values.values())):
        said = text
        for _ in range(2):
            said = _REFERENCE.sub(lambda one: _value(one, values, at), said, count=_MOST_COMMANDS)  # noqa: B023
        yield said


def _values(text: str) -> dict[str, list[str]]:
    """The values that a text gives to the variables that may hold files, or the command, in their order."""
    values: dict[str, list[str]] = {}
    for one in islice(_ASSIGNMENT.finditer(text), _MOST_COMMANDS):
        name, value = one[1], one[3].strip().strip("\"'()")
        earlier = values.get(name, [""])[-1]
        if one[2] == "+=":
            value = f"{earlier} {value}"
        elif name in value:
            value = _REFERENCE.sub(
                lambda found: earlier if name in (found[1], found[2], found[4]) else found[0],  # noqa: B023
                value,
            )
        if (".y" in value or "$" in value or "compose" in value) and len(value) <= _LONGEST:
            given = values.setdefault(name, [])
            if value not in given and len(given) < _MOST_VALUES:
                given.append(value)
    return values


def _value(reference: re.Match[str], values: dict[str, list[str]], at: int) -> str:
    """What stands for a reference where variables have the value at a place of theirs, or their last one."""
    given = values.get(reference[1] or reference[2] or reference[4])
    if given is not None:
        return given[min(at, len(given) - 1)]
    default = reference[3] or ""
    return default if ".y" in default else reference[0]


def _is(file: ComposeFile, name: str) -> bool:
    """Whether a name in a command may be that file: by its name, and by its folder where the command says one."""
    given = [part for part in name.split("/") if part not in ("", ".", "..")]
    path = file.source.path.split("/")
    if not given or given[-1] != path[-1]:
        return False
    own, said = parent(file.source.path).split("/"), given[:-1]
    return not said or own[-1:] == said[-1:]
