"""Quality of the data: QUA-01. Its units are the months of pay the period asks for; every other figure has its own coverage."""

from indicators.measures.shape import Counts, Figure, Measure, plain, share, text
from indicators.measures.survival import life_table, median_time
from indicators.periods import Period

# The delay from the end of a month to the day its hours were recorded; a month not recorded at K is censored there.
QUA_01_UNITS = """
SELECT m.organisation_id, p.period_no, m.worker_id,
    m.contract_id * 10000 + (extract(year FROM m.month) * 12 + extract(month FROM m.month))::bigint %% 10000 AS item,
    1::numeric AS weight, (NOT m.missing)::int::numeric AS amount, CASE WHEN m.missing THEN 'hours' END AS reason,
    (NOT m.missing)::int::numeric AS covered, 1::numeric AS to_cover, concat_ws(' ', m.month, m.missing, r.day) AS detail,
    CASE WHEN m.missing OR r.day IS NULL THEN greatest(%(known_on)s::date - e.month_end, 0) || ' 0'
         ELSE greatest(r.day - e.month_end, 0) || ' 1' END AS lag
FROM fact_period p JOIN fact_span s USING (period_no) JOIN fact_month m ON m.month = s.month
LEFT JOIN fact_recorded r ON r.contract_id = m.contract_id AND r.month = m.month
CROSS JOIN LATERAL (SELECT (m.month + interval '1 month')::date - 1 AS month_end) e
"""


def _qua_01(counts: Counts, period: Period) -> Figure:
    figure = share(counts)
    return Figure(
        value=figure.value,
        low=figure.value,
        high=figure.value,
        parts={
            "months_due": plain(counts.eligible),
            "months_known": plain(counts.k or counts.known * 0),
            "median_lag": text(median_time(life_table(counts.spread("lags")))),
        },
    )


QUA_01 = Measure(units=QUA_01_UNITS, finish=_qua_01, spreads={"lags": "lag"})
