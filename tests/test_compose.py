"""Compose files: what they are, and what Compose refuses in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.model.compose import ComposeFile, Service, default_files
from dockerlint_fastapi.parsers.compose import MAX_BYTES, merge_files, parse_compose
from dockerlint_fastapi.source import Source


def parse(text: str | bytes, path: str = "compose.yaml") -> ComposeFile:
    return parse_compose(Source(path, text) if isinstance(text, bytes) else Source.of(text, path))


def said(text: str) -> list[tuple[str, str]]:
    return [(problem.span.text, problem.message) for problem in parse(text).problems]


def service(body: str) -> str:
    """A file with one service."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"services:\n  web:\n{lines}"


def test_a_sound_file() -> None:
    file = parse("name: x\nservices:\n  web: {image: a}\n  db: {image: b}\nvolumes:\n  data:\n")
    assert file.problems == ()
    assert list(file.services) == ["web", "db"]
    assert file.services["db"].span.text == "db"
    assert list(file.declared("volumes")) == ["data"]
    assert not file.foreign


# Recognition


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web:\n    image: {{ image }}\n",
        "services:\n  web:\n    image: repo/{{ cookiecutter.slug }}:1\n",
        "services:\n  web:\n    image: 'repo/{{ cookiecutter.slug }}'\n",
        "services:\n  web:\n{% if x %}\n    image: a\n{% endif %}\n",
        "services:\n  web:\n{%- for x in y %}\n    image: a\n{%- endfor %}\n",
        "services:\n  {{ name }}:\n    image: a\n",
        "services:\n{# note #}\n  web: {image: a}\n",
        "services:\n  web:\n    image: {{ .Values.image }}\n",
        "services: {{ services }}\n",
        "services:\n  web:\n    image: {{.Values.image}}\n",
        "image: {{ tag | default('x') }}\n  bad\n",
    ],
)
def test_templates_are_recognised_and_have_no_problems(text: str) -> None:
    file = parse(text)
    assert file.template is not None
    assert file.template.text in ("{{", "{%", "{#")
    assert file.problems == ()
    assert file.services == {}


@pytest.mark.parametrize(
    "value",
    [
        '"{{.Task.Slot}}"',
        "web-{{.Task.Slot}}",
        '"{{ range .Items }}{{ end }}"',
        "'{{ json . }}'",
        "a # {{ comment }}",
        "Host(`{{.Name}}`)",
        "'{% x %}'",
        "|\n      {{ range . }}\n      - {{ name }}",
        '"a\n      {{ name }}"',
    ],
)
def test_templates_of_docker_are_values(value: str) -> None:
    file = parse(f"services:\n  web:\n    hostname: {value}\n")
    assert file.template is None
    assert file.problems == ()
    assert "web" in file.services


@pytest.mark.parametrize("value", ["a-{{ name }}", "a/{{owner}}/{{my-image}}:1", "x:{{ tag | default(1) }}", "a{{b}}"])
def test_what_is_to_be_filled_in_is_unknown(value: str) -> None:
    file = parse(f"services:\n  web:\n    image: {value}\n    hostname: web-{{{{.Task.Slot}}}}\n  db: {{image: a}}\n")
    assert file.template is None
    assert file.problems == ()
    image, name = file.services["web"].image, file.services["web"].setting("hostname")
    assert image is not None
    assert name is not None
    assert (image.value, image.span.text, name.value) == (None, value, "web-{{.Task.Slot}}")


@pytest.mark.parametrize(
    "text", ["services:\n  web:\n    image: a-{{ b }}\n{% if x %}\n{% endif %}\n", "a-{{ b }}: x\n"]
)
def test_what_holds_more_than_values_stays_a_template(text: str) -> None:
    assert parse(text).template is not None


def test_the_format_of_before_services() -> None:
    file = parse("web:\n  image: a\n  ports: '80'\ndb:\n  build: .\n")
    assert file.legacy is not None
    assert file.legacy.text == "web"
    assert file.problems == ()
    assert not file.foreign


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nspec: {}\n",
        "apiVersion: v1\nkind: List\n---\napiVersion: v1\nkind: Pod\n",
        "name: ci\non: push\njobs:\n  a: {runs-on: x}\n",
        "replicas: 1\nimage:\n  tag: x\n",
        "- hosts: all\n  tasks: []\n",
        "- name: install\n  apt: name=x\n",
        "x-only: 1\n",
    ],
)
def test_other_yaml_is_foreign(text: str) -> None:
    file = parse(text)
    assert file.foreign
    assert file.problems == ()


@pytest.mark.parametrize("text", ["", "# nothing\n", "services:\n", "include: [a.yml]\n", "volumes:\n  a:\n"])
def test_what_may_be_an_overlay_has_no_problems(text: str) -> None:
    file = parse(text)
    assert file.problems == ()
    assert not file.foreign
    assert file.services == {}


# What Compose refuses


@pytest.mark.parametrize(
    ("text", "covers", "message"),
    [
        ("- a\n", "- a", "the top level must be a mapping, not a list"),
        ("a\n", "a", "the top level must be a mapping, not a string"),
        ("services: [a]\n", "[a]", "`services` must be a mapping, not a list"),
        ("services:\n  web: a\n", "a", "`web` must be a mapping, not a string"),
        ("services:\n  my web: {image: a}\n", "my web", "`my web` is no name for a service"),
        ("version: 3.8\nservices: {}\n", "3.8", "`version` must be a string, not the number 3.8"),
        ("volumes: [a]\n", "[a]", "`volumes` must be a mapping, not a list"),
        ("include: a.yml\n", "a.yml", "`include` must be a list, not a string"),
        (service('ports: "80"'), '"80"', "`ports` must be a list, not a string"),
        (service("ports: {80: 80}"), "80", "the key `80` is not a string"),
        (service("depends_on: db"), "db", "`depends_on` must be a list or a mapping, not a string"),
        (service("depends_on: {db: {condition: ready}}"), "ready", "`condition` cannot be `ready`"),
        (service("volumes: data:/x"), "data:/x", "`volumes` must be a list, not a string"),
        (service("environment: A=b"), "A=b", "`environment` must be a mapping or a list, not a string"),
        (service("environment: {A: [1]}"), "[1]", "`A` must be a string, a number, a boolean or empty, not a list"),
        (service("environment: [5]"), "5", "an item of `environment` must be a string, not the number 5"),
        (service("environment: [A=b, ]\nimage: 5"), "5", "`image` must be a string, not the number 5"),
        (service("restart: false"), "false", "`restart` must be a string, not the boolean false"),
        (service("user: 1000"), "1000", "`user` must be a string, not the number 1000"),
        (service("command: [sleep, 5]"), "5", "an item of `command` must be a string, not the number 5"),
        (service("command: 5"), "5", "`command` must be a string, a list or empty, not the number 5"),
        (service("healthcheck: {interval: 30}"), "30", "`interval` must be a string, not the number 30"),
        (service("healthcheck: [CMD, x]"), "[CMD, x]", "`healthcheck` must be a mapping, not a list"),
        (service("profiles: dev"), "dev", "`profiles` must be a list, not a string"),
        (service("volumes: [{target: /x}]"), "{target: /x}", "an item of `volumes` has no `type`"),
        (service("expose: 80"), "80", "`expose` must be a list, not the number 80"),
        (service("networks: a"), "a", "`networks` must be a list or a mapping, not a string"),
        (
            service("deploy: {replicas: 1.5}"),
            "1.5",
            "`replicas` must be a whole number or a string, not the number 1.5",
        ),
        (service("ports:\n  -\n"), "", "an item of `ports` must be a number, a string or a mapping, not empty"),
        (service("build: [.]"), "[.]", "`build` must be a string or a mapping, not a list"),
        (service("image: '${A%b}'"), "${A%b}", "`${A%b}` is no interpolation that Compose knows"),
        (service("command: a ${b c"), "${b c", "`${b c` is no interpolation that Compose knows"),
    ],
)
def test_refused(text: str, covers: str, message: str) -> None:
    assert (covers, message) in said(text)
    assert all(problem.expected for problem in parse(text).problems)


@pytest.mark.parametrize(
    "body",
    [
        "restart: no",
        "init: 'true'\nscale: '2'\nprivileged: ${P}",
        "deploy: {replicas: '${R:-2}', resources: {limits: {cpus: 0.5, memory: 1g}}}",
        "deploy:\ndevelop:",
        "ports: [80, '80', {target: 80, published: '80'}]\nexpose: [80, '81']",
        "environment: {A: 1, B: true, C: , D: x}",
        "env_file: [.env, {path: .e, required: false}]",
        "command:\nentrypoint: []",
        "depends_on: {db: {condition: '${C}'}, x: {condition: service_healthy, restart: true}}",
        "networks: {a: , b: {aliases: [c]}}",
        "tmpfs: /tmp\ndns: 1.1.1.1",
        "ports:\nvolumes:\nenvironment:",
        "ports: !reset null\nvolumes: !reset x\ndepends_on: !override [db]",
        "depends_on: {db: {restart: true}}",  # an overlay: its base has the condition
        "extra_hosts: ['a:1.2.3.4']\nulimits: {nofile: 5}\nlogging: {driver: none}",
        "newer_key: {of: [Compose]}\nx-mine: 5",
        "command: echo $$HOME ${A:-${B}} $5",
        "stop_grace_period: 1m30s\nuser: '1000'",
    ],
)
def test_accepted(body: str) -> None:
    assert said(service(body)) == []


def test_the_same_wrong_anchor_is_one_problem() -> None:
    text = "x-a: &a {image: 5}\nservices:\n  a: *a\n  b: *a\n  c:\n    <<: *a\n"
    assert [problem[1] for problem in said(text)].count("`image` must be a string, not the number 5") <= 2


def test_after_an_error_of_syntax_nothing_else_is_known() -> None:
    file = parse("services:\n  web: {image: 5\n")
    assert len(file.problems) == 1
    assert file.root is None
    assert file.services == {}


def test_a_huge_file_is_not_read() -> None:
    (problem,) = parse(b"a: b\n" * (MAX_BYTES // 5 + 1)).problems
    assert "more than dlf reads" in problem.message
    assert problem.span == (problem.span.source, 0, 0)


def test_utf_16_is_named() -> None:
    (problem,) = parse("services: {}\n".encode("utf-16")).problems
    assert "UTF-16" in problem.message


def test_documents_are_laid_over_each_other() -> None:
    file = parse(
        "services:\n  web: {image: a, ports: ['80:80']}\n---\nservices:\n  web: {image: b, ports: ['81:81']}\n"
    )
    web = file.services["web"]
    assert web.image is not None
    assert web.image.value == "b"
    assert [port.target.value for port in web.ports if port.target] == ["80", "81"]


# Names


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ((), ()),
        (("compose.override.yaml",), ()),
        (("docker-compose.yaml", "docker-compose.yml"), ("docker-compose.yml",)),
        (("compose.yaml", "compose.yml", "docker-compose.yml"), ("compose.yaml",)),
        (("compose.yml", "docker-compose.override.yml"), ("compose.yml", "docker-compose.override.yml")),
        (("compose.yaml", "compose.override.yaml", "compose.override.yml"), ("compose.yaml", "compose.override.yml")),
        (("compose.prod.yml", "compose.yml"), ("compose.yml",)),
    ],
)
def test_the_files_of_a_plain_up(names: tuple[str, ...], chosen: tuple[str, ...]) -> None:
    assert default_files(names) == chosen


# Properties

# the tokens of compose files, separated by blanks
WORDS = """
services: web: db: image: build: context: ports: volumes: environment: command: entrypoint: depends_on: healthcheck:
test: extends: file: service: include: path: networks: deploy: replicas: secrets: env_file: profiles: tmpfs: x-a:
a b . 80 '80:80' ${X:-1} ${X $$ A=b ./a:/b [ ] { } , - & *x &x <<: !reset !override 5 true null --- compose.yaml
""".split()
TEXT = st.lists(st.sampled_from([*WORDS, "\n", "\n  ", "\n    ", "\n      ", " ", " ", "\n- "]), max_size=50).map(
    "".join
)


def look_at(one: Service) -> None:
    """Asks a service everything."""
    for name in dir(Service):
        if not name.startswith("_"):
            getattr(one, name)
    for port in one.ports:
        _ = (port.public, port.target and port.target.numbers, port.published and port.published.references)
    for setting in (one.image, one.restart, one.replicas, one.user):
        if setting is not None:
            _ = (setting.number, setting.numbers, setting.flag, setting.seconds, setting.references)


@settings(deadline=None, max_examples=1000)
@given(TEXT, TEXT)
def test_any_text_is_read_asked_and_merged(first: str, second: str) -> None:
    files = [parse(first), parse(second, "other.yaml")]
    load = {"compose.yaml": files[0], "other.yaml": files[1]}.get
    merged = merge_files(files, load)
    for file in (*files, merged):
        for one in file.services.values():
            look_at(one)
        for problem in file.problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(problem.span.source.text)
        _ = file.includes


SHAPES = st.recursive(
    st.sampled_from(["a", "80", "8000:80", "./x:/y", "${X:-5}", "A=b", "5", "true", "", "no", "1m"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.dictionaries(
            st.sampled_from(
                ["a", "type", "source", "target", "path", "test", "condition", "context", "service", "file"]
            ),
            inner,
            max_size=3,
        ).map(lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs.items()) + "}"),
    ),
    max_leaves=6,
)
KEYS = """
image build ports volumes environment command entrypoint depends_on healthcheck extends networks deploy secrets configs
env_file profiles tmpfs user init scale restart expose labels develop network_mode extra_hosts logging ulimits dns
""".split()
BODY = st.dictionaries(st.sampled_from(KEYS), SHAPES, max_size=6)


@settings(deadline=None, max_examples=500)
@given(BODY, BODY, st.sampled_from(["", "!reset ", "!override "]))
def test_any_shape_of_a_setting_is_read_and_merged(first: dict[str, str], second: dict[str, str], tag: str) -> None:
    files = [
        parse(service("\n".join(f"{key}: {value}" for key, value in first.items()) or "{}")),
        parse(service("\n".join(f"{key}: {tag}{value}" for key, value in second.items()) or "{}"), "o.yaml"),
    ]
    for file in (*files, merge_files(files)):
        for one in file.services.values():
            look_at(one)
