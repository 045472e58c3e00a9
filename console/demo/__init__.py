"""A demonstration that looks like life: twelve structures, some 1,500 people over three years, by a seed.

`world` says who exists, `lives` what happens to one person, `load` writes it month after month so that what was known
at any past date is meaningful.
"""
