"""What a service answers: short and long syntaxes, with values, defaults and places."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.model.compose import Mount, Port, Service, Setting, go_text, port_range
from dockerlint_fastapi.model.environment.interpolation import UNSET
from dockerlint_fastapi.parsers.compose import parse_compose
from dockerlint_fastapi.source import Source


def service(body: str, name: str = "web") -> Service:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    file = parse_compose(Source.of(f"services:\n  {name}:\n{lines}", "compose.yaml"))
    assert file.problems == ()
    return file.services[name]


def value(setting: Setting | None) -> str | None:
    assert setting is not None
    return setting.value


def test_an_empty_service_answers_nothing() -> None:
    web = service("{}")
    for question in (
        "image",
        "build",
        "command",
        "entrypoint",
        "healthcheck",
        "restart",
        "user",
        "replicas",
        "extends",
    ):
        assert getattr(web, question) is None
    for question in ("ports", "volumes", "environment", "env_files", "depends_on", "profiles", "networks", "secrets"):
        assert getattr(web, question) == ()
    assert web.init is False
    assert web.restart_policy is None


def test_settings_tell_value_and_default() -> None:
    web = service("image: repo:${TAG:-1}\nuser: ${UID}\nrestart: 'no'\nhostname: ${H:?set it}\ndomainname: a$$b")
    assert web.image is not None
    assert (web.image.value, web.image.default, web.image.text) == (None, "repo:1", "repo:${TAG:-1}")
    assert [reference.name for reference in web.image.references] == ["TAG"]
    assert web.user is not None
    assert (web.user.value, web.user.default) == (None, "")
    assert value(web.restart) == "no"
    hostname = web.setting("hostname")
    assert hostname is not None
    assert hostname.default is None
    assert value(web.setting("domainname")) == "a$b"


def test_a_lookup_makes_values_known() -> None:
    web = service("image: repo:${TAG:-1}\nuser: ${UID:-5}")
    web.file.lookup = {"TAG": "2", "UID": UNSET}.get  # type: ignore[assignment]
    assert value(web.image) == "repo:2"
    assert value(web.user) == "5"


def test_build_in_both_syntaxes() -> None:
    short = service("build: ./api").build
    assert short is not None
    assert value(short.context) == "./api"
    assert short.dockerfile is None
    long = service(
        "build:\n  context: ..\n  dockerfile: docker/Dockerfile\n  target: prod\n  args: {A: 1, B: }\n"
        "  dockerfile_inline: FROM x"
    ).build
    assert long is not None
    assert [value(part) for part in (long.context, long.dockerfile, long.target, long.inline)] == [
        "..",
        "docker/Dockerfile",
        "prod",
        "FROM x",
    ]
    assert [(argument.name, argument.value, argument.raw) for argument in long.args] == [
        ("A", "1", "1"),
        ("B", None, None),
    ]


ENVIRONMENTS = [
    ("- A=b", ("A", "b", "b", "b")),
    ("- A=", ("A", "", "", "")),
    ("- A=b=c", ("A", "b=c", "b=c", "b=c")),
    ("- A", ("A", None, None, None)),
    ("- A=${X:-y}", ("A", None, "${X:-y}", "y")),
    ("- A=${X:?m}", ("A", None, "${X:?m}", None)),
    ("- A=$$b", ("A", "$b", "$$b", "$b")),
    ("- 'A=it''s'", ("A", "it's", "it's", "it's")),
    ("A: b", ("A", "b", "b", "b")),
    ("A: 0777", ("A", "511", "0777", "511")),
    ("A: 1e3", ("A", "1000", "1e3", "1000")),
    ("A: True", ("A", "true", "True", "true")),
    ("A: 3.10", ("A", "3.1", "3.10", "3.1")),
    ("A: '3.10'", ("A", "3.10", "3.10", "3.10")),
    ("A: yes", ("A", "yes", "yes", "yes")),
    ("A:", ("A", None, None, None)),
    ("A: ''", ("A", "", "", "")),
    ("A: ${X}", ("A", None, "${X}", "")),
]


@pytest.mark.parametrize(("line", "expected"), ENVIRONMENTS)
def test_environment(line: str, expected: tuple[str, str | None, str | None, str | None]) -> None:
    web = service(f"environment:\n  {line}")
    (variable,) = web.environment
    assert (variable.name, variable.value, variable.raw, variable.default) == expected
    assert variable.span.text.strip("'").startswith("A")
    assert variable == web.variable("A")


def test_the_later_of_two_variables_counts() -> None:
    assert [(one.name, one.value) for one in service("environment: [A=1, B=2, A=3]").environment] == [
        ("A", "3"),
        ("B", "2"),
    ]


@pytest.mark.parametrize("line", ["- A=b ${X}", '- "A=b ${X}"', "A: b ${X}", "A: 'b ${X}'"])
def test_the_place_of_a_variable_s_value(line: str) -> None:
    (variable,) = service(f"environment:\n  {line}").environment
    assert variable.value_span.text.strip("'") == "b ${X}"


def test_env_files() -> None:
    assert [(file.path.value, file.required) for file in service("env_file: .env").env_files] == [(".env", True)]
    files = service("env_file: [.env, {path: b, required: false}, {path: '${C}', required: '${D}'}]").env_files
    assert [(file.path.value, file.required) for file in files] == [(".env", True), ("b", False), (None, None)]


def parts(port: Port) -> tuple[str | None, str | None, str | None, str | None]:
    return (
        port.host_ip.value if port.host_ip else "-",
        port.published.value if port.published else "-",
        port.target.value if port.target else "-",
        port.protocol,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("80", ("-", "-", "80", "tcp")),
        ("'80'", ("-", "-", "80", "tcp")),
        ("'8000:80'", ("-", "8000", "80", "tcp")),
        ("22:22", ("-", "22", "22", "tcp")),
        ("'127.0.0.1:8000:80/udp'", ("127.0.0.1", "8000", "80", "udp")),
        ("'127.0.0.1::80'", ("127.0.0.1", "-", "80", "tcp")),
        ("'[::1]:8000:80'", ("[::1]", "8000", "80", "tcp")),
        ("'8000-8005:80-85'", ("-", "8000-8005", "80-85", "tcp")),
        ("'${P:-8000}:80'", ("-", None, "80", "tcp")),
        ("'${IP:-127.0.0.1}:8000:80'", (None, "8000", "80", "tcp")),
        ("'80/${PROTO}'", ("-", "-", "80", None)),
        ("{target: 80, published: '8000', host_ip: 127.0.0.1, protocol: udp}", ("127.0.0.1", "8000", "80", "udp")),
        ("{target: 80}", ("-", "-", "80", "tcp")),
    ],
)
def test_ports(text: str, expected: tuple[str | None, ...]) -> None:
    (port,) = service(f"ports:\n  - {text}").ports
    assert parts(port) == expected


def test_a_port_s_default_and_places() -> None:
    (port,) = service('ports: ["${IP:-127.0.0.1}:${P:-8000}:80/udp"]').ports
    assert port.host_ip is not None
    assert port.published is not None
    assert port.target is not None
    assert (port.host_ip.default, port.published.default, port.target.default) == ("127.0.0.1", "8000", "80")
    assert [part.span.text for part in (port.host_ip, port.published, port.target)] == [
        "${IP:-127.0.0.1}",
        "${P:-8000}",
        "80",
    ]
    (whole,) = service('ports: ["${PORTS:-127.0.0.1:1:2}"]').ports
    assert whole.target is not None
    assert (whole.target.value, whole.target.default) == (None, "2")
    assert whole.host_ip is not None
    assert whole.host_ip.default == "127.0.0.1"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("80:80", True),
        ("127.0.0.1:80:80", False),
        ("0.0.0.0:80:80", True),
        ("${IP}:80:80", None),
        ("${P:-80}:80", True),
        ("${P}:80", None),
        ("${DB_PORT:?not set}:80", True),
        ("${HOST:?not set}:80", None),
    ],
)
def test_public_ports(text: str, public: bool | None) -> None:  # noqa: FBT001 - a table
    (port,) = service(f'ports: ["{text}"]').ports
    assert port.public is public


def shown(mount: Mount) -> tuple[str | None, str | None, str | None, bool | None]:
    return (
        mount.type,
        mount.source.value if mount.source else "-",
        mount.target.value if mount.target else "-",
        mount.read_only,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data:/var/lib", ("volume", "data", "/var/lib", False)),
        ("./src:/app:ro", ("bind", "./src", "/app", True)),
        (".:/app:rw,z", ("bind", ".", "/app", False)),
        ("~/x:/x", ("bind", "~/x", "/x", False)),
        ("/anonymous", ("volume", "-", "/anonymous", False)),
        ("'C:\\data:/x:ro'", ("bind", "C:\\data", "/x", True)),
        ("'${DIR:-./data}:/var/lib:ro'", (None, None, "/var/lib", True)),
        ("'./${DIR}:/var/lib'", ("bind", None, "/var/lib", False)),
        ("data:/x:${MODE}", ("volume", "data", "/x", None)),
        ("{type: bind, source: ., target: /x, read_only: true}", ("bind", ".", "/x", True)),
        ("{type: tmpfs, target: /x}", ("tmpfs", "-", "/x", False)),
    ],
)
def test_volumes(text: str, expected: tuple[str | bool | None, ...]) -> None:
    (mount,) = service(f"volumes:\n  - {text}").volumes
    got = shown(mount)
    if expected[1] is None:
        assert mount.source is not None
        assert mount.source.value is None
    assert got == expected


def test_a_mount_with_a_default_directory() -> None:
    (mount,) = service("volumes:\n  - ${DIR:-./data}:/var/lib/data").volumes
    assert mount.source is not None
    assert (mount.default_type, mount.source.default, mount.source.span.text) == ("bind", "./data", "${DIR:-./data}")


def test_depends_on_in_both_syntaxes() -> None:
    assert [(one.name, one.condition, one.required) for one in service("depends_on: [db, cache]").depends_on] == [
        ("db", "service_started", True),
        ("cache", "service_started", True),
    ]
    (one,) = service("depends_on: {db: {condition: service_healthy, required: false, restart: true}}").depends_on
    assert (one.name, one.condition, one.required, one.restart) == ("db", "service_healthy", False, True)
    assert one.condition_span is not None
    assert one.condition_span.text == "service_healthy"


def test_healthchecks() -> None:
    check = service("healthcheck:\n  test: [CMD, curl, '-f', x]\n  interval: 1m30s\n  retries: 3").healthcheck
    assert check is not None
    assert check.form == "CMD"
    assert [argument.value for argument in check.arguments] == ["curl", "-f", "x"]
    assert check.interval is not None
    assert check.interval.seconds == 90
    assert check.retries is not None
    assert check.retries.number == 3
    assert check.disabled is False
    for test in ("curl x || exit 1", "[CMD-SHELL, curl x || exit 1]"):
        shell = service(f"healthcheck: {{test: {test}}}").healthcheck
        assert shell is not None
        assert shell.form == "CMD-SHELL"
        assert value(shell.script) == "curl x || exit 1"
    for body in ("{disable: true}", "{test: [NONE]}"):
        off = service(f"healthcheck: {body}").healthcheck
        assert off is not None
        assert off.disabled is True
    bad = service("healthcheck: {test: [curl, x]}").healthcheck
    assert bad is not None
    assert bad.form is None
    assert bad.test is not None


def test_commands_as_lists() -> None:
    command = service("command: [uvicorn, 'a:b', '--port', '${PORT:-8000}']").command
    assert command is not None
    assert command.arguments is not None
    assert [argument.value for argument in command.arguments] == ["uvicorn", "a:b", "--port", None]
    assert command.default is not None
    assert [argument.value for argument in command.default] == ["uvicorn", "a:b", "--port", "8000"]
    assert (command.string, command.certain, command.cleared) == (False, False, False)
    assert command.arguments[1].span.text == "'a:b'"


@pytest.mark.parametrize(("body", "cleared"), [("[]", True), ("''", True), ("a", False), ("[a]", False)])
def test_cleared_commands(body: str, cleared: bool) -> None:  # noqa: FBT001 - a table
    entrypoint = service(f"entrypoint: {body}").entrypoint
    assert entrypoint is not None
    assert entrypoint.cleared is cleared


def test_null_is_the_image_s_own_command() -> None:
    assert service("command:").command is None


def test_commands_as_strings() -> None:
    command = service("command: uvicorn app:app --host '0.0.0.0' --port ${PORT:-80 00} $$HOME").command
    assert command is not None
    assert command.string
    assert command.arguments is not None
    assert [argument.value for argument in command.arguments] == [
        "uvicorn",
        "app:app",
        "--host",
        "0.0.0.0",
        "--port",
        None,
        "$HOME",
    ]
    assert [argument.span.text for argument in command.arguments][3:] == [
        "'0.0.0.0'",
        "--port",
        "${PORT:-80 00}",
        "$$HOME",
    ]
    assert command.default is not None
    assert [argument.value for argument in command.default][5:] == ["80", "00", "$HOME"]


def test_the_place_of_a_word_in_a_folded_command() -> None:
    command = service("command: >\n  uvicorn app:app\n  --port 8000\n").command
    assert command is not None
    assert command.arguments is not None
    assert [(argument.value, argument.span.text, argument.span.line) for argument in command.arguments] == [
        ("uvicorn", "uvicorn", 4),
        ("app:app", "app:app", 4),
        ("--port", "--port", 5),
        ("8000", "8000", 5),
    ]


def test_what_compose_drops_of_a_command() -> None:
    command = service("command: alembic upgrade head && uvicorn app:app").command
    assert command is not None
    assert command.arguments is not None
    assert [argument.value for argument in command.arguments] == ["alembic", "upgrade", "head"]
    assert command.dropped is not None
    assert command.dropped.text == "&& uvicorn app:app"


def test_a_command_that_cannot_be_split() -> None:
    command = service("command: echo (a)").command
    assert command is not None
    assert command.arguments is None
    assert command.problem is not None


def test_the_rest() -> None:
    web = service(
        "expose: [80, '81']\nprofiles: [dev]\nnetwork_mode: host\ninit: true\n"
        "deploy: {replicas: 2, restart_policy: {condition: any}}\nnetworks: {a: {aliases: [x]}, b: }\n"
        "extends: {service: base, file: c.yml}\ndevelop: {watch: [{path: ., action: sync, target: /x}]}\n"
        "labels: [a=b]\nsecrets: [s, {source: t, target: u}]\nconfigs: [c]\ntmpfs: /tmp"
    )
    assert [value(port) for port in web.expose] == ["80", "81"]
    assert [value(profile) for profile in web.profiles] == ["dev"]
    assert value(web.network_mode) == "host"
    assert web.init is True
    assert web.replicas is not None
    assert web.replicas.number == 2
    assert web.restart_policy is not None
    assert [(network.name, [value(alias) for alias in network.aliases]) for network in web.networks] == [
        ("a", ["x"]),
        ("b", []),
    ]
    assert web.extends is not None
    assert (value(web.extends.service), value(web.extends.file)) == ("base", "c.yml")
    (watch,) = web.watch
    assert (value(watch.path), watch.action, value(watch.target)) == (".", "sync", "/x")
    assert [(label.name, label.value) for label in web.labels] == [("a", "b")]
    assert [(value(one.source), one.target and one.target.value) for one in web.secrets] == [("s", None), ("t", "u")]
    assert [value(one.source) for one in web.configs] == ["c"]
    assert [value(one) for one in web.tmpfs] == ["/tmp"]
    assert service("scale: 3").replicas is not None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30.0), ("1m30s", 90.0), ("1.5h", 5400.0), ("500ms", 0.5), ("30", None), ("s", None), ("", None)],
)
def test_durations(text: str, seconds: float | None) -> None:
    setting = service(f"stop_grace_period: '{text}'").setting("stop_grace_period")
    assert setting is not None
    assert setting.seconds == seconds


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", range(80, 81)),
        ("80-82", range(80, 83)),
        ("82-80", None),
        ("x", None),
        ("99999", None),
        (None, None),
        ("\u0661", None),
    ],
)
def test_port_ranges(text: str | None, ports: range | None) -> None:
    assert port_range(text) == ports


@pytest.mark.parametrize(
    ("held", "text"),
    [
        (1, "1"),
        (True, "true"),
        (1000.0, "1000"),
        (0.1, "0.1"),
        (1e21, "1e+21"),
        (1e20, "1" + "0" * 20),
        (float("inf"), "+Inf"),
        (-0.0, "-0"),
    ],
)
def test_numbers_as_compose_prints_them(held: float, text: str) -> None:
    assert go_text(held) == text
