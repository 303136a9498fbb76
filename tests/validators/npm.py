"""Programs from npm's registry, in the versions written here, each in a folder of its own outside of the sources."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("DLF_VALIDATORS") or Path(tempfile.gettempdir()) / "dlf-validators")


def install(name: str, version: str) -> Path:
    """The `node_modules` that holds a package, installed when it is not there yet. Exits with a message without npm."""
    folder = CACHE / f"{name.removeprefix('@').replace('/', '-')}-{version}"
    done = folder / "installed"
    if not done.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit(f"{name} {version} is installed with npm, which is not on PATH: install Node.js 20 or later")
        folder.mkdir(parents=True, exist_ok=True)
        options = ("--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder))
        command = [npm, "install", *options, f"{name}@{version}"]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if result.returncode:
            sys.exit(f"npm could not install {name} {version}:\n{result.stderr or result.stdout}")
        done.touch()
    return folder / "node_modules"
