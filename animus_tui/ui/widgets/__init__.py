"""The parts of the screen. They are given values and ask by message; the screen decides."""
