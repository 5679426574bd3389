"""Actions on the screen: key bindings, the parser of slash commands, their completion, and the command palette."""
