"""The configuration files that code reads under names that it spells out, as far as the container has them:
`open("config.yml")`, `parser.read("config.ini")`, `load_dotenv("shared.env")`. Of each only its plain lines are looked
at: a key, and one value.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dockerlint_fastapi.assemble.code_connections import code_modules
from dockerlint_fastapi.assemble.python_starts import PythonStarts, directory_of
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.environment.interpolation import Rendered
from dockerlint_fastapi.model.environment.settings_class import SecretDefault
from dockerlint_fastapi.model.environment.variables import ContainerVariable
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.network.endpoints import SCHEMES, Endpoint, Host
from dockerlint_fastapi.parsers.python.names import Module, Scope, dotted
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NAMED: Final = r"[\"'][^\"'\n]*(?:\.(?:ya?ml|ini|cfg|conf|toml|json|env)|\.env(?:\.\w+)?)[\"']"
_FILE: Final = r"(?!.*(?:example|sample|test|\blocal\b)).*\.(?:ya?ml|ini|cfg|conf|toml|json|env)\Z"
_OF_DOTENV: Final = frozenset({"dotenv.load_dotenv", "dotenv.dotenv_values"})
_OPENS: Final = frozenset({"open", "io.open", "pathlib.Path", "toml.load"})
_MAX_FILE: Final = 20_000  # characters; a longer one holds data
_LINE: Final = (
    r"(?m)^[ \t]*(?:export[ \t]+)?[\"']?([A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*"
    r"(?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'#{\[,;][^\s,;]*))[ \t]*,?[ \t]*(?:[#;][^\n]*)?$"
)
_ENTRY: Final = r"[A-Za-z]\w*(?:[-_/][A-Za-z]+)+\Z"  # what an entry of a store of secrets is called
_STORES: Final = (
    r"\bsecretmanager\b|[\"']secretsmanager[\"']|(?m:^[ \t]*(?:import|from)[ \t]+hvac\b)|\bazure\.keyvault\.secrets\b"
)
_HOSTS: Final = frozenset("host hostname server address addr".split())
_BARE: Final = r"[A-Za-z0-9][A-Za-z0-9_-]*\Z"
_URL: Final = r"([a-z][a-z0-9]*)(?:\+[a-z0-9_]+)?://(?:[^\s/@]*@)?([A-Za-z0-9][\w-]*)(?=[:/?]|\Z)"


class _Line(NamedTuple):
    """One key of a file, with its value."""

    key: str
    value: str
    span: Span  # of the value


def file_secrets(starts: PythonStarts, container: Container) -> Iterator[SecretDefault]:
    """The passwords and keys in configuration files that code reads. Env files are told of when they are copied."""
    from dockerlint_fastapi.assemble.secret_defaults import is_filled_in, is_secret, password_in  # noqa: PLC0415 - few

    for line in _lines(starts, container):
        if line.span.source.path.endswith("env") or is_filled_in(line.value):
            continue
        password = password_in(line.value, line.span)
        if password is not None:
            yield SecretDefault(line.key, password, "url")
        elif not is_secret(line.key.rpartition(".")[2], line.value, value=True):
            continue
        elif re.match(_ENTRY, line.value) is None or not _asks_a_store(starts, container):
            yield SecretDefault(line.key, line.span, "constant")


def _asks_a_store(starts: PythonStarts, container: Container) -> bool:
    """Whether code gets its secrets from a store by their names: of Google, of Amazon, of Vault, of Azure."""
    return any(re.search(_STORES, one.text.syntax.source.text) is not None for one in code_modules(starts, container))


def migration_secrets(container: Container) -> Iterator[SecretDefault]:
    """The password in the address of an `alembic.ini`, which Alembic looks for where it is started."""
    from dockerlint_fastapi.assemble.secret_defaults import password_in  # noqa: PLC0415 - few

    directory = directory_of(container, container.program) if container.program is not None else None
    path = normal(f"{directory}/alembic.ini".lstrip("/")) if directory is not None else None
    found = container.file_at(f"/{path}") if path is not None else None
    if not isinstance(found, Placed) or found.path is None or len(found.text) > _MAX_FILE:
        return
    for match in re.finditer(_LINE, found.text):
        if match[1] == "sqlalchemy.url" and match[4]:
            password = password_in(match[4], found.locate(match.start(4), match.end(4)))
            if password is not None:
                yield SecretDefault(match[1], password, "url")


def file_endpoints(starts: PythonStarts, container: Container) -> Iterator[Endpoint]:
    """The hosts that configuration files name, unless the environment of the container may say otherwise."""
    if container.service is None or container.endpoints or any(one.file is None for one in container.env_files):
        return
    for line in _lines(starts, container):
        url = re.match(_URL, line.value)
        words = re.split(r"[^a-z]+", line.key.lower())
        if line.key in container.variables or line.key.upper() in container.variables:
            continue
        kind = SCHEMES.get(url[1]) if url is not None else "database" if not _HOSTS.isdisjoint(words) else None
        start, end = url.span(2) if url is not None else (0, len(line.value))
        if kind is None or not re.match(_BARE, line.value[start:end]) or line.value.isdecimal():
            continue
        yield _endpoint(line, kind, start, end, is_url=url is not None)


def _endpoint(line: _Line, kind: str, start: int, end: int, *, is_url: bool) -> Endpoint:
    """What a line leads to: the host that stands in a part of its value."""
    length = len(line.value)

    def locate(first: int, last: int) -> Span:
        return line.span.source.span(line.span.start + first, line.span.start + last)

    rendered = Rendered(line.value, True, ((0, length, 0, length),))
    variable = ContainerVariable(line.key, line.value, rendered, line.span, locate, "code")
    return Endpoint(variable, kind, (Host(variable.part(start, end), None),), None, None, None, is_url)


def _lines(starts: PythonStarts, container: Container) -> Iterator[_Line]:
    told: set[str] = set()
    for module in code_modules(starts, container):
        names = module.text.memo.get("read files")
        if names is None:
            names = module.text.memo["read files"] = tuple(_names(module))
        for name, beside in names:
            found = _placed(container, module, name, beside=beside)
            if found is None or found.path is None or found.path in told or len(found.text) > _MAX_FILE:
                continue
            told.add(found.path)
            for match in re.finditer(_LINE, found.text):
                group = next(number for number in (2, 3, 4) if match[number] is not None)
                if match[group]:
                    yield _Line(match[1], match[group], found.locate(match.start(group), match.end(group)))


def _names(module: Module) -> Iterator[tuple[str, bool]]:
    """The names of files that a module opens, each with whether it is one beside the module."""
    text = module.text.syntax.source.text
    if not re.search(_NAMED, text):
        return
    scope, own = Scope(module), "__file__" in text
    for node in ast.walk(module.text.syntax.tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = dotted(node.func, scope)
        reads = isinstance(node.func, ast.Attribute) and node.func.attr == "read" and "configparser" in text
        if name not in _OF_DOTENV and name not in _OPENS and not reads:
            continue
        first = node.args[0]
        if (
            isinstance(first, ast.Call)
            and len(first.args) == 1
            and dotted(first.func, scope) in ("str", "pathlib.Path")
        ):
            first = first.args[0]
        beside = isinstance(first, ast.BinOp) and isinstance(first.op, ast.Div) and own
        last = first.right if isinstance(first, ast.BinOp) and beside else first
        if isinstance(last, ast.Constant) and isinstance(last.value, str) and re.match(_FILE, last.value):
            yield last.value, beside


def _placed(container: Container, module: Module, name: str, *, beside: bool) -> Placed | None:
    """The file of a name, from the working directory or from the folder of a module."""
    program = container.program
    directory = module.folder if beside else directory_of(container, program) if program is not None else None
    if directory is None:
        return None
    path = normal((name if name.startswith("/") else f"{directory}/{name}").lstrip("/"))
    found = container.file_at(f"/{path}") if path is not None else None
    return found if isinstance(found, Placed) else None
