"""The conversation as rows of cells: what stands in it, where, and what it is made of. No widgets."""
