"""Python code as the requests that it makes, read from its syntax tree and never run."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from dockerlint_fastapi.model.command import Environment, Program, Value
from dockerlint_fastapi.model.environment.interpolation import PLACEHOLDER
from dockerlint_fastapi.model.health.probe import Request
from dockerlint_fastapi.parsers.python.syntax import parse_python
from dockerlint_fastapi.parsers.request.address import DEFAULT_PORTS, GET, connection, url
from dockerlint_fastapi.parsers.request.python_values import Code
from dockerlint_fastapi.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


# Modules that ask no server by themselves.
_SILENT: Final = frozenset(
    "__future__ argparse collections contextlib datetime functools http json logging math os pathlib platform "
    "random re shutil signal socket ssl string sys time traceback types typing urllib".split()
)
_VERBS: Final = frozenset(("get", "head", "post", "put", "patch", "delete", "options"))
_SESSIONS: Final = frozenset(
    (
        "requests",
        "requests.api",
        "requests.Session()",
        "requests.session()",
        "httpx",
        "httpx.Client()",
        "httpx.AsyncClient()",
        "aiohttp.ClientSession()",
    )
)
_GENERAL: Final = frozenset(
    (
        *(f"{session}.request" for session in _SESSIONS),
        "httpx.stream",
        "httpx.Client().stream",
        "urllib3.request",
        "urllib3.PoolManager().request",
    )
)
_CONNECTIONS: Final = {"http.client.HTTPConnection()": "http", "http.client.HTTPSConnection()": "https"}


def requests_of_code(
    text: str, locate: Callable[[int, int], Span], program: Program, environment: Environment
) -> tuple[Request, ...] | None:
    """What some Python code asks for, in whichever branch or function; None when that cannot be told."""
    if PLACEHOLDER in text:
        return None
    syntax = parse_python(Source.of(text, "<code>"))
    if syntax is None:
        return None
    code = Code(syntax, locate, environment)
    found = [one for call in code.calls for one in _requests(call, code, program)]
    if None in found or (not found and not code.modules <= _SILENT):
        return None
    return tuple(one for one in found if one is not None)


def _requests(call: ast.Call, code: Code, program: Program) -> Iterator[Request | None]:
    """What one call asks for; None for one that asks we cannot tell what."""
    name = code.name(call.func)
    if name is None:
        yield from _by_look(call, code, program)
        return
    owner, _, verb = name.rpartition(".")
    if name == "urllib.request.urlopen":
        yield _urlopen(call, code, program)
    elif owner in _SESSIONS and verb in _VERBS:
        yield _address(
            call, code, program, _argument(call, 0, "url"), Value(verb.upper(), code.span(call.func), "option")
        )
    elif name in _GENERAL:
        chosen = code.text(_argument(call, 0, "method"))
        method = chosen.part(0, len(chosen.value)) if chosen is not None else None
        method = method._replace(text=method.text.upper()) if method is not None else None
        yield _address(call, code, program, _argument(call, 1, "url"), method)
    elif owner in _CONNECTIONS and verb in ("request", "putrequest"):
        yield _by_connection(call, code, program, _CONNECTIONS[owner])
    elif name in ("socket.create_connection", "socket.socket().connect", "socket.socket().connect_ex"):
        pair = code.value(_argument(call, 0, "address"))
        yield _pair(pair.elts, code, program) if isinstance(pair, ast.Tuple) else None
    elif name == "asyncio.open_connection":
        yield _pair([one for one in (_argument(call, 0, "host"), _argument(call, 1, "port")) if one], code, program)
    elif name.startswith(("os.system", "os.popen", "os.exec", "subprocess.", "runpy.")) or name in ("exec", "eval"):
        yield None


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    """An argument by its position or its name; None when it is not there, or may be hidden behind a star."""
    for given in call.keywords:
        if given.arg == keyword:
            return given.value
    before = call.args[: position + 1]
    if len(before) <= position or any(isinstance(one, ast.Starred) for one in before):
        return None
    return before[position]


def _urlopen(call: ast.Call, code: Code, program: Program) -> Request | None:
    target = code.value(_argument(call, 0, "url"))
    method: Value | None = GET
    sends = _argument(call, 1, "data")
    if isinstance(target, ast.Call) and code.name(target.func) == "urllib.request.Request":
        given = _argument(target, 5, "method")
        sends = sends or _argument(target, 1, "data")
        if given is not None:
            chosen = code.text(given)
            method = chosen.part(0, len(chosen.value)) if chosen is not None else None
            sends = None
        target = _argument(target, 0, "url")
    if sends is not None and not (isinstance(sends, ast.Constant) and sends.value is None):
        method = Value("POST", None, "option")
    text = code.text(target)
    return url(text, program, method, bare=False) if text is not None else None


def _address(
    call: ast.Call, code: Code, program: Program, target: ast.expr | None, method: Value | None
) -> Request | None:
    """The request of a client library; a client with a base URL joins both."""
    text = code.text(target)
    if text is None:
        return None
    maker = code.maker(call.func)
    base = next((one.value for one in maker.keywords if one.arg == "base_url"), None) if maker is not None else None
    if base is not None and "://" not in text.value:
        root = code.text(base)
        if root is None:
            return None
        joined = root.slice(0, len(root.value.rstrip("/")))
        path = text.value.lstrip("/")
        joined.put("/", 0, 0, given=False)
        joined.add(text.slice(len(text.value) - len(path)))
        text = joined
    return url(text, program, method, bare=False)


def _by_connection(call: ast.Call, code: Code, program: Program, scheme: str) -> Request | None:
    """`HTTPConnection("localhost", 8000).request("GET", "/health")`."""
    maker = code.maker(call.func)
    host = code.text(_argument(maker, 0, "host")) if maker is not None else None
    if maker is None or host is None:
        return None
    number = _argument(maker, 1, "port")
    text = code.text(number)
    if isinstance(number, ast.Constant) and number.value is None:
        number = text = None
    span, port = host.whole, None
    colon = host.value.rfind(":")
    if text is not None:
        port = text.part(0, len(text.value))
        span = _from_to(span, text.whole)
    elif number is None and colon > host.value.rfind("]"):
        port = host.part(colon + 1, len(host.value))
        host = host.slice(0, colon)
    elif number is None and host.known:
        port = Value(DEFAULT_PORTS[scheme], None, "default")
    method = code.text(_argument(call, 0, "method"))
    path = code.text(_argument(call, 1, "url"))
    found = path.part(0, len(path.value.partition("?")[0])) if path is not None else None
    return Request(
        program,
        span,
        scheme,
        host.part(0, len(host.value)),
        port if port is not None and port.number is not None else None,
        found,
        method.part(0, len(method.value)) if method is not None else None,
    )


def _pair(parts: list[ast.expr], code: Code, program: Program) -> Request | None:
    """`("localhost", 8000)`."""
    texts = [code.text(one) for one in parts]
    if len(texts) != 2 or texts[0] is None or texts[1] is None:
        return None
    return connection(texts[0], texts[1], program)


def _by_look(call: ast.Call, code: Code, program: Program) -> Iterator[Request | None]:
    """A call of what we do not know by name: `session.get("http://…")` asks for that URL."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in (*_VERBS, "urlopen", "request", "fetch"):
        return
    for position in (0, 1):
        text = code.text(_argument(call, position, "url"))
        if text is not None and text.value.startswith(("http://", "https://")):
            verb = call.func.attr
            method = Value(verb.upper(), code.span(call.func), "option") if verb in _VERBS else None
            yield url(text, program, method, bare=False)
            return


def _from_to(first: Span, last: Span) -> Span:
    return first.to(last) if last.source is first.source and last.end >= first.start else first
