"""What validators let pass, and where code connects to."""

from __future__ import annotations

import ast
import time

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import UNKNOWN, Environment
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.parsers.python.clients import client_calls
from dockerlint_fastapi.parsers.python.names import Library, Module, PythonText, Scope
from dockerlint_fastapi.parsers.python.passing import hands_on
from dockerlint_fastapi.parsers.python.syntax import parse_python
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

DOCKERFILE = 'FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
COMPOSE = "services:\n  web:\n    build: .\n  cache:\n    image: redis:8\n"


def module_of(text: str) -> Module:
    source = Source.of(text, "main.py")
    syntax = parse_python(source)
    assert syntax is not None
    library = Library(lambda _place: UNKNOWN, (), Environment({}, closed=True), lambda _path: False)
    return Module(PythonText("/code/main.py", syntax, "main.py", source.span, {}), library, "main")


def passes(body: str, text: str, head: str = "") -> bool:
    """Whether a validator with this body hands a text on."""
    module = module_of(f"import re\nimport os\n{head}\ndef check(cls, v):\n    {body}\n")
    function = module.text.syntax.tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    return hands_on(function, text, Scope(module))


@pytest.mark.parametrize(
    ("body", "passed"),
    [
        ("return v", True),
        ("if len(v) < 8: raise ValueError\n    return v", True),
        ("if len(v) < 12: raise ValueError\n    return v", False),
        ("assert any(c.isdigit() for c in v)\n    return v", True),
        ("assert all(c.isdigit() for c in v)\n    return v", False),
        ("if not re.search(r'[A-Z]', v) or not re.match('^.{8,}$', v): raise ValueError\n    return v", True),
        ("if sum(c.isupper() for c in v) < 2: raise ValueError\n    return v", True),
        ("if sum(c.isupper() for c in v) < 3: raise ValueError\n    return v", False),
        ("if v == 'ChangeMe123': raise ValueError\n    return v", False),
        ("if v.lower() in WEAK: raise ValueError\n    return v", False),
        ("if v in WEAK: raise ValueError\n    return v", True),
        ("if os.environ['STAGE'] == 'prod' and v == 'other': raise ValueError\n    return v", True),
        ("if os.environ['STAGE'] == 'prod' and v == 'ChangeMe123': raise ValueError\n    return v", False),
        ("if is_prod(): raise ValueError\n    return v", False),
        ("return v.strip()", True),
        ("return v.lower()", False),
        ("return hash(v)", False),
        ("print('weak')\n    return v", True),
        ("for c in v: check(c)\n    return v", False),
        ("pass", False),
        ("return v[0]", False),
        ("raise ValueError", False),
    ],
)
def test_a_validator_that_certainly_hands_a_text_on(body: str, passed: bool) -> None:  # noqa: FBT001
    assert passes(body, "ChangeMe123", "WEAK = {'changeme123', 'secret'}") is passed


@pytest.mark.parametrize(
    "expression", [r"(a+)+$", r"(?:a|a)*b", r".*.*.*.*.*.*x", r"(?=.*a)(.*)*x", "[", "a{1,99}a{1,99}a{1,99}x"]
)
def test_expressions_of_the_code_take_no_time(expression: str) -> None:
    before = time.perf_counter()
    assert not passes(f"if re.match({expression!r}, v): raise ValueError\n    return v", "a" * 200)
    assert time.perf_counter() - before < 1


def test_a_validator_does_not_run_for_ever() -> None:
    assert not passes("assert all(all(all(c for c in v) for c in v) for c in v)\n    return v", "a" * 200)


def test_client_calls_know_how_certain_they_are() -> None:
    module = module_of(
        "import os\nimport redis\nfrom pymongo import MongoClient as Client\nhost = 'a'\n"
        "one = redis.Redis(host, 6379)\n"
        "two = Client('mongodb://b/x') if os.sep else None\n"
        "def make(host):\n    return redis.Redis(host=host)\n"
        "class Store:\n    host = 'c'\n    inside = redis.Redis(host)\n"
        "    def open(self):\n        return redis.Redis(host=host)\n"
        "try:\n    three = redis.from_url('redis://d')\nexcept OSError:\n    three = redis.Redis('e')\n"
        "if os.environ.get('X') == '1':\n    four = redis.Redis('f')\nelse:\n    four = redis.Redis('g')\n"
        "if __name__ == '__main__':\n    redis.Redis('h')\n"
    )
    found = {
        (str(one.address.value) if one.address is not None else None, one.certain, one.within)
        for one in client_calls(module)
    }
    assert found == {
        ("a", True, ""),
        ("mongodb://b/x", False, ""),
        (None, True, "make"),
        ("c", True, ""),
        ("a", True, "open"),
        ("redis://d", True, ""),
        ("e", False, ""),
        ("g", True, ""),
    }


def container_of(main: str, **files: str) -> Container:
    texts = {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE, "main.py": main, **files}
    tree = text_files(texts.items())
    return assemble(tree, find(tree)).containers[0]


def test_the_code_of_a_container_names_endpoints_with_their_places() -> None:
    container = container_of(
        "import redis\nfrom fastapi import FastAPI\nfrom config import URL\napp = FastAPI()\nredis.from_url(URL)\n",
        **{"config.py": "URL = 'redis://cache:6379/0'\n"},
    )
    (endpoint,) = container.code_endpoints
    assert (endpoint.variable.name, endpoint.kind, endpoint.is_url) == ("redis.from_url", "redis", True)
    (host,) = endpoint.hosts
    assert (host.name.value, host.name.span.source.path, host.name.span.text) == ("cache", "config.py", "cache")


def test_an_import_string_or_the_object_it_names_are_one_application() -> None:
    main = (
        "import sys\nimport uvicorn\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        "if __name__ == '__main__':\n"
        "    uvicorn.run(app if hasattr(sys, 'frozen') else '{}', host='0.0.0.0')\n"
    )
    command = DOCKERFILE[: DOCKERFILE.index("CMD")] + 'CMD ["python", "main.py"]\n'
    for text, expected in (("main:app", "main:app"), ("other:app", None), ("main:other", None)):
        container = container_of(main.format(text), Dockerfile=command)
        assert container.server is not None
        app = container.server.app
        assert (app.text if app is not None else None) == expected
