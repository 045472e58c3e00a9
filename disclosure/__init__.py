"""Disclosure control: tables of people in, figures that give nobody away out — and the attackers that try them.

Pure Python and numpy: no framework, no database, no clock. The method is the cell key keyed on the *base population* of each
figure, with a display rule on the noisy values (reference: docs/disclosure.md). Figures are published with small random
errors whose parameters are public and whose key is secret.
"""
