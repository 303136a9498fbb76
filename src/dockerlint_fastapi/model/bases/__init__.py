"""Base images: their names, what they hold, and until when they are mended."""
