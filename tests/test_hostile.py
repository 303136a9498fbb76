"""Hostile and broken texts: each ends in findings or a clear message, within bounded time, and costs no other file.

The sizes are such that a reading whose cost grows with the square of the text would take minutes, while the limit is many
times what a linear one takes. docs/security.md tells what of the list is held where.
"""

# ruff: noqa: E501 - a hostile text reads best on one line
from __future__ import annotations

import json
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from xml.etree import ElementTree as ET

import pytest
from markdown_it import MarkdownIt

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.fixer import fix
from dockerlint_fastapi.report import Report
from dockerlint_fastapi.reporters import COUNTED, FORMATS, render, render_statistics
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.show import FORMATS as SHOW_FORMATS
from dockerlint_fastapi.show import render as render_shown
from dockerlint_fastapi.show.describe import describe
from dockerlint_fastapi.tree import MemoryTree

RULES = load_rules()
NAMES = frozenset(rule.name for rule in RULES)
ALL = Settings(RULES, NAMES, profile="pedantic", preview=True, named=NAMES, today="2026-11-22")
PLAIN = "FROM python:3.12-slim\nCOPY . .\nCMD uvicorn main:app\n"
SERVED = 'FROM python:3.12-slim\nCOPY . .\nCMD ["uvicorn", "main:app"]\n'
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]")
LONGEST = 20  # seconds of CPU

Files = Mapping[str, str | bytes]
CASES: dict[str, tuple[Callable[[], Files], str]] = {}


class SlowError(BaseException):
    """It took too long. No Exception: what dlf catches of a rule must not catch this."""


@contextmanager
def bounded(seconds: float = LONGEST) -> Iterator[None]:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SlowError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    except SlowError:
        pytest.fail(f"took more than {seconds} s of CPU")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def tree_of(files: Files) -> MemoryTree:
    return MemoryTree({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def linted(files: Files) -> Report:
    """A report of which is true what is true of every report."""
    report = lint(tree_of(files), ALL)
    for failure in report.failures:
        raise failure.error
    for one in report.diagnostics:
        for span in (one.finding.span, *(note.span for note in one.finding.notes)):
            assert 0 <= span.start <= span.end <= len(span.source.text)
    return report


def case(expected: str = "") -> Callable[[Callable[[], Files]], Callable[[], Files]]:
    """Names a case; `expected` is a stretch of its concise report."""

    def taken(make: Callable[[], Files]) -> Callable[[], Files]:
        CASES[make.__name__] = (make, expected)
        return make

    return taken


# -- YAML


@case("compose.yaml")
def alias_bomb() -> Files:
    rows = ["x0: &x0 [a,b,c,d,e,f,g,h,i]\n"]
    rows += [f"x{at}: &x{at} [{','.join([f'*x{at - 1}'] * 9)}]\n" for at in range(1, 30)]
    return {
        "compose.yaml": "".join(rows)
        + "services:\n  api:\n    image: python\n    command: *x29\n    environment: *x29\n"
    }


@case("compose.yaml")
def alias_bomb_of_mappings() -> Files:
    rows = ["x-0: &x0 {a: 1}\n"]
    rows += [f"x-{at}: &x{at}\n" + "".join(f"  k{key}: *x{at - 1}\n" for key in range(9)) for at in range(1, 30)]
    return {
        "compose.yaml": "".join(rows) + "services:\n  api: {image: python, labels: *x29, deploy: *x29, build: *x29}\n"
    }


@case("compose.yaml")
def merge_bomb() -> Files:
    rows = ["x0: &x0 {a: 1, b: 2}\n"]
    rows += [f"x{at}: &x{at}\n  <<: [{','.join([f'*x{at - 1}'] * 9)}]\n  k{at}: 1\n" for at in range(1, 12)]
    return {"compose.yaml": "".join(rows) + "services:\n  api:\n    <<: *x11\n    image: python\n"}


@case("compose.yaml")
def alias_within_itself() -> Files:
    return {"compose.yaml": "services: &s\n  api: &a\n    image: x\n    deploy: *a\n    <<: *s\n"}


@case("nested deeper than 100 levels")
def deep_sequences() -> Files:
    return {"compose.yaml": "services:\n  api:\n    command: " + "[" * 100_000 + "]" * 100_000 + "\n"}


@case("nested deeper than 100 levels")
def deep_mappings() -> Files:
    return {"compose.yaml": "services: " + "{a: " * 100_000 + "}" * 100_000 + "\n"}


@case("nested deeper than 100 levels")
def deep_dashes() -> Files:
    return {"compose.yaml": "services:\n  a:\n    command:\n      " + "- " * 100_000 + "x\n"}


@case("nested deeper than 100 levels")
def deep_blocks() -> Files:
    return {"compose.yaml": "".join(" " * level + "a:\n" for level in range(1000))}


@case("compose.yaml")
def never_closed() -> Files:
    return {"compose.yaml": "services: " + "[" * 100_000}


@case()
def deep_interpolation() -> Files:
    return {"compose.yaml": 'services:\n  a:\n    image: "' + "${a:-" * 50_000 + "}" * 50_000 + '"\n'}


@case()
def many_open_references() -> Files:
    return {"compose.yaml": 'services:\n  a:\n    image: x\n    command: "' + "${a:-{" * 15_000 + '}"\n'}


@case()
def doubling_variables_of_compose() -> Files:
    rows = ["A0=xxxxxxxxxx\n", *(f"A{at}=${{A{at - 1}}}${{A{at - 1}}}\n" for at in range(1, 60))]
    return {".env": "".join(rows), "compose.yaml": 'services:\n  a: {image: "${A59}"}\n'}


@case("extends")
def circles_of_extends_and_include() -> Files:
    return {
        "compose.yaml": "include: [b.yaml, ./compose.yaml]\nservices:\n  a:\n    extends: {file: b.yaml, service: b}\n",
        "b.yaml": "include: [compose.yaml]\nservices:\n  b:\n    extends: {file: compose.yaml, service: a}\n  c: {extends: c}\n",
    }


@case("aside")
def long_chain_of_includes() -> Files:
    files = {f"c{at}.yaml": f"include: [c{at + 1}.yaml]\nservices:\n  s{at}: {{image: x}}\n" for at in range(1_000)}
    return {**files, "compose.yaml": "include: [c0.yaml]\n"}


@case("aside")
def long_chain_of_extended_files() -> Files:
    files = {
        f"c{at}.yaml": f"services:\n  s: {{image: x, extends: {{file: c{at + 1}.yaml, service: s}}}}\n"
        for at in range(600)
    }
    return {**files, "compose.yaml": "services:\n  s: {extends: {file: c0.yaml, service: s}}\n"}


@case()
def includes_of_each_other() -> Files:
    files = {
        f"c{at}.yaml": f"include: [{', '.join(f'c{below}.yaml' for below in range(at + 1, 14))}]\nservices:\n"
        f"  s{at}: {{image: x, extends: {{file: c{at + 1}.yaml, service: s{at + 1}}}}}\n"
        for at in range(14)
    }
    return {**files, "compose.yaml": "include: [c0.yaml]\n"}


@case("2000100 bytes are more than dlf reads of a compose file")
def large_compose_file() -> Files:
    return {"compose.yaml": "services: {a: {image: x}}\n".ljust(2_000_100)}


@case("10000 services are more than dlf reads of a compose file")
def ten_thousand_services() -> Files:
    rows = "".join(f"  s{at}: {{image: a/{at}}}\n" for at in range(10_000))
    return {"compose.yaml": f"services:\n{rows}", "other/compose.yaml": "services: {a: {image: x, restart: x}}\n"}


@case("compose.yaml")
def thousand_services() -> Files:
    rows = [
        f'  s{at}:\n    image: a/{at}\n    ports: ["{at + 1000}:8000"]\n    depends_on: [s{max(0, at - 1)}]\n'
        f'    environment:\n      A: "http://s{at}:80"\n'
        for at in range(700)
    ]
    return {"compose.yaml": "services:\n" + "".join(rows)}


# -- Dockerfiles


@case("a script longer than dlf reads")
def heredoc_of_many_lines() -> Files:
    return {
        "Dockerfile": "FROM python:3.12-slim\nRUN <<EOF\n" + "echo hello\n" * 200_000 + "EOF\nCMD uvicorn main:app\n"
    }


@case("heredoc `EOF` is never ended")
def heredoc_without_end() -> Files:
    return {"Dockerfile": "FROM python:3.12-slim\nRUN <<EOF\n" + "echo hello\n" * 200_000}


@case("Dockerfile")
def many_heredocs() -> Files:
    rows = "".join(f"x\nE{at}\n" for at in range(2_000))
    return {"Dockerfile": "FROM python\nRUN " + " ".join(f"<<E{at}" for at in range(2_000)) + "\n" + rows}


@case("Dockerfile")
def many_heredocs_without_end() -> Files:
    return {"Dockerfile": "FROM python\n" + "".join(f"RUN cat <<E{at}\n" for at in range(5_000))}


@case("a script longer than dlf reads")
def long_run() -> Files:
    return {"Dockerfile": "FROM python:3.12-slim\nRUN true \\\n" + " && echo hello \\\n" * 100_000 + " && true\n"}


@case("Dockerfile")
def one_long_line() -> Files:
    return {"Dockerfile": "FROM python:3.12-slim\nRUN echo " + "a" * 2_000_000 + "\n"}


@case("Dockerfile")
def deep_arrays() -> Files:
    return {"Dockerfile": "FROM a\nCMD " + "[" * 100_000 + "]" * 100_000 + "\n"}


@case("Dockerfile")
def deep_shell() -> Files:
    deep = [
        "(" * 40_000 + "echo" + ")" * 40_000,
        "$(" * 40_000 + "echo" + ")" * 40_000,
        "${a:-" * 40_000 + "}" * 40_000,
    ]
    deep += ["if a; then " * 9_000, "`" * 40_000, "{ " * 40_000, "$((" * 30_000, "case a in b) " * 5_000, "! " * 19_000]
    return {"Dockerfile": "FROM a\n" + "".join(f"RUN {one}\n" for one in deep)}


@case("Dockerfile")
def deep_expansion() -> Files:
    deep = "${a:-" * 50_000 + "}" * 50_000
    return {"Dockerfile": f"ARG A={deep}\nFROM ${{A}}\nENV X={deep}\nCMD uvicorn main:app\n"}


@case("Dockerfile")
def doubling_variables() -> Files:
    env = "".join(f"ENV A{at}=$A{at - 1}$A{at - 1}\n" for at in range(1, 60))
    shell = "A=xxxxxxxx; " + "A=$A$A; " * 60
    return {
        "Dockerfile": f'FROM python:3.12\nENV A0=xxxxxxxx\n{env}RUN {shell} echo $A > /b\nCMD sh -c "{shell} uvicorn $A59 $A"\n'
    }


@case("Dockerfile")
def chain_of_stages() -> Files:
    rows = [
        f"FROM s{at - 1} AS s{at}\nCOPY --from=s{at // 2} /a /b\nRUN pip install x\nCOPY . .\n" for at in range(1, 200)
    ]
    return {"Dockerfile": "FROM python:3.12 AS s0\n" + "".join(rows) + "CMD uvicorn main:app\n"}


@case("Dockerfile")
def many_instructions() -> Files:
    rows = [
        f"RUN cp a{at} b{at} && mv b{at} c{at}\nCOPY a{at} b{at}\nENV A{at}=${{A{at - 1}}}$A{at - 2}\n"
        for at in range(2, 1_500)
    ]
    return {"Dockerfile": "FROM python:3.12\n" + "".join(rows) + "CMD uvicorn main:app\n"}


@case("Dockerfile")
def traps_for_expressions() -> Files:
    rows = [
        "RUN " + "a=" * 30_000, "RUN " + " " * 50_000 + "x", "RUN apt-get install " + "-y " * 10_000, "LABEL " + "a=b\\ " * 20_000,
        "ENV " + '"' * 30_001, "HEALTHCHECK " + "--interval=1 " * 5_000 + "CMD curl http://" + "a." * 30_000, "EXPOSE " + "8000-9000 " * 2_000,
        "CMD uvicorn " + "--host " * 10_000, "USER " + "a:" * 20_000, "FROM " + "a/" * 20_000 + ":" + "b@" * 20_000, "WORKDIR " + "../" * 20_000,
        "# dlf: ignore[" + "a," * 20_000, "# hadolint ignore=" + "DL," * 20_000, "RUN echo " + "A=" * 20_000 + "postgres://" * 5_000 + "@" * 20_000,
        "RUN --mount=type=cache" + ",target=/a" * 5_000 + " x", "COPY --from=" + "a" * 40_000 + " a b", "RUN pip install " + "a[" * 20_000,
        "ENV A=" + "${A%%*" * 5_000, "ENV B=" + "-----BEGIN " * 5_000, "ADD https://" + "a/" * 20_000 + " /", "ENV KEY=" + "sk_live_" * 5_000,
    ]  # fmt: skip
    return {"Dockerfile": "FROM python:3.12-slim\n" + "\n".join(rows) + "\n"}


@case("compose.yaml")
def traps_in_values() -> Files:
    keys = {
        "image": "a:" * 30_000, "mem_limit": "9" * 30_000, "env_file": "../" * 10_000, "user": "a:" * 20_000, "command": "'\\\\\\\"" * 5_000,
        "stop_grace_period": "1h" * 20_000, "network_mode": "service:" * 5_000, "restart": "on-failure:" + "9" * 20_000, "build": "./" * 20_000,
    }  # fmt: skip
    rows = "".join(f'    {key}: "{value}"\n' for key, value in keys.items())
    lists = {"ports": "1-" * 20_000, "volumes": "a:" * 20_000, "environment": "A=" * 20_000, "depends_on": "x" * 40_000}
    rows += "".join(f'    {key}: ["{value}", "1-65535:1-65535"]\n' for key, value in lists.items())
    test = "curl " * 10_000
    return {
        "compose.yaml": f'services:\n  a:\n{rows}    healthcheck: {{test: "{test}", interval: "{"1h" * 10_000}"}}\n'
    }


# -- other files


@case("longer than dlf reads (2000 lines, or 1 MB)")
def large_dockerignore() -> Files:
    rows = "".join(f"**/a{at}*/**/b{at}?*\n!x{at}/**\n" for at in range(50_000))
    return {"Dockerfile": PLAIN, ".dockerignore": rows, **{f"src/p{at}/f.py": "x = 1\n" for at in range(200)}}


@case("Dockerfile")
def stars_in_ignore_files() -> Files:
    rows = (
        "*a" * 2_000 + "b\n" + "**/" * 3_000 + "x\n" + "[a-z" * 3_000 + "\n" + "*" * 5_000 + "b\n" + "?" * 20_000 + "\n"
    )
    return {"Dockerfile": PLAIN, ".dockerignore": rows, ".gitignore": rows, "a" * 200 + "/" + "a" * 200: "x"}


@case("Dockerfile")
def large_gitignore() -> Files:
    rows = "a*b\n" * 1_000_000
    return {"Dockerfile": PLAIN, ".gitignore": rows, "main.py": "x = 1\n"}


@case("Dockerfile")
def env_files() -> Files:
    text = (
        "A="
        + " " * 60_000
        + "x\n"
        + "A="
        + "\t " * 30_000
        + "x\nB='"
        + "\\" * 60_000
        + "\n"
        + "C="
        + "${C:-" * 10_000
        + "\n"
        + "A=b\n" * 30_000
    )
    return {
        "Dockerfile": PLAIN,
        "compose.yaml": "services:\n  a: {build: ., env_file: prod.env}\n",
        "prod.env": text,
        ".env": text,
    }


@case("Dockerfile")
def deep_python() -> Files:
    rows = [
        "x = " + "(" * 5_000 + "1" + ")" * 5_000,
        "y = " + "-" * 50_000 + "1",
        "z = " + "+".join(["1"] * 20_000),
        "w = a" + ".a" * 20_000,
        "v = a" + "()" * 20_000,
    ]
    return {"Dockerfile": SERVED, "main.py": "from fastapi import FastAPI\napp = FastAPI()\n" + "\n".join(rows)}


@case("Dockerfile")
def python_that_grows() -> Files:
    rows = "".join(f"a{at} = a{at - 1} + a{at - 1}\nb{at} = f'{{a{at}}}{{a{at}}}'\n" for at in range(1, 60))
    text = f"from fastapi import FastAPI\na0 = 'x' * 10\n{rows}app = FastAPI(root_path=a59)\napp.include_router(r, prefix=a59 * 10**9)\nc = 'x' * 10**12\n"
    config = "workers = 9**9**9\nbind = '0.0.0.0:' + '8' * 10**10\ntimeout = 1 << 10**12\n"
    files = {
        "main.py": text,
        "gunicorn.conf.py": config,
        "compose.yaml": "services:\n  a: {build: ., command: gunicorn main:app}\n",
    }
    return {"Dockerfile": SERVED, **files}


@case("Dockerfile")
def modules_in_a_circle() -> Files:
    files = {
        f"m{at}.py": f"from m{(at + 1) % 500} import *\nfrom m{(at * 7 + 1) % 500} import app\n" for at in range(500)
    }
    return {"Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nCMD ["uvicorn", "m0:app"]\n', **files}


@case("Dockerfile")
def scripts_in_a_circle() -> Files:
    files = {f"s{at}.sh": f'#!/bin/sh\nexec ./s{(at + 1) % 300}.sh "$@" "$@"\n' for at in range(300)}
    return {"Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nCMD ["./s0.sh"]\n', **files}


@case("Dockerfile")
def long_start_script() -> Files:
    return {
        "Dockerfile": 'FROM python:3.12-slim\nCOPY . .\nCMD ["./s.sh"]\n',
        "s.sh": "#!/bin/sh\n" + "echo $A\n" * 200_000,
    }


@case("Dockerfile")
def traps_in_manifests() -> Files:
    text = "-r requirements.txt\n-c requirements.txt\n" + "a" * 50_000 + "\nx[" + "a," * 20_000 + "]\n"
    text += (
        "y; " + "(" * 3_000 + 'python_version > "3"' + ")" * 3_000 + "\nz>=" + "1." * 20_000 + "\n" + "\\\n" * 50_000
    )
    dockerfile = 'FROM python:3.12\nCOPY . .\nRUN pip install -r requirements.txt && pip install .\nCMD ["uvicorn", "main:app"]\n'
    deep = '[project]\nname = "x"\ndependencies = ' + "[" * 50_000 + "]" * 50_000 + "\n"
    return {"Dockerfile": dockerfile, "requirements.txt": text, "pyproject.toml": deep}


# -- encodings


@case("Dockerfile")
def control_characters() -> Files:
    dockerfile = b"FROM a\x00b\nRUN echo \x00\x01\x02\x1b[31mred\x07\xc2\x9b31m\nCMD uvicorn main:app\x00 --reload\n"
    return {"Dockerfile": dockerfile, "compose.yaml": b'services:\n  a:\n    image: "x\x00"\n    command: \x1b[31m\n'}


@case("Dockerfile")
def no_utf_8() -> Files:
    dockerfile = b"FROM python:3.12\n# \xff\xfe\nCMD uvicorn main:app \xff --reload\n"
    return {
        "Dockerfile": dockerfile,
        "compose.yaml": b"services:\n  a:\n    image: \xff\xfe\n",
        ".dockerignore": b"\xff\n.env\n",
        ".env": b"A=\xff",
    }


@case("compose.yaml")
def utf_16() -> Files:
    return {"Dockerfile": PLAIN.encode("utf-16"), "compose.yaml": "services:\n  a: {image: x}\n".encode("utf-16")}


ASIDE = "FROM python:3.12-slim\nRUN apt-get update\nCMD uvicorn main:app --reload\n"


@pytest.mark.parametrize("name", CASES)
def test_ends_soon_says_what_is_wrong_and_costs_no_other_file(name: str) -> None:
    make, expected = CASES[name]
    files = {**make(), "aside/Dockerfile": ASIDE}
    with bounded():
        report = linted(files)
        text = render("concise", report)
    assert expected in text
    assert not CONTROL.search(text)
    # what is wrong in the project beside it is told, there or as a note of the same habit elsewhere
    places = {
        (one.rule.name, span)
        for one in report.diagnostics
        for span in (one.finding.span, *(note.span for note in one.finding.notes))
    }
    told = {rule for rule, span in places if span.source.path == "aside/Dockerfile"}
    assert {"reload-in-production", "shell-form-cmd", "package-cache-left"} <= told


def test_line_ends_and_marks_change_nothing() -> None:
    files = {
        "Dockerfile": PLAIN,
        "compose.yaml": "services:\n  a:\n    build: .\n    ports:\n      - 80:80\n",
        ".dockerignore": ".env\n",
    }
    plain = [(one.rule.name, one.path, one.finding.span.line) for one in linted(files).diagnostics]
    odd = {path: ("\ufeff" + text).replace("\n", "\r\n") for path, text in files.items()}
    assert [(one.rule.name, one.path, one.finding.span.line) for one in linted(odd).diagnostics] == plain
    assert plain


def test_random_bytes() -> None:
    for seed in range(3):
        chance = random.Random(seed)  # noqa: S311 - test data
        names = (
            "Dockerfile",
            "compose.yaml",
            ".dockerignore",
            ".gitignore",
            ".env",
            "requirements.txt",
            "pyproject.toml",
            "main.py",
        )
        with bounded():
            linted({name: chance.randbytes(20_000) for name in names})


def seconds_of(files: Files) -> float:
    begin = time.process_time()
    linted(files)
    return time.process_time() - begin


@pytest.mark.parametrize(
    "make",
    [
        lambda size: {"Dockerfile": "FROM python:3.12\n" + "RUN apt-get update && pip install x\n" * size},
        lambda size: {"Dockerfile": "FROM python:3.12\nRUN true" + " && \\\n  echo x >> /log" * size + "\nCMD uvicorn main:app\n"},
        lambda size: {"Dockerfile": "FROM python:3.12\nENV " + " \\\n  ".join(f"A{at}=$A{at}" for at in range(size)) + "\n"},
        lambda size: {"compose.yaml": "services:\n  a:\n    image: x\n    environment:\n" + "".join(f"      K{at}: v\n" for at in range(size))},
        lambda size: {"Dockerfile": PLAIN, "compose.yaml": "services:\n" + "".join(f"  s{at}: {{image: 'x', restart: always}}\n" for at in range(size // 4))},
        lambda size: {f"p{at}/Dockerfile": PLAIN for at in range(size // 8)},
    ],
    ids=["instructions", "one RUN", "one ENV", "variables", "services", "projects"],
)  # fmt: skip
def test_four_times_as_much_takes_about_four_times_as_long(make: Callable[[int], Files]) -> None:
    # Sixteen times would be a square; ten leaves room for a busy machine, and the better of several tries counts.
    small, large = make(100), make(400)
    seconds_of(small)  # whatever is imported or remembered
    ratio = 0.0
    for _ in range(4):
        ratio = seconds_of(large) / max(seconds_of(small), 0.01)
        if ratio < 10:
            return
    pytest.fail(f"{ratio:.1f} times as long")


# -- what a report says is not obeyed


ODD = "\x1b[31m\x1b]0;title\x07\x9b2J\u202ered\u200b"
INJECTED = "|`<img src=x onerror=alert(1)>`|[a](javascript:x)![b](http://x/y.png)<!-- \n::error::pwned\r%0A::set-output name=a::b\n##[error]x"


def injected() -> dict[str, bytes]:
    """A project in which every stretch that a report quotes holds something to be obeyed."""
    odd = ODD + INJECTED.replace("\n", " ").replace("\r", " ")
    quoted = json.dumps(odd)
    dockerfile = (
        f"FROM python:3.8-{odd}\nRUN {odd}\nENV SECRET_KEY={odd} A={odd}\nUSER {odd}\nWORKDIR {odd}\n{odd}\nCOPY {odd} /a\n"
        f"# dlf: ignore[{odd}]\nEXPOSE {odd}\nCMD uvicorn {odd} --{odd}\nHEALTHCHECK CMD curl {odd}\nARG PASSWORD={odd}\n"
    )
    compose = (
        f"services:\n  {quoted}: {{image: {quoted}, command: {quoted}, depends_on: [{quoted}], ports: [{quoted}]}}\n"
        f"  a:\n    build: .\n    environment:\n      PASSWORD: {quoted}\n      DATABASE_URL: {quoted}\n    {quoted}: 1\n"
    )
    names = (f"{ODD}/Dockerfile", f"{INJECTED}/Dockerfile", "Dockerfile")
    files = {name: dockerfile.encode("utf-8", "surrogatepass") for name in names}
    for folder in (f"{ODD}/", f"{INJECTED}/", ""):
        files[f"{folder}compose.yaml"] = compose.encode()
        files[f"{folder}.dockerignore"] = f"{odd}\n[{odd}\n!{odd} # x\n".encode()
    return files


@pytest.fixture(scope="module")
def poisoned() -> Report:
    report = linted(injected())
    assert len({one.rule.name for one in report.diagnostics}) > 8
    return report


@pytest.mark.parametrize("output_format", FORMATS)
def test_no_format_hands_control_characters_on(poisoned: Report, output_format: str) -> None:
    text = render(output_format, poisoned)
    assert not CONTROL.search(text)
    text.encode("utf-8")  # no lone surrogates
    if output_format in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(text)
    if output_format == "junit":
        ET.fromstring(text)  # noqa: S314 - our own text


@pytest.mark.parametrize("output_format", COUNTED)
def test_nor_do_statistics(poisoned: Report, output_format: str) -> None:
    assert not CONTROL.search(render_statistics(output_format, poisoned))


@pytest.mark.parametrize("output_format", SHOW_FORMATS)
def test_nor_does_show(output_format: str) -> None:
    tree = tree_of(injected())
    text = render_shown(output_format, describe(assemble(tree, find(tree))))
    assert not CONTROL.search(text)
    assert "<img" not in text or output_format != "mermaid"


def test_no_line_of_a_log_is_a_command_of_the_linted_file(poisoned: Report) -> None:
    for row in render("github", poisoned).split("\n"):
        if row.lstrip().startswith(("::", "##")):
            assert re.match(r"::(?:error|warning|notice) file=[^:]*,title=dlf[^:]*::", row), row
            properties = row.partition(" ")[2].partition("::")[0]
            assert "\r" not in properties
            assert all(
                name in ("file", "line", "col", "endLine", "endColumn", "title")
                for name in re.findall(r"(?:^|,)(\w+)=", properties)
            )
    for output_format in ("text", "concise"):
        rows = render(output_format, poisoned).split("\n")
        assert not any(row.startswith(("::", "##[")) for row in rows)


def test_markdown_shows_what_it_quotes(poisoned: Report) -> None:
    allowed = {"<br>", "<details>", "</details>", "<summary>", "</summary>", "<code>", "</code>", "<sub>", "</sub>"}
    text = render("markdown", poisoned)
    seen = 0
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        for one in (token, *(token.children or ())):
            seen += 1
            if one.type in ("html_block", "html_inline"):
                found = set(re.findall(r"<[^>]*>", one.content))
                assert found <= allowed, found
            assert one.type != "image"
            if one.type == "link_open":
                assert str(one.attrGet("href")).startswith("https://"), one.attrs
    assert seen > 20


def test_fixes_of_poisoned_files_change_nothing_else() -> None:
    tree = tree_of(injected())
    with bounded():
        outcome = fix(tree, lambda one: lint(one, ALL), unsafe=True)
    for change in outcome.changes:
        assert change.before == tree.files.get(change.path)
