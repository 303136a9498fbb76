"""What `dlf show` says of a container beside its command, and of what is behind that command."""

import re

import pytest
from shown import SERVER, SLIM, described, one, service, unknown

from dockerlint_fastapi.show import FORMATS, description, render
from dockerlint_fastapi.show import text as show_text
from dockerlint_fastapi.show.description import Description

# ---------------------------------------------------------------- the other facts


def test_a_service_has_its_own_context_among_those_of_the_image() -> None:
    compose = "services:\n  a:\n    build: .\n  b:\n    build: {context: sub, dockerfile: ../Dockerfile}\n"
    found = described({"compose.yaml": compose, "Dockerfile": SLIM + SERVER, "sub/.dockerignore": "x\n"})
    contexts = [each.build.contexts for each in found.deployments[0].containers if each.build]
    assert contexts == [
        (description.Context(".", None, 0, 0, more=False),),
        (description.Context("sub", "sub/.dockerignore", 0, 0, more=False),),
    ]


@pytest.mark.parametrize(
    ("body", "dockerfile", "shown"),
    [
        ("", SLIM, "none"),
        ("", f"{SLIM}HEALTHCHECK NONE\n", "switched off by HEALTHCHECK (Dockerfile:2)"),
        ("healthcheck: {disable: true}", f"{SLIM}HEALTHCHECK CMD x\n", "switched off by compose (compose.yaml:4)"),
        ("healthcheck: {test: [NONE]}", SLIM, "switched off by compose (compose.yaml:4)"),
        ("", f"{SLIM}HEALTHCHECK --interval=5s CMD x y\n",
         "x y\n  HEALTHCHECK (Dockerfile:2), shell form, interval 5s"),
        ("healthcheck: {interval: 9s}", f'{SLIM}HEALTHCHECK --retries=2 --interval=5s CMD ["x"]\n',
         "x\n  HEALTHCHECK (Dockerfile:2), exec form, interval 9s, retries 2"),
        ("healthcheck: {test: curl x, timeout: 3s}", SLIM,
         "curl x\n  compose (compose.yaml:4), shell form, timeout 3s\n  asks GET http://x/ (compose.yaml:4)"),
        ("healthcheck: {test: [CMD, ./x, x y]}", SLIM, "./x 'x y'\n  compose (compose.yaml:4), exec form"),
    ],
)  # fmt: skip
def test_health_checks(body: str, dockerfile: str, shown: str) -> None:
    found = service(body, dockerfile)
    rendered = render("text", Description((), (found,), ()))
    rows = re.search(r"health check  (.*?)\n     \S", rendered + "     x", re.DOTALL)
    assert rows
    assert re.sub(r"\n {19}", "\n", rows[1]) == shown


def test_the_network_of_a_service() -> None:
    found = service("network_mode: host")
    assert found.network_mode == description.Fact("host", "compose", description.Place("compose.yaml", 4, 19))
    assert "network       host (compose.yaml:4)" in render("text", Description((), (found,), ()))


def test_a_known_base_of_unknown_start_is_no_matter_where_compose_starts_something() -> None:
    base = "FROM nvidia/cuda:12.0.0-base-ubuntu22.04\n"
    assert "command" not in unknown(service("entrypoint: [uvicorn, 'main:app']", base))


def test_why_a_deployment_has_its_setting() -> None:
    web = "services:\n  web:\n    build: .\n"
    files = {
        "Dockerfile": SLIM + SERVER,
        "compose.yaml": web,
        "compose.override.yaml": "services:\n  web:\n    init: true\n",
    }
    found = described(
        {**files, "compose.prod.yaml": web, "qa/compose.staging.yml": "services:\n  x:\n    init: true\n"}
    )
    assert {each.files: (each.setting, each.reason, each.incomplete) for each in found.deployments} == {
        ("compose.prod.yaml",): ("production", "`compose.prod.yaml` is named for production", None),
        ("compose.yaml", "compose.override.yaml"): (
            "development",
            "`compose.override.yaml` is named for development (Compose takes it in by itself)",
            None,
        ),
        ("compose.yaml",): ("development", "a complete file for production stands beside it", None),
        ("qa/compose.staging.yml",): (
            "production",
            "`qa/compose.staging.yml` is named for production",
            "its base is missing",
        ),
    }


def test_a_part_of_another_set_is_incomplete() -> None:
    files = {
        "compose.yaml": "include: [db/compose.yaml]\nservices:\n  web:\n    image: a/b:1\n",
        "db/compose.yaml": "services:\n  db:\n    image: postgres:16\n",
    }
    incomplete = {each.files[0]: each.incomplete for each in described(files).deployments}
    assert incomplete == {"compose.yaml": None, "db/compose.yaml": "`compose.yaml` takes parts of it"}


def test_files_that_are_not_understood() -> None:
    found = described(
        {
            "Dockerfile": "{% if x %}\nFROM a\n{% endif %}\n",
            "compose.yaml": "services: [\n",
            "a/compose.yaml": "volumes:\n  x:\n",
            "b/Dockerfile": "FORM x\n",
            "c/compose.yml": "web:\n  image: a\n",
        }
    )
    assert found.deployments == ()
    assert {each.path: each.reason for each in found.unread} == {
        "Dockerfile": "a template: render it first",
        "compose.yaml": "1 fault of syntax, which `dlf check` explains",
        "a/compose.yaml": "has no services",
        "b/Dockerfile": found.unread[1].reason,
        "c/compose.yml": "its services stand outside `services:`, as before version 2",
    }
    assert "which `dlf check` explains" in found.unread[1].reason


# ---------------------------------------------------------------- what is behind the command


STARTED = {
    "Dockerfile": f'{SLIM}WORKDIR /srv\nCOPY . .\nEXPOSE 8000 9000/udp\nENTRYPOINT ["./start.sh"]\n',
    "start.sh": "#!/bin/sh\nset -e\n. ./env.sh\nexec python -m api.serve\n",
    "env.sh": "export PORT=9000\n",
    "requirements.txt": "fastapi==0.121.0\nuvicorn[standard]>=0.30\n",
    "api/__init__.py": "",
    "api/serve.py": (
        "import uvicorn\n\nif __name__ == '__main__':\n    uvicorn.run('api.main:app', host='0.0.0.0', port=9000)\n"
    ),
    "api/main.py": (
        "from fastapi import FastAPI\n\napp = FastAPI(openapi_url=None)\n\n\n@app.get('/')\ndef root(): ...\n"
    ),
}


def test_scripts_the_call_in_python_and_the_application() -> None:
    files = {
        **STARTED,
        "Dockerfile": STARTED["Dockerfile"].replace("EXPOSE", "RUN pip install -r requirements.txt\nEXPOSE"),
    }
    found = one(files)
    assert [(each.path, each.file, each.shell, each.sourced) for each in found.scripts] == [
        ("/srv/start.sh", "start.sh", "sh", False),
        ("/srv/env.sh", "env.sh", "sh", True),
    ]
    assert found.scripts[0].brought_by == description.Place("Dockerfile", 3, 6)
    assert found.scripts[1].run_by.path == "start.sh"
    assert found.server
    assert (found.server.kind, found.server.port and found.server.port.value) == ("uvicorn", "9000")
    assert found.server.call == description.Call("uvicorn.run", description.Place("api/serve.py", 4, 5))
    assert found.application == description.Application(
        "api.main:app", False, description.Place("api/main.py", 3, 1), 1, True
    )
    assert [(each.name, each.version, each.place.path) for each in found.packages] == [
        ("fastapi", "0.121.0", "requirements.txt"),
        ("uvicorn", None, "requirements.txt"),
    ]
    assert [each.port for each in found.exposed] == ["8000", "9000/udp"]
    text = render("text", described(files))
    assert "scripts       /srv/start.sh, which is start.sh (Dockerfile:3), run by sh (Dockerfile:" in text
    assert "server        uvicorn, behind `python -m`, started by `uvicorn.run` (api/serve.py:4)" in text
    assert "application   api.main:app (api/main.py:3)\n                     1 route\n" in text
    assert (
        "packages      fastapi 0.121.0 (requirements.txt:1)\n                   uvicorn >=0.30 (requirements.txt:2)"
        in text
    )


def test_an_application_that_is_not_there() -> None:
    found = one({**STARTED, "api/main.py": "other = 1\n"})
    assert found.application is None
    assert found.no_application
    assert found.no_application.reason == "the module binds no `app`"
    assert found.no_application.place
    assert found.no_application.place.path == "api/serve.py"


def test_what_a_health_check_asks_for() -> None:
    check = "HEALTHCHECK CMD curl -f http://localhost:8000/health || nc -z 127.0.0.1 8000\n"
    found = one({"Dockerfile": SLIM + check + SERVER}).health_check
    assert found
    assert [(each.method, each.url) for each in found.requests or ()] == [
        ("GET", "http://localhost:8000/health"),
        (None, "tcp://127.0.0.1:8000"),
    ]


def test_a_path_that_a_variable_gives_is_not_shown() -> None:
    check = 'HEALTHCHECK CMD curl "http://localhost:$PORT/$TOKEN"\n'
    found = one({"Dockerfile": f"{SLIM}ENV PORT=8000 TOKEN=very-secret\n{check}{SERVER}"}).health_check
    assert found
    assert [each.url for each in found.requests or ()] == ["http://localhost:8000/?"]


def test_env_files_that_are_read_give_names_and_no_values() -> None:
    files = {
        "Dockerfile": SLIM + SERVER,
        "compose.yaml": "services:\n  web:\n    build: .\n    env_file: [app.env, other.env]\n",
        "app.env": "TOKEN=very-secret-value\nDEBUG=1\n",
    }
    found = described(files)
    (web,) = found.deployments[0].containers
    assert [(each.path, each.read) for each in web.env_files] == [("app.env", True), ("other.env", False)]
    assert [(each.name, each.source) for each in web.variables if each.source == "env_file"] == [
        ("TOKEN", "env_file"),
        ("DEBUG", "env_file"),
    ]
    for name in FORMATS:
        assert "very-secret" not in render(name, found)
    assert unknown(web)["environment"].startswith("env_file `other.env` is not read")


def test_what_a_build_is_sent() -> None:
    files = {
        "Dockerfile": f"{SLIM}COPY . .\n{SERVER}",
        "compose.yaml": "services:\n  web:\n    build: .\n",
        ".dockerignore": "*.log\nnode_modules/deep\n",
        "a.py": "12345",
        "a.log": "x" * 50,
        "node_modules/x/index.js": "123",
        "node_modules/x/b.log": "123",
        "node_modules/x/c.log.js": "1",
        "node_modules/deep/y.js": "1234567",
        ".git/objects/ab/c": "12",
    }
    sent = ["Dockerfile", "compose.yaml", ".dockerignore", "a.py", "node_modules/x/index.js", "node_modules/x/b.log"]
    sent += ["node_modules/x/c.log.js", ".git/objects/ab/c"]
    (web,) = described(files).deployments[0].containers
    assert web.build
    size = sum(len(files[name]) for name in sent)
    assert web.build.contexts == (description.Context(".", ".dockerignore", len(sent), size, more=False),)


def test_the_count_of_files_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    from dockerlint_fastapi.model.context import sent  # noqa: PLC0415

    monkeypatch.setattr(sent, "MOST", 5)
    files = {"Dockerfile": f"{SLIM}COPY . .\n", "compose.yaml": "services: {web: {build: .}}\n"}
    files |= {f".git/{name}": "1" for name in range(20)}
    (web,) = described(files).deployments[0].containers
    assert web.build
    assert (web.build.contexts[0].files, web.build.contexts[0].more) == (5, True)
    assert "more than " in render("text", described(files))


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9960, "10 kB"),
     (999_600, "1.0 MB"), (123_456_789, "123 MB"), (5 * 10**13, "50 TB"), (5 * 10**16, "50000 TB")],
)  # fmt: skip
def test_sizes_in_words(count: int, words: str) -> None:
    assert show_text.size_in_words(count) == words
