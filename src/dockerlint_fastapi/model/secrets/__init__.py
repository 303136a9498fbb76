"""Which names and values are secrets: BuildKit's whole-word names, less what only sounds like one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from dockerlint_fastapi.pattern import pattern

# BuildKit, check SecretsUsedInArgOrEnv (frontend/dockerfile/dockerfile2llb/validations.go, read 2026-11-22): each of
# these as a whole word of a name, unless `public`, `file` or `version` is another.
BUILDKIT_WORDS = frozenset("apikey auth credential credentials key password pword passwd secret token".split())
BUILDKIT_ALLOWED = frozenset(("public", "file", "version"))

# What people call passwords besides (RABBITMQ_DEFAULT_PASS, MYSQL_PWD, `redis-server --requirepass`).
_PASSWORDS = frozenset("password passwd pword pass pwd passphrase requirepass masterauth".split())
# Keys whose two words are run together: `EOSDASH_SESSKEY`, `SECRETKEY`.
_RUN_TOGETHER = frozenset("secretkey sesskey sessionkey".split())
_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey")  # PGPASSWORD, CLIENTSECRET
_WORDS = (BUILDKIT_WORDS | _PASSWORDS | _RUN_TOGETHER) - {"auth", "pass"}
_LAST_WORDS = frozenset(("auth", "pass"))  # anywhere else in a name they speak of a setting: AUTH_BACKEND, PASS_HEADERS
_ALLOWED = BUILDKIT_ALLOWED | {"publishable"}

# Behind the secret's word they make it a setting about the secret: TOKEN_EXPIRE_MINUTES, KEY_PREFIX, ACCESS_KEY_ID.
_ABOUT = frozenset(
    "address age alg algorithm algorithms alphabet arn attempts aud audience auth backend bits blacklist bucket budget"
    " bytes cache callback chars charset check class classes cleanup cmd column command complexity config context"
    " converter cookie cost count curve date days delay delta deprecated derivation deserializer digit digits dir"
    " directory disable disabled domain dont duration enable enabled encoding endpoint engine entropy expiration expire"
    " expired expires expiry field filename fingerprint flow folder force format generator grace grant handler hash"
    " hasher hashing header headers hint history host hours id ids index interval iss issuer iterations kid label"
    " leeway len length level lifespan lifetime limit limiter limiting limits link location lock lockout logout"
    " lowercase managed manager mapping margin markers max md5 method min minutes mode model months mount name"
    " names namespace overlap page path paths pattern patterns period permissions policy port prefix prevent provider"
    " queue quota rate realm recovery redirect ref reference refresh regex regexp require required reset resolver"
    " reuse rotate rotation rounds route rule rules scheme schemes scope scopes seconds secure separator serializer"
    " sha1 sha2 sha256 sha512 size skew source space special status storage store strategy strength subject suffix"
    " symbols table template time timeout tolerance topic ttl type types uppercase uri url urls usage validation"
    " validators validity vault weeks window years".split()
)
# In front of `key` they say that nobody may know it; behind a secret's word, which of several it is. With another word
# there, only a value that looks like a secret is one: `LOG_STREAM_KEY=log:stream` names an entry.
_SECRET_KEYS = frozenset(
    "access account admin aes api app application auth cipher crypto csrf django encrypt encryption fernet flask hmac"
    " internal jwt license master private root sas secret security service session sign signing subscription"
    " token".split()
)
_WHICH = frozenset(
    "access admin api app b64 backup base base64 bot current database db default dev development fallback id local"
    " main new old override pepper plain previous primary prod production readonly replica ro root rw secondary"
    " staging test user value web".split()
)
# Behind any of the first they say whose it is: SINGLE_USER_CREDENTIALS_USERNAME, and behind `credentials`, its parts.
_WHOSE = frozenset("login logins username usernames".split())
_PARTS_OF_CREDENTIALS = frozenset("account email emails mail user users".split())
_TESTS = frozenset("cypress dev development e2e playwright pytest test testing tests".split())
# What a signing key may be for: `SECRET_KEY_REFRESH` is as good a key as `REFRESH_SECRET_KEY`.
_KEY_PAIRS = frozenset(
    (
        ("secret", "key"), ("private", "key"), ("jwt", "key"), ("jwt", "secret"), ("auth", "secret"),
        ("token", "secret"), ("signing", "key"),
    )
)  # fmt: skip
_PURPOSES = frozenset("access refresh reset verification verify".split())
# In front of `key` or `token` they make it no secret: the key of a signature, of a table, of a cache; a model's token.
_KINDS = {
    "key": frozenset(
        "anon apt cache column field foreign gpg group index kms lock object partition pgp primary pusher routing shard"
        " site sort".split()
    ),
    "token": frozenset("bos eos mask max pad sep stop unk".split()),
}
# Services whose access key is public and whose secret key is not.
_OBJECT_STORES = frozenset("aws b2 ceph cos garage minio obs oss r2 rustfs s3 seaweedfs spaces wasabi".split())
# Behind one of them a password is a switch, whatever its value.
_TURNED_ON = frozenset(("allow", "empty", "random"))
# A name with one of these is a switch when its value is a number: MYSQL_ALLOW_EMPTY_PASSWORD=1.
_SWITCHES = frozenset(
    "allow change check disable empty enable force generate has hide is max min no nopassword random"
    " require reset show skip use validate".split()
)
# What a bundler writes into the pages that everyone gets is no secret (Vite, Create React App, Next.js).
_FIREBASE = ("FIREBASE_API_KEY", "FIREBASE_WEB_API_KEY")  # firebase.google.com/docs/projects/api-keys
_FRONT_END = ("vite_", "react_app_", "next_public_")

_SEPARATORS = pattern(r"[^a-z0-9]+")
_HUMPS = pattern(r"(?<=[a-z0-9])(?=[A-Z])")
# As texts: few names are those of secrets, so most runs compile none of these (`re` does at first use, and keeps it).
_SWITCH = (
    r"(?i:true|false|yes|no|y|n|t|f|on|off|none|null|nil|undefined|(?:en|dis)abled|required|optional|auto|empty|unset"
    r"|unused|n/?a|not[-_ ]?(?:set|needed|required|used|configured))\Z"
)
_DURATION = r"(?i:\d{1,6}[ \t]?(?:ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|y))\Z"
_CLASS = r"(?:[a-z_][a-z0-9_]*\.){2,}[A-Za-z_]\w*\Z"  # `org.apache.kafka.connect.storage.StringConverter`
_HEADER = r"(?i:x(?:-[a-z]+)+|authorization)\Z"  # `API_KEY=X-Api-Key`: where it is sent
_RATE = r"(?i:\d{1,9}[ \t]*(?:/|per[ \t])[ \t]*\d{0,9}[ \t]*(?:s|sec|second|m|min|minute|h|hr|hour|d|day|week)s?)\Z"
# With which a token is signed (RFC 7518), a password is hashed, a text enciphered.
_ALGORITHM = (
    r"(?i:[ehpr]s(?:256|384|512)|eddsa|argon2(?:id|[di])?|bcrypt|scrypt|pbkdf2(?:[-_]sha\d+)?|sha-?\d{1,3}"
    r"|aes-?\d{3}(?:-[cg][a-z]{2})?|rsa-?\d{0,4}|ed25519)\Z"
)
_NUMBER = r"[+-]?[0-9.]{1,5}\Z"
_METHOD = (
    r"(?i:basic|bearer|digest|oauth2?|oidc|saml2?|ldap|jwt|md5|scram(?:-sha-\d+)?|trust|peer|cert|password|token|api[_-]?key"
    r"|db|database|local|default|anonymous|internal|external|plain)\Z"
)
# Paths, addresses, names of secrets that are kept elsewhere, and keys that their makers publish (PostHog, Stripe).
_ELSEWHERE = r"(?i:\.{0,2}/|~/|[a-z]:\\|[a-z][a-z0-9+.\-]*://|arn:aws|file:|vault:|ssm:|phc_|pk_(?:live|test)_)"
# The secret keys that the makers of captchas publish for tests: of Turnstile
# (developers.cloudflare.com/turnstile/troubleshooting/testing, read 2026-11-23), and as others quote them of hCaptcha
# (docs.hcaptcha.com, "Integration Testing") and of reCAPTCHA (developers.google.com/recaptcha/docs/faq).
_TEST_KEY = r"(?:[123]x0{31}AA|0x0{40}|6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe)\Z"
# What stands for a key that somebody is to fill in, and signs as well as any other where nobody does.
_SIGNS_AS_IT_IS = r"(?is:<.*[a-z0-9].*>|\[.*[a-z0-9].*\]|x{3,})\Z"
_OF_SIGNERS = frozenset(
    "access admin app application auth authentication authjwt cookie csrf encode fastapi flask jwt key refresh reset"
    " secret server session sign signature signing token tokens user verification verify".split()
)
_FILE = r"\S+\.(?i:pem|key|crt|cer|der|json|txt|p12|pfx|jks|ya?ml|toml|ini|env|pub|asc|gpg)\Z"
_OBJECT = r"(?:[\w.-]+/)+[\w-]+\.[a-z][a-z0-9]{1,7}\Z"  # `S3_KEY=dumps/latest.sqlite3`; in base64 there is no dot
_PLACEHOLDER = r"(?is:<.*>|\[.*\]|\{.*\}|%.*%|__.+__|[*.\-_#]+|x{3,})\Z"
# What a person is to write something else for, by its form: `YOUR_TOKEN_HERE`, `<token>`, `some_client_secret`,
# `PATH/TO/MEDIA`; `changeme` and `your-secret-key` are taken as they are.
_FILL_ME_IN = (
    r"(?i:(?:(?:enter|insert|put|add|paste)[-_ ]+)?your[-_ ](?:.+[-_ ])?here|<[^<>]+>|some[-_ ]\w[\w -]*"
    r"|(?:.*/)?path[-_/]to[-_/].+)\Z"
)
# What a secret has that people choose, and the name of an entry or a kind does not.
_CHOSEN_WORDS = r"(?i)pass|pwd|secret|change|key|token|your|1234|[!@#%&*+=]|(?=.*[a-z])(?=.*\d)[a-z\d]{6,}\Z"
# Words of what is put where a secret will be.
_STAND_IN = (
    r"(?i)pass|pwd|secret|change|dev|test|local|example|admin|root|user|demo|dummy|fake|sample|your|token|key|default"
    r"|postgres|mysql|mongo|redis|rabbit|guest|minio|strong|1234|abcd|xxx|place.?holder"
)
# Those of them that people put into passwords of their own, and the rest of such a password.
_PARTS = (
    r"(?i)passw(?:or)?d|pass|pwd|secret|secure|super|strong|admin|root|user|token|key|postgres|mysql|mongo|redis|rabbit"
    r"|minio"
)
_ONLY_STAND_IN = (
    r"(?i)change|dev|test|local|example|demo|dummy|fake|sample|your|default|guest|1234|abcd|xxx|place|[-_ <>{}$]"
)
_DRAWN, _CHOSEN = 24, 10  # characters that a key drawn by lot, and a password of upper case, digits and marks, have
_LONG = 32  # those of a key of 16 bytes in hexadecimal digits
# How the key begins with which FastAPI's tutorial signs tokens ("OAuth2 with Password (and hashing), Bearer with JWT
# tokens", read 2026-11-23).
_OF_TUTORIAL = "09d25e094faa6ca2556c818166b7a956"
_AUTHORITY = r"(?i:[a-z][a-z0-9+.\-]{0,40})://([^\s/?#\"'<>]+)"


def _words(name: str) -> list[str]:
    if not (name.isupper() or name.islower()):
        name = _HUMPS.sub("_", name)  # `forwardauth.authRequestHeaders`, `Jwt__SecretKey`
    words = [word for word in _SEPARATORS.split(name.lower()) if word]
    return ["key" if pair == ("api", "keys") else pair[1] for pair in pairwise(("", *words))]


def without_purpose(words: list[str]) -> list[str]:
    """The words of a name up to a signing key's (`secret key`, `jwt secret`) where only what that is for follows."""
    end = len(words)
    while end > 0 and words[end - 1] in _PURPOSES:
        end -= 1
    return words[:end] if tuple(words[max(end - 2, 0) : end]) in _KEY_PAIRS else words


def _is_secret(word: str) -> bool:
    return word in _WORDS or word.endswith(_ENDINGS)


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Whether a variable, label or option of that name holds a secret, judged by its words: `DB_PASSWORD`, `--api-key`;
    not `PUBLIC_KEY`, `TOKEN_EXPIRE_MINUTES`, `CACHE_KEY`, and not a lone `key`, `auth`, `pass` or `PWD`.
    """
    words = without_purpose(_words(name))
    if not words or not _ALLOWED.isdisjoint(words) or is_for_pages(name):
        return False
    if words[-1] == "password" and not _TURNED_ON.isdisjoint(words):
        # MARIADB_RANDOM_ROOT_PASSWORD, ALLOW_EMPTY_PASSWORD: any text turns it on (mariadb.com/docs, "MariaDB Server
        # Docker Official Image Environment Variables", read 2026-11-24)
        return False
    if words[-3:] == ["root", "token", "id"]:
        return True  # VAULT_DEV_ROOT_TOKEN_ID and its flag: Vault calls the token itself its id
    if words[-1].startswith("credential") and "ssl" in words:
        return False  # KAFKA_SSL_KEY_CREDENTIALS: the name of a file ("Docker Configuration Parameters" of Confluent)
    if words[-2:] == ["app", "key"] and not {"pusher", "soketi"}.isdisjoint(words):
        return False  # Pusher's half of a pair that every page shows
    if words[-2:] == ["access", "key"] and "secret" not in words and not _OBJECT_STORES.isdisjoint(words):
        return False  # the half of a pair that says who it is: MinIO's root user, AWS's access key id
    if words[0] == "airflow" and "__" in name and words[-1] == "secret" and words[-2] != "jwt":
        return False  # its name in a secrets backend (Airflow, "Setting Configuration Options")
    last = len(words) - 1
    at = last if words[last] in _LAST_WORDS else next((at for at in range(last, -1, -1) if _is_secret(words[at])), -1)
    if at < 0 or not (_ABOUT | _WHOSE).isdisjoint(words[at + 1 :]):
        return False
    if words[-1] in ("email", "mail") and last - at > 1:
        return False  # API_KEY_ADMIN_EMAIL: the account behind the key
    if words[at] in ("credential", "credentials") and not _PARTS_OF_CREDENTIALS.isdisjoint(words[at + 1 :]):
        return False
    if at == 0:
        return words[0] not in ("key", "auth", "pass", "pwd") or last > 0
    return words[at - 1] not in _KINDS.get(words[at], ())


@lru_cache(maxsize=1024)
def is_the_secret_of(name: str, value: str) -> bool:
    """Whether a literal is the secret of that name. Where the name alone does not tell, the value has to look like one:
    `TENANT_KEY=7f3a-91c2`, not `TENANT_KEY=north`, nor `KAFKA_CLIENT_AUTH=required`.
    """
    if not (names_a_secret(name) and holds_a_secret(name, value)):
        return False
    words = without_purpose(_words(name))
    last = len(words) - 1
    at = last if words[last] in _LAST_WORDS else next(at for at in range(last, -1, -1) if _is_secret(words[at]))
    noun, before = words[at], words[at - 1] if at else ""
    certain = all(word.isdigit() or word in _WHICH for word in words[at + 1 :])
    if noun in ("auth", "credential", "credentials") or (noun == "key" and before not in _SECRET_KEYS):
        certain = False
    if certain or is_drawn(value) or not is_made_up(value):
        return True
    pair = noun != "key" and re.search(r"\w[:/]\S", value) is not None  # NEO4J_AUTH=neo4j/letmein
    return pair or (re.search(_CHOSEN_WORDS, value) is not None and _words(value) != _words(name))


def is_for_pages(name: str) -> bool:
    """Whether the variable of that name goes into the pages that everyone gets: a bundler writes it there
    (`VITE_SENTRY_DSN`), or it is the key by which an application names itself to Firebase.
    """
    return name.lower().startswith(_FRONT_END) or name.upper().endswith(_FIREBASE)


def is_for_tests(name: str) -> bool:
    """Whether a variable is of a developer's or a test's own account by its first word: `E2E_PASSWORD`, `DEV_KEY`."""
    return name.lower().partition("_")[0] in _TESTS


def is_made_up(value: str) -> bool:
    """Whether a literal is a stand-in such as `postgres` or `change-me`, which protects nothing but a developer's own
    machine; not one that looks drawn by lot, or like a password of somebody's own.
    """
    text = value.strip().strip("\"'")
    if _is_long_draw(text) or is_app_password(text):
        return False
    kinds = sum(any(map(test, text)) for test in (str.islower, str.isupper, str.isdigit, _is_mark))
    random = len(text) >= _DRAWN and any(map(str.isdigit, text)) and any(map(str.isalpha, text)) and "-" not in text
    if re.search(_STAND_IN, text) is not None:
        return kinds < 4 or re.search(_ONLY_STAND_IN, text) is not None or len(re.sub(_PARTS, "", text)) < _CHOSEN
    return not (random or (kinds > 2 and len(text) >= _CHOSEN))


def is_fill_me_in(value: str) -> bool:
    """Whether a literal tells whoever reads it to write something else there: `YOUR_TOKEN_HERE`, `PATH/TO/MEDIA`."""
    return re.match(_FILL_ME_IN, value.strip().strip("\"'")) is not None


def repeats_name(name: str, value: str) -> bool:
    """Whether a literal says no more than the name of its variable, or that something is to be put there."""
    squeezed = "".join(_words(value))
    return squeezed == "".join(_words(name)) or squeezed.endswith("here")


def is_published(value: str) -> bool:
    """Whether a key drawn by lot is the sample of FastAPI's tutorial, which says itself that it is to be replaced."""
    return value.strip().strip("\"'").startswith(_OF_TUTORIAL)


def is_stand_in(value: str) -> bool:
    """Whether a literal says itself that it is a stand-in: made up, with a word for that (`postgres`, `changeme`)."""
    return is_made_up(value) and not is_drawn(value) and re.search(_STAND_IN, value) is not None


def is_drawn(value: str) -> bool:
    """Whether a literal looks drawn by lot though it is short: ten letters and digits or more that take turns, and no
    word of a stand-in. `fastapi2024` does not.
    """
    text = value.strip().strip("\"'")
    drawn = len(text) >= _CHOSEN and text.isalnum() and _turns(text) > 2 and re.search(_STAND_IN, text) is None
    return drawn or _is_long_draw(text) or is_app_password(text)


def is_app_password(text: str) -> bool:
    """Whether a text is a password for one application as Google draws and shows it: four groups of four letters."""
    return re.fullmatch(r"[a-z]{4}(?: [a-z]{4}){3}", text) is not None and re.search(_STAND_IN, text) is None


def _is_long_draw(text: str) -> bool:
    """Whether it is a key of hexadecimal digits as programs draw them (`openssl rand -hex 32`), in which `1234` stands
    by chance.
    """
    return len(text) >= _LONG and re.fullmatch("[0-9a-f]+|[0-9A-F]+", text) is not None and _turns(text) * 8 > len(text)


def _turns(text: str) -> int:
    """How often digits and other characters take turns."""
    return sum(one.isdigit() != other.isdigit() for one, other in pairwise(text))


def decoded(text: str) -> str:
    """What the escapes of a URL (`%40`) stand for; those beyond ASCII stay as they are."""
    return re.sub(r"%([2-7][0-9A-Fa-f])", lambda one: chr(int(one[1], 16)), text)


def is_guest(url: str, start: int, end: int) -> bool:
    """Whether the password at a place of a URL is that of the account that every RabbitMQ has: no secret of anybody."""
    head = url[:start].lower()
    return url[start:end] == "guest" and head.endswith(tuple(f"{one}://guest:" for one in ("amqp", "amqps", "http")))


def _is_mark(char: str) -> bool:
    return not char.isalnum()


def holds_a_secret(name: str, value: str) -> bool:
    """Whether a literal can be the secret that the name announces: not empty, not a switch, not the path or address
    of one or of an object in a bucket, not a placeholder, not a captcha's key for tests, not how often it may be asked
    for (`30/minute`), not how long it lasts or where it is sent, not how tokens are signed (`HS256`), no class. A
    number can be a password, but is no key or token.
    """
    text = value.strip()
    forms = (_SWITCH, _ALGORITHM, _ELSEWHERE, _FILE, _PLACEHOLDER, _RATE, _TEST_KEY, _DURATION, _CLASS, _HEADER)
    # Of `- API_KEY=""` in a list Compose keeps the quotes, by which people mean an empty one.
    if not text.strip("\"'") or any(re.match(one, text) for one in forms):
        return False
    words = _words(name)
    if words[-1:] == ["key"] and re.match(_OBJECT, text):
        return False
    if re.match(_NUMBER, text):
        return words[-1:] != [] and _is_password(words[-1]) and _SWITCHES.isdisjoint(words)
    return words[-1:] != ["auth"] or not re.match(_METHOD, text)


def signs_as_it_is(name: str, value: str) -> bool:
    """Whether a placeholder (`<secret>`) that is the value of a key of the program's own (`JWT_SECRET`, not
    `STRIPE_SECRET_KEY`) signs what the program signs: to the program it is a text as any other.
    """
    words = without_purpose(_words(name))
    signing = bool(words) and (words[-1] == "secret" or tuple(words[-2:]) in _KEY_PAIRS)
    return signing and _OF_SIGNERS.issuperset(words) and re.match(_SIGNS_AS_IT_IS, value.strip()) is not None


def _is_password(word: str) -> bool:
    return word in _PASSWORDS or word.endswith("password")


def passwords_in_urls(text: str) -> Iterator[tuple[int, int]]:
    """Where each password of a `scheme://user:password@host` stands in a text, placeholders (`<password>`) left out.

    The user ends at the first colon, the password at the last `@` of the authority, as URL parsers have it.
    """
    if "://" not in text:
        return
    for match in re.finditer(_AUTHORITY, text):
        credentials, at, host = match[1].rpartition("@")
        user, colon, password = credentials.partition(":")
        if at and host and colon and password and not re.match(_PLACEHOLDER, password):
            start = match.start(1) + len(user) + 1
            yield start, start + len(password)
