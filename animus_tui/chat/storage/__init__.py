"""Conversations on disk: the files, the open conversations, and who writes them."""
