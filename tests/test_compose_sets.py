"""Questions to compose files as sets: what each file is for, roles under other commands, problems of the whole."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.model.files.compose_stacks import ComposeStacks
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import MAX_MESSAGE, MAX_QUOTED, Problem, Source
from dockerlint_fastapi.tree import text_files

COMPLETE = "services:\n  db:\n    image: postgres:16\n"
BUILT = COMPLETE + "  api:\n    build: .\n"
OVERLAY = "services:\n  db:\n    restart: always\n"


def project(**files: str) -> Project:
    tree = text_files((name.replace("__", "/").replace("_", "."), text) for name, text in files.items())
    return assemble(tree, find(tree))


def settings_of(found: Project) -> dict[str, set[str]]:
    """For each file the settings that the sets it takes part in ascribe to it."""
    told: dict[str, set[str]] = {}
    for deployment in found.deployments:
        for file in deployment.files:
            told.setdefault(file.source.path, set()).add(deployment.setting_of(file.source))
    return told


@pytest.mark.parametrize(
    ("files", "settings"),
    [
        ({"compose_yaml": COMPLETE}, {"compose.yaml": {"base"}}),
        (
            {"compose_yaml": COMPLETE, "compose_override_yaml": OVERLAY},
            {"compose.yaml": {"base"}, "compose.override.yaml": {"development"}},
        ),
        (
            {"compose_yaml": COMPLETE, "compose_override_yaml": OVERLAY, "compose_prod_yaml": COMPLETE},
            {
                "compose.yaml": {"development"},
                "compose.override.yaml": {"development"},
                "compose.prod.yaml": {"production"},
            },
        ),
        (
            {"compose_yaml": COMPLETE, "compose_prod_yaml": OVERLAY},
            {"compose.yaml": {"base"}, "compose.prod.yaml": {"production"}},
        ),
        (
            {"compose_yaml": COMPLETE, "compose_prod_yaml": COMPLETE, "compose_extra_yaml": COMPLETE},
            {"compose.yaml": {"development"}, "compose.prod.yaml": {"production"}, "compose.extra.yaml": {"base"}},
        ),
        (
            {"compose_yaml": COMPLETE, "compose_prod_yaml": COMPLETE, "compose_staging_yaml": OVERLAY},
            {"compose.yaml": {"base"}, "compose.prod.yaml": {"production"}, "compose.staging.yaml": {"production"}},
        ),
        ({"prod__compose_yaml": COMPLETE}, {"prod/compose.yaml": {"production"}}),
        # a comment says that a file is laid over the base, though it could be used alone
        (
            {
                "compose_yaml": BUILT,
                "compose_uat_yaml": "# docker compose -f compose.yaml \\\n#   -f compose.uat.yaml up\n" + BUILT,
            },
            {"compose.yaml": {"base"}, "compose.uat.yaml": {"production"}},
        ),
        (
            {"compose_yaml": BUILT, "compose_uat_yaml": "# docker compose -f compose.uat.yaml up\n" + BUILT},
            {"compose.yaml": {"development"}, "compose.uat.yaml": {"production"}},
        ),
        # a file for production without any service of the project is none in place of the base
        (
            {"compose_yaml": BUILT, "compose_prod_yaml": COMPLETE},
            {"compose.yaml": {"base"}, "compose.prod.yaml": {"production"}},
        ),
        (
            {"compose_yaml": BUILT, "compose_prod_yaml": COMPLETE + "  frontend:\n    build: ./web\n"},
            {"compose.yaml": {"base"}, "compose.prod.yaml": {"production"}},
        ),
        (
            {"compose_yaml": BUILT, "compose_prod_yaml": "services:\n  app:\n    image: acme/shop:1\n"},
            {"compose.yaml": {"development"}, "compose.prod.yaml": {"production"}},
        ),
        (
            {"compose_yaml": BUILT, "compose_prod_yaml": "services:\n  app:\n    image: $SHOP\n"},
            {"compose.yaml": {"development"}, "compose.prod.yaml": {"production"}},
        ),
    ],
)
def test_what_each_file_of_a_set_is_for(files: dict[str, str], settings: dict[str, set[str]]) -> None:
    assert settings_of(project(**files)) == settings


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("", "cache"),
        ("command: --appendonly yes", "cache"),
        ("command: redis-server /etc/redis.conf", "cache"),
        ("command: [redis-server, --requirepass, x]", "cache"),
        ('command: sh -c "redis-server --requirepass $$X"', "cache"),
        ("command: []", "cache"),
        ("command: redis-cli --cluster create a:1 b:2", None),
        ("command: sh -c 'sleep 5 && redis-cli flushall'", None),
        ("entrypoint: [redis-cli, ping]", "one-shot"),
        ("entrypoint: /init.sh", None),
        ("entrypoint: /init.sh\n    command: redis-server", "cache"),
        ("entrypoint: /init.sh\n    command: --port 1", None),
        ("command: sh -c 'sleep 3; redis-sentinel /etc/sentinel.conf'", "cache"),
        ("command: ${COMMAND}", None),
    ],
)
def test_an_image_s_daemon_under_a_command_of_the_service(body: str, role: str | None) -> None:
    (container,) = project(compose_yaml=f"services:\n  a:\n    image: redis:8\n    {body}\n").containers
    assert container.role == role


def test_a_key_left_empty_counts_when_no_set_fills_it() -> None:
    empty = "services:\n  db:\n    image: postgres:16\n    ports:\n"
    alone = project(compose_yaml=empty)
    assert [problem.message for problem in alone.merge_problems] == ["`ports` must be a list, not empty"]
    filled = project(compose_yaml=empty, compose_override_yaml="services:\n  db:\n    ports: ['1:1']\n")
    assert list(filled.merge_problems) == []
    elsewhere = project(compose_yaml=empty, compose_override_yaml=OVERLAY)
    assert len(list(elsewhere.merge_problems)) == 1
    overlay = project(compose_prod_yaml="services:\n  db:\n    ports:\n")  # its base is elsewhere
    assert list(overlay.merge_problems) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("services:\n  a:\n    image: x\n    build: .\n", (3, 5)),
        ("services:\n  a:\n      # a comment\n      image: x\n", (4, 7)),
        ("services:\n  a: {image: x}\n", None),
        ("services: {a: {image: x}}\n", None),
        ("x: &x {image: x}\nservices:\n  a:\n    <<: *x\n", None),
        ("x: &x {image: x}\nservices:\n  a:\n    <<: *x\n    user: a\n", (5, 5)),
        ("services:\n  a: {}\n", None),
    ],
)
def test_where_a_key_could_be_written(text: str, place: tuple[int, int] | None) -> None:
    at = parse_compose(Source.of(text, "compose.yaml")).services["a"].beginning
    assert (None if at is None else (at.line, at.column)) == place


def test_a_problem_is_told_in_brief() -> None:
    where = Source.of("a").span(0, 0)
    assert Problem(where, "unknown instruction `FORM`").brief == "unknown instruction `FORM`"
    long = Problem(where, f"`{'x' * 500}` is no\n  name, nor `{'y' * 500}`").brief
    assert long == f"`{'x' * MAX_QUOTED}…` is no name, nor `{'y' * MAX_QUOTED}…`"
    assert len(Problem(where, "word " * 200).brief) <= MAX_MESSAGE
    assert Problem(where, "no FROM", "`FROM image`").remedy == "expected `FROM image`"
    assert Problem(where, "no FROM").remedy is None


def test_files_of_the_old_format_get_a_notice() -> None:
    tree = text_files([("docker-compose.yml", "web:\n  build: .\n  ports: ['80:80']\n")])
    report = lint(tree, Settings(load_rules(), frozenset(("compose-syntax",))))
    assert [notice.span.text for notice in report.notices] == ["web"]
    assert report.diagnostics == ()


@pytest.mark.parametrize(
    ("text", "below", "only"),
    [
        ("docker compose -f compose.yaml -f gpu.yaml up -d", ["compose.yaml"], True),
        ("docker-compose --env-file .env -f compose.yaml \\\n  --file=gpu.yaml up", ["compose.yaml"], True),
        ("docker compose -f compose.yaml -f dev.yaml -f gpu.yaml up", ["compose.yaml", "dev.yaml"], True),
        ("COMPOSE_FILE=compose.yaml:gpu.yaml  # for docker compose", ["compose.yaml"], True),
        ("docker compose -f compose.yaml -f gpu.yaml up; docker compose -f gpu.yaml up", [], True),
        ("docker compose -f compose.yaml -f gpu.yaml up; docker compose -f gpu.yaml down", [], True),
        ("docker compose -f compose.yaml -f gpu.yaml up; docker compose -f gpu.yaml ps", ["compose.yaml"], True),
        ("docker compose -f compose.yaml -f gpu.yaml exec web sh; docker compose -f gpu.yaml up", [], True),
        ("docker compose -f compose.yaml -f gpu.yaml exec web sh", ["compose.yaml"], True),
        ("DC = docker compose\nG = gpu.yaml\nup:\n\t${DC} -f compose.yaml -f ${G} up -d\n", ["compose.yaml"], True),
        ("F := -f compose.yaml\nF += -f gpu.yaml\nup:\n\tdocker compose $(F) up\n", ["compose.yaml"], False),
        ('F="-f compose.yaml"\nF="$F -f gpu.yaml"\ndocker compose $F up\n', ["compose.yaml"], False),
        ('F=(-f compose.yaml -f gpu.yaml)\ndocker compose "${F[@]}" up\n', ["compose.yaml"], True),
        ("docker compose -f ${BASE:-compose.yaml} -f gpu.yaml up\nA=a.yml\n", ["compose.yaml"], True),
        ("F=-f dev.yaml\nF=-f gpu.yaml\ndocker compose -f compose.yaml $F up\n", ["compose.yaml"], True),
        ("DC := docker compose\nup:\n\t$(DC) --profile web -f compose.yaml -f gpu.yaml up\n", ["compose.yaml"], True),
        ("docker compose -f compose.yaml up\ndocker compose -f gpu.yaml up", [], False),
        ("docker compose -f ../other/compose.yaml -f ../other/gpu.yaml up", [], False),
        ("docker compose logs -f web && tail -f compose.yaml -f gpu.yaml", [], False),
    ],
)
def test_commands_tell_which_file_is_laid_over_which(text: str, below: list[str], *, only: bool) -> None:
    names = ("compose.yaml", "dev.yaml", "gpu.yaml")
    files = [parse_compose(Source.of("services: {web: {image: nginx}}\n", f"deploy/{name}")) for name in names]
    stacks = ComposeStacks([text])
    stack = stacks.stack_of(files[2], files)
    under = stack.under if stack is not None else []
    assert [one.source.path for one in under] == [f"deploy/{name}" for name in below]
    assert stacks.only_below(files[0]) is only


def test_a_command_is_one_deployment_with_all_of_its_files() -> None:
    names = ("app.yaml", "db.yaml", "queue.yaml", "tools.yaml")
    names_them = "-f docker_compose/app.yaml -f docker_compose/db.yaml -f $(Q)"
    make = f"DC = docker compose\nQ = docker_compose/queue.yaml\nup:\n\t${{DC}} {names_them} up -d\n"
    looks = "test:\n\t${DC} -f docker_compose/app.yaml -f docker_compose/queue.yaml exec app pytest\n"
    texts = [(f"docker_compose/{name}", f"services:\n  {name[:-5]}:\n    image: nginx\n") for name in names]
    tree = text_files([("Makefile", make + looks), *texts])
    project = assemble(tree, find(tree))
    sets = [[file.source.path[15:-5] for file in one.files] for one in project.deployments]
    assert sorted(sets) == [["app", "db", "queue"], ["tools"]]


@pytest.mark.parametrize(
    ("comment", "sets"),
    [
        ("# Personal deployment (standalone)", 2),
        ("# Tests", 1),
        ("# Not standalone: needs the base file", 1),
        ("# Standalone or laid over compose.yaml", 1),
    ],
)
def test_a_file_may_say_that_it_stands_alone(comment: str, sets: int) -> None:
    readme = "docker compose -f compose.yaml -f compose.personal.yaml up\n"
    text = f"{comment}\n\n{COMPLETE}"
    tree = text_files([("README.md", readme), ("compose.yaml", BUILT), ("compose.personal.yaml", text)])
    found = assemble(tree, find(tree)).deployments
    assert [len(one.files) for one in found if one.files[-1].source.path == "compose.personal.yaml"] == [3 - sets]


@pytest.mark.parametrize(
    ("readme", "context", "found"),
    [
        ("# shop-backend\n", "../../shop-backend/", ""),
        ("```\ngit clone https://github.com/me/shop-backend.git\n```\n", "../../shop-backend/api", "api"),
        ("git clone git@github.com:me/other.git shop-backend\n", "../../shop-backend", ""),
        ("# Shop\n", "../../shop-backend", None),
        ("# shop-backend\n", "../../../shop-backend", None),
        ("# shop-backend\n", "../../shop-frontend", None),
        ("# shop-backend\n", "../..", None),
    ],
)
def test_a_path_may_leave_the_project_and_come_back_by_its_name(readme: str, context: str, found: str | None) -> None:
    text = f"services:\n  api:\n    build: {context}\n"
    tree = text_files([("README.md", readme), ("docker/compose.yaml", text)])
    merged = assemble(tree, find(tree)).deployments[0].merged
    build = merged.services["api"].build
    assert build is not None
    assert merged.context_of(build) == found


def test_a_command_may_lay_a_file_over_the_override() -> None:
    names = ["compose.yaml", "compose.override.yaml", "compose.near-prod.yaml"]
    comment = f"# Like production, on your own machine:\n# COMPOSE_FILE={':'.join(names)}\n"
    found = project(compose_yaml=BUILT, compose_override_yaml=OVERLAY, **{"compose_near-prod_yaml": comment + COMPLETE})
    (one,) = (one for one in found.deployments if one.files[-1].source.path == "compose.near-prod.yaml")
    assert [file.source.path for file in one.files] == names
    assert one.setting == "development"


API = "  api:\n    build: {}\n    image: ${{OWNER}}/shop:api\n    restart: always\n"
MIGRATE = "  migrate:\n    build: .\n    restart: 'no'\n"


@pytest.mark.parametrize(
    ("path", "services", "setting"),
    [
        ("infra/docker/compose.prod.yaml", "  api:\n    image: ${OWNER}/shop:api\n", "development"),
        ("infra/docker/compose.prod.yaml", "  api:\n    build: ../..\n", "development"),
        ("infra/docker/compose.prod.yaml", "  api:\n    build: ./api\n", "base"),
        ("infra/docker/compose.prod.yaml", "  web:\n    image: ${OWNER}/shop:api\n", "base"),
        ("infra/docker/compose.prod.yaml", "  db:\n    image: postgres:16\n", "base"),
        ("infra/docker/compose.prod.yaml", "  api:\n    restart: always\n", "base"),
        ("infra/docker/compose.yaml", "  api:\n    build: ../..\n", "base"),
    ],
)
def test_a_complete_file_for_production_may_lie_in_a_folder_of_its_own(path: str, services: str, setting: str) -> None:
    base = COMPLETE + API.format(".") + MIGRATE
    tree = text_files([("compose.yaml", base), (path, f"services:\n{services}")])
    (one,) = (one for one in assemble(tree, find(tree)).deployments if one.files[0].source.path == "compose.yaml")
    assert one.setting == setting


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("command: uvicorn main:app --reload\n    volumes: ['../src:/srv']\n", "base"),
        ("command: uvicorn main:app --reload\n    volumes: ['../src:/srv']\n    restart: always\n", "production"),
        ("command: uvicorn main:app --reload\n", "production"),
        ("volumes: ['../src:/srv']\n", "production"),
        (
            "command: uvicorn main:app --reload\n    volumes: ['../src:/srv']\n    environment: [APP_ENV=production]\n",
            "production",
        ),
    ],
)
def test_a_folder_for_deployments_may_hold_what_somebody_works_on(text: str, setting: str) -> None:
    (one,) = project(deployment__compose_yaml=f"services:\n  api:\n    build: ..\n    {text}").deployments
    assert one.setting == setting


DEVELOPMENT = "services:\n  app:\n    build: {context: ., args: [ENV=dev]}\n    container_name: app_dev\n"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        (DEVELOPMENT, "base"),
        (DEVELOPMENT.replace("app_dev", "app"), "production"),
        (DEVELOPMENT.replace("ENV=dev", "ENV=prod"), "production"),
        (DEVELOPMENT + "  web:\n    build: .\n", "production"),
    ],
)
def test_a_file_named_for_production_may_say_development_of_all_that_it_builds(text: str, setting: str) -> None:
    (one,) = project(compose_prod_yaml=text).deployments
    assert one.setting == setting
    assert one.is_doubtful is (setting == "base")
    assert one.development is None
    assert one.setting_of(one.files[0].source) == setting


SCAN = "  zap:\n    image: ghcr.io/zaproxy/zaproxy:${ZAP-2.15.0}\n"


@pytest.mark.parametrize(
    ("path", "more", "setting"),
    [
        ("compose_security_yaml", SCAN, "development"),
        ("compose_security_yaml", SCAN + "    profiles: [scan]\n", "base"),
        ("compose_security_yaml", "", "base"),
        ("compose_yaml", SCAN, "base"),
        ("compose_prod_yaml", SCAN, "production"),
    ],
)
def test_a_file_with_a_scanner_is_for_tests_whatever_its_services_say(path: str, more: str, setting: str) -> None:
    web = "  web:\n    build: .\n    environment: {ENVIRONMENT: production}\n"
    (one,) = project(**{path: f"services:\n{web}{more}"}).deployments
    service = one.merged.services["web"]
    assert one.setting == setting
    assert (one.setting_at(service, one.files[0].source) == "development") is (setting == "development")
    assert one.is_for_developers_of(service) is (setting == "development")
