"""The kinds of papers, one module each: a plain structure of facts, and the texts a structure may change."""

from collections.abc import Mapping

from documents.papers import (
    amendment,
    contract_summary,
    engagement,
    letterhead,
    my_pathway,
    prolongation_report,
    rights_checklist,
    skills_portfolio,
    work_certificate,
)
from documents.papers.shape import PaperKind, Text

KINDS: dict[str, PaperKind] = {
    module.KIND.code: module.KIND
    for module in (
        contract_summary,
        amendment,
        work_certificate,
        my_pathway,
        rights_checklist,
        skills_portfolio,
        engagement,
        prolongation_report,
    )
}


def texts_of(code: str) -> Mapping[str, Text]:
    """The texts a structure may change in a kind of paper, or in its letterhead. Raises KeyError for an unknown code."""
    return letterhead.TEXTS if code == letterhead.CODE else KINDS[code].texts


def sections_of(code: str) -> Mapping[str, str]:
    """The sections a structure may leave out of a kind of paper."""
    return {} if code == letterhead.CODE else KINDS[code].sections


__all__ = ["KINDS", "PaperKind", "Text", "sections_of", "texts_of"]
