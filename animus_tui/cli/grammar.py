"""The grammar of the command line: one function a command."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from animus_tui import __version__
from animus_tui.cli.arguments import Arguments
from animus_tui.cli.grammar_of_characters import add_character, add_characters
from animus_tui.cli.parser import (
    COMMON,
    CollectOption,
    Parser,
    add_command,
    add_config,
    add_conversation,
    add_events,
    add_graphics,
    add_service,
    named,
    port,
)

if TYPE_CHECKING:
    from animus_tui.cli.argparse_compat import Commands

EXAMPLES = """\
examples:
  animus-chat                                       talk; on the embedded demo until you have signed in
  animus-chat --demo                                talk on the embedded demo in any case
  animus-chat --temporary                           talk, and keep nothing of it on disk
  animus-chat init                                  answer a few questions, get a configuration file
  animus-chat send "Show me the sea at dusk"        one exchange, the answer as text
  animus-chat send -c "And at dawn?"                go on with the conversation used last
  git log -5 | animus-chat send --json -            one exchange, an event a line
  animus-chat image "A fox in the snow" -o fox.png  one picture; --count 4 makes fox-2.png and so on beside it
  animus-chat image --info fox.png                  its generation metadata
  animus-chat search night water                    every message that has both words
  animus-chat show 3f2a                             a conversation as text
  animus-chat export -c -o talk.html                the last conversation as a page; .md, .json, .txt
  animus-chat import chatgpt-export.zip             conversations of other programs
  animus-chat character import card.png             a character of another program

Settings stand in config.toml, see "animus-chat doctor" for where; environment variables are
ANIMUS_API_KEY, ANIMUS_TOKEN_PROVIDER_URL, ANIMUS_CHAT_MODEL and so on. Precedence: flags, environment, file, defaults.
Exit codes: 0 done, 1 the exchange or the check failed, 2 wrong usage or configuration, 130 ended by Ctrl+C.
"""
TAKES = {
    "send": ("config", "demo", "conversation", "last", "new", "character"),
    "image": ("config", "demo", "conversation", "last", "new"),
    "conversations": (),
    "search": (),
    "show": ("last",),
    "delete": (),
    "completion": (),
    "man": (),
    "demo-server": (),
    "init": ("config",),
    "doctor": ("config", "demo", "graphics"),
    "export": ("last",),
    "import": (),
    "characters": ("config",),
    "character": ("config",),
}
"""Command → which of the options before its name it takes; the application takes them all."""
PICTURE_OPTIONS = (
    ("size", "WxH", "width and height in pixels"),
    ("steps", "N", "more is finer and slower"),
    ("guidance", "X", "guidance scale: how closely to follow the prompt"),
    ("seed", "N", "the same seed and prompt give the same picture"),
    ("count", "N", "number of images"),
    ("negative", "TEXT", "negative prompt: what to leave out"),
    ("model", "NAME", "the image model"),
    ("sampler", "NAME", "the sampler of the image model"),
    ("strength", "X", "of an edit, from 0 to 1: how much to change"),
    ("character", "ID", "the character in the picture"),
    ("face-lora", "on|off", "use the LoRA of the character's face"),
    ("body-lora", "on|off", "use the LoRA of the character's body"),
    ("face-swap", "on|off", "swap the character's face in"),
    ("group", "TITLE", "the group in the account to put it into"),
)
"""Name, value and meaning of what is said about a picture: those of the conversation's commands."""


def read(argv: list[str]) -> Arguments:
    """The arguments. SystemExit after `--help` (0) and after an error (2)."""
    parser = whole_parser()
    arguments = parser.parse_args(argv, Arguments())
    for option in COMMON:
        if option in vars(arguments) and option not in TAKES.get(arguments.command, COMMON):
            parser.error(
                f'--{"continue" if option == "last" else option} does not apply to "{arguments.command}"'
            )
    if arguments.character is not None and (arguments.conversation is not None or arguments.last):
        parser.error(
            "--character begins a new conversation, so it goes neither with --conversation nor with -c"
        )
    if arguments.command == "image":
        _check_image(parser, arguments)
    if arguments.command in ("show", "export") and arguments.last == bool(arguments.id):
        parser.error("name one conversation: its ID, or -c for the last one")
    return arguments


def whole_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="animus-chat",
        description="Talk with characters on the Animus platform in the terminal, pictures included.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {__version__}")
    add_service(parser)
    add_conversation(parser, temporary=True)
    add_graphics(parser)
    parser.set_defaults(command="chat")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for add in (
        _add_send,
        _add_image,
        _add_conversations,
        _add_search,
        _add_show,
        _add_delete,
        _add_export,
        _add_import,
        add_characters,
        add_character,
        _add_demo_server,
        _add_init,
        _add_doctor,
        _add_completion,
        _add_man,
    ):
        add(commands)
    return parser


def _add_send(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "send",
        summary="one exchange without the application",
        description="Say something and print the answer. Without --conversation or -c a new conversation begins;\n"
        "its id stands on the terminal, with --json in every event, and with -v on standard error.\n"
        'Nobody is asked: with when = "ask" in [image] a picture that was promised is printed as such and not made.',
        examples="""\
  animus-chat send "Show me the sea at dusk"
  animus-chat send -c "And at dawn?"         go on with the conversation used last
  git log -5 | animus-chat send --json -     the text from standard input, an event a line
  animus-chat send --character henrik "What is the weather?"
  animus-chat send "Who is this?" --attach photo.jpg
""",
    )
    parser.add_argument(
        "--attach",
        metavar="FILE",
        type=named,
        action="append",
        default=[],
        help="show this picture with the message: PNG, JPEG or WebP; may be repeated",
    )
    parser.add_argument(
        "text", nargs="*", metavar="TEXT", help='what to say; "-" or nothing: from standard input'
    )
    add_service(parser)
    add_conversation(parser)
    add_events(parser)


def _add_image(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "image",
        summary="generate pictures, or show the metadata of one",
        description="Generate a picture, save it and print its path;\n"
        "or print the generation metadata of a saved one.\n"
        "Without --conversation or -c a new conversation begins; with them its own settings hold.\n"
        "--character also takes the name of a character of yours, with whom the new conversation begins.",
        usage="animus-chat image PROMPT [-o FILE] [options]\n       animus-chat image --info FILE [--json]",
        examples="""\
  animus-chat image "A fox in the snow" -o fox.png
  animus-chat image "A fox" --count 4 --size 768x512 -o foxes --parents
  animus-chat image --info fox.png
""",
    )
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to generate")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=named,
        help="a name with a suffix is a file, any other a folder; a file is never overwritten",
    )
    parser.add_argument("--parents", action="store_true", help="create the folder that -o names")
    parser.add_argument(
        "--info", metavar="FILE", type=named, help="print the generation metadata of a saved PNG"
    )
    parser.add_argument("--edit", metavar="SOURCE", help="edit the picture at this URL, or in this file")
    parser.add_argument(
        "--plain", action="store_true", help="without the character's appearance and the style"
    )
    for name, takes, meaning in PICTURE_OPTIONS:
        parser.add_argument(
            f"--{name}",
            action=CollectOption,
            dest="options",
            default=argparse.SUPPRESS,
            metavar=takes,
            help=meaning,
        )
    add_service(parser)
    add_conversation(parser, character=False)  # one of the options of a picture
    add_events(parser)


def _check_image(parser: Parser, arguments: Arguments) -> None:
    if arguments.info is None:
        if arguments.prompt is None:
            parser.error("the following arguments are required: PROMPT")
    elif (
        arguments.prompt is not None
        or arguments.output
        or arguments.edit
        or arguments.options
        or arguments.conversation
        or arguments.last
    ):
        parser.error("--info reads a picture that is there; only --json goes with it")


def _add_conversations(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "conversations",
        summary="list all conversations",
        description="List all conversations, the one used last first: id, time (UTC), number of messages, title.",
        examples="""\
  animus-chat conversations | head
  animus-chat conversations --json | jq -r 'select(.messages > 100).id'
""",
    )
    parser.add_argument(
        "--json", action="store_true", help="an object a line: id, title, character, messages, updated"
    )


def _add_search(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "search",
        summary="find words in all conversations",
        description="Find the messages and the prompts of pictures that have all the words, in any order and without\n"
        "regard to case, the newest first. The exit code is 1 when there is none.",
        examples="""\
  animus-chat search night water
  animus-chat search --json fox | jq -r .text
""",
    )
    parser.add_argument("words", nargs="+", metavar="WORDS", help="what to find; parts of words are enough")
    parser.add_argument(
        "--json", action="store_true", help="an object a line: conversation, message, role, text, timestamp"
    )


def _add_show(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "show",
        summary="print a conversation as text",
        description="Print a conversation as text, the oldest message first.",
        examples="""\
  animus-chat show -c              the last conversation
  animus-chat show 3f2a | less
""",
    )
    _add_id_or_last(parser)


def _add_id_or_last(parser: Parser) -> None:
    """Add what names one conversation that is there."""
    parser.add_argument(
        "id", nargs="?", default="", metavar="ID", help="the conversation; the beginning of its id is enough"
    )
    parser.add_argument(
        "-c",
        "--continue",
        dest="last",
        action="store_true",
        default=argparse.SUPPRESS,
        help="the conversation used last",
    )


def _add_delete(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "delete",
        summary="move conversations to the trash",
        description="Move conversations to the trash, from which the list in the application (Ctrl+L) restores them\n"
        "for 30 days. One that is open somewhere is left alone.",
        examples="""\
  animus-chat delete 3f2a
""",
    )
    parser.add_argument(
        "ids", nargs="+", metavar="ID", help="a conversation; the beginning of its id is enough"
    )


def _add_completion(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "completion",
        summary="print the script that completes commands in a shell",
        description="Print the script with which a shell completes commands, options, files and ids.",
        examples="""\
  eval "$(animus-chat completion bash)"                                            in ~/.bashrc
  animus-chat completion zsh > "${fpath[1]}/_animus-chat"
  animus-chat completion fish > ~/.config/fish/completions/animus-chat.fish
""",
    )
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def _add_man(commands: Commands[Parser]) -> None:
    add_command(
        commands,
        "man",
        summary="print the manual page",
        description="Print the manual page, made from the help of all commands.",
        examples="""\
  animus-chat man | man -l -
  animus-chat man > ~/.local/share/man/man1/animus-chat.1
""",
    )


def _add_export(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "export",
        summary="write a conversation to a file: Markdown, HTML, JSON or text",
        description="Write a conversation to a new file and print its path; without -o it goes to standard output.\n"
        "Beside Markdown and JSON stands a folder with the pictures; an HTML page has them in itself.",
        examples="""\
  animus-chat export -c -o sunset.html          a page that looks like the conversation
  animus-chat export 3f2a -o sunset.json        what "animus-chat import" and the SDK's setChatHistory read
  animus-chat export -c --format txt | less
""",
    )
    _add_id_or_last(parser)
    parser.add_argument(
        "--format",
        choices=("md", "html", "json", "txt"),
        help="the format; by default what the suffix of FILE says, and md on standard output",
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=named, help="a new file; none is ever overwritten"
    )


def _add_import(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "import",
        summary="import conversations: our JSON, the SDK's, ChatGPT's, SillyTavern's",
        description='Import all conversations of files and print the id of each: JSON that "animus-chat export" or\n'
        "the JavaScript SDK wrote, ChatGPT's conversations.json or zip, SillyTavern's JSONL.\n"
        "One that is there already is left as it is.",
        examples="""\
  animus-chat import sunset.json harbour.json
  animus-chat import ~/Downloads/chatgpt-export.zip
  animus-chat import --copy sunset.json     once more, with an id of its own
""",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        type=named,
        help="a file; it is not changed, and a wrong one stops no other",
    )
    parser.add_argument(
        "--copy", action="store_true", help="import also what is there already, with an id of its own"
    )


def _add_demo_server(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "demo-server",
        summary="run the embedded Animus-compatible server alone",
        description="Run the embedded server until Ctrl+C. ANIMUS_DEMO_KEY sets its API key, which is random\n"
        "otherwise, ANIMUS_DEMO_CREDITS how many credits the account begins with.",
        examples="""\
  animus-chat demo-server --port 8080
  ANIMUS_DEMO_CREDITS=10 animus-chat demo-server
""",
    )
    parser.add_argument(
        "--host", type=named, default="127.0.0.1", help="address to listen on (default %(default)s)"
    )
    parser.add_argument("--port", type=port, default=0, help="port; 0, the default, takes a free one")


def _add_init(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "init",
        summary="ask a few questions and write the configuration file",
        description="Ask how to sign in and a few things more, and write the configuration file with comments.",
        examples="""\
  animus-chat init
  animus-chat init --config work.toml
""",
    )
    add_config(parser)
    parser.add_argument("--force", action="store_true", help="replace the file when there is one")


def _add_doctor(commands: Commands[Parser]) -> None:
    parser = add_command(
        commands,
        "doctor",
        summary="check configuration, sign-in, terminal, versions and folders",
        description="Print what was found, a line each; the exit code is 1 when something is wrong.",
        examples="""\
  animus-chat doctor
  animus-chat doctor --demo    without asking the service
""",
    )
    add_service(parser)
    add_graphics(parser)
