"""Platforms that run a Dockerfile without a file that says how: what speaks for one, and what does not."""

import pytest

from dockerlint_fastapi.assemble.hosting import host_of
from dockerlint_fastapi.tree import MemoryTree, Unreadable, text_files


def reason(files: dict[str, str], dockerfile: str = "Dockerfile") -> str | None:
    tree = text_files({dockerfile: "FROM python:3.13-slim\n", **files}.items())
    found = host_of(tree, [dockerfile, *files], dockerfile)
    return None if found is None else found.reason


@pytest.mark.parametrize(
    ("path", "text", "platform"),
    [
        ("README.md", "    gcloud run deploy api --source .\n", "Cloud Run"),
        ("deploy.sh", "gcloud beta run deploy api\n", "Cloud Run"),
        ("Makefile", "logs:\n\tgcloud run services describe api\n", "Cloud Run"),
        ("docs/deploy.md", "It answers at https://api-abc123.a.run.app\n", "Cloud Run"),
        (".github/workflows/cd.yml", "      - run: gcloud run deploy api\n", "Cloud Run"),
        ("README", "See https://shop.up.railway.app/docs\n", "Railway"),
        ("justfile", "ship:\n\trailway up\n", "Railway"),
        ("RUNBOOK.txt", "$ heroku container:push web\n", "Heroku"),
    ],
)
def test_what_is_written_about_the_deployment(path: str, text: str, platform: str) -> None:
    assert reason({path: text}) == f"`{path}` speaks of {platform}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("README.md", "gcloud builds submit\n"),  # builds, and runs nothing
        ("README.md", "The railway up north.\n"),
        ("README.md", "run heroku container tools\n"),
        ("README.md", "https://a.run.app.example.org.evil\n"),  # no name before the platform's own
        ("notes.md", "gcloud run deploy api\n"),  # no page on the deployment
        ("src/README.md", "gcloud run deploy api\n"),  # of another folder
        ("README.png", "gcloud run deploy api\n"),  # no text
        (".github/workflows/notes.txt", "gcloud run deploy api\n"),
        ("app.py", "URL = 'https://api-abc123.a.run.app'\n"),
    ],
)
def test_what_says_nothing(path: str, text: str) -> None:
    assert reason({path: text}) is None


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("README.md", "---\ntitle: Shop\nsdk: docker\n---\n", "makes it a Space of Hugging Face"),
        ("README.md", "\ufeff---\r\ntitle: Shop\r\nsdk: 'docker'\r\n---\r\n", "makes it a Space of Hugging Face"),
        ("README.md", "# Shop\n\n    sdk: docker\n", None),
        ("README.md", "---\nsdk: gradio\n---\n", None),
        (".github/workflows/cd.yml", "      - uses: awslabs/amazon-app-runner-deploy@v1\n", "deploys to App Runner"),
        (
            ".github/workflows/cd.yml",
            "      - run: aws apprunner start-deployment\n",
            "deploys to App Runner",
        ),
        (
            ".github/workflows/cd.yml",
            "          aws lambda update-function-code \\\n            --image-uri $IMAGE\n",
            "deploys to Lambda",
        ),
        (".github/workflows/cd.yml", "      - run: aws lambda update-function-code --zip-file x\n", None),
        (".github/workflows/cd.yml", "      - uses: koyeb/action-git-deploy@v1\n", "deploys to Koyeb"),
    ],
)
def test_platforms_that_ask_a_server_by_themselves(path: str, text: str, said: str | None) -> None:
    assert reason({path: text}) == (None if said is None else f"`{path}` {said}")


def test_the_adapter_of_lambda() -> None:
    adapter = "COPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/x\n"
    tree = text_files({"Dockerfile": f"FROM python:3.13-slim\n{adapter}"}.items())
    found = host_of(tree, ["Dockerfile"], "Dockerfile")
    assert found is not None
    assert "adapter" in found.reason


def test_what_gcloud_leaves_out_counts_beside_its_own_dockerfile() -> None:
    assert reason({".gcloudignore": ".git\n"}) == "`.gcloudignore` says what `gcloud` leaves out of what it builds"
    assert reason({".gcloudignore": ".git\n"}, "api/Dockerfile") is None
    assert reason({"api/.gcloudignore": ".git\n"}, "api/Dockerfile") is not None


@pytest.mark.parametrize(
    ("name", "text", "counts"),
    [
        ("Procfile", "web: uvicorn main:app\n", True),
        ("Procfile", "release: alembic upgrade head\nweb : uvicorn main:app\n", True),
        ("Procfile", "worker: celery -A tasks worker\n", False),
        ("nixpacks.toml", "", True),
    ],
)
def test_files_for_a_platform(name: str, text: str, counts: bool) -> None:  # noqa: FBT001
    told = f"`{name}` is there for a platform"
    assert reason({name: text}) == (told if counts else None)
    assert reason({f"api/{name}": text}, "api/Dockerfile") == (told.replace(name, f"api/{name}") if counts else None)
    assert reason({name: text}, "api/Dockerfile") is None


@pytest.mark.parametrize(
    "command", ["docker run -p 80:80 api", "docker compose up -d", "docker-compose up", "podman run api"]
)
def test_an_image_that_somebody_runs_by_hand_is_for_no_platform_unless_one_is_named(command: str) -> None:
    files = {"Procfile": "web: uvicorn main:app\n", "README.md": f"    {command}\n"}
    assert reason(files) is None
    assert reason({**files, "deploy.sh": "gcloud run deploy\n"}) == "`deploy.sh` speaks of Cloud Run"


@pytest.mark.parametrize(
    ("name", "service", "counts"),
    [
        ("docker-compose-prod.yml", "  api:\n    ports:\n      - 80:8000\n\n    image: acme/shop\n", False),
        ("compose.production.yaml", "  shop-web:\r\n    image: 'registry.example.com/shop:${TAG}'\r\n", False),
        ("compose.yaml", "  api:\n    image: acme/shop\n", True),  # for nobody knows what
        ("compose.prod.yaml", "  db:\n    image: acme/postgres\n", True),  # beside the platform
        ("compose.prod.yaml", "  api:\n    build: .\n  db:\n    image: acme/postgres\n", True),  # the service says so
        ("compose.prod.yaml", "  web:\n    image: nginx\n", True),
    ],
)
def test_a_procfile_beside_an_image_that_compose_starts(name: str, service: str, counts: bool) -> None:  # noqa: FBT001
    found = reason({"Procfile": "web: uvicorn main:app\n", name: f"services:\n{service}"})
    assert (found is not None) is counts


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ("          usedocker: true\n", True),
        ("          heroku_app_name: shop\n          usedocker: 'true'\n", True),
        ("          heroku_app_name: shop\n", False),  # the buildpack reads the Procfile
        ("          usedocker: false\n", False),
        ("      - uses: other/step@v1\n        with:\n          usedocker: true\n", False),
    ],
)
def test_heroku_is_told_to_build_the_dockerfile(options: str, counts: bool) -> None:  # noqa: FBT001
    text = f"    steps:\n      - uses: akhileshns/heroku-deploy@v3.12.12\n        with:\n{options}"
    told = "`.github/workflows/cd.yml` deploys to Heroku"
    assert reason({".github/workflows/cd.yml": text}) == (told if counts else None)


def test_a_file_that_cannot_be_read_says_nothing() -> None:
    class Locked(MemoryTree):
        def read(self, path: str) -> bytes | None:
            raise Unreadable(f"{path}: Permission denied")

    tree = Locked({"Dockerfile": b"FROM a\n", "README.md": b"gcloud run deploy\n", "Procfile": b"web: x\n"})
    assert host_of(tree, ["Dockerfile", "README.md", "Procfile"], "Dockerfile") is None


def test_of_many_notes_the_first_are_read() -> None:
    last = {"zz-deploy.sh": "gcloud run deploy\n"}
    assert reason({f"a{number:02}.sh": "true\n" for number in range(39)} | last) == "`zz-deploy.sh` speaks of Cloud Run"
    assert reason({f"a{number:02}.sh": "true\n" for number in range(40)} | last) is None


LOCAL = "## Local run\n### With Docker\n```bash\n# build\n$ docker run -d tbc\n```\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"# Bot\n{LOCAL}## Render.com\nSee https://bot-x1.onrender.com/docs\n", True),
        (f"# Bot\n{LOCAL}See https://bot-x1.onrender.com/docs\n", False),  # no word of a deployment there
        (f"# Bot\n## Render.com\nhttps://bot-x1.onrender.com\n{LOCAL}## Server\n    docker run -d tbc\n", False),
        ("# Local bot\n## Start\n    docker run tbc\n## Render.com\nhttps://bot-x1.onrender.com\n", False),
        (f"# Bot\n{LOCAL}## Render.com\nSee https://your-app.onrender.com\n", False),
    ],
)
def test_what_is_run_on_the_own_machine(text: str, *, found: bool) -> None:
    assert (reason({"README.md": text}) == "`README.md` speaks of Render") is found
    assert reason({"README.md": text.replace("https:", ""), "heroku.yml": "build:\n  docker:\n"}) == (
        "`README.md` speaks of Render" if found else None
    )
