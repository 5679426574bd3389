"""Bodies of pictures made at once and of tokens → values. Pure.

Absent and null mean the same, unknown fields are ignored. A body that holds an error object in place of an answer
decodes to `ReportedError`.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from animus_tui.backends.base.image_values import ImageOutput, ImageResult
from animus_tui.backends.http.json_bodies import ErrorFields, ReportedError, decoded, refuse_answer, texts_in


class _ImageAnswer(ErrorFields, frozen=True, kw_only=True):
    output: Any = None
    outputs: Any = None
    seed: Any = None


class _Animus(Struct, frozen=True):
    token: str | None = None


class _TokenAnswer(Struct, frozen=True):
    animus: _Animus | None = None
    access_token: str | None = msgspec.field(default=None, name="accessToken")


def decode_image(body: bytes) -> ImageResult | ReportedError:
    """Answer of `generate/image`, all three shapes. Raises AnswerError, also when it names no picture."""
    answer = decoded(body, _ImageAnswer).value
    urls = [*texts_in(answer.output), *texts_in(answer.outputs)]
    if not urls:
        sentence = "The service's answer names no picture. Try again, or with other words."
        return answer.reported() or refuse_answer(sentence)
    seed = answer.seed if isinstance(answer.seed, int) and not isinstance(answer.seed, bool) else None
    return ImageResult(images=[ImageOutput(urls[0], seed)])


def decode_token(body: bytes) -> str | None:
    """The token in a token provider's answer, of either shape, or None. Raises AnswerError."""
    answer = decoded(body, _TokenAnswer).value
    return _filled(answer.animus.token if answer.animus else None) or _filled(answer.access_token)


def _filled(text: str | None) -> str | None:
    return text.strip() or None if text else None
