"""Lock files: uv, Poetry, PDM, pylock.toml."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.install.manifest import Lock
from dockerlint_fastapi.parsers.manifests.pdm_lock import parse_pdm_lock
from dockerlint_fastapi.parsers.manifests.poetry_lock import parse_poetry_lock
from dockerlint_fastapi.parsers.manifests.pylock import parse_pylock
from dockerlint_fastapi.parsers.manifests.uv_lock import parse_uv_lock
from dockerlint_fastapi.source import Source, Span

Parser = Callable[[str, Callable[[int, int], Span]], Lock | None]
PARSERS: list[Parser] = [parse_uv_lock, parse_poetry_lock, parse_pdm_lock, parse_pylock]


def read(parse: Parser, text: str) -> Lock:
    source = Source.of(text, "x.lock")
    found = parse(source.text, source.span)
    assert found is not None
    return found


def test_uv() -> None:
    lock = read(
        parse_uv_lock,
        """\
version = 1
[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "fastapi", extra = ["standard"] }, { name = "uvloop", marker = "sys_platform != 'win32'" }]
[package.optional-dependencies]
postgres = [{ name = "asyncpg" }]
[package.dev-dependencies]
dev = [{ name = "pytest" }]
[[package]]
name = "fastapi"
version = "0.115.0"
[package.optional-dependencies]
standard = [{ name = "uvicorn" }]
[[package]]
name = "numpy"
version = "1.26"
[[package]]
name = "numpy"
version = "2.0"
""",
    )
    (root,) = lock.roots
    assert (root.name, root.folder) == ("shop", ".")
    assert [(one.name, set(one.extras), one.marker) for one in root.dependencies] == [
        ("fastapi", {"standard"}, None),
        ("uvloop", set(), "sys_platform != 'win32'"),
    ]
    assert [one.name for one in root.groups["dev"]] == ["pytest"]
    assert [one.name for one in root.extras["postgres"]] == ["asyncpg"]
    (fastapi,) = lock.packages["fastapi"]
    assert fastapi.span.text == "fastapi"
    assert fastapi.span.line == 12
    assert [one.version for one in lock.packages["numpy"]] == ["1.26", "2.0"]
    assert [one.span.line for one in lock.packages["numpy"]] == [17, 20]


def test_poetry() -> None:
    lock = read(
        parse_poetry_lock,
        """\
[[package]]
name = "uvicorn"
version = "0.30.0"
optional = false
[package.dependencies]
click = ">=7"
h11 = {version = ">=0.8", markers = "python_version > '3'"}
httptools = {version = ">=0.5", optional = true, markers = "extra == 'standard'"}
[package.extras]
standard = ["httptools (>=0.5)", "uvloop (>=0.14) ; sys_platform != 'win32'"]
""",
    )
    (uvicorn,) = lock.packages["uvicorn"]
    assert [one.name for one in uvicorn.dependencies] == ["click", "h11"]
    assert [one.name for one in uvicorn.extras["standard"]] == ["httptools", "uvloop"]


def test_pdm() -> None:
    lock = read(
        parse_pdm_lock,
        """\
[[package]]
name = "uvicorn"
version = "0.30.0"
dependencies = ["click>=7", "h11"]
[[package]]
name = "uvicorn"
version = "0.30.0"
extras = ["standard"]
dependencies = ["uvloop; sys_platform != 'win32'", "uvicorn==0.30.0"]
""",
    )
    (uvicorn,) = lock.packages["uvicorn"]
    assert [one.name for one in uvicorn.dependencies] == ["click", "h11"]
    assert [one.name for one in uvicorn.extras["standard"]] == ["uvloop"]


def test_pylock() -> None:
    lock = read(
        parse_pylock,
        'lock-version = "1.0"\n[[packages]]\nname = "Foo_Bar"\nversion = "1"\nmarker = "os_name == \'nt\'"\n',
    )
    assert lock.flat is not None
    (one,) = lock.flat["default"]
    assert (one.name, one.version, one.marker, one.span.text) == ("foo-bar", "1", "os_name == 'nt'", "Foo_Bar")


PIECES = st.sampled_from(
    [
        "[[package]]", "[[packages]]", "[package.dependencies]", "[package.extras]", "[package.optional-dependencies]",
        "[package.dev-dependencies]", "name = 'a'", "name = 3", "version = '1'", "version = 2",
        "dependencies = ['a', 3]",
        "dependencies = [{name='a', extra=['x', 3]}, {}]", "dependencies = 3", "extras = ['x']", "extras = 3",
        "a = '*'",
        "a = [{version='1', optional=true}, 3]", "a = {extras=3, markers=4}", "source = {editable='.'}", "source = 3",
        "package = 3", "markers = 'x'", "x = '''\n[[package]]\nname = 'z'\n'''",
    ]
)  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=150, deadline=None)
@given(text=st.lists(PIECES, max_size=9).map("\n".join))
def test_never_raises_and_every_place_lies_in_the_file(parse: Parser, text: str) -> None:
    source = Source.of(text, "x.lock")
    found = parse(source.text, source.span)
    if found is None:
        return
    listed = [one for group in (found.flat or {}).values() for one in group]
    for one in (*listed, *(one for group in found.packages.values() for one in group)):
        assert 0 <= one.span.start <= one.span.end <= len(text)
