"""A picture becomes terminal cells."""
