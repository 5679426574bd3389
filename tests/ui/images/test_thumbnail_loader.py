"""The gallery's images: what is in view first, and what the cache drops is drawn again when somebody looks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.app import App

from animus_tui.chat.images.catalog import AllPictures
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.ui.images.renderer import ImageRenderer
from animus_tui.ui.images.thumbnail_loader import ThumbnailLoader, ThumbnailSource, TileShape
from tests.support.gallery_app import conversation
from tests.support.kitty_app import CountingDecoder
from tests.support.pane_app import TERMINAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from animus_tui.chat.images.catalog import FoundPicture

SHAPE = TileShape(4, 2, (0, 0, 0))


@pytest.fixture
async def decoder() -> AsyncIterator[CountingDecoder]:
    decoder = CountingDecoder()
    yield decoder
    await decoder.aclose()


@pytest.fixture
def renderer(decoder: CountingDecoder) -> ImageRenderer:
    return ImageRenderer(App[None](), decoder, lambda: TERMINAL)


@pytest.fixture
def loader(renderer: ImageRenderer) -> ThumbnailLoader:
    loader = ThumbnailLoader(renderer, None)
    loader.reshape(SHAPE)
    return loader


@pytest.fixture
def pictures(tmp_path: Path) -> Sequence[FoundPicture]:
    """Four, each of its own colour."""
    conversation(tmp_path, "one", 4)
    return list(AllPictures(ConversationStore(tmp_path)).read())[-1].pictures


async def draw_all(loader: ThumbnailLoader) -> list[ThumbnailSource]:
    """Those that were drawn, in their order."""
    drawn = []
    while (picture := loader.next) is not None:
        await loader.draw(picture)
        drawn.append(picture)
    return drawn


async def test_what_is_in_view_is_drawn_before_what_comes_next(
    loader: ThumbnailLoader, pictures: Sequence[FoundPicture]
) -> None:
    loader.want(pictures[2:], pictures[:2])
    assert await draw_all(loader) == [*pictures[2:], *pictures[:2]]
    assert all(loader.get(picture) is not None for picture in pictures)


async def test_what_the_cache_drops_is_drawn_again_when_somebody_looks(
    loader: ThumbnailLoader, renderer: ImageRenderer, pictures: Sequence[FoundPicture]
) -> None:
    renderer.cache.most_bytes = 1
    loader.want(pictures[:2], [])
    await draw_all(loader)
    assert len(renderer.cache) == 2  # what is in view stays
    loader.want(pictures[2:], [])
    assert [loader.get(picture) for picture in pictures[:2]] == [None, None]
    assert await draw_all(loader) == list(pictures[2:])
    loader.want(pictures[:1], [])
    assert await draw_all(loader) == [pictures[0]]


async def test_when_all_images_are_dropped_those_in_view_are_drawn_again(
    loader: ThumbnailLoader, renderer: ImageRenderer, pictures: Sequence[FoundPicture]
) -> None:
    loader.want(pictures, [])
    await draw_all(loader)
    assert loader.next is None
    renderer.cache.clear()
    assert await draw_all(loader) == list(pictures)


async def test_another_shape_drops_every_tile_and_its_image(
    loader: ThumbnailLoader, renderer: ImageRenderer, pictures: Sequence[FoundPicture]
) -> None:
    loader.want(pictures, [])
    await draw_all(loader)
    loader.reshape(SHAPE._replace(columns=6))
    assert len(renderer.cache) == 0
    assert loader.next is None
    loader.want(pictures, [])
    assert await draw_all(loader) == list(pictures)
    tile = loader.get(pictures[0])
    assert tile is not None
    assert sum(segment.cell_length for segment in tile.row(0, is_covered=False)) > 2


async def test_a_file_that_is_gone_is_a_sentence_and_asked_for_again_when_it_comes_into_view(
    loader: ThumbnailLoader, pictures: Sequence[FoundPicture]
) -> None:
    pictures[0].path().unlink()
    loader.want(pictures, [])
    await draw_all(loader)
    tile = loader.get(pictures[0])
    assert tile is not None
    assert "gone" in tile.sentence
    assert tile.row(0, is_covered=False) == []
    loader.want(pictures[1:], [])
    assert loader.get(pictures[0]) is None


async def test_what_is_being_drawn_when_all_is_dropped_is_not_kept(
    loader: ThumbnailLoader, renderer: ImageRenderer, pictures: Sequence[FoundPicture]
) -> None:
    loader.want(pictures, [])
    drawing = asyncio.create_task(loader.draw(pictures[0]))
    await asyncio.sleep(0)
    loader.clear()
    await drawing
    assert loader.get(pictures[0]) is None
    renderer.cache.most_bytes = 0
    renderer.cache.look_at("another", [])
    assert len(renderer.cache) == 0
