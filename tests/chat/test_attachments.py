"""Pictures that the user shows: kept with the conversation, sent with their message and for as long as it is sent."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from animus_tui.chat.attachments import MOST_ATTACHED, MOST_SENT, Attachment
from animus_tui.chat.events import MessageComplete, MessageError
from animus_tui.chat.export.files import Export, Format
from animus_tui.chat.messages import ChatMessage, ImageRecord
from animus_tui.chat.search_text import text_of
from animus_tui.chat.storage.summary import last_words
from animus_tui.config.schema import ApiConfig, AutoTurnConfig, ChatService
from animus_tui.errors import BlankError, StoreError, UserError
from tests.support.chat_service import Answer, Service, png, reply
from tests.support.stored_history import full_disk
from tests.support.talk import FAST, STREAMED, StartTalk

BACKENDS = ("animus", "openai")


def attachment(shade: int = 0) -> Attachment:
    return Attachment(name=f"lake {shade}.png", data=png(shade=shade), width=8, height=6)


def address(shade: int = 0) -> str:
    return f"data:image/png;base64,{base64.b64encode(png(shade=shade)).decode()}"


def parts(words: str, *shades: int) -> list[dict[str, Any]]:
    """What a service gets for a message."""
    text = [{"type": "text", "text": words}] if words else []
    return [*text, *({"type": "image_url", "image_url": {"url": address(shade)}} for shade in shades)]


def seen(service: Service, backend: ChatService) -> list[list[dict[str, Any]]]:
    """The messages of each request with images but for the system message, all contents as parts."""
    bodies = service.media_bodies if backend == "animus" else service.chat_bodies
    told = []
    for body in bodies:
        for message in body["messages"]:
            if isinstance(message["content"], str):
                message["content"] = parts(message["content"])
        told.append([message for message in body["messages"] if message["role"] != "system"])
    return told


@pytest.mark.parametrize("auto_turn", [STREAMED, FAST], ids=["streamed", "whole"])
async def test_it_is_sent_with_its_message_and_with_those_that_follow_also_after_a_restart(
    start_talk: StartTalk, service: Service, backend: ChatService, auto_turn: AutoTurnConfig
) -> None:
    service.answer_chat = lambda _: Answer(reply("A lake."))
    async with start_talk(auto_turn=auto_turn) as talk:
        await talk.session.send("What is it?", [attachment(1), attachment(2)])
        await talk.session.wait()
        (entry, _) = talk.on_disk()
        assert (entry["role"], entry["content"]) == ("user", "What is it?")
        files = [record["file"] for record in entry["attached"]]
        for file, shade in zip(files, (1, 2), strict=True):
            assert talk.session.conversation.path_of(file).read_bytes() == png(shade=shade)
        assert len(talk.of(MessageComplete)) == 1
    async with start_talk(auto_turn=auto_turn) as talk:
        await talk.say("And the colour?")
        assert talk.messages[0].attached is not None
        assert talk.of(MessageError) == []
    first, second = seen(service, backend)
    assert first == [{"role": "user", "content": parts("What is it?", 1, 2)}]
    assert second[0] == first[0]
    assert second[-1] == {"role": "user", "content": parts("And the colour?")}
    if backend == "animus":
        assert service.chat_bodies == []
        body = service.media_bodies[0]
        assert (body["model"], body["stream"]) == (ApiConfig().vision_model, False)
        assert "autoTurn" not in body


async def test_without_words_it_is_a_message_too_and_names_the_conversation(
    start_talk: StartTalk, service: Service, backend: ChatService
) -> None:
    async with start_talk() as talk:
        with pytest.raises(BlankError):
            await talk.session.send(" ")
        service.say(reply("A lake."))
        await talk.session.send("", [attachment(3)])
        await talk.session.wait()
        assert seen(service, backend) == [[{"role": "user", "content": parts("", 3)}]]
        assert talk.session.conversation.conversation.title == "lake 3.png"
        assert last_words(talk.messages[0]) == "lake 3.png"
        found = text_of(talk.messages[0])
        assert found is not None
        assert found.source == ""
        assert not talk.messages[0].is_empty


async def test_a_model_that_cannot_see_is_told_with_what_to_do_and_does_not_block_what_follows(
    start_talk: StartTalk, service: Service
) -> None:
    sentence = "image input is not supported - hint: you may need to provide the mmproj"
    refusal = {"error": {"code": 500, "message": sentence, "type": "server_error"}}
    async with start_talk() as talk:
        service.chat.append(Answer(refusal, status=500))
        await talk.session.send("What is it?", [attachment()])
        await talk.session.wait()
        (told,) = talk.of(MessageError)
        assert sentence in told.error
        assert told.error.endswith("choose one that can, or send the message without them.")
        assert talk.messages[0].outcome == "failed"
        service.say(reply("Hello."))
        await talk.say("Hello?")
        assert "image_url" not in json.dumps(service.chat_bodies[-1])
        assert talk.messages[-1].content == "Hello."


async def test_what_is_sent_again_in_other_words_or_retried_keeps_it(
    start_talk: StartTalk, service: Service, backend: ChatService
) -> None:
    async with start_talk() as talk:
        service.chat.append(Answer({"message": "Not now."}, status=400))
        await talk.session.send("What is it?", [attachment(1)])
        await talk.session.wait()
        service.say(reply("A lake."), reply("A pond."))
        await talk.session.retry()
        await talk.session.wait()
        await talk.session.revisions.edit_and_resend(talk.messages[0].id, "Really?")
        await talk.session.wait()
        told = [request[-1]["content"] for request in seen(service, backend)]
        assert told == [parts("What is it?", 1)] * 2 + [parts("Really?", 1)]


async def test_only_the_newest_pictures_are_sent_and_of_the_others_the_names(
    start_talk: StartTalk, service: Service, backend: ChatService
) -> None:
    service.answer_chat = lambda _: Answer(reply("Yes."))
    async with start_talk() as talk:
        for first in range(0, MOST_SENT + MOST_ATTACHED, MOST_ATTACHED):
            await talk.session.send("More", [attachment(first + more) for more in range(MOST_ATTACHED)])
            await talk.session.wait()
        oldest, *_ = seen(service, backend)[-1]
        names = [f'<image description="lake {number}.png" />' for number in range(MOST_ATTACHED)]
        assert oldest["content"] == parts("\n".join(["More", *names]))
        assert json.dumps(seen(service, backend)[-1]).count("image_url") == 2 * MOST_SENT
        with pytest.raises(UserError, match="4 pictures at most"):
            await talk.session.send("More", [attachment(number) for number in range(MOST_ATTACHED + 1)])


async def test_files_that_are_gone_or_no_pictures_of_the_conversation_are_not_sent(
    start_talk: StartTalk, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    async with start_talk() as talk:
        stored = talk.session.conversation
        (stored.folder / "images").mkdir()
        (stored.folder / "images" / "text.png").write_text("no picture")
        names = ("images/gone.png", "images/text.png", "../../secret.png", str(tmp_path / "secret.png"))
        records = [ImageRecord(prompt=f"p{at}", file=name) for at, name in enumerate(names)]
        stored.put(ChatMessage(role="user", content="Look", attached=records))
        stored.put(ChatMessage(role="assistant", content="I do."))
        service.say(reply("Yes."))
        await talk.say("And now?")
        first = service.chat_bodies[-1]["messages"][1]["content"]
        assert first == "\n".join(["Look", *(f'<image description="p{at}" />' for at in range(4))])


async def test_a_disk_that_refuses_it_leaves_nothing_said(start_talk: StartTalk, service: Service) -> None:
    async with start_talk() as talk:
        service.say(reply("Hello."))
        await talk.say("Hello")
        with full_disk(), pytest.raises(StoreError, match="picture could not be saved"):
            await talk.session.send("What is it?", [attachment()])
        assert [message.content for message in talk.messages] == ["Hello", "Hello."]
        assert len(talk.on_disk()) == 2


@pytest.mark.parametrize(("form", "shown"), [("md", 2), ("html", 2), ("txt", 2), ("json", 1)])
async def test_it_is_in_each_export(
    start_talk: StartTalk, service: Service, tmp_path: Path, form: Format, shown: int
) -> None:
    async with start_talk() as talk:
        service.say(reply("Lakes."))
        await talk.session.send("What is it?", [attachment(1), attachment(2)])
        await talk.session.wait()
        target = tmp_path / f"talk.{form}"
        Export(talk.session.conversation).write(target, form)
        text = target.read_text()
    mark = {"md": "![lake", "html": "<img ", "txt": "[picture: lake", "json": '"attached"'}[form]
    assert text.count(mark) == shown
    assert "variant" not in text.partition("</style>")[2]
    folders = {"md": tmp_path / "talk-images", "json": tmp_path / "talk-files" / "images"}
    if form in folders:
        assert len(list(folders[form].iterdir())) == 2
