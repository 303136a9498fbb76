"""Where the code that a container runs connects to: the addresses that it hands to clients of databases, caches and
brokers, be they literals or the defaults of variables that certainly nothing sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from dockerlint_fastapi.assemble.imported_modules import modules_from
from dockerlint_fastapi.assemble.python_starts import PythonStarts, directory_of
from dockerlint_fastapi.model.command import is_python
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.interpolation import Rendered
from dockerlint_fastapi.model.environment.variables import ContainerVariable
from dockerlint_fastapi.model.network.endpoints import Endpoint, endpoints_of
from dockerlint_fastapi.parsers.python.clients import ClientCall, client_calls
from dockerlint_fastapi.parsers.python.names import Module
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_LATER: Final = r"(?m)^[ \t]+from[ \t]+([\w.]+)[ \t]+import\b"
ASIDE: Final = r"(?i)(?:^|/)(?:tests?|testing|conftest|local|development|dev)(?:/|\.py\Z)|(?:^|/)test_[^/]*\Z"


def code_endpoints(starts: PythonStarts, container: Container) -> Iterator[Endpoint]:
    """The endpoints that stand in the code of a container's application, or of the Python that it starts instead, each
    address once. The variable of each is named for the call that gets it.
    """
    modules = code_modules(starts, container)
    told: set[tuple[str, int]] = set()
    modules = _with_later_ones(modules)
    for module in modules:
        for call in () if re.search(ASIDE, module.text.place) else client_calls(module):
            known = call.address
            if known is None or known.span is None or known.origin != "option" or not call.certain:
                continue
            at = (known.span.source.path, known.span.start)
            if at not in told and (not call.within or is_used(call, modules)):
                told.add(at)
                yield from _endpoints(call, str(known.value), known.span)


def code_modules(starts: PythonStarts, container: Container) -> tuple[Module, ...]:
    """The project's modules that a container certainly runs: those of its application, or of the Python that it starts
    instead.
    """
    modules = starts.modules_of(container)
    first = _started(starts, container) if not modules else None
    return modules_from(first) if first is not None else modules


def _with_later_ones(modules: tuple[Module, ...]) -> tuple[Module, ...]:
    """Modules, and those besides that their functions import when they are called."""
    found = {one.text.place: one for one in modules}
    for module in modules:
        for name in _later_names(module):
            one = module.library.find(name, module)
            if one is not None:
                found.setdefault(one.text.place, one)
    return tuple(found.values())


def _later_names(module: Module) -> tuple[str, ...]:
    """The modules from which functions of a module import, read once for all containers; by its text alone, which may
    have such a line in a docstring as well.
    """
    memo: dict[str, tuple[str, ...]] = module.text.memo
    if "imported later" not in memo:
        found = re.findall(_LATER, module.text.syntax.source.text)
        memo["imported later"] = tuple(dict.fromkeys(name for name in found if name.strip(".")))
    return memo["imported later"]


def _endpoints(call: ClientCall, text: str, span: Span) -> Iterator[Endpoint]:
    name = f"{call.kind}_URL" if call.is_url else f"{call.kind}_HOST"
    at = span.text.find(text)

    def locate(start: int, end: int) -> Span:
        return span if at < 0 else Span(span.source, span.start + at + start, span.start + at + end)

    rendered = Rendered(text, True, ((0, len(text), 0, len(text)),))
    variable = ContainerVariable(name.upper(), text, rendered, span, locate, "code")
    for endpoint in endpoints_of({variable.name: variable}):
        yield endpoint._replace(variable=variable._replace(name=call.name))


def is_used(call: ClientCall, modules: tuple[Module, ...]) -> bool:
    """Whether the function that makes a client is spoken of elsewhere than where it is defined."""
    if call.within.startswith("__"):
        return True
    word = rf"(?<!def )\b{re.escape(call.within)}\b"
    return any(
        call.within in module.text.syntax.source.text and re.search(word, module.text.syntax.source.text) is not None
        for module in modules
    )


def _started(starts: PythonStarts, container: Container) -> Module | None:
    """The module that a container starts where it serves no application: of `python worker.py`, `python -m worker` or
    `celery -A worker`.
    """
    program = container.program
    if program is None or container.image is None or container.role in ("server", "one-shot", "idle"):
        return None
    directory = directory_of(container, program)
    words = [one.value for one in program.argv]
    if directory is None:
        return None
    name: str | None = None
    if "python -m" in program.wrappers:
        name = words[0]
    elif program.name == "celery":
        name = next((after for one, after in pairwise(words) if one in ("-A", "--app")), None)
    elif program.script is not None and is_python(program.name):
        place = program.script if program.script.startswith("/") else f"{directory.rstrip('/')}/{program.script}"
        return starts.library(container, program, (place.rpartition("/")[0],), directory).at(place, "__main__")
    library = starts.library(container, program, (directory,), directory)
    if name is None or not all(part.isidentifier() for part in name.partition(":")[0].split(".")):
        return None
    module = name.partition(":")[0]
    if program.name == "celery":
        return library.find(module) or library.find(module.rpartition(".")[0] or module)
    for root in library.roots:
        stem = f"{root.rstrip('/')}/{module.replace('.', '/')}"
        for place in (f"{stem}/__main__.py", f"{stem}.py"):
            found = library.at(place, "__main__")
            if found is not None:
                return found
    return None
