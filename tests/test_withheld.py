"""What a log tells of the text of files: no secret, nothing that acts on a viewer, and every place as it was."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.engine import Settings, lint
from dockerlint_fastapi.finding import Edit, Finding
from dockerlint_fastapi.report import Diagnostic, Notice, Report, Suppression
from dockerlint_fastapi.reporters import sarif, withheld
from dockerlint_fastapi.rule import load_rules
from dockerlint_fastapi.source import Source
from dockerlint_fastapi.tree import MemoryTree

RULES = load_rules()

FILES = {
    "Dockerfile": r"""
FROM python:3.12
ARG TOKEN=hunter2
ENV SECRET_KEY=hunter2 DEBUG=1 DB_PASSWORD="hunter2 hunter2" X=visible
ENV API_KEY hunter2 hunter2
ENV DATABASE_URL=postgresql://app:hunter2@db:5432/visible
ENV OTHER=${DB_PASSWORD} Z=${DB_PASSWORD:-hunter2}
RUN --mount=type=secret,id=token curl -H "Authorization: Bearer hunter2hunter2" -u bob:hunter2 https://visible
RUN TOKEN=$(cat /run/secrets/token) pip install visible --token hunter2 && echo "root:hunter2" | chpasswd
RUN export GITHUB_TOKEN=hunter2; git clone https://user:hunter2@github.com/visible
RUN git clone https://hunter2hunter2@github.com/visible
RUN echo "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----" > /visible
CMD ["redis-server", "--requirepass", "hunter2", "--port", "visible"]
CMD ["mysqladmin", "ping", "-phunter2"]
HEALTHCHECK CMD redis-cli -a hunter2 ping && mysql -phunter2 -u visible
# SECRET_KEY=hunter2
ENV SECRET_KEY=ab\
hunter2
ENV KEYS=ghp_hunter2Qw8Zx7Vb6hunter2Qw8Zx7Vb6hunt
""",
    "compose.yaml": """
services:
  db:
    environment:
      POSTGRES_PASSWORD: hunter2 hunter2
      POSTGRES_USER: visible
      - DB_PASSWORD=hunter2 hunter2
      - "JWT_SECRET=hunter2 hunter2"
      PRIVATE: {API_KEY: "hunter2"}
      SECRET_KEY: |
        hunter2
        hunter2
      NEXT: visible
      S3_SECRET_KEY: ${S3:-hunter2}
      SECRET_TOKEN:
        "hunter2"
      BOTH: ${APP_SECRET_KEY}
    command: redis-server --requirepass hunter2 --save visible
    command:
      - redis-server
      - --requirepass
      - hunter2
      - visible
""",
    ".env": """
# hunter2
export SECRET_KEY=hunter2 # hunter2
A: hunter2
B="hunter2
hunter2=hunter2
"
hunter2
""",
    "web.env.example": "A=hunter2\n",
    "app/config.py": '''
class Settings(BaseSettings):
    secret_key: str = "hunter2"
    api_key: SecretStr = Field(
        default=SecretStr("hunter2"), description="x")
    name: str = "visible"
    token = os.getenv("ACCESS_TOKEN", "hunter2")
    other = os.environ.get("JWT_SECRET") or "hunter2"
os.environ["JWT_SECRET"] = "hunter2"
f(password="hunter2", user="visible")
d = {"password": "hunter2", "user": "visible"}
password = """
hunter2
"""
after = "visible"
''',
    "start.sh": """
PGPASSWORD='hunter2' psql -c "ALTER USER x WITH PASSWORD 'hunter2'"
export TOKEN="hunter2"hunter2 visible
curl -u "bob:hunter2" visible
""",
    "secrets/db.txt": "hunter2\n",
    "keys/id_rsa": "hunter2\n",
}


@pytest.mark.parametrize("path", FILES)
def test_secrets_are_stars(path: str) -> None:
    text = FILES[path]
    told = withheld.shown(Source.of(text, path))
    assert [line for line in told.splitlines() if "hunter" in line] == []
    assert told.count("visible") == text.count("visible")
    assert [len(line) for line in told.split("\n")] == [len(line) for line in text.split("\n")]
    assert all(one in (other, "*") for one, other in zip(told, text, strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "ENV TOKEN_EXPIRE_MINUTES=30 PUBLIC_KEY=abc CACHE_KEY=x",
        "ENV SECRET_KEY=${SECRET_KEY} OTHER_TOKEN=$OTHER MYSQL_ALLOW_EMPTY_PASSWORD=yes",
        "RUN --mount=type=secret,id=api_token,target=/run/secrets/api_token cat /run/secrets/api_token",
        "APP_PASSWORD: ${APP_PASSWORD:?set it}",
        "POSTGRES_PASSWORD_FILE: /run/secrets/db",
        "secrets: [db_password]",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        'if [ "$TOKEN" = "" ]; then exit; fi',
        "DATABASE_URL=postgresql://app:${PASSWORD}@db/x",
        "git clone https://git@github.com/o/r && git clone https://$ACCESS_WORD@github.com/o/r",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert withheld.shown(Source.of(text, "compose.yaml")) == text


def test_nothing_acts_on_a_viewer() -> None:
    text = "a\x1b[31mb\u202ec\ud800"[:-1] + "\udcff\x00\tx\r\ny\rz\x85\u2028日\n"
    told = withheld.shown(Source.of(text))
    assert told == "a�[31mb�c��\tx\r\ny�z��日\n"
    assert told.splitlines() == told.removesuffix("\n").replace("\r", "").split("\n")


PIECES = st.sampled_from(
    [
        "token",
        "=",
        ":",
        " ",
        "\n",
        '"',
        "'",
        "-",
        "password",
        "(",
        "[",
        "{",
        "${",
        "x",
        "|",
        "- ",
        "\\",
        ",",
        ")",
        "http://a:b@c",
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["Dockerfile", "a.py", ".env", "compose.yaml"]))
@settings(deadline=None, max_examples=150)
def test_places_stay_whatever_is_written(text: str, path: str) -> None:
    told = withheld.shown(Source.of(text, path))
    assert [char if char.isspace() else "" for char in told] == [char if char.isspace() else "" for char in text]


@pytest.mark.parametrize(
    "text",
    ["token=/", "token: /", "token([", "token ", "'token\"=", "token='/", "${token:-/", "token: |\n  /\n", "key"],
)
@pytest.mark.parametrize("path", ["Dockerfile", "a.py"])
def test_time_does_not_grow_with_the_square(text: str, path: str) -> None:
    took = []
    for size in (8_000, 32_000):
        source = Source.of((text * size)[:size], path)
        began = time.process_time()
        withheld.shown(source)
        took.append(time.process_time() - began)
    assert took[1] < 12 * max(took[0], 0.05)


# ---- the log ----


def run(report: Report) -> dict[str, Any]:
    only: dict[str, Any]
    [only] = json.loads(sarif.render(report))["runs"]
    return only


def test_a_log_holds_the_text_of_what_was_found_and_no_secret() -> None:
    files = {
        "Dockerfile": b"FROM python\nENV SECRET_KEY=Tr0ub4dor-and-3 A=1\nCMD uvicorn m:app --key Tr0ub4dor-and-3\n",
        "compose.yaml": b"services:\n  web:\n    build: .\n    environment:\n      DB_PASSWORD: Tr0ub4dor-and-3\n",
    }
    report = lint(MemoryTree(files), Settings(RULES, frozenset(rule.name for rule in RULES), today="2026-01-01"))
    text = sarif.render(report)
    assert "Tr0ub4dor" not in text
    whole = run(report)
    contents = {one["location"]["uri"]: one["contents"]["text"] for one in whole["artifacts"]}
    assert contents["Dockerfile"].splitlines()[1] == "ENV SECRET_KEY=*************** A=1"
    for result in whole["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["snippet"]["text"] in contents[place["artifactLocation"]["uri"]]
        assert place["region"]["snippet"]["text"] in place["contextRegion"]["snippet"]["text"]
        context = place["contextRegion"]
        rows = contents[place["artifactLocation"]["uri"]].split("\n")[context["startLine"] - 1 : context["endLine"]]
        assert "\n".join(rows) == context["snippet"]["text"]


def found(source: Source, *diagnostics: Finding, **fields: Any) -> dict[str, Any]:
    told = tuple(Diagnostic(RULES[0], "error", one) for one in diagnostics or (Finding.at(source.span(0, 4), "m"),))
    return run(Report(told, (), (), (source.shown,), RULES, **fields))


def test_messages_and_fixes_do_not_tell_what_the_text_does_not() -> None:
    source = Source.of("FROM a\nENV API_TOKEN=swordfish\n")
    span = source.span(7, 30)
    finding = Finding.at(span, "`swordfish` is set, a swordfish").note(span, "`swordfish`")
    finding = finding.fixed_by("x", Edit(span, "ENV A=swordfish"))
    [result] = found(source, finding)["results"]
    assert result["message"]["text"] == "`*********` is set, a swordfish"
    assert result["message"]["arguments"] == ["`*********` is set, a swordfish"]
    assert result["relatedLocations"][0]["message"]["text"] == "`*********`"
    assert "fixes" not in result


def inserted(log: dict[str, Any]) -> list[str]:
    fixes = [fix for result in log["results"] for fix in result.get("fixes", ())]
    changes = [change for fix in fixes for change in fix["artifactChanges"]]
    return [one["insertedContent"]["text"] for change in changes for one in change["replacements"]]


@pytest.mark.parametrize("told", [True, False])
def test_a_secret_is_not_told_whether_or_not_sources_are(*, told: bool) -> None:
    source = Source.of("FROM a\nENV API_TOKEN=Zq8mKp3LhT5v\nUSER me\n")
    span = source.span(7, 36)
    finding = Finding.at(span, "Zq8mKp3LhT5v is set").note(span, "as Zq8mKp3LhT5v")
    finding = finding.fixed_by("take Zq8mKp3LhT5v away", Edit(source.span(37, 44), "USER you"))
    ignored = Suppression(source.span(0, 4), "it is Zq8mKp3LhT5v only", "dlf")
    hidden = Diagnostic(RULES[0], "error", Finding.at(span, "m"), ignored)
    notice = Notice(span, "Zq8mKp3LhT5v was not looked at")
    report = Report((Diagnostic(RULES[0], "error", finding),), (hidden,), (notice,), ("Dockerfile",), RULES)
    log = sarif.render(report._replace(sources=told))
    assert "Zq8mKp3LhT5v" not in log
    assert log.count("it is ************ only") == 1
    assert "take ************ away" in log
    assert inserted(json.loads(log)["runs"][0]) == ["USER you"]


@pytest.mark.parametrize(
    ("old", "new", "stays"),
    [
        ("ENV URL=redis://a:wrong@db/x", "ENV URL=redis://a:q7Xz1@db/x", False),  # the password of another file
        ("ENV DB_TOKEN q7Xz1", "ENV DB_TOKEN=q7Xz1", False),
        ("RUN x", "ENV API_TOKEN=q7Xz1", False),
        ("RUN x", "ENV API_TOKEN=$OTHER", True),
        ("RUN x", "RUN y", True),
    ],
)
def test_a_fix_writes_no_secret_wherever_it_has_it_from(old: str, new: str, *, stays: bool) -> None:
    source = Source.of(f"FROM a\n{old}\n")
    common = next(at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    change = Edit(source.span(7 + common, 7 + len(old)), new[common:])
    log = found(source, Finding.at(source.span(0, 4), "m").fixed_by("x", change))
    assert inserted(log) == ([new[common:]] if stays else [])


def test_a_fix_may_add_to_what_is_hidden_with_a_secret() -> None:
    text = 'HEALTHCHECK CMD ["sh", "-c", "PGPASSWORD=x7Ty2 pg_isready -U app"]\n'
    source = Source.of(text)
    place = source.span(text.index(" -U"), text.index(" -U"))
    log = found(source, Finding.at(place, "m").fixed_by("x", Edit(place, " -h 127.0.0.1")))
    assert inserted(log) == [" -h 127.0.0.1"]


def test_a_log_is_the_same_in_pieces() -> None:
    source = Source.of("FROM a\n")
    for count in (0, 1, 3):
        told = tuple(Diagnostic(RULES[0], "error", Finding.at(source.span(0, 4), "m")) for _ in range(count))
        report = Report(told, (), (), ("Dockerfile",), RULES)
        text = sarif.render(report)
        assert text == json.dumps(json.loads(text), indent=2) + "\n"
        assert len(run(report)["results"]) == count == len(list(sarif.pieces(report))) - 2


def test_sources_may_be_left_out() -> None:
    log = found(Source.of("FROM a\n"), sources=False)
    place = log["results"][0]["locations"][0]["physicalLocation"]
    assert place.keys() == {"artifactLocation", "region"}
    assert "snippet" not in place["region"]
    assert log["artifacts"] == [
        {"location": {"uri": "Dockerfile", "uriBaseId": "SRCROOT"}, "roles": ["analysisTarget"]}
    ]


def test_a_run_that_found_nothing_names_its_files() -> None:
    log = run(Report((), (), (), ("Dockerfile", "a b/compose.yaml"), RULES))
    assert "artifacts" not in log
    assert log["properties"] == {"linted": ["Dockerfile", "a%20b/compose.yaml"]}
    assert "properties" not in run(Report((), (), (), (), RULES))


def test_a_large_file_is_not_told_and_a_long_place_has_no_snippet() -> None:
    large = Source.of("FROM a\n" + "# x\n" * 60_000)
    log = found(large)
    assert "snippet" not in log["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert "contents" not in json.dumps(log)
    long = Source.of("FROM a\nRUN " + "x" * 5_000 + "\n")
    log = found(long, Finding.at(long.span(7, 5_000), "m"))
    assert "snippet" not in log["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert log["artifacts"][0]["contents"]["text"] == long.text


def test_a_log_has_room_for_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_OF_A_LOG", 12)
    sources = [Source.of("FROM a\n", f"{number}/Dockerfile") for number in range(3)]
    told = tuple(Diagnostic(RULES[0], "error", Finding.at(source.span(0, 4), "m")) for source in sources)
    log = run(Report(told, (), (), tuple(source.shown for source in sources), RULES))
    assert ["contents" in one for one in log["artifacts"]] == [True, False, False]
    assert all("snippet" in one["locations"][0]["physicalLocation"]["region"] for one in log["results"])


def test_the_only_line_of_a_file_has_a_context() -> None:
    log = found(Source.of("FROM a"), Finding.at(Source.of("FROM a").span(0, 6), "m"))
    place = log["results"][0]["locations"][0]["physicalLocation"]
    assert place["contextRegion"] == {"startLine": 1, "endLine": 1, "snippet": {"text": "FROM a"}}
