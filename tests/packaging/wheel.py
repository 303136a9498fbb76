"""Builds the sdist, the wheel from the sdist, installs that wheel in a fresh environment, and counts its rules.

Run by `.ci/run`, not by pytest: it needs the package registry. Building straight from the checkout would hide a
file that the sdist lacks, which is what users and PyPI build from.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]


def output(*command: str | Path, cwd: Path) -> str:
    """What a command prints; a failure ends the run with its output."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> None:
    """Ends with a message and exit code 1 when the installed wheel lacks a rule or cannot lint."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        output(sys.executable, "-m", "build", "--outdir", work, ROOT, cwd=work)  # sdist, then the wheel from it
        (wheel,) = work.glob("*.whl")
        venv.create(work / "env", with_pip=True)
        python = work / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        output(python, "-m", "pip", "install", "-q", wheel, cwd=work)
        listed = output(python, "-m", "dockerlint_fastapi", "rules", "--output-format", "json", cwd=work)
        pages = sorted((ROOT / "rules").glob("*.md"))
        missing = [page.name for page in pages if f'"{page.stem.replace("_", "-")}"' not in listed]
        if not pages or missing:
            sys.exit(f"the installed wheel lacks {missing or 'every rule'}")
        (work / "Dockerfile").write_text("FROM python:3.12-slim\nFORM x\n", encoding="utf-8")
        found = output(python, "-m", "dockerlint_fastapi", "check", "--exit-zero", "Dockerfile", cwd=work)
        if "dockerfile-syntax" not in found:
            sys.exit(f"the installed wheel does not lint:\n{found}")
        print(f"{wheel.name}: {len(pages)} rules, built through the sdist")


if __name__ == "__main__":
    main()
