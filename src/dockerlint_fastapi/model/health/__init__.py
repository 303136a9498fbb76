"""Health checks: what they start and ask for, and when they pass."""
