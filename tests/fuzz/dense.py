"""Inputs as dense as a few bytes allow: one short line after the other, of every kind that a file knows.

Whatever is asked for each line, and looks at all others for its answer, shows here first.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

LARGEST = 99_000  # bytes: the fuzzer allows two seconds for less than 100,000

_APPLICATION = (
    "import os, uvicorn\nfrom fastapi import FastAPI\nfrom pydantic_settings import BaseSettings\napp = FastAPI()\n"
)
_MANIFEST = '[project]\nname = "a"\nversion = "1"\n'

#: A small project around the dense file, so that everything is joined with it.
AROUND = {
    "Dockerfile": "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt pyproject.toml ./\nRUN pip install -r requirements.txt\n"
    'COPY . .\nCMD ["./start.sh"]\n',
    "start.sh": "#!/bin/sh\nuvicorn main:app\n",
    "main.py": _APPLICATION,
    "compose.yaml": "services:\n api:\n  build: .\n  env_file: .env\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    ".dockerignore": ".git\n",
}
_UV = 'FROM python:3.12\nRUN pip install uv\nCOPY . .\nRUN uv sync\nCMD ["uv","run","uvicorn","main:app"]\n'


class Shape(NamedTuple):
    """A file: where it stands, how it begins, and the text that is then repeated, in which `@` is a number, `^` the
    number before it and `~` the one behind it.
    """

    path: str
    head: str
    line: str
    tail: str = ""

    def files(self, size: int) -> dict[str, str]:
        """A project with that file, of about so many characters."""
        found, number = [self.head], 0
        length = len(self.head) + len(self.tail)
        while length < size:
            line = (
                self.line.replace("@", str(number)).replace("^", str(max(0, number - 1))).replace("~", str(number + 1))
            )
            found.append(line)
            length += len(line)
            number += 1
        around = (
            AROUND
            if not self.path.endswith((".lock", ".toml"))
            else AROUND | {"Dockerfile": _UV, "pyproject.toml": _MANIFEST}
        )
        return around | {self.path: "".join((*found, self.tail))}


_FROM = "FROM python:3.12\n"
_SERVICE = "services:\n a:\n  image: x\n"

_INSTRUCTIONS = (
    "FROM a", "FROM python", "FROM a AS s@", "FROM s^ AS s~", "FROM a AS s~\nCOPY --from=s^ a b", "FROM python\nCMD uvicorn a:b",
    "FROM python\nRUN pip install a", "FROM python\nCOPY . .\nRUN pip install -r r", "ENV a=b", "ENV a@=b", "ENV a~=$a@", "ENV a=$a",
    "ENV SECRET=abcdefg1234", "ENV PASSWORD@=abcdefg1234", "ARG a", "ARG a@", "ARG a@=$a^", "ARG SECRET@=abcdefg1234", "COPY a b",
    "COPY a@ b", "COPY a@ /b@", "COPY . .", "COPY --from=a a b", "COPY --from=0 /a b", "COPY --chown=a a b", "ADD a b",
    "ADD https://a/b c", "USER a", "USER a@", "WORKDIR a", "WORKDIR a@", "WORKDIR /a", "CMD a", 'CMD ["a"]', "CMD uvicorn a:b",
    'CMD ["uvicorn","a:b"]', "CMD gunicorn a:b", "CMD a@ &", "ENTRYPOINT a", "EXPOSE 1", "EXPOSE ~", "LABEL a=b", "LABEL a@=b",
    "HEALTHCHECK CMD a", "HEALTHCHECK CMD curl a", "HEALTHCHECK NONE", 'SHELL ["a"]', "STOPSIGNAL 9", "VOLUME a", "VOLUME /a@",
    "ONBUILD RUN a", "MAINTAINER a", "RUN a", "RUN $a", "RUN pip install a", "RUN pip install a@==1", "RUN pip install -r a",
    "RUN pip install .", "RUN pip wheel a", "RUN apt-get install a", "RUN apt-get update", "RUN apt-get install a@ -y",
    "RUN apt-get update\nRUN rm -rf /var/lib/apt/lists/*", "RUN uv sync", "RUN uv pip install a", "RUN poetry install",
    "RUN poetry export -o a", "RUN pdm install", "RUN pipenv install", "RUN conda install a", "RUN npm i", "RUN apk add a", "RUN curl a|sh",
    "RUN cd a", "RUN useradd a", "RUN useradd a@\nUSER a^", "RUN chown a b", "RUN chmod a b", "RUN rm -rf a", "RUN python a.py",
    "RUN python -m venv a@", "RUN export a=b", "RUN a>b", "RUN echo a>>b", "RUN ln -s a b", "RUN --mount=type=cache,target=a b",
    "RUN --mount=type=bind,source=a,target=b c", "RUN <<a\na", "#a", "\\", "X", "# dlf: ignore[all]", "RUN git clone a", "RUN cp a b@",
)  # fmt: skip
_SERVICES = (
    "a@: {image: x}", "a@: {}", "a@:", "a@: {build: .}", "a@:\n  image: x", "a@:\n  image: postgres", "a@:\n  image: redis\n  ports: [6379]",
    "a@:\n  image: x\n  ports:\n  - ~:~", "a@:\n  image: x\n  depends_on: [a^]", "a@:\n  image: x\n  extends: a^", "a: {}",
    "a@:\n  build: .\n  command: uvicorn a:b", "a@:\n  image: x\n  volumes: [a:/b]", "a@:\n  image: x\n  environment: [A=b]",
    "a@:\n  image: x\n  environment: {A: http://a^:80}", "a@:\n  image: x\n  deploy: {replicas: 9}", "a@: {image: x, env_file: .env}",
    "a@: {image: x, container_name: a}", "a@: {image: 'x:$A', command: $B}", "a@: {build: ./a@}",
)  # fmt: skip
_OF_A_SERVICE = {
    "environment": ("- a@=b", "- a=b", "- PASSWORD@=abcdefg1", "- a@", "- a@=http://a:80", "- a@=$b@"),
    "ports": ("- ~", "- ~:1"), "volumes": ("- a@:/b", "- ./a@:/b@"), "depends_on": ("- a@",), "env_file": ("- a@",),
    "command": ("- a", "- --a@"), "secrets": ("- a@",), "networks": ("- a@",), "tmpfs": ("- /a@",), "labels": ("- a@=b",),
}  # fmt: skip
_PATTERNS = ("a", "a@", "**/*", "!a", "!a@", "*a@*", ".env", "?", "[a]", "/", "../a", "**", "#", "a/b@/**", "**/a@")
_COMMANDS = (
    "a", "exec a", "uvicorn a:b", "a&", "uvicorn a:b &", "a=b", "f@(){ f~;}", "f(){ f;}", "if a;then b;fi", ". ./start.sh",
    "pg_isready", "export a@=$a^", "wait", "cd a", "case a in a) b;; esac", "while a;do b;done", "a=$(b)", "trap a b", "set -e",
    "python main.py", "nohup uvicorn a:b &", 'exec "$@"', "cat <<a\nb\na", "a|b", "a||b", "a@ && b", "#",
)  # fmt: skip
_CODE = (
    "import a", "import a@", "a=FastAPI()", "a@=FastAPI()", '@app.get("/a@")\ndef f():pass', "uvicorn.run(a)", "class a@(a^):pass",
    'class a(BaseSettings):a:str="b"', 'class a@(BaseSettings):password:str="secret"', 'os.getenv("a")', 'a@=os.getenv("a@")', "a@=a^",
    "app.include_router(a@)", "print(1)", "def f@():f~()", "from a import *", "from a@ import b", 'app.mount("/a@",a)', "if a:b=1",
    'os.environ["a@"]', 'open("a@")', '@app.on_event("startup")\ndef f():pass', "a@=lambda:a^", "a=a+a", "#",
)  # fmt: skip
_REQUIREMENTS = (
    "a@", "a", "a@==1", "-r a@", "-r requirements.txt", "git+https://a/b", "fastapi", "a@>=1", "a@==1 --hash=sha256:aa", "-e .", "./a@",
    "-c a@", "#", "\\", 'a@; python_version>"3"',
)  # fmt: skip
_VARIABLES = ("a@=b", "a=b", "PASSWORD@=abcdefgh", "a~=$a@", "a@", "#", "a@='b'")


def _shapes() -> Iterator[Shape]:
    def lines(path: str, head: str, texts: tuple[str, ...], indent: str = "") -> Iterator[Shape]:
        yield from (Shape(path, head, f"{indent}{text}\n") for text in texts)

    yield from lines("Dockerfile", _FROM, _INSTRUCTIONS)
    yield from lines("compose.yaml", "services:\n", _SERVICES, " ")
    yield from lines(
        "compose.yaml", "services:\n a0: &x {image: x}\n", ("a~: *x", "a~: {<<: *x}", "a~: {<<: *x, image: y}"), " "
    )
    yield from lines("compose.yaml", _SERVICE, ("a@: b", "environment: {a: b}", "imag@: b"), "  ")
    for key, texts in _OF_A_SERVICE.items():
        yield from lines("compose.yaml", f"{_SERVICE}  {key}:\n", texts, "  ")
    for key in ("volumes", "networks", "secrets", "configs"):
        yield from lines("compose.yaml", f"{_SERVICE}{key}:\n", ("a@:", "a@: {external: true}", "a@: {file: b}"), " ")
    yield from lines("compose.yaml", "", ("a@: b", "---", "#", "- a", "a: &a b"))
    yield from lines("compose.yaml", "include:\n", ("- a@", "- compose.yaml"))
    yield from lines(".dockerignore", "", _PATTERNS)
    yield from lines("start.sh", "#!/bin/sh\n", _COMMANDS)
    yield from lines("main.py", _APPLICATION, _CODE)
    yield from lines("requirements.txt", "", _REQUIREMENTS)
    yield from lines(".env", "", _VARIABLES)
    yield Shape("pyproject.toml", f"{_MANIFEST}dependencies = [\n", '"a@",\n', "]\n")
    yield from lines("pyproject.toml", f"{_MANIFEST}[tool.poetry.dependencies]\n", ('a@="*"',))
    yield from lines("pyproject.toml", _MANIFEST, ("[a@]", 'a@="b"'))
    yield Shape("uv.lock", "version = 1\n", '[[package]]\nname="a@"\nversion="1"\ndependencies=[{name="a~"}]\n')
    yield Shape("poetry.lock", "", '[[package]]\nname="a@"\nversion="1"\n[package.dependencies]\na~="*"\n')
    # one long line
    for head, line in (
        ("RUN ", "a;"), ("RUN a", "&&a"), ("RUN a", "&&pip install a"), ("RUN pip install", " a"), ("RUN pip install", " a@"),
        ("RUN apt-get install", " a"), ("RUN apt-get install", " a@"), ("RUN ", "`a`"), ("RUN ", "$("), ("RUN ", "("), ("RUN ", "{ "),
        ("RUN ", "if a;then "), ("RUN a", "|a"), ("RUN a", " --a@"), ("ENV a=", "$a"), ("ENV", " a@=b"), ("ENV", " a=b"), ("ARG", " a@"),
        ("EXPOSE", " ~"), ("CMD uvicorn", " --a"), ("CMD gunicorn a:b", " -w 1"), ("HEALTHCHECK CMD a", "||a"), ("LABEL", " a@=b"),
    ):  # fmt: skip
        yield Shape("Dockerfile", f"{_FROM}{head}", line, "\n")
    yield Shape("Dockerfile", f"{_FROM}COPY", " a@", " /b/\n")
    yield Shape("Dockerfile", f'{_FROM}CMD ["uvicorn","a:b"', ',"--a"', "]\n")
    for line in ("[", "{", "- ", "a: ", '"', "&a ", "? ", "!!a ", "b,", "'", "\t", "*a ", "${A:-"):
        yield Shape("compose.yaml", "a: ", line)
    yield Shape("compose.yaml", "services: {a: {image: x, command: [", "b,", "]}}\n")
    for line in ("*a", "**/", "[", "?", "a/", "\\"):
        yield Shape(".dockerignore", "", line, "\n")
    for line in ("1+", "-", "not ", "[", "(", "{", "a.", "a or ", "lambda:", "a if a else ", '"a"'):
        yield Shape("main.py", f"{_APPLICATION}a=", line, "1\n")
    yield Shape("main.py", f"{_APPLICATION}a=b", ".c()")


SHAPES = tuple(_shapes())


def made(chance: random.Random) -> dict[str, bytes]:
    """A project with a dense file of any size, sometimes of two kinds of lines by turns."""
    shape = chance.choice(SHAPES)
    if chance.random() < 0.5:
        other = chance.choice([one for one in SHAPES if one.path == shape.path and one.head == shape.head])
        shape = shape._replace(line=shape.line + other.line)
    return {path: text.encode() for path, text in shape.files(chance.randrange(2_000, LARGEST)).items()}
