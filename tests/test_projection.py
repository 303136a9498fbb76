"""What a fix may change of the assembled model: what it names, where its finding stands, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from dockerlint_fastapi.aspects import ASPECTS, HERE
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import lint
from dockerlint_fastapi.examples import examples
from dockerlint_fastapi.finding import Edit, Finding
from dockerlint_fastapi.fixer import Fixed, fix
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.report import Diagnostic, Report
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import Tree, text_files

ROOT = Path(__file__).parents[1]
RULES = load_rules(())
RULE = next(rule for rule in RULES if rule.name == "unquoted-port")

DOCKERFILE = """\
ARG PYTHON=3.12
FROM python:3.12-slim AS builder
ARG INDEX=https://pypi.org
WORKDIR /build
COPY requirements.txt .
RUN pip install --prefix /install -r requirements.txt
FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 LOG=info
WORKDIR /code
COPY --from=builder /install /usr/local
COPY app ./app
COPY other ./app
RUN useradd app
USER app
EXPOSE 8000
VOLUME /data
LABEL team=a
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s CMD curl -f http://localhost:8000/health
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]
"""
COMPOSE = """\
services:
  api:
    build:
      context: .
      args:
        PYTHON: "3.12"
    ports:
      - "8000:8000"
    environment:
      LOG: info
      MODE: a
    depends_on:
      - db
    networks: [back]
    volumes:
      - data:/data
    restart: always
    stop_grace_period: 20s
  db:
    image: postgres:16
    user: postgres
    environment:
      POSTGRES_USER: a
    networks: [back]
volumes:
  data:
networks:
  back:
"""
FILES = {
    "Dockerfile": DOCKERFILE,
    "compose.yaml": COMPOSE,
    "requirements.txt": "fastapi\nuvicorn\n",
    ".dockerignore": "*.md\n",
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "other/notes.txt": "a\n",
    "readme.md": "a\n",
}


def outcome(
    place: tuple[str, str],
    changes: Iterable[tuple[str, str, str]],
    names: str | Iterable[str] = (),
    also: tuple[str, str] | None = None,
) -> Fixed:
    """What the fixer makes of one finding at a text of a file, whose fix replaces texts of files."""

    def found(path: str, text: str) -> Finding:
        source = Source.of(FILES[path], path)
        at = source.text.index(text)
        return Finding.at(source.span(at, at + len(text)), "x")

    def run(tree: Tree) -> Report:
        path, text = place
        if any((tree.read(name) or b"").decode() != own for name, own in FILES.items()):
            return Report((), (), (), (), RULES)
        edits = [Edit(found(name, old).span, new) for name, old, new in changes]
        places = [found(*also).span] if also is not None else []
        finding = found(path, text).fixed_by("mend it", *edits, safe=False, names=names, also=places)
        return Report((Diagnostic(RULE, "warning", finding),), (), (), (), RULES)

    return fix(text_files(list(FILES.items())), run, unsafe=True)


def refusal(*arguments: object, **others: object) -> str | None:
    """Why such a fix is refused; None when it is applied."""
    made = outcome(*arguments, **others)  # type: ignore[arg-type]
    assert bool(made.refused) is not bool(made.applied)
    return made.refused[0].reason if made.refused else None


CMD = ("Dockerfile", '"uvicorn"')
MENDED = ("Dockerfile", '["uvicorn", ', '["python", "-m", "uvicorn", ')


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("USER app", "USER root", "stage `1` of Dockerfile: user would be another, which the fix does not name"),
        ("USER app\n", "", "stage `1` of Dockerfile: user"),
        ("EXPOSE 8000", "EXPOSE 9000", "stage `1` of Dockerfile: exposed"),
        ('8000"]', '9000"]', "service `api`: server `port`"),
        ("0.0.0.0", "127.0.0.1", "service `api`: server `host`"),
        ("app.main:app", "app.main:api", "service `api`: server `app`"),
        ("LOG=info", "LOG=debug", "stage `1` of Dockerfile: environment `LOG`"),
        (" LOG=info", "", "stage `1` of Dockerfile: environment `LOG`"),
        ("WORKDIR /code", "WORKDIR /srv", "stage `1` of Dockerfile: workdir"),
        ("COPY app ./app", "COPY app ./src", "stage `1` of Dockerfile: files"),
        ("COPY app ./app", "COPY --chown=app app ./app", "stage `1` of Dockerfile: files"),
        ("COPY app ./app\nCOPY other ./app", "COPY other ./app\nCOPY app ./app", "stage `1` of Dockerfile: order"),
        ("--prefix /install", "--prefix /other", "stage `builder` of Dockerfile: steps"),
        ("AS builder\n", "AS builder\nUSER 1000\n", "stage `builder` of Dockerfile: "),
        ("pypi.org", "example.com", "stage `builder` of Dockerfile: arguments `INDEX`"),
        ("ARG PYTHON=3.12", "ARG PYTHON=3.13", "Dockerfile: arguments `PYTHON`"),
        ("FROM python:3.12-slim\n", "FROM python:3.13-slim\n", "stage `1` of Dockerfile: base"),
        ("RUN useradd app\n", "RUN useradd app\nFROM scratch\n", "Dockerfile: stages"),
        ("VOLUME /data", "VOLUME /other", "stage `1` of Dockerfile: mounts"),
        ("team=a", "team=b", "stage `1` of Dockerfile: labels `team`"),
        ("SIGINT", "SIGTERM", "stage `1` of Dockerfile: stopping"),
        ("--interval=30s", "--interval=5s", "stage `1` of Dockerfile: health check"),
        ("localhost:8000/health", "localhost:9000/health", "stage `1` of Dockerfile: health check"),
        ("EXPOSE 8000", 'SHELL ["/bin/bash", "-c"]\nEXPOSE 8000', "stage `1` of Dockerfile: "),
    ],
)
def test_a_fix_of_a_command_that_changes_more_of_the_dockerfile_is_refused(old: str, new: str, reason: str) -> None:
    found = refusal(CMD, [MENDED, ("Dockerfile", old, new)], names="command")
    assert found is not None
    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("8000:8000", "9000:8000", "service `api`: ports `ports` would be another, which the fix does not name"),
        ("LOG: info", "LOG: debug", "service `api`: environment `LOG`"),
        ("MODE: a", "MODUS: a", "service `api`: environment `MODE`"),
        ("- db\n", "- db\n      - redis\n", "service `api`: dependencies"),
        ("data:/data", "data:/other", "service `api`: mounts"),
        ("db\n    networks: [back]", "db\n    networks: [back, default]", "service `api`: networks"),
        ('PYTHON: "3.12"', 'PYTHON: "3.13"', "service `api`: build `build.args`"),
        ("context: .", "context: .\n      target: builder", "service `api`: "),
        ("20s", "5s", "service `api`: stopping"),
        ("restart: always\n", "restart: always\n    privileged: true\n", "service `api`: settings `privileged`"),
        ("restart: always\n", "restart: always\n    user: '0'\n", "service `api`: user"),
        ("postgres:16", "postgres:17", "service `db`: base"),
        ("user: postgres", "user: root", "service `db`: user"),
        ("POSTGRES_USER: a", "POSTGRES_USER: b", "service `db`: environment `POSTGRES_USER`"),
        ("  back:\n", "  back:\n    internal: true\n", "compose.yaml: networks `back`"),
        ("volumes:\n  data:", "volumes:\n  data:\n    external: true", "compose.yaml: mounts `data`"),
        ("volumes:\n  data:", "  more:\n    image: a\nvolumes:\n  data:", "compose.yaml: services"),
    ],
)
def test_a_fix_of_a_restart_policy_that_changes_more_of_the_compose_file_is_refused(
    old: str, new: str, reason: str
) -> None:
    mended = ("compose.yaml", "restart: always", "restart: unless-stopped")
    changes = [(("compose.yaml", old, new.replace("always", "unless-stopped")) if "always" in old else mended)]
    if "always" not in old:
        changes.append(("compose.yaml", old, new))
    found = refusal(("compose.yaml", "restart: always"), changes, names="restart")
    assert found is not None
    assert found.startswith(reason)


def test_a_fix_changes_what_it_names_only_where_its_finding_stands() -> None:
    place = ("compose.yaml", "MODE: a")
    other = [("compose.yaml", "POSTGRES_USER: a", "POSTGRES_USER: b")]
    reason = "service `db`: environment `POSTGRES_USER` would be another, which is not what the finding speaks of"
    assert refusal(place, other, names="environment") == reason
    assert refusal(place, other, names="environment", also=("compose.yaml", "db:\n    image")) is None


def test_a_fix_may_name_one_thing_of_an_aspect_or_the_setting_in_which_its_finding_stands() -> None:
    place = ("compose.yaml", "MODE: a")
    own, beside = ("compose.yaml", "MODE: a", "MODE: b"), ("compose.yaml", "LOG: info", "LOG: debug")
    for names in ("environment:MODE", HERE):
        assert refusal(place, [own], names=names) is None
        assert refusal(place, [own, beside], names=names) == (
            "service `api`: environment `LOG` would be another, which the fix does not name"
        )
    assert refusal(place, [own, beside], names="environment") is None


def test_a_fix_that_names_nothing_may_change_what_the_model_does_not_say() -> None:
    assert (
        refusal(("compose.yaml", "restart: always"), [("compose.yaml", "restart: always", 'restart: "always"')]) is None
    )
    assert refusal(CMD, [("Dockerfile", "FROM python:3.12-slim AS", "FROM  python:3.12-slim  AS")]) is None
    assert refusal(CMD, [MENDED]) == (
        "stage `1` of Dockerfile: command `CMD` would be another, which the fix does not name"
    )


def test_an_ignore_file_changes_what_builds_are_sent() -> None:
    place, change = (".dockerignore", "*.md"), [(".dockerignore", "*.md", "*.md\nother/notes.txt")]
    reason = refusal(place, change)
    assert reason == "service `api`: sent files would be another, which the fix does not name"
    assert refusal(place, change, names="sent files") is None
    assert refusal(place, [(".dockerignore", "*.md", "*.md\n*.rst")]) is None


def test_one_bad_fix_of_several_is_refused_alone() -> None:
    source = Source.of(DOCKERFILE, "Dockerfile")

    def at(text: str) -> Edit:
        start = source.text.index(text)
        return Edit(source.span(start, start + len(text)), "")

    def run(tree: Tree) -> Report:
        if tree.read("Dockerfile") != DOCKERFILE.encode():
            return Report((), (), (), (), RULES)
        good = Finding.at(at("LOG=info").span, "a").fixed_by("a", at(" LOG=info"), names="environment:LOG")
        user = Finding.at(at("USER app").span, "b").fixed_by("b", at("USER app\n"), names=("user", "steps"))
        bad = Finding.at(at("EXPOSE 8000").span, "c").fixed_by("c", at("EXPOSE 8000\n"), names="user")
        return Report(tuple(Diagnostic(RULE, "warning", one) for one in (good, user, bad)), (), (), (), RULES)

    made = fix(text_files(list(FILES.items())), run)
    assert [one.finding.message for one in made.applied] == ["a", "b"]
    text = (made.tree.read("Dockerfile") or b"").decode()
    assert ("EXPOSE 8000" in text, "USER app" in text, "LOG=info" in text) == (True, False, False)


def test_the_model_of_a_fix_is_the_one_that_is_linted() -> None:
    asked: list[bool] = []

    def run(_tree: Tree) -> Report:
        source = Source.of(FILES["app/main.py"], "app/main.py")
        finding = Finding.at(source.span(0, 4), "x").fixed_by("y", Edit(source.span(0, 0), "import os\n"))
        return Report((Diagnostic(RULE, "warning", finding),) if not asked else (), (), (), (), RULES)

    def assembled(tree: Tree, *, code: bool) -> Project:
        asked.append(code)
        return assemble(tree, find(tree), code=code)

    fix(text_files(list(FILES.items())), run, assembled=assembled)
    assert set(asked) == {True}  # a module is changed, so that what it starts is looked at


def test_as_many_models_are_made_of_many_folders_as_of_few() -> None:
    def models(folders: int) -> int:
        tree = text_files([(f"{at}/Dockerfile", "FROM python:3.12\nEXPOSE 80\nUSER app\n") for at in range(folders)])
        asked: list[bool] = []

        def run(tree: Tree) -> Report:
            found = []
            for at in range(folders):
                source = Source(f"{at}/Dockerfile", tree.read(f"{at}/Dockerfile") or b"")
                for text, name in (("EXPOSE 80\n", "exposed"), ("USER app\n", "user" if at else "labels")):
                    if text in source.text:
                        span = source.span(source.text.index(text), source.text.index(text) + len(text))
                        finding = Finding.at(span, text).fixed_by("take it away", Edit(span, ""), names=name)
                        found.append(Diagnostic(RULE, "warning", finding))
            return Report(tuple(found), (), (), (), RULES)

        def assembled(tree: Tree, *, code: bool) -> Project:
            asked.append(code)
            return assemble(tree, find(tree), code=code)

        made = fix(tree, run, assembled=assembled)
        assert len(made.applied) == 2 * folders - 1
        assert {one.diagnostic.path for one in made.refused} == {"0/Dockerfile"}  # the others do not speak for it
        return len(asked)

    assert models(16) <= models(4) + 12  # what is refused is looked for by halves, in each of three passes


def test_every_fix_of_the_examples_names_words_that_there_are() -> None:
    unnamed: set[str] = set()
    for folder in ("rules", "fixtures/cases"):
        for example in examples(str(ROOT / folder), RULES):
            if not example.heading.startswith("Bad") or example.fixed:
                continue
            for one in lint(example.tree, example.settings).diagnostics:
                if one.finding.fix is None:
                    continue
                unnamed |= {name for name in one.finding.fix.names if name.partition(":")[0] not in {*ASPECTS, HERE}}
    assert unnamed == set()


def test_the_vocabulary_is_documented() -> None:
    text = (ROOT / "docs" / "fixes.md").read_text()
    named = set(re.findall(r"^\| `([a-z ]+)` \|", text, re.MULTILINE))
    assert named == {*ASPECTS, HERE}
