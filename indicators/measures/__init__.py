"""How each indicator is worked out: one SQL pass over the facts, then exact arithmetic on the sums of its cells.

To add an indicator: write its definition in `indicators/catalogue/`, its units here, and its slow twin in
`tests/reference/indicators/`.
"""

from collections.abc import Callable, Mapping

from indicators.measures import acc, com, con, dro, eng, equ, par, per, qua, rem, sec, sor, ter, tps
from indicators.measures.shape import Counts, Cube, Figure, Measure

MEASURES: dict[str, Measure] = {
    "SEC-01": sec.SEC_01,
    "SEC-02": sec.SEC_02,
    "SEC-03": sec.SEC_03,
    "SEC-04": sec.SEC_04,
    "CON-01": con.CON_01,
    "CON-02": con.CON_02,
    "CON-03": con.CON_03,
    "CON-04": con.CON_04,
    "DRO-01": dro.DRO_01,
    "DRO-02": dro.DRO_02,
    "DRO-03": dro.DRO_03,
    "REM-01": rem.REM_01,
    "REM-02": rem.REM_02,
    "REM-03": rem.REM_03,
    "TPS-01": tps.TPS_01,
    "TPS-02": tps.TPS_02,
    "TPS-03": tps.TPS_03,
    "TPS-04": tps.TPS_04,
    "COM-01": com.COM_01,
    "COM-02": com.COM_02,
    "COM-03": com.COM_03,
    "COM-04": com.COM_04,
    "COM-05": com.COM_05,
    "ACC-01": acc.ACC_01,
    "ACC-02": acc.ACC_02,
    "ACC-03": acc.ACC_03,
    "ACC-04": acc.ACC_04,
    "PER-01": per.PER_01,
    "PER-02": per.PER_02,
    "PAR-01": par.PAR_01,
    "PAR-02": par.PAR_02,
    "PAR-03": par.PAR_03,
    "PAR-04": par.PAR_04,
    "CIT-01": par.CIT_01,
    "ENG-01": eng.ENG_01,
    "ENG-02": eng.ENG_02,
    "ENG-03": eng.ENG_03,
    "ENG-04": eng.ENG_04,
    "SOR-01": sor.SOR_01,
    "SOR-02": sor.SOR_02,
    "EQU-01": equ.EQU_01,
    "EQU-02": equ.EQU_02,
    "EQU-03": equ.EQU_03,
    "TER-01": ter.TER_01,
    "EXP-01": ter.EXP_01,
    "QUA-01": qua.QUA_01,
}
# Indicators made of the cells of others.
DERIVED: dict[str, Callable[[Mapping[str, Cube]], Cube]] = {"EQU-03": equ.worst_served}

__all__ = ["DERIVED", "MEASURES", "Counts", "Cube", "Figure", "Measure"]
