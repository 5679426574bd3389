"""A small Animus-compatible server on this machine: it talks, and it paints."""
