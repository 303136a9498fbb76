"""Shows the rdjson of every fixture project to a validator of the Reviewdog Diagnostic Format.

python tests/validators/rdjson.py
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from logs import reports
from npm import install

from dockerlint_fastapi.reporters import render

PACKAGE, VERSION = "@umbrelladocs/rdformat-validator", "1.0.1"


def main() -> None:
    """Validates; exits with what was said."""
    script = install(PACKAGE, VERSION) / "@umbrelladocs" / "rdformat-validator" / "bin" / "rdformat-validator.js"
    node = shutil.which("node") or sys.exit(f"{PACKAGE} runs on Node.js, which is not on PATH")
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, report in reports():
            files.append(Path(folder) / f"{re.sub('[^a-z0-9-]', '-', name)}.json")
            files[-1].write_text(render("rdjson", report), "utf-8")
        planted = Path(folder) / "planted-fault.json"
        fault = {"message": "m", "location": {"path": "a", "range": {}}}
        planted.write_text(json.dumps({"diagnostics": [fault]}), "utf-8")
        command = [node, str(script), "--strict", "--no-extra-fields"]
        done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)
        if done.returncode or f"Valid files: {len(files)}" not in done.stdout:
            sys.exit(f"{done.stdout[-3000:]}{done.stderr[-1000:]}")
        if not subprocess.run([*command, str(planted)], capture_output=True, check=False).returncode:
            sys.exit("the validator did not see the planted fault")
    print(f"{PACKAGE} {VERSION}: {len(files)} reports, nothing to say; a planted fault was seen")


if __name__ == "__main__":
    main()
