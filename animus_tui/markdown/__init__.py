"""Markdown as text: how much of it is laid out, and what a reader sees of it. No screen, no conversation."""
