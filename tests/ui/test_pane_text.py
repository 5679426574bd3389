"""Bubbles: who spoke and when, Markdown, streaming, reasoning, marks; whatever the text holds, it is only text."""

import asyncio
import gc
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from animus_tui.chat.messages import ChatMessage
from animus_tui.config.schema import UiConfig
from animus_tui.demo.commands import ESCAPES
from animus_tui.ui.conversation.actions import LinkOpened
from animus_tui.ui.conversation.entries.texts import StreamedText
from animus_tui.ui.markdown.document import StreamLayout
from animus_tui.ui.markdown.text_layout import TextLayout
from tests.support.pane_app import said, show, stage

MARKDOWN = """# A heading
Words with *emphasis*, **weight** and `code`,
and a second line.

- one
- two
  1. deep

| Colour | Hex |
|---|---|
| amber | `#e0a458` |
| sky | two words |

```python
def fib(n: int) -> int:
    return n
```

> quoted

---

The end."""
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def reply(content: str, **more: object) -> ChatMessage:
    return ChatMessage(role="assistant", content=content, timestamp=NOW.isoformat(), **more)  # type: ignore[arg-type]


def user(content: str, at: datetime = NOW) -> ChatMessage:
    return ChatMessage(role="user", content=content, timestamp=at.isoformat())


def words_of(text: str) -> str:
    return " ".join(text.split())


async def test_the_users_words_stand_right_and_the_characters_left_with_name_and_time() -> None:
    async with stage([user("My words"), reply("Her words")]) as on:
        clock = f"{NOW.astimezone():%H:%M}"
        lines = on.app.text().split("\n")
        (mine,) = [line for line in lines if "My words" in line]
        assert mine.startswith(" " * 40)
        assert mine.endswith(f"My words  {clock}")
        assert lines[on.row_of("Her words") - 1].strip() == f"Vivian {clock}"
        assert lines[on.row_of("Her words")].startswith(" Her words")


async def test_without_times_only_the_name_stands_there() -> None:
    async with stage([user("My words"), reply("Her words")], ui=UiConfig(show_time=False)) as on:
        assert f"{NOW.astimezone():%H:%M}" not in on.app.text()


async def test_at_forty_columns_the_users_words_are_not_pushed_right() -> None:
    async with stage([user("My words"), reply("Her words")], size=(40, 20)) as on:
        assert on.app.text().split("\n")[on.row_of("My words")].startswith("  My words")


async def test_a_wide_terminal_centres_a_column_of_a_hundred_cells() -> None:
    async with stage([user("My words"), reply("Her words")], size=(140, 20)) as on:
        lines = on.app.text().split("\n")
        assert abs(lines[on.row_of("Her words")].index("Her words") - 21) <= 1
        assert abs(len(lines[on.row_of("My words")]) - 118) <= 1


async def test_a_line_with_the_day_stands_where_a_day_begins() -> None:
    today = datetime.now(UTC)
    talk = [user("long ago", datetime(2020, 5, 4, 12, tzinfo=UTC)), user("before", today - timedelta(days=1))]
    async with stage([*talk, user("now", today), user("also now", today)]) as on:
        lines = [line.strip() for line in on.app.text().split("\n") if "──" in line]
        assert lines == ["── Monday, 04 May 2020 ──", "── Yesterday ──", "── Today ──"]


async def test_a_timestamp_that_is_none_shows_no_time_and_breaks_nothing() -> None:
    async with stage([ChatMessage(role="user", content="imported", timestamp="yesterday-ish")]) as on:
        assert words_of(on.app.text()) == "imported"


async def test_turns_of_one_reply_follow_each_other_closely_under_one_name() -> None:
    async with stage([user("Hi"), reply("a b", turns=["First turn.", "Second turn."])]) as on:
        assert on.row_of("Second turn.") == on.row_of("First turn.") + 1
        assert on.app.text().count("Vivian") == 1


async def test_markdown_is_drawn_with_the_first_frame_that_shows_it() -> None:
    async with stage(size=(80, 44)) as on:
        on.app.frames.clear()
        on.pane.show([reply(MARKDOWN)], path_of=Path, greeting="", suggestions=())
        await on.settle()
        assert all("The end." in frame for frame in on.app.frames if "Vivian" in frame)
        for text in (
            "A heading",
            "• one",
            "1. deep",
            "amber  │ #e0a458",
            "def fib(n: int) -> int:",
            "▎ quoted",
            "─" * 70,
        ):
            assert text in on.app.text(), text
        assert "**" not in on.app.text()
        assert "and a second line." in on.app.text().split("\n")[on.row_of("Words with") + 1]


async def test_streamed_markdown_looks_in_the_end_like_the_same_text_read_at_once() -> None:
    async with stage([reply(MARKDOWN)], size=(80, 40)) as whole:
        expected = whole.app.text()
    async with stage([reply("")], size=(80, 40)) as on:
        for start in range(0, len(MARKDOWN), 3):
            on.pane.updates.stream("s", NOW.isoformat(), MARKDOWN[start : start + 3])
            await asyncio.sleep(0.002)
        await on.wait_for("The end.")
        on.pane.updates.finish_turn("s", NOW.isoformat(), 0, MARKDOWN)
        await on.settle()
        shown = on.app.text().split("\n")
        body = expected.split("\n")
        assert (
            "\n".join(shown[on.row_of("A heading") :]).strip()
            == "\n".join(body[next(i for i, line in enumerate(body) if "A heading" in line) :]).strip()
        )


async def test_hundreds_of_tokens_are_painted_in_far_fewer_frames() -> None:
    async with stage() as on:
        on.app.frames.clear()
        began = time.monotonic()
        for number in range(400):
            on.pane.updates.stream("s", NOW.isoformat(), f"w{number} ")
            await asyncio.sleep(0.002)
        await on.wait_for("w399")
        # 30 frames a second; without the timer there is one for nearly each token.
        assert len(set(on.app.frames)) <= 30 * (time.monotonic() - began) + 10


async def test_what_streams_in_is_laid_out_with_its_frame_and_not_before() -> None:
    async with stage() as on:
        on.pane.updates.stream("s", NOW.isoformat(), "The first words")
        await on.wait_for("The first words")
        entries = on.pane.entries
        before = entries.layout(len(entries) - 1)
        on.pane.updates.stream("s", NOW.isoformat(), " and some more")
        assert entries.layout(len(entries) - 1) is before
        await on.wait_for("The first words and some more")


async def test_what_streamed_in_before_another_frame_could_come_is_not_lost() -> None:
    async with stage() as on:
        on.pane.updates.stream("s", NOW.isoformat(), "The first words")
        await on.wait_for("The first words")
        on.pane.updates.stream("s", NOW.isoformat(), " and some more")
        on.pane.updates.clear()
        on.pane.refresh()
        await on.wait_for("The first words and some more")


async def test_what_streams_in_is_painted_however_fast_keys_come() -> None:
    async with stage() as on:
        on.pane.updates.stream("s", NOW.isoformat(), "Some words")
        end = asyncio.get_running_loop().time() + 20
        while "Some words" not in on.app.text() and asyncio.get_running_loop().time() < end:
            on.pane.streaming.give_way()
            await asyncio.sleep(0.001)
        assert "Some words" in on.app.text()


async def test_what_streamed_is_replaced_where_the_whole_text_differs() -> None:
    async with stage() as on:
        on.pane.updates.stream("s", NOW.isoformat(), "A *draft*, to be ")
        await on.wait_for("draft")
        on.pane.updates.finish_turn("s", NOW.isoformat(), 0, "The final words")
        await on.settle()
        assert "The final words" in on.app.text()
        assert "draft" not in on.app.text()


HOSTILE = [
    ("brackets", "[bold red]not markup[/] [link=x]y[/link] [@click=app.bell]z[/]"),
    ("tags", '<b>bold</b> <script>x</script> <image description="y" />'),
    ("unknown closing tag", "a [/nothing] b"),
    ("screen and clipboard sequences", ESCAPES),
]


async def test_whatever_a_text_holds_is_shown_as_text() -> None:
    """In words of the user, in plain words and in Markdown of the character, in reasoning and in marks."""
    rows_of_markdown: list[bool] = [False, True]
    for markdown in rows_of_markdown:
        for kind, text in HOSTILE:
            words = f"{text} *so*" if markdown else text
            marked = reply(
                words, reasoning=text, compliance_violations=[text], tool_calls=[{"function": {"name": text}}]
            )
            async with stage([user(words), marked]) as on:
                on.pane.actions.toggle_newest_reasoning()
                await on.settle()
                on.pane.updates.show_error(text, text)
                await on.settle()
                shown = on.app.text()
                assert not any(ord(character) < 32 and character != "\n" for character in shown)
                assert not any(0x7F <= ord(character) < 0xA0 for character in shown)
                if kind == "brackets":
                    assert words_of(shown).count("[bold red]not markup[/]") >= 3
                if kind == "tags":
                    assert words_of(shown).count("<b>bold</b>") >= 3


async def test_an_escape_sequence_cut_across_tokens_never_shows_and_never_acts() -> None:
    async with stage() as on:
        for piece in "one \x1b[3", "1mtwo\x1b", "]52;c;YQ==", "\x07 three":
            on.pane.updates.stream("s", NOW.isoformat(), piece)
            await on.pilot.pause(0.06)
        await on.settle()
        assert "one two three" in on.app.text()


async def test_character_references_bring_no_direction_override_in() -> None:
    async with stage([reply("*safe* &#x202e;drawkcab &#x10eeee; `a&#x202e;b`")]) as on:
        assert "\u202e" not in on.app.text()
        assert "\U0010eeee" not in on.app.text()
        assert "safe drawkcab" in on.app.text()


async def test_only_web_and_mail_links_are_offered() -> None:
    rows: list[tuple[str, str | None]] = [
        ("[here](https://example.com/a%20b?q=a%26b)", "https://example.com/a%20b?q=a%26b"),
        ("[here](mailto:a@example.com)", "mailto:a@example.com"),
        ("here https://example.com/x", "https://example.com/x"),
        ("[here](javascript:alert(1))", None),
        ("[here](file:///etc/passwd)", None),
        ("[here](data:text/html,x)", None),
        ("[here](relative/path)", None),
        ("![here](ftp://example.com/a.png)", None),
    ]
    for source, offered in rows:
        async with stage([reply(source)]) as on:
            row = on.row_of("here")
            column = on.app.text().split("\n")[row].index("example" if source.startswith("here") else "here")
            await on.pilot.click(offset=(column + 1, row))
            await on.settle()
            assert [event.href for event in on.app.told if isinstance(event, LinkOpened)] == (
                [offered] if offered else []
            )


async def test_reasoning_is_one_line_that_opens_by_key() -> None:
    async with stage([reply("Answer.", reasoning="Because of\nthis.")]) as on:
        assert "▸ thought, 3 words" in on.app.text()
        assert "Because" not in on.app.text()
        on.pane.focus()
        await on.pilot.press("up", "space")
        await on.settle()
        assert "▾ thought, 3 words" in on.app.text()
        assert on.row_of("Because of") == on.row_of("this.") - 1


async def test_reasoning_that_streams_is_one_line_until_it_is_opened() -> None:
    async with stage() as on:
        on.pane.updates.think("s", NOW.isoformat(), "First I ")
        on.pane.updates.think("s", NOW.isoformat(), "wonder")
        await on.settle()
        assert "▸ thinking…" in on.app.text()
        on.pane.actions.toggle_newest_reasoning()
        on.pane.updates.think("s", NOW.isoformat(), " a lot")
        await on.wait_for("First I wonder a lot")
        on.pane.updates.describe(reply("Answer", id="s", reasoning="First I wonder a lot"))
        await on.settle()
        assert "▾ thought, 5 words" in on.app.text()


async def test_marks_say_what_there_is_to_say_about_a_reply() -> None:
    told = reply(
        "Words",
        compliance_violations=["violence"],
        tool_calls=[{"function": {"name": "look"}}],
        outcome="failed",
    )
    async with stage([told]) as on:
        marks = on.app.text().split("\n")[on.row_of("Words") + 1]
        assert "look" in marks
        assert "violence" in marks
        assert "broke off" in marks


async def test_a_reply_without_words_shows_only_its_marks() -> None:
    async with stage([reply("", tool_calls=[{"function": {"name": "look"}}, {}])]) as on:
        assert "look" in on.app.text()


async def test_messages_that_are_not_on_disk_say_so_until_they_are() -> None:
    mine = user("My words")
    async with stage([mine]) as on:
        on.pane.marks.mark_unsaved([mine.id], True)
        await on.settle()
        assert "not saved" in on.app.text()
        on.pane.marks.mark_unsaved([mine.id], False)
        await on.settle()
        assert "not saved" not in on.app.text()


async def test_a_long_message_is_there_at_once_and_soon_markdown_and_its_end_stays_in_view() -> None:
    text = "some **bold** words\n\n" * 1_500 + "the **end**"
    async with stage() as on:
        show(on, [said(0), ChatMessage(role="assistant", content=text, timestamp=NOW.isoformat(), id="long")])
        await on.pilot.pause()
        assert "the " in on.app.text()
        await on.settle()
        assert "the end" in on.app.text()
        assert "**" not in on.app.text()
        on.pane.action_page_up()
        await on.settle()
        assert on.app.text().count("some bold words") > 8


async def test_a_long_reply_is_not_laid_out_once_more_when_it_is_complete() -> None:
    text = "some **bold** words\n\n" * 1_500 + "the **end**"
    async with stage() as on:
        for start in range(0, len(text), 3_000):
            on.pane.updates.stream("s", NOW.isoformat(), text[start : start + 3_000])
            await on.settle()
        assert "the end" in on.app.text()
        before = len(on.app.frames)
        on.pane.updates.finish_turn("s", NOW.isoformat(), 0, text)
        on.pane.updates.end_replies()
        await on.settle()
        assert all("the end" in frame for frame in on.app.frames[before:])


async def test_replies_that_are_over_keep_nothing_of_how_they_were_set() -> None:
    def alive(kind: type) -> int:
        gc.collect()
        return sum(type(each) is kind for each in gc.get_objects())

    before = alive(StreamLayout), alive(StreamedText), alive(TextLayout)
    async with stage() as on:
        for number in range(30):
            on.pane.updates.stream(f"r{number}", NOW.isoformat(), "Some **bold** words.\n\n" * 8)
            await on.pilot.pause(0.04)
            if number % 2:  # the others break off
                on.pane.updates.finish_turn(f"r{number}", NOW.isoformat(), 0, "Some **bold** words.\n\n" * 8)
            on.pane.updates.end_replies()
        await on.settle()
        assert alive(StreamLayout) == before[0]
        assert alive(StreamedText) - before[1] <= 30  # of the reasoning, which is empty
        assert alive(TextLayout) - before[2] <= 10
