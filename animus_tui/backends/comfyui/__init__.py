"""ComfyUI: pictures by the user's own workflow."""
