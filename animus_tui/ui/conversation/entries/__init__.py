"""The entries of the conversation as rows of cells, without widgets."""
