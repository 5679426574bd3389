"""Finding pictures by words of their prompts, compared without case and accents."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from animus_tui.chat.images.catalog import FoundPicture


def plain(text: str) -> str:
    """The text to compare: `Été` is `ete`."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


class PromptFilter:
    """May be used in a thread, by one at a time. Prompts that were seen before are not made ready again."""

    def __init__(self) -> None:
        self._pictures: Sequence[FoundPicture] = ()
        self._ready: dict[str, str] = {}
        """Prompt → what is compared."""

    def matching(self, pictures: Sequence[FoundPicture], words: str) -> Sequence[FoundPicture]:
        """The pictures whose prompts have each of the words, or a part of one like it, in the same order."""
        sought = plain(words).split()
        if not sought:
            return pictures
        if pictures is not self._pictures:
            before = self._ready
            prompts = {picture.record.prompt for picture in pictures}
            self._ready = {
                prompt: before[prompt] if prompt in before else plain(prompt) for prompt in prompts
            }
            self._pictures = pictures
        matches = {prompt for prompt, ready in self._ready.items() if all(word in ready for word in sought)}
        return tuple(picture for picture in pictures if picture.record.prompt in matches)
