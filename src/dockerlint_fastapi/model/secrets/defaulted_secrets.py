"""Secrets of a compose file that come from a variable for which nobody has to care: `${SECRET_KEY:-changeme}`, and
`${SECRET_KEY}`, which is empty when nothing sets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.environment.interpolation import Reference, references
from dockerlint_fastapi.model.secrets import is_fill_me_in, is_for_tests, is_stand_in, is_the_secret_of, names_a_secret
from dockerlint_fastapi.model.services.host_access import is_listed
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span
from dockerlint_fastapi.tree import parent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.compose import ComposeFile, Service
    from dockerlint_fastapi.model.container import Container
    from dockerlint_fastapi.model.deployment import Deployment
    from dockerlint_fastapi.model.project import Project

# What a password of a connection may be for.
_SERVERS = ("database", "cache", "broker")
_SERVER_LISTS = ("search", "storage", "pools", "sql_servers")
# Words in the name of what is committed so that others know the variables: `.env.example`, `env_examples/`.
_EXAMPLES = frozenset("default defaults dist example examples sample samples template templates".split())
_NAMED = r"(?m)^[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*="
# Accounts of services that a deployment may do without.
_OPTIONAL = frozenset(
    "smtp mail email sentry slack oauth google github proxy telegram twilio stripe"
    " apple facebook discord microsoft kakao naver firebase fcm sendbird sendgrid mailgun".split()
)
_PROVIDER = (
    r"[A-Z0-9]+_API_KEY\Z|(?:USE|ENABLE|DISABLE|REQUIRE|ALLOW|SKIP)_"  # OPENAI_API_KEY; USE_IAM_AUTH is a switch
)
# Whose servers nobody starts at home.
_PROVIDERS = frozenset(
    "airtable alphavantage anthropic apify assemblyai auth0 brave claude cloudflare cohere dadata dashscope deepgram"
    " deepseek discord elevenlabs exa facebook finnhub firecrawl fireworks gemini giphy github gitlab google groq hf"
    " hugging huggingface ibm instagram jina kakao langchain langsmith line linkedin llama mailgun mailjet mapbox"
    " mistral moonshot naver newsapi notion nvidia okta openai openrouter openweather openweathermap paypal perplexity"
    " pinecone postmark qianfan razorpay reddit replicate resend sendgrid serpapi serper shopify slack spotify stripe"
    " tavily telegram tmdb together twilio twitter voyage wandb weatherapi xai ydc zhipu zhipuai zoom".split()
)
# What such a server asks for; a secret of webhooks is what the program asks others for.
_KEY_OF_PROVIDER = r"(?!.*(?:WEBHOOK|VERIFY))(?:.*_)?(?:KEY|TOKEN|CLIENT_SECRET|API_SECRET)\Z"
_OF_OTHERS = (
    r"(?i)[a-z0-9]_(?:api(?:_auth)?|bearer|access|auth|registry)_(?:key|token)\Z|(?:\A|_)(?:aws|azure|gcp|hf|pypi|npm)_"
)


class DefaultedSecret(NamedTuple):
    """A reference to a secret variable in a service of a file, the first of that variable there; `default` tells
    whether a value is written for when it is not set.
    """

    name: str
    default: bool
    span: Span
    service: Service
    spans: tuple[Span, ...]  # all places of the file that do so, the first included
    guards_nothing: bool = False  # it is only sent to servers that the project does not start, or opens none of anybody
    unread: bool = False  # all that code says of it is that it sets a field of settings which nothing reads

    @property
    def is_for_tests(self) -> bool:
        """Whether it is of an account for development or tests by its name."""
        return is_for_tests(self.name)

    @property
    def times(self) -> int:
        """How often the file does so."""
        return len(self.spans)


def defaulted_secrets(deployment: Deployment) -> Iterator[DefaultedSecret]:
    """The secret variables without which the services of its files start all the same, each once in a file."""
    for file in deployment.merged.files:
        found: dict[tuple[str, bool], list[tuple[Span, Service]]] = {}
        named: frozenset[str] | None = None
        for service, reference, span, holder in _references(file):
            # Compose keeps the quotes of `${TOKEN:-""}`, by which people mean an empty one.
            default = bool(reference.operator.endswith("-") and reference.operand.strip("\"'"))
            if reference.operator and not default:
                continue  # `:?` stops, and an empty default is one that somebody chose
            if default and ("$" in reference.operand or not is_the_secret_of(holder, reference.operand)):
                continue
            if not default:
                named = _known(deployment, file) if named is None else named
                if reference.name in named or is_optional(reference.name):
                    continue
            found.setdefault((reference.name, default), []).append((span, service))
        for (name, default), places in found.items():
            foreign = default and all(opens_nothing(deployment, name, default_in(span)) for span, _ in places)
            outward = foreign or (default and all(_is_sent_away(deployment, *one) for one in places))
            unread = default and _is_unread(deployment.project, name, [one for _, one in places])
            yield DefaultedSecret(name, default, *places[0], tuple(span for span, _ in places), outward, unread)


def _is_unread(project: Project | None, name: str, services: list[Service]) -> bool:
    """Whether a variable goes under its own name to services that the project builds, and their settings only have a
    field for it.
    """
    if project is None or any(one.build is None or not _has_variable(one, name) for one in services):
        return False
    from dockerlint_fastapi.model.environment.settings_class import sets_unread_field  # noqa: PLC0415 - few get here

    return bool(project.index.answer(sets_unread_field, name))


def _has_variable(service: Service, name: str) -> bool:
    return any(one.name == name for one in service.environment)


def _is_sent_away(deployment: Deployment, span: Span, service: Service) -> bool:
    """Whether what stands at a place is certainly a client's password for a server that no compose file of the project
    starts.
    """
    project = deployment.project
    containers = (one for one in deployment.containers if one.service is not None)
    own = next((one for one in containers if one.service and one.service.name == service.name), None)
    if own is None or project is None or own.role in _SERVERS or is_listed(own.origin, *_SERVER_LISTS):
        return False
    passwords = [one.password.span for one in own.endpoints if one.password is not None]
    if not any(one.source is span.source and one.start <= span.start and span.end <= one.end for one in passwords):
        return False
    sharing = (other for file in deployment.files for other in project.deployments_with.get(file, ()))
    return not any(
        one is not own and _may_be_a_server(one)
        for other in dict.fromkeys((deployment, *sharing))
        for one in other.containers
    )


def opens_nothing(deployment: Deployment, name: str, literal: str) -> bool:
    """Whether a literal is one that somebody else's service refuses, and no service of the deployment is called by that
    name, which might take it.
    """
    provider = name.lower().split("_")[0]
    at_home = not is_blank(name, literal) and any(provider in one.lower() for one in deployment.merged.services)
    return is_refused(name, literal) and not at_home


def is_refused(name: str, literal: str) -> bool:
    """Whether a literal is a stand-in for the key of a provider of models or the like, which refuses it, or one that is
    to be filled in by its form.
    """
    of_provider = name.lower().split("_")[0] in _PROVIDERS and re.match(_KEY_OF_PROVIDER, name.upper()) is not None
    return is_blank(name, literal) or (of_provider and is_stand_in(literal))


def _may_be_a_server(container: Container) -> bool:
    """Whether it may be what a password is for: a database, cache or broker, or a program of which nothing is known."""
    if container.role in _SERVERS or is_listed(container.origin, *_SERVER_LISTS):
        return True
    return container.role is None and (container.origin is None or not container.origin.is_public)


def is_optional(name: str) -> bool:
    """Whether a deployment may well do without it: the account of a service that only some use."""
    return re.match(_PROVIDER, name) is not None or not _OPTIONAL.isdisjoint(name.lower().split("_"))


def opens_elsewhere(name: str) -> bool:
    """Whether a secret is by its name one for a service of somebody else: `OPENAI_API_KEY`, `AWS_SECRET_ACCESS_KEY`."""
    return is_optional(name) or re.search(_OF_OTHERS, name) is not None


def is_blank(name: str, literal: str) -> bool:
    """Whether a literal is no more than the place where the key to a service of somebody else is to be put, by its form
    (`HF_TOKEN=YOUR_TOKEN_HERE`): that refuses it.
    """
    if not is_fill_me_in(literal):
        return False
    from dockerlint_fastapi.model.environment.settings_class import is_own_key  # noqa: PLC0415 - few are filled in

    return (opens_elsewhere(name) or name.upper().endswith("CLIENT_SECRET")) and not is_own_key(name)


def _references(file: ComposeFile) -> Iterator[tuple[Service, Reference, Span, str]]:
    """The references to secrets in variables and commands, each with its place and the name that says so."""
    for service in file.services.values():
        for variable in service.environment:
            text = variable.raw or ""
            for reference in references(text):
                whole = reference.start == 0 and reference.end == len(text)
                announced = whole and names_a_secret(variable.name) and not _names_an_account(reference.name)
                if announced or names_a_secret(reference.name):
                    holder = reference.name if names_a_secret(reference.name) else variable.name
                    yield service, reference, variable.locate(reference.start, reference.end), holder
        for command in (service.entrypoint, service.command):
            for argument in (command.arguments or ()) if command is not None else ():
                at = argument.span.start
                for reference in references(argument.span.text):
                    if names_a_secret(reference.name):
                        span = argument.span._replace(start=at + reference.start, end=at + reference.end)
                        yield service, reference, span, reference.name


def default_in(span: Span) -> str:
    """The default of the variable at a place."""
    return next((one.operand for one in references(span.text)), "")


def _names_an_account(name: str) -> bool:
    """Whether a variable says who one is: S3's `ACCESS_KEY` is what MinIO calls `MINIO_ROOT_USER`."""
    return name.lower().rpartition("_")[2] in ("user", "username", "login", "email")


def _known(deployment: Deployment, file: ComposeFile) -> frozenset[str]:
    """The variables that the `.env` beside the file, or an example of it, names."""
    project = deployment.project
    if project is None:
        return frozenset()
    found: set[str] = set()
    for folder in {parent(one.source.path) for one in (file, *deployment.files)} | {""}:
        for path in files_of_variables(project, folder):
            source = project.source_of(path)
            if source is not None:
                found.update(re.findall(_NAMED, source.text))
    return frozenset(found)


def files_of_variables(project: Project, folder: str) -> Iterator[str]:
    """The `.env`, `.env.local`, … of a folder, unless they are one machine's own, the examples of one, and those in a
    folder of examples.
    """
    before = f"{folder}/" if folder else ""
    inside = project.tree.listing(folder)
    for name in sorted(inside.files):
        if _is_example(name) or (name.startswith(".env") and not project.git_ignores(before + name)):
            yield before + name
    for name in sorted(inside.directories):
        if _is_example(name):
            yield from (f"{before}{name}/{one}" for one in sorted(project.tree.listing(before + name).files))


def _is_example(name: str) -> bool:
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    return "env" in words and not _EXAMPLES.isdisjoint(words)
