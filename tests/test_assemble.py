"""A project's files joined: compose files into deployments, stages into images, both into containers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.assemble.deployments import is_complete
from dockerlint_fastapi.assemble.images import default_stage, entries_of, possible_contexts
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.development import of_service
from dockerlint_fastapi.model.evidence import setting_of_name, setting_of_path
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import MemoryTree, text_files

SLIM = "FROM python:3.12-slim"
SERVER = 'CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]\n'
WEB = "services:\n  web:\n    build: .\n"
OVERLAY = "services:\n  web:\n    restart: always\n"


def project(files: dict[str, str], *paths: str) -> Project:
    """The project of some files; with paths, as when only these are named on the command line."""
    tree = text_files(files.items())
    return assemble(tree, find(tree, named=paths), paths=paths or None)


def deployments(*names: str, overlays: tuple[str, ...] = ()) -> set[tuple[tuple[str, ...], str, bool]]:
    """The sets that compose files of these names form: files, setting, and whether a set is whole."""
    files = dict.fromkeys(names, WEB) | dict.fromkeys(overlays, OVERLAY)
    return {
        (tuple(file.source.path for file in one.files), one.setting, one.whole) for one in project(files).deployments
    }


def images(found: Project) -> set[tuple[str, str | None, str | None]]:
    """Dockerfile, stage, and why it is for development."""
    return {
        (image.dockerfile.source.path, image.stage.name, image.development.reason if image.development else None)
        for image in found.images
    }


def started(found: Project) -> dict[str | None, tuple[str | None, str | None]]:
    """Of each container, by its service's name, the program and the role."""
    return {
        one.service.name if one.service else None: (one.program.name if one.program else None, one.role)
        for one in found.containers
    }


# Names


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("Dockerfile.dev", "development"),
        ("dev.Dockerfile", "development"),
        ("docker-compose.local.yml", "development"),
        ("docker_compose_test.yml", "development"),
        ("compose.e2e.yaml", "development"),
        ("Dockerfile.prod", "production"),
        ("docker-compose.staging.yml", "production"),
        ("docker-compose.prod.local.yml", "production"),
        ("docker-compose.swarm.yml", "production"),
        ("docker-compose.release.yml", "production"),
        ("docker-compose.release-test.yml", "development"),
        ("Dockerfile", None),
        ("Dockerfile.gpu", None),
        ("device.Dockerfile", None),  # words, not beginnings of words
        ("reproduction.yml", None),
        ("Contest.Dockerfile", None),
    ],
)
def test_the_setting_that_a_name_tells(name: str, setting: str | None) -> None:
    assert setting_of_name(name) == setting


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("deploy/Dockerfile", "production"),
        (".devcontainer/Dockerfile", "development"),
        ("tests/docker/Dockerfile", "development"),
        ("examples/simple/compose.yaml", "development"),
        ("docs/Dockerfile", "development"),
        ("tests/compose.prod.yaml", "development"),  # the file's own name first
        ("deploy/dev/compose.yaml", "development"),  # the nearest folder first
        ("backend/Dockerfile", None),
        ("Dockerfile", None),
    ],
)
def test_the_setting_that_a_path_tells(path: str, setting: str | None) -> None:
    assert setting_of_path(path) == setting


# Deployments


def test_a_file_alone_names_no_setting() -> None:
    assert deployments("compose.yaml") == {(("compose.yaml",), "base", True)}


def test_the_override_is_added_to_the_base() -> None:
    assert deployments("docker-compose.yml", overlays=("docker-compose.override.yml",)) == {
        (("docker-compose.yml",), "base", True),
        (("docker-compose.yml", "docker-compose.override.yml"), "development", True),
    }


def test_an_overlay_for_production_takes_the_base_along() -> None:
    assert deployments("compose.yaml", overlays=("compose.prod.yaml", "compose.override.yaml")) == {
        (("compose.yaml", "compose.prod.yaml"), "production", True),
        (("compose.yaml", "compose.override.yaml"), "development", True),
    }


def test_beside_a_complete_file_for_production_the_base_is_for_development() -> None:
    assert deployments("compose.yaml", "compose.prod.yaml") == {
        (("compose.prod.yaml",), "production", True),
        (("compose.yaml",), "development", True),
    }


def test_files_of_other_names_stand_alone_when_they_can() -> None:
    assert deployments("docker-compose.yml", "docker-compose.gpu.yml", overlays=("docker-compose.cuda.yml",)) == {
        (("docker-compose.yml",), "base", True),
        (("docker-compose.gpu.yml",), "base", True),
        (("docker-compose.yml", "docker-compose.cuda.yml"), "base", True),
    }


def test_a_file_for_development_leaves_the_base_as_it_is() -> None:
    assert deployments("docker-compose.yml", "docker-compose.dev.yml") == {
        (("docker-compose.yml",), "base", True),
        (("docker-compose.dev.yml",), "development", True),
    }


def test_an_overlay_whose_base_is_not_there_is_not_whole() -> None:
    assert deployments(overlays=("docker-compose.prod.yml",)) == {(("docker-compose.prod.yml",), "production", False)}
    assert deployments(overlays=("compose.override.yaml",)) == {(("compose.override.yaml",), "development", False)}


def test_folders_are_apart() -> None:
    assert deployments("a/compose.yaml", overlays=("b/compose.prod.yaml",)) == {
        (("a/compose.yaml",), "base", True),
        (("b/compose.prod.yaml",), "production", False),
    }


def test_of_two_base_names_compose_takes_the_first() -> None:
    assert (("compose.yaml", "compose.prod.yml"), "production", True) in deployments(
        "docker-compose.yml", "compose.yaml", overlays=("compose.prod.yml",)
    )


def test_a_file_that_waits_for_a_service_of_the_base_is_used_with_it() -> None:
    base = "services:\n  web:\n    build: .\n  db:\n    image: postgres:16\n"
    tests = "services:\n  tests:\n    image: a\n    depends_on: [db]\n"
    found = project({"compose.yml": base, "compose.tests.yml": tests})
    assert [[file.source.path for file in one.files] for one in found.deployments] == [
        ["compose.yml", "compose.tests.yml"],
        ["compose.yml"],
    ]
    # of a service that nobody has, or that need not be there, nothing follows
    for waits in ("[cache]", "{db: {condition: service_healthy, required: false}}"):
        found = project({"compose.yml": base, "compose.tests.yml": tests.replace("[db]", waits)})
        assert [len(one.files) for one in found.deployments] == [1, 1]


def test_a_dockerfile_in_lower_case_is_built_where_there_is_no_other() -> None:
    found = project({"dockerfile": f"{SLIM}\n{SERVER}", "compose.yaml": WEB})
    assert [one.image is not None for one in found.containers] == [True]
    found = project({"dockerfile": f"{SLIM}\n{SERVER}", "compose.yaml": f"{WEB[:-2]}{{dockerfile: Other}}\n"})
    assert [one.image is not None for one in found.containers] == [False, True]


def test_a_command_under_an_entrypoint_in_shell_form_changes_nothing() -> None:
    compose = "services:\n  web:\n    build: .\n    command: sleep infinity\n"
    found = project({"Dockerfile": f"{SLIM}\nENTRYPOINT uvicorn main:app\n", "compose.yaml": compose})
    assert [(one.as_built, one.start_span and one.start_span.line, one.role) for one in found.containers] == [
        (True, 2, "server")
    ]


def test_a_file_without_services_is_no_deployment() -> None:
    assert project({"compose.yaml": "volumes:\n  data:\n"}).deployments == ()


@pytest.mark.parametrize(
    ("body", "complete"),
    [
        ("image: a", True),
        ("build: .", True),
        ("extends: {service: b, file: c.yaml}", True),
        ("provider: {type: model}", True),
        ("restart: always", False),
        ("command: uvicorn main:app", False),
    ],
)
def test_a_file_that_says_what_each_service_runs_is_complete(body: str, *, complete: bool) -> None:
    text = f"services:\n  db:\n    image: postgres:16\n  web:\n    {body}\n"
    assert is_complete(parse_compose(Source.of(text, "compose.yaml"))) is complete


def test_what_an_overlay_adds_is_in_the_merged_services() -> None:
    found = project({"compose.yaml": WEB, "compose.prod.yaml": OVERLAY, "Dockerfile": f"{SLIM}\n{SERVER}"})
    (one,) = found.deployments
    web = one.merged.services["web"]
    assert web.build is not None
    assert web.restart is not None
    assert web.restart.span.source.path == "compose.prod.yaml"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("profiles: [dev]", "profiles"),
        ("profiles: [test, debug]", "profiles"),
        ("profiles: [dev, production]", None),
        ("profiles: []", None),
        ("build: {context: ., target: development}", "target"),
        ("build: {context: ., target: prod-test}", None),
        ("build: {context: ., dockerfile: Dockerfile.dev}", "Dockerfile.dev"),
        ("build: {context: ., dockerfile: dev/Dockerfile}", None),  # a folder's name alone says little
        ("environment: {ENVIRONMENT: local}", "ENVIRONMENT"),
        ("environment: [APP_ENV=development]", "APP_ENV"),
        ("environment: {ENVIRONMENT: production}", None),
        ("environment: {ENVIRONMENT: ''}", None),
        ("environment: [ENVIRONMENT]", None),
        ("command: uvicorn main:app --reload", None),
        ("volumes: ['.:/code']", None),
    ],
)
def test_what_tells_that_a_service_is_for_development(body: str, reason: str | None) -> None:
    file = parse_compose(Source.of(f"services:\n  web:\n    {body}\n", "compose.yaml"))
    evidence = of_service(file.services["web"])
    assert (evidence is None) if reason is None else (evidence is not None and reason in evidence.reason)


# Images


def stage_that_ships(text: str) -> str | None:
    return default_stage(parse_dockerfile(Source.of(text, "Dockerfile"))).name


@pytest.mark.parametrize(
    ("names", "ships"),
    [
        (["builder", "runtime"], "runtime"),
        (["runtime", "test"], "runtime"),
        (["production", "development"], "production"),
        (["base", "prod", "dev"], "prod"),
        (["base", "dev", "debug"], "debug"),  # nothing is named as what ships, so the last one does
        (["runtime", "dev", "lambda"], "lambda"),
        (["dev", "production"], "production"),
        (["test"], "test"),
    ],
)
def test_the_stage_that_ships_when_nobody_says_which(names: list[str], ships: str) -> None:
    assert stage_that_ships("".join(f"{SLIM} AS {name}\n" for name in names)) == ships


def test_a_last_stage_without_a_name_ships() -> None:
    assert stage_that_ships(f"{SLIM} AS runtime\n{SLIM}\n") is None


def test_a_test_stage_at_the_end_while_compose_builds_another() -> None:
    found = project(
        {
            "Dockerfile": f"{SLIM} AS runtime\n{SERVER}FROM runtime AS checks\nCMD pytest\n",
            "compose.yaml": "services:\n  web:\n    build:\n      context: .\n      target: runtime\n",
        }
    )
    assert images(found) == {("Dockerfile", "runtime", None)}
    assert started(found) == {"web": ("uvicorn", "server")}


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("runtime", True),
        ("api", True),
        ("staging", True),
        ("docs", False),  # may be anything
        ("dev", False),
        ("api-test", False),
    ],
)
def test_a_stage_that_only_a_target_can_mean_ships_too(name: str, *, extra: bool) -> None:
    text = f"{SLIM} AS base\nFROM base AS {name}\n{SERVER}FROM base AS worker\nCMD celery -A app worker\n"
    found = images(project({"Dockerfile": text}))
    assert (("Dockerfile", name, None) in found) is extra
    assert ("Dockerfile", "worker", None) in found


def test_a_stage_that_another_one_uses_does_not_ship() -> None:
    text = f"{SLIM} AS runtime\n{SERVER}FROM runtime AS worker\nCMD celery -A app worker\n"
    assert images(project({"Dockerfile": text})) == {("Dockerfile", "worker", None)}


def test_a_development_stage_at_the_end_is_an_image_of_its_own_only_when_it_is_built() -> None:
    text = f"{SLIM} AS runtime\n{SERVER}FROM runtime AS development\nCMD fastapi dev\n"
    assert images(project({"Dockerfile": text})) == {("Dockerfile", "runtime", None)}
    compose = "services:\n  web:\n    build:\n      context: .\n      target: development\n"
    found = project({"Dockerfile": text, "compose.override.yaml": compose})
    assert {(stage, why is not None) for _, stage, why in images(found)} == {("runtime", False), ("development", True)}
    assert started(found) == {"web": ("fastapi", "server"), None: ("uvicorn", "server")}


@pytest.mark.parametrize(
    ("names", "for_development"),
    [
        (("Dockerfile", "Dockerfile.prod"), True),
        (("queue.dockerfile", "queue.dockerfile.prod"), True),
        (("queue.dockerfile", "prod.queue.Dockerfile"), True),
        (("Dockerfile",), False),
        (("Dockerfile", "worker.Dockerfile.prod"), False),  # of another image
        (("Dockerfile", "Dockerfile.prod.dockerignore"), False),
        (("Dockerfile", "Dockerfile.gpu"), False),
        (("Dockerfile.prod", "Dockerfile.staging"), False),
    ],
)
def test_what_only_development_builds_beside_a_dockerfile_for_production(
    names: tuple[str, ...], *, for_development: bool
) -> None:
    compose = f"services:\n  web:\n    build:\n      context: .\n      dockerfile: {names[0]}\n"
    files = dict.fromkeys(names, f"{SLIM}\n{SERVER}")
    found = {path: why is not None for path, _, why in images(project({**files, "compose.dev.yaml": compose}))}
    assert found[names[0]] == for_development
    assert not any(images(project(files)) - {(name, None, None) for name in names})
    assert not any(why for _, _, why in images(project({**files, "compose.yaml": compose})))


def test_a_stage_for_production_that_only_development_builds_stays_one() -> None:
    compose = "services:\n  web:\n    build: .\n"
    files = {"Dockerfile": f"{SLIM} AS production\n{SERVER}", "Dockerfile.prod": SLIM, "compose.dev.yaml": compose}
    assert ("Dockerfile", "production", None) in images(project(files))


def test_a_command_is_inherited_from_an_earlier_stage() -> None:
    found = project({"Dockerfile": f"{SLIM} AS base\n{SERVER}FROM base AS extra\nRUN true\n"})
    assert started(found) == {None: ("uvicorn", "server")}


def test_an_entry_point_of_a_later_stage_clears_the_inherited_command() -> None:
    found = project({"Dockerfile": f'{SLIM} AS base\n{SERVER}FROM base\nENTRYPOINT ["python", "-V"]\n'})
    (container,) = found.containers
    assert container.program is not None
    assert [argument.value for argument in container.program.argv] == ["python", "-V"]


def test_one_dockerfile_in_many_roles() -> None:
    found = project(
        {
            "Dockerfile": f"{SLIM}\n{SERVER}",
            "compose.yaml": """services:
  web: {build: .}
  worker: {build: ., command: celery -A tasks worker}
  migrate: {build: ., command: alembic upgrade head}
  shell: {build: ., command: sleep infinity}
  db: {image: "postgres:16"}
  cache: {image: "registry.example.com/library/redis:7"}
  proxy: {image: traefik}
  own: {image: example/thing}
""",
        }
    )
    assert started(found) == {
        "web": ("uvicorn", "server"),
        "worker": ("celery", "worker"),
        "migrate": ("alembic", "one-shot"),
        "shell": ("sleep", "idle"),
        "db": (None, "database"),
        "cache": (None, "cache"),
        "proxy": (None, "proxy"),
        "own": (None, None),
    }
    (image,) = found.images
    assert [one.service.name for one in image.containers if one.service] == ["web", "worker", "migrate", "shell"]


@pytest.mark.parametrize(
    ("entrypoint", "cmd"),
    [
        ('["/startup.sh"]', '["api"]'),
        ('["/entrypoint.sh"]', '["uvicorn", "main:app"]'),
        ('["/docker_entrypoint.sh"]', '["--workers ${WORKERS} --host ${HOST}"]'),
    ],
)
def test_an_entry_point_script_with_arguments_may_start_anything(entrypoint: str, cmd: str) -> None:
    found = project({"Dockerfile": f"{SLIM}\nENTRYPOINT {entrypoint}\nCMD {cmd}\n"})
    (container,) = found.containers
    assert container.server is None
    assert container.role is None


def test_a_base_image_s_entry_point_stands_in_front_of_the_command() -> None:
    found = project({"Dockerfile": 'FROM gcr.io/distroless/python3-debian13\nCMD ["-m", "uvicorn", "main:app"]\n'})
    assert started(found) == {None: ("uvicorn", "server")}


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ('["uvicorn", "main:app"]', "uvicorn"),
        ('["sh", "-c", "alembic upgrade head && uvicorn main:app"]', "uvicorn"),
        ('["celery", "-A", "tasks", "worker"]', "celery"),
        ('["serve"]', None),
        ('["python", "main.py"]', None),
        ('["-m", "uvicorn"]', None),
    ],
)
def test_an_unknown_image_starts_a_server_that_is_named(command: str, program: str | None) -> None:
    assert started(project({"Dockerfile": f"FROM example/python\nCMD {command}\n"}))[None][0] == program
    compose = f"services:\n  web:\n    image: example/web\n    command: {command}\n"
    assert started(project({"compose.yaml": compose}))["web"][0] == program


def test_compose_entrypoint_and_command() -> None:
    found = project(
        {
            "Dockerfile": f'{SLIM}\nENTRYPOINT ["tini", "--"]\n{SERVER}',
            "compose.yaml": """services:
  plain: {build: .}
  command: {build: ., command: celery -A tasks worker}
  entrypoint: {build: ., entrypoint: alembic upgrade head}
  both: {build: ., entrypoint: [sh, -c], command: ["exec gunicorn main:app"]}
  cleared: {build: ., entrypoint: [], command: fastapi run}
  empty: {build: ., command: []}
""",
        }
    )
    assert {name: program for name, (program, _) in started(found).items()} == {
        "plain": "uvicorn",
        "command": "celery",
        "entrypoint": "alembic",
        "both": "gunicorn",
        "cleared": "fastapi",
        "empty": "uvicorn",
    }
    wrappers = {one.service.name: one.program.wrappers for one in found.containers if one.service and one.program}
    assert wrappers["plain"] == wrappers["command"] == ("tini",)
    assert wrappers["cleared"] == ()


def test_the_image_is_judged_alone_when_no_service_starts_it_as_it_is() -> None:
    files = {"Dockerfile": f"{SLIM}\n{SERVER}"}
    assert set(started(project(files))) == {None}
    assert set(started(project({**files, "compose.yaml": WEB}))) == {"web"}
    assert set(started(project({**files, "compose.dev.yaml": WEB}))) == {"web", None}
    assert set(started(project({**files, "compose.yaml": WEB + "    command: fastapi run\n"}))) == {"web", None}


@pytest.mark.parametrize(
    ("files", "host"),
    [
        ({}, "127.0.0.1"),
        ({"gunicorn.conf.py": "bind = '0.0.0.0:80'"}, None),
        ({"backend/gunicorn.conf.py": ""}, None),
        ({"gunicorn_conf.py": ""}, "127.0.0.1"),  # not read unasked
    ],
)
def test_gunicorn_s_configuration_file_decides_where_it_may_be(files: dict[str, str], host: str | None) -> None:
    found = project({"Dockerfile": f'{SLIM}\nCOPY . .\nCMD ["gunicorn", "main:app"]\n', **files})
    (container,) = found.containers
    assert container.server is not None
    assert (container.server.host.text if container.server.host else None) == host


@pytest.mark.parametrize(
    ("instruction", "known"),
    [
        ("COPY --from=ghcr.io/astral-sh/uv:0.9 /uv /uvx /bin/", True),
        ("COPY --from=example/config / .", False),
        ("RUN git clone https://example.com/app .", False),
        ("RUN echo 'bind=\"0.0.0.0\"' > gunicorn.conf.py", False),
        ("COPY <<EOF gunicorn.conf.py\nbind = '0.0.0.0:80'\nEOF", False),
        ("ADD app.tar.gz .", False),
        ("ADD app/ .", True),
        ("RUN pip install gunicorn", True),
    ],
)
def test_what_else_may_bring_such_a_file(instruction: str, *, known: bool) -> None:
    found = project({"Dockerfile": f'{SLIM}\n{instruction}\nCMD ["gunicorn", "main:app"]\n', "app/main.py": ""})
    (container,) = found.containers
    assert container.server is not None
    assert (container.server.host is not None) is known


# Build contexts


def contexts(text: str, path: str, *files: str) -> tuple[str, ...]:
    tree = MemoryTree(dict.fromkeys((path, *files), b""))
    return possible_contexts(tree, parse_dockerfile(Source.of(text, path)), lambda: entries_of((path, *files)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nCOPY . .\n", ("docker/web", "docker", "")),  # nothing tells them apart
        ("FROM a\nCOPY pyproject.toml .\n", ("",)),
        ("FROM a\nCOPY ./backend/app /code/app\n", ("",)),
        ("FROM a\nCOPY start.sh /\n", ("docker/web",)),
        ("FROM a\nCOPY web/start.sh /\n", ("docker",)),
        ("FROM a\nCOPY start.sh pyproject.toml /\n", ("docker/web",)),  # no folder has both
        ("FROM a\nCOPY *.toml poetry.lock* /\n", ("",)),  # one that ends in a star need not match
        ("FROM a\nCOPY *.cfg /\n", ("docker/web",)),
        ("FROM a\nCOPY app/main.py app /\n", ("backend",)),  # the only one that holds both
        ("FROM a AS b\nCOPY pyproject.toml .\nFROM a\nCOPY --from=b /x /y\n", ("",)),
        ("FROM a\nADD https://example.com/x /x\nCOPY pyproject.toml .\n", ("",)),
        ("FROM a\nCOPY $THING .\nCOPY pyproject.toml .\n", ("",)),
    ],
)
def test_the_folders_that_hold_what_is_copied(text: str, expected: tuple[str, ...]) -> None:
    files = ("pyproject.toml", "backend/app/main.py", "docker/web/start.sh")
    assert contexts(text, "docker/web/Dockerfile", *files) == expected


def test_nothing_above_a_template_of_a_project_is_its_context() -> None:
    text = "FROM a\nCOPY pyproject.toml uv.lock ./\nCOPY . .\n"
    folder = "{{ cookiecutter.slug }}"
    assert contexts(text, f"{folder}/Dockerfile", "pyproject.toml", "uv.lock") == (folder,)
    assert contexts("FROM a\nCOPY . .\n", f"{folder}/api/Dockerfile") == (f"{folder}/api", folder)
    inside = f"{folder}/{{{{ cookiecutter.package }}}}"
    assert contexts("FROM a\nCOPY main.py .\n", f"{inside}/Dockerfile", f"{folder}/main.py.jinja") == (folder,)


@pytest.mark.parametrize(
    ("ignore", "lacking", "expected"),
    [
        ("api/.dockerignore", "uv.lock", ("api", "")),
        ("api/.dockerignore", "src/main.py", ("",)),  # more than a file that may be made
        (".dockerignore", "uv.lock", ("",)),
    ],
)
def test_an_ignore_file_of_its_own_makes_a_folder_a_context(
    ignore: str, lacking: str, expected: tuple[str, ...]
) -> None:
    files = ("api/pyproject.toml", "pyproject.toml", lacking, ignore)
    assert contexts(f"FROM a\nCOPY pyproject.toml {lacking} ./\n", "api/Dockerfile", *files) == expected


def test_compose_names_the_context() -> None:
    files = {
        "docker/web.Dockerfile": f"{SLIM}\nCOPY . .\n{SERVER}",
        "deploy/compose.yaml": "services: {web: {build: {context: .., dockerfile: docker/web.Dockerfile}}}\n",
    }
    (image,) = project(files).images
    assert image.contexts == ("",)
    assert image.dockerfile.source.path == "docker/web.Dockerfile"
    assert project({"docker/web.Dockerfile": files["docker/web.Dockerfile"]}).images[0].contexts == ("docker", "")


def test_defaults_name_the_context_and_the_dockerfile() -> None:
    files = {
        "docker/web.Dockerfile": f"{SLIM}\nCOPY . .\n{SERVER}",
        "deploy/compose.yaml": (
            "services: {web: {build: {context: '${ROOT:-..}', dockerfile: 'docker/${F-web}.Dockerfile'}}}\n"
        ),
    }
    (image,) = project(files).images
    assert image.contexts == ("",)
    assert image.contexts_named


@pytest.mark.parametrize(
    "build",
    [
        "https://github.com/example/app.git",
        "git@github.com:example/app.git",
        "../outside",
        "/srv/app",
        "${CONTEXT}",
        "${CONTEXT:?}",
        "${CONTEXT:+.}",
        "${CONTEXT}${SUFFIX:-.}",
        "${CONTEXT:-missing}",
        "{context: ., dockerfile: Missing}",
        "{context: ., target: missing}",
        "{context: ., target: '${TARGET}'}",
        "{dockerfile_inline: FROM scratch}",
    ],
)
def test_a_build_that_cannot_be_followed_has_no_image(build: str) -> None:
    found = project({"compose.yaml": f"services:\n  web:\n    build: {build}\n", "Dockerfile": f"{SLIM}\n{SERVER}"})
    web = next(one for one in found.containers if one.service)
    assert web.image is None
    assert web.server is None


# Only what is named is read


class Counting(MemoryTree):
    """A tree that notes what is read."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.reads.append(path)
        return super().read(path)


def test_each_file_is_read_once_and_dockerfiles_that_share_contexts_too() -> None:
    names = {"a/Dockerfile": f"{SLIM}\n{SERVER}", "b/Dockerfile": f"{SLIM}\n{SERVER}", "c/compose.yaml": WEB}
    tree = Counting({path: text.encode() for path, text in names.items()})
    found = find(tree)
    tree.reads.clear()
    assembled = assemble(tree, found, paths=["a/Dockerfile"])
    assert tree.reads.count("a/Dockerfile") == tree.reads.count("b/Dockerfile") == 1
    assert [file.source.path for file in assembled.dockerfiles] == ["a/Dockerfile", "b/Dockerfile"]


def test_a_named_dockerfile_brings_the_compose_file_that_builds_it() -> None:
    found = project({"Dockerfile": f"{SLIM}\n{SERVER}", "compose.yaml": WEB}, "Dockerfile")
    assert set(started(found)) == {"web"}


def test_a_named_compose_file_brings_the_dockerfile_that_it_builds() -> None:
    found = project({"Dockerfile": f"{SLIM}\n{SERVER}", "compose.yaml": WEB}, "compose.yaml")
    assert started(found) == {"web": ("uvicorn", "server")}


# Build arguments

CHOSEN = "ARG TAG=3.12\nFROM python:${TAG}\n" + SERVER
BUILT = "services:\n  web:\n    build:\n      context: .\n      args:\n"


@pytest.mark.parametrize(
    ("args", "base"),
    [
        ("        TAG: 3.12-slim\n", "python:3.12-slim"),
        ("        - TAG=3.12-slim\n", "python:3.12-slim"),
        ("        TAG: ${TAG:-3.12}\n", "python:3.12"),
        ("        TAG: ${TAG:-3.13-alpine}\n", "python:3.13-alpine"),
        ("        TAG: ${TAG}\n", "python:"),
        ("        TAG:\n", None),
        ("        TAG: ${TAG:?}\n", None),
        ("        OTHER: x\n", "python:3.12"),
        ("        TAG: 3.12-slim\n  api:\n    build:\n      context: .\n      args: [TAG=3.12]\n", None),
    ],
)
def test_a_build_argument_chooses_the_base_image(args: str, base: str | None) -> None:
    found = project({"Dockerfile": CHOSEN, "compose.yaml": BUILT + args})
    (image,) = found.images
    assert image.base_name == base


# Anything

NAMES = st.sampled_from(
    [
        "compose.yaml",
        "docker-compose.yml",
        "compose.override.yaml",
        "compose.prod.yaml",
        "docker-compose.dev.yml",
        "Dockerfile",
        "Dockerfile.dev",
        "app/Dockerfile",
        "deploy/compose.yaml",
        "app/gunicorn.conf.py",
    ]
)
LINES = [
    "services:",
    "  web:",
    "    build: .",
    "    build: {target: x}",
    "    extends: web",
    "    <<: *a",
    "x: &a {}",
    "include: [x]",
    "FROM a AS a",
    "FROM a",
    "COPY . .",
    "COPY --from=a b c",
    "CMD [",
    'CMD ["uvicorn"]',
    "USER",
]
WHOLE = [WEB, OVERLAY, f"{SLIM}\n{SERVER}", f"{SLIM} AS dev\nFROM dev AS prod\nCMD gunicorn main:app\n", ""]
TEXTS = st.one_of(
    st.sampled_from(WHOLE), st.lists(st.sampled_from(LINES), max_size=8).map("\n".join), st.text(max_size=40)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_any_files_make_a_project(files: dict[str, str]) -> None:
    tree = text_files(files.items())
    found = assemble(tree, find(tree))
    assert len(list(found.nodes())) >= 1
    assert all(image.containers for image in found.images)
    assert all(image.contexts for image in found.images)
    for image in found.images:
        assert image.stage in image.dockerfile.stages
    for deployment in found.deployments:
        assert deployment.setting in ("production", "base", "development")
        assert len(deployment.containers) == len(deployment.merged.services)


@pytest.mark.parametrize(
    ("command", "role"),
    [
        ("createdb -h db -U postgres shop", None),
        ("postgres -c fsync=off", "database"),
        ("-c fsync=off", "database"),
        ("sh -c 'exec postgres -c fsync=off'", "database"),
        ("docker-entrypoint.sh postgres", "database"),
        ("/usr/local/bin/docker-entrypoint.sh postgres -c fsync=off", "database"),
        ("psql --username postgres -c 'select 1'", None),
        ("bash -ec 'pg_dump --username=postgres shop'", None),
    ],
)
def test_a_database_image_that_runs_a_client_is_no_database(command: str, role: str | None) -> None:
    tree = text_files(
        [("compose.yaml", f"services:\n  one:\n    image: postgres:17\n    command: {json.dumps(command)}\n")]
    )
    assert [each.role for each in assemble(tree, find(tree)).containers] == [role]


WITH_NODE = "FROM node:24 AS build\nRUN npm run build\n"


@pytest.mark.parametrize(
    ("dockerfile", "role"),
    [
        (f"{WITH_NODE}FROM nginx:1.29\nCOPY --from=build /dist /site\n", "frontend"),
        (
            f'{WITH_NODE}FROM nginx:1.29\nCOPY --from=build /dist /site\nCMD ["nginx", "-g", "daemon off;"]\n',
            "frontend",
        ),
        ("FROM nginx:1.29\nCOPY nginx.conf /etc/nginx/nginx.conf\n", "proxy"),
        ('FROM node:24\nENTRYPOINT ["next", "start"]\n', "frontend"),
        ('FROM node:24\nENTRYPOINT ["next", "build"]\n', None),
        ('FROM node:24\nENTRYPOINT ["node", "server.js"]\n', None),
        (f'{WITH_NODE}FROM python:3.13-slim\nCOPY --from=build /dist /site\nCMD ["uvicorn", "main:app"]\n', "server"),
    ],
)
def test_what_serves_a_front_end(dockerfile: str, role: str | None) -> None:
    tree = text_files([("Dockerfile", dockerfile), ("nginx.conf", "events {}\n")])
    assert [each.role for each in assemble(tree, find(tree)).containers] == [role]
