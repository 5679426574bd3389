"""Markdown as text: the parser, its limits, and what a reader sees of a text. No screen, no conversation."""
