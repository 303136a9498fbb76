"""Health checks: whether they can fail, their times and the form of their test; and how servers start and stop."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerlint_fastapi.assemble import assemble
from dockerlint_fastapi.discover import find
from dockerlint_fastapi.model.container import Container
from dockerlint_fastapi.model.image import Image
from dockerlint_fastapi.tree import MemoryTree

CURL = "curl -f http://localhost:8000/health"
LENIENT = "curl http://localhost:8000/health"


def image_of(dockerfile: str) -> Image:
    tree = MemoryTree({"Dockerfile": dockerfile.encode()})
    (image,) = assemble(tree, find(tree)).images
    return image


def container_of(
    service: str, dockerfile: str = 'FROM python:3.12\nCMD ["uvicorn", "a:b"]\n', **files: str
) -> Container:
    texts = {"Dockerfile": dockerfile, "compose.yaml": f"services:\n  web:\n    build: .\n{service}", **files}
    tree = MemoryTree({name: text.encode() for name, text in texts.items()})
    (found,) = (one for one in assemble(tree, find(tree)).containers if one.service is not None)
    return found


@pytest.mark.parametrize(
    ("test", "kind"),
    [
        (LENIENT, "curl"),
        (f"{LENIENT} || exit 1", "curl"),
        (f"{LENIENT} && true", "curl"),
        (f"{LENIENT} || {CURL}", "curl"),
        (f"timeout 3 {LENIENT}", "curl"),
        (f"{CURL} || true", "ends"),
        (f"{CURL}; exit 0", "ends"),
        (f"{CURL}; true", "ends"),
        (f"{CURL} && echo a || echo b", "ends"),
        (f"{CURL} | tee /tmp/x || :", "ends"),
        ("true", "nothing"),
        ("echo ok", "nothing"),
        ("exit 0", "nothing"),
        (CURL, None),
        (f"{CURL} || exit 1", None),
        (f"{CURL} || exit", None),
        (f"{CURL} || false", None),
        (f"true && {CURL}", None),
        (f"true; {CURL}", None),
        (f"{CURL} && exit 0", None),
        (f"{CURL} || exit 1; exit 0", None),
        (f"{LENIENT} && {CURL}", None),
        (f"{LENIENT} | grep ok", None),
        (f"! {CURL}", None),
        (f"if {LENIENT}; then exit 0; fi; exit 1", None),
        ("curl -sSfo /dev/null http://localhost", None),
        ("curl $OPTIONS http://localhost", None),
        ("curl -K /etc/curlrc http://localhost", None),
        ("curl ftp://localhost", None),
        ("echo > /dev/tcp/localhost/8000", None),
        ("wget -q http://localhost || exit 1", None),
        ("pgrep uvicorn", None),
    ],
)
def test_whether_a_test_can_fail(test: str, kind: str | None) -> None:
    image = image_of(f"FROM python:3.12\nHEALTHCHECK CMD {test}\n")
    assert image.probe is not None
    found = image.probe.never_fails
    assert (found.kind if found is not None else None) == kind


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(["curl", "a", "true", "exit", "0", "1", "&&", "||", ";", "|", "&", "(", ")", "-f", "$x", "!"])
    )
)
def test_no_script_makes_it_raise(words: list[str]) -> None:
    image = image_of(f"FROM python:3.12\nHEALTHCHECK CMD x {' '.join(words)}\n")
    if image.probe is not None:
        found = image.probe.never_fails
        assert found is None or found.kind in {"curl", "python", "ends", "nothing"}


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ("", "timeout"),
        ("--interval=10s", "timeout"),
        ("--timeout=5s", None),
        ("--interval=30s --timeout=5s --retries=3", None),
        ("--timeout=30s", "overlong"),
        ("--interval=20s --timeout=20s", "overlong"),
        ("--interval=10s --timeout=10s", None),
        ("--interval=1m --timeout=30s", None),
        ("--interval=500ms --timeout=100ms", "interval"),
        ("--interval=0s --timeout=5s", None),
        ("--timeout=5s --retries=0", "retries"),
        ("--interval=never", None),
    ],
)
def test_the_worst_of_its_times(options: str, fault: str | None) -> None:
    times = image_of(f"FROM python:3.12\nHEALTHCHECK {options} CMD {CURL}\n").health_times
    assert times is not None
    assert (times.fault[0] if times.fault is not None else None) == fault


def test_a_service_takes_what_it_leaves_out_from_its_image() -> None:
    dockerfile = f"FROM python:3.12\nHEALTHCHECK --interval=20s --timeout=4s CMD {CURL}\n"
    times = container_of("    healthcheck:\n      timeout: 6s\n", dockerfile).health_times
    assert times is not None
    assert times.timeout is not None
    assert times.interval is not None
    assert (times.timeout.seconds, times.interval.seconds) == (6, 20)
    assert container_of("    healthcheck:\n      disable: true\n", dockerfile).health_times is None


@pytest.mark.parametrize(
    ("dockerfile", "service", "kind"),
    [
        ('ENTRYPOINT ["uvicorn"]\nCMD ["uvicorn", "a:b"]', "", "twice"),
        ('ENTRYPOINT ["/venv/bin/uvicorn", "a:b"]\nCMD ["uvicorn", "a:b"]', "", "twice"),
        ('ENTRYPOINT ["python"]\nCMD ["main.py"]', "    command: python main.py\n", "twice"),
        ('CMD ["--host", "0.0.0.0"]', "", "options"),
        ("", "    restart: always\n", "none"),
        ('CMD ["uvicorn", "a:b"]', '    entrypoint: ["tini", "--"]\n', "dropped"),
        ('ENTRYPOINT ["uvicorn"]\nCMD ["a:b"]', "", None),
        ('ENTRYPOINT ["uv", "run"]\nCMD ["uvicorn", "a:b"]', "", None),
        ('ENTRYPOINT ["python", "main.py"]\nCMD ["python"]', "", None),
        ("", "    command: uvicorn a:b\n", None),
        ("", "    tty: true\n", None),
        ('CMD ["uvicorn", "a:b"]', "    entrypoint: uvicorn a:b\n", None),
        ("CMD uvicorn a:b", "", None),
    ],
)
def test_what_is_wrong_with_a_start_command(dockerfile: str, service: str, kind: str | None) -> None:
    fault = container_of(service, f"FROM python:3.12\n{dockerfile}\n").start_fault
    assert (fault.kind if fault is not None else None) == kind


@pytest.mark.parametrize(
    ("command", "service", "expected"),
    [
        ("gunicorn a:b --graceful-timeout 60", "", (60, 10.0)),
        ("gunicorn a:b", "    stop_grace_period: 1m30s\n", (30, 90.0)),
        ("uvicorn a:b", "", (None, 10.0)),
        ("uvicorn a:b --timeout-graceful-shutdown 5", "", (5, 10.0)),
        ("hypercorn a:b", "", (3, 10.0)),
        ("fastapi run", "", None),
        ("uvicorn a:b", "    stop_grace_period: ${GRACE}\n", None),
        ("gunicorn a:b --graceful-timeout ${T}", "", None),
    ],
)
def test_how_the_times_of_server_and_service_go_together(
    command: str, service: str, expected: tuple[int | None, float] | None
) -> None:
    time = container_of(f"    command: {command}\n{service}").shutdown_time
    assert (None if time is None else (time.seconds, time.granted)) == expected


def test_a_launcher_that_handles_signals_is_trusted() -> None:
    dockerfile = 'FROM python:3.12\nWORKDIR /code\nCOPY start.py .\nCMD ["python", "start.py"]\n'
    child = 'import subprocess\np = subprocess.Popen(["uvicorn", "a:b"])\n'
    found = container_of("", dockerfile, **{"start.py": child + "p.wait()\n"}).launcher
    assert found is not None
    assert (found.name, found.server) == ("start.py", "uvicorn")
    handled = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: p.terminate())\np.wait()\n"
    assert container_of("", dockerfile, **{"start.py": child + handled}).launcher is None
    assert container_of("    init: true\n", dockerfile, **{"start.py": child + "p.wait()\n"}).launcher is None
