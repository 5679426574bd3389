"""No widget of ours is given text that Textual would read as markup. Read from the source, so new widgets count too."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import animus_tui.ui

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = sorted(Path(animus_tui.ui.__path__[0]).rglob("*.py"))
READ_AS_MARKUP = {
    "Static": "content",
    "Label": "content",
    "Button": "label",
    "Checkbox": "label",
    "RadioButton": "label",
    "Link": "text",
    "Tab": "label",
}
"""Widgets of Textual and their first parameter, which is markup when it is a `str`."""
MARKUP_PROPERTIES = ("tooltip", "border_title", "border_subtitle", "label")
"""Properties of widgets that are markup when they are a `str`."""
LITERAL_CALLS = ("literal", "Content", "Content.styled", "Content.assemble", "Text")
"""What makes a value of which every bracket is a bracket."""


def name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=attr) if owner == "Content":
            return f"{owner}.{attr}"
        case ast.Attribute(attr=attr):
            return attr
    return ""


def is_literal(node: ast.expr | None) -> bool:
    """Whether a value is shown as it stands: a constant without brackets, or something that is no `str`."""
    match node:
        case None | ast.Constant(value=None):
            return True
        case ast.Constant(value=str(text)):
            return "[" not in text
        case ast.Name(id=name):
            return name.isupper()  # a constant of the module, which is checked where it is given its value
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant()):
            return name.isupper()
        case ast.IfExp(body=body, orelse=orelse):
            return is_literal(body) and is_literal(orelse)
        case ast.Call(func=func):
            return name_of(func) in LITERAL_CALLS
    return False


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def imported(tree: ast.Module) -> set[str]:
    """What a module has from Textual's widgets."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual.widgets")
        for alias in node.names
    }


def says_no_markup(call: ast.Call) -> bool:
    plain = keyword(call, "markup")
    return isinstance(plain, ast.Constant) and plain.value is False


def offences(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and reason of everything that could be read as markup."""
    widgets = {name: READ_AS_MARKUP[name] for name in imported(tree) if name in READ_AS_MARKUP}
    for node in ast.walk(tree):
        match node:
            case ast.Call():
                yield from _offences_of_call(node, widgets)
            case ast.Assign(targets=[ast.Attribute(attr=attr)], value=value) if attr in MARKUP_PROPERTIES:
                if not is_literal(value):
                    yield node.lineno, f"{attr} that is no constant and no literal(…)"
            case ast.FunctionDef(name="render", returns=ast.Name(id="str")):
                yield node.lineno, "render that gives a str"
            case ast.Attribute(attr="from_markup"):
                yield node.lineno, "from_markup"
            case ast.ClassDef(bases=bases) if {name_of(base) for base in bases} & {*widgets, "OptionList"}:
                if not _tells_no_markup(node):
                    yield node.lineno, f"{node.name} without markup=False"
            case _:
                pass
    yield from _bracketed_constants(tree)


def _offences_of_call(call: ast.Call, widgets: dict[str, str]) -> Iterator[tuple[int, str]]:
    called = name_of(call.func)
    if called in widgets:
        shown = call.args[0] if call.args else keyword(call, widgets[called])
        if not says_no_markup(call) and (not is_literal(shown) or (shown is None and called != "Button")):
            yield call.lineno, f"{called} without markup=False"
    if called in ("OptionList", "notify") and not says_no_markup(call):
        yield call.lineno, f"{called} without markup=False"
    if called == "TextArea" and not is_literal(keyword(call, "placeholder")):
        yield call.lineno, "TextArea with a placeholder that is no constant"
    if called not in ("Binding", "Action") and not is_literal(keyword(call, "tooltip")):
        yield call.lineno, f"{called} with a tooltip that is no constant"


def _tells_no_markup(widget: ast.ClassDef) -> bool:
    """Whether a widget that extends one of Textual's says that its text is no markup."""
    calls = (node for node in ast.walk(widget) if isinstance(node, ast.Call))
    inits = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__")
    return any(map(says_no_markup, inits))


def _bracketed_constants(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Constants that are given to a widget by their name must not hold brackets either."""
    given = {
        node.args[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and name_of(node.func) in READ_AS_MARKUP
        and node.args
        and isinstance(node.args[0], ast.Name)
        and not isinstance(keyword(node, "markup"), ast.Constant)
    }
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in given:
                if "[" in ast.unparse(value):
                    yield node.lineno, f"{name} is given to a widget and has a bracket"


def test_no_text_of_a_widget_is_markup() -> None:
    found = [
        (source.name, *offence)
        for source in SOURCES
        for offence in offences(ast.parse(source.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_what_could_be_markup_is_seen() -> None:
    rows: list[str] = [
        "Static(name)",
        "Static(id='later')",
        "Static(f'{name}')",
        "Static('[b]')",
        "Label(field.label)",
        "Button(self._character(), id='x')",
        "Button(label=name)",
        "self.query_one(Button).label = name",
        "widget.tooltip = sentence",
        "widget.border_title = f'{name}'",
        "self.notify(text, severity='error')",
        "OptionList(compact=True)",
        "TextArea(placeholder=name)",
        "class Line(Static):\n    def show(self, text):\n        self.update(text)",
        "class Line(Widget):\n    def render(self) -> str:\n        return self.text",
        "Content.from_markup(text)",
        "TEXT = 'a [b]'\nStatic(TEXT)",
    ]
    for code in rows:
        assert list(offences(ast.parse(f"from textual.widgets import {', '.join(READ_AS_MARKUP)}\n{code}")))


def test_what_cannot_be_markup_is_let_through() -> None:
    rows: list[str] = [
        "Static('❯ ', id='mark')",
        "Static(name, markup=False)",
        "Static(id='later', markup=False)",
        "Button('Generate')",
        "Button(literal(name))",
        "widget.tooltip = literal(name)",
        "widget.tooltip = None",
        "self.notify(text, markup=False)",
        "TEXT = 'a'\nStatic(TEXT)",
    ]
    for code in rows:
        assert (
            list(offences(ast.parse(f"from textual.widgets import {', '.join(READ_AS_MARKUP)}\n{code}")))
            == []
        )
