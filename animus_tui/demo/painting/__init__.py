"""Paintings of the words of a prompt, computed with numpy."""
