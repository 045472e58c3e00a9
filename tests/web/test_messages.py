"""The interface in French, with an English catalogue that keeps up."""

import re

from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from console.management.commands.messages import CATALOGUE, fresh, untranslated
from console.management.commands.prepare import compile_catalogue

PLACE = re.compile(r"%\(\w+\)[sd]")


def committed():
    with (settings.BASE_DIR / CATALOGUE).open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_of_the_interface_is_in_the_catalogue_and_translated():
    catalogue = fresh()

    assert untranslated(catalogue) == []
    assert {str(m.id) for m in catalogue if m.id} == {str(m.id) for m in committed() if m.id}


def test_a_translation_keeps_its_placeholders():
    def places(text):
        return set(PLACE.findall(text if isinstance(text, str) else text[-1]))

    assert [m.id for m in committed() if m.id and places(m.id) != places(m.string)] == []


def test_the_sign_in_page_speaks_the_browsers_language(db):
    compile_catalogue(settings.BASE_DIR / CATALOGUE)
    translation.trans_real._translations.clear()

    assert "Se connecter" in Client().get("/compte/login/", headers={"accept-language": "fr"}).content.decode()
    assert "Password forgotten?" in Client().get("/compte/login/", headers={"accept-language": "en"}).content.decode()
