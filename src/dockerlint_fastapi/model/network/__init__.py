"""Who listens where, and who reaches whom."""
