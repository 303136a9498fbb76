"""What services of a compose file need of each other, of their data and of the host."""
