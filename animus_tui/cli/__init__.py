"""The command line: arguments become configuration, objects and an application."""
