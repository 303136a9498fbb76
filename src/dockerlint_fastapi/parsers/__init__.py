"""Text to model. A parser never raises: what it cannot accept becomes a problem with its place."""
