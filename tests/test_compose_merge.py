"""Overlays, `extends`, `include` and `!reset`, as compose-go merges them."""

from __future__ import annotations

import pytest

from dockerlint_fastapi.model.compose import ComposeFile, Mapping, Node, Scalar, Sequence, Service
from dockerlint_fastapi.parsers.compose import merge_files, parse_compose
from dockerlint_fastapi.source import Source


def parse(text: str, path: str) -> ComposeFile:
    file = parse_compose(Source.of(text, path))
    assert file.problems == ()
    return file


def data(node: Node | None) -> object:
    if isinstance(node, Mapping):
        return {entry.key.text: data(entry.value) for entry in node}
    if isinstance(node, Sequence):
        return [data(item) for item in node]
    assert isinstance(node, Scalar)
    return node.value


def body(text: str, path: str) -> ComposeFile:
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return parse(f"services:\n  web:\n    image: i\n{lines}", path)


def overlaid(base: str, over: str) -> Service:
    merged = merge_files([body(base, "compose.yaml"), body(over, "over/prod.yaml")])
    assert merged.problems == ()
    return merged.services["web"]


@pytest.mark.parametrize(
    ("key", "base", "over", "expected"),
    [
        ("restart", "a", "b", "b"),
        ("restart", "a", "", "a"),
        ("command", "[a, b]", "[c]", ["c"]),
        ("command", "[a]", "", None),
        ("entrypoint", "[a]", "b", "b"),
        ("healthcheck", "{test: [CMD, a], retries: 1}", "{test: [CMD, b]}", {"test": ["CMD", "b"], "retries": 1}),
        ("environment", "[A=1, B=2]", "[B=3, C]", ["A=1", "B=3", "C"]),
        ("environment", "{A: 1, B: 2}", "{B: 3, C: }", {"A": 1, "B": 3, "C": None}),
        ("environment", "{A: 1, B: 2}", "{B: }", {"A": 1, "B": None}),
        ("environment", "[A=1, B=2]", "{B: 3}", {"A": "1", "B": 3}),
        ("environment", "{A: 1}", "[A=2, B]", {"A": "2", "B": None}),
        ("labels", "{a: 1}", "", {"a": 1}),
        ("ports", "['80:80']", "['81:80', '80:80/tcp']", ["80:80/tcp", "81:80"]),
        ("ports", "['80:80']", "['80:80/udp']", ["80:80", "80:80/udp"]),
        ("ports", "['80:80']", "[{target: 80, published: '80'}]", [{"target": 80, "published": "80"}]),
        ("volumes", "['aa:/x', 'bb:/y']", "['./c:/x:ro']", ["./c:/x:ro", "bb:/y"]),
        (
            "volumes",
            "['aa:/x']",
            "[{type: bind, source: ., target: /x}]",
            [{"type": "bind", "source": ".", "target": "/x"}],
        ),
        ("secrets", "[a]", "[{source: b, target: /run/secrets/a}]", [{"source": "b", "target": "/run/secrets/a"}]),
        ("expose", "[80]", "['80', 81]", ["80", 81]),
        ("profiles", "[a]", "[a, b]", ["a", "b"]),
        ("env_file", "a", "[b, {path: a, required: false}]", [{"path": "a", "required": False}, "b"]),
        ("dns", "1.1.1.1", "[8.8.8.8]", ["1.1.1.1", "8.8.8.8"]),
        ("build", ".", "{target: x, args: [A=1]}", {"context": ".", "target": "x", "args": ["A=1"]}),
        ("build", "{context: ., args: {A: 1}}", "{args: [A=2]}", {"context": ".", "args": {"A": "2"}}),
        ("build", "{context: ., target: x}", "..", {"context": "..", "target": "x"}),
        (
            "depends_on",
            "[a]",
            "{b: {condition: service_healthy}}",
            {"a": {"condition": "service_started", "required": True}, "b": {"condition": "service_healthy"}},
        ),
        ("networks", "[a]", "{b: {aliases: [c]}}", {"a": None, "b": {"aliases": ["c"]}}),
        ("networks", "{a: {aliases: [x]}}", "[a]", {"a": {"aliases": ["x"]}}),
        ("logging", "{driver: a, options: {x: 1}}", "{driver: b}", {"driver": "b"}),
        ("logging", "{driver: a, options: {x: 1}}", "{options: {y: 2}}", {"driver": "a", "options": {"x": 1, "y": 2}}),
        ("ulimits", "{nofile: {soft: 1, hard: 2}}", "{nofile: 5}", {"nofile": 5}),
        ("extra_hosts", "['a:1']", "{b: '2'}", ["a:1", "b=2"]),
        (
            "deploy",
            "{replicas: 1, labels: {a: 1}}",
            "{replicas: 2, labels: {b: 2}}",
            {"replicas": 2, "labels": {"a": 1, "b": 2}},
        ),
        ("cap_add", "[A]", "[A, B]", ["A", "B"]),
        ("ports", "['80:80']", "!reset []", "gone"),
        ("ports", "['80:80']", "!override ['81:81']", ["81:81"]),
        ("environment", "{A: 1, B: 2}", "{A: !reset null}", {"B": 2}),
        ("healthcheck", "{test: x, retries: 1}", "{retries: !reset 5}", {"test": "x"}),
    ],
)
def test_overlays(key: str, base: str, over: str, expected: object) -> None:
    web = overlaid(f"{key}: {base}", f"{key}: {over}")
    got = web.node(key)
    assert ("gone" if got is None else data(got)) == expected


def test_every_value_remembers_its_file() -> None:
    web = overlaid("environment: [A=1, B=2]\nrestart: a", "environment: [B=3]\nuser: b\nrestart: c")
    assert [(one.name, one.value, one.span.source.path) for one in web.environment] == [
        ("A", "1", "compose.yaml"),
        ("B", "3", "over/prod.yaml"),
    ]
    assert web.span.source.path == "compose.yaml"
    for question in (web.user, web.restart):
        assert question is not None
        assert question.span.source.path == "over/prod.yaml"
    span = web.key_span("restart")
    assert span is not None
    assert span.source.path == "over/prod.yaml"


def test_mixed_environments_keep_their_places() -> None:
    web = overlaid("environment: ['A=1']", "environment: {B: 2}")
    assert [(one.name, one.value, one.value_span.text, one.span.text) for one in web.environment] == [
        ("A", "1", "1", "'A=1'"),
        ("B", "2", "2", "B: 2"),
    ]


def test_services_and_volumes_of_both_files() -> None:
    merged = merge_files(
        [
            parse("services: {a: {image: x}}\nvolumes: {v: }\n", "compose.yaml"),
            parse("services: {b: {image: y}, a: {user: u}}\nvolumes: {w: {driver: d}}\n", "o.yaml"),
        ]
    )
    assert list(merged.services) == ["a", "b"]
    assert list(merged.declared("volumes")) == ["v", "w"]
    assert [file.source.path for file in merged.files] == ["compose.yaml", "o.yaml"]
    assert merged.services["a"].file is merged


def test_a_base_s_own_reset_is_gone_before_the_overlay() -> None:
    web = overlaid("ports: !reset ['80:80']", "ports: ['81:81']")
    assert data(web.node("ports")) == ["81:81"]


def test_what_only_the_whole_shows() -> None:
    base, over = body("environment:\nports: [80]", "compose.yaml"), body("ports:\nuser: a", "o.yaml")
    merged = merge_files([base, over])
    assert [problem.message for problem in merged.problems] == ["`environment` must be a mapping or a list, not empty"]
    assert merge_files([base, body("environment: [A=1]", "o.yaml")]).problems == ()


def test_what_cannot_be_merged() -> None:
    base = body("deploy: {labels: {a: b}, update_config: {a: b}}", "compose.yaml")
    over = body("storage_opt: {}\ndeploy: {placement: {}}", "o.yaml")
    assert merge_files([base, over]).problems == ()
    first = body("blkio_config: {a: b}", "compose.yaml")
    (problem,) = merge_files([first, body("blkio_config: [a]", "o.yaml")]).problems
    assert problem.message == "this cannot be laid over a mapping (`compose.yaml`, line 4)"
    assert problem.span.text == "[a]"


# extends


def test_extends_within_a_file() -> None:
    text = (
        "services:\n  base: {image: a, environment: [A=1, B=1], command: [x]}\n"
        "  middle: {extends: base, environment: [B=2]}\n"
        "  web: {extends: {service: middle}, command: [y], environment: [C=3]}\n"
    )
    web = merge_files([parse(text, "compose.yaml")]).services["web"]
    assert data(web.node("environment")) == ["A=1", "B=2", "C=3"]
    assert data(web.node("command")) == ["y"]
    assert web.image is not None
    assert web.image.value == "a"
    assert web.extends is None


def test_extends_of_another_file_relative_to_it() -> None:
    files = {
        "common/base.yml": parse(
            "services: {app: {extends: {file: ../deep.yml, service: d}, user: u}}\n", "common/base.yml"
        ),
        "deep.yml": parse("services: {d: {image: deep}}\n", "deep.yml"),
    }
    main = parse("services: {web: {extends: {file: common/base.yml, service: app}}}\n", "compose.yaml")
    merged = merge_files([main], files.get)
    web = merged.services["web"]
    assert web.image is not None
    assert (web.image.value, web.image.span.source.path) == ("deep", "deep.yml")
    assert not merged.incomplete
    assert [file.source.path for file in merged.files] == ["compose.yaml", "common/base.yml", "deep.yml"]


def test_extends_resets_what_it_inherits() -> None:
    text = "services:\n  a: {image: i, ports: [80], user: u}\n  b: {extends: a, ports: !reset [], user: !override v}\n"
    b = merge_files([parse(text, "compose.yaml")]).services["b"]
    assert b.ports == ()
    assert b.user is not None
    assert b.user.value == "v"


def test_extends_in_a_circle() -> None:
    text = "services:\n  a: {image: i, extends: b}\n  b: {extends: c}\n  c: {extends: a}\n"
    merged = merge_files([parse(text, "compose.yaml")])
    assert merged.problems[0].message.startswith("`extends` goes in a circle: a -> b -> c -> a")
    assert merged.problems[0].span.text == "a"
    assert set(merged.services) == {"a", "b", "c"}


@pytest.mark.parametrize(
    "extends",
    ["{file: absent.yml, service: a}", "{file: '${F}', service: a}", "{file: ../../out.yml, service: a}", "'${S}'"],
)
def test_what_cannot_be_read_makes_the_model_incomplete(extends: str) -> None:
    main = parse(f"services: {{web: {{extends: {extends}, environment: }}}}\n", "compose.yaml")
    merged = merge_files([main], lambda _path: None)
    assert merged.incomplete
    assert merged.problems == ()
    assert "web" in merged.services


def test_a_chain_of_extends_without_end() -> None:
    lines = ["services:", "  s0: {image: a}"] + [
        f"  s{i}: {{extends: s{i - 1}, labels: [l{i}=1]}}" for i in range(1, 300)
    ]
    merged = merge_files([parse("\n".join(lines), "compose.yaml")])
    assert not merged.incomplete
    backwards = merge_files([parse("\n".join([lines[0], *reversed(lines[1:])]), "compose.yaml")])
    assert backwards.incomplete
    assert backwards.problems == ()


# include


def test_include_and_what_wins() -> None:
    files = {
        "db/compose.yml": parse(
            "services: {db: {image: a, user: u}, x: {image: x}}\nvolumes: {v: }\n", "db/compose.yml"
        ),
        "db/more.yml": parse("services: {x: {image: y}}\n", "db/more.yml"),
    }
    main = parse(
        "include:\n  - path: [db/compose.yml, db/more.yml]\nservices: {web: {image: w}, db: {image: b}}\n",
        "compose.yaml",
    )
    merged = merge_files([main], files.get)
    images = {name: one.image.value for name, one in merged.services.items() if one.image}
    assert images == {"web": "w", "db": "b", "x": "y"}
    user = merged.services["db"].user
    assert user is not None
    assert user.span.source.path == "db/compose.yml"
    assert list(merged.declared("volumes")) == ["v"]
    assert not merged.incomplete


def test_include_in_a_circle() -> None:
    files = {
        "a.yml": parse("include: [b.yml]\nservices: {a: {image: a}}\n", "a.yml"),
        "b.yml": parse("include: [a.yml]\nservices: {b: {image: b}}\n", "b.yml"),
    }
    merged = merge_files([files["a.yml"]], files.get)
    assert [problem.message for problem in merged.problems] == ["`include` goes in a circle: a.yml -> b.yml -> a.yml"]
    assert set(merged.services) == {"a", "b"}


@pytest.mark.parametrize("path", ["absent.yml", "${X}", "oci://x/y", "https://x/y.git", "../out.yml", "/etc/x.yml"])
def test_an_include_that_cannot_be_read(path: str) -> None:
    asked: list[str] = []
    main = parse(f"include: ['{path}']\nservices: {{web: {{image: w}}}}\n", "compose.yaml")
    merged = merge_files([main], asked.append)  # type: ignore[func-returns-value]
    assert merged.incomplete
    assert asked in ([], ["absent.yml"])
    assert set(merged.services) == {"web"}


def test_includes_that_double_cost_nothing() -> None:
    files = {
        f"{i}.yml": parse(
            (f"include: [{i + 1}.yml, {{path: {i + 1}.yml}}]\n" if i < 40 else "")
            + f"services: {{s{i}: {{image: a}}}}\n",
            f"{i}.yml",
        )
        for i in range(41)
    }
    merged = merge_files([files["0.yml"]], files.get)
    assert len(merged.services) == 41


def test_bombs_of_aliases_are_merged_once() -> None:
    def bomb(key: str) -> str:
        lines = [f"x-a0: &a0 {{{key}: [v]}}"]
        lines += [f"x-a{i}: &a{i} {{{', '.join(f'k{j}: *a{i - 1}' for j in range(9))}}}" for i in range(1, 30)]
        return "\n".join([*lines, "services: {web: {image: i, storage_opt: *a29}}", ""])

    merged = merge_files([parse(bomb("a"), "compose.yaml"), parse(bomb("b"), "o.yaml")])
    node = merged.services["web"].node("storage_opt")
    for _ in range(29):
        assert isinstance(node, Mapping)
        node = node.get("k0")
    assert data(node) == {"a": ["v"], "b": ["v"]}


def test_the_order_of_files_counts() -> None:
    merged = merge_files([body(f"user: '{i}'", f"{i}.yaml") for i in range(5)])
    user = merged.services["web"].user
    assert user is not None
    assert user.value == "4"
