"""A large project taken apart: folders that have nothing to do with each other, each with all that lies below it.

A `Part` answers every question as the whole project would, or not at all: what concerns files alone it has from the
`Whole`, what concerns other parts from what these were asked before (`model.questions`), and where neither will do it
raises `NotApartError`. Then the project is to be taken as a whole.
"""

from __future__ import annotations

from dockerlint_fastapi.model.index import Index
from dockerlint_fastapi.model.network.service_names import container_stems
from dockerlint_fastapi.model.project import NotApartError, Project
from dockerlint_fastapi.model.questions import GATHERED, built_names, host_names, service_names, taken_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from typing import Any

    from dockerlint_fastapi.model.context import WorkflowBuild
    from dockerlint_fastapi.model.evidence import Evidence
    from dockerlint_fastapi.model.project import Own
    from dockerlint_fastapi.source import Source, Span

SEVERAL = -1  # in place of the number of a part: more than one says so
Told = list[list[str]]  # what a part says, by the number of the question in `GATHERED`


class Whole(Project):
    """What is known of a project as a whole while its parts are looked at one by one: its files, and what all parts
    were asked of themselves.
    """

    count_of_compose_files = 0  # set by whoever knows it
    has_dockerfiles = False  # likewise

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.unreadable: dict[str, str] = {}  # why files cannot be read, by path
        self.told: Mapping[Callable[[Project], Iterable[str]], Mapping[str, int]] = {}
        self.index: Index = _WholeIndex(self)

    @property
    def own(self) -> Own:
        """It has no models."""
        raise NotApartError

    @own.setter
    def own(self, _own: Own) -> None:
        pass

    def join(self, told: Sequence[Told]) -> None:
        """Takes what all parts say, by their numbers. Raises NotApartError when a service of one starts what another
        builds.
        """
        found: dict[Callable[[Project], Iterable[str]], dict[str, int]] = {question: {} for question in GATHERED}
        for number, said in enumerate(told):
            for question, texts in zip(GATHERED, said, strict=True):
                known = found[question]
                for text in texts:
                    known[text] = number if known.get(text, number) == number else SEVERAL
        built, taken = found[built_names], found[taken_names]
        if any(built[name] == SEVERAL or built[name] != taken[name] for name in built.keys() & taken.keys()):
            raise NotApartError
        self.told = found

    @property
    def joined(self) -> list[Mapping[str, int]]:
        """What `join` has made, as another process can be told."""
        return [self.told[question] for question in GATHERED]

    def take(self, joined: Sequence[Mapping[str, int]]) -> None:
        """Takes what another process has joined."""
        self.told = dict(zip(GATHERED, joined, strict=True))


class _WholeIndex(Index):
    """What a project has by its files alone, and by what its parts were asked."""

    _project: Whole

    def gathered(self, question: Callable[[Project], Iterable[str]]) -> Mapping[str, int]:
        """What all parts say. Raises NotApartError for a question that they were not asked."""
        found = self._project.told.get(question)
        if found is None:
            raise NotApartError
        return found


class Part(Project):
    """One part of a project: `folder`, with all that lies below it. `number` is its place among the parts."""

    def __init__(self, whole: Whole, folder: str, number: int, **named: Any) -> None:
        super().__init__(whole.tree, self._source, **named)
        self.whole = whole
        self.folder = folder
        self.number = number
        self.index: Index = _PartIndex(self)
        self.text_inside: Callable[[str], Source | None] = lambda _path: None
        self.ignore_files = ()

    def _source(self, path: str) -> Source | None:
        return self.text_inside(path) if self.holds(path) else self.whole.source_of(path)

    def holds(self, path: str) -> bool:
        """Whether a path lies in the part."""
        return f"{path}/".startswith(f"{self.folder}/")

    def inside(self, path: str) -> str:
        """A path that lies in the part. Raises NotApartError for any other."""
        if not self.holds(path):
            raise NotApartError
        return path

    def told(self) -> Told:
        """What it says for all parts to know. Raises NotApartError when an image is built from elsewhere."""
        for image in self.own.images:
            for context in image.contexts if image.contexts_named else image.contexts[:1]:
                self.inside(context)
        return [[*dict.fromkeys(question(self))] for question in GATHERED]

    @property
    def _all(self) -> Own:
        raise NotApartError

    @property
    def count_of_compose_files(self) -> int:
        """See Project."""
        return self.whole.count_of_compose_files

    @property
    def has_dockerfiles(self) -> bool:
        """See Project."""
        return self.whole.has_dockerfiles

    @property
    def today(self) -> date:
        """See Project."""
        return self.whole.today

    @property
    def paths(self) -> frozenset[str]:
        """See Project."""
        return self.whole.paths

    @property
    def has_poetry_settings(self) -> bool:
        """See Project."""
        return self.whole.has_poetry_settings

    @property
    def python_names(self) -> frozenset[str]:
        """See Project."""
        return self.whole.python_names

    @property
    def requires_itself(self) -> bool:
        """See Project."""
        return self.whole.requires_itself

    @property
    def orchestration(self) -> Evidence | None:
        """See Project."""
        return self.whole.orchestration

    def orchestration_near(self, dockerfile: str) -> Evidence | None:
        """See Project."""
        return self.whole.orchestration_near(dockerfile)

    def orchestration_of(self, dockerfile: str) -> Evidence | None:
        """See Project."""
        return self.whole.orchestration_of(dockerfile)

    @property
    def platform_probes(self) -> Mapping[str, Evidence]:
        """See Project."""
        return self.whole.platform_probes

    @property
    def workflow_builds(self) -> tuple[WorkflowBuild, ...]:
        """See Project."""
        return self.whole.workflow_builds

    @property
    def recipes(self) -> tuple[Source, ...]:
        """See Project."""
        return self.whole.recipes

    def retries_below(self, *folders: str) -> Span | None:
        """See Project."""
        return self.whole.retries_below(*folders)

    @property
    def _names(self) -> frozenset[str]:
        return self.whole._names  # noqa: SLF001 - the whole is a project as this one

    @property
    def _submodules(self) -> tuple[str, ...]:
        return self.whole._submodules  # noqa: SLF001 - as above


class _PartIndex(Index):
    """What one part has by place; what lies elsewhere is asked of the whole."""

    _project: Part

    def answer(self, question: Callable[..., Any], *words: str) -> Any:
        """See Index."""
        return self._project.whole.index.answer(question, *words)

    def gathered(self, question: Callable[[Project], Iterable[str]]) -> Mapping[str, int]:
        """See Index."""
        return self._project.whole.index.gathered(question)

    @property
    def names(self) -> frozenset[str]:
        """See Index."""
        return self._project.whole.index.names

    def ending(self, *ends: str) -> Sequence[str]:
        """See Index."""
        return self._project.whole.index.ending(*ends)

    def python_files_from(self, prefix: str) -> Iterator[str]:
        """See Index."""
        return self._project.whole.index.python_files_from(prefix)

    def files_in(self, *folders: str) -> Sequence[str]:
        """See Index."""
        return self._project.whole.index.files_in(*folders)

    def names_elsewhere(self, host: str) -> bool:
        """See Index."""
        own = self._project.number
        if self.gathered(host_names).get(host.lower(), own) != own:
            return True
        services = self.gathered(service_names)
        return any(services.get(stem, own) != own for stem in container_stems(host))
