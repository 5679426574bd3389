"""What `/images/*`, `/models` and `/tokenize` answer: pictures as addresses or as base64, names, a number. Pure."""

from __future__ import annotations

import binascii
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from animus_tui.backends.base.errors import AnswerError
from animus_tui.backends.base.files import base64_url
from animus_tui.backends.base.image_values import ImageOutput, ImageResult
from animus_tui.backends.http.json_bodies import ErrorFields, ReportedError, decoded, refuse_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class _Picture(Struct, frozen=True):
    url: str | None = None
    b64_json: str | None = None

    def address(self, whole: Callable[[str], str]) -> str | None:
        """A `data:` address with the bytes that came, or else the address that was told; None without either."""
        if self.b64_json:
            return base64_url(self.b64_json)
        return whole(self.url) if self.url else None


class _Pictures(ErrorFields, frozen=True, kw_only=True):
    data: list[_Picture | None] | None = None


def decode_images(body: bytes, whole: Callable[[str], str]) -> ImageResult | ReportedError:
    """The pictures in an answer; `whole` completes an address that lacks its host. AnswerError when there is none."""
    answer = decoded(body, _Pictures).value
    addresses = [picture.address(whole) for picture in answer.data or [] if picture]
    images = [ImageOutput(address) for address in addresses if address]
    if images:
        return ImageResult(images=images)
    return answer.reported() or refuse_answer("The answer holds no picture. Try again.")


class Partial(NamedTuple):
    """A preview of a picture that is being made."""

    picture: bytes
    """Bytes of its file, unchecked."""


class _Event(ErrorFields, frozen=True, kw_only=True):
    type: str | None = None
    b64_json: str | None = None


def decode_event(data: str) -> ImageResult | Partial | ReportedError | None:
    """What the data of one event says; None for what nobody needs, such as an event that cannot be read."""
    try:
        event = decoded(data.encode(), _Event).value
    except AnswerError:
        return None
    kind = event.type or ""
    if event.b64_json and kind.endswith("partial_image"):
        try:
            return Partial(binascii.a2b_base64(event.b64_json))
        except binascii.Error:
            return None
    if event.b64_json and (kind.endswith("completed") or not kind):
        return ImageResult(images=[ImageOutput(base64_url(event.b64_json))])
    return event.reported()


class _Model(Struct, frozen=True):
    id: str | None = None


class _Models(ErrorFields, frozen=True, kw_only=True):
    data: list[_Model | None] | None = None


def decode_models(body: bytes) -> list[str] | ReportedError:
    """The names in the answer of `/models`. AnswerError."""
    answer = decoded(body, _Models).value
    if answer.data is None and (reported := answer.reported()) is not None:
        return reported
    return [model.id for model in answer.data or [] if model and model.id]


class _Token(Struct, frozen=True):
    piece: str | list[int] = ""
    """Its text, or its bytes where they are no whole characters."""


class _Tokens(ErrorFields, frozen=True, kw_only=True):
    tokens: list[_Token] | None = None


def decode_token_counts(body: bytes, texts: Sequence[str]) -> list[int] | None:
    """How many tokens of the answer of llama.cpp's `/tokenize` begin in each of the texts, which were sent as lines.

    None when it lists none, or others than those of the texts. AnswerError.
    """
    tokens = decoded(body, _Tokens).value.tokens
    if tokens is None:
        return None
    ends = list(accumulate(len(text.encode(errors="replace")) + 1 for text in texts))
    counts, at = [0] * len(texts), 0
    for token in tokens:
        counts[min(bisect_right(ends, at), len(texts) - 1)] += 1
        at += len(token.piece.encode(errors="replace") if isinstance(token.piece, str) else token.piece)
    # A tokenizer may put a blank first, or take some away.
    return counts if abs(at - ends[-1]) <= 1 + ends[-1] // 50 else None
