"""What Animus can do."""

from __future__ import annotations

from animus_tui.backends.base.protocols import ChatCapabilities, ImageCapabilities

CHAT = ChatCapabilities(
    streaming=True,
    turns=True,
    follow_up=True,
    image_prompts=True,
    compliance=True,
    tools=True,
    image_input=True,
)
IMAGES = ImageCapabilities(
    jobs=True,
    job_options=frozenset({"negative", "strength", "character", "group", "count"}),
    own_defaults=True,
    models=True,
    edits=True,
    strength=True,
    seeds=True,
    negative_prompts=True,
    steps=True,
    guidance=True,
    batches=True,
    progress=True,
    credits=True,
    videos=True,
    characters=True,
    groups=True,
)
