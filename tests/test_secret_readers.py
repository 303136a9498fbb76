"""What names the secret files that a copy takes along, and which fixes leave them where they are."""

import pytest

from dockerlint_fastapi.api import lint_files
from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.context.image_build import ImageBuild
from dockerlint_fastapi.tree import text_files

BASE = "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\n"
START = 'CMD ["sh", "start.sh"]\n'
SERVER = 'CMD ["uvicorn", "main:app"]\n'
KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIKGd\n-----END PRIVATE KEY-----\n"
SERVICE = "services:\n  api:\n    build: .\n"


def built(files: dict[str, str]) -> ImageBuild:
    tree = text_files({"Dockerfile": BASE + SERVER, "main.py": "", "certs/tls.key": KEY, **files}.items())
    (image,) = assemble(tree, find(tree)).images
    (build,) = image.builds
    return build


@pytest.mark.parametrize(
    ("files", "reader"),
    [
        ({"Dockerfile": BASE + START, "start.sh": "exec uvicorn main:app --ssl-keyfile certs/tls.key\n"}, "start.sh"),
        ({"Dockerfile": BASE + START, "start.sh": "# tls.key\nexec uvicorn main:app\n"}, None),
        ({"start.sh": "uvicorn main:app --ssl-keyfile tls.key\n"}, None),  # which nothing starts
        ({"Dockerfile": f"{BASE}ENV KEY=/app/certs/tls.key\n{SERVER}"}, "Dockerfile"),
        ({"Dockerfile": f"{BASE}RUN chmod 600 certs/tls.key\n{SERVER}"}, "Dockerfile"),
        ({"Dockerfile": f"{BASE}RUN rm -f certs/tls.key\n{SERVER}"}, None),
        ({"Dockerfile": f"{BASE}RUN cp certs/tls.key.example other\n{SERVER}"}, None),
        ({"nginx.conf": "server {\n  ssl_certificate_key certs/tls.key;\n}\n"}, "nginx.conf"),
        ({".pre-commit-config.yaml": "exclude: tls.key\n"}, None),
        ({"compose.yaml": f"{SERVICE}    command: uvicorn main:app --ssl-keyfile certs/tls.key\n"}, "compose.yaml"),
        ({"compose.yaml": f"{SERVICE}    environment:\n      TLS: certs/tls.key\n"}, "compose.yaml"),
        ({"compose.yaml": f"{SERVICE}    environment: [TLS=tls.key]\n    volumes: [./c:/app/certs]\n"}, None),
        (
            {"Dockerfile": f'{BASE}CMD ["make", "run"]\n', "Makefile": "run:\n\tuvicorn --ssl-keyfile tls.key\n"},
            "Makefile",
        ),
    ],
)
def test_what_names_a_key(files: dict[str, str], reader: str | None) -> None:
    build = built(files)
    found = build.reader_of(["certs/tls.key"])
    assert (found.source.path if found is not None else None) == reader
    assert build.needs("certs/tls.key") is (reader is not None)


@pytest.mark.parametrize(
    ("files", "needed"),
    [
        ({"main.py": "load_dotenv()\n", "compose.yaml": SERVICE}, True),
        ({"main.py": "load_dotenv()\n", "compose.yaml": f"{SERVICE}    env_file: .env\n"}, False),
        ({"main.py": "load_dotenv()\n"}, False),  # whoever starts it may give it variables
        ({"main.py": "", "compose.yaml": SERVICE}, False),
        ({"Dockerfile": BASE + START, "start.sh": ". ./.env\nexec uvicorn main:app\n"}, True),
    ],
)
def test_env_files_that_nothing_else_brings(files: dict[str, str], needed: bool) -> None:  # noqa: FBT001
    assert built({".env": "SECRET_KEY=k7Vq9s2Lw8\n", **files}).needs(".env") is needed


def _fixes(rule: str, files: dict[str, str]) -> list[object]:
    held = {path: text.encode() for path, text in files.items()}
    report = lint_files(held, today="2026-11-22", select=[rule])
    return [one["fix"] for one in report["findings"] if one["rule"] == rule]


@pytest.mark.parametrize("ignore", ["", ".git\n"])
def test_what_a_start_reads_is_not_left_out(ignore: str) -> None:
    files = {
        "Dockerfile": BASE + START,
        "main.py": "",
        "tls.key": KEY,
        "start.sh": "uvicorn a:b --ssl-keyfile tls.key\n",
    }
    if ignore:
        files[".dockerignore"] = ignore
    assert _fixes("secrets-in-build-context", files) == [None]
    assert _fixes("secrets-in-build-context", {**files, "start.sh": "uvicorn a:b\n"}) != [None]


def test_another_dockerfile_of_the_context_may_name_it() -> None:
    proxy = "FROM nginx:1.29\nCOPY tls.key /etc/nginx/tls.key\n"
    files = {"Dockerfile": BASE + SERVER, "main.py": "", "tls.key": KEY, ".dockerignore": ".git\n"}
    compose = f"{SERVICE}  proxy:\n    build: {{context: ., dockerfile: proxy.Dockerfile}}\n"
    found = _fixes("secrets-in-build-context", {**files, "proxy.Dockerfile": proxy, "compose.yaml": compose})
    assert found == [None]


def test_a_copy_that_the_start_needs_stays() -> None:
    start = 'CMD ["uvicorn", "main:app", "--ssl-keyfile", "tls.key"]\n'
    files = {"Dockerfile": f"FROM python:3.13-slim\nWORKDIR /app\nCOPY tls.key main.py ./\n{start}", "main.py": ""}
    assert _fixes("copied-secret-file", files) == [None]
    assert _fixes("copied-secret-file", {**files, "Dockerfile": files["Dockerfile"].replace(start, SERVER)}) != [None]


def test_an_env_file_at_any_depth_stays_that_a_service_reads() -> None:
    files = {
        "Dockerfile": BASE + SERVER,
        "main.py": "load_dotenv()\n",
        "app/.env.example": "",
        ".dockerignore": ".env\n",
        "compose.yaml": SERVICE,
    }
    assert _fixes("ineffective-dockerignore-pattern", files) == [None]
    given = {**files, "compose.yaml": f"{SERVICE}    env_file: app.env\n"}
    assert _fixes("ineffective-dockerignore-pattern", given) != [None]


@pytest.mark.parametrize(
    ("dockerfile", "stays"),
    [
        (f'{BASE}CMD ["venv/bin/uvicorn", "main:app"]\n', True),
        (f"{BASE}RUN python -m venv venv\n{SERVER}", False),
        (f"{BASE}ENV PATH=/app/venv/bin:$PATH\n{SERVER}", True),
        (BASE + SERVER, False),
    ],
)
def test_an_environment_of_the_context_that_is_started_stays(dockerfile: str, stays: bool) -> None:  # noqa: FBT001
    files = {
        "Dockerfile": dockerfile,
        "main.py": "",
        ".dockerignore": ".git\n**/.env\n",
        "venv/pyvenv.cfg": "home = /usr\n",
    }
    (fix,) = _fixes("bulk-in-build-context", files)
    assert (fix is None) is stays


@pytest.mark.parametrize(
    ("command", "stay"),
    [("./dc.sh exec web pytest tests", True), ("docker compose exec web pytest", True), ("pytest tests", False)],
)
def test_tests_stay_that_a_readme_runs_in_a_container(command: str, stay: bool) -> None:  # noqa: FBT001
    files = {"Dockerfile": BASE + SERVER, "main.py": "", "README.md": f"    {command}\n"}
    (fix,) = _fixes("missing-dockerignore", files)
    assert ("tests/\n" not in str(fix).replace("\\n", "\n")) is stay
