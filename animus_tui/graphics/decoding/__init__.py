"""Untrusted picture files → pixels and cells, in a process with limits on memory and time."""
