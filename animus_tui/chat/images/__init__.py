"""Images of conversations: options, generation jobs, metadata, saving, and the catalog of all images."""
