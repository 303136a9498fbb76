"""What compose files name: services and volumes, files of the project, and what a service waits for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.compose.uses import uses_of
from dockerlint_fastapi.model.deployment import Deployment
from dockerlint_fastapi.model.files.missing_files import MissingFile, example_of
from dockerlint_fastapi.model.files.recipes import chooses_directory, maker_of
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import text_files

SERVER = 'FROM python:3.13-slim\nCMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'


def project(files: dict[str, str], stack: tuple[str, ...] = ()) -> Project:
    tree = text_files(files.items())
    return assemble(tree, find(tree, named=stack), stack=stack)


def deployment(compose: str, **others: str) -> Deployment:
    found = project({"compose.yaml": compose, **others})
    return found.deployments[0]


def broken(files: dict[str, str], stack: tuple[str, ...] = ()) -> list[str]:
    return [f"{one.use.kind} {one.use.name}" for one in project(files, stack).broken_references]


def missing(files: dict[str, str], stack: tuple[str, ...] = ()) -> list[MissingFile]:
    return list(project(files, stack).missing_files)


# Names


def test_every_use_has_its_kind_its_key_and_its_place() -> None:
    text = """\
services:
  web:
    image: i
    depends_on: {db: {condition: service_healthy, required: false}}
    links: ["cache:redis"]
    network_mode: service:vpn
    volumes_from: ["data:ro", "container:x"]
    volumes: ["named:/a", "./b:/b", "${V}:/c"]
    networks: [default, back]
    secrets: [{source: s}]
    configs: [c]
    build: {context: ., secrets: [bs], additional_contexts: {x: "service:base", y: "./y"}}
    models: [m]
"""
    service = parse_compose(Source.of(text, "compose.yaml")).services["web"]
    found = [(use.kind, use.key, use.name, use.span.text, use.required) for use in uses_of(service)]
    assert found == [
        ("service", "depends_on", "db", "db", False),
        ("service", "links", "cache", '"cache:redis"', True),
        ("service", "network_mode", "vpn", "service:vpn", True),
        ("service", "volumes_from", "data", '"data:ro"', True),
        ("service", "build.additional_contexts", "base", '"service:base"', True),
        ("volume", "volumes", "named", "named", True),
        ("network", "networks", "back", "back", True),
        ("secret", "secrets", "s", "s", True),
        ("secret", "build.secrets", "bs", "bs", True),
        ("config", "configs", "c", "c", True),
        ("model", "models", "m", "m", True),
    ]
    assert [use.name for use in uses_of(service) if use.orders] == ["db", "cache", "vpn", "data"]


def test_both_ends_of_a_broken_reference() -> None:
    found = project({
        "compose.yaml": "services:\n  db:\n    image: postgres\n    volumes: ['pgdta:/x']\nvolumes:\n  pgdata:\n"
    })  # fmt: skip
    (one,) = found.broken_references
    assert (one.service, one.use.span.line, one.use.span.text) == ("db", 4, "pgdta")
    assert one.nearest is not None
    assert (one.nearest.name, one.nearest.span.line) == ("pgdata", 6)
    assert one.declarations is not None
    assert (one.declarations.line, one.declarations.text) == (5, "volumes")


def test_a_stack_that_the_user_names_is_no_guess() -> None:
    files = {
        "compose.yaml": "services:\n  db:\n    image: postgres\nvolumes:\n  pg:\n",
        "compose.prod.yaml": "services:\n  db:\n    image: postgres\n    volumes: ['pg:/x']\n",
    }
    assert broken(files) == []
    assert broken(files, ("compose.prod.yaml",)) == ["volume pg"]
    assert broken(files, ("compose.yaml", "compose.prod.yaml")) == []


def test_a_file_below_the_root_may_lean_on_one_above() -> None:
    below = "services:\n  db:\n    image: postgres\n    volumes: ['pg:/x']\n"
    base = "services:\n  web:\n    image: i\nvolumes:\n  pg:\n"
    assert broken({"compose.yaml": base, "env/local.compose.yaml": below}) == []
    assert broken({"other/compose.yaml": base, "env/local.compose.yaml": below}) == ["volume pg"]


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), unique=True, max_size=4)))
def test_cycles_are_found_when_there_are_some(edges: dict[str, list[str]]) -> None:
    names = sorted({*edges, *(name for targets in edges.values() for name in targets)} | {"a"})
    body = "".join(f"  {name}:\n    image: i\n    depends_on: [{', '.join(edges.get(name, []))}]\n" for name in names)
    cycles = list(deployment(f"services:\n{body}").dependency_cycles)

    def reaches(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [*edges.get(start, [])]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(edges.get(name, []))
        return seen

    assert bool(cycles) == any(name in reaches(name) for name in names)
    for cycle in cycles:
        assert len(cycle.names) == len(cycle.spans)
        for name, span, target in zip(cycle.names, cycle.spans, (*cycle.names[1:], cycle.names[0]), strict=True):
            assert target in edges[name]
            assert span.text == target


def test_a_long_chain_of_dependencies_is_no_trouble() -> None:
    body = "".join(f"  s{n}:\n    image: i\n    depends_on: [s{n + 1}]\n" for n in range(1500))
    one = deployment(f"services:\n{body}  s1500:\n    image: i\n    depends_on: [s0]\n")
    (cycle,) = one.dependency_cycles
    assert len(cycle.names) == 1501


# Which files are used together


def test_the_stack_replaces_the_grouping_by_names() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: a\n",
        "compose.override.yaml": "services:\n  a:\n    image: dev\n",
        "deploy/prod.yaml": "services:\n  a:\n    image: prod\n    ports: ['80:80']\n",
    }
    found = project(files, ("compose.yaml", "deploy/prod.yaml"))
    (one,) = found.deployments
    assert one.given
    assert one.setting == "production"
    assert [file.source.path for file in one.files] == ["compose.yaml", "deploy/prod.yaml"]
    image = one.merged.services["a"].image
    assert image is not None
    assert (image.value, image.span.source.path) == ("prod", "deploy/prod.yaml")
    assert project(files, ("deploy/prod.yaml", "compose.yaml")).deployments[0].merged.services["a"].image is not None
    assert len(project(files).deployments) > 1


def test_the_env_file_may_name_the_stack() -> None:
    files = {
        "compose.yaml": "services:\n  a:\n    image: a\n",
        "compose.override.yaml": "services:\n  a:\n    image: dev\n",
        "compose.extra.yaml": "services:\n  a:\n    user: app\n",
        ".env": "COMPOSE_FILE=compose.yaml:compose.extra.yaml\n",
    }
    found = project(files)
    assert [[file.source.path for file in one.files] for one in found.deployments] == [
        ["compose.yaml", "compose.extra.yaml"]
    ]
    assert found.deployments[0].given
    files[".env"] = "COMPOSE_FILE=compose.yaml:gone.yaml\n"
    assert not any(one.given for one in project(files).deployments)


def test_a_default_file_stays_whole_though_its_services_are_extended() -> None:
    found = project({
        "compose.yaml": "services:\n  a:\n    image: a\n",
        "compose.test.yaml": "services:\n  t:\n    extends: {file: compose.yaml, service: a}\n",
    })  # fmt: skip
    assert all(one.whole for one in found.deployments)


# Where relative paths start


@pytest.mark.parametrize(
    ("files", "context"),
    [
        ({"compose.yaml": "services:\n  a:\n    build: ./x\n"}, "x"),
        ({"sub/compose.yaml": "services:\n  a:\n    build: ../x\n"}, "x"),
        ({"sub/compose.yaml": "services:\n  a:\n    build: {}\n"}, "sub"),
        (
            {
                "compose.yaml": "services:\n  a:\n    extends: {file: c/s.yaml, service: b}\n",
                "c/s.yaml": "services:\n  b:\n    build: ./x\n",
            },
            "c/x",
        ),
        (
            {
                "compose.yaml": "services:\n  a:\n    extends: {file: c/s.yaml, service: b}\n",
                "c/s.yaml": "services:\n  b:\n    extends: {file: d/t.yaml, service: b}\n",
                "c/d/t.yaml": "services:\n  b:\n    build: ../x\n",
            },
            "c/x",
        ),
        ({"compose.yaml": "include: [c/s.yaml]\nservices: {}\n", "c/s.yaml": "services:\n  a:\n    build: x\n"}, "c/x"),
        (
            {
                "compose.yaml": "include:\n  - {path: c/s.yaml, project_directory: p}\nservices: {}\n",
                "c/s.yaml": "services:\n  a:\n    build: x\n",
            },
            "p/x",
        ),
    ],
)
def test_relative_paths(files: dict[str, str], context: str) -> None:
    found = project({**files, "other.txt": ""}, (next(iter(files)),))
    merged = found.deployments[0].merged
    build = merged.services["a"].build
    assert build is not None
    assert merged.context_of(build) == context
    assert merged.dockerfile_of(build) == f"{context}/Dockerfile"


def test_a_file_that_is_used_in_two_ways_has_no_one_folder() -> None:
    files = {
        "compose.yaml": "include:\n  - {path: c/s.yaml, project_directory: p}\n  - c/t.yaml\nservices: {}\n",
        "c/s.yaml": "services:\n  a:\n    build: x\n",
        "c/t.yaml": "services:\n  b:\n    extends: {file: s.yaml, service: a}\n",
    }
    merged = project(files, ("compose.yaml",)).deployments[0].merged
    assert merged.directories["c/s.yaml"] is None
    build = merged.services["a"].build
    assert build is not None
    assert merged.context_of(build) is None


@pytest.mark.parametrize(
    "path", ["/x", "~/x", "../x", "https://x.org/x.git", "git@x.org:x", "C:\\x", ".\\x", "github.com/a/b", "${X}"]
)
def test_paths_that_lie_elsewhere(path: str) -> None:
    assert missing({"compose.yaml": f"services:\n  a:\n    build: '{path}'\n    env_file: '{path}'\n"}) == []


# Files


def test_a_missing_stage_and_what_was_meant() -> None:
    (one,) = missing({
        "compose.yaml": "services:\n  a:\n    build: {context: ., target: runtim}\n",
        "Dockerfile": "FROM scratch AS build\nFROM scratch AS runtime\n",
    })  # fmt: skip
    assert (one.kind, one.name, one.span.text) == ("target", "runtim", "runtim")
    assert one.near is not None
    assert (one.near.name, one.near.span.source.path, one.near.span.line) == ("runtime", "Dockerfile", 2)


def test_arguments_of_all_stages_and_of_onbuild() -> None:
    file = "ARG A\nFROM x AS a\nARG B=1\nFROM a\nONBUILD ARG C\n"
    args = "{A: 1, B: 2, C: 3, D: 4, http_proxy: 5, SOURCE_DATE_EPOCH: 0}"
    found = missing({"compose.yaml": f"services:\n  a:\n    build: {{context: ., args: {args}}}\n", "Dockerfile": file})
    assert [(one.kind, one.name) for one in found] == [("argument", "D")]


def test_a_dockerfile_of_another_frontend_may_know_any_argument() -> None:
    found = missing({
        "compose.yaml": "services:\n  a:\n    build: {context: ., args: {D: 1}}\n",
        "Dockerfile": "# syntax=acme/frontend:1\nFROM x\n",
    })  # fmt: skip
    assert found == []


def test_the_path_from_another_folder_is_told() -> None:
    (one,) = missing({
        "compose.yaml": "services:\n  a:\n    build: {context: api, dockerfile: docker/Dockerfile}\n",
        "docker/Dockerfile": "FROM scratch\n",
        "api/main.py": "",
    })  # fmt: skip
    assert (one.kind, one.name, one.meant) == ("dockerfile", "api/docker/Dockerfile", "docker/Dockerfile")
    assert one.remedy == "the path starts in the build context; there is a `docker/Dockerfile`"


@pytest.mark.parametrize(
    ("path", "others", "example"),
    [
        (".env", [".env.example"], ".env.example"),
        (".env", ["env.sample"], "env.sample"),
        (".env", ["example.env"], "example.env"),
        (".env.prod", [".env.prod.dist"], ".env.prod.dist"),
        (".env.prod", [".env.dev.example", ".env.example"], ".env.example"),
        ("a/.env", [".env.example"], None),
        (".env", [".env.prod", "example.txt"], None),
        ("settings.txt", [".env.example"], None),
    ],
)
def test_examples_beside_a_missing_file(path: str, others: list[str], example: str | None) -> None:
    found = project(dict.fromkeys(others, ""))
    assert example_of(found, path) == example


@pytest.mark.parametrize(
    ("recipe", "text", "made"),
    [
        ("Makefile", "env:\n\tcp .env.example .env\n", True),
        ("scripts/setup.sh", "echo A=1 > .env\n", True),
        (".github/workflows/ci.yml", "      - run: touch .env\n", True),
        ("Makefile", "env:\n\tcp .env.example .env.test\n", False),
        ("Makefile", "# cp .env.example .env\n", False),
        ("Makefile", "up:\n\tdocker compose --env-file .env up\n", False),
        ("notes.txt", "cp .env.example .env\n", False),
    ],
)
def test_recipes_that_make_a_file(recipe: str, text: str, made: bool) -> None:  # noqa: FBT001
    found = maker_of(project({recipe: text, ".env.example": "", "compose.yaml": "services: {}\n"}), ".env")
    assert (found is not None) is made
    if found is not None:
        assert (found.span.text, found.span.source.path) == (".env", recipe)


@pytest.mark.parametrize(
    ("recipe", "text", "certain"),
    [
        ("Makefile", "env:\n\tcp a/.env.example a/.env\n", True),
        ("Makefile", "env:\n\tcd b && cp .env.example ../a/.env\n", True),
        ("Makefile", "env:\n\tcd b && touch x\n\tcp a/x a/.env\n", True),
        ("Makefile", "env:\n\tcd b && \\\n\ttouch .env\n", None),
        ("Makefile", "env:\n\ttouch .env\n", None),
        ("Makefile", "env:\n\tcd $(DIR) && touch .env\n", False),
        ("Makefile", "env:\n\ttouch ${DIR}/.env\n", False),
        ("a/Makefile", "env:\n\ttouch .env\n", True),
        ("setup.sh", "cd a\ntouch .env\ncd ../b\n", True),
        ("setup.sh", "cd b\ntouch .env\n", None),
        ("scripts/setup.sh", "touch .env\n", False),
        ("scripts/setup.sh", "cd ../a\ntouch .env\n", True),
        (".github/workflows/ci.yml", "      - run: touch .env\n        working-directory: a\n", True),
        (".github/workflows/ci.yml", "      - run: touch .env\n        working-directory: b\n", None),
        (".github/workflows/ci.yml", "defaults:\n  working-directory: a\nx:\n      - run: touch .env\n", False),
    ],
)
def test_recipes_make_a_file_in_a_folder(recipe: str, text: str, certain: bool | None) -> None:  # noqa: FBT001
    examples = {"a/.env.example": "", "b/.env.example": ""}
    found = maker_of(project({recipe: text, **examples, "compose.yaml": "services: {}\n"}), "a/.env")
    assert (found.certain if found is not None else None) is certain


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("env:\n\tcp .env.example .env\n", False),
        ("env:\n\tcp -n ./env.sample .env\n", False),
        ("env:\n\tcp $(EXAMPLE) .env\n", True),
        ("env:\n\tcp build/settings .env\n", True),
        ("env:\n\tcp ignored/.env.example .env\n", True),
    ],
)
def test_a_copy_of_an_example_that_is_not_there_makes_nothing(text: str, made: bool) -> None:  # noqa: FBT001
    files = {"Makefile": text, ".gitignore": "ignored\n", "compose.yaml": "services: {}\n"}
    assert (maker_of(project(files), ".env") is not None) is made


def test_a_recipe_that_sets_the_folder_of_paths() -> None:
    assert chooses_directory(project({"justfile": "up:\n  docker compose --project-directory . up\n"}))
    assert not chooses_directory(project({"justfile": "up:\n  docker compose up\n"}))


# What is waited for


def waits(compose: str, **others: str) -> list[tuple[str, str]]:
    return [(one.dependency.name, one.reason) for one in deployment(compose, **others).impossible_waits]


@pytest.mark.parametrize(
    ("db", "expected"),
    [
        ("image: postgres:16", False),
        ("image: docker.io/library/postgres", False),
        ("image: '${DB:-postgres}:16'", False),
        ("image: acme/postgres", None),
        ("image: postgres.acme.org/postgres", None),
        ("image: postgres:16\n    healthcheck: {test: [CMD, pg_isready]}", True),
        ("image: postgres:16\n    healthcheck: {interval: 5s}", False),
        ("image: acme/postgres\n    healthcheck: {disable: true}", False),
        ("image: acme/postgres\n    healthcheck: {test: [NONE]}", False),
        ("image: acme/postgres\n    healthcheck: {disable: '${OFF}'}", None),
        ("build: .", True),
        ("build: ./plain", False),
        ("build: ./none", False),
        ("build: ./unknown", None),
        ("build: ./mongo", False),
    ],
)
def test_health_checks_of_every_origin(db: str, expected: bool | None) -> None:  # noqa: FBT001
    one = deployment(
        f"services:\n  db:\n    {db}\n",
        **{
            "Dockerfile": "FROM acme/x\nHEALTHCHECK CMD true\n",
            "plain/Dockerfile": "FROM python:3.13\n",
            "none/Dockerfile": "FROM acme/x\nHEALTHCHECK NONE\n",
            "unknown/Dockerfile": "FROM acme/x\n",
            "mongo/Dockerfile": "FROM mongo:8\n",
        },
    )
    (container,) = one.containers
    assert container.health_checked is expected


def test_the_override_may_mend_what_the_base_lacks() -> None:
    base = (
        "services:\n  web:\n    image: i\n    depends_on: {db: {condition: service_healthy}}\n  db:\n    image: redis\n"
    )
    found = project({"compose.yaml": base})
    assert [[one.reason for one in each.impossible_waits] for each in found.deployments] == [["no-healthcheck"]]
    over = "services:\n  db:\n    healthcheck: {test: [CMD, redis-cli, ping]}\n"
    found = project({"compose.yaml": base, "compose.override.yaml": over})
    assert len(found.deployments) == 2
    assert not any(list(each.impossible_waits) for each in found.deployments)


def test_profiles() -> None:
    def found(web: str, db: str, **others: str) -> list[tuple[str, str]]:
        text = f"services:\n  web:\n    image: i\n    depends_on: [db]\n    profiles: {web}\n  db:\n    image: d\n"
        return waits(f"{text}    profiles: {db}\n", **others)

    assert found("[]", "[a]") == [("db", "profile")]
    assert found("[a]", "[a, b]") == []
    assert found("[a, c]", "[a, b]") == [("db", "other-profile")]
    assert found("[a]", "[]") == []
    assert found("['${P}']", "[b]") == []
    assert found("[]", "[a]", Makefile="up:\n\tdocker compose --profile a up\n") == []
    assert found("[]", "[a]", **{".env.example": "COMPOSE_PROFILES=b,a\n"}) == []
    assert found("[]", "[a]", Makefile="up:\n\tdocker compose --profile ab up\n") == [("db", "profile")]


def unawaited(compose: str, **others: str) -> list[tuple[str, bool]]:
    found = deployment(compose, **{"Dockerfile": SERVER, **others}).unawaited
    return [(one.dependency.name, one.waits is not None) for one in found]


WEB = "services:\n  web:\n    build: .\n    depends_on: [db]\n  db:\n    image: postgres:16\n"


def test_waiting_is_seen_wherever_it_is_written() -> None:
    assert unawaited(WEB) == [("db", False)]
    entry = 'FROM python:3.13-slim\nCOPY run.sh /run.sh\nENTRYPOINT ["sh", "/run.sh"]\nCMD ["uvicorn", "main:app"]\n'
    loop = "#!/bin/sh\nwhile ! nc -z db 5432; do sleep 1; done\nexec $@\n"
    assert unawaited(WEB, **{"Dockerfile": entry, "run.sh": loop}) == [("db", True)]
    assert unawaited(WEB, **{"Dockerfile": entry, "run.sh": '#!/bin/sh\nexec "$@"\n'}) == [("db", False)]
    command = WEB.replace("depends_on", "command: bash -c 'python prestart.py && uvicorn main:app'\n    depends_on")
    assert unawaited(command) == [("db", True)]
    retry = "import sqlalchemy\nfrom tenacity import retry\n"
    assert unawaited(WEB, **{"app/db.py": retry}) == [("db", True)]
    assert unawaited(WEB, **{"app/mail.py": retry, "app/main.py": "from tenacity import retry\n"}) == [("db", False)]


def test_a_script_that_cannot_be_read_may_wait() -> None:
    unread = (
        'FROM python:3.13-slim\nCOPY --from=x /run.sh /run.sh\nENTRYPOINT ["sh", "/run.sh"]\nCMD ["uvicorn", "m:a"]\n'
    )
    assert unawaited(WEB, Dockerfile=unread) == []


def test_what_is_started_before_may_have_waited() -> None:
    chain = (
        "services:\n  web:\n    build: .\n    depends_on: [db, mid]\n  mid:\n    image: i\n    depends_on:"
        " {db: {condition: service_healthy}}\n  db:\n    image: postgres:16\n    healthcheck: {test: [CMD, x]}\n"
    )
    assert unawaited(chain) == []
    assert unawaited(chain.replace("service_healthy", "service_started")) == [("db", False)]


def test_a_condition_is_mended_when_there_is_a_health_check() -> None:
    text = (
        "services:\n  web:\n    build: .\n    depends_on: {db: {condition: service_started}}\n  db:\n"
        "    image: postgres:16\n    healthcheck: {test: [CMD, pg_isready]}\n"
    )
    rule = next(one for one in load_rules() if one.name == "dependency-not-awaited")

    def fixes(compose: str) -> list[tuple[str, str, str]]:
        tree = text_files({"compose.yaml": compose, "Dockerfile": SERVER}.items())
        report = lint(tree, Settings((rule,), frozenset((rule.name,))))
        found = [one.finding.fix for one in report.diagnostics]
        return [(fix.applicability, fix.edits[0].span.text, fix.edits[0].text) for fix in found if fix is not None]

    assert fixes(text) == [("unsafe", "service_started", "service_healthy")]
    # Without one, the fix brings one along: it begins there, or at the condition.
    bare = fixes(text.replace("healthcheck: {test: [CMD, pg_isready]}", "user: postgres"))
    assert [applicability for applicability, _, _ in bare] == ["unsafe"]


def test_what_env_files_hold_stands_in_no_message() -> None:
    text = """\
services:
  web:
    build:
      context: "${FOLDER}"
    env_file: ${SECRET_ENV}
    depends_on: ["${NEEDED}"]
    volumes: ["${VOLUME}:/data"]
    network_mode: service:${OTHER}
"""
    dotenv = "FOLDER=hidden-a\nSECRET_ENV=hidden-b.env\nNEEDED=hidden-c\nVOLUME=hidden-d\nOTHER=hidden-e\n"
    files = text_files({"compose.yaml": text, ".env": dotenv}.items())
    names = frozenset(("missing-referenced-file", "undefined-compose-reference"))
    report = lint(files, Settings(load_rules(), names))
    said = [f"{one.finding.message} {one.finding.help}" for one in report.diagnostics]
    assert not [one for one in said if "hidden" in one]
    told = [name for name in ("FOLDER", "NEEDED", "OTHER", "SECRET_ENV", "VOLUME") if any(name in one for one in said)]
    assert told == [
        "FOLDER",
        "NEEDED",
        "OTHER",
        "SECRET_ENV",
        "VOLUME",
    ]
