"""Promises that a model writes into its text: the tag of the history, and function calls in the forms of models."""

from __future__ import annotations

import pytest

from animus_tui.chat.promises.markup import MarkupFilter, Promise
from animus_tui.chat.promises.tool_calls import STARTS, read_call, split_calls

CAT = "a cat on a roof"
ARGUMENTS = f'{{"description": "{CAT}"}}'
TAGS = [
    f'<image description="{CAT}" />',
    f"<image description='{CAT}'/>",
    f'<image description="{CAT}">',
    f'<image description="{CAT}"></image>',
    f'<IMAGE  id="1" description = "{CAT}" style="x" />',
    f'<image description="Modified: {CAT}" />',
]
CALLS = [
    f'{{"name": "generate_image", "arguments": {ARGUMENTS}}}',
    f'{{"function": "generate_image", "parameters": {{"prompt": "{CAT}"}}}}',
    f'{{"name": "generate_image", "description": "Sends a picture.", "arguments": {ARGUMENTS}}}',
    f'[{{"name":"generate_image","arguments":"{{\\"description\\": \\"{CAT}\\"}}"}}]',
    f'{{"type":"function","function":{{"name":"generate_image","arguments":{ARGUMENTS}}}}}',
    f'```json\n{{"name": "generate_image",\n "arguments": {ARGUMENTS}}}\n```',
    f'```\ngenerate_image(description="{CAT}")\n```',
    f'```tool_code\nprint(default_api.generate_image(description="{CAT}"))\n```',
    f'<tool_call>\n{{"name": "generate_image", "arguments": {ARGUMENTS}}}\n</tool_call>',
    f"<tool_call>\n<function=generate_image>\n<parameter=description>\n{CAT}\n</parameter>\n</function>\n</tool_call>",
    f"<function=generate_image>{ARGUMENTS}</function>",
    f'[TOOL_CALLS][{{"name": "generate_image", "arguments": {ARGUMENTS}}}]',
    f"[TOOL_CALLS]generate_image{ARGUMENTS}",
    f"[TOOL_CALLS]generate_image[ARGS]{ARGUMENTS}",
    f'generate_image(description="{CAT}")',
    f'generate_image("{CAT}")',
    f"generate_image(prompt='{CAT}', shows_you=False)",
    f'[generate_image(description="{CAT}")]',
    f"generate_image({ARGUMENTS})",
    f'print(generate_image(description="{CAT}"))',
]
AT_THE_END = [
    f'<tool_call>{{"name": "generate_image", "arguments": {ARGUMENTS}}}',
    f'<|python_tag|>generate_image(description="{CAT}")',
    f'<image description="{CAT}" ',
]
"""What models leave unclosed."""
NO_PROMISES = [
    "Look at <image of a cat> here",
    'a < b and [x](y) {z} g ge good print(1) `<image description="x" />` generate_image is a tool',
    '```html\n<image description="a" />\n```\nok',
    '{"name": "Bob"}\nhi',
    '```json\n{"a": 1}\n```\n\nbye',
    '```python\nprint("x")\n```',
    "I could call generate_image() now",
    "[TOOL_CALLS] are fun",
    "~~strike~~ `code`  two  spaces\n\n\nx",
    '<image description="x',
    "[1, 2]\n[link](x) <b>bold</b>",
    '{"description": "no call", "of": "anything"}',
]


def read(text: str, step: int, *, calls: bool = True) -> tuple[str, list[str]]:
    """What is shown of a text that comes in pieces of `step` characters, and what it promises."""
    markup = MarkupFilter((read_call,), STARTS) if calls else MarkupFilter()
    shown = "".join(markup.feed(text[at : at + step]) for at in range(0, len(text), step)) + markup.finish()
    return shown, [promise.description for promise in markup.promises]


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
@pytest.mark.parametrize("markup", [*TAGS, *CALLS, *AT_THE_END])
def test_a_promise_in_the_text_is_read_however_it_is_cut_and_not_shown(markup: str, step: int) -> None:
    assert read(markup, step) == ("", [CAT])
    assert read(f"Here you go!\n\n{markup}", step) == ("Here you go!", [CAT])
    if markup not in AT_THE_END:
        assert read(f"Here!\n{markup}\n\nLike it?", step) == ("Here!\n\nLike it?", [CAT])
    if markup in CALLS:  # without the function that was offered it is text like any other
        assert read(markup, step, calls=False) == (markup, [])


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize("text", NO_PROMISES)
def test_what_promises_nothing_is_shown_as_it_is(text: str, step: int) -> None:
    assert read(text, step) == (text, [])


def test_text_is_held_back_no_longer_than_it_may_become_a_tag() -> None:
    markup = MarkupFilter()
    pieces = [
        "Hi <im",
        "age of <b",
        "old> <image descri",
        'ption="a \'big\' cat &amp; "the" dog"',
        "/",
        "> yes",
    ]
    assert [markup.feed(piece) for piece in pieces] == ["Hi", " <image of <b", "old>", "", "", " yes"]
    assert markup.promises == [Promise("a 'big' cat & \"the\" dog")]


def test_calls_as_data_promise_what_their_arguments_describe() -> None:
    def call(name: str, arguments: object) -> dict[str, object]:
        return {"id": "1", "type": "function", "function": {"name": name, "arguments": arguments}}

    weather = call("weather", "{}")
    calls: list[dict[str, object]] = [
        weather,
        call("generate_image", '{"description": "a lake", "shows_you": true}'),
        call("generate_image", {"prompt": "a hill"}),
        call("generate_image", '{"description": "a wood'),
        {"function": None},
    ]
    others, promises = split_calls(calls)
    assert others == [weather, {"function": None}]
    assert promises == [Promise("a lake", True), Promise("a hill")]
