"""`animus-chat export` and `import`, each as a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from animus_tui.chat.messages import ChatMessage, Conversation, ImageRecord, image_message
from animus_tui.chat.storage.store import ConversationStore
from tests.support.picture_samples import RED, file_of, plain

if TYPE_CHECKING:
    from tests.support.program import Program

PNG = file_of(plain(RED, (8, 6)), "PNG")
CHATGPT = Path(__file__).parent.parent / "chat" / "foreign_files" / "chatgpt.json"


def test_what_is_exported_is_imported_elsewhere_as_it_was(program: Program, tmp_path: Path) -> None:
    data = program.home / "data"
    stored = ConversationStore(data).create(Conversation(id="abc123", title="A fox", name="Vivian"))
    stored.put(ChatMessage(role="user", content="Show me a fox\x1b[31m"))
    stored.put(
        image_message(ImageRecord(prompt="fox", file=stored.write_image(PNG, ".png"), width=8, height=6))
    )
    stored.close()

    *to_files, to_output, as_json = program.in_one_process(
        ["export", "abc", "-o", "fox.html"],
        ["export", "-c", "-o", "fox.md"],
        ["export", "-c", "-o", "fox.json"],
        ["export", "abc", "--format", "txt", "-o", "notes"],
        ["export", "-c"],
        ["export", "-c", "--format", "json", "-o", "-"],
    )

    names = ["fox.html", "fox.md", "fox.json", "notes"]
    assert [(each.returncode, each.stdout) for each in to_files] == [
        (0, f"{program.home / name}\n") for name in names
    ]
    assert to_output.stdout.startswith("# A fox\n")
    assert "\x1b" not in to_output.stdout
    assert json.loads(as_json.stdout) == json.loads((stored.folder / "history.json").read_bytes())
    assert (
        "notes" in (program.home / "notes").read_text()
        or "Show me a fox" in (program.home / "notes").read_text()
    )

    program.env["ANIMUS_DATA_DIR"] = str(tmp_path / "elsewhere")
    imported, again, copied = program.in_one_process(
        ["import", "fox.json"], ["import", "fox.json"], ["import", "--copy", "fox.json"]
    )
    assert (imported.returncode, imported.stdout) == (0, "abc123\n")
    assert imported.stderr == "animus-chat: Imported “A fox” with 2 messages as abc123.\n"
    assert (again.returncode, again.stdout) == (0, "")
    assert "here already as abc123" in again.stderr
    assert copied.stdout not in ("", "abc123\n")
    elsewhere = tmp_path / "elsewhere" / "conversations" / "abc123"
    assert (elsewhere / "history.json").read_bytes() == (stored.folder / "history.json").read_bytes()
    assert json.loads((elsewhere / "conversation.json").read_bytes())["name"] == "Vivian"
    assert [path.read_bytes() for path in (elsewhere / "images").iterdir()] == [PNG]


def test_what_cannot_be_done_is_one_sentence(program: Program) -> None:
    program.home.joinpath("taken.html").write_text("mine")
    program.home.joinpath("folder").mkdir()
    program.home.joinpath("odd.json").write_text("{}")
    stored = ConversationStore(program.home / "data").create(Conversation(id="abc123"))
    stored.close()
    commands = {
        ("export", "-c", "-o", "taken.html"): (1, "exists already. Choose another name."),
        ("export", "-c", "-o", "folder"): (1, "is a folder: name a file in it, such as"),
        ("export", "-c", "-o", "none/a.md"): (1, "Create it first"),
        ("export", "-c", "-o", "a.pdf"): (2, "use the suffix .html, .md, .json or .txt"),
        ("export",): (2, "name one conversation"),
        ("export", "-c", "abc"): (2, "name one conversation"),
        ("export", "xyz"): (2, "There is no conversation “xyz”"),
        ("import", "none.json"): (1, "There is no file"),
        ("import", "folder"): (1, "is a folder"),
        ("import", "odd.json"): (1, "is none of what can be imported"),
        ("import",): (2, "required: FILE"),
        ("show",): (2, "name one conversation"),
        ("show", "-c", "abc"): (2, "name one conversation"),
    }
    for done in program.in_one_process(*map(list, commands)):
        code, words = commands[tuple(done.args)]
        assert (done.returncode, done.stdout) == (code, "")
        assert words in done.stderr
        assert done.stderr.count("\n") == 1
    assert program.home.joinpath("taken.html").read_text() == "mine"


def test_several_files_are_imported_and_a_wrong_one_stops_no_other(program: Program) -> None:
    program.home.joinpath("odd.json").write_text("{}")
    program.home.joinpath("one.json").write_text('[{"role": "user", "content": "Ahoy"}]')
    done, shown = program.in_one_process(["import", "odd.json", "one.json", str(CHATGPT)], ["show", "-c"])
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 2)
    assert done.stdout.splitlines()[1] == "67aa1c2e-0000-4000-8000-000000000001"
    assert "odd.json" in done.stderr.splitlines()[0]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("You, ")


def test_chatgpts_conversations_are_in_the_application_afterwards(program: Program) -> None:
    done = program("import", str(CHATGPT))
    assert (done.returncode, done.stdout) == (0, "67aa1c2e-0000-4000-8000-000000000001\n")
    assert "2 pictures that are not in the file" in done.stderr
    assert "Yes, it does. Shall I paint it?" in program("export", "67aa").stdout
