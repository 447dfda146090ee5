import pytest

from provenance.web.uploads import shown_name


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\photo.jpg", "photo.jpg"),
        ("a/b\\c.jpg", "c.jpg"),
        ("/", "upload"),
        ("..", "upload"),
        ("", "upload"),
        (None, "upload"),
        ("new\nline\x00\x1b[31m.jpg", "newline[31m.jpg"),
        ("exe\u202egpj.js", "exegpj.js"),
        ("x" * 500 + ".jpg", "x" * 196 + ".jpg"),
        ("Bild von Ähren.jpg", "Bild von Ähren.jpg"),
    ],
)
def test_a_name_is_only_the_last_part_and_hides_nothing(stated, shown):
    assert shown_name(stated) == shown
