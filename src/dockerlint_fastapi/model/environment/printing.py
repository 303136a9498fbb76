"""Where the code of a server prints: in the modules that it imports, and not in what runs only as a program."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice

from dockerlint_fastapi.model.application.application import Application

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.source import Source, Span

_PRINT: Final = r"(?m)^[ \t]*(?:[^#\n\"']*[:;][ \t]*)?(print)\((?![^\n]*\b(?:flush=True|file=))"
# Strings, comments and brackets; arguments by which a line does not wait.
_PIECE: Final = r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|[()]"
_KEYWORD: Final = r"(?m)^[^#\n]*\b(?:file[ \t]*=|flush[ \t]*=[ \t]*True\b)"
_MOST_OF_CALL: Final = 2_000  # characters
_IMPORTS: Final = (
    r"(?m)^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(?:\(([^)]*)\)|([^\n#]+))|import[ \t]+([\w., \t]+))"
)
# What finds modules by names that nobody wrote down as an import.
_BY_NAME: Final = (
    r"\b(?:pkgutil|runpy|import_string|autodiscover\w*|register_tortoise|spec_from_file_location|module_from_spec"
    r"|exec_module|import_module[ \t]+as|getattr\([ \t]*importlib)\b"
    r"|\b(?:__import__|import_module)\((?!\s*[\"']\w[\w.]*[\"']\s*[,)])"
)
# A module that is named in a call is imported as by a statement.
_CALLED: Final = r"\b(?:__import__|import_module)\(\s*[\"'](\w[\w.]*)[\"']\s*[,)]"
# A branch that is taken only where a variable of the environment is set, or is set to some text.
_ASKED: Final = (
    r"""[ \t]*(?:if|elif)[ \t]+(?:os\.)?(?:getenv|environ\.get)\([ \t]*["'](\w+)["'][ \t]*"""
    r"""(?:,[ \t]*["']([^"'\n]*)["'][ \t]*)?\)(?:\.(?:lower|strip)\(\))*(?:[ \t]*==[ \t]*["']([^"'\n]+)["'])?[ \t]*:"""
)
_MOST_LINES: Final = 400  # above a `print`, that are looked at
_GUARD: Final = r"(?m)^if[ \t]+__name__[ \t]*=="
_OUTERMOST: Final = r"(?m)^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^[^\s#)\]}\"']"
_ASIDE: Final = frozenset(
    "tests test scripts script alembic migrations examples docs tools notebooks evaluation evals benchmarks"
    " cli commands management".split()
)
_TEST: Final = r"(?:^|_)tests?(?:_|\.py\Z)"
_MOST: Final = 2_000  # modules that are followed
_MOST_NAMES: Final = 20  # of functions, of which it is asked whether anything calls them
_MOST_CALLS: Final = 200  # in one of them, that are looked at


def printed(container: Container) -> Span | None:
    """The first call of `print` in what a container's application imports of the project, its own module first; None
    when there is none, or the code is not at hand. A walk.
    """
    application = container.application
    if not isinstance(application, Application):
        return None
    run = container.server is not None and container.server.call is not None
    reads = "dotenv" in application.module.source.text  # an env file, in which variables may stand
    idle: dict[str, bool] = {}  # names of functions, and whether nothing calls them
    for source in _imported(application):
        for found in islice(re.finditer(_PRINT, source.text), _MOST_CALLS):
            at = found.start(1)
            if _goes_elsewhere(source.text, at):
                continue
            if not reads and _is_switched_off(source.text, at, container):
                continue
            if _is_called_by_nothing(source.text, at, application, idle):
                continue
            if source.text.count('"""', 0, at) % 2 == 0 and (  # not in a docstring
                (run and source is application.module.source) or not _is_of_program(source.text, at)
            ):
                return source.span(*found.span(1))
    return None


def _goes_elsewhere(text: str, at: int) -> bool:
    """Whether a call of `print`, over several lines too, has an argument such as `file=sys.stderr`, which is
    written line by line, or `flush=True`.
    """
    depth, call = 0, text[at : at + _MOST_OF_CALL]
    for piece in re.finditer(_PIECE, call):
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if piece[0] == ")" and depth == 0:
            return re.search(_KEYWORD, call[: piece.start()]) is not None
    return False


def _imported(application: Application) -> Iterator[Source]:
    """The project's modules that the application's own module leads to, itself first; where one of them finds others by
    name, then all in the folder of its outermost package but what lies aside.
    """
    own = application.module.source
    root = application.root
    # A package goes before a module of its name.
    sources = sorted((own, *application.sources()), key=lambda one: not one.path.endswith("/__init__.py"))
    modules: dict[str, Source] = {}
    # Its imports may start in a folder between the one from which it is imported and its own (`PYTHONPATH=src`).
    folders = own.path.removeprefix(root).split("/")[:-1]
    for depth in range(len(folders) + 1):
        prefix = root + "".join(f"{folder}/" for folder in folders[:depth])
        for one in sources:
            if one.path.startswith(prefix):
                modules.setdefault(_name(one.path.removeprefix(prefix)), one)
    name = _name(own.path.removeprefix(root))
    parts = name.split(".")
    waiting = deque([name, *(".".join(parts[:end]) for end in range(1, len(parts)))])  # its packages run first
    met = set(waiting)
    reached: dict[Source, None] = {}
    by_name = False
    while waiting and len(reached) < _MOST:
        name = waiting.popleft()
        source = modules.get(name)
        if source is None or source in reached:
            continue
        reached[source] = None
        by_name = by_name or re.search(_BY_NAME, source.text) is not None
        for other in imported_names(source, name):
            parts = other.split(".")
            for full in (".".join(parts[:end]) for end in range(1, len(parts) + 1)):
                if full not in met:
                    met.add(full)
                    waiting.append(full)
    yield from reached
    if by_name:
        folder = root + own.path.removeprefix(root).rpartition("/")[0].partition("/")[0]
        yield from (
            one for one in sources if one not in reached and one.path.startswith(folder) and not _is_aside(one.path)
        )


def _is_aside(path: str) -> bool:
    *folders, name = path.split("/")
    return (
        not _ASIDE.isdisjoint(folders) or name in ("cli.py", "manage.py", "commands.py") or bool(re.search(_TEST, name))
    )


def _name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported_names(source: Source, name: str) -> Iterator[str]:
    """The full names of what a module imports, anywhere in it, as far as they may be modules."""
    if "import_module(" in source.text or "__import__(" in source.text:
        yield from re.findall(_CALLED, source.text)
    for written, several, few, plain in re.findall(_IMPORTS, source.text):
        if plain:
            yield from (one.split()[0] for one in plain.split(",") if one.strip())
            continue
        bare = written.lstrip(".")
        level = len(written) - len(bare)
        if level:
            parts = name.split(".")
            parts = parts[: len(parts) - level + (1 if source.path.endswith("/__init__.py") else 0)]
            bare = ".".join([*parts, *([bare] if bare else [])])
        if bare:
            yield bare
        for one in re.sub(r"#[^\n]*", "", several or few).split(","):
            if one.strip(" \t\r\n\\"):
                yield f"{bare}.{one.split()[0]}".lstrip(".")


def _is_of_program(text: str, at: int) -> bool:
    """Whether a place is run only when its module is the program: behind `if __name__ == "__main__":`, or in a function
    that is called nowhere else.
    """
    guard = re.search(_GUARD, text)
    if guard is None:
        return False
    heads = [one for one in re.finditer(_OUTERMOST, text) if one.start() <= at]
    head = heads[-1] if heads else None
    if head is None or head.start() == guard.start():
        return head is not None
    if head[1] is None:
        return False
    calls = [one.start() for one in re.finditer(rf"(?<![\w.]){re.escape(head[1])}\b", text)]
    return len(calls) > 1 and all(one > guard.start() for one in calls if not head.start() <= one < head.end())


def _is_called_by_nothing(text: str, at: int, application: Application, idle: dict[str, bool]) -> bool:
    """Whether a place lies in a function of the module that nothing in the code of an application names, and that no
    decorator hands on. `idle` keeps what was found out for each name.
    """
    *_, head = (None, *re.finditer(_OUTERMOST, text[: at + 1]))
    if head is None or head[1] is None or text[head.start() :].startswith("class"):
        return False
    name, above = head[1], text[: head.start()].rstrip().rpartition("\n")[2]
    if name not in idle:
        if above.startswith(("@", ")")) or len(idle) >= _MOST_NAMES:
            return False
        named = rf"(?<!\w){re.escape(name)}(?!\w)"
        own = islice(re.finditer(named, text), 2)
        others = (one.text for one in application.sources() if one.text is not text and name in one.text)
        idle[name] = sum(1 for _ in own) == 1 and not any(re.search(named, one) for one in others)
    return idle[name]


def _is_switched_off(text: str, at: int, container: Container) -> bool:
    """Whether a place lies in a branch that a variable of the environment decides, and no container of the image has
    that variable: `if os.getenv("DEBUG_LOGS") == "1":`. A module that reads an env file may find it there.
    """
    if ("getenv(" not in text and "environ.get(" not in text) or "dotenv" in text:
        return False
    lines = text[:at].split("\n")
    depth = _depth(lines.pop() + "x")
    for line in reversed(lines[-_MOST_LINES:]):
        if depth == 0:
            break
        if not line.strip() or line.lstrip().startswith("#") or _depth(line) >= depth:
            continue
        depth = _depth(line)
        asked = re.match(_ASKED, line)
        if asked is None:
            continue
        default, wanted = (asked[2] or "").strip().lower(), (asked[3] or "").lower()
        if not (default == wanted if wanted else default) and _is_unset(asked[1], container):
            return True
    return False


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_unset(name: str, container: Container) -> bool:
    """Whether a variable certainly is not there in what is started from the image of a container to serve others."""
    started = container.image.containers if container.image is not None else ()
    programs = [(one, one.server.program) for one in started if one.server is not None and one.development is None]
    return all(one.environment.seen_by(program).get(name) is None for one, program in programs)
