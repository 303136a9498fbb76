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

FEWEST_FILES = 200  # below, starting processes costs more than it saves

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
        from dockerlint_fastapi.workers import Worker  # noqa: PLC0415

        nodes = list(project.nodes())
        shares = _shares(nodes, self.jobs)
        numbers = {id(node): at for at, node in enumerate(nodes)}
        known = len(tuple(project.sources_read()))
        asked: dict[str, dict[str, str | None]] | None = getattr(project.tree, "answers", None)

        def work(share: list[int]) -> Any:
            pack = Packer()
            said = [
                (numbers[id(node)], [pack(one) for one in group]) for node, group in judge([nodes[at] for at in share])
            ]
            if failures:
                raise NotPortableError
            read = [source.path for source in tuple(project.sources_read())[known:]]
            return {"said": said, "sources": [source.path for source in pack.sources], "read": read, "asked": asked}

        by_name = {rule.name: rule for rule in rules}
        told: list[tuple[int, list[Diagnostic]]] = []
        gc.freeze()  # a collection in a child would copy what it shares with this process
        before = dict(failures)
        failures.clear()
        workers = [(share, Worker(lambda share=share: work(share))) for share in shares[1:]]  # type: ignore[misc]
        try:
            told += [(numbers[id(node)], group) for node, group in judge([nodes[at] for at in shares[0]])]
            for share, worker in workers:
                held = worker.result()
                try:
                    sources = [project.source_of(path) for path in held["sources"]]
                    if None in sources:
                        raise NotPortableError  # noqa: TRY301 - as if it had not been told
                    unpack = Unpacker(sources.__getitem__, by_name)  # type: ignore[arg-type]
                    told += [(number, [unpack(one) for one in group]) for number, group in held["said"]]
                except (TypeError, KeyError, IndexError, ValueError, NotPortableError):
                    if worker.killed is not None:
                        self._again(worker.killed)
                    told += [(numbers[id(node)], group) for node, group in judge([nodes[at] for at in share])]
                    continue
                for path in held["read"]:
                    project.source_of(path)
                for question, answers in (held["asked"] or {}).items():
                    if asked is not None:
                        asked.setdefault(question, {}).update(answers)
        finally:
            for _, worker in workers:
                worker.stop()
            gc.unfreeze()
        noted = {**before, **failures}
        failures.clear()
        failures.update(noted)
        told.sort(key=lambda one: one[0])  # stable: the groups of one node stay in the order of the rules
        for number, group in told:
            yield nodes[number], group


def _shares(nodes: Sequence[object], count: int) -> list[list[int]]:
    """The numbers of the nodes in so many shares of about the same weight: what lies in one folder stays together, as
    what is found out for one node helps with the others. What speaks of the whole project is of the first share.
    """
    folders: dict[str, list[int]] = {}
    for at, node in enumerate(nodes):
        folders.setdefault(_folder(node), []).append(at)
    project = folders.pop(_WHOLE, [])
    shares: list[list[int]] = [[] for _ in range(count)]
    total = sum(len(one) for one in folders.values())
    taken = 0
    for _, numbers in sorted(folders.items()):
        shares[min(count - 1, taken * count // max(1, total))] += numbers
        taken += len(numbers)
    shares[0] += project
    return [sorted(share) for share in shares if share]


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
