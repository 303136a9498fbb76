"""Names and values of secrets, passwords in URLs, and the literals of compose files."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.secrets import (
    BUILDKIT_ALLOWED,
    BUILDKIT_WORDS,
    holds_a_secret,
    is_for_tests,
    is_the_secret_of,
    names_a_secret,
    passwords_in_urls,
)
from dockerlint_fastapi.model.secrets.agreement import written_place
from dockerlint_fastapi.model.secrets.inline_secrets import inline_secrets
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.source import Source

SECRETS = """
    SECRET_KEY secret_MESSAGE API_KEY APIKEY GITHUB_TOKEN DATABASE_PASSWORD db_passwd PWORD_1 AWS_CREDENTIALS
    CREDENTIAL TOKEN SECRET PASSWORD JWT_REFRESH_SECRET_KEY RESET_PASSWORD_TOKEN_SECRET
    OAUTH2_PROXY_COOKIE_SECRET SECRET_KEY_BASE API_KEY_2 FERNET_KEY PGPASSWORD ME_CONFIG_MONGODB_ADMINPASSWORD
    RABBITMQ_DEFAULT_PASS MYSQL_PWD KEY_PASSPHRASE NEO4J_AUTH S3_SECRET_ACCESS_KEY --requirepass
    --api-key AZURE_STORAGE_ACCESS_KEY MINIO_SECRET_KEY
    SECRET_KEY_ACCESS SECRET_KEY_REFRESH JWT_KEY_REFRESH PRIVATE_KEY_ACCESS
    --admin-secret com.example.api-key USER_AUTH_SECRET
    SINGLE_USER_CREDENTIALS_PASSWORD USER_CREDENTIALS EMAIL_PASSWORD_ORDERS PASSWORD_USER PASSWORD_EMAIL
    PASSWORD_PEPPER ACCESS_TOKEN_GITHUB KC_CLIENTSECRET PLEXTOKEN Jwt__SecretKey spring.datasource.dbPassword
    SCRAPER_API_KEYS AIRFLOW__API_AUTH__JWT_SECRET
""".split()
NO_SECRETS = """
    KEY key AUTH PASS PWD OLDPWD PUBLIC_KEY API_KEY_FILE TOKEN_VERSION STRIPE_PUBLISHABLE_KEY
    ACCESS_TOKEN_EXPIRE_MINUTES KEY_PREFIX REDIS_KEY_PREFIX AWS_ACCESS_KEY_ID API_KEY_HEADER AUTH_BACKEND
    AUTH_METHOD POSTGRES_HOST_AUTH_METHOD GF_AUTH_ANONYMOUS_ENABLED OAUTH2_PROXY_PASS_ACCESS_HEADERS CACHE_KEY
    SORT_KEY GPG_KEY APT_KEY_DONT_WARN_ON_DANGEROUS_USAGE RECAPTCHA_SITE_KEY PAD_TOKEN
    GRAYLOG_ROOT_PASSWORD_SHA2 PASSWORD_HASH LOCAL_CREDENTIAL_VAULT_PATH SECRET_MANAGER_TYPE VITE_API_KEY
    REACT_APP_TOKEN NEXT_PUBLIC_TOKEN MONKEY KEYBOARD TOKENIZERS_PARALLELISM SECRETARY PASSENGER COMPASS
    AUTHOR DATABASE_URL SENTRY_DSN --auth MINIO_ACCESS_KEY S3_ACCESS_KEY AIRFLOW__CORE__FERNET_KEY_CMD
    CONNECT_KEY_CONVERTER AIRFLOW__WEBSERVER__SECRET_KEY_SECRET SECRET_KEY_REFRESH_DAYS PRIVATE_KEY_PATH TOKEN_REFRESH
    SINGLE_USER_CREDENTIALS_USERNAME CREDENTIALS_USER CREDENTIAL_EMAIL TOKEN_LOGIN API_KEY_ADMIN_EMAIL
    MB_PASSWORD_COMPLEXITY PASSWORD_REQUIRE_UPPERCASE PASSWORD_HASHING_ITERATIONS TOKEN_CLEANUP_INTERVAL
    ACCESS_TOKEN_ENTROPY_BITS PG_ALLOW_EMPTY_PASSWORD MYSQL_RANDOM_ROOT_PASSWORD RUSTFS_ACCESS_KEY VALUE_KEY_SERIALIZER
    TOKEN_STORAGE SECRET_ENGINE KEY_SECRET_ARN PASSWORD_RESET_TEMPLATE TOKEN_BUCKET_SIZE API_KEY_PERMISSIONS
    auth-token.forwardauth.authRequestHeaders PASSWORD_RECOVERY_PAGE SECRET_STORE TOKEN_LEEWAY
    KAFKA_SSL_KEY_CREDENTIALS SUPABASE_ANON_KEY AWS_KMS_KEY FIREBASE_API_KEY
""".split()


@pytest.mark.parametrize("name", SECRETS)
def test_a_name_that_announces_a_secret(name: str) -> None:
    assert names_a_secret(name)
    assert names_a_secret(name.upper())


@pytest.mark.parametrize("name", ["", "_", "--", *NO_SECRETS])
def test_a_name_that_only_sounds_like_one(name: str) -> None:
    assert not names_a_secret(name)


def test_a_name_of_a_tests_own_account() -> None:
    assert all(map(is_for_tests, ("E2E_ADMIN_PASSWORD", "DEV_SEED_KEY", "test_token", "TEST")))
    assert not any(map(is_for_tests, ("VAULT_DEV_ROOT_TOKEN_ID", "DEVICE_KEY", "TESTIMONIALS_TOKEN", "SECRET_KEY", "")))


def buildkit(name: str) -> bool:
    """Docker's own check, written from its description: whole words between underscores, but for the allowed ones."""
    words = set(name.lower().split("_"))
    return not words.isdisjoint(BUILDKIT_WORDS) and words.isdisjoint(BUILDKIT_ALLOWED)


WORD = st.sampled_from(
    sorted(BUILDKIT_WORDS | BUILDKIT_ALLOWED | {"app", "db", "pass", "pwd", "expire", "prefix", "cache", "id", "1", ""})
)


@given(st.lists(WORD, min_size=1, max_size=5).map("_".join))
@settings(deadline=None, max_examples=400)
def test_we_know_no_secret_that_buildkit_allows_and_only_passwords_besides(name: str) -> None:
    if names_a_secret(name):
        words = name.split("_")
        assert BUILDKIT_ALLOWED.isdisjoint(words)
        assert buildkit(name) or not {"pass", "pwd"}.isdisjoint(words)


@given(st.text(max_size=40), st.text(max_size=60))
@settings(deadline=None, max_examples=300)
def test_nothing_is_too_strange(name: str, value: str) -> None:
    names_a_secret(name)
    holds_a_secret(name, value)
    for start, end in passwords_in_urls(value):
        assert "://" in value[:start]
        assert value[start:end]
        assert value[end] == "@"


VALUES = ["hunter2", "changeme", "a b", "your-secret-key", "p/a", "123456", "guest", "sk-1.2", "ab=="]
NO_VALUES = """true False off null 0 3600 1.5 /run/secrets/key ./key ../key ~/key certs/a.pem account.json C:\\key
    https://id.example.com/token file:key arn:aws:secretsmanager:x vault:secret/a op://a/b phc_1a pk_test_1
    <token> {token} [token] %TOKEN% __TOKEN__ *** xxxx ... 30/minute 5/s 100/15min 15m 30days t enabled required n/a
    not-set X-API-Key org.apache.kafka.connect.storage.StringConverter passlib.hash.bcrypt argon2id sha-256""".split()


@pytest.mark.parametrize("value", VALUES)
def test_a_value_that_can_be_a_secret(value: str) -> None:
    assert holds_a_secret("SECRET_KEY", value)


@pytest.mark.parametrize("value", ["", " ", *NO_VALUES])
def test_a_value_that_cannot(value: str) -> None:
    assert not holds_a_secret("SECRET_KEY", value)


# Names that may be of a secret and of something else: the value decides.
CLEAR = """
    SECRET_KEY=abc JWT_SECRET=shop POSTGRES_PASSWORD=postgres DB_PASSWORD_RO=reader API_KEY_2=abc TENANT_KEY=7f3a91c2
    KEY_FOR_SITE=change-me NEO4J_AUTH=neo4j/letmein BASIC_AUTH=admin:hunter2 DIGEST_KEY=d1a2df7f0a229cc6
    VAULT_DEV_ROOT_TOKEN_ID=root SECRET_KEY_BASE=abc PASSWORD_ORDERS=hunter2 MEILI_MASTER_KEY=abc
""".split()
UNCLEAR = """
    LOG_STREAM_KEY=log:stream TENANT_KEY=north CHANNEL_KEY=web-site KAFKA_SSL_CLIENT_AUTH=required MQTT_AUTH=ldap
    PASSWORD_COMPLEXITIES=weak TOKEN_MODE2=rotating QUEUE_KEY=jobs SECRET_BACKENDS=memory STATE_KEY=orders_v2
    S3_KEY=dumps/latest QUEUE_KEY=queue-key CORS_CREDENTIALS=include
""".split()


@pytest.mark.parametrize("pair", CLEAR)
def test_a_literal_that_is_the_secret_of_its_name(pair: str) -> None:
    assert is_the_secret_of(*pair.split("=", 1))


@pytest.mark.parametrize("pair", UNCLEAR)
def test_a_literal_that_may_be_something_else(pair: str) -> None:
    assert not is_the_secret_of(*pair.split("=", 1))


def test_a_number_is_a_password_but_no_token_and_no_switch() -> None:
    assert holds_a_secret("POSTGRES_PASSWORD", "123")
    assert holds_a_secret("REDIS_PASS", "1")
    assert not holds_a_secret("ALLOW_EMPTY_PASSWORD", "1")
    assert not holds_a_secret("CONTEXT_TOKEN", "512")
    assert not holds_a_secret("ROCKETCHAT_AUTH", "password")
    assert holds_a_secret("NEO4J_AUTH", "neo4j/letmein")


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("postgresql+asyncpg://app:hunter2@db:5432/app", ["hunter2"]),
        ("redis://:hunter2@cache", ["hunter2"]),
        ("amqp://a:p@ss:w@host//", ["p@ss:w"]),
        ("http://a:b@c,http://d:e@f/", ["b"]),
        ("mongodb://a:b@c,d:27017/x", ["b"]),
        ("http://a:b@c http://d:e@f/", ["b", "e"]),
        ("https://user@host/", []),
        ("https://host:80/a@b", []),
        ("https://host/?q=a:b@c", []),
        ("http://user:@host", []),
        ("http://user:<password>@host", []),
        ("http://user:***@host", []),
        ("user:pass@host", []),
        ("://a:b@c", []),
    ],
)
def test_passwords_in_urls(url: str, passwords: list[str]) -> None:
    assert [url[start:end] for start, end in passwords_in_urls(url)] == passwords


def test_urls_are_found_in_linear_time() -> None:
    text = "a://b:" * 20_000
    assert list(passwords_in_urls(text)) == []


def literals(body: str) -> list[tuple[str, str]]:
    text = "services:\n  web:\n" + re.sub("^", "    ", body, flags=re.MULTILINE) + "\n"
    file = parse_compose(Source.of(text, "compose.yaml"))
    assert file.problems == ()
    return [(one.holder, one.span.text) for one in inline_secrets(file.services["web"])]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("environment: {SECRET_KEY: abc}", [("SECRET_KEY", "abc")]),
        ("environment: [SECRET_KEY=abc]", [("SECRET_KEY", "abc")]),
        ("environment:\n  - 'SECRET_KEY=abc'", [("SECRET_KEY", "abc")]),
        ('environment:\n  SECRET_KEY: "a\\x62c"', [("SECRET_KEY", '"a\\x62c"')]),
        ("environment:\n  URL: db://guest:guest@x", [("URL", "guest")]),
        ('environment:\n  URL: "db://\\x61:b@x"', [("URL", '"db://\\x61:b@x"')]),
        ("environment:\n  URL: 'db://${A:-b}:c@${D}'", [("URL", "c")]),
        ("environment:\n  URL: 'db://a:x${B}@c'", []),
        ("environment:\n  SECRET_KEY: a$$b", [("SECRET_KEY", "a$$b")]),
        ("environment:\n  SECRET_KEY: a$B", []),
        ("environment: {SECRET_KEY: null}", []),
        ("environment: [SECRET_KEY]", []),
        ("command: [redis-server, --requirepass, abc]", [("--requirepass", "abc")]),
        ("command: [redis-server, --requirepass=abc]", [("--requirepass", "abc")]),
        ("command: [redis-server, --requirepass, --port]", []),
        ("command: [redis-server, --requirepass]", []),
        ("command: mongod --auth dbpath", []),
        ("command: tool --no-auth abc --enable-token abc", []),
        ("command: sh -c \"redis-server --requirepass 'abc'\"", [("--requirepass", "abc")]),
        ("command: sh -c 'redis-server --requirepass $$X'", []),
        ("entrypoint: [flower, --broker=amqp://a:b@c]", [("command", "b")]),
    ],
)
def test_literals_of_a_service(body: str, found: list[tuple[str, str]]) -> None:
    assert literals(body) == found


@pytest.mark.parametrize(
    ("body", "variable"),
    [
        ("environment:\n  SECRET_KEY: abc", "${SECRET_KEY:?set SECRET_KEY}"),
        ("environment:\n  'SECRET_KEY': 'abc'  # why", '"${SECRET_KEY:?set SECRET_KEY}"'),
        ("environment:\n  - SECRET_KEY=abc", "${SECRET_KEY:?set SECRET_KEY}"),
        ('environment:\n  - "SECRET_KEY=abc"', "${SECRET_KEY:?set SECRET_KEY}"),
        ("environment: {SECRET_KEY: abc}", None),
        ("environment: [SECRET_KEY=abc]", None),
        ("environment:\n  SECRET_KEY: |\n    abc", None),
        ("environment:\n  SECRET_KEY: abc\n    def", None),
        ("environment:\n  my-SECRET.KEY: abc", None),
        ("environment:\n  URL: db://a:b@c", None),
        ("command: tool --token abc", None),
    ],
)
def test_the_variable_that_could_stand_there_leaves_sound_yaml(body: str, variable: str | None) -> None:
    text = "services:\n  web:\n" + re.sub("^", "    ", body, flags=re.MULTILINE) + "\n"
    (secret,) = inline_secrets(parse_compose(Source.of(text, "compose.yaml")).services["web"])
    place = written_place(secret)
    made = place.form.format(f"${{{place.name}:?set {place.name}}}") if place.form and place.name else None
    assert made == variable
    if variable is not None:
        mended = text[: secret.span.start] + variable + text[secret.span.end :]
        file = parse_compose(Source.of(mended, "compose.yaml"))
        assert file.problems == ()
        (key,) = file.services["web"].environment
        assert key.raw == "${SECRET_KEY:?set SECRET_KEY}"
        assert list(inline_secrets(file.services["web"])) == []
