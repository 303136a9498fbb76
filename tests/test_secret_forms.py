"""What gives secrets away: the form of tokens, the names of files, build arguments, variables with defaults."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.environment.hardcoded_settings import hardcoded_settings
from dockerlint_fastapi.model.project import Project
from dockerlint_fastapi.model.secrets.secret_copies import kind_of
from dockerlint_fastapi.model.secrets.secret_tokens import tokens
from dockerlint_fastapi.parsers.dockerfile import parse_dockerfile
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import MemoryTree

RANDOM = "Q7w2Er9Ty4Ui6Op1As8Df3Gh5Jk0Lz7Xc2Vb"


def project(**files: str) -> Project:
    tree = MemoryTree({name.replace("__", "/"): text.encode() for name, text in files.items()})
    return assemble(tree, find(tree))


def dockerfile(text: str) -> Project:
    return project(Dockerfile=text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("AKIAQ7W2ER9TY4UI6OP1", "an AWS access key"),
        (f"ghp_{RANDOM}", "a GitHub token"),
        ("glpat-Q7w2Er9Ty4Ui6Op1As8D", "a GitLab token"),
        ("xoxb-2489761035-fjQw8Zr1Lk9TuYpo", "a Slack token"),
        (f"AIza{RANDOM[:35]}", "a Google API key"),
        (f"sk-ant-api03-{RANDOM}", "an Anthropic API key"),
        (f"sk-proj-{RANDOM}", "an OpenAI API key"),
        ("sk_live_Q7w2Er9Ty4Ui6Op1As8D", "a Stripe key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PRIVATE KEY-----", "a private key"),
    ],
)
def test_a_token_is_told_by_its_form_and_place(text: str, what: str) -> None:
    source = Source.of(f"x = '{text}'  # y", "f")
    (found,) = tokens(source)
    assert (found.what, found.span.text) == (what, text)


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIA1234567890123456",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-your-api-key-goes-right-here-0123456789",
        "risk-assessment-of-the-whole-department-2024",
        "-----BEGIN PUBLIC KEY-----",
        "glpat-short",
    ],
)
def test_documentation_and_other_words_are_no_tokens(text: str) -> None:
    assert list(tokens(Source.of(f"x = {text}", "f"))) == []


def test_a_credential_never_shows_its_value_in_what_it_is() -> None:
    (found,) = tokens(Source.of(f"ghp_{RANDOM}", "f"))
    assert RANDOM not in found.what


def test_a_token_within_a_url_is_told_once() -> None:
    parsed = parse_dockerfile(
        Source.of(f"FROM python:3.12\nRUN pip install git+https://ci:ghp_{RANDOM}@github.com/a/b\n", "Dockerfile")
    )
    assert [one.what for one in parsed.credentials] == ["a GitHub token"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (".env", "environment"),
        ("backend/.env", "environment"),
        (".env.production", "environment"),
        (".env*", "environment"),
        ("prod.env", "environment"),
        ("server.key", "key"),
        ("certs/server.PEM", "key"),
        ("id_rsa", "key"),
        ("keys/id_ed25519*", "key"),
        (".aws", "login"),
        (".aws/credentials", "login"),
        (".netrc", "login"),
        ("credentials-prod.json", "login"),
        ("service-account.json", "login"),
        (".env.example", None),
        (".env.sample", None),
        ("ca.pem", None),
        ("fullchain.pem", None),
        ("server.crt", None),
        ("nodesource-repo.gpg.key", None),
        ("id_rsa.pub", None),
        ("environment.yml", None),
        ("credentials.py", None),
        ("monkey.py", None),
        (".", None),
        ("", None),
    ],
)
def test_secret_files_are_known_by_name(path: str, kind: str | None) -> None:
    assert kind_of(path) == kind


def test_an_argument_is_told_once_where_its_value_is_written() -> None:
    (image,) = dockerfile("FROM python:3.12 AS a\nARG API_TOKEN\nFROM a\nARG API_TOKEN=x9k2\n").images
    (found,) = image.secret_arguments
    assert (found.name, found.literal, found.shipped, found.pair.span.line) == ("API_TOKEN", True, True, 4)


def test_an_argument_that_is_kept_in_env_is_noted() -> None:
    (image,) = dockerfile("FROM python:3.12\nARG API_TOKEN\nENV API_TOKEN=${API_TOKEN}\n").images
    (found,) = image.secret_arguments
    assert found.kept is not None
    assert found.kept.line == 3


@pytest.mark.parametrize(
    ("pair", "reaches"),
    [
        ("DATABASE_URL=postgresql://db/app", True),
        ("REDIS_HOST=redis", True),
        ("API_URL=http://backend:8000", True),
        ("API_URL=https://api.example.com", False),
        ("DATABASE_URL=sqlite:///app.db", False),
        ("ENVIRONMENT=staging", False),
        ("ENVIRONMENT=production", None),
        ("HOST=0.0.0.0", None),
        ("PORT=8000", None),
        ("PIP_INDEX_URL=https://pypi.example.com/simple", None),
        ("DB_PASSWORD=x", None),
        ("APP_NAME=shop", None),
        ("DATABASE_URL=", None),
    ],
)
def test_settings_of_one_environment(pair: str, reaches: bool | None) -> None:  # noqa: FBT001 - an expectation
    (image,) = dockerfile(f"FROM python:3.12\nENV {pair}\n").images
    assert [one.reaches for one in hardcoded_settings(image)] == ([] if reaches is None else [reaches])


def test_a_defaulted_secret_is_told_once_in_a_file_with_its_count_and_place() -> None:
    reference = "${DB_PASSWORD:-x1y2}"
    text = f"services:\n  a:\n    image: x\n    environment:\n      A: {reference}\n      B: u:{reference}@h\n"
    (deployment,) = project(**{"compose.yaml": text}).deployments
    (found,) = deployment.defaulted_secrets
    assert (found.name, found.default, found.times, found.span.text) == (
        "DB_PASSWORD",
        True,
        2,
        "${DB_PASSWORD:-x1y2}",
    )


@pytest.mark.parametrize(
    ("path", "known"),
    [(".env.example", True), (".env", True), ("env_examples__web", True), ("notes.txt", False)],
)
def test_what_an_example_names_is_known(path: str, known: bool) -> None:  # noqa: FBT001 - an expectation
    text = "services:\n  a:\n    image: x\n    environment:\n      A: ${APP_SECRET}\n"
    (deployment,) = project(**{"compose.yaml": text, path: "APP_SECRET=\n"}).deployments
    assert bool(list(deployment.defaulted_secrets)) is not known


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_nothing_raises_on_any_text(text: str) -> None:
    list(tokens(Source.of(f"sk- {text}", "f")))
    kind_of(text)
    parsed = parse_dockerfile(Source.of(f"FROM python:3.12\nRUN https://{text}@h\nENV A_URL={text}\n", "Dockerfile"))
    list(parsed.credentials)
