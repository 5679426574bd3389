"""Pictures painted from words: reading them, composing the scene, its layers, styles and changes."""
