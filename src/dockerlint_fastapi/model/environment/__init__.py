"""Variables: those of compose files, env files and images, and the settings that code reads."""
