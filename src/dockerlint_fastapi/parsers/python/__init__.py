"""Python text -> its syntax tree with places, and what a module says at its top. Nothing is ever imported or run."""
