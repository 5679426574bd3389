"""`animus-chat send`: one exchange, on the demo over loopback."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.picture_samples import BLUE, file_of, plain
from tests.support.program import NO_BYTECODE, PLANTED
from tests.support.terminal import TerminalProgram

if TYPE_CHECKING:
    from tests.support.program import Program

SUNSET = "Can you show me a beautiful sunset over the ocean?"


def events(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def until(process: subprocess.Popen[str], name: str) -> dict[str, Any]:
    """Read events up to the first of this name."""
    assert process.stdout is not None
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == name:
            return event
    raise AssertionError(f"it ended without {name}")


def history(program: Program, conversation: str) -> list[dict[str, Any]]:
    path = program.home / "data" / "conversations" / conversation / "history.json"
    entries: list[dict[str, Any]] = json.loads(path.read_text())
    return entries


def test_the_answer_comes_as_paragraphs_and_the_picture_as_a_line(signed_in: Program) -> None:
    done = signed_in("send", SUNSET)
    assert (done.returncode, done.stderr) == (0, "")
    *turns, picture = done.stdout.rstrip("\n").split("\n\n")
    assert len(turns) >= 2
    shown = re.fullmatch(r"\[picture: (.+) → (.+)\]", picture)
    assert shown is not None
    assert "sunset" in shown[1]
    assert Path(shown[2]).read_bytes()[:4] in (b"\x89PNG", b"\xff\xd8\xff\xe0", b"RIFF")


def test_json_is_one_event_a_line_with_the_exchange_complete(signed_in: Program) -> None:
    done = signed_in("send", "--json", SUNSET)
    assert (done.returncode, done.stderr) == (0, "")
    seen = events(done.stdout)
    names = [event["event"] for event in seen]
    assert len({event["conversationId"] for event in seen}) == 1
    assert names.count("exchangeComplete") == 1
    assert names.count("imageGenerationComplete") == 1
    order = ["messageSent", "messageStart", "messageComplete", "imageGenerationStart", "exchangeComplete"]
    assert sorted(order, key=names.index) == order
    assert seen[names.index("messageSent")]["message"]["content"] == SUNSET


def test_streamed_text_is_one_paragraph(signed_in: Program) -> None:
    signed_in.env["ANIMUS_AUTO_TURN_ENABLED"] = "false"
    told = events(signed_in("send", "--json", "Tell me a story").stdout)
    assert any(event["event"] == "messageTokens" for event in told)
    done = signed_in("send", "Tell me something about yourself")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    assert done.stdout.endswith("\n")
    assert not done.stdout.endswith("\n\n")


@pytest.mark.parametrize("arguments", [["send"], ["send", "-"]])
def test_the_text_may_come_from_standard_input(signed_in: Program, arguments: list[str]) -> None:
    done = signed_in(*arguments, "--json", stdin="Hello\nthere 🌙\n")
    assert done.returncode == 0
    sent = next(event for event in events(done.stdout) if event["event"] == "messageSent")
    assert sent["message"]["content"] == "Hello\nthere 🌙"


def test_several_words_are_one_text(signed_in: Program) -> None:
    sent = events(signed_in("send", "--json", "Hello", "there").stdout)
    assert any(event.get("message", {}).get("content") == "Hello there" for event in sent)


@pytest.mark.parametrize(
    ("arguments", "stdin"), [(["send", "  "], None), (["send", ""], None), (["send"], " \n")]
)
def test_a_blank_text_is_wrong_usage(signed_in: Program, arguments: list[str], stdin: str | None) -> None:
    done = signed_in(*arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "animus-chat: There is nothing to send: the text is blank.\n"


def test_without_text_on_a_terminal_it_does_not_wait_for_one(program: Program) -> None:
    arguments = [sys.executable, "-m", "animus_tui", "send"]
    with TerminalProgram(arguments, {**program.environment, "TERM": "xterm"}) as screen:
        screen.wait_for("give a text")
        assert screen.wait_for_exit() == 2


def test_each_send_is_a_conversation_of_its_own_unless_one_is_named(signed_in: Program) -> None:
    first = events(signed_in("send", "--json", "My cat is called Miso").stdout)[0]["conversationId"]
    second = events(signed_in("send", "--json", "--new", "Hello").stdout)[0]["conversationId"]
    assert first != second
    third = events(signed_in("send", "--json", "--conversation", first, "And hello again").stdout)
    assert {event["conversationId"] for event in third} == {first}
    said = [entry["content"] for entry in history(signed_in, first) if entry["role"] == "user"]
    assert said == ["My cat is called Miso", "And hello again"]


def test_the_conversation_is_told_on_standard_error_when_asked_for(signed_in: Program) -> None:
    done = signed_in("send", "-v", "Hello")
    conversation = re.fullmatch(r"animus-chat: conversation (\w+)\n", done.stderr)
    assert conversation is not None
    assert history(signed_in, conversation[1])


@pytest.mark.parametrize("conversation", ["no-such-id", "../../etc"])
def test_a_conversation_that_does_not_exist_is_wrong_usage(signed_in: Program, conversation: str) -> None:
    done = signed_in("send", "--conversation", conversation, "Hello")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert not (signed_in.home / "data" / "conversations").exists()


def test_a_conversation_that_another_program_writes_is_left_alone(signed_in: Program) -> None:
    signed_in.env |= {"ANIMUS_AUTO_TURN_MIN_DELAY": "60000", "ANIMUS_AUTO_TURN_MAX_DELAY": "60000"}
    process = signed_in.start("send", "--json", SUNSET)
    try:
        conversation = until(process, "messageComplete")["conversationId"]
        said = history(signed_in, conversation)
        done = signed_in("send", "--conversation", conversation, "Hello")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert "open" in done.stderr
        assert history(signed_in, conversation) == said
    finally:
        process.kill()
        process.communicate()


def test_a_reader_that_has_enough_ends_it_quietly_and_what_was_said_is_kept(signed_in: Program) -> None:
    for extra in ("", "--json"):
        command = f'"{sys.executable}" -m animus_tui send {extra} "{SUNSET}" | head -1'
        done = subprocess.run(
            ["sh", "-c", command], env=signed_in.environment, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        assert done.stdout.count("\n") == 1
    conversations = [path.name for path in (signed_in.home / "data" / "conversations").iterdir()]
    for conversation in conversations:
        assert history(signed_in, conversation)[0]["content"] == SUNSET


def test_a_failed_exchange_is_a_sentence_exit_code_1_and_told_as_events(signed_in: Program) -> None:
    done = signed_in("send", "--json", "!fault 402")
    assert done.returncode == 1
    assert done.stderr.startswith("animus-chat: Out of credits: ")
    assert done.stderr.count("\n") == 1
    told = events(done.stdout)
    assert [event["event"] for event in told][-2:] == ["messageError", "exchangeComplete"]
    assert told[-1]["outcome"] == "failed"


def test_a_service_out_of_reach_is_a_sentence(program: Program) -> None:
    program.env |= {"ANIMUS_API_KEY": PLANTED, "ANIMUS_BASE_URL": "http://127.0.0.1:9/v3"}
    done = program("send", "Hello")
    assert done.returncode == 1
    assert done.stderr.startswith("animus-chat: No connection: ")


def test_a_wrong_key_is_signed_out(signed_in: Program) -> None:
    signed_in.env["ANIMUS_API_KEY"] = PLANTED
    done = signed_in("send", "Hello")
    assert done.returncode == 1
    assert done.stderr.startswith("animus-chat: Signed out: ")
    for path in signed_in.home.rglob("*"):
        assert path.is_dir() or PLANTED.encode() not in path.read_bytes()


def test_with_nothing_configured_the_demo_answers_and_says_so(program: Program) -> None:
    done = program("send", "Hello")
    assert done.returncode == 0
    assert done.stdout.strip()
    assert done.stderr == (
        'animus-chat: Nothing is configured, so the embedded demo answers; "animus-chat init" sets up the service.\n'
    )


def test_a_base_url_alone_signs_nobody_in(program: Program) -> None:
    program.env["ANIMUS_BASE_URL"] = "https://animus.invalid/v3"
    done = program("send", "Hello")
    assert done.returncode == 0
    assert "base_url alone signs nobody in" in done.stderr


def test_the_demo_on_request_needs_no_explanation(signed_in: Program) -> None:
    signed_in.env |= {"ANIMUS_API_KEY": PLANTED, "ANIMUS_BASE_URL": "http://127.0.0.1:9/v3"}
    done = signed_in("--demo", "send", "Hello")
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_ends_it_quietly_and_keeps_what_was_said(signed_in: Program) -> None:
    signed_in.env |= {"ANIMUS_AUTO_TURN_MIN_DELAY": "60000", "ANIMUS_AUTO_TURN_MAX_DELAY": "60000"}
    process = signed_in.start("send", "--json", SUNSET)
    try:
        until(process, "messageComplete")
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert errors == ""
    rest = events(out)
    assert rest[-1]["event"] == "exchangeComplete"
    assert rest[-1]["outcome"] == "cancelled"
    entries = history(signed_in, rest[-1]["conversationId"])
    assert [entry["role"] for entry in entries][:2] == ["user", "assistant"]
    assert entries[1]["outcome"] == "cancelled"


def test_an_answer_full_of_escape_sequences_is_text_on_a_terminal(signed_in: Program) -> None:
    environment = {**signed_in.environment, "TERM": "xterm"}
    for auto_turn, extra in (("true", []), ("false", []), ("true", ["--json"])):
        environment["ANIMUS_AUTO_TURN_ENABLED"] = auto_turn
        arguments = [sys.executable, "-m", "animus_tui", "send", *extra, "!escapes"]
        with TerminalProgram(arguments, environment, columns=200) as screen:
            assert screen.wait_for_exit() == 0
            assert len(screen.raw) > 20
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]", screen.raw)


def test_in_a_pipe_it_is_text_too_and_json_holds_it_whole(signed_in: Program) -> None:
    controls = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
    for auto_turn in ("true", "false"):
        signed_in.env["ANIMUS_AUTO_TURN_ENABLED"] = auto_turn
        done = signed_in("send", "!escapes")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout) > 20
        assert not controls.search(done.stdout)
        done = signed_in("send", "--json", "!escapes")
        assert not controls.search(done.stdout)
        told = [event for event in events(done.stdout) if event["event"] == "messageComplete"]
        kept = history(signed_in, told[0]["conversationId"])[-1]["content"]
        assert controls.search(kept)
        assert "".join(event["content"] for event in told).replace("\n", "") == kept.replace("\n", "")


def test_a_tool_call_is_a_note(signed_in: Program) -> None:
    done = signed_in("send", "!tool weather")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[tool call: weather]" in done.stdout.splitlines()


def test_reasoning_is_not_part_of_the_answer(signed_in: Program) -> None:
    signed_in.env["ANIMUS_CHAT_REASONING"] = "true"
    for auto_turn, text in (("true", "!silence"), ("false", "!think Hello")):
        signed_in.env["ANIMUS_AUTO_TURN_ENABLED"] = auto_turn
        done = signed_in("send", text)
        assert (done.returncode, done.stderr) == (0, "")
        assert "think" not in done.stdout
        assert "I would rather say nothing" not in done.stdout


def test_a_stream_that_breaks_off_keeps_its_text_on_a_line_of_its_own(signed_in: Program) -> None:
    signed_in.env["ANIMUS_AUTO_TURN_ENABLED"] = "false"
    done = signed_in("send", "!fault cut Blue is the sea")
    assert done.returncode == 1
    assert done.stdout.endswith("\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("locale", ["C", "en_US.ISO-8859-1"])
def test_it_speaks_every_language_in_a_poor_locale(signed_in: Program, locale: str) -> None:
    signed_in.env |= {"LC_ALL": locale, "PYTHONIOENCODING": "ascii"}
    done = signed_in("send", "--json", "-", stdin="Grüße 🌙")
    assert (done.returncode, done.stderr) == (0, "")
    sent = next(event for event in events(done.stdout) if event["event"] == "messageSent")
    assert history(signed_in, sent["conversationId"])[0]["content"] == "Grüße 🌙"
    assert signed_in("send", "!escapes").returncode == 0


def test_bytes_that_are_no_text_do_not_stop_it(signed_in: Program) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "animus_tui", "send", "--json", b"caf\xe9"],
        env=signed_in.environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "caf\ufffd" in done.stdout.decode()


def test_a_conversation_goes_on_by_the_beginning_of_its_id_or_as_the_last_one(signed_in: Program) -> None:
    first = events(signed_in("send", "--json", "One").stdout)[0]["conversationId"]
    second = events(signed_in("send", "--json", "-c", "Two").stdout)[0]["conversationId"]
    beginning = first[:12]
    third = events(signed_in("send", "--json", "--conversation", beginning, "Three").stdout)[0]
    assert {second, third["conversationId"]} == {first}
    assert [m["content"] for m in history(signed_in, first) if m["role"] == "user"] == ["One", "Two", "Three"]


def test_an_ambiguous_beginning_of_an_id_is_one_sentence_that_names_the_candidates(
    signed_in: Program,
) -> None:
    folder = signed_in.home / "data" / "conversations"
    for name in ("abc1", "abc2"):
        (folder / name).mkdir(parents=True)
        (folder / name / "conversation.json").write_text(json.dumps({"id": name, "title": f"About {name}"}))
    done = signed_in("send", "Hello", "--conversation", "abc")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "abc1 (“About abc1”)" in done.stderr
    assert "abc2 (“About abc2”)" in done.stderr


def test_there_is_nothing_to_go_on_with_at_first(signed_in: Program) -> None:
    done = signed_in("send", "-c", "Hello")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "animus-chat: There is no conversation to go on with yet.\n"


def test_what_send_and_image_made_is_not_what_the_application_opens_next(signed_in: Program) -> None:
    environment = {**signed_in.environment, "TERM": "xterm-256color"}

    def opened() -> str:
        with TerminalProgram([sys.executable, "-m", "animus_tui"], environment) as screen:
            screen.wait_for("Write a message")
            screen.type("\x11")
            assert screen.wait_for_exit() == 0
        return (signed_in.home / "data" / "last-conversation").read_text().strip()

    mine = opened()
    assert events(signed_in("send", "--json", "Hello").stdout)[0]["conversationId"] != mine
    signed_in("image", "A fox", "-o", str(signed_in.home / "fox.png"))
    signed_in("send", "--conversation", mine, "Hello from outside")
    assert opened() == mine


def test_the_id_of_a_new_conversation_stands_on_a_terminal(signed_in: Program) -> None:
    arguments = [sys.executable, "-m", "animus_tui", "send", "Hello"]
    with TerminalProgram(arguments, {**signed_in.environment, "TERM": "xterm"}) as screen:
        text = screen.wait_for("conversation ")
        assert screen.wait_for_exit() == 0
    (folder,) = (signed_in.home / "data" / "conversations").iterdir()
    assert folder.name in text


def test_an_answer_that_the_disk_refuses_is_exit_code_1_and_said_once(signed_in: Program) -> None:
    text = "word " * 740
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 4; exec "$@"', "x", sys.executable, "-m", "animus_tui", "send", text],
        env={**signed_in.environment, **NO_BYTECODE},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr.count("could not be saved")) == (1, 1), done.stderr


@pytest.mark.parametrize(("text", "code", "told"), [("Hi", 0, "title"), ("Hi" * 1000, 1, "message")])
def test_of_a_title_and_a_message_that_find_no_room_the_message_is_told(
    signed_in: Program, text: str, code: int, told: str
) -> None:
    conversation = events(signed_in("send", "Hello", "--json").stdout)[0]["conversationId"]
    described = signed_in.home / "data" / "conversations" / str(conversation) / "conversation.json"
    description = json.loads(described.read_text())
    described.write_text(json.dumps({**description, "title": "", "system_message": "x" * 2040}))
    limit = "import resource, os, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)); "
    start = "os.execv(sys.executable, [sys.executable, '-m', 'animus_tui', *sys.argv[1:]])"
    done = subprocess.run(
        [sys.executable, "-c", limit + start, "send", "-c", text],
        env={**signed_in.environment, **NO_BYTECODE},
        capture_output=True,
        text=True,
    )
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith(f"animus-chat: The {told} could not be saved"), sentence
    assert done.returncode == code


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["image", "A fox", "-o", "fox.png"], {}),
        (["--config", "c.toml", "send", "x"], {}),
        (["send", "x"], {"ANIMUS_DATA_DIR": "data"}),
    ],
)
def test_a_relative_path_from_a_folder_that_was_deleted_is_one_sentence(
    signed_in: Program, arguments: list[str], env: dict[str, str]
) -> None:
    gone = signed_in.home / "gone"
    gone.mkdir()
    # The source may be found by a relative path, too, so it is named.
    source = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        ["sh", "-c", 'rmdir "$0" && exec "$@"', str(gone), sys.executable, "-m", "animus_tui", *arguments],
        env={**signed_in.environment, **source, **env},
        cwd=gone,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "relative to the folder you are in, and that was deleted" in done.stderr


def test_pictures_go_with_the_words_or_alone(signed_in: Program) -> None:
    (signed_in.home / "a lake.png").write_bytes(file_of(plain(BLUE, (2000, 500)), "PNG"))
    (signed_in.home / "notes.png").write_text("no picture")
    done = signed_in("send", "--json", "Who is this?", "--attach", "a lake.png")
    assert (done.returncode, done.stderr) == (0, "")
    sent, *_, said = history(signed_in, events(done.stdout)[0]["conversationId"])
    (shown,) = sent["attached"]
    assert (sent["content"], shown["prompt"]) == ("Who is this?", "a lake.png")
    assert (shown["width"], shown["height"]) == (1568, 392)
    assert "cannot see" in said["content"]
    assert signed_in("send", "--attach", "a lake.png").stdout.startswith("I am only a demo")
    before = signed_in("conversations").stdout
    for file, why in (("notes.png", "not a PNG"), ("nowhere.png", "There is no file"), (".", "a folder")):
        refused = signed_in("send", "Look", "--attach", file)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert why in refused.stderr
    assert signed_in("conversations").stdout == before


def test_a_promise_is_printed_as_such_where_somebody_would_be_asked(signed_in: Program) -> None:
    signed_in.env["ANIMUS_IMAGE_WHEN"] = "ask"
    done = signed_in("send", SUNSET)
    assert (done.returncode, done.stderr) == (0, "")
    *_, promised = done.stdout.rstrip("\n").split("\n\n")
    assert re.fullmatch(r"\[picture promised: .*sunset.*\]", promised)
    seen = events(signed_in("send", "--json", SUNSET).stdout)
    names = [event["event"] for event in seen]
    assert names[-2:] == ["imagePromised", "exchangeComplete"]
    assert "imageGenerationStart" not in names
    asked = history(signed_in, seen[0]["conversationId"])[-1]
    assert (asked["id"], asked["image_prompt"]) == (seen[-2]["messageId"], seen[-2]["prompt"])
    assert asked["promise"] == "asked"
