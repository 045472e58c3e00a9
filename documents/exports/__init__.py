"""Any list of the site as a file: one definition of columns, two formats, every download on record."""

from documents.exports.listings import LISTINGS, Listing
from documents.exports.sending import Download, download
from documents.exports.sheets import TYPES, text_cell

__all__ = ["LISTINGS", "TYPES", "Download", "Listing", "download", "text_cell"]
