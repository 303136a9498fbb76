"""What the README promises to somebody with a bad Dockerfile: a failing hook, a SARIF file, a green baseline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BEGIN = re.search(r"<!-- begin -->\n```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_leads_from_a_bad_dockerfile_to_a_green_baseline(tmp_path: Path) -> None:
    assert BEGIN
    commands = BEGIN[1].splitlines()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        **{f"GIT_{who}_{what}": "someone@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "home").mkdir()
    (project / "Dockerfile").write_text(
        "FROM python:3.12-slim\nWORKDIR /code\nCOPY . .\nCMD uvicorn main:app --reload\n", encoding="utf-8"
    )

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command], cwd=project, env=environment, capture_output=True, text=True, check=False
        )

    assert run("git init -q").returncode == 0
    ends = [run(command) for command in commands]
    assert [end.returncode for end in ends] == [0, 1, 1, 0, 0], [(end.stdout, end.stderr) for end in ends]
    hook = ends[1].stdout + ends[1].stderr
    assert "error[reload-in-production]" in hook
    assert "Failed" in hook
    (only,) = json.loads((project / "dlf.sarif").read_text(encoding="utf-8"))["runs"]
    assert "DLF001" in {result["ruleId"] for result in only["results"]}  # reload-in-production
    assert "Passed" in ends[4].stdout + ends[4].stderr
    assert run("git status --porcelain").stdout == ""
    assert run("dlf check").returncode == 0
    # One more fault is new, and stops the commit again.
    with (project / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write("HEALTHCHECK CMD curl -f http://localhost:8000/\n")
    broken = run("git add -A && git commit -m worse")
    assert broken.returncode == 1
