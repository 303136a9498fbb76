"""What a module imports, read from its text: the same as its syntax tree tells, or no answer."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.parsers.python.imports import Imported, imports_of_text

HERE = Path(__file__).resolve().parent.parent


def run(body: list[ast.stmt]) -> Iterator[Imported | None]:
    """What the statements of a module certainly import, by its tree; None for an `if` that may import something."""
    for one in body:
        if isinstance(one, ast.Import):
            yield Imported(None, "", tuple(alias.name for alias in one.names))
        elif isinstance(one, ast.ImportFrom):
            yield Imported(one.level, one.module or "", tuple(alias.name for alias in one.names))
        elif isinstance(one, ast.Try | ast.With | ast.ClassDef):
            yield from run(one.body)
        elif isinstance(one, ast.If) and "TYPE_CHECKING" not in ast.unparse(one.test):
            yield from (None for inner in ast.walk(one) if isinstance(inner, ast.Import | ast.ImportFrom))


def expected(text: str) -> tuple[Imported | None, ...]:
    return tuple(run(ast.parse(text).body))


def test_the_project_s_own_files() -> None:
    files = [
        *HERE.joinpath("src").rglob("*.py"),
        *HERE.joinpath("tests").glob("*.py"),
        *HERE.joinpath("rules").glob("*.py"),
    ]
    told = 0
    for file in files:
        text = file.read_text(encoding="utf-8")
        found = imports_of_text(text)
        if found is not None:
            told += 1
            assert found == expected(text), file
    assert told > 0.9 * len(files)


@pytest.mark.parametrize(
    "text",
    [
        "import os, sys as system\nimport a.b.c as d\n",
        "from . import a\nfrom .. import b as c\nfrom ...d.e import (\n    f,  # the ) first\n    g as h,\n)\n",
        "from a import *\r\nimport b\r\n",
        '"""\nimport not_this\nfrom that import this\n"""\nimport this\n',
        "x = '''\nimport a\n'''; y = 1\nimport b  # import c\n",
        "text = \"'''\"\nimport a\nother = \"'''\"\n",
        "def f(\n    a,\n) -> int:\n    import b\n    return 1\n\n\nimport c\n",
        "class A:\n    import b\n\n    def f(self):\n        from c import d\n",
        "try:\n    import a\nexcept ImportError:\n    import b\nfinally:\n    import c\n",
        "try:\n    import a\nexcept ImportError:\n    try:\n        import b\n    except E:\n        import c\n",
        "with x():\n    import a\nfor y in z:\n    import b\nwhile 0:\n    import c\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import b\nimport c\n",
        "async def f():\n\timport a\n@d\ndef g():\n\tif 1:\n\t\timport b\n\telse:\n\t\timport c\n",
        "from a import b, \\\n    c\n",
        "",
        "x = 1\n",
    ],
)
def test_what_the_text_alone_tells(text: str) -> None:
    assert imports_of_text(text) == expected(text)


@pytest.mark.parametrize(
    "text",
    [
        "import a; import b\n",
        "if x: import a\n",
        "if x:\n    import a\nelse:\n    import b\n",
        "match x:\n    case 1:\n        import a\n",
        "from {{ project }}.a import b\n",
        "TYPE_CHECKING = True\nif TYPE_CHECKING:\n    import a\n",
        '"""\nimport a\n',
        "import a\rimport b\r",
    ],
)
def test_what_only_the_tree_can_tell(text: str) -> None:
    assert imports_of_text(text) is None


PIECES = (
    "import a\n", "from .b import c, d\n", "if x:\n", "else:\n", "try:\n", "except E:\n", "class A:\n", "def f():\n",
    "    import e\n", "        from f import (\n g\n)\n", "    pass\n", "'''", '"""', "\n", "# import h\n",
    "x = 'import'\n", "    ", ") -> int:\n", "\\\n",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_text_that_parses_is_read_as_its_tree(text: str) -> None:
    found = imports_of_text(text)
    try:
        told = expected(text)
    except SyntaxError:
        return
    if found is not None:
        assert found == tuple(one for one in told if one is not None)
