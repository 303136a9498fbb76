"""What the program keeps from run to run beside its bytecode: expressions, and bundles of modules. Never stale."""

import ast
import importlib
import marshal
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from re import _compiler
from types import CodeType, SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dockerlint_fastapi
from dockerlint_fastapi import bytecode, expressions, late
from dockerlint_fastapi.bytecode import Bundle
from dockerlint_fastapi.expressions import Expressions
from dockerlint_fastapi.rule import BUILT_IN

PACKAGE = Path(next(iter(dockerlint_fastapi.__path__)))
STANDING = r"(?P<port>[0-9]{1,5})(?:/(?P<protocol>tcp|udp))?"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where expressions are kept in a test; the user's cache is beside it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setenv("DLF_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "beside").mkdir()
    monkeypatch.setattr(expressions, "_beside", lambda: str(tmp_path / "beside" / "table"))
    return tmp_path


def compiling() -> tuple[Expressions, SimpleNamespace]:
    """Expressions as `hasten` makes them, but for `re`, which stays as it is."""
    compiler = SimpleNamespace(**vars(_compiler))
    made = Expressions(compiler._sre)

    def compile_noted(text: str, flags: int = 0) -> re.Pattern[str]:
        program = _compiler.compile(text, flags)
        parsed = _compiler._parser.parse(text, flags)
        numbers = parsed.state.groupdict
        names: list[str | None] = [None] * parsed.state.groups
        for name, at in numbers.items():
            names[at] = name
        made.note(text, program.flags, _compiler._code(parsed, flags), program.groups, numbers, tuple(names))
        return program

    made._compile = compile_noted
    return made, compiler


def test_a_kept_expression_is_the_one_that_python_compiles(folder: Path) -> None:
    assert sorted(one.name for one in folder.iterdir()) == ["beside"]
    made, _ = compiling()
    assert made.compile(STANDING, re.IGNORECASE) == re.compile(STANDING, re.IGNORECASE)
    made.keep()
    again, _ = compiling()
    again._compile = pytest.fail  # type: ignore[assignment]
    kept = again.compile(STANDING, re.IGNORECASE)
    assert kept == re.compile(STANDING, re.IGNORECASE)
    assert kept.groupindex == {"port": 1, "protocol": 2}
    found = kept.fullmatch("8000/TCP")
    assert found is not None
    assert found.groupdict() == {"port": "8000", "protocol": "TCP"}
    assert found.lastgroup == "protocol"


def test_what_is_made_of_the_input_is_not_kept(folder: Path) -> None:
    made, _ = compiling()
    made.compile(f"of {folder.name} [0-9]")
    made.keep()
    assert list((folder / "beside").iterdir()) == []


@pytest.mark.parametrize("damage", ["half", "empty", "other", "code"])
def test_a_table_that_is_damaged_or_another_interpreter_s_counts_as_none(folder: Path, damage: str) -> None:
    made, _ = compiling()
    made.compile(STANDING)
    if damage == "other":
        made._stamp = ("4.0", *made._stamp[1:])
    if damage == "code":
        made._new[STANDING, 0] = marshal.dumps((32, b"\xff" * 16, 2, {}, (None, None, None)))
    made.keep()
    table = folder / "beside" / "table"
    if damage in ("half", "empty"):
        table.write_bytes(table.read_bytes()[: 20 if damage == "half" else 0])
    again, _ = compiling()
    assert again.compile(STANDING) == re.compile(STANDING)
    again.keep()
    last, _ = compiling()
    last._compile = pytest.fail  # type: ignore[assignment]
    assert last.compile(STANDING) == re.compile(STANDING)


def test_where_the_package_cannot_be_written_to_the_user_s_cache_serves(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "_beside", lambda: str(folder / "nowhere" / "table"))
    made, _ = compiling()
    made.compile(STANDING)
    made.keep()
    assert [one.name for one in (folder / "cache").iterdir()] == [f"expressions.{sys.implementation.cache_tag}.bin"]
    again, _ = compiling()
    again._compile = pytest.fail  # type: ignore[assignment]
    assert again.compile(STANDING) == re.compile(STANDING)


@settings(deadline=None, max_examples=60)
@given(
    st.from_regex(r"(?:[a-c.]|\\[dws]|\[\^?[a-f0-9]+\]|\([ab]\)|\(\?P<[xyz]>c\))[*+?]?", fullmatch=True),
    st.text("abc019 _"),
)
def test_kept_programs_match_alike(text: str, line: str) -> None:
    made, _ = compiling()
    made._kept.clear()  # what an earlier run of this machine has kept
    made.compile(text)
    _, final, numbered, groups, numbers, names = made._made
    built = made._sre.compile(text, final, list(numbered), groups, numbers, names)
    ours, theirs = built.search(line), re.search(text, line)
    assert (ours and (ours.span(), ours.groups())) == (theirs and (theirs.span(), theirs.groups()))


def code_of(text: str, path: Path) -> CodeType:
    return compile(text, str(path), "exec")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Twenty source files, and tables among them."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(bytecode, "_OURS", (str(tmp_path),))
    return [tmp_path / (f"m{at}.py" if at % 5 else f"t{at}.toml") for at in range(20)]


def filled(path: Path, files: list[Path], stamp: bytes = b"made 1st") -> Bundle:
    bundle = Bundle(str(path))
    for file in files:
        if bundle.take(str(file), stamp) is None:
            bundle.lacks(str(file), stamp, code_of(f"name = {file.name!r}", file))
    bundle.keep()
    return bundle


def test_a_bundle_gives_a_form_for_the_source_it_was_made_of_alone(tmp_path: Path, files: list[Path]) -> None:
    path = tmp_path / "bundle"
    filled(path, files)
    bundle = Bundle(str(path))
    for file in files:
        code = bundle.take(str(file), b"made 1st")
        assert code is not None
        assert (code.co_consts[0], code.co_filename) == (file.name, str(file))
        assert bundle.take(str(file), b"made 2nd") is None
    assert bundle.take(str(tmp_path / "other.py"), b"made 1st") is None


def test_a_bundle_is_written_anew_when_much_of_it_is_stale(tmp_path: Path, files: list[Path]) -> None:
    path = tmp_path / "bundle"
    filled(path, files)
    before = path.read_bytes()
    filled(path, files[:3], b"made 2nd")
    assert path.read_bytes() == before  # three are not worth it
    filled(path, files, b"made 2nd")
    bundle = Bundle(str(path))
    assert all(bundle.take(str(file), b"made 2nd") for file in files)
    assert not any(bundle.take(str(file), b"made 1st") for file in files)


def test_what_another_kind_of_run_needs_is_a_part_of_its_own(tmp_path: Path, files: list[Path]) -> None:
    path = tmp_path / "bundle"
    filled(path, files)
    more = [tmp_path / f"compose{at}.py" for at in range(16)]
    filled(path, more)
    bundle = Bundle(str(path))
    assert bundle.take(str(files[1]), b"made 1st") is not None
    assert [len(one) for one in bundle._loaded.values()] == [16]
    assert bundle.take(str(files[0]), b"made 1st") is not None  # a table
    assert sorted(len(one) for one in bundle._loaded.values()) == [1, 16]
    assert bundle.take(str(more[0]), b"made 1st") is not None


def test_a_part_of_which_a_run_needs_half_is_made_two(tmp_path: Path, files: list[Path]) -> None:
    path = tmp_path / "bundle"
    files += [tmp_path / f"more{at}.py" for at in range(30)]
    modules = [one for one in files if one.suffix == ".py"]
    filled(path, files)
    filled(path, modules[:15])
    assert len(Bundle(str(path))._parts) == 5  # what a run needs besides is too little: one of modules, and tables
    filled(path, modules[:20])
    bundle = Bundle(str(path))
    assert all(bundle.take(str(file), b"made 1st") for file in modules[:20])
    assert [len(one) for one in bundle._loaded.values()] == [20]
    assert all(bundle.take(str(file), b"made 1st") for file in files)
    assert sorted(len(one) for one in bundle._loaded.values()) == [1, 1, 1, 1, 20, 26]


def test_a_damaged_bundle_counts_as_none(tmp_path: Path, files: list[Path]) -> None:
    path = tmp_path / "bundle"
    filled(path, files)
    whole = path.read_bytes()
    for damaged in (b"", whole[:5], whole[:60], whole[:-1], b"\xff" * len(whole), whole[:-400] + bytes(400)):
        path.write_bytes(damaged)
        bundle = Bundle(str(path))
        for file in files:
            code = bundle.take(str(file), b"made 1st")
            assert code is None or code.co_consts[0] == file.name
    filled(path, files)
    assert all(Bundle(str(path)).take(str(file), b"made 1st") for file in files)


def test_nothing_is_kept_of_other_people_s_files(tmp_path: Path, files: list[Path]) -> None:
    filled(tmp_path / "bundle", [Path("/elsewhere") / file.name for file in files])
    assert not (tmp_path / "bundle").exists()


def test_a_module_that_is_put_off_is_there_when_it_is_needed() -> None:
    program = """
import sys
before = set(sys.modules)
from dockerlint_fastapi import late
late.hasten()
with late.PutOff():
    from dockerfile_parse import DockerfileParser, parser
print(sorted({"json", "logging", "shlex"} & set(sys.modules) - before))
import io
made = DockerfileParser(fileobj=io.BytesIO(b"FROM a\\nENV B='c d'\\n"))
print(made.json, parser.quote("a b"), parser.logger.name, parser.json.loads("[1]"))
import logging
print(type(logging).__name__, logging.getLogger("x").name)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "[]",
        '[{"FROM": "a"}, {"ENV": "B=\'c d\'"}] \'a b\' dockerfile_parse.parser [1]',
        "module x",
    ]


STANDING_IN = r"""
import sys
for name in ("ast", "collections", "collections.abc", "functools", "re", "types"):
    sys.modules.pop(name, None)
from dockerlint_fastapi import expressions, late
late.hasten()
expressions.hasten(whole=True)
import ast, collections.abc, functools, re
from collections import deque
from types import MappingProxyType
def ask(number): return number + 1
asked = functools.cache(ask), functools.lru_cache(maxsize=2)(ask)
print([one(1) + one(1) for one in asked], [one.__name__ for one in asked], asked[1].__wrapped__ is ask)
print(sorted({"enum", "reprlib", "re._parser", "contextlib"} & sys.modules.keys()))
tree = ast.parse("class A(B):\n    x: int = f(1, *y)\n")
walked = [type(node).__name__ for node in ast.walk(tree)]
text = "".join(map(chr, range(128)))
ours = [re.escape(text), re.split("b+", "abbc"), re.sub("(b)", r"<\1>", "abc"), re.findall("(?i)B", "ab")]
print(ours)
print(sorted({"enum", "reprlib", "re._parser"} & sys.modules.keys()))
print(asked[1].cache_info(), ast.dump(tree)[:6], collections.OrderedDict, issubclass(dict, collections.abc.Mapping))
import importlib
real = importlib.import_module("re")
print(walked == [type(node).__name__ for node in sys.modules["ast"].walk(tree)], real.error is re.error)
print(re.compile(b"x").match(b"x") is not None, re.search(re.compile("x"), "x") is not None)
try:
    re.compile("(")
except re.error as error:
    print(error.pos)
"""


def test_modules_that_stand_for_others_do_as_they_do() -> None:
    done = subprocess.run([sys.executable, "-S", "-c", STANDING_IN], capture_output=True, text=True, check=True,
                          env={"PYTHONPATH": str(PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
    text = "".join(map(chr, range(128)))
    assert done.stdout.splitlines() == [
        "[4, 4] ['ask', 'ask'] True",
        "[]",
        str([re.escape(text), ["a", "c"], "a<b>c", ["b"]]),
        "['enum', 're._parser']",
        "CacheInfo(hits=1, misses=1, maxsize=2, currsize=1) Module <class 'collections.OrderedDict'> True",
        "True True",
        "True True",
        "0",
    ]


def test_as_a_library_nothing_is_put_off() -> None:
    assert not late._state["hastened"]
    with late.PutOff():
        assert type(importlib.import_module("shlex")) is type(os)


def test_what_has_no_name_is_kept_in_a_cache_as_by_functools() -> None:
    seven = late._cache(partial(int, "7"))
    assert (seven(), seven(), seven.cache_info().hits) == (7, 7, 1)


def test_runs_with_what_is_kept_say_the_same_and_see_every_change(tmp_path: Path) -> None:
    """The program itself, installed in a folder of its own: a first run, later ones, and one after an edit."""
    copy = tmp_path / "site" / "dockerlint_fastapi"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, copy, ignore=ignored)
    shutil.copytree(BUILT_IN, copy / "rules", ignore=ignored, dirs_exist_ok=True)
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    (project / "Dockerfile").write_text("FROM python:3.13-slim\nCOPY . .\nCMD uvicorn app.main:app --host 0.0.0.0\n")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    }

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-m", "dockerlint_fastapi", "check", "Dockerfile", "--no-plugins"],
            cwd=project,
            env=environment | {"PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, ""), done.stderr
        return done.stdout

    first = run()
    assert run() == run() == first
    program = (
        "import sys; from dockerlint_fastapi import cli; leave = cli._leave;"
        "cli._leave = lambda code: (print(sorted(sys.modules), file=sys.stderr), leave(code)); cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "Dockerfile", "--no-plugins"],
        cwd=project, env=environment | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    imported = set(ast.literal_eval(done.stderr.splitlines()[-1]))
    before = subprocess.run([sys.executable, "-c", "import sys; print(sorted(sys.modules))"],
                            capture_output=True, text=True, check=True)  # fmt: skip
    assert not (imported - set(ast.literal_eval(before.stdout))) & {"enum", "reprlib", "re._parser", "keyword"}
    kept = sorted(one.name.split(".")[0] for one in (copy / "__pycache__").iterdir() if one.suffix == ".bin")
    assert kept == ["bundle", "expressions"]
    rule = copy / "rules" / "missing_dockerignore.py"
    text = rule.read_text(encoding="utf-8")
    assert "missing-dockerignore" in first
    rule.write_text(
        text.replace("def check(", "def check_no_more(") + "\n\ndef check(node: Project):\n    yield from ()\n"
    )
    if "import Project" not in text:
        rule.write_text("from dockerlint_fastapi.model import Project\n" + rule.read_text(encoding="utf-8"))
    assert "missing-dockerignore" not in run()
