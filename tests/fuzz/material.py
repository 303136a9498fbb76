"""What the fuzzer feeds: seeds from the project's own fixtures, mutations of them, and texts made after a grammar."""

from __future__ import annotations

import importlib.util
import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from dockerlint_fastapi.examples import examples
from dockerlint_fastapi.rule import BUILT_IN, load_rules
from dockerlint_fastapi.tree import MemoryTree

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 90_000  # bytes of one made file: what is larger may take longer than the fuzzer allows
GROWN = 24_000  # bytes of a file that says the same many times
EXPECTED = ("expected", "shown")

Files = dict[str, bytes]
Random = random.Random


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@cache
def samples() -> tuple[Files, ...]:
    """Every fixture project, and every example of a rule's page that has files."""
    found: list[Files] = []
    for kind in ("forms", "projects", "shown"):
        for folder in sorted((ROOT / "fixtures" / kind).iterdir()):
            if folder.is_dir():
                files = {
                    path.relative_to(folder).as_posix(): path.read_bytes()
                    for path in sorted(folder.rglob("*"))
                    if path.is_file() and not path.name.startswith(EXPECTED)
                }
                found.append({path: data for path, data in files.items() if len(data) < LARGEST})
    rules = load_rules()
    for folder in (BUILT_IN, str(ROOT / "fixtures" / "cases")):
        found += [dict(one.tree.files) for one in examples(folder, rules) if isinstance(one.tree, MemoryTree)]
    return tuple(files for files in found if files)


def _is(kind: str, path: str) -> bool:
    name = path.rpartition("/")[2].lower()
    return {
        "dockerfile": "dockerfile" in name and not name.endswith("ignore"),
        "compose": name.endswith((".yml", ".yaml")),
        "shell": name.endswith(".sh"),
        "dockerignore": name.endswith("ignore"),
        "python": name.endswith(".py"),
        "dotenv": name.startswith(".env") or name.endswith(".env"),
        "manifests": name.endswith((".txt", ".toml", ".lock", ".cfg")) or name.startswith("pipfile"),
    }[kind]


@cache
def texts(kind: str) -> tuple[bytes, ...]:
    """Every file of one kind in the samples, each once."""
    return tuple({data: 0 for files in samples() for path, data in files.items() if _is(kind, path)})


BITS: tuple[bytes, ...] = (
    b"\t", b"\n", b"  ", b"- ", b": ", b'"', b"'", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"$", b"${", b"$(", b"$((",
    b"`", b"\\", b"\\\n", b"<<EOF\n", b"<<-'E'\n", b"EOF\n", b"#", b"\xff", b"\x00", b"\r", b"\r\n", b"&&", b"||", b";",
    b"|", b">", b"exec ", b'"$@"', b"FROM x\n", b"COPY . .\n", b"USER x\n", b"\xef\xbb\xbf", b"def f(", b"import ",
    b"class A(", b"**", b"!", b"\xc3\xa9", b"case ", b"esac", b"if ", b"then", b"fi", b"..", b"/", b"<<: *a\n",
    b"!!binary ", b"!reset ", b"? ", b"|2-\n", b">+\n", b"%YAML 1.1\n", b"---\n", b"...\n", b"\x1b[31m", b"\x07",
    b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\x85", b"\xc2\x85", b"\xc2\xa0", b"\x0b",
    b"\x0c", b"${A:-", b"${A%%*}", b"${A//b/c}", b"${#A}", b"}}", b"{{", b"{% if %}", b"--mount=type=", b"ONBUILD ",
    b"# dlf: ignore[all]\n", b"# dlf: ignore[", b"# hadolint ignore=DL3", b"# check=skip=all\n", b"# escape=`\n",
    b"9" * 40, b"-1", b"1e999", b"0x10", b"[[", b"]]", b"(", b")", b"async ", b"lambda: ", b"f'{", b"match x:\n", b"@",
    b"export A=", b"trap ", b"function f {", b"=~", b"~/", b"@sha256:", b"::error::", b"</script>", b"|a|b|\n|-|-|\n",
    b"%0A", b"\\x1b", b"\\u202e", b"\\ud800", b"'\"'\"'", b"2>&1", b"&", b"<(", b"extends: {file: compose.yaml}\n",
    b"include: compose.yaml\n", b"env_file: .env\n", b"-r requirements.txt\n", b"; python_version<'3'",
)  # fmt: skip


def mutated(chance: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The bytes with a few things put in, cut out, doubled, moved, or taken from another file."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at = chance.randrange(len(made) + 1)
        how = chance.random()
        if how < 0.4:
            made[at:at] = chance.choice(BITS)
        elif how < 0.6:
            del made[at : at + chance.choice((1, 1, 2, 5, 12, 60))]
        elif how < 0.75:
            begin = chance.randrange(len(made) + 1)
            made[at:at] = made[begin : begin + chance.choice((1, 8, 60, 300))]
        elif how < 0.8 and made:
            made[min(at, len(made) - 1)] = chance.randrange(256)
        elif how < 0.83:
            part = chance.choice((chance.choice(BITS), bytes(made[at : at + 12])))
            made[at:at] = part * chance.choice((2, 10, 200, 1000))
        elif how < 0.9:
            rows = made.split(b"\n")
            chance.shuffle(rows)
            made = bytearray(b"\n".join(rows))
        else:
            other = chance.choice(others) if others else b""
            begin = chance.randrange(len(other) + 1)
            made[at:at] = other[begin : begin + chance.choice((10, 60, 400))]
    return bytes(made[:LARGEST])


def grown(chance: Random, path: str, data: bytes) -> bytes:
    """A file with what it says said again, hundreds of times and under names of its own: what costs more than in
    proportion shows there.
    """
    head, body = b"", data.rstrip() + b"\n"
    if _is("dockerfile", path) and chance.random() < 0.6:  # the same stage goes on
        at = max((one.end() for one in re.finditer(rb"(?im)^FROM[^\n]*\n", data)), default=0)
        head, body = data[:at], data[at:].rstrip() + b"\n"
    elif _is("compose", path):
        services = re.search(rb"(?m)^services:[^\n]*\n((?:[ ]+[^\n]*\n|\n)+)", data)
        if services is not None:
            head, body = data[: services.start(1)], services[1]
    names = sorted(set(re.findall(rb"(?m)^  ([\w.-]+):|\b([a-z][a-z_]{3,})\b", body)))
    again = [one or other for one, other in names if one or chance.random() < 0.1]
    renamed = re.compile(rb"(?<![\w.-])(?:" + b"|".join(map(re.escape, again)) + rb")(?![\w.-])") if again else None
    made = bytearray(head)
    for number in range(min(2000, GROWN // max(len(body), 8))):
        mark = str(number).encode()
        made += renamed.sub(lambda found, mark=mark: found[0] + mark, body) if renamed is not None else body
    return bytes(made[:LARGEST])


# Grammars: a name gives its alternatives, `<name>` in one of them is made in its turn.
Grammar = dict[str, tuple[str, ...]]

WORDS = (
    "a",
    "app",
    "x-y",
    "A_B",
    "é",
    "1",
    "0.5",
    "8000",
    "main:app",
    "--host",
    "--port=80",
    "-k",
    "''",
    '""',
    "/app",
    "./s.sh",
)
SHELL: Grammar = {
    "start": ("#!/bin/sh\n<list>", "#!/usr/bin/env bash\nset -euo pipefail\n<list>", "<list>", "<list>\nexec <simple>\n"),
    "list": ("<line>\n", "<line>\n<list>", "<line>\n<list>", "<line> ; <list>", "<line> & <list>"),
    "line": (
        "<simple>", "<simple>", "<simple> && <line>", "<simple> || <line>", "<simple> | <line>", "! <line>",
        "if <line>; then <list> fi", "if <line>; then <list> else <list> fi", "while <line>; do <list> done",
        "for x in <word> <word>; do <list> done", "for ((i=0;i<3;i++)); do <list> done", "until <line>\ndo <list> done",
        "case <word> in <word>|<word>) <line> ;; *) <line>;& esac", "f() { <list> }", "function g { <list> }",
        "( <list> )", "{ <list> }", "[[ <word> =~ <word> ]]", "[ <word> = <word> ]", "(( a + 1 ))",
        'set -- uvicorn "$@"', 'exec "$@"', "shift", ". ./<word>", "trap '<simple>' TERM", 'eval "<simple>"',
    ),
    "simple": (
        "uvicorn main:app <word>", "gunicorn -k uvicorn.workers.UvicornWorker <word>", "python -m <word> <word>",
        "<assign> <word> <word>", "<assign>", "echo <word> <redirect>", "cat <<EOF\n<word>\nEOF", "cat <<-'E'\n\t<word>\nE",
        "sh -c '<word> <word>'", 'sh -c "<simple>"', "exec <word> <word>", "<word>", "export <assign>", "wait", "alembic upgrade head",
    ),
    "assign": ("A=<word>", "A=$A$A", "B=(<word> <word>)", "C+=<word>", "PORT=${PORT:-<word>}", "readonly D=<word>"),
    "redirect": ("> <word>", "2>&1", ">> <word>", "< <word>", "<<< <word>", "&> x", "3>&-", ""),
    "word": (
        *WORDS, "$A", '"$A"', "'$A'", "${A:-<word>}", "${A:+<word>}", "${A##*/}", "${A%<word>}", "${A//<word>/<word>}", "${#A}",
        "$(<simple>)", '"$(<simple>)"', "`echo <word>`", "$((1+<word>))", "a\\ b", "\\\n<word>", "$'\\x1b'", "<(<simple>)", "{a,b}", "*.py",
        '"<word><word>"', "$1", "$#", "$*", "$@", "${1-<word>}", "${A?x}", "~", "${!A}", "${A[@]}",
    ),
}  # fmt: skip
COMPOSE: Grammar = {
    "start": ("services:\n<services>", "<common>services:\n<services>", "services: {a: {image: <scalar>}, b: <flow>}\n",
              "name: <scalar>\ninclude:\n  - <scalar>\nservices:\n<services>volumes: <flow>\nnetworks: <flow>\n",
              "services:\n<services>---\nservices:\n<services>", "services: &s\n<services>x: *s\n"),
    "common": ("x-a: &a\n  restart: always\n  environment: &e {A: <scalar>}\n", "x-b: &a [<scalar>, *a]\n", "version: <scalar>\n"),
    "services": ("<service>", "<service><services>", "<service><services>"),
    "service": ("  <name>:\n<keys>", "  <name>:\n    <<: *a\n<keys>", "  <name>: *a\n", "  <name>: !reset null\n", "  <name>:\n"),
    "name": ("api", "web", "db", "redis", "worker", "a.b", "'1'", "nginx", "migrate"),
    "keys": ("<key>", "<key><keys>", "<key><keys>", "<key><keys>"),
    "key": tuple(
        f"    {one}\n" for one in (
            "image: <image>", "build: <scalar>", "build: {context: ., dockerfile: <scalar>, target: <scalar>, args: <flow>}",
            "command: <scalar>", "command: [<scalar>, <scalar>]", "command: |\n      <scalar>\n      <scalar>", "command: >-\n      uvicorn\n      main:app",
            "entrypoint: <scalar>", "entrypoint: []", "ports: [<port>, <port>]", "ports:\n      - target: <port>\n        published: <port>",
            "environment:\n      A: <scalar>\n      DATABASE_URL: postgres://u:p@db:5432/x", "environment: [A=<scalar>, B, <scalar>]",
            "env_file: <scalar>", "env_file: [{path: .env, required: false}]", "depends_on: [<name>, <name>]",
            "depends_on: {<name>: {condition: service_healthy}}", "healthcheck: {test: <test>, interval: <scalar>, retries: <scalar>}",
            "volumes: [<volume>, <volume>]", "networks: [<name>]", "network_mode: <scalar>", "extends: {service: <name>}",
            "extends: {file: <scalar>, service: <name>}", "extends: <name>", "deploy: {replicas: <scalar>, restart_policy: {condition: <scalar>}}",
            "restart: <scalar>", "user: <scalar>", "secrets: [<name>]", "configs: <flow>", "stop_grace_period: <scalar>", "profiles: [<scalar>]",
            "privileged: <scalar>", "expose: [<port>]", "init: <scalar>", "mem_limit: <scalar>", "labels: <flow>", "develop: <flow>", "<scalar>: <scalar>",
            "? <scalar>\n    : <scalar>", "logging: *a", "hostname: &h <scalar>", "container_name: *h", "tmpfs: /tmp", "links: [<name>]",
        )
    ),
    "image": ("python:3.12", "postgres:${PG:-16}", "redis", "nginx:alpine", "<scalar>", "acme/api@sha256:00"),
    "port": ("80", "8000:8000", '"8000:80"', "127.0.0.1:80:80/udp", '"8000-8010:8000-8010"', "[::1]:80:80", "60:60", "<scalar>"),
    "volume": (".:/app", "./data:/data:ro", "/var/run/docker.sock:/var/run/docker.sock", "db:/var/lib/postgresql/data", "<scalar>", "{type: bind, source: ., target: <scalar>}"),
    "test": ("[CMD, curl, -f, <scalar>]", "[CMD-SHELL, <scalar>]", "curl -f http://localhost:8000/health", "[NONE]", "[]", "<scalar>"),
    "flow": ("{}", "{a: <scalar>}", "{a: <flow>, <scalar>: <flow>}", "[<scalar>]", "*a", "null", "[<flow>, <flow>]"),
    "scalar": (
        "a", ".", "yes", "no", "1", "0o17", "1e3", "'a b'", '"a\\tb"', '"\\x1b[31m"', "${A}", "${A:-<scalar>}", "${A:?x}", "$$x", "$A", '"${A:-${B}}"', "~", "''",
        "uvicorn main:app --host 0.0.0.0", "\"sh -c 'exec uvicorn main:app'\"", "./api", "../..", "/etc/passwd", "compose.yaml", ".env", "é", "2024-01-01", "1:30", "!!str 1", "{{ x }}",
    ),
}  # fmt: skip
DOTENV: Grammar = {
    "start": ("<line>", "<line><start>", "<line><start>", "<line><start>"),
    "line": ("<name>=<value>\n", "export <name>=<value>\n", "<name>: <value>\n", "# <value>\n", "\n", "<name>\n", "<name> = <value> # c\n", "<value>\n", "<name>=<value>\r\n"),
    "name": ("A", "B", "a.b", "é", "A[0]", "", "PORT", "DATABASE_URL"),
    "value": (
        "1", "", "'x'", '"x"', '"$A"', "'$A'", "$A$B", "${A}", "${A:-<value>}", "${B:+<value>}", "${A?<value>}", '"a\\nb\\"c"', "'a\nb'",
        '"multi\n<value>\n"', "a # c", "a#c", "\\$A", "$$", '"\\012\\777"', "'unclosed", '"unclosed', "${", "${A:-", "a=b=c", "é",
    ),
}  # fmt: skip
IGNORE: Grammar = {
    "start": ("<line>\n", "<line>\n<start>", "<line>\n<start>", "<line>\n<start>"),
    "line": ("<path>", "!<path>", "/<path>", "<path>/", "# <path>", "  <path>  ", "", "!", "\\!<path>", "\\#<path>", "<path>\r"),
    "path": ("<part>", "<part>/<path>", "**/<path>", "<path>/**", "../<path>", "./<path>", "<part><part>"),
    "part": ("*", "**", "?", "a", "app", ".env", "*.py", "[a-z]", "[!a]", "[^a]", "[", "[]", "[a-]", "[z-a]", "\\*", "\\", "é", "*a*b*c", "__pycache__", "node_modules", "[[:alpha:]]", "{a,b}", "***"),
}  # fmt: skip
PYTHON: Grammar = {
    "start": ("<imports><body>", "<imports><body>", "# -*- coding: <word> -*-\n<imports><body>", "<body>"),
    "imports": (
        "from fastapi import FastAPI\nimport uvicorn, os\n", "from .<word> import *\n<imports>", "import <word>.<word> as <word>\n<imports>",
        "try:\n    from a import app\nexcept ImportError:\n    app = None\n", "from pydantic_settings import BaseSettings\nfrom fastapi import *\n", "",
    ),
    "body": ("<stmt>", "<stmt><body>", "<stmt><body>", "<stmt><body>", "<stmt><body>"),
    "stmt": (
        "app = FastAPI(root_path=<expr>)\n", "<word> = <expr>\n", "app.include_router(<expr>, prefix=<expr>)\n", "uvicorn.run(<expr>, host=<expr>, port=<expr>, reload=<expr>)\n",
        "@app.get(<expr>)\nasync def <word>():\n    return <expr>\n", "if __name__ == '__main__':\n    uvicorn.run('<word>:app', **<expr>)\n",
        "def <word>(a=<expr>, *b, **c):\n    <stmt>", "class <word>(BaseSettings):\n    a: int = <expr>\n    b: str\n    model_config = dict(env_prefix=<expr>)\n",
        "for <word> in <expr>:\n    <stmt>", "with <expr> as x:\n    <stmt>", "while <expr>:\n    <stmt>", "match <expr>:\n    case {'a': x}:\n        <stmt>",
        "global <word>\n", "del <word>\n", "bind = <expr>\nworkers = <expr>\n", "<expr>\n", "lambda: <expr>\n", "x: <expr> = <expr>\n", "async with x:\n    <stmt>",
        "raise <expr>\n", "return <expr>\n", "os.environ.setdefault('A', <expr>)\n", "settings = Settings(<expr>)\n", "setup(name=<expr>, install_requires=<expr>)\n",
    ),
    "expr": (
        "1", "'0.0.0.0'", "8000", "True", "None", "'a' + <expr>", "<expr> + <expr>", "<expr> * 9", "<expr> ** <expr>", "f'{<word>}x'", "f'{<expr>!r:>{<expr>}}'",
        "os.getenv('A', <expr>)", "os.environ['A']", "int(<expr>)", "str(<expr>)", "[<expr>, <expr>]", "{<expr>: <expr>}", "(<expr>,)", "<expr> if <expr> else <expr>",
        "<expr> or <expr>", "<word>", "<word>.<word>", "<word>(<expr>)", "<expr>[<expr>]", "[x for x in <expr>]", "'%s' % <expr>", "'{}'.format(<expr>)", "-<expr>", "not <expr>",
        "b'x'", "1_000", "10**100", "'\\x00'", "(y := <expr>)", "await x", "*<word>", "Path(__file__).parent / <expr>", "APIRouter(prefix=<expr>)", "'/' + <expr>", "1 << <expr>", "...",
    ),
    "word": ("a", "b", "app", "main", "Settings", "settings", "router", "x", "uvicorn", "os", "é", "utf-8", "latin-1", "__all__"),
}  # fmt: skip
MANIFEST: Grammar = {
    "start": ("<requirements>", "<pyproject>", "<lock>", "<cfg>", "<json>", "<conda>"),
    "requirements": ("<requirement>\n", "<requirement>\n<requirements>", "<requirement>\n<requirements>"),
    "requirement": (
        "<name><version>", "<name>[<name>,<name>]<version>", "<name><version>; <marker>", "-r <name>.txt", "-c <name>", "-e .", "--index-url <name>", "# <name>",
        "<name> @ https://x/y.whl", "git+https://x/y#egg=<name>", "./<name>", "<name><version> \\\n  --hash=sha256:<name>", "${A}", "<name><version> # c", "\ufeff<name>",
    ),
    "name": ("fastapi", "uvicorn", "psycopg2-binary", "a.b_C", "é", "", "-", "9", "x" * 70),
    "version": ("", "==1.0", ">=1,<2", "~=1.2", "===x", "^1.0", "!=1.*", ">=1.0rc1", "==1!2.0+x", "(>=1)", ">= 1 , < 2", "=="),
    "marker": ("python_version < '3.8'", "extra == 'x'", "(<marker>) and <marker>", "<marker> or <marker>", 'sys_platform == "<name>"', "'3' in python_version", "x", "not <marker>"),
    "pyproject": (
        "[project]\nname = '<name>'\ndependencies = ['<requirement>', \"<name><version>\"]\nrequires-python = '<version>'\n[project.scripts]\n<name> = '<name>:<name>'\n",
        "[tool.poetry]\nname='<name>'\n[tool.poetry.dependencies]\npython='<version>'\n<name> = {version='<version>', optional=true, extras=['<name>']}\n",
        "[project]\ndependencies = 1\n[project.optional-dependencies]\na = ['<requirement>']\n[dependency-groups]\ndev = [{include-group='dev'}, '<name>']\n",
        "[tool.uv]\nno-dev = 1\n[[tool.uv.index]]\n[tool.hatch]\nx = [[[<name>]]]\n", "[build-system]\nrequires = [<name>]\n", "a.b.c = <version>\n",
    ),
    "lock": (
        "version = 1\n<packages>", "[metadata]\ncontent-hash='x'\n<packages>", "lock-version = '1.0'\n<packages>",
    ),
    "packages": ("<package>", "<package><packages>", "<package><packages>"),
    "package": (
        "[[package]]\nname = '<name>'\nversion = '<version>'\ndependencies = [{name = '<name>', marker = \"<marker>\"}]\n",
        "[[package]]\nname = '<name>'\nversion = 1\noptional = true\n[package.dependencies]\n<name> = '<version>'\n",
        "[[packages]]\nname = '<name>'\nversion = '1'\n", "[package]\nname = 1\n", "[[package]]\nsource = { editable = '.' }\nname='<name>'\n",
    ),
    "cfg": ("[metadata]\nname = <name>\n[options]\ninstall_requires =\n  <requirement>\n  <requirement>\npython_requires = <version>\n[options.entry_points]\nconsole_scripts =\n  <name> = <name>:<name>\n",
            "[options]\ninstall_requires = file: <name>.txt\n[options.extras_require]\n<name> = <requirement>\n", "[<name>\n<name>\n"),
    "json": ('{"_meta": {"requires": {"python_version": "<version>"}}, "default": {"<name>": {"version": "<version>"}}, "develop": []}', '{"default": [1]}', "[<name>]", '[packages]\n<name> = "<version>"\n[requires]\npython_version = "3"\n'),
    "conda": ("name: <name>\nchannels: [x]\ndependencies:\n  - <name>=1\n  - pip:\n    - <requirement>\n", "dependencies: <name>\n", "dependencies: [{pip: <name>}, [<name>]]\n"),
}  # fmt: skip
GRAMMARS = {
    "shell": SHELL,
    "compose": COMPOSE,
    "dotenv": DOTENV,
    "dockerignore": IGNORE,
    "python": PYTHON,
    "manifests": MANIFEST,
}


def made(chance: Random, grammar: Grammar, name: str = "start", depth: int = 0) -> str:
    """A text that the grammar gives; below ten levels the shortest alternatives are taken."""
    choices = grammar[name]
    if depth > 10:
        choices = tuple(sorted(choices, key=lambda one: (one.count("<"), len(one)))[: max(2, len(choices) // 4)])
    parts: list[str] = []
    rest = chance.choice(choices)
    while rest:
        before, opening, behind = rest.partition("<")
        parts.append(before)
        inner, closing, after = behind.partition(">")
        if opening and closing and inner in grammar:
            parts.append(made(chance, grammar, inner, depth + 1) if depth < 40 else "")
            rest = after
        else:
            parts.append(opening)
            rest = behind
    return "".join(parts)


class Maker:
    """Makes one input after the other from one random stream; the same seed gives the same inputs."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self._dockerfiles: Iterator[str] = _module("dockerfile_generator").dockerfiles(seed)
        generator: Any = _module("project_generator")
        self._projects: Iterator[Files] = generator.projects(seed, samples(), self._dockerfiles)

    def text(self, kind: str) -> bytes:
        """One file of a kind: made after the grammar, or a fixture's; mutated more often than not."""
        chance = self.chance
        known = texts(kind)
        if chance.random() < 0.5 or not known:
            if kind == "dockerfile":
                data = next(self._dockerfiles).encode("utf-8", "surrogatepass")
            else:
                data = made(chance, GRAMMARS[kind]).encode("utf-8", "surrogatepass")
            return mutated(chance, data, known)[:LARGEST] if chance.random() < 0.5 else data[:LARGEST]
        return mutated(chance, chance.choice(known), known)

    def project(self) -> Files:
        """A whole project."""
        chance = self.chance
        how = chance.random()
        if how < 0.3:
            files = dict(next(self._projects))
        else:
            files = dict(chance.choice(samples()))
            for path in chance.sample(sorted(files), min(len(files), chance.randrange(1, 4))):
                kind = next((one for one in KINDS if _is(one, path)), None)
                if kind is not None and chance.random() < 0.2:
                    files[path] = self.text(kind)
                else:
                    files[path] = mutated(chance, files[path], tuple(files.values()))
            if chance.random() < 0.15:
                files |= chance.choice(samples())
        if chance.random() < 0.1:
            kind, path = chance.choice(PLACES)
            files[path] = self.text(kind)
        if chance.random() < 0.01:
            path = chance.choice(sorted(files))
            files[path] = grown(chance, path, files[path])
        return {path: data[:LARGEST] for path, data in files.items()}


KINDS = ("dockerfile", "compose", "shell", "dockerignore", "python", "dotenv", "manifests")
PLACES = (
    ("dockerfile", "Dockerfile"), ("compose", "compose.yaml"), ("compose", "compose.prod.yaml"), ("shell", "entrypoint.sh"), ("dotenv", ".env"),
    ("dockerignore", ".dockerignore"), ("dockerignore", ".gitignore"), ("python", "main.py"), ("python", "gunicorn.conf.py"), ("manifests", "requirements.txt"),
    ("manifests", "pyproject.toml"), ("manifests", "uv.lock"), ("manifests", "poetry.lock"), ("manifests", "setup.cfg"), ("manifests", "Pipfile.lock"),
)  # fmt: skip

Make = Callable[[Maker], Files]
