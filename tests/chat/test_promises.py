"""Pictures that replies promise, of services that do not tell of promises themselves."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from animus_tui.backends.base.no_images import NoImages
from animus_tui.backends.openai.client import OpenAIClient
from animus_tui.chat.events import (
    ImageGenerationComplete,
    ImageGenerationError,
    ImageGenerationStart,
    MessageComplete,
    MessageError,
    MessageTokens,
)
from animus_tui.chat.session import ChatSession
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatConfig, Config, Promises
from tests.support.chat_service import KEY, Answer, Service, chunk, png, reply
from tests.support.talk import FAST, STREAMED, StartTalk, Talk, open_talk

LAKE = "a lake at dawn"
TAG = f'<image description="{LAKE}" />'
CALL = {"id": "1", "type": "function", "function": {"name": "generate_image"}}
PROMISE = "Sure! I'll send you a picture of the lake."
REFUSAL = {"error": {"message": "registry/tiny does not do tools", "type": "api_error"}}


def called(**arguments: object) -> dict[str, Any]:
    function = {"name": "generate_image", "arguments": json.dumps({"description": LAKE, **arguments})}
    return {"id": "1", "type": "function", "function": function}


def answered(promises: bool = True, description: str = LAKE, shows: bool = False) -> dict[str, Any]:
    """What the question is answered."""
    words = {"promises_picture": promises, "description": description, "shows_writer": shows}
    return reply(json.dumps(words))


def with_openai(
    service: Service, folder: Path, promises: Promises = "auto", *, streamed: bool = False, **chat: Any
) -> Any:
    config = ChatConfig(promises=promises, **chat)
    return open_talk(service, folder, backend="openai", chat=config, auto_turn=STREAMED if streamed else FAST)


def is_question(body: dict[str, Any]) -> bool:
    return "response_format" in body


def questions(service: Service) -> list[dict[str, Any]]:
    return [body for body in service.chat_bodies if is_question(body)]


def expect_one_picture(talk: Talk, words: str | None, prompt: str = LAKE, sent: str | None = None) -> None:
    """The reply and its picture, told and kept as those that Animus promises itself."""
    start, complete = talk.of(ImageGenerationStart), talk.of(ImageGenerationComplete)
    promising, picture = talk.messages[-2:]
    assert [event.prompt for event in start] == [event.prompt for event in complete] == [prompt]
    assert start[0].reply_to == picture.reply_to == promising.id
    assert (promising.content or None, promising.image_prompt, promising.tool_calls) == (words, prompt, None)
    assert picture.content == f'<image description="{prompt.replace(chr(10), "&#10;")}" />'
    assert talk.on_disk()[-2]["image_prompt"] == prompt
    assert len(talk.service.image_bodies) == 1
    assert talk.service.image_bodies[0]["prompt"] == (sent or prompt)
    assert talk.outcomes() == ["complete"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("promises", ["auto", "tool"])
async def test_a_call_of_the_function_is_the_promise(
    service: Service, tmp_path: Path, promises: Promises, streamed: bool
) -> None:
    async with with_openai(service, tmp_path, promises, streamed=streamed) as talk:
        service.show()
        if streamed:
            start, rest = called()["function"]["arguments"][:9], called()["function"]["arguments"][9:]
            call = {**CALL, "index": 0, "function": {"name": "generate_image", "arguments": start}}
            more = {"index": 0, "function": {"arguments": rest}}
            service.chat.append(
                Answer(pieces=[chunk("Look!"), chunk(tool_calls=[call]), chunk(tool_calls=[more])])
            )
        else:
            service.say(reply("Look!", tool_calls=[called()]))
        await talk.say("Show me the lake")
        expect_one_picture(talk, "Look!")
        assert [event.image_prompt for event in talk.of(MessageComplete)] == [LAKE]
        # A model that calls the function is not asked whether it has promised a picture.
        service.say(reply("Here is another photo of it!"))
        await talk.say("Nice")
    assert [body["tools"][0]["function"]["name"] for body in service.chat_bodies] == ["generate_image"] * 2
    assert not any("tool_calls" in message for message in service.chat_bodies[1]["messages"])


async def test_deepseek_gets_no_call_back_and_so_has_no_thoughts_to_demand(
    service: Service, tmp_path: Path
) -> None:
    """The generation of its models that refuses a call of its own without the thoughts before it."""
    async with with_openai(service, tmp_path, "tool", streamed=False) as talk:
        service.show()
        service.say(reply("Look!", tool_calls=[called()], reasoning_content="She wants to see it."))
        await talk.say("Show me the lake")
        service.say(reply("I like it there."))
        await talk.say("Nice")
        assert talk.messages[1].reasoning == "She wants to see it."
    said = service.chat_bodies[1]["messages"]
    assert [message["role"] for message in said] == ["system", "user", "assistant", "assistant", "user"]
    assert all(message.keys() <= {"role", "content"} for message in said)


async def test_a_call_alone_is_a_reply_without_words(service: Service, tmp_path: Path) -> None:
    async with with_openai(service, tmp_path) as talk:
        service.show()
        service.say(reply(None, tool_calls=[called(), called(description="another")]))
        await talk.say("Show me the lake")
        expect_one_picture(talk, None)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_reply_that_may_promise_a_picture_is_asked_about_apart_from_the_conversation(
    service: Service, tmp_path: Path, streamed: bool
) -> None:
    async with with_openai(service, tmp_path, "ask", streamed=streamed, temperature=1.5) as talk:
        service.show()
        words = Answer(pieces=[chunk(PROMISE)]) if streamed else Answer(reply(PROMISE))
        service.chat += [Answer(reply("Hello!")), words, Answer(answered())]
        if streamed:
            service.chat[0] = Answer(pieces=[chunk("Hello!")])
        await talk.say("Hi")
        await talk.say("What about the lake?")
        assert talk.messages[1].image_prompt is None
        talk.events = [event for event in talk.events if event.conversation_id]
        assert talk.outcomes() == ["complete", "complete"]
        start = talk.of(ImageGenerationStart)
        assert [(event.prompt, event.reply_to) for event in start] == [(LAKE, talk.messages[3].id)]
        assert talk.messages[3].image_prompt == talk.on_disk()[3]["image_prompt"] == LAKE
        assert talk.messages[4].reply_to == talk.messages[3].id
    (body,) = questions(service)
    assert "tools" not in service.chat_bodies[1]
    assert (body["temperature"], body["stream"]) == (0, False)
    schema = body["response_format"]["json_schema"]
    assert (body["response_format"]["type"], schema["strict"]) == ("json_schema", True)
    assert schema["schema"]["required"] == ["promises_picture", "description", "shows_writer"]
    _, question = body["messages"]
    assert json.loads(question["content"]) == {"message": "What about the lake?", "reply": PROMISE}
    assert not any(word in json.dumps(body) for word in ("Vivian", "Hello!"))


async def test_a_reply_that_cannot_promise_one_is_not_asked_about(service: Service, tmp_path: Path) -> None:
    async with with_openai(service, tmp_path, "ask") as talk:
        service.say(reply("I'm sorry, I can't send pictures."))
        await talk.say("Show me the lake")
    assert len(service.chat_bodies) == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(answered(promises=False)),
        Answer(answered(description=" ")),
        Answer({"error": {"message": "no such model"}}, status=404),
        Answer(reply("Yes, it does.")),
        Answer(reply('{"promises_picture": "maybe"}')),
        Answer(reply("")),
    ],
)
async def test_a_question_that_is_denied_or_fails_is_no_promise_and_no_error(
    service: Service, tmp_path: Path, answer: Answer
) -> None:
    async with with_openai(service, tmp_path, "ask") as talk:
        service.chat += [Answer(reply(PROMISE)), answer]
        await talk.say("Show me the lake")
        assert (talk.outcomes(), talk.of(MessageError)) == (["complete"], [])
        assert talk.messages[-1].image_prompt is None
    assert (len(questions(service)), service.image_bodies) == (1, [])


async def test_what_is_said_to_a_picture_may_want_it_changed(service: Service, tmp_path: Path) -> None:
    older = "Okay, I'll add some grey hair."
    async with with_openai(service, tmp_path, "ask") as talk:
        service.say(reply(older))
        await talk.say("She should look older")
        service.show()
        await talk.session.generate_image("a woman")
        service.show()
        service.say(reply(older), answered())
        await talk.say("She should look older")
        assert [event.prompt for event in talk.of(ImageGenerationStart)] == ["a woman", LAKE]
    assert len(questions(service)) == 1


async def test_a_question_that_is_cancelled_leaves_the_reply_whole(service: Service, tmp_path: Path) -> None:
    never = asyncio.Event()
    async with with_openai(service, tmp_path, "ask") as talk:
        service.chat += [Answer(reply(PROMISE)), Answer(answered(), gate=never)]
        await talk.session.send("Show me the lake")
        await talk.until(MessageComplete)
        while not questions(service):
            await asyncio.sleep(0.005)
        await talk.session.cancel()
        assert (talk.messages[-1].content, talk.messages[-1].outcome) == (PROMISE, None)
        assert talk.outcomes() == ["cancelled"]
        never.set()


@pytest.mark.parametrize("streamed", [False, True])
async def test_where_functions_are_refused_the_reply_comes_without_and_is_asked_about(
    service: Service, tmp_path: Path, streamed: bool
) -> None:
    async with with_openai(service, tmp_path, streamed=streamed) as talk:
        service.show()
        words = Answer(pieces=[chunk(PROMISE)]) if streamed else Answer(reply(PROMISE))
        service.chat += [Answer(REFUSAL, status=400), words, Answer(answered())]
        await talk.say("Show me the lake")
        expect_one_picture(talk, PROMISE)
        service.chat.append(Answer(pieces=[chunk("Bye")]) if streamed else Answer(reply("Bye")))
        await talk.say("Bye")
    assert ["tools" in body for body in service.chat_bodies] == [True, False, False, False]


async def test_where_functions_are_ignored_the_reply_is_asked_about_and_they_are_no_longer_offered(
    service: Service, tmp_path: Path
) -> None:
    async with with_openai(service, tmp_path) as talk:
        service.show()
        service.say(reply(PROMISE), answered(), reply("Bye"))
        await talk.say("Show me the lake")
        expect_one_picture(talk, PROMISE)
        await talk.say("Bye")
    assert ["tools" in body for body in service.chat_bodies] == [True, False, False]


async def test_functions_that_were_asked_for_and_are_refused_are_an_error_that_says_what_to_do(
    service: Service, tmp_path: Path
) -> None:
    async with with_openai(service, tmp_path, "tool") as talk:
        service.chat.append(Answer(REFUSAL, status=400))
        await talk.say("Show me the lake")
        (error,) = talk.of(MessageError)
    assert "does not do tools" in error.error
    assert error.error.endswith('Or set promises = "ask" in [chat], which needs no tools.')


CALL_AS_TEXT = (
    '<tool_call>\n{"name": "generate_image", "arguments": {"description": "' + LAKE + '"}}\n</tool_call>'
)


@pytest.mark.parametrize("promises", ["auto", "service", "ask", "tool"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_tag_in_the_text_is_a_promise_that_is_not_shown(
    service: Service, tmp_path: Path, promises: Promises, streamed: bool
) -> None:
    await expect_promise_in_text(service, tmp_path, promises, TAG, streamed=streamed)


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_call_in_the_text_is_a_promise_that_is_not_shown(
    service: Service, tmp_path: Path, streamed: bool
) -> None:
    await expect_promise_in_text(service, tmp_path, "tool", CALL_AS_TEXT, streamed=streamed)


async def expect_promise_in_text(
    service: Service, folder: Path, promises: Promises, markup: str, *, streamed: bool
) -> None:
    text = f"<think>{markup}?</think>Look!\n\n{markup}\n\nLike it?"
    async with with_openai(service, folder, promises, streamed=streamed) as talk:
        service.show()
        pieces = [chunk(text[at : at + 5]) for at in range(0, len(text), 5)]
        service.chat.append(Answer(pieces=pieces) if streamed else Answer(reply(text)))
        await talk.say("Show me the lake")
        expect_one_picture(talk, "Look!\n\nLike it?")
        bubbles = ["Look!\n\nLike it?"] if streamed else ["Look!", "Like it?"]
        assert [event.content for event in talk.of(MessageComplete)] == bubbles
        assert "".join(event.content for event in talk.of(MessageTokens)) == bubbles[0] * streamed
        assert talk.of(MessageComplete)[-1].image_prompt == LAKE
    assert len(service.chat_bodies) == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Let me see <im", "Let me see <im"),
        ("Use <image of", "Use <image of"),
        (f"Perhaps {TAG} would do.</think>Hello!", "Hello!"),
    ],
)
async def test_what_only_begins_as_a_tag_is_shown_and_a_thought_is_no_promise(
    service: Service, tmp_path: Path, text: str, shown: str
) -> None:
    async with with_openai(service, tmp_path, "service", streamed=True) as talk:
        service.chat.append(Answer(pieces=[chunk(text[at : at + 7]) for at in range(0, len(text), 7)]))
        await talk.say("Hi")
        assert (talk.messages[-1].content, talk.messages[-1].image_prompt) == (shown, None)
        assert talk.of(MessageComplete)[-1].content == shown


async def test_what_animus_promises_itself_counts_before_a_tag_in_its_text(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk() as talk:
        service.show()
        service.say(reply(f"Look!\n{TAG}", image_prompt="a hill", turns=["Look!", TAG]))
        await talk.say("Show me the hill")
        expect_one_picture(talk, "Look!", "a hill")
    assert service.chat_bodies[0]["check_image_generation"] is True


async def test_animus_can_be_asked_too_although_it_takes_no_schema(
    service: Service, start_talk: StartTalk
) -> None:
    async with start_talk(chat=ChatConfig(promises="ask")) as talk:
        service.show()
        service.say(reply(PROMISE), answered())
        await talk.say("Show me the lake")
        expect_one_picture(talk, PROMISE)
    assert not questions(service)
    assert service.chat_bodies[1]["temperature"] == 0


@pytest.mark.parametrize("promises", ["ask", "tool", "never"])
async def test_animus_is_not_asked_for_promises_that_are_found_another_way_or_never(
    service: Service, start_talk: StartTalk, promises: Promises
) -> None:
    async with start_talk(chat=ChatConfig(promises=promises)) as talk:
        service.say(reply("Hello."))
        await talk.say("Hi")
    assert service.chat_bodies[0]["check_image_generation"] is False


async def test_never_means_that_nothing_is_looked_for(service: Service, tmp_path: Path) -> None:
    async with with_openai(service, tmp_path, "never") as talk:
        service.say(reply(f"{PROMISE} {TAG}", image_prompt=LAKE))
        await talk.say("Show me the lake")
        assert (talk.messages[-1].content, talk.messages[-1].image_prompt) == (f"{PROMISE} {TAG}", None)
    assert (len(service.chat_bodies), service.image_bodies) == (1, [])
    assert "tools" not in service.chat_bodies[0]


async def test_without_a_service_for_pictures_none_is_looked_for(service: Service, tmp_path: Path) -> None:
    api = ApiConfig(backend="openai", api_key=KEY, base_url=service.url + "/v3")
    config = Config(api=api, auto_turn=AutoTurnConfig(enabled=False), chat=ChatConfig(stream=False))
    async with (
        OpenAIClient(api) as client,
        ChatSession(client, NoImages(), ConversationStore(tmp_path), config) as session,
    ):
        service.say(reply(PROMISE))
        await session.send("Show me the lake")
        await session.wait()
        assert session.conversation.messages[-1].content == PROMISE
    assert len(service.chat_bodies) == 1
    assert "tools" not in service.chat_bodies[0]


LOOKS = "red hair"


@pytest.mark.parametrize(
    ("said", "prompt", "sent"),
    [
        (reply("Me!", tool_calls=[called(shows_you=True)]), LAKE, f"{LAKE}, {LOOKS}"),
        (reply("It!", tool_calls=[called(shows_you=False)]), LAKE, LAKE),
        (
            reply('Me! <image description="Vivian at a lake" />'),
            "Vivian at a lake",
            f"Vivian at a lake, {LOOKS}",
        ),
        (reply(f"It! {TAG}"), LAKE, LAKE),
    ],
)
async def test_a_picture_of_the_character_has_its_appearance_among_its_words(
    service: Service, tmp_path: Path, said: dict[str, Any], prompt: str, sent: str
) -> None:
    async with with_openai(service, tmp_path, appearance=LOOKS) as talk:
        service.show()
        service.say(said)
        await talk.say("Show me")
        expect_one_picture(talk, said["choices"][0]["message"]["content"][:3], prompt, sent)
        image = talk.messages[-1].image
        assert image is not None
        assert image.real_prompt == sent


async def test_what_the_model_says_when_it_is_asked_is_kept_for_a_picture_that_is_made_later(
    service: Service, tmp_path: Path
) -> None:
    async with with_openai(service, tmp_path, "ask", appearance=LOOKS) as talk:
        service.images.append(Answer({"message": "busy"}, status=400))
        service.say(reply(PROMISE), answered(shows=True))
        await talk.say("Show me the lake")
        assert talk.on_disk()[-1]["shows_character"] is True
        service.show()
        talk.session.images.start_promised(talk.messages[-1].id)
        await talk.session.wait()
        assert [body["prompt"] for body in service.image_bodies] == [f"{LAKE}, {LOOKS}"] * 2


async def test_a_promised_picture_that_fails_can_be_made_later(service: Service, tmp_path: Path) -> None:
    async with with_openai(service, tmp_path) as talk:
        service.images.append(Answer({"message": "busy"}, status=400))
        service.say(reply("Look!", tool_calls=[called()]))
        await talk.say("Show me the lake")
        assert [(event.prompt, event.reply_to) for event in talk.of(ImageGenerationError)] == [
            (LAKE, talk.messages[-1].id)
        ]
        service.show()
        talk.session.images.start_promised(talk.messages[-1].id)
        await talk.session.wait()
        assert talk.messages[-1].image is not None
        assert (talk.session.conversation.folder / talk.messages[-1].image.file).read_bytes() == png()
