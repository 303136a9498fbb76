"""Settings of one environment that an image fixes in ENV: addresses of databases, hosts, the environment's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dockerlint_fastapi.model.dockerfile import Env, Pair
from dockerlint_fastapi.model.secrets import names_a_secret
from dockerlint_fastapi.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dockerlint_fastapi.model.image import Image

# Variables of tools and of the runtime, by the first word of their name.
_TOOLS = frozenset(
    "apt bun c cargo conda cuda debian dotnet git gradle hf huggingface java lang lc ld mamba maven mkl model nltk node"
    " npm nvidia omp pdm pip pipenv pipx playwright pnpm poetry pyenv python pytest pythonpath ruff rust tiktoken torch"
    " transformers tz uv virtual virtualenv xdg yarn".split()
)
_SERVERS = frozenset("gunicorn granian hypercorn uvicorn".split())  # their own variables are their defaults
_HOST = r"(?:^|_)(?:HOST|HOSTNAME|HOSTS|SERVER|SERVERS|BROKERS)\Z"
_ADDRESS = r"(?:^|_)(?:URL|URI|DSN|BROKER|ENDPOINT|ORIGIN|ORIGINS|DOMAIN)\Z"
_SETTING = (
    r"(?:\w+_)?(?:ENV|ENVIRONMENT|STAGE)\Z|"
    r"(?:APP_|SQL_)?(?:DB|DATABASE|POSTGRES|POSTGRESQL|PG|MYSQL|MARIADB|MONGO|MONGODB|REDIS|RABBITMQ|SMTP)_"
    r"(?:NAME|USER|USERNAME|DB|DATABASE|PORT)\Z|(?:\w+_)?(?:BUCKET|BUCKET_NAME|REGION)\Z"
)
_EVERYWHERE = r"(?:0\.0\.0\.0|127\.0\.0\.1|localhost|::1?|\[::1?\]|\*)\Z"
_URL = r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#\s]*@)?([^/?#\s:@]+)"


class HardcodedSetting(NamedTuple):
    """One variable of ENV that differs between environments; `reaches` tells whether it names a host to connect to, and
    `replaced` whether every service that starts the image sets it.
    """

    pair: Pair
    reaches: bool
    env: Env  # in which it stands
    replaced: bool = False


def hardcoded_settings(image: Image) -> Iterator[HardcodedSetting]:
    """The settings in ENV of an image that belong to one environment; secrets, and what is made of arguments, are left
    to others.
    """
    for env in image.every(Env):
        for pair in env.pairs:
            name, value = pair.name.upper(), (pair.value or "").strip()
            if not value or "$" in pair.raw or _is_of_tools(name) or names_a_secret(pair.name):
                continue
            if value == image.stage.name and _is_chosen_by_stage(image, pair):
                continue
            reaches = _reaches(name, value)
            if reaches is not None:
                yield HardcodedSetting(pair, reaches, env, _is_replaced(image, pair.name))


def _is_replaced(image: Image, name: str) -> bool:
    """Whether services start the image, and each of them sets the variable."""
    found = [one.variables.get(name) for one in image.containers if one.is_whole]
    services = [one.service for one in image.containers if one.is_whole]
    return None not in services and bool(found) and all(one is not None and one.origin != "image" for one in found)


def _is_chosen_by_stage(image: Image, pair: Pair) -> bool:
    """Whether another stage of the file sets the variable too, to another value: there is a stage for each setting."""
    return any(
        other.name == pair.name and other.value != pair.value
        for stage in image.dockerfile.stages
        if stage not in image.lineage
        for env in stage.instructions
        if isinstance(env, Env)
        for other in env.pairs
    )


def _is_of_tools(name: str) -> bool:
    first = name.partition("_")[0].lower()
    return first in _TOOLS or first in _SERVERS or first.startswith(("python", "ld", "next", "vite", "react"))


def _reaches(name: str, value: str) -> bool | None:
    """Whether a setting names a host of one environment; False for another setting of it, None for what is none."""
    match = re.match(_URL, value)
    if match is not None:
        if not re.search(_ADDRESS + "|" + _HOST, name):
            return None
        # an address on the web may be the same one everywhere
        return not value.startswith(("http://", "https://")) or ("." not in match[1] and "localhost" not in match[1])
    if re.search(_HOST, name):
        if re.fullmatch(_EVERYWHERE, value) and "_" not in name:
            return None  # HOST=0.0.0.0, where the server listens
        if re.fullmatch(r"0\.0\.0\.0|::|\[::\]|\*", value):
            return None
        return bool(re.fullmatch(r"[\w.-]+(?::\d+)?(?:,[\w.:-]+)*", value))
    if re.search(_ADDRESS, name) and ("://" in value or re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?/?", value)):
        return False
    if re.fullmatch(r"(?i)prod(?:uction)?|live|release", value):
        return None  # whoever forgets to say otherwise gets the careful setting
    return False if re.match(_SETTING, name) else None
