"""`.env`, `env_file:` and `environment:` joined as Compose does: precedence, certainty and places."""

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model import UNKNOWN, Container, Project, Value
from dockerlint_fastapi.reporters import render
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.tree import MemoryTree, text_files

DOCKERFILE = "FROM python:3.12-slim\nENV A=image B=image\nCMD uvicorn app.main:app\n"


def tree(**files: str) -> MemoryTree:
    """A project; `__` in a name is a slash, `_env` at its end `.env`, `compose` the compose file."""
    names = {"compose": "compose.yaml", "dockerfile": "Dockerfile", "gitignore": ".gitignore"}
    return text_files(
        (names.get(name) or name.replace("__", "/").replace("_env", ".env"), text) for name, text in files.items()
    )


def project(**files: str) -> Project:
    files.setdefault("dockerfile", DOCKERFILE)
    root = tree(**files)
    return assemble(root, find(root))


def web(**files: str) -> Container:
    return next(one for one in project(**files).containers if one.service is not None and one.service.name == "web")


def value(container: Container, name: str) -> str | None:
    """The value in the environment; None when it is unset, `?` when it cannot be told."""
    found = container.environment.get(name)
    if found is UNKNOWN:
        return "?"
    assert found is None or isinstance(found, Value)
    return found.text if found is not None else None


WEB = "services:\n  web:\n    build: .\n"


class TestProjectEnv:
    """`${NAME}` by the `.env` beside the first compose file."""

    def test_its_values_are_those_of_the_compose_file(self) -> None:
        one = web(compose=WEB + "    ports: ['${PORT}:80']\n    user: $OWNER\n", _env="PORT=8080\n")
        assert one.service is not None
        (port,) = one.service.ports
        assert port.published is not None
        assert (port.published.value, port.published.text) == ("8080", "${PORT}")
        assert one.service.user is not None
        assert one.service.user.value is None  # the shell may set it

    def test_a_value_wins_over_a_default(self) -> None:
        one = web(compose=WEB + "    user: ${OWNER:-1}:${GROUP:-2}:${EMPTY:-3}\n", _env="OWNER=7\nEMPTY=\n")
        assert one.service is not None
        assert one.service.user is not None
        assert (one.service.user.value, one.service.user.default) == (None, "7:2:3")

    def test_it_may_refer_to_itself(self) -> None:
        one = web(compose=WEB + "    user: $B\n", _env="A=1\nB=${A}2\n")
        assert one.service is not None
        assert one.service.user is not None
        assert one.service.user.value == "12"

    @pytest.mark.parametrize(
        ("files", "why"),
        [
            ({"_env": "OWNER=7\n"}, None),
            ({"_env": "OWNER=7\n", "gitignore": ".env\n"}, "git ignores it"),
            ({"_env": "OWNER=7\nA B=c\n"}, "Compose refuses it"),
            ({}, "it is not there"),
            ({"_env.example": "OWNER=7\n"}, "it is not there"),
        ],
    )
    def test_only_a_committed_file_counts(self, files: dict[str, str], why: str | None) -> None:
        one = web(compose=WEB + "    user: $OWNER\n", **files)
        assert one.service is not None
        assert one.service.user is not None
        assert one.deployment is not None
        assert one.service.user.value == ("7" if why is None else None)
        assert one.deployment.dotenv.why == why

    def test_it_lies_beside_the_first_file(self) -> None:
        root = text_files(
            [
                ("a/compose.yaml", "services:\n  web:\n    image: x\n    user: $OWNER\n"),
                (".env", "OWNER=root-env"),
                ("a/.env", "OWNER=own"),
            ]
        )
        (one,) = assemble(root, find(root)).containers
        assert one.service is not None
        assert one.service.user is not None
        assert one.service.user.value == "own"

    def test_an_included_file_has_its_own(self) -> None:
        root = text_files(
            [
                ("compose.yaml", "include: [sub/compose.yaml]\nservices:\n  web:\n    image: x\n    user: $A-$B\n"),
                ("sub/compose.yaml", "services:\n  inner:\n    image: x\n    user: $A-$B\n    env_file: in.env\n"),
                (".env", "A=outer"),
                ("sub/.env", "A=inner\nB=inner"),
                ("sub/in.env", "C=$B\nD=$A"),
            ]
        )
        made = next(one for one in assemble(root, find(root)).deployments if one.files[0].source.path == "compose.yaml")
        users = {one.service.name: one.service.user for one in made.containers if one.service is not None}
        assert {name: user.value if user else "" for name, user in users.items()} == {
            "inner": "outer-inner",
            "web": None,  # B is known to the included file only
        }
        inner = next(one for one in made.containers if one.service is not None and one.service.name == "inner")
        assert inner.variables["C"].value is None  # env files are read with the variables of the whole project
        assert inner.variables["D"].value == "outer"

    def test_an_include_may_name_env_files(self) -> None:
        root = text_files(
            [
                ("compose.yaml", "include:\n  - path: sub/compose.yaml\n    env_file: [a.env, b.env]\n"),
                ("sub/compose.yaml", "services:\n  inner:\n    image: x\n    user: $A-$B-${C}\n"),
                ("sub/.env", "C=unused"),
                ("a.env", "A=1\nB=1"),
                ("b.env", "B=2"),
            ]
        )
        made = next(one for one in assemble(root, find(root)).deployments if one.files[0].source.path == "compose.yaml")
        (inner,) = made.containers
        assert inner.service is not None
        assert inner.service.user is not None
        assert inner.service.user.value is None
        assert inner.service.user.default == "1-2-"


class TestEnvFile:
    """`env_file:` of a service."""

    def test_environment_wins_over_files_and_these_over_the_image(self) -> None:
        one = web(
            compose=WEB + "    env_file: [one_env, two_env]\n    environment: {C: compose}\n".replace("_env", ".env"),
            one_env="B=one\nC=one\nD=one\n",
            two_env="D=two\n",
        )
        assert {name: value(one, name) for name in "ABCDE"} == {
            "A": "image",
            "B": "one",
            "C": "compose",
            "D": "two",
            "E": None,
        }
        assert one.environment.closed
        assert [(use.path, use.why) for use in one.env_files] == [("one.env", None), ("two.env", None)]

    def test_places_are_in_the_env_file(self) -> None:
        one = web(compose=WEB + "    env_file: web.env\n", web_env="# c\nexport D='x y'\n")
        found = one.environment.get("D")
        assert isinstance(found, Value)
        assert found.span is not None
        assert (found.span.source.path, found.span.line, found.span.text) == ("web.env", 2, "D='x y'")
        assert one.variables["D"].part(2, 3).span.text == "y"
        assert one.variables["D"].origin == "env_file"

    @pytest.mark.parametrize("how", ["absent", "ignored", "broken", "variable", "optional"])
    def test_a_file_that_is_not_read_may_set_anything(self, how: str) -> None:
        name = {"variable": "$NAME", "optional": "{path: two.env, required: false}"}.get(how, "two.env")
        files = {} if how in ("absent", "optional") else {"two_env": "D=two\n" + ("A B=1\n" if how == "broken" else "")}
        if how == "ignored":
            files["gitignore"] = "two.env\n"
        one = web(
            compose=WEB + f"    env_file: [one.env, {name}, three.env]\n    environment: [C=compose]\n",
            one_env="B=one\nD=one\n",
            three_env="E=three\nF=$B\n",
            **files,
        )
        assert {name: value(one, name) for name in "ABCDEFG"} == {
            "A": "?",
            "B": "?",
            "C": "compose",
            "D": "?",
            "E": "three",
            "F": "?",
            "G": "?",
        }
        assert not one.environment.closed

    def test_a_name_alone_is_taken_from_where_compose_runs(self) -> None:
        one = web(
            compose=WEB + "    env_file: web.env\n    environment: [C, D]\n", _env="B=env\nC=env\n", web_env="B\nD=x\n"
        )
        assert {name: value(one, name) for name in "BCD"} == {"B": "env", "C": "env", "D": "?"}

    def test_references_mean_what_compose_runs_with_then_the_service(self) -> None:
        one = web(
            compose=WEB + "    env_file: web.env\n    environment: {X: service, Y: service}\n",
            _env="X=env\n",
            web_env="X1=$X\nY1=$Y\nZ=file\nZ1=$Z\n",
        )
        assert {name: value(one, name) for name in ("X1", "Y1", "Z1")} == {"X1": "env", "Y1": "service", "Z1": "file"}

    def test_raw_files_keep_what_is_written(self) -> None:
        one = web(compose=WEB + "    env_file:\n      - {path: web.env, format: raw}\n", web_env="C='$A' # c\n")
        assert value(one, "C") == "'$A' # c"

    def test_an_unknown_format_is_not_read(self) -> None:
        one = web(compose=WEB + "    env_file:\n      - {path: web.env, format: json}\n", web_env="C=1\n")
        assert value(one, "C") == "?"

    def test_an_extended_service_names_files_of_its_own_folder(self) -> None:
        root = text_files(
            [
                ("compose.yaml", "services:\n  web:\n    extends: {file: sub/base.yaml, service: base}\n"),
                ("sub/base.yaml", "services:\n  base:\n    image: x\n    env_file: base.env\n"),
                ("sub/base.env", "A=sub"),
                ("base.env", "A=root"),
            ]
        )
        made = assemble(root, find(root))
        one = next(one for one in made.containers if one.service is not None and one.service.name == "web")
        assert one.variables["A"].value == "sub"


SECRET = "correct-horse-battery"


def test_a_secret_of_an_env_file_is_never_printed() -> None:
    root = tree(
        dockerfile=DOCKERFILE,
        compose=WEB
        + "    env_file: web.env\n"
        + "    environment:\n"
        + "      API_SECRET: ${API_SECRET}\n"
        + "      DATABASE_URL: postgresql://app:${API_SECRET}@localhost:5432/app\n"
        + "      MONGO_URL:\n"
        + "  db:\n    image: postgres:17\n    environment:\n      POSTGRES_PASSWORD: ${API_SECRET}\n",
        _env=f"API_SECRET={SECRET}\nMONGO_URL=mongodb://root:{SECRET}@mongo/x\n",
        web_env=f"OTHER_SECRET={SECRET}\nREDIS_URL=redis://:{SECRET}@redis:6379\n",
    )
    rules = load_rules()
    report = lint(root, Settings(rules, frozenset(rule.name for rule in rules)))
    found = [one.finding for one in report.diagnostics]
    assert {"web.env", "compose.yaml"} <= {finding.span.source.path for finding in found}
    for form in ("text", "concise", "json", "sarif"):
        assert SECRET not in render(form, report)
    assert all(SECRET not in finding.message for finding in found)
    inline = [one.finding for one in report.diagnostics if one.rule.name == "inline-compose-secret"]
    assert [(one.span.text, one.notes[0].span.text) for one in inline] == [("${API_SECRET}", "API_SECRET")]


def test_the_lines_of_an_env_file_are_shown_without_their_values() -> None:
    root = tree(
        dockerfile=DOCKERFILE,
        compose=WEB + "    env_file: web.env\n",
        web_env=f"# about\nREDIS_URL=redis://:{SECRET}@redis:6379 # {SECRET}\n",
    )
    rules = load_rules()
    report = lint(root, Settings(rules, frozenset(("unreachable-dependency-host",))))
    printed = render("text", report)
    assert "REDIS_URL=*****" in printed
    assert SECRET not in printed
    line = next(line for line in printed.splitlines() if "REDIS_URL=" in line)
    mark = next(line for line in printed.splitlines() if "^^^^^" in line)
    assert mark.index("^") - line.index("REDIS_URL") == len(f"REDIS_URL=redis://:{SECRET}@")


def test_development_is_not_read_from_dotenv() -> None:
    one = web(compose=WEB + "    environment:\n      ENVIRONMENT: ${ENVIRONMENT}\n", _env="ENVIRONMENT=local\n")
    assert one.development is None


def test_what_compose_fills_in_counts_where_git_has_the_file() -> None:
    files = {
        "compose.yaml": b"services:\n  db:\n    image: postgres:17\n    environment:\n"
        b"      POSTGRES_PASSWORD: ${DB_PASSWORD}\n",
        ".env": b"DB_PASSWORD=shop\n",
    }
    rules = load_rules()

    def told(index: bytes | None) -> set[str]:
        root = MemoryTree(files if index is None else {**files, ".git/index": index})
        report = lint(root, Settings(rules, frozenset(("inline-compose-secret",)), profile="pedantic"))
        return {one.rule.name for one in report.diagnostics}

    name = b".env"
    entry = bytes(60) + len(name).to_bytes(2) + name + b"\0" * 6
    assert told(None) == told(b"DIRC\0\0\0\2\0\0\0\1" + entry) == {"inline-compose-secret"}
    assert told(b"DIRC\0\0\0\2\0\0\0\0") == set()  # not added yet
