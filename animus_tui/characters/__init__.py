"""Characters to talk with: what they are, where they come from, and cards of other programs."""
