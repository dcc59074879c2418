"""The desk: an action on many records is over when every row of it is, and has the rows it was asked to have."""

from __future__ import annotations

from db.audit.check import Check

DESK_CHECKS = (
    Check(
        "ended_actions_left_no_row",
        "An action on many records that is over has no row that waits or is out.",
        "Y26",
        """
        SELECT j.id, j.status, r.state, count(*) AS rows
        FROM bulk_jobs j JOIN bulk_rows r ON r.job_id = j.id
        WHERE j.status IN ('done', 'cancelled') AND r.state IN ('waiting', 'sent') GROUP BY j.id, r.state
        """,
    ),
    Check(
        "actions_have_their_rows",
        "An action on many records has as many rows as it was started with.",
        "Y26",
        """
        SELECT j.id, j.total, count(r.row_no) AS rows FROM bulk_jobs j LEFT JOIN bulk_rows r ON r.job_id = j.id
        GROUP BY j.id HAVING count(r.row_no) <> j.total
        """,
    ),
    Check(
        "rows_out_are_on_their_way",
        "A row that is out with an agent has a message on its way, there or back.",
        "Y26",
        """
        SELECT r.job_id, r.row_no, r.label FROM bulk_rows r WHERE r.state = 'sent' AND NOT EXISTS (
            SELECT 1 FROM outbox o WHERE o.relayed_at IS NULL
              AND o.payload ->> 'job_id' = r.job_id::text AND o.payload ->> 'row_no' = r.row_no::text)
        AND NOT EXISTS (
            SELECT 1 FROM deliveries d
            WHERE d.payload ->> 'job_id' = r.job_id::text AND d.payload ->> 'row_no' = r.row_no::text)
        """,
    ),
)
