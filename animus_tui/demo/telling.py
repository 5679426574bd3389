"""Generations and groups as the service tells them: values for the answers."""

from starlette.requests import Request

from animus_tui.demo.library import Generation, Group
from animus_tui.demo.orders import address

SERVICE = "demo-painter"


def generation_status(request: Request, generation: Generation) -> dict[str, object]:
    """The answer to a question after one generation."""
    return {
        "generation_id": generation.key,
        "group_id": generation.group,
        "generation_type": generation.kind.name,
        "status": generation.status,
        "progress": generation.progress,
        "result_urls": _addresses(request, generation),
        "error": generation.error,
        "created_at": generation.created.isoformat(),
        "prompt": generation.prompt,
        "service": SERVICE,
        "performance_metadata": generation.metadata,
    }


def generation_in_group(request: Request, generation: Generation) -> dict[str, object]:
    """One of a group's generations."""
    return {
        "generation_id": generation.key,
        "prompt": generation.prompt,
        "status": generation.status,
        "result_urls": _addresses(request, generation),
        "created_at": generation.created.isoformat(),
        "performance_metadata": generation.metadata,
    }


def group_in_list(request: Request, group: Group) -> dict[str, object]:
    """A group, without its generations."""
    results = [
        result for each in reversed(group.generations) for result in each.results if result.suffix == "png"
    ]
    return {
        "group_id": group.key,
        "title": group.title,
        "description": "",
        "group_type": group.kind.name,
        "generation_count": len(group.generations),
        "preview_image_url": address(request, results[0]) if results else None,
        "created_at": group.created.isoformat(),
        "updated_at": group.updated.isoformat(),
        "status": group.status,
        "character_id": group.character,
    }


def _addresses(request: Request, generation: Generation) -> list[str]:
    return [address(request, result) for result in generation.results]
