"""What leaves for the API: step 3 of the exchange."""

from typing import Any
from xml.etree.ElementTree import fromstring

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from animus_tui.backends.animus.client import AnimusClient
from animus_tui.backends.animus.encode import chat_body
from animus_tui.backends.base.chat_values import ReplyFeatures
from animus_tui.backends.base.protocols import ChatCapabilities
from animus_tui.chat.history_window import chat_request, history_window, request_message
from animus_tui.chat.messages import ChatMessage, ImageRecord, image_description, image_message
from animus_tui.config.schema import ChatConfig


def user(text: str, **more: object) -> ChatMessage:
    return msgspec.structs.replace(ChatMessage(role="user", content=text), **more)


def bot(text: str, **more: object) -> ChatMessage:
    return msgspec.structs.replace(ChatMessage(role="assistant", content=text), **more)


def contents(messages: list[ChatMessage]) -> list[str | None]:
    return [message.content for message in messages]


def sent(
    config: ChatConfig, past: list[ChatMessage], new: ChatMessage | None, *, auto_turn: bool
) -> dict[str, Any]:
    """The body that the Animus service gets."""
    capabilities = AnimusClient.chat_capabilities
    request = chat_request(config, past, new, capabilities=capabilities, auto_turn=auto_turn)
    body: dict[str, Any] = msgspec.json.decode(chat_body(request))
    return body


def test_the_window_is_the_last_messages_in_order() -> None:
    messages = [user(str(i)) for i in range(40)]
    assert contents(history_window(messages, 30)) == [str(i) for i in range(10, 40)]


def test_a_window_of_zero_sends_no_history() -> None:
    assert history_window([user("a"), bot("b")], 0) == []


def test_a_whole_reply_counts_as_one_message_however_many_turns_and_pictures_it_had() -> None:
    reply = bot("a b c", turns=["a", "b", "c"], image_prompt="a boat")
    picture = image_message(ImageRecord(prompt="a boat", file="images/x.png"), reply_to=reply.id)
    assert contents(history_window([user("1"), user("2"), reply, picture], 2)) == [
        "2",
        "a b c",
        '<image description="a boat" />',
    ]


def test_the_window_never_starts_in_the_middle_of_a_tool_call_and_its_result() -> None:
    call = bot("", tool_calls=[{"id": "1", "function": {"name": "f", "arguments": "{}"}}])
    result = ChatMessage(role="tool", content="42", tool_call_id="1")
    messages = [user("q"), call, result, bot("It is 42."), user("thanks")]
    assert contents(history_window(messages, 3)) == ["It is 42.", "thanks"]
    assert contents(history_window(messages, 4)) == ["", "42", "It is 42.", "thanks"]


def test_a_window_of_any_size_holds_a_tool_result_only_behind_its_call() -> None:
    for size in range(1, 7):
        calls = [{"id": name, "function": {"name": "f", "arguments": "{}"}} for name in "12"]
        results = [ChatMessage(role="tool", content=name, tool_call_id=name) for name in "12"]
        messages = [user("q"), bot("", tool_calls=calls), *results, bot("It is 42."), user("thanks")]
        window = history_window(messages, size)
        assert window == messages[-len(window) :]
        assert window[0].role != "tool"
        assert len(window) == {3: 2, 4: 2}.get(size, size)


def test_a_failed_message_and_its_silence_do_not_count_in_the_window() -> None:
    messages = [user("1"), bot("2"), user("lost", outcome="failed"), bot(" ", outcome="failed"), user("3")]
    assert contents(history_window(messages, 3)) == ["1", "2", "3"]


def test_a_user_message_whose_request_failed_is_not_sent_again() -> None:
    assert contents(
        history_window([user("lost", outcome="failed"), user("kept", outcome="cancelled")], 9)
    ) == ["kept"]


def test_an_answer_that_broke_off_is_not_sent_beside_the_one_given_anew() -> None:
    broken, anew = bot("I wa", outcome="failed"), bot("I was there.")
    assert contents(history_window([user("a"), broken, anew], 9)) == ["a", "I was there."]
    assert contents(history_window([user("a"), broken, user("b")], 9)) == ["a", "I wa", "b"]


def test_entries_that_say_nothing_are_not_sent() -> None:
    assert history_window([bot(" ", image_prompt="a boat"), ChatMessage(role="assistant")], 9) == []


def test_what_no_service_would_take_is_not_sent() -> None:
    call = bot("", tool_calls=[{"id": "1"}, {"name": "no id"}])
    messages = [
        ChatMessage(role="user"),
        user(" \n"),
        ChatMessage(role="tool", content="without an id"),
        ChatMessage(role="tool", content="before its call", tool_call_id="1"),
        call,
        ChatMessage(role="tool", content="42", tool_call_id="1"),
        ChatMessage(role="tool", content="of nobody", tool_call_id="None"),
        ChatMessage(role="tool", content="of another", tool_call_id="2"),
        bot("It is 42."),
        user("thanks"),
    ]
    assert contents(history_window(messages, 30)) == ["", "42", "It is 42.", "thanks"]


def test_no_other_key_than_those_of_the_api_ever_leaves() -> None:
    message = bot(
        "text",
        name="Vivian",
        reasoning="secret thought",
        turns=["te", "xt"],
        next=True,
        image_prompt="p",
        outcome="cancelled",
        compliance_violations=["x"],
        tool_calls=[{"id": "1"}],
        image=ImageRecord(prompt="p", file="f"),
    )
    assert msgspec.to_builtins(request_message(message)) == {
        "role": "assistant",
        "content": "text",
        "name": "Vivian",
        "tool_calls": [{"id": "1"}],
    }


def test_a_request_with_auto_turn_does_not_stream() -> None:
    body = sent(ChatConfig(), [], user("hi"), auto_turn=True)
    assert body["autoTurn"] is True
    assert body["stream"] is False
    assert body["check_image_generation"] is True
    assert body["compliance"] is True
    assert [entry["role"] for entry in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize("stream", [True, False])
def test_a_request_without_auto_turn_streams_as_configured(stream: bool) -> None:
    body = sent(ChatConfig(stream=stream), [], user("hi"), auto_turn=False)
    assert body["autoTurn"] is False
    assert body["stream"] is stream


def test_only_sampling_parameters_that_were_set_are_sent() -> None:
    body = sent(ChatConfig(temperature=0.0, top_k=5), [], user("hi"), auto_turn=True)
    assert body["temperature"] == 0.0
    assert body["top_k"] == 5
    assert not {"top_p", "n", "max_tokens", "stop", "reasoning", "show_reasoning"} & body.keys()


def test_reasoning_and_show_reasoning_are_sent_together() -> None:
    body = sent(ChatConfig(reasoning=True), [], user("hi"), auto_turn=True)
    assert body["reasoning"] is True
    assert body["show_reasoning"] is True


@pytest.mark.parametrize(("configured", "most"), [(None, 150), (100, 100), (400, 150)])
def test_a_follow_up_is_short_and_not_streamed(configured: int | None, most: int) -> None:
    body = sent(ChatConfig(max_tokens=configured), [user("a"), bot("b")], None, auto_turn=False)
    assert body["max_tokens"] == most
    assert body["stream"] is False
    assert [entry["content"] for entry in body["messages"][1:]] == ["a", "b"]


def test_a_blank_system_message_is_not_sent() -> None:
    body = sent(ChatConfig(system_message=" "), [], user("a"), auto_turn=False)
    assert [message["role"] for message in body["messages"]] == ["user"]


def test_a_service_is_asked_for_nothing_that_it_cannot_do() -> None:
    config = ChatConfig(stream=True, compliance=True, check_image_generation=True)
    for auto_turn in (True, False):
        request = chat_request(config, [], user("a"), capabilities=ChatCapabilities(), auto_turn=auto_turn)
        assert request.stream is False
        assert request.features == ReplyFeatures()


def test_the_prompt_of_a_picture_is_escaped_as_an_xml_attribute() -> None:
    assert (
        image_description('a "red" <b> & co\nat sea')
        == '<image description="a &quot;red&quot; &lt;b&gt; &amp; co&#10;at sea" />'
    )


@given(st.text(alphabet=st.sampled_from("ab &<>\"'\n;#x海🙂=/"), max_size=40))
def test_whatever_the_prompt_is_an_xml_reader_finds_it_in_the_description(prompt: str) -> None:
    element = fromstring(image_description(prompt))  # noqa: S314 (written here a moment ago)
    assert (element.tag, element.attrib) == ("image", {"description": prompt})
    assert "\n" not in image_description(prompt)


def test_every_kind_of_line_break_in_a_prompt_is_escaped_alike() -> None:
    assert image_description("a\r\nb\rc\nd") == '<image description="a&#10;b&#10;c&#10;d" />'


def test_the_description_of_an_edit_says_that_it_was_modified() -> None:
    record = ImageRecord(prompt="more vibrant", file="f", source_url="https://x/y.png")
    assert image_message(record).content == '<image description="Modified: more vibrant" />'
