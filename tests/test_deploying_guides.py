"""Which compose files a readme has people start on a server."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.files.deploying_guides import deploying_guide, working_guide
from dockerlint_fastapi.tree import MemoryTree

FILES = {"compose.yaml": "services: {web: {image: shop}}\n"}
UP = "\n~~~sh\n# any comment\ndocker compose up -d\n~~~\n"


def guide_to(path: str, files: dict[str, str]) -> str | None:
    tree = MemoryTree({name: text.encode() for name, text in {**FILES, **files}.items()})
    return deploying_guide(assemble(tree, find(tree)), path)


@pytest.mark.parametrize(
    ("text", "work"),
    [
        (f"# Shop\n## Development (Docker Compose){UP}\n## Production (Kubernetes)\n`kubectl apply -f k8s`\n", True),
        (f"# Shop\n## Run locally{UP}", True),
        (f"# Shop\n## Development{UP}\n## Start{UP}", False),  # not all of them
        (f"# Shop\n## Start{UP}", False),
        ("# Shop\n## Development\n`docker compose -f compose.dev.yaml up`\n", False),  # another file
        ("# Shop\n## Development\n`make up`\n", False),
    ],
)
def test_a_readme_has_people_start_it_for_their_work_alone(text: str, *, work: bool) -> None:
    tree = MemoryTree({name: one.encode() for name, one in {**FILES, "README.md": text}.items()})
    assert (working_guide(assemble(tree, find(tree)), "compose.yaml") is not None) is work


@pytest.mark.parametrize(
    "text",
    [
        f"# Shop\n## Deployment{UP}",
        f"# Shop\n## Production\n### Start{UP}",
        f"# Shop\n## Self-hosting\n### 1. Start\nThat is all:\n{UP}",
        f"# Shop\n## Start\nTo run it on your own server:\n{UP}",
        f"# Shop\n# Start\nTo self-host it, do this.\n## With Docker\n### The server{UP}",
        "# Shop\n## Deploy\n`docker-compose -f ./compose.yaml up -d --build`\n",
        f"# Магазин\n## Развёртывание{UP}",
        f"# 商店\n## 生产环境{UP}",
    ],
)
def test_a_readme_has_people_start_it_on_a_server(text: str) -> None:
    assert guide_to("compose.yaml", {"README.md": text}) == "README.md"


@pytest.mark.parametrize(
    "text",
    [
        f"# Shop\n## Start{UP}",
        f"# Shop, which is ready for production\n## Start{UP}",
        f"# Shop\n## Local deployment{UP}",
        f"# Shop\n## Deployment\n### Development{UP}",
        f"# Shop\n## Deployment\nOn your laptop, try:\n{UP}",
        f"# Shop\n## Deploy with Docker Compose{UP}",
        f"# Shop\n## Quick start\n### Deploy{UP}",
        f"# Shop\n## Start\nYou should not run it on your server like this:\n{UP}",
        "# Shop\n## Deployment\n`docker compose up db`\n",
        "# Shop\n## Deployment\n`docker compose --profile dev up`\n",
        "# Shop\n## Deployment\n`docker compose -f compose.yaml -f compose.prod.yaml up`\n",
        "# Shop\n## Deployment\n`docker compose -f compose.prod.yaml up`\n",
        f"# Shop\n## Deployment\nWrite this:\n~~~yaml\nservices:\n  web: {{}}\n~~~\n{UP}",
        f"# Shop\n## Deployment\nIt runs in the cloud.\n## Start{UP}",
        f"# Shop\n~~~sh\n# Deployment\n~~~\n{UP}",
    ],
)
def test_a_readme_does_not_say_so(text: str) -> None:
    assert guide_to("compose.yaml", {"README.md": text}) is None


def test_of_several_files_the_folder_decides() -> None:
    text = "# Shop\n## Deployment\n~~~sh\ncd shop/docker\ndocker compose up -d\n~~~\n"
    files = {"shop/docker/compose.yaml": FILES["compose.yaml"], "README.md": text}
    assert guide_to("shop/docker/compose.yaml", files) == "README.md"
    assert guide_to("compose.yaml", files) is None


def test_only_readmes_and_texts_on_deployments_are_read() -> None:
    text = f"# Notes\n## Deployment{UP}"
    assert guide_to("compose.yaml", {"CLAUDE.md": text}) is None
    assert guide_to("compose.yaml", {"docs/deployment.md": text}) == "docs/deployment.md"
