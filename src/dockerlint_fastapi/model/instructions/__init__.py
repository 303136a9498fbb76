"""What single instructions get wrong: names, paths, variables, forms."""
