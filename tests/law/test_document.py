"""The page on the law is the rules themselves."""

from law.document import PAGE, markdown


def test_the_documentation_is_the_rules():
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run: python -m law.document"
