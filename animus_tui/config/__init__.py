"""The configuration: its schema, how it is loaded, the table of actions with their keys, the commented file."""
