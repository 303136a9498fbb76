"""Where a server's own code prints: in what it imports, and not in what runs only as a program."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.environment.printing import printed
from dockerlint_fastapi.tree import text_files

START = 'FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nCMD ["uvicorn", "main:app"]\n'
APP = "from fastapi import FastAPI\napp = FastAPI()\n"


def place(files: dict[str, str], start: str = START) -> str | None:
    tree = text_files({"Dockerfile": start, "main.py": APP, **files}.items())
    (container,) = assemble(tree, find(tree)).containers
    found = printed(container)
    assert found is None or found.text == "print"
    return None if found is None else f"{found.source.path}:{found.line}"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("print('x')\n", 3),
        ("def f():\n    print('x')\nf()\n", 4),
        ("def f():\n    print('x')\n", None),
        ("@app.get('/')\ndef f():\n    print('x')\n", 5),
        ("class A:\n    def f(self):\n        print('x')\n", 5),
        ("if app: print('x')\n", 3),
        ("x = 1; print(x)\n", 3),
        ("# print('x')\n", None),
        ("x = 'print(1)'\n", None),
        ("blueprint('x')\n", None),
        ("log.print('x')\n", None),
        ("print('x', flush=True)\n", None),
        ("print('x', file=sys.stderr)\n", None),
        ('def f():\n    """Like this:\n\n    print(1)\n    """\n', None),
        ("", None),
    ],
)
def test_what_counts_as_printing(code: str, line: int | None) -> None:
    assert place({"main.py": APP + code}) == (None if line is None else f"main.py:{line}")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("if __name__ == '__main__':\n    print('x')\n", None),
        ("def go():\n    print('x')\n\nif __name__ == '__main__':\n    go()\n", None),
        ("def go():\n    print('x')\n\ngo()\nif __name__ == '__main__':\n    go()\n", 4),
        ("def go():\n    print('x')\n\nstart = go\nif __name__ == '__main__':\n    pass\n", 4),
        ("print('x')\nif __name__ == '__main__':\n    pass\n", 3),
    ],
)
def test_what_runs_only_as_a_program(code: str, line: int | None) -> None:
    assert place({"main.py": APP + code}) == (None if line is None else f"main.py:{line}")


PRINTS = "print('x')\n"
BY_NAME = "import importlib\nimportlib.import_module(f'shop.{app}')\n"


@pytest.mark.parametrize(
    ("imports", "files", "found"),
    [
        ("import other\n", {"other.py": PRINTS}, "other.py:1"),
        ("from other import (\n    x,  # why\n)\n", {"other.py": PRINTS}, "other.py:1"),
        ("from shop import routes\n", {"shop/__init__.py": "", "shop/routes.py": PRINTS}, "shop/routes.py:1"),
        ("from shop.api import x\n", {"shop/__init__.py": PRINTS, "shop/api.py": ""}, "shop/__init__.py:1"),
        ("import a\n", {"a.py": "import b\n", "b.py": PRINTS}, "b.py:1"),
        ("import shop.a\n", {"shop/a.py": "from . import b\n", "shop/b.py": PRINTS}, "shop/b.py:1"),
        ("import shop.a\n", {"shop/a.py": "from .b import x\n", "shop/b.py": PRINTS}, "shop/b.py:1"),
        ("import a\n", {"a.py": "import main\n"}, None),  # a circle ends
        ("", {"other.py": PRINTS}, None),
        ("# import other\n", {"other.py": PRINTS}, None),
        (BY_NAME, {"other.py": PRINTS}, "other.py:1"),  # it may find any module by its name
        (BY_NAME, {"tests/a.py": PRINTS, "test_b.py": PRINTS, "scripts/c.py": PRINTS}, None),
        (BY_NAME, {"shop/cli.py": PRINTS, "cli/a.py": PRINTS, "commands/b.py": PRINTS}, None),
        ("import importlib\nimportlib.import_module('shop.a')\n", {"shop/a.py": "", "shop/b.py": PRINTS}, None),
        ("import importlib\nimportlib.import_module('shop.a')\n", {"shop/a.py": PRINTS}, "shop/a.py:1"),
        ("json = __import__('json')\n", {"other.py": PRINTS}, None),
        ("from importlib import metadata\nmetadata.version('x')\n", {"other.py": PRINTS}, None),
        ("import importlib.resources\n", {"other.py": PRINTS}, None),
    ],
)
def test_the_modules_that_it_leads_to(imports: str, files: dict[str, str], found: str | None) -> None:
    assert place({"main.py": imports + APP, **files}) == found


def test_none_where_the_code_is_not_at_hand() -> None:
    assert place({}, START.replace("main:app", "elsewhere:app")) is None
    assert place({"main.py": PRINTS}, START.replace('"uvicorn", "main:app"', '"sleep", "1"')) is None
