"""How a container starts: its scripts, its server's processes, and what goes wrong on the way."""
