"""Readers of the files that say what is to be installed: one module for each format. None of them raises."""
