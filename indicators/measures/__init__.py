"""How each indicator is worked out: one SQL pass over the facts, then exact arithmetic on its counts.

To add an indicator: write its definition in `indicators/catalogue/`, its units here, and its slow twin in
`tests/reference/indicators.py`.
"""

from indicators.measures import acc, com, con, rem, sec, sor
from indicators.measures.shape import Counts, Figure, Measure

MEASURES: dict[str, Measure] = {
    "SEC-01": sec.SEC_01,
    "SEC-02": sec.SEC_02,
    "CON-01": con.CON_01,
    "CON-04": con.CON_04,
    "REM-02": rem.REM_02,
    "COM-01": com.COM_01,
    "ACC-01": acc.ACC_01,
    "SOR-01": sor.SOR_01,
}

__all__ = ["MEASURES", "Counts", "Figure", "Measure"]
