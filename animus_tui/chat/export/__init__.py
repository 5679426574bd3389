"""A conversation as a file for people and other programs: Markdown, an HTML page, JSON, plain text."""
