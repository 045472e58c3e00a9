-- The open flags of a day in one statement, as one would write it by hand for this day's law, with nothing kept.
WITH RECURSIVE live AS MATERIALIZED (
    SELECT c.id, c.worker_id, c.kind, c.renews_id, c.signed_on, c.started_on, c.planned_end_on, c.ended_on,
           c.weekly_hours, c.sentence_adjustment, o.kind AS structure, o.id AS organisation_id,
           COALESCE(c.ended_on, c.planned_end_on, 'infinity') AS last_day
    FROM contracts_contract c
    JOIN parcours_worker w ON w.id = c.worker_id
    JOIN accounts_organisation o ON o.id = w.organisation_id
    WHERE COALESCE(c.ended_on, c.planned_end_on, 'infinity') >= %(day)s - 30
), running AS (
    SELECT * FROM live WHERE started_on <= %(day)s AND last_day >= %(day)s
), laddered (code, worker_id, contract_id, pass_iae_id, due_on) AS (
    SELECT 'CONTRACT_END', c.worker_id, c.id, NULL::bigint, c.planned_end_on
    FROM live c
    WHERE c.ended_on IS NULL AND c.started_on <= %(day)s AND c.planned_end_on BETWEEN %(day)s - 30 AND %(day)s + 90
      AND c.kind IN ('FIXED_TERM_I', 'FIXED_TERM_USAGE', 'TEMPORARY', 'PROFESSIONAL_TRAINING')
      AND c.planned_end_on - c.started_on >= 30
      AND NOT EXISTS (SELECT 1 FROM live o WHERE o.worker_id = c.worker_id AND o.id <> c.id
                      AND o.started_on <= c.planned_end_on + 1 AND o.last_day > c.planned_end_on)
      AND NOT EXISTS (SELECT 1 FROM contracts_decision d WHERE d.contract_id = c.id AND d.notified_on <= %(day)s
                      AND d.kind = 'end_with_exit_plan')
    UNION ALL
    SELECT 'PASS_END', p.worker_id, NULL, p.id, p.ended_on
    FROM (SELECT DISTINCT ON (p.worker_id) p.* FROM parcours_passiae p
          JOIN parcours_pathway t ON t.worker_id = p.worker_id AND t.ended_on IS NULL AND t.started_on <= %(day)s
          JOIN parcours_worker w ON w.id = p.worker_id
          JOIN accounts_organisation o ON o.id = w.organisation_id AND o.kind IN ('AI', 'ETTI', 'ACI', 'EI', 'EITI')
          ORDER BY p.worker_id, p.ended_on DESC) p
    WHERE p.ended_on <= %(day)s + 90
), chained AS (
    SELECT *, min(started_on) OVER (PARTITION BY worker_id, chain) AS first
    FROM (SELECT *, count(*) FILTER (WHERE before IS NULL OR started_on > before + 1)
                    OVER (PARTITION BY worker_id ORDER BY started_on, id) AS chain
          FROM (SELECT c.*, max(COALESCE(c.ended_on, c.planned_end_on, 'infinity')) OVER (
                           PARTITION BY c.worker_id ORDER BY c.started_on, c.id
                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                FROM contracts_contract c
                WHERE c.kind = 'FIXED_TERM_I' AND c.worker_id IN (
                    SELECT worker_id FROM live WHERE kind = 'FIXED_TERM_I' AND last_day >= %(day)s)) a) b
), counters AS (
    SELECT worker_id, min(month) AS first, array_agg(month) AS months, array_agg(hours) AS hours
    FROM (SELECT c.worker_id, m.month, sum(m.paid_hours) AS hours
          FROM contracts_assignment a
          JOIN contracts_contract c ON c.id = a.contract_id
          JOIN parcours_worker w ON w.id = c.worker_id
          JOIN accounts_organisation o ON o.id = w.organisation_id AND o.kind = 'AI'
          JOIN contracts_workedmonth m ON m.assignment_id = a.id
          WHERE a.client_kind IN ('entreprise', 'epic') AND m.paid_hours > 0 AND m.month <= %(day)s
          GROUP BY 1, 2) c
    GROUP BY 1 HAVING max(month) > %(day)s - interval '24 months'
), windows AS (
    SELECT * FROM counters
    UNION ALL
    SELECT v.worker_id, (SELECT min(m) FROM unnest(v.months) m WHERE m >= v.first + interval '24 months'), v.months, v.hours
    FROM windows v WHERE v.first IS NOT NULL
)
SELECT code, worker_id, contract_id, pass_iae_id, due_on,
       CASE WHEN due_on < %(day)s THEN 5 WHEN due_on <= %(day)s + 15 THEN 4 WHEN due_on <= %(day)s + 30 THEN 3
            WHEN due_on <= %(day)s + 60 THEN 2 ELSE 1 END AS severity
FROM laddered
UNION ALL
SELECT 'CDDI_MIN', worker_id, id, NULL, planned_end_on, 3 FROM chained
WHERE started_on = first AND renews_id IS NULL AND NOT sentence_adjustment AND ended_on IS NULL
  AND planned_end_on >= %(day)s AND planned_end_on + 1 < started_on + interval '4 months'
UNION ALL
SELECT 'CDDI_MAX', worker_id, id, NULL, ceiling,
       CASE WHEN planned_end_on > ceiling OR ceiling < %(day)s THEN 5 WHEN ceiling <= %(day)s + 15 THEN 4
            WHEN ceiling <= %(day)s + 30 THEN 3 WHEN ceiling <= %(day)s + 60 THEN 2 ELSE 1 END
FROM (SELECT *, (first + interval '24 months' - interval '1 day')::date AS ceiling FROM chained) c
WHERE ended_on IS NULL AND started_on <= %(day)s AND COALESCE(planned_end_on, %(day)s) >= %(day)s
  AND (planned_end_on > ceiling OR ceiling <= %(day)s + 90)
UNION ALL
SELECT 'WEEKLY_HOURS_MIN', worker_id, id, NULL, started_on, 3 FROM running WHERE kind = 'FIXED_TERM_I' AND weekly_hours < 20
UNION ALL
SELECT 'CONTRACT_UNSIGNED', worker_id, id, NULL, due, 3
FROM (SELECT *, started_on + CASE EXTRACT(ISODOW FROM started_on) WHEN 5 THEN 3 WHEN 6 THEN 3 ELSE 2 END::int AS due
      FROM running WHERE signed_on IS NULL) c
WHERE due < %(day)s
UNION ALL
SELECT 'PASS_EXCEEDED', c.worker_id, c.id, NULL, p.ended_on, CASE WHEN p.ended_on <= %(day)s + 30 THEN 4 ELSE 3 END
FROM running c JOIN parcours_passiae p ON p.worker_id = c.worker_id AND %(day)s BETWEEN p.started_on AND p.ended_on
WHERE c.structure IN ('AI', 'ETTI', 'ACI', 'EI', 'EITI') AND c.ended_on IS NULL AND c.planned_end_on > p.ended_on
  AND c.kind IN ('FIXED_TERM_I', 'FIXED_TERM_USAGE', 'TEMPORARY')
UNION ALL
SELECT 'MISSING_PASS', c.worker_id, c.id, NULL, c.started_on, 4 FROM running c
WHERE c.structure IN ('AI', 'ETTI', 'ACI', 'EI', 'EITI') AND c.kind IN ('FIXED_TERM_I', 'FIXED_TERM_USAGE', 'TEMPORARY')
  AND NOT EXISTS (SELECT 1 FROM parcours_passiae p
                  WHERE p.worker_id = c.worker_id AND %(day)s BETWEEN p.started_on AND p.ended_on)
UNION ALL
SELECT 'AI_480', worker_id, NULL, NULL, last, CASE WHEN hours >= 480 THEN 5 WHEN hours >= 450 THEN 4 ELSE 3 END
FROM (SELECT v.worker_id, (v.first + interval '24 months' - interval '1 day')::date AS last,
             (SELECT sum(h.hours) FROM unnest(v.months, v.hours) h (month, hours)
              WHERE h.month >= v.first AND h.month < v.first + interval '24 months') AS hours
      FROM windows v
      WHERE %(day)s >= v.first AND %(day)s < v.first + interval '24 months') x
WHERE hours >= 400

UNION ALL
SELECT 'TRIAL_END', worker_id, id, NULL, due, CASE WHEN due - %(day)s <= 2 THEN 4 ELSE 3 END
FROM (SELECT c.*, (CASE
          WHEN c.kind = 'TEMPORARY' THEN c.started_on - 1 + CASE
              WHEN c.planned_end_on < c.started_on + interval '1 month' THEN 2
              WHEN c.planned_end_on < c.started_on + interval '2 months' THEN 3 ELSE 5 END
          WHEN c.planned_end_on < GREATEST(c.started_on + interval '6 months', c.started_on + 182)
          THEN c.started_on - 1 + LEAST((c.planned_end_on - c.started_on + 1) / 7, 14)
          ELSE LEAST(c.started_on - 1 + (c.planned_end_on - c.started_on + 1) / 7,
                     c.started_on + interval '1 month' - interval '1 day') END)::date AS due
      FROM running c WHERE c.ended_on IS NULL AND c.started_on >= %(day)s - 31) c
WHERE due BETWEEN %(day)s AND %(day)s + 7 AND due >= started_on
  AND NOT EXISTS (SELECT 1 FROM contracts_contract o WHERE o.worker_id = c.worker_id AND o.started_on < c.started_on)
UNION ALL
SELECT 'MEDICAL_VISIT', worker_id, NULL, NULL, due,
       CASE WHEN due < %(day)s THEN 5 WHEN due <= %(day)s + 15 THEN 4 ELSE 3 END
FROM (SELECT c.worker_id, (min(o.started_on) + CASE WHEN c.structure = 'AI' THEN interval '1 month'
                                                    ELSE interval '3 months' END - interval '1 day')::date AS due
      FROM (SELECT DISTINCT worker_id, structure FROM running WHERE started_on > %(day)s - 125) c
      JOIN contracts_contract o ON o.worker_id = c.worker_id GROUP BY c.worker_id, c.structure) v
WHERE due BETWEEN %(day)s - 30 AND %(day)s + 30
  AND NOT EXISTS (SELECT 1 FROM rights_rightstep s JOIN parcours_pathway t ON t.id = s.pathway_id
                  WHERE t.worker_id = v.worker_id AND s."right" = 'D20' AND (s.opened_on IS NOT NULL OR s.closed_on IS NOT NULL))
UNION ALL
SELECT 'CDI_I_OPEN', w.id, NULL, NULL, since, 1
FROM parcours_worker w
JOIN accounts_organisation o ON o.id = w.organisation_id AND o.kind IN ('AI', 'ETTI', 'ACI', 'EI')
JOIN parcours_pathway t ON t.worker_id = w.id AND t.ended_on IS NULL AND t.started_on <= %(day)s
CROSS JOIN LATERAL (SELECT GREATEST(w.birth_date + interval '57 years', t.started_on + interval '12 months')::date) x (since)
WHERE since <= %(day)s AND w.id IN (SELECT worker_id FROM running WHERE ended_on IS NULL
                                    AND kind IN ('FIXED_TERM_I', 'FIXED_TERM_USAGE', 'TEMPORARY'))
UNION ALL
SELECT 'PROLONGATION_OPEN', p.worker_id, NULL, p.id, (p.ended_on + interval '6 months')::date,
       CASE WHEN p.ended_on < %(day)s THEN 4 ELSE 1 END
FROM (SELECT DISTINCT ON (p.worker_id) p.* FROM parcours_passiae p
      JOIN parcours_pathway t ON t.worker_id = p.worker_id AND t.ended_on IS NULL AND t.started_on <= %(day)s
      JOIN parcours_worker w ON w.id = p.worker_id
      JOIN accounts_organisation o ON o.id = w.organisation_id AND o.kind IN ('AI', 'ETTI', 'ACI', 'EI', 'EITI')
      ORDER BY p.worker_id, p.ended_on DESC) p
JOIN parcours_worker w ON w.id = p.worker_id AND (w.birth_date + interval '50 years' <= p.ended_on OR w.disabled_worker)
WHERE %(day)s >= (p.ended_on - interval '12 months')::date AND %(day)s <= (p.ended_on + interval '6 months')::date
  AND NOT EXISTS (SELECT 1 FROM parcours_passsuspension s WHERE s.pass_iae_id = p.id AND %(day)s BETWEEN s.started_on AND s.ended_on)
  AND NOT EXISTS (SELECT 1 FROM parcours_passprolongation g WHERE g.pass_iae_id = p.id AND g.state = 'requested')
