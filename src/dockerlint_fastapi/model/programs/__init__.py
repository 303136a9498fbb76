"""Which programs an image has, instruction by instruction."""
