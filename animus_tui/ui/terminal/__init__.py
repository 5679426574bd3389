"""The terminal and the desktop around the application: what is read, what is written, the clipboard, other programs."""
