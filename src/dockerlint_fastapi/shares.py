"""The nodes of one project, judged by several processes, with the same outcome in the same order as by one."""

from __future__ import annotations

from dockerlint_fastapi.model.compose import ComposeFile
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.context import BuildContext
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.dockerfile import Dockerfile
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from dockerlint_fastapi.model.project import Project
    from dockerlint_fastapi.report import Diagnostic
    from dockerlint_fastapi.rule import Rule
    from dockerlint_fastapi.workers import Line

FEWEST_FILES = 100  # below, starting processes costs more than it saves
_GROUPS = 12  # for each process

Said = tuple[object, "list[Diagnostic]"]


class Spread:
    """How to judge nodes in `jobs` processes. `again` is called with the signal by which a child ended before its work
    was done, and the work is then done here.
    """

    def __init__(self, jobs: int, again: Callable[[int], None] = lambda _signal: None) -> None:
        self.jobs = jobs
        self._again = again

    def fits(self, project: Project) -> bool:
        """Whether a project is large enough."""
        return self.jobs > 1 and len(project.files) >= FEWEST_FILES

    def judge(
        self,
        project: Project,
        rules: Sequence[Rule],
        judge: Callable[[Iterable[object]], Iterable[Said]],
        failures: Any,
    ) -> Iterator[Said]:
        """What `judge` yields for all nodes, in their order. `failures` is where it notes what went wrong."""
        import gc  # noqa: PLC0415 - as below

        from dockerlint_fastapi.transport import NotPortableError, Packer, Unpacker  # noqa: PLC0415 - large runs only
        from dockerlint_fastapi.workers import Crew, Deal  # noqa: PLC0415

        nodes = list(project.nodes())
        first, *groups = _groups(nodes, self.jobs)
        numbers = {id(node): at for at, node in enumerate(nodes)}
        before = dict(failures)
        failures.clear()

        def judged(group: Sequence[int]) -> list[tuple[int, list[Diagnostic]]]:
            return [(numbers[id(node)], said) for node, said in judge([nodes[at] for at in group])]

        # The first is judged before there are children: what is imported for it, or found out of the whole project,
        # they have then.
        told = judged(first)
        faults = len(failures)
        known = len(tuple(project.sources_read()))
        notes: Any = getattr(project.tree, "notes", None)  # what was asked of the tree, as a cache wants to know it
        counted = notes.count() if notes is not None else None
        turns = Deal(len(groups))

        def work(_line: Line) -> Any:
            pack = Packer()
            done, said = [], []
            for turn in turns:
                done.append(turn)
                said += [(at, [pack(one) for one in group]) for at, group in judged(groups[turn])]
            if len(failures) > faults:
                raise NotPortableError
            read = [source.path for source in tuple(project.sources_read())[known:]]
            sources = [source.path for source in pack.sources]
            asked = [*notes.pieces(counted)] if notes is not None else []
            return {"done": done, "said": said, "sources": sources, "read": read, "asked": asked}

        by_name = {rule.name: rule for rule in rules}
        left = dict.fromkeys(range(len(groups)))
        gc.freeze()  # a collection in a child would copy what it shares with this process
        try:
            with Crew(work, min(self.jobs - 1, len(groups))) as workers:
                for turn in turns:
                    told += judged(groups[turn])
                    del left[turn]
                for worker in workers:
                    held = worker.result()
                    try:
                        sources = [project.source_of(path) for path in held["sources"]]
                        if None in sources:
                            raise NotPortableError  # noqa: TRY301 - as if it had not been told
                        unpack = Unpacker(sources.__getitem__, by_name)  # type: ignore[arg-type]
                        said = [(at, [unpack(one) for one in group]) for at, group in held["said"]]
                    except (TypeError, KeyError, IndexError, ValueError, NotPortableError):
                        if worker.killed is not None:
                            self._again(worker.killed)
                        continue
                    told += said
                    for turn in held["done"]:
                        del left[turn]
                    for path in held["read"]:
                        project.source_of(path)
                    for piece in held["asked"] if notes is not None else ():
                        notes.take(piece)
                for turn in left:  # what nobody told
                    told += judged(groups[turn])
        finally:
            gc.unfreeze()
        noted = {**before, **failures}
        failures.clear()
        failures.update(noted)
        told.sort(key=lambda one: one[0])  # stable: the groups of one node stay in the order of the rules
        for number, group in told:
            yield nodes[number], group


def _groups(nodes: Sequence[object], jobs: int) -> list[list[int]]:
    """The numbers of the nodes in groups, several for each process, the first of them small: what lies in one folder
    stays together, as what is found out for one node helps with the others. What speaks of the whole project is the
    second.
    """
    folders: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        folders.setdefault(_folder(node), []).append(at)
    whole = folders.pop(_WHOLE, [])
    size = max(1, sum(map(len, folders.values())) // (jobs * _GROUPS))
    groups: list[list[int]] = []
    filling: list[int] = []
    for _, numbers in sorted(folders.items()):
        filling += numbers
        if len(filling) >= (size if groups else size // 4):
            groups.append(sorted(filling))
            filling = []
    if filling:
        groups.append(sorted(filling))
    return [groups[0], whole, *groups[1:]] if groups else [whole]


_WHOLE = "\0"


def _folder(node: object) -> str:
    """The folder that a node belongs to."""
    if isinstance(node, Container):
        node = node.image or node.deployment
    if isinstance(node, BuildContext):
        node = node.images[0]
    if isinstance(node, Image):
        return parent(node.dockerfile.source.path)
    if isinstance(node, Deployment):
        return parent(node.files[0].source.path)
    if isinstance(node, Dockerfile | ComposeFile):
        return parent(node.source.path)
    span = getattr(node, "span", None)
    return parent(span.source.path) if span is not None else _WHOLE
