"""Pixels → terminal cells: glyph mosaic, half blocks, Kitty placeholders."""
