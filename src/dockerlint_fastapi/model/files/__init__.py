"""Which files an image and a container hold, and where they come from."""
