"""A picture on the whole terminal in full quality, by a process of its own."""
