"""Settings classes of pydantic: which environment variables code asks for, with what defaults."""

from __future__ import annotations

import re

from dockerlint_fastapi.model.evidence import is_example
from dockerlint_fastapi.record import NamedTuple
from dockerlint_fastapi.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dockerlint_fastapi.model.image import Image
    from dockerlint_fastapi.model.project import Project

_OF_OTHERS = r"(?i)[a-z0-9]_(?:api(?:_auth)?|bearer)_(?:key|token)\Z"  # what opens a service of somebody else
# What the program, or another part of it, asks its own callers for.
_OF_ITSELF = r"(?i)(?:\A|_)(?:internal|admin|master|backend|inter_?service)_api_(?:key|token)\Z"
# Of servers that ask for a password, and literals that say themselves that they are none.
_OF_SERVERS = (
    r"(?i)(?:\A|_)(?:db|database|postgres(?:ql)?|pg|mysql|mariadb|mongo(?:db)?|redis|rabbit(?:mq)?|amqp|kafka"
    r"|elastic(?:search)?|opensearch|clickhouse|neo4j|influx(?:db)?|ldap)_pass(?:word|wd)?\Z"
)
_PLACEHOLDER = (
    r"(?i)(?:your|my)[-_ ].*|<.*>|(?:please[-_ ]?)?change[-_ ]?(?:me|this|it).*|replace[-_ ]?me.*|x{3,}"
    r"|(?:dummy|fake|place[-_ ]?holder|todo|tbd|fill[-_ ]?me)\b.*|(?:a[-_ ])?dummy[-_ ]?\w+|none|null|unset|not[-_ ]set"
)
# Of a client of MinIO or the like: what the server takes is said where that is started.
_OF_STORES = r"(?i)(?:\A|_)(?:minio|s3|object_?(?:store|storage)|bucket)(?:_|\Z)"
_OF_AMAZON = r"(?i)(?:\A|_)(?:aws|s3)_"
_OF_EMULATORS = r"(?i)(?:test|testing|dummy|fake|mock|local|localstack|foo(?:bar)?)\Z"  # which take any key
_OF_FIREBASE = r"(?i)firebase|identitytoolkit|securetoken\.googleapis"
# A client of Google's that is billed for what is asked with its key.
_TO_GOOGLE = r"\b(?:genai|googlemaps)\.\w+\([^()]*\Z|\bdeveloperKey[ \t]*=[ \t]*[\"']\Z"
# A field of settings whose default is a variable with one of its own.
_ASKING_FIELD = r"[ \t]+(\w+)[ \t]*:[^=]+=[ \t]*os\.(?:getenv|environ\.get)\("
# What the program signs or encrypts with by itself.
_SIGNS = (
    r"(?i)(?:\A|_)(?:(?:jwt|session|cookie|csrf|auth|token)_(?:\w+_)?(?:key|secret)|secret_key|storage_secret"
    r"|sign(?:ing|ature)?_|encrypt\w*_|fernet)|\Asecret\Z"
)
# An object of settings as a whole, each of whose fields may be meant.
_READ = r"(?i)\b\w{0,40}(?:settings|config)(?:\(\))?\.([a-z_]{3,})"
_OF_CODE = (".py", ".sh", ".toml", ".conf", ".ini", ".js", ".ts", ".html", ".jinja", ".j2", "Makefile")
_TAKES_ALL = r"from_object\(|from_pyfile\(|\bdjango\b|(?i:dynaconf)|\bvars\(|\bglobals\(|import_module\(|__dict__"
_HANDED_ON = r"(?i)\*\*[ \t]*\w*(?:config|conf|cfg|setting|option|default|server|auth|data)"
_MANY = 5  # settings that are read where they are seen to be read
_DUMPED = (
    r"(?i)settings?(?:\(\))?\.(?:model_dump|dict|json|model_dump_json)\(|\bvars\(\w*settings"
    r"|getattr\(\w*settings,[ \t]*[^\"' \t]"
)


class SettingsField(NamedTuple):
    """One field of a settings class.

    `env_names` are the variables that can set it, the first that is set wins; None when that cannot be told.
    `default` is its value as text where it is a literal; None for no default, or one that is computed.
    """

    name: str
    span: Span  # the field's name
    annotation: str  # as written, "" for none
    required: bool | None  # whether it has no default; None when that cannot be told
    env_names: tuple[str, ...] | None
    default: str | None
    default_span: Span | None  # where the default's literal stands
    checked: bool  # whether a validator sees its value
    filled: bool = False  # whether a validator that runs before the others may give it one
    passed: bool = False  # whether all validators that see its default certainly hand it on as it is

    @property
    def guarded(self) -> bool:
        """Whether a validator may change or refuse its default."""
        return self.checked and not self.passed


class SettingsClass(NamedTuple):
    """A class that derives from `BaseSettings`, with the fields that it has and inherits, and where else it reads them.

    `complete` is False when some base, source or setting of it could not be read, so that fields may be set in ways
    that are not known here.
    """

    name: str
    span: Span  # its name
    fields: tuple[SettingsField, ...]
    case_sensitive: bool
    nested_delimiter: str | None
    env_files: tuple[str, ...] | None  # the files of variables that it reads, relative to the working directory
    secrets_dir: bool  # whether it reads files of a directory of secrets
    complete: bool

    def variable(self, field: SettingsField) -> str:
        """The variable that sets a field, as people write it: in capitals where case does not matter."""
        name = field.env_names[0] if field.env_names else field.name
        return name if self.case_sensitive else name.upper()

    def field(self, name: str) -> SettingsField | None:
        """The field of that name; None when there is none."""
        return next((one for one in self.fields if one.name == name), None)


class SettingsUse(NamedTuple):
    """A settings class that the application of a container makes an object of.

    `missing` are the required fields that certainly nothing sets there.
    """

    settings: SettingsClass
    made: Span  # the call that makes the object
    missing: tuple[SettingsField, ...]


class SecretDefault(NamedTuple):
    """A secret that stands in the application's code, to be used where nothing else sets it.

    `kind` is `field` (of a settings class), `url` (the password in the address that is a field's default), `empty` (a
    field that is an empty key by default), `variable` (the default of `os.getenv`), `constant` (of a module) or `flag`
    (of what the container starts).
    """

    name: str  # of the field, the variable or the constant
    span: Span  # the literal, or the password in it
    kind: str
    idle: str = ""  # the lines of its class that speak of it and never run: `60-64,80-81`
    fills_in: bool = False  # it is for where something else that the settings fetch is not there
    variables: tuple[str, ...] = ()  # any of which takes its place, even when it is empty
    any_case: bool = False  # of these, whether they are written in capitals or not makes no difference
    mode: str = ""  # the variable by whose default the program takes the settings that it stands in

    @property
    def signs(self) -> bool:
        """Whether the program signs or encrypts with it, by its name: whoever knows it gets in everywhere."""
        return signs(self.name)

    @property
    def address_name(self) -> str | None:
        """What the address is called in which the secret stands: a constant's name, or `DATABASE_URL`; None where it
        stands in none.
        """
        before = self.span.source.text[max(self.span.start - 300, 0) : self.span.start]
        if re.search(r"\w://[^\s\"'/]*$", before) is None:
            return None
        named = re.search(r"(?m)^[ \t]*([A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=[ \t(\n]*[rRfFbB]?[\"'][^\"'\n]*$", before)
        return named[1].upper() if named is not None else "DATABASE_URL"

    def is_replaced(self, names: Iterable[str]) -> bool:
        """Whether one of the variables that an image sets by ENV always takes its place."""
        if "env_ignore_empty" in self.span.source.text:
            return False
        set_here = {one.lower() for one in names} if self.any_case else {*names}
        return any((one.lower() if self.any_case else one) in set_here for one in self.variables)

    @property
    def opens_nothing(self) -> bool:
        """Whether it is a stand-in for what only somebody else's service checks (`TWITTER_API_KEY = "change-me"`), or
        the account that RabbitMQ has from the start: whoever knows it gets in nowhere. Amazon checks the keys of S3
        where the settings name no other endpoint, and an emulator that they may name takes any. Firebase's key of a web
        application is no secret: every page of that holds it.
        """
        from dockerlint_fastapi.model.secrets import is_made_up  # noqa: PLC0415  # few projects have any
        from dockerlint_fastapi.model.secrets.defaulted_secrets import (  # noqa: PLC0415  # as above
            is_blank,
            is_optional,
        )

        literal = self.span.text.strip("\"'")
        if is_blank(self.name, literal):
            return True
        if literal.startswith("AIza") and re.search(_OF_FIREBASE, self.span.source.text) is not None:
            before = self.span.source.text[max(self.span.start - 100, 0) : self.span.start]
            return re.search(_TO_GOOGLE, before) is None
        foreign = is_optional(self.name) or re.search(_OF_OTHERS, self.name) is not None
        foreign = foreign and not is_own_key(self.name)
        if not foreign and re.search(_OF_AMAZON, self.name) is not None:
            emulated = re.match(_OF_EMULATORS, literal) is not None
            foreign = emulated or "endpoint" not in self.span.source.text.lower()
        return literal == "guest" or (foreign and is_made_up(literal))

    def is_read(self, project: Project, image: Image | None = None) -> bool:
        """Whether some code of the project, or of the one folder that an image is built from, speaks of a field of a
        settings class, or of a key of a settings file, elsewhere than where it stands; True also for what is neither or
        no stand-in, and where nothing reads any setting in a way that is seen.
        """
        if self.looks_real:
            return True
        if self.kind == "constant" and not self.span.source.path.endswith(".py"):
            return not project.index.answer(_is_default_alone, self.name.rpartition(".")[2])
        name = self.name
        if self.kind == "variable" and "BaseSettings" in self.span.source.text:
            asking = re.match(_ASKING_FIELD, self.span.source.line(self.span.line))
            name = asking[1] if asking is not None else ""
        if not name or self.kind not in ("field", "variable") or (name is self.name and self.kind == "variable"):
            return True
        folder = image.contexts[0] if image is not None and len(image.contexts) == 1 else ""
        folder = folder if self.span.source.path.startswith(f"{folder}/") else ""
        where = (self.span.source.path, self.idle) if self.idle else ("", "")
        return bool(project.index.answer(_reads, name, *where, folder))

    def is_idle(self, project: Project) -> bool:
        """Whether it is a stand-in that the code gives to a name of a module of which no other line speaks, while other
        files do of other names of the module.
        """
        if self.kind not in ("variable", "constant") or self.looks_real:
            return False
        line = self.span.source.line(self.span.line)
        if self.kind == "constant":
            plain = self.span.source.path.endswith(".py") and re.match(rf"{re.escape(self.name)}[ \t]*[:=]", line)
            return bool(plain) and bool(project.index.answer(_is_dead, self.name, self.span.source.path))
        found = re.match(r"([A-Za-z_]\w*)[ \t]*(?::[^=]+)?=[^=]", line)
        return found is not None and bool(project.index.answer(_is_alone, found[1], self.span.source.path))

    def is_handed_out(self, project: Project) -> bool:
        """Whether it stands behind a variable (`os.getenv("MAPS_TOKEN") or DEFAULT_TOKEN`) that an example of the env
        file leaves empty, with a comment that the program has a key of its own for everybody then.
        """
        own = self.name.rpartition(".")[2]
        if self.kind != "constant" or self.signs or own not in self.span.source.text:
            return False
        asked = rf"(?:getenv|environ\.get)\([ \t]*[\"'](\w+)[\"'][ \t]*\)\s+or\s+(?:\w+\.)*{re.escape(own)}\b"
        found = re.search(asked, self.span.source.text)
        return found is not None and bool(project.index.answer(_is_left_empty, found[1]))

    @property
    def looks_real(self) -> bool:
        """Whether it looks drawn by lot, or chosen by somebody: no word that a developer's own machine is good for."""
        from dockerlint_fastapi.model.secrets import is_drawn, is_made_up  # noqa: PLC0415  # as above

        literal = self.span.text.strip("\"'")
        return is_drawn(literal) or not is_made_up(literal)

    def is_unused(self, project: Project) -> bool:
        """Whether it is a mere stand-in for the password of a server (`your_db_password`, `dummy`) that none of the
        project's compose files and env files gives to one: a client that has nothing else is refused. What a store such
        as MinIO takes is told where that is started, and its own `minioadmin` nowhere.
        """
        from dockerlint_fastapi.model.secrets import is_made_up  # noqa: PLC0415  # as above

        literal = self.span.text.strip("\"'")
        if re.search(_OF_STORES, self.name) is not None and is_made_up(literal):
            return literal == "minioadmin" or not _is_word(literal, project.index.gathered(composed_texts))
        if re.search(_OF_SERVERS, self.name) is None or re.fullmatch(_PLACEHOLDER, literal) is None:
            return False
        return bool(project.index.gathered(composed_texts)) and not project.index.answer(_is_told, literal)

    def __repr__(self) -> str:
        return f"SecretDefault({self.name!r}, line {self.span.line})"


def signs(name: str) -> bool:
    """Whether a program signs or encrypts with what has that name (`SECRET_KEY`, `jwt_secret`, `encryption_key`)."""
    from dockerlint_fastapi.model.secrets.defaulted_secrets import is_optional  # noqa: PLC0415  # few projects

    others = (_OF_AMAZON, _OF_STORES, _OF_OTHERS, r"(?i)(?:\A|_)(?:storage|oss|cos|r2|blob)_\w*key\Z")
    if is_optional(name) or any(re.search(one, name) is not None for one in others):
        return False
    return name == "key" or re.search(_SIGNS, name) is not None


def is_of_a_server(name: str) -> bool:
    """Whether it is by its name the password of a server that asks its clients for one (`DB_PASSWORD`)."""
    return re.search(_OF_SERVERS, name) is not None


def is_own_key(name: str) -> bool:
    """Whether a key opens the program itself by its name (`INTERNAL_API_KEY`), and not somebody else's service."""
    return re.search(_OF_ITSELF, name) is not None


def _reads(project: Project, name: str, place: str = "", idle: str = "", folder: str = "") -> bool:
    """Whether code below a folder may read a setting of that name, elsewhere than in lines of a file that never run."""
    defined = rf"[ \t]*(?:{re.escape(name)}[ \t]*[:=]|#)"
    others: set[str] = set()
    for path in sorted(project.paths):
        if folder and not path.startswith(f"{folder}/"):
            continue
        source = project.source_of(path) if path.endswith((".py", ".html", ".jinja", ".j2")) else None
        if source is None:
            continue
        text = _without(source.text, idle) if path == place else source.text
        lines = re.findall(rf"(?m)^.*\b{re.escape(name)}\b.*$", text)
        if any(not re.match(defined, line) for line in lines) or re.search(_DUMPED, source.text) is not None:
            return True
        others.update(re.findall(_READ, source.text))
    return len(others) < _MANY


def _is_default_alone(project: Project, key: str) -> bool:
    """Whether all that code says of a key of a settings file is that a table of defaults has it
    (`"auth_password": "password",`): nothing asks for it, and nothing hands a part of the settings on as arguments.
    """
    entry = rf"[ \t]*[\"']{re.escape(key)}[\"'][ \t]*:[ \t]*[\"'][^\"'\n]*[\"'][ \t]*,?[ \t]*(?:#.*)?\Z"
    found = False
    for path in sorted(project.paths):
        source = project.source_of(path) if path.endswith(_OF_CODE) else None
        text = source.text if source is not None else ""
        if "**" in text and re.search(_HANDED_ON, text) is not None:
            return False
        lines = re.findall(rf"(?m)^.*(?<!\w){re.escape(key)}(?!\w).*$", text) if key in text else ()
        if any(not path.endswith(".py") or not re.match(entry, line) for line in lines):
            return False
        found = found or bool(lines)
    return found


def _is_alone(project: Project, name: str, place: str) -> bool:
    """Whether no line of code speaks of a name but the one of a module that gives it a value, while other files speak
    of others that stand there, and nothing takes whole modules.
    """
    own = project.source_of(place)
    others = set(re.findall(r"(?m)^([A-Z][A-Z0-9_]{3,})[ \t]*(?::[^=\n]+)?=", own.text if own is not None else ""))
    count, read = 0, set[str]()
    for path in sorted(project.paths):
        source = project.source_of(path) if path.endswith(_OF_CODE) else None
        text = source.text if source is not None else ""
        if re.search(_TAKES_ALL, text) is not None:
            return False
        # `SECRET_KEY = config("SECRET_KEY", …)` says it twice in one line
        lines = re.findall(rf"(?m)^.*(?<!\w){re.escape(name)}(?!\w).*$", text) if name in text else ()
        count += len(lines)
        if path != place and path.endswith(".py"):
            read |= {one for one in others - read if one in text}
    return count == 1 and len(read) > 1


def _is_dead(project: Project, name: str, place: str) -> bool:
    """Whether nothing speaks of a constant of a module: no other line of that, no import of it, and no attribute of the
    module. Of `settings.SECRET_KEY` another object is asked.
    """
    stem = re.escape(place.rpartition("/")[2].removesuffix(".py"))
    bare, own = rf"(?<![\w.]){re.escape(name)}(?!\w)", 0
    asked = rf"\b{stem}\.{re.escape(name)}\b|\bfrom[ \t]+(?:[\w.]*\.)?{stem}[ \t]+import[ \t]+\*"
    renamed = rf"\b{stem}[ \t]+as[ \t]+(\w+)"
    for path in sorted(project.paths):
        source = project.source_of(path) if path.endswith(_OF_CODE) else None
        text = source.text if source is not None else ""
        if re.search(_TAKES_ALL, text) is not None or (stem in text and re.search(asked, text) is not None):
            return False
        if f".{name}" in text and any(f"{other}.{name}" in text for other in re.findall(renamed, text)):
            return False
        lines = re.findall(rf"(?m)^.*{bare}.*$", text) if name in text else ()
        own += len(re.findall(bare, text)) if lines and path == place else 0
        if path != place and any(not re.match(rf"[ \t]*{re.escape(name)}[ \t]*[:=]", line) for line in lines):
            return False
    return own == 1


def _is_left_empty(project: Project, variable: str) -> bool:
    """Whether an example of an env file has a variable without a value, below a comment about a default key."""
    empty = r"=(?:\"\"|'')?[ \t]*"
    comment = r"(?im)^#[^\n]*\bdefault\b[^\n]*\b(?:key|token)\b[^\n]*\n"
    said = rf"{comment}(?:#[^\n]*\n|\w+{empty}\n)*{variable}{empty}$"
    paths = (path for path in project.index.answer(_files_of_variables) if is_example(path))
    sources = (project.source_of(path) for path in paths)
    return any(one is not None and variable in one.text and re.search(said, one.text) is not None for one in sources)


def sets_unread_field(project: Project, variable: str) -> bool:
    """Whether all that code says of a variable is that it sets a field of a settings class, which nothing reads."""
    declared = rf"(?m)^[ \t]+(\w+)[ \t]*:[^=\n]+=\s*Field\(([^()]*[\"']{re.escape(variable)}[\"'][^()]*)\)"
    plain = rf"(?m)^[ \t]+({re.escape(variable)}|{re.escape(variable.lower())})[ \t]*:"
    fields: set[str] = set()
    for path in sorted(project.paths):
        source = project.source_of(path) if path.endswith(_OF_CODE) else None
        text = source.text if source is not None else ""
        if variable not in text and variable.lower() not in text:
            continue
        found = [one[0] for one in re.findall(declared, text)] if path.endswith(".py") else []
        if len(re.findall(rf"\b{re.escape(variable)}\b", text)) > len(found):
            return False  # something else asks for it
        fields.update(found, re.findall(plain, text) if path.endswith(".py") else ())
    return bool(fields) and not any(project.index.answer(_reads, name) for name in sorted(fields))


def is_literal_in_code(project: Project, variable: str) -> bool:
    """Whether all that code has of a variable's name is a constant of a module, given a literal there: nothing asks the
    environment for it, by its name in quotes, in a shell's words, or as a field of settings.
    """
    spoken = (
        rf"[\"'${{]{re.escape(variable)}\b|(?m:^[ \t]+(?:{re.escape(variable)}|{re.escape(variable.lower())})[ \t]*:)"
    )
    given = rf"(?m)^{re.escape(variable)}[ \t]*(?::[^=\n]+)?=[ \t]*[bBrRuU]?[\"']"
    found = False
    for path in sorted(project.paths):
        source = project.source_of(path) if path.endswith(_OF_CODE) else None
        text = source.text if source is not None else ""
        if variable not in text and variable.lower() not in text:
            continue
        if re.search(spoken, text) is not None or (variable in text and not path.endswith(".py")):
            return False
        found = found or re.search(given, text) is not None
    return found


def _without(text: str, lines: str) -> str:
    """A text without ranges of its lines."""
    kept = text.split("\n")
    for first, last in (one.split("-") for one in lines.split(",")):
        kept[int(first) - 1 : int(last)] = [""] * (int(last) - int(first) + 1)
    return "\n".join(kept)


def composed_texts(project: Project) -> Iterator[str]:
    """What the compose files hold that are part of some set."""
    return (file.source.text for one in project.own.deployments for file in one.merged.files)


def _is_told(project: Project, literal: str) -> bool:
    """Whether a compose file or an env file holds a text as a word."""
    if _is_word(literal, project.index.gathered(composed_texts)):
        return True
    environments = map(project.source_of, project.index.answer(_files_of_variables))
    return _is_word(literal, (one.text for one in environments if one is not None))


def _is_word(literal: str, texts: Iterable[str]) -> bool:
    word = rf"(?<!\w)(?<!\w-){re.escape(literal)}(?![\w-])"
    return any(literal in text and re.search(word, text) is not None for text in texts)


def _files_of_variables(project: Project) -> tuple[str, ...]:
    return tuple(path for path in project.paths if "env" in path.rpartition("/")[2].lower())
