"""What a RUN installs: the calls of package managers in it, what they clean up, and what is left behind.

Only what the command line says is told here. Settings from ENV, configuration files and mounts are told by
`model/install/installer_settings.py`.
"""

from __future__ import annotations

from dockerlint_fastapi.model.install.call import Call, calls
from dockerlint_fastapi.model.install.kept import Kept, kept_packages
from dockerlint_fastapi.model.install.options import Option
from dockerlint_fastapi.model.install.packages import build_tool, provides
from dockerlint_fastapi.model.install.readers import calls_and_steps, installer_of, steps
from dockerlint_fastapi.model.install.removal import Cleanups, cleanups
from dockerlint_fastapi.model.install.step import PYTHON_MANAGERS, SYSTEM_MANAGERS, Package, Step

__all__ = [
    "PYTHON_MANAGERS",
    "SYSTEM_MANAGERS",
    "Call",
    "Cleanups",
    "Kept",
    "Option",
    "Package",
    "Step",
    "build_tool",
    "calls",
    "calls_and_steps",
    "cleanups",
    "installer_of",
    "kept_packages",
    "provides",
    "steps",
]
