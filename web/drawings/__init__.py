"""Drawings made on the server: figures in, the numbers of an SVG out. Each has a `text` that says the same in words,
and the page shows a table beside it. Nothing in a drawing is told by colour alone.
"""

from web.drawings.curve import Curve, incidence_curve, survival_curve
from web.drawings.evolution import Evolution, evolution
from web.drawings.funnel import FunnelPlot, funnel_plot
from web.drawings.interval import Strip, strip
from web.drawings.matrix import Matrix, matrix, matrix_columns
from web.drawings.sparkline import Sparkline, sparkline
from web.drawings.tilemap import TileMap, tile_map

__all__ = [
    "Curve",
    "Evolution",
    "FunnelPlot",
    "Matrix",
    "Sparkline",
    "Strip",
    "TileMap",
    "evolution",
    "funnel_plot",
    "incidence_curve",
    "matrix",
    "matrix_columns",
    "sparkline",
    "strip",
    "survival_curve",
    "tile_map",
]
