"""Bytes of each format to text."""

import pytest

from aegis_pipeline.documents.decoding import decode
from aegis_pipeline.documents.docx import docx_to_text
from aegis_pipeline.documents.formats import EXTENSIONS, expected_format
from aegis_pipeline.documents.markup import html_to_text, markdown_to_text
from aegis_pipeline.documents.pdf import join_lines, pdf_to_text, undo_hyphens
from aegis_pipeline.errors import DocumentError
from aegis_pipeline.records import DocumentStatus
from aegis_pipeline_tests.documents import hostile


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (hostile.GERMAN, "latin-1"),
        (hostile.FRENCH, "cp1252"),
        (hostile.SPANISH, "cp1252"),
        ("He said it’s fine.", "cp1252"),
        (hostile.ENGLISH + " “Quoted” – naïve café.", "cp1252"),
        (hostile.JAPANESE, "shift_jis"),
        (hostile.CHINESE, "gb18030"),
        ("Москва является столицей России и крупнейшим городом страны по числу жителей.", "cp1251"),
        (hostile.ENGLISH, "utf-16-le"),
        (hostile.ENGLISH, "utf-32"),
        ("a" * 100_000 + " " + hostile.GERMAN, "latin-1"),
    ],
)
def test_decode_finds_the_text(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0].removeprefix("\ufeff") == text


def test_decode_takes_what_a_page_declares() -> None:
    assert decode("été".encode("latin-1"), "iso-8859-1") == ("été", "iso8859-1")
    assert decode("été".encode(), "iso-8859-1") == ("été", "utf-8")


def test_expected_format_names_the_valid_extensions() -> None:
    with pytest.raises(DocumentError, match=r"extension '\.exe'; valid ones are \.txt .*\.docx") as error:
        expected_format("a/b.txt.exe")
    assert error.value.status is DocumentStatus.UNSUPPORTED_FORMAT
    assert {expected_format("x" + extension.upper()) for extension in EXTENSIONS} == set(EXTENSIONS.values())


def test_html_to_text_gives_clean_paragraphs() -> None:
    page = """<html><head><title>The title</title><style>p {}</style></head><body><nav>Menu</nav>
      <p>One sentence that
      goes <b>on</b>&nbsp;over lines.<br>A line.</p><!-- no --><div>Caf&eacute; &lt;b&gt;<p>Inner</p>tail</div>
      <ul><li>first<li><p>second</p></ul><table><tr><th>Name<th>Year<tr><td>Baby<td>1948</table>
      <pre>kept
      lines</pre><script>x()</script><template>no</template></body></html>"""
    assert html_to_text(page).split("\n\n") == [
        "The title",
        "One sentence that goes on over lines.\nA line.",
        "Café <b>",
        "Inner",
        "tail",
        "- first\n- second",
        "Name | Year",
        "Baby | 1948",
        "kept\nlines",
    ]


def test_html_to_text_drops_a_title_that_a_heading_repeats() -> None:
    assert html_to_text("<title>T</title><h1>T</h1>text") == "T\n\ntext"


def test_markdown_to_text_gives_clean_paragraphs() -> None:
    source = (
        "# Head\n\nA *soft*\nbreak, `code` and [link](http://x).\n\n- a\n- b\n"
        "\n|x|y|\n|-|-|\n|1|2|\n\n<script>z()</script>\n"
    )
    assert markdown_to_text(source) == "Head\n\nA soft break, code and link.\n\n- a\n- b\n\nx | y\n\n1 | 2"


def test_pdf_to_text_joins_lines_to_paragraphs() -> None:
    second = "A second paragraph begins here and is long enough to be wrapped over the end of a line, as they are."
    text, note = pdf_to_text(hostile.pdf(f"{hostile.ENGLISH}\n\n{second}\n1. Item\n2. Item"), 10, 10_000)
    assert text.split("\n\n") == [hostile.ENGLISH, second, "1. Item", "2. Item"]
    assert note is None


def test_pdf_to_text_limits_pages_and_characters() -> None:
    for limits, message in (((0, 10_000), "1 pages, at most 0"), ((10, 20), "more than 20 characters")):
        with pytest.raises(DocumentError, match=message) as error:
            pdf_to_text(hostile.pdf(), *limits)
        assert error.value.status is DocumentStatus.TOO_LARGE


def test_join_lines_knows_headings_and_page_numbers() -> None:
    page = "12\r\nThe history\r\nA long line of a paragraph that fills the whole width\r\nof the page and ends."
    assert join_lines(page) == (
        "The history\n\nA long line of a paragraph that fills the whole width of the page and ends."
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a test\x02bed", "a testbed"),
        ("the stored-program idea, a stored\x02program machine", "the stored-program idea, a stored-program machine"),
        ("Jean\x02Luc and 1948\x0249", "Jean-Luc and 1948-49"),
        ("odd \x02 mark", "odd - mark"),
    ],
)
def test_undo_hyphens_keeps_those_of_compounds(text: str, expected: str) -> None:
    assert undo_hyphens(text) == expected


def test_docx_to_text_reads_paragraphs_and_opens_nothing_else() -> None:
    content = hostile.paragraph(b"One.") + hostile.paragraph(b"Two &lt;b&gt;.")
    assert docx_to_text(hostile.docx_with(hostile.body(content))) == "One.\n\nTwo <b>."
