"""Text becomes rows of cells: pure functions that know neither a widget nor a message."""
