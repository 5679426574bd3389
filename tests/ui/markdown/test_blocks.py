"""What each construct of Markdown looks like, and what is copied of it."""

from __future__ import annotations

from animus_tui.ui.markdown.document import layout_text
from animus_tui.ui.markdown.text_layout import Link
from tests.support.markdown_samples import FENCE, STYLES, painted, shown


def lines(text: str) -> list[str]:
    return layout_text(text, 40, STYLES).lines


def links(text: str) -> list[str]:
    return [link.href for link in layout_text(text, 60, STYLES).links]


def styles(text: str) -> dict[str, str]:
    return {
        segment.text: str(segment.style)
        for row in layout_text(text, 80, STYLES).rows
        for segment in row.segments
    }


def test_a_line_break_stays_and_a_blank_line_parts_paragraphs() -> None:
    assert painted("one\ntwo\n\n\n\nthree\n") == ["one", "two", "", "three"]
    assert painted("*one*\ntwo\n\n\n\nthree\n") == ["one", "two", "", "three"]


def test_a_paragraph_is_parted_at_spaces_that_are_not_painted() -> None:
    assert painted("several words in a row", 11) == ["several", "words in a", "row"]
    assert lines("several words in a row") == ["several words in a row"]


def test_a_word_that_is_too_long_is_parted_anywhere() -> None:
    assert painted("an extraordinary word", 6) == ["an", "extrao", "rdinar", "y word"]


def test_wide_characters_are_parted_but_not_from_their_punctuation() -> None:
    assert painted("漢字かな、漢字。", 8) == ["漢字か", "な、漢", "字。"]


def test_a_heading_has_no_mark() -> None:
    assert painted("# One\n## Two\ntext") == ["One", "", "Two", "", "text"]
    assert lines("# One") == ["One"]
    assert styles("# One")["One"] != styles("## One")["One"]


def test_emphasis_is_added_to_the_ink_in_force() -> None:
    found = styles("**a** *b* ~~c~~ ***d*** `e` **`f`**")
    assert "bold" in found["a"]
    assert "italic" in found["b"]
    assert "strike" in found["c"]
    assert "bold" in found["d"]
    assert "italic" in found["d"]
    assert found["e"] == str(STYLES.code)
    assert "bold" in found["f"]
    assert "yellow" in found["f"]


def test_lists_within_lists_have_other_bullets() -> None:
    assert painted("- a\n  - b\n    - c\n- d") == ["• a", "  ◦ b", "    ▪ c", "• d"]
    assert lines("- a\n  - b\n    - c\n- d") == ["- a", "  - b", "    - c", "- d"]


def test_numbers_are_kept_and_end_in_one_column() -> None:
    assert painted("9. nine\n10. ten") == [" 9. nine", "10. ten"]
    assert lines("3) three\n4) four") == ["3) three", "4) four"]


def test_a_loose_list_has_blank_rows_and_a_tight_one_has_none() -> None:
    assert painted("- a\n\n- b") == ["• a", "", "• b"]
    assert painted("- a\n- b\n\nend") == ["• a", "• b", "", "end"]


def test_a_task_has_a_box() -> None:
    assert painted("- [ ] open\n- [x] done") == ["☐ open", "☑ done"]
    assert lines("- [ ] open\n- [x] done") == ["- [ ] open", "- [x] done"]


def test_the_rows_of_an_item_stand_below_each_other() -> None:
    assert painted("- several words in a row", 9) == ["• several", "  words", "  in a", "  row"]


def test_a_quotation_has_a_bar() -> None:
    assert painted("> one\n> > two\n>\n> three") == ["▎ one", "▎", "▎ ▎ two", "▎", "▎ three"]
    assert lines("> one\n> > two") == ["> one", ">", "> > two"]


def test_blocks_stand_within_items() -> None:
    text = f"1. one\n\n   {FENCE}\n   a\n     b\n   {FENCE}\n\n   > c"
    assert painted(text) == ["1. one", "", "    a", "      b", "", "   ▎ c"]
    assert lines(text) == ["1. one", "", "a", "  b", "", "   > c"]
    assert painted(f"- {FENCE}\n  a\n  {FENCE}") == ["•  a"]
    assert lines(f"- {FENCE}\n  a\n  {FENCE}") == ["-", "a"]


def test_code_is_copied_byte_for_byte() -> None:
    code = "def f():\n\treturn  'a' \n\n\n    # ünï 漢\t👩‍👩‍👧"
    found = layout_text(f"{FENCE}python\n{code}\n{FENCE}", 12, STYLES)
    assert found.code == [code]
    assert "\n".join(found.lines) == code


def test_code_stands_on_a_ground_as_wide_as_there_is_room() -> None:
    found = layout_text(f"{FENCE}\na\n\nlong enough to wrap\n{FENCE}", 12, STYLES)
    assert [row.cells for row in found.rows] == [12] * 4
    assert [shown(row) for row in found.rows] == [" a          ", " " * 12, " long enoug ", "›h to wrap  "]


def test_the_language_is_named_where_there_is_room_and_never_copied() -> None:
    assert painted(f"{FENCE}py\nx\n{FENCE}", 14) == [" x         py"]
    assert painted(f"{FENCE}py\nlong line\n{FENCE}", 14) == [" long line"]
    assert lines(f"{FENCE}py\nx\n{FENCE}") == ["x"]


def test_code_has_the_colours_of_its_language() -> None:
    found = styles(f"{FENCE}python\nreturn 'a' + 1  # why\n{FENCE}")
    assert found["return"] == str(STYLES.tokens["keyword"])
    assert found["# why"] == str(STYLES.tokens["comment"])
    assert found["1"] == str(STYLES.tokens["number"])


def test_names_in_code_may_have_letters_of_any_script() -> None:
    found = styles(f"{FENCE}python\nclass Größe_2(Ünicode):\n    def 名前(self): pass\n{FENCE}")
    assert found["Größe_2"] == found["名前"] == str(STYLES.tokens["name"])


def test_code_of_an_unknown_language_has_no_colours() -> None:
    assert styles(f"{FENCE}nonsense\nreturn 'a'\n{FENCE}")["return 'a'"] == str(STYLES.code_block)


def test_indented_code_is_code() -> None:
    assert layout_text("    a\n\n      b", 20, STYLES).code == ["a\n\n  b"]


TABLE = "| name | n |\n|:-:|--:|\n| a | 1 |\n| bb | 22 |"


def test_the_columns_of_a_table_keep_their_alignment() -> None:
    assert painted(TABLE) == ["name │  n", "─────┼───", " a   │  1", " bb  │ 22"]
    assert lines(TABLE) == ["| name | n |", "| :-: | --: |", "| a | 1 |", "| bb | 22 |"]


def test_the_cells_of_a_table_wrap_within_their_columns() -> None:
    text = "| a | b |\n|---|---|\n| one two three | four five |\n| x | y |"
    assert painted(text, 17) == [
        "a        │ b", "─────────┼───────", "one two  │ four", "three    │ five", "─────────┼───────", "x        │ y",
    ]  # fmt: skip


def test_a_table_without_room_is_stacked() -> None:
    assert painted(TABLE, 6) == ["name:", " a", "n: 1", "", "name:", " bb", "n: 22"]


def test_a_rule_is_as_wide_as_there_is_room() -> None:
    assert painted("a\n\n---\n\nb", 5) == ["a", "", "─────", "", "b"]


def test_only_links_that_can_be_opened_are_offered() -> None:
    assert links("[a](https://e.org/x) [b](javascript:x) [c](../d) <mailto:a@b.c>") == [
        "https://e.org/x",
        "mailto:a@b.c",
    ]
    assert painted("[b](javascript:x)") == ["[b](javascript:x)"]


def test_an_address_within_the_text_is_a_link_without_its_punctuation() -> None:
    assert links("see https://e.org/a_(b), or (http://f.org/x_y).") == [
        "https://e.org/a_(b)",
        "http://f.org/x_y",
    ]
    assert links("e.org a@b.c xhttp://no http://") == []


def test_an_image_is_a_link_with_its_words() -> None:
    assert layout_text("![a *cat*](http://e.org/c.png)", 40, STYLES).links == [
        Link("http://e.org/c.png", 0, 0, 5)
    ]
    assert painted("![](http://e.org/c.png)") == ["http://e.org/c.png"]


def test_a_link_tells_where_its_words_stand() -> None:
    found = layout_text("- a [few words](http://e.org) b", 40, STYLES)
    assert [found.lines[link.line][link.start : link.end] for link in found.links] == ["few words"]


def test_tags_are_text_and_references_to_characters_change_nothing_but_the_text() -> None:
    assert painted("<b>x</b>") == ["<b>x</b>"]
    assert painted("a&#x202e;b&#27;[31mc &amp; d&#10;e") == ["ab\ufffd[31mc & d e"]


def test_without_boxes_nothing_is_drawn_and_nothing_stands_side_by_side() -> None:
    text = f"- a\n  - b\n- [x] c\n\n> q\n\n{TABLE}\n\n---\n\n{FENCE}\nlong code line here\n{FENCE}"
    rows = painted(text, 14, boxes=False)
    assert rows[:6] == ["- a", "  - b", "[x] c", "", "> q", ""]
    assert rows[6:12] == ["name: a", "n: 1", "", "name: bb", "n: 22", ""]
    assert all(character < "\u2500" for row in rows for character in row)


def test_a_text_with_nothing_to_read_has_no_rows() -> None:
    rows: list[str] = ["", " ", "\n\n", "#", "&#32;", "[a]: http://e.org", "\u3000", "**&#32;**"]
    for text in rows:
        assert [row for row in painted(text) if row] in ([], ["** **"])


def test_the_whole_text_can_be_copied() -> None:
    text = f"# Title\n\nSome *words* here\nand there.\n\n- a\n- b\n\n{FENCE}py\nx = 1\n{FENCE}\n\n> q"
    assert "\n".join(lines(text)) == "Title\n\nSome words here\nand there.\n\n- a\n- b\n\nx = 1\n\n> q"


def test_a_number_with_a_full_stop_is_a_list_only_where_it_begins_or_goes_on_as_one() -> None:
    rows: list[tuple[str, list[str]]] = [
        (
            "It is\n\n391. That is the number.\n\nSure.",
            ["It is", "", "391. That is the number.", "", "Sure."],
        ),
        ("1914. The war began\nin *summer*.", ["1914. The war began", "in summer."]),
        ("391.", ["391."]),
        ("7) yes", ["7) yes"]),
        ("1. one", ["1. one"]),
        ("0. nought", ["0. nought"]),
        ("3. three\n4. four", ["3. three", "4. four"]),
        ("3. three\n\n4. four", ["3. three", "", "4. four"]),
        ("- a\n  391. b", ["- a", "  391. b"]),
        ("391. 392. x", ["391.", "", "392. x"]),
        ("5. a\n\n   b", ["5. a", "", "b"]),
        ("5. - a", ["5.", "", "- a"]),
    ]
    for source, expected in rows:
        assert lines(source) == expected
