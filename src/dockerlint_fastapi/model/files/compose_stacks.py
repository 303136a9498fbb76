"""Which compose files recipes, readmes and comments of a project name together: `docker compose -f a.yml -f b.yml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from dockerlint_fastapi.model.files.recipes import guides
from dockerlint_fastapi.pattern import pattern
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
_ASSIGNMENT = pattern(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*((?:\\\r?\n|[^\n#]){1,500})")
_REFERENCE = pattern(r"\$(?:\(([A-Za-z_]\w*)\)|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")


class ComposeStacks:
    """The commands that name compose files, each as the paths that it names, in order."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = dict.fromkeys(names for text in texts for names in _named(text))
        self._commands = tuple(found)

    def before(self, file: ComposeFile, folder: Sequence[ComposeFile], *, complete: bool = True) -> list[ComposeFile]:
        """The files of the same folder over which commands lay a file, in their order: those of the shortest command;
        none where no command does, or one takes the file first or alone. Of a file that is not `complete` such a
        command says nothing: Compose refuses it.
        """
        best: list[ComposeFile] = []
        for names in self._commands:
            place = next((at for at, name in enumerate(names) if _is(file, name)), None)
            if place == 0 and complete:
                return []
            if not place:
                continue
            rest = [one for one in folder if one is not file]
            under = [one for name in names[:place] for one in rest if _is(one, name)]
            if len(under) == place and (not best or place < len(best)):
                best = under
        return best

    def only_below(self, file: ComposeFile) -> bool:
        """Whether commands name a file, and each of them lays another one over it."""
        takes = [names for names in self._commands if any(_is(file, name) for name in names)]
        return bool(takes) and all(len(names) > 1 and _is(file, names[0]) for names in takes)


def compose_stacks(project: Project, files: Iterable[ComposeFile]) -> ComposeStacks:
    """What the recipes and readmes of a project, and the comments of its compose files, say."""
    texts = (one.text for one in (*project.recipes, *guides(project)))
    return ComposeStacks((*texts, *("\n".join(_comments(file.source.text)) for file in files)))


def _comments(text: str) -> Iterator[str]:
    """The lines of comment of a text, without what makes them comments."""
    return (line.lstrip().lstrip("#") for line in text.splitlines() if line.lstrip().startswith("#"))


def _named(text: str) -> Iterator[tuple[str, ...]]:
    """The paths that each command of a text names."""
    if "compose" not in text.lower():
        return
    text = _expanded(text[:_MOST_CHARACTERS])
    for found in islice(_COMMAND.finditer(text, 0, _MOST_CHARACTERS), _MOST_COMMANDS):
        names = tuple(_FILE.findall(found[1]))
        if names:
            yield names
    for found in islice(_VARIABLE.finditer(text, 0, _MOST_CHARACTERS), _MOST_COMMANDS):
        yield tuple(re.split("[:;]", found[1]))


def _expanded(text: str) -> str:
    """A text in which variables that hold files are replaced by their values, also where those name one another."""
    assigned = islice(_ASSIGNMENT.finditer(text), _MOST_COMMANDS)
    values = {one[1]: one[2].strip().strip("\"'") for one in assigned if ".y" in one[2] or "$" in one[2]}
    if not any(".y" in value for value in values.values()):
        return text
    for _ in range(2):
        text = _REFERENCE.sub(
            lambda found: values.get(found[1] or found[2] or found[3], found[0]), text, count=_MOST_COMMANDS
        )
    return text


def _is(file: ComposeFile, name: str) -> bool:
    """Whether a name in a command may be that file: by its name, and by its folder where the command says one."""
    given = [part for part in name.split("/") if part not in ("", ".", "..")]
    path = file.source.path.split("/")
    if not given or given[-1] != path[-1]:
        return False
    own, said = parent(file.source.path).split("/"), given[:-1]
    return not said or own[-1:] == said[-1:]
