"""The grammar of the command line."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from animus_tui import __version__
from animus_tui.cli.arguments import Arguments
from animus_tui.cli.output import WRONG_USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLES = """\
examples:
  animus-chat                                       talk; on the embedded demo until you have signed in
  animus-chat --demo                                talk on the embedded demo in any case
  animus-chat init                                  answer a few questions, get a configuration file
  animus-chat send "Show me the sea at dusk"        one exchange, the answer as text
  animus-chat send -c "And at dawn?"                go on with the conversation used last
  git log -5 | animus-chat send --json -            one exchange, an event a line
  animus-chat image "A fox in the snow" -o fox.png  one picture; --count 4 makes fox-2.png and so on beside it
  animus-chat image --info fox.png                  its generation metadata

Settings stand in config.toml, see "animus-chat doctor" for where; environment variables are
ANIMUS_API_KEY, ANIMUS_TOKEN_PROVIDER_URL, ANIMUS_CHAT_MODEL and so on. Precedence: flags, environment, file, defaults.
Exit codes: 0 done, 1 the exchange or the check failed, 2 wrong usage or configuration, 130 ended by Ctrl+C.
"""
COMMON = ("config", "demo", "conversation", "last", "new", "graphics")
"""Options that may stand before the name of a command."""
TAKES = {
    "send": ("config", "demo", "conversation", "last", "new"),
    "image": ("config", "demo"),
    "demo-server": (),
    "init": ("config",),
    "doctor": ("config", "demo", "graphics"),
}
"""Command → those of them that it takes; the application takes them all."""
PICTURE_OPTIONS = (
    ("size", "WxH", "width and height in pixels"),
    ("steps", "N", "more is finer and slower"),
    ("guidance", "X", "guidance scale: how closely to follow the prompt"),
    ("seed", "N", "the same seed and prompt give the same picture"),
    ("count", "N", "number of images"),
    ("negative", "TEXT", "negative prompt: what to leave out"),
    ("model", "NAME", "the image model"),
    ("strength", "X", "of an edit, from 0 to 1: how much to change"),
    ("character", "ID", "the character in the picture"),
    ("face-lora", "on|off", "use the LoRA of the character's face"),
    ("body-lora", "on|off", "use the LoRA of the character's body"),
    ("face-swap", "on|off", "swap the character's face in"),
    ("group", "TITLE", "the group in the account to put it into"),
)
"""Name, value and meaning of what is said about a picture: those of the conversation's commands."""
LARGEST_PORT = 65535
SHOWN_LENGTH = 40
"""Characters of a wrong number that an error shows."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, and leave with exit code 2."""
        complain(f'{message}. "{self.prog} --help" shows usage.')
        raise SystemExit(WRONG_USAGE)


def read(argv: list[str]) -> Arguments:
    """The arguments. SystemExit after `--help` (0) and after an error (2)."""
    parser = _parser()
    arguments = parser.parse_args(argv, Arguments())
    for option in COMMON:
        if option in vars(arguments) and option not in TAKES.get(arguments.command, COMMON):
            parser.error(
                f'--{"continue" if option == "last" else option} does not apply to "{arguments.command}"'
            )
    if arguments.command == "image":
        _check_image(parser, arguments)
    return arguments


class _Option(argparse.Action):
    """Collects name and value; what is allowed is known where pictures are made."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        before = getattr(namespace, "options", ())
        namespace.options = (*before, (self.option_strings[0].removeprefix("--"), values))


def _check_image(parser: Parser, arguments: Arguments) -> None:
    if arguments.info is None:
        if arguments.prompt is None:
            parser.error("the following arguments are required: PROMPT")
    elif arguments.prompt is not None or arguments.output or arguments.edit or arguments.options:
        parser.error("--info reads a picture that is there; only --json goes with it")


def _parser() -> Parser:
    parser = Parser(
        prog="animus-chat",
        description="Talk with characters on the Animus platform in the terminal, pictures included.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"%(prog)s {__version__}")
    _add_common(parser)
    _add_conversation(parser)
    _add_graphics(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    parser.set_defaults(command="chat")
    _add_send(commands.add_parser)
    _add_image(commands.add_parser)
    _add_demo_server(commands.add_parser)
    init = commands.add_parser(
        "init",
        help="ask a few questions and write the configuration file",
        description="Ask how to sign in and a few things more, and write the configuration file with comments.",
    )
    _add_config(init)
    init.add_argument("--force", action="store_true", help="replace the file when there is one")
    doctor = commands.add_parser(
        "doctor",
        help="check configuration, sign-in, terminal, versions and folders",
        description="Print what was found, a line each; the exit code is 1 when something is wrong.",
    )
    _add_common(doctor)
    _add_graphics(doctor)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    # Suppressed, so that a command does not reset what was said before its name.
    parser.add_argument(
        "--config", metavar="FILE", type=_named, default=argparse.SUPPRESS, help="the configuration file"
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument(
        "--demo", action="store_true", default=argparse.SUPPRESS, help="use the embedded demo server, offline"
    )


def _add_conversation(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--conversation",
        metavar="ID",
        default=argparse.SUPPRESS,
        help="go on with this conversation; the beginning of its id is enough",
    )
    which.add_argument(
        "-c",
        "--continue",
        dest="last",
        action="store_true",
        default=argparse.SUPPRESS,
        help="go on with the conversation used last",
    )
    which.add_argument(
        "--new", action="store_true", default=argparse.SUPPRESS, help="begin a new conversation"
    )


def _add_graphics(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--graphics",
        choices=("auto", "kitty", "mosaic", "block", "none"),
        default=argparse.SUPPRESS,
        help="how pictures are drawn",
    )


def _add_telling(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one event a line")
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="print progress and notes to standard error"
    )


def _add_send(add_parser: Callable[..., Parser]) -> None:
    parser = add_parser(
        "send",
        help="one exchange without the application",
        description="Say something and print the answer. Without --conversation or -c a new conversation begins; "
        "its id stands on the terminal, with --json in every event, and with -v on standard error.",
    )
    parser.add_argument(
        "text", nargs="*", metavar="TEXT", help='what to say; "-" or nothing: from standard input'
    )
    _add_common(parser)
    _add_conversation(parser)
    _add_telling(parser)


def _add_image(add_parser: Callable[..., Parser]) -> None:
    parser = add_parser(
        "image",
        help="generate pictures, or show the metadata of one",
        description="Generate a picture, save it and print its path; or print the generation metadata of a saved one.",
        usage="animus-chat image PROMPT [-o FILE] [options]\n       animus-chat image --info FILE [--json]",
    )
    parser.add_argument("prompt", nargs="?", metavar="PROMPT", help="what to generate")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=_named,
        help="a name with a suffix is a file, any other a folder; a file is never overwritten",
    )
    parser.add_argument("--parents", action="store_true", help="create the folder that -o names")
    parser.add_argument(
        "--info", metavar="FILE", type=_named, help="print the generation metadata of a saved PNG"
    )
    parser.add_argument("--edit", metavar="URL", help="edit the picture at this URL")
    for name, takes, meaning in PICTURE_OPTIONS:
        parser.add_argument(
            f"--{name}",
            action=_Option,
            dest="options",
            default=argparse.SUPPRESS,
            metavar=takes,
            help=meaning,
        )
    _add_common(parser)
    _add_telling(parser)


def _add_demo_server(add_parser: Callable[..., Parser]) -> None:
    parser = add_parser(
        "demo-server",
        help="run the embedded Animus-compatible server alone",
        description="Run the embedded server until Ctrl+C. ANIMUS_DEMO_KEY sets its API key, which is random "
        "otherwise, ANIMUS_DEMO_CREDITS how many credits the account begins with.",
    )
    parser.add_argument(
        "--host", type=_named, default="127.0.0.1", help="address to listen on (default %(default)s)"
    )
    parser.add_argument("--port", type=_port, default=0, help="port; 0, the default, takes a free one")


def _port(text: str) -> int:
    return _number(text, LARGEST_PORT, f"a port: 0 to {LARGEST_PORT}")


def _number(text: str, largest: int, words: str) -> int:
    # Python refuses to read a number of thousands of digits; the largest of ours has 16.
    if not text.isdecimal() or len(text) > len(str(largest)) or int(text) > largest:
        shown = text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"
        raise argparse.ArgumentTypeError(f'"{shown}" is not {words}')
    return int(text)


def _named(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a name is missing, this is blank")
    return text
