"""The conversation pane: one widget, and the parts that it owns."""
