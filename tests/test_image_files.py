"""What stands at a place of an image or container: a file with its text, certainly nothing, or cannot tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.command import UNKNOWN
from dockerlint_fastapi.model.context.glob import clean
from dockerlint_fastapi.model.files.image_files import Placed
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.tree import text_files

BASE = "FROM python:3.12-slim\n"
FILES = {
    "main.py": "app = 1\n",
    "start.sh": "exec uvicorn main:app\n",
    "scripts/run.sh": "echo run\n",
    "scripts/deep/x.sh": "echo x\n",
    "secret/key": "k",
    ".dockerignore": "secret\n",
    ".gitignore": "made.py\n",
}


def project(dockerfile: str, **files: str) -> Project:
    named = {name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()}
    tree = text_files({"Dockerfile": dockerfile, **FILES, **named}.items())
    return assemble(tree, find(tree))


def at(dockerfile: str, place: str) -> object:
    """The path of the project's file, the text in quotes of one that an instruction writes, None, or UNKNOWN."""
    found = project(dockerfile).images[-1].file_at(place)
    if not isinstance(found, Placed):
        return found
    assert found.place == clean(place)
    assert found.locate(0, len(found.text)).source is not None
    return found.path if found.path is not None else f"'{found.text}'"


@pytest.mark.parametrize(
    ("instructions", "place", "expected"),
    [
        # COPY of directories, files and patterns
        ("COPY . /app", "/app/scripts/deep/x.sh", "scripts/deep/x.sh"),
        ("WORKDIR /app\nCOPY . .", "/app/main.py", "main.py"),
        ("WORKDIR /app\nCOPY . .", "/app/../app/./main.py", "main.py"),
        ("COPY . /app", "/app/other.py", None),
        ("COPY . /app", "/main.py", None),
        ("COPY . /app", "/app/scripts", None),
        ("COPY . /app", "/app/secret/key", None),
        ("COPY . /app", "/app/made.py", UNKNOWN),
        ("COPY . /app", "/usr/bin/env", UNKNOWN),
        ("COPY . /app", "/etc/passwd", UNKNOWN),
        ("COPY scripts /app", "/app/run.sh", "scripts/run.sh"),
        ("COPY scripts /app", "/app/scripts/run.sh", None),
        ("COPY scripts/*.sh /s/", "/s/run.sh", "scripts/run.sh"),
        ("COPY scripts/*.sh /s/", "/s/x.sh", None),
        ("COPY scripts/d* /s/", "/s/x.sh", "scripts/deep/x.sh"),
        ("COPY start.sh main.py /app", "/app/main.py", "main.py"),
        ("COPY start.sh /entry.sh", "/entry.sh", "start.sh"),
        ("COPY start.sh /entry.sh", "/entry.sh/start.sh", None),
        ("COPY start.sh /usr/local/bin/", "/usr/local/bin/start.sh", "start.sh"),
        ("COPY start.sh /usr/local/bin/entry", "/usr/local/bin/entry", "start.sh"),
        ("COPY start.sh /usr/local/bin", "/usr/local/bin/start.sh", "start.sh"),
        ("RUN mkdir /x\nCOPY start.sh /x", "/x/start.sh", UNKNOWN),
        ("WORKDIR /x\nCOPY start.sh /x", "/x/start.sh", "start.sh"),
        ("COPY --parents scripts/run.sh /app/", "/app/scripts/run.sh", "scripts/run.sh"),
        ("COPY --exclude=*.sh . /app", "/app/start.sh", None),
        ("COPY main.py /a\nCOPY start.sh /a", "/a", "start.sh"),
        ("ADD main.py /app/", "/app/main.py", "main.py"),
        ("ADD https://example.com/x.py /app/x.py", "/app/x.py", UNKNOWN),
        ("ADD missing.tar.gz /app/", "/app/x.py", UNKNOWN),
        ("COPY $X /app/", "/app/main.py", UNKNOWN),
        # texts that instructions write
        ("COPY <<'EOF' /s.sh\nhi $x\nEOF", "/s.sh", "'hi $x\n'"),
        ("COPY <<EOF /s.sh\nhi\nEOF", "/s.sh", "'hi\n'"),
        ("COPY <<EOF /s.sh\nhi $x\nEOF", "/s.sh", UNKNOWN),
        ("COPY <<a.sh <<b.sh /s/\nA\na.sh\nB\nb.sh", "/s/b.sh", "'B\n'"),
        ("RUN cat <<'EOF' > /s.sh\nhi $x\nEOF", "/s.sh", "'hi $x\n'"),
        ("RUN <<EOF\ncat <<'E' > /s.sh\nhi\nE\nEOF", "/s.sh", "'hi\n'"),
        ("RUN echo 'a b' > /s.sh", "/s.sh", "'a b\n'"),
        ("RUN echo a  b > /s.sh", "/s.sh", "'a b\n'"),
        (r"RUN echo '#!/bin/sh\nx' > /s.sh", "/s.sh", "'#!/bin/sh\nx\n'"),
        (r"RUN echo -e '#!/bin/sh\nx' > /s.sh", "/s.sh", UNKNOWN),
        ('SHELL ["/bin/bash", "-c"]\nRUN echo -e \'a\\nb\' > /s.sh', "/s.sh", "'a\nb\n'"),
        ("RUN echo $X > /s.sh", "/s.sh", UNKNOWN),
        (r"RUN printf '#!/bin/sh\nx\n' > /s.sh", "/s.sh", "'#!/bin/sh\nx\n'"),
        (r"RUN printf '%s\n' a 'b c' > /s.sh", "/s.sh", "'a\nb c\n'"),
        ("RUN printf '%d' 1 > /s.sh", "/s.sh", UNKNOWN),
        ("RUN echo a > /s.sh && echo b >> /s.sh", "/s.sh", "'a\nb\n'"),
        ("RUN echo a > /s.sh\nRUN echo b >> /s.sh", "/s.sh", "'a\nb\n'"),
        ("COPY scripts/run.sh /s.sh\nRUN echo b >> /s.sh", "/s.sh", "scripts/run.sh"),
        ("RUN { echo a; echo b; } > /s.sh", "/s.sh", UNKNOWN),
        ("RUN if true; then echo a > /s.sh; fi", "/s.sh", UNKNOWN),
        ("RUN envsubst < /t > /s.sh", "/s.sh", UNKNOWN),
        ("RUN echo a | tee /s.sh", "/s.sh", UNKNOWN),
        # what RUN does to files that are there
        ("COPY . /app\nRUN chmod +x /app/start.sh && dos2unix /app/start.sh", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN sed -i 's/\\r$//' /app/*.sh", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN sed -i 's/a/b/' /app/*.sh", "/app/start.sh", UNKNOWN),
        ("COPY . /app\nRUN sed -i 's/a/b/' /etc/apt/sources.list", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN find /app -name '*.sh' -exec chmod +x {} \\;", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN find /app -name '*.sh' -exec perl -i {} \\;", "/app/start.sh", UNKNOWN),
        ("COPY . /app\nRUN find /app -name '*.pyc' -delete", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN find /app -name '*.sh' | xargs dos2unix", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN cp /app/start.sh /go", "/go", "start.sh"),
        ("COPY . /app\nRUN mv /app/start.sh /go.sh", "/go.sh", "start.sh"),
        ("COPY . /app\nRUN mv /app/start.sh /go.sh", "/app/start.sh", None),
        ("COPY . /app\nRUN mv /app/scripts/* /opt/", "/opt/run.sh", "scripts/run.sh"),
        ("COPY . /app\nRUN cp -r /app/scripts/. /s", "/s/deep/x.sh", "scripts/deep/x.sh"),
        ("WORKDIR /app\nCOPY . .\nRUN cd scripts && cp run.sh ..", "/app/run.sh", "scripts/run.sh"),
        ("COPY . /app\nRUN ln -s /app/start.sh /go", "/go", "start.sh"),
        ("RUN ln -s /app/start.sh /go\nCOPY . /app", "/go", "start.sh"),
        ("COPY . /app\nRUN ln -s /app /code", "/code/main.py", "main.py"),
        ("RUN ln -s /b /a && ln -s /a /b", "/a/x", UNKNOWN),
        ("COPY . /app\nRUN rm /app/start.sh", "/app/start.sh", None),
        ("COPY . /app\nRUN rm -rf /app/scripts", "/app/scripts/deep/x.sh", None),
        ("COPY . /app\nRUN rm -rf /app/*", "/app/main.py", None),
        ("COPY . /app\nRUN test -f /x || rm /app/start.sh", "/app/start.sh", UNKNOWN),
        ("COPY . /app\nRUN rm -rf /var/lib/apt/lists/*", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN python gen.py /app/start.sh", "/app/start.sh", UNKNOWN),
        ("COPY . /app\nRUN /app/start.sh", "/app/start.sh", "start.sh"),
        ("COPY . /app\nRUN apt-get update && apt-get install -y curl && pip install x", "/app/no.py", None),
        ("RUN poetry self add poetry-plugin-export", "/app/poetry.lock", None),
        ("RUN poetry add fastapi", "/app/poetry.lock", UNKNOWN),
        ("RUN poetry self add poetry-plugin-export", "/root/.config/pypoetry/poetry.lock", UNKNOWN),
        # what may make files somewhere
        ("RUN git clone https://example.com/x /app", "/app/main.py", UNKNOWN),
        ("COPY . /app\nRUN git clone https://example.com/x /other", "/app/main.py", "main.py"),
        ("RUN curl -o /app/x.py https://example.com/x", "/app/x.py", UNKNOWN),
        ("RUN curl https://example.com/x | sh", "/app/x.py", UNKNOWN),
        ("RUN npm run build", "/app/dist/x.js", UNKNOWN),
        ('RUN ["python", "gen.py"]', "/app/x.py", UNKNOWN),
        ("COPY --from=nginx:1 /x /app", "/app/x.py", UNKNOWN),
        ("COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/", "/app/x.py", None),
    ],
)
def test_image(instructions: str, place: str, expected: object) -> None:
    assert at(f"{BASE}{instructions}\n", place) == expected


@pytest.mark.parametrize(
    ("instructions", "place", "expected"),
    [
        ("COPY --from=build /src /app", "/app/main.py", "main.py"),
        ("COPY --from=build /src /app", "/app/no.py", None),
        ("COPY --from=0 /src/start.sh /entry.sh", "/entry.sh", "start.sh"),
        ("COPY --from=build /src/start.sh /bin/", "/bin/start.sh", "start.sh"),
        ("COPY --from=build /src/*.sh /s/", "/s/start.sh", "start.sh"),
        ("COPY --from=build /made /made", "/made", "'a\n'"),
        ("COPY --from=build /src/moved.sh /x.sh", "/x.sh", "scripts/run.sh"),
        ("COPY --from=$X /src /app", "/app/main.py", UNKNOWN),
        ("COPY --from=later /src /app", "/app/main.py", UNKNOWN),
    ],
)
def test_other_stages(instructions: str, place: str, expected: object) -> None:
    build = "FROM python:3.12 AS build\nWORKDIR /src\nCOPY . .\nRUN echo a > /made && mv scripts/run.sh moved.sh\n"
    assert at(f"{build}{BASE}{instructions}\n", place) == expected


def test_a_stage_that_it_is_built_on() -> None:
    text = f"{BASE.rstrip()} AS base\nCOPY main.py /app/\nFROM base\nCOPY start.sh /app/\n"
    assert at(text, "/app/main.py") == "main.py"
    assert at(text, "/app/start.sh") == "start.sh"
    assert at(text.replace("COPY main.py", "ONBUILD COPY main.py"), "/app/main.py") is UNKNOWN


@pytest.mark.parametrize("base", ["registry.example.com/x:1", "tiangolo/uvicorn-gunicorn-fastapi:python3.11"])
def test_an_image_that_may_hold_anything(base: str) -> None:
    text = f"FROM {base}\nCOPY main.py /app/\n"
    assert at(text, "/app/main.py") == "main.py"
    assert at(text, "/start.sh") is UNKNOWN


def test_nothing_at_all() -> None:
    assert at("FROM scratch\nCOPY main.py /\n", "/bin/sh") is None


def test_in_front_of_an_instruction() -> None:
    image = project(f"{BASE}COPY . /app\nRUN rm /app/main.py\nCOPY start.sh /app/main.py\n").images[0]
    copy, run, last = image.stage.instructions
    paths = [image.file_at("/app/main.py", before=one) for one in (copy, run, last, None)]  # type: ignore[arg-type]
    assert [one.path if isinstance(one, Placed) else one for one in paths] == [None, "main.py", None, "start.sh"]


@pytest.mark.parametrize(
    ("written", "text", "start"),
    [
        ("RUN echo '#!/bin/sh\\n\\\nexec uvicorn a:b\\n' > /s.sh", "exec uvicorn", "exec uvicorn a:b"),
        ('RUN echo "exec \\"uvicorn\\" a" > /s.sh', '"uvicorn"', '\\"uvicorn\\"'),
        ("RUN cat <<'EOF' > /s.sh\nset -e\nexec uvicorn a:b\nEOF", "exec uvicorn", "exec uvicorn"),
        ("RUN echo a > /s.sh && echo 'uvicorn b' >> /s.sh", "uvicorn", "uvicorn"),
        ("COPY <<EOF /s.sh\nexec uvicorn a:b\nEOF", "uvicorn", "uvicorn"),
    ],
)
def test_the_place_of_a_written_text(written: str, text: str, start: str) -> None:
    found = project(f"{BASE}{written}\n").images[0].file_at("/s.sh")
    assert isinstance(found, Placed)
    begin = found.text.index(text)
    assert start.startswith(found.locate(begin, begin + len(text)).text)


COMPOSE = """services:
  web:
    build: .
    {extra}
configs:
  file:
    file: ./start.sh
"""


@pytest.mark.parametrize(
    ("extra", "place", "expected"),
    [
        ("volumes: ['./scripts:/app']", "/app/run.sh", "scripts/run.sh"),
        ("volumes: ['./scripts:/app']", "/app/main.py", None),
        ("volumes: ['.:/app:ro']", "/app/made.py", UNKNOWN),
        ("volumes: ['.:/app']", "/other/main.py", None),
        ("volumes: ['data:/app']", "/app/main.py", UNKNOWN),
        ("volumes: ['/app']", "/app/main.py", UNKNOWN),
        ("volumes: ['/srv/x:/app']", "/app/main.py", UNKNOWN),
        ("volumes: ['../x:/app']", "/app/main.py", UNKNOWN),
        ("volumes: ['./start.sh:/app/main.py']", "/app/main.py", "start.sh"),
        ("volumes: ['.:/app', 'data:/app/scripts']", "/app/scripts/run.sh", UNKNOWN),
        ("volumes: [{type: bind, source: scripts, target: /app}]", "/app/run.sh", "scripts/run.sh"),
        ("volumes: [{type: tmpfs, target: /app}]", "/app/main.py", None),
        ("volumes: ['./scripts:${WHERE}']", "/app/main.py", UNKNOWN),
        ("tmpfs: /app", "/app/main.py", None),
        ("secrets: [key]", "/run/secrets/key", UNKNOWN),
        ("configs: [{source: c, target: /app/main.py}]", "/app/main.py", UNKNOWN),
        ("configs: [{source: file, target: /app/main.py}]", "/app/main.py", "start.sh"),
        ("restart: always", "/app/main.py", "main.py"),
    ],
)
def test_container(extra: str, place: str, expected: object) -> None:
    one = project(f"{BASE}COPY . /app\n", compose_DOT_yaml=COMPOSE.format(extra=extra))
    (container,) = [c for c in one.containers if c.service is not None]
    found = container.file_at(place)
    assert (found.path if isinstance(found, Placed) else found) == expected


def test_the_working_directory() -> None:
    text = f"{BASE}WORKDIR /app\nWORKDIR src\n"
    assert project(text).containers[0].directory == "/app/src"
    assert project(text).containers[0].place_of("../x.py") == "/app/x.py"
    service = COMPOSE.format(extra="working_dir: /code")
    assert project(text, compose_DOT_yaml=service).containers[0].directory == "/code"
    assert project("FROM example.com/x\nWORKDIR x\n").containers[0].directory is None
    assert project("FROM example.com/x\nWORKDIR x\n").containers[0].place_of("y") is None


def test_builds_that_do_not_agree() -> None:
    files = {
        "a/Dockerfile": f"{BASE}COPY main.py /app/\n",
        "a/main.py": "a",
        "main.py": "root",
    }
    tree = text_files(files.items())
    image = assemble(tree, find(tree)).images[0]
    assert image.file_at("/app/main.py") is UNKNOWN
    assert image.file_at("/app/other.py") is UNKNOWN


def test_many_stages_do_not_multiply() -> None:
    text = f"{BASE.rstrip()} AS s0\nCOPY . /a\n"
    for number in range(1, 40):
        text += f"FROM python:3.12 AS s{number}\nCOPY --from=s{number - 1} /a/x /a\nCOPY --from=s{number - 1} /a/y /a\n"
    assert at(text, "/a/main.py") in (None, UNKNOWN)


WORDS = st.sampled_from(
    (
        "cp mv ln -s rm -rf echo printf > >> && ; || | ( ) { } if then fi a.sh /a.sh /d/a.sh d . .. * '*.sh' $X"
        " \"$@\" '%s\\n' 'x\\n' << <<'E' cd /d sed -i 's/\\r$//' find -name -exec {} \\; -delete xargs tar curl -o -O"
        " install -t tr < \\\n"
    ).split(" ")
)


@given(st.lists(WORDS, max_size=14), st.sampled_from(["/a.sh", "/d/a.sh", "/", "/d/d/a.sh"]))
@settings(deadline=None, max_examples=150)
def test_never_raises(words: list[str], place: str) -> None:
    text = f"{BASE}COPY scripts/run.sh /d/a.sh\nRUN {' '.join(words)}\nCOPY {' '.join(words[:3]) or '.'} /d\n"
    found = project(text).images[0].file_at(place)
    if isinstance(found, Placed):
        assert isinstance(found.text, str)
        for bound in range(len(found.text) + 1):
            span = found.locate(0, bound)
            assert span.start <= span.end
