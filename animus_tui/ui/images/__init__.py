"""One path for images: a renderer, a cache and a transmission for the conversation, the viewer and the gallery."""
