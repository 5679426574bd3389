"""A conversation as a file: the same again when it is imported, no markup of a text's own, nothing overwritten."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import signal
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from animus_tui.chat.conversation_settings import ConversationSettings
from animus_tui.chat.export.files import FORMATS, STAGING, Export, format_of, free_name
from animus_tui.chat.export.html_text import html_of
from animus_tui.chat.importing.importer import import_file
from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message, with_former
from animus_tui.chat.storage.conversation import StoredConversation
from animus_tui.chat.storage.store import ConversationStore
from animus_tui.errors import UsageError, UserError
from animus_tui.locked_folders import LockedFolder
from tests.support.hostile_texts import HOSTILE
from tests.support.picture_samples import RED, file_of, plain
from tests.support.stored_history import import_history

PNG = file_of(plain(RED, (8, 6)), "PNG")
NASTY = (
    "<script>alert(1)</script>",
    "</style></title></div>",
    "![x](https://evil.example/a.png) ![y](javascript:alert(1))",
    '[click](javascript:alert(1)) [d](data:text/html,<script>) <https://ok.example/?a=1&b="2">',
    '" onerror="alert(1)" x="',
    "<img src=x onerror=alert(1)> <!-- ]]> &lt;b&gt;",
    "```html\n</code></pre><script>\n```\n~~~<b>\nx",
    "| a | b |\n|:-:|--:|\n| <i>x</i> | `</td>` |",
    "\x00\x1b[31m\u202egnp.exe\u2066",
    HOSTILE,
)
TEXTS = st.one_of(st.sampled_from(NASTY), st.text(max_size=60), st.just("word " * 40_000))


def record(stored: StoredConversation, prompt: str = "A fox", **more: Any) -> ImageRecord:
    """A picture that is kept in the conversation."""
    return ImageRecord(
        prompt=prompt, file=stored.write_image(PNG, ".png"), width=8, height=6, created="2026-01-31", **more
    )


# Exported and imported again


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PICTURES = st.binary(max_size=4).map(lambda data: PNG + data)


def entries(pictures: list[bytes]) -> st.SearchStrategy[dict[str, Any]]:
    """Entries as this application, a later version or the SDK writes them."""
    records = st.builds(
        lambda data, prompt: {
            "prompt": prompt,
            "file": f"images/{hashlib.sha256(data).hexdigest()}.png",
            "created": "2026-01-31T10:00:00.000Z",
        },
        st.sampled_from(pictures),
        st.text(max_size=8),
    )
    words = st.text(max_size=30)
    return st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system", "tool"]), "content": words | st.none()},
        optional={
            "id": st.uuids().map(str),
            "timestamp": st.datetimes().map(lambda at: at.isoformat() + "Z"),
            "reasoning": words,
            "turns": st.lists(words, max_size=3),
            "image": records,
            "variants": st.lists(records, min_size=1, max_size=2),
            "attached": st.lists(records, min_size=1, max_size=2),
            "groupId": words,
            "hidden": st.booleans(),
            "branches": st.lists(
                st.none()
                | st.lists(st.fixed_dictionaries({"role": st.just("user"), "image": records}), max_size=2),
                max_size=2,
            ),
            "x-later": JSON_VALUES,
        },
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_exported_as_json_and_imported_again_it_is_the_same_conversation(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("round")
    pictures = data.draw(st.lists(PICTURES, min_size=1, max_size=3))
    array = data.draw(st.lists(entries(pictures), min_size=1, max_size=5))
    about = Conversation(
        id="talk.1",
        title=data.draw(st.text(max_size=20)),
        name=data.draw(st.text(max_size=20)),
        created="2026-01-31T10:00:00.000Z",
    )
    stored = import_history(ConversationStore(folder / "one"), json.dumps(array).encode(), about)
    for each in pictures:
        stored.write_image(each, ".png")
    Export(stored).write(folder / "talk.json", "json")
    stored.close()

    other = ConversationStore(folder / "two")
    imported = import_file(folder / "talk.json", other)

    assert imported.ids == ["talk.1"]
    assert not +imported.left_out
    again = other.open("talk.1")
    assert replace(again.conversation, summary=None) == replace(stored.conversation, summary=None)
    assert list(again.messages) == list(stored.messages)
    history = (stored.folder / "history.json").read_bytes()
    assert (again.folder / "history.json").read_bytes() == history
    assert json.loads((folder / "talk.json").read_bytes()) == json.loads(history)
    for name in set(re.findall(rb"images/\w{64}\.png", history)):
        assert (again.folder / name.decode()).read_bytes() == (stored.folder / name.decode()).read_bytes()
    again.close()


# The HTML page


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("meta", "img", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        where = self.open[-1] if self.open else ""
        self.texts[where] = self.texts.get(where, "") + data


MARKDOWN = {
    "p",
    "em",
    "strong",
    "s",
    "code",
    "pre",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "blockquote",
}
MARKDOWN |= {"ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "span"}
OURS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "div",
    "header",
    "main",
    "section",
    "b",
    "time",
    "figure",
}
OURS |= {"figcaption", "img", "footer", "details", "summary"}
ALLOWED = {
    "class",
    "dir",
    "rel",
    "target",
    "datetime",
    "lang",
    "charset",
    "name",
    "content",
    "http-equiv",
    "alt",
}
ALLOWED |= {"width", "height", "start"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=3, max_size=3))
def test_no_text_becomes_markup_of_the_page(
    texts: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    said, thought, named = texts
    store = ConversationStore(tmp_path_factory.mktemp("page"))
    stored = store.create(Conversation(id="one", title=named, name=thought))
    stored.put(ChatMessage(role="user", content=said))
    stored.put(ChatMessage(role="assistant", content=said, reasoning=thought, turns=[said, named, said]))
    call = {"function": {"name": said}}
    stored.put(ChatMessage(role="assistant", content="", tool_calls=[call], compliance_violations=[said]))
    stored.put(image_message(record(stored, said, model=thought)))
    stored.put(image_message(ImageRecord(prompt=said, file=f"images/{named[:9]}".replace("\0", ""))))

    text = b"".join(Export(stored).pieces("html")).decode()
    stored.close()

    page = Page(text)
    assert page.open == []
    assert page.tags <= MARKDOWN | OURS
    for tag, name, value in page.attributes:
        if name == "href":
            assert re.match("https?:|mailto:", value, re.IGNORECASE)
        elif name == "src":
            assert (tag, value) == ("img", f"data:image/png;base64,{base64.b64encode(PNG).decode()}")
        else:
            assert name in ALLOWED
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    policy = next(value for tag, name, value in page.attributes if "default-src" in value)
    digest = base64.b64encode(hashlib.sha256(page.texts["style"].encode()).digest()).decode()
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")


@given(st.text("aZé1 ,.;!?'\"’“…()–-www", max_size=40), st.sampled_from(["", "*x*", "`", "\\", "&amp;"]))
def test_sentences_are_the_same_html_with_and_without_the_parser(words: str, mark: str) -> None:
    text = f"{words}{mark}"
    parsed = html_of(f"{text}\n\n*.*")  # the second paragraph has a mark, so that all of it is parsed
    assert parsed == html_of(text) + html_of("*.*")


def test_the_page_has_the_conversation_as_it_is_shown(stored: StoredConversation) -> None:
    stored.put(ChatMessage(role="user", content="Show me\na fox", timestamp="2026-01-31T10:00:00Z"))
    stored.put(
        ChatMessage(
            role="assistant", content="One\nTwo", turns=["**One**", "`Two`"], reasoning="A fox, then."
        )
    )
    first, second = (
        record(stored, "A fox", settings={"seed": 1}),
        record(stored, "A fox", settings={"seed": 2}),
    )
    stored.put(image_message(first, second))
    clip = stored.write_image(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0" * 32, ".mp4")
    stored.put(image_message(record(stored, "It runs", video=clip)))
    stored.put(ChatMessage(role="system", content="A secret instruction"))
    stored.put(ChatMessage(role="assistant", content="", image_prompt="A den"))
    stored.put(ChatMessage(role="assistant", content="", image_prompt="A card", promise="asked"))
    stored.put(ChatMessage(role="assistant", content="", image_prompt="A card", promise="declined"))
    stored.put(ChatMessage(role="user", content="Hello?", outcome="failed"))

    text = b"".join(Export(stored, name="Vivian").pieces("html")).decode()

    assert text.index("Show me\na fox") < text.index("<strong>One</strong>") < text.index("<code>Two</code>")
    assert "<summary>Reasoning</summary><div>A fox, then.</div>" in text
    assert '<em>A fox</em><span class="facts">8×6 · seed 1</span>' in text
    assert "<span>seed 2</span>" in text
    assert "<video controls" in text
    assert "A secret instruction" not in text
    assert "image not generated: A den" in text
    assert "A card" not in text  # whether it is to be made is no part of what was said
    assert "not answered" in text
    assert text.count('class="bubble"') == 4
    assert "<title>First</title>" in text
    assert "8 messages" in text


# Files


def test_markdown_has_its_pictures_in_a_folder_beside(stored: StoredConversation, tmp_path: Path) -> None:
    stored.put(ChatMessage(role="user", content="Is <b>bold</b> shown? `<i>`"))
    stored.put(ChatMessage(role="assistant", content="```\n<b>\n```\n# So"))
    stored.put(image_message(record(stored, "A [fox] & *hen*"), record(stored, "A den", model="m")))
    stored.put(image_message(ImageRecord(prompt="lost", file="images/none.png")))

    Export(stored).write(tmp_path / "a talk.md", "md")

    text = (tmp_path / "a talk.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) == 2
    assert all((tmp_path / unquote(link)).read_bytes() == PNG for link in links)
    assert len(list((tmp_path / "a talk-images").iterdir())) == 1  # both have the same bytes
    assert "Is \\<b>bold\\</b> shown? `<i>`" in text
    assert "```\n<b>\n```\n# So" in text
    assert "![A \\[fox\\] \\& \\*hen\\*](" in text
    assert "the file of this picture is missing" in text
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "data") == [
        "a talk-images",
        "a talk.md",
    ]


def test_plain_text_has_no_marks(stored: StoredConversation) -> None:
    stored.put(ChatMessage(role="user", content="*stars* of mine"))
    stored.put(ChatMessage(role="assistant", content="**Yes**, [here](https://a.example).", reasoning="Hm."))
    stored.put(image_message(record(stored, "A fox", settings={"seed": 3})))
    text = b"".join(Export(stored, name="Vivian").pieces("txt")).decode()
    for expected in (
        "First\n",
        "  *stars* of mine",
        "  Yes, here.",
        "(reasoning) Hm.",
        "[picture: A fox · 8×6 · seed 3]",
    ):
        assert expected in text


@pytest.mark.parametrize("form", ["html", "md", "txt"])
def test_what_was_said_keeps_the_name_of_who_said_it(form: Any, stored: StoredConversation) -> None:
    stored.put(
        ChatMessage(role="assistant", content="The light is on.", timestamp="2026-01-01T10:00:00.000Z")
    )
    stored.describe(with_former(stored.conversation, ConversationSettings(name="Henrik")))
    stored.put(ChatMessage(role="assistant", content="Mind the step.", timestamp="2999-01-01T10:00:00.000Z"))
    text = b"".join(Export(stored, name="Safiya").pieces(form)).decode()
    places = [text.find(words) for words in ("Henrik", "The light is on.", "Mind the step.")]
    assert -1 not in places
    assert places == sorted(places)
    assert "Safiya" in text[places[1] : places[2]]


def test_what_another_program_still_writes_is_not_told_as_interrupted_or_missing(
    stored: StoredConversation,
) -> None:
    stored.put(ChatMessage(role="assistant", content="Cut before", outcome="cancelled"))
    stored.put(ChatMessage(role="user", content="Again"))
    stored.put(ChatMessage(role="assistant", content="It begins", image_prompt="a boat", outcome="cancelled"))
    reader = ConversationStore(stored.data_folder).open(stored.conversation.id)
    assert reader.is_open_elsewhere
    text = b"".join(Export(reader).pieces("txt")).decode()
    assert (text.count("interrupted"), text.count("image not generated")) == (1, 0)
    reader.close()
    text = b"".join(Export(stored).pieces("txt")).decode()
    assert (text.count("interrupted"), text.count("image not generated")) == (2, 1)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_overwritten_and_nothing_is_left_behind(
    form: Any, stored: StoredConversation, tmp_path: Path
) -> None:
    stored.put(image_message(record(stored)))
    target = tmp_path / f"talk.{form}"
    target.write_text("mine")
    for name, words in (
        (f"talk.{form}", "exists already"),
        ("", "is a folder"),
        (f"none/talk.{form}", "There is no folder"),
        (f"{'x' * 300}.{form}", "was not exported"),
        (f"a\0b.{form}", "was not exported"),
    ):
        with pytest.raises(UserError, match=words):
            Export(stored).write(tmp_path / name if name else tmp_path, form)
    if form in ("md", "json"):
        beside = tmp_path / f"other-{'images' if form == 'md' else 'files'}"
        beside.mkdir()
        (beside / "mine").touch()
        with pytest.raises(UserError, match="exists already"):
            Export(stored).write(tmp_path / f"other.{form}", form)
        assert [path.name for path in beside.iterdir()] == ["mine"]
    assert target.read_text() == "mine"
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
    assert free_name(tmp_path, f"talk.{form}") == tmp_path / f"talk-2.{form}"


def test_the_suffix_says_the_format() -> None:
    assert [format_of(Path(name)) for name in ("a.md", "B.HTML", "c.json", "d.txt")] == [
        "md",
        "html",
        "json",
        "txt",
    ]
    with pytest.raises(UsageError, match="use the suffix"):
        format_of(Path("talk.pdf"))


def test_an_export_that_is_cancelled_or_killed_leaves_nothing_for_long_and_one_under_way_stays(
    stored: StoredConversation, tmp_path: Path
) -> None:
    for number in range(50):
        stored.put(ChatMessage(role="user", content=f"text {number}"))
    stored.put(image_message(record(stored)))

    cancelled = Export(stored)
    pieces = cancelled.progress.counted(range(3))
    assert (next(pieces), next(pieces), cancelled.progress.done) == (0, 1, 1)
    cancelled.progress.is_cancelled = True
    for form in FORMATS:
        with pytest.raises(UserError, match="cancelled"):
            cancelled.write(tmp_path / f"cancelled.{form}", form)
    assert not list(tmp_path.glob("*cancelled*"))
    assert not list(tmp_path.glob(".*"))

    folder, store = tmp_path / "exports", stored.folder.parents[1]
    folder.mkdir()
    with LockedFolder(folder, STAGING) as under_way:
        killed = subprocess.run([sys.executable, "-c", KILLED, str(store), stored.folder.name, str(folder)])
        assert killed.returncode == -signal.SIGKILL
        assert len(list(folder.glob(f"{STAGING}*"))) == 2, "what the kill left, and what is under way"
        Export(stored).write(folder / "talk.md", "md")
        assert list(folder.glob(".*")) == [under_way.path]
    assert sorted(path.name for path in folder.iterdir()) == ["talk-images", "talk.md"]


KILLED = """
import os, signal, sys
from pathlib import Path
from animus_tui.chat.export.files import Export
from animus_tui.chat.storage.store import ConversationStore
store, name, folder = sys.argv[1:]
export = Export(ConversationStore(Path(store)).open(name))
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)  # all is written, and has no name yet
export.write(Path(folder) / "talk.json", "json")
"""
