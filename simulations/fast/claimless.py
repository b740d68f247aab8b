"""What comes of disputes without a claim: nothing, whatever the policy says."""

from simulations.literals import text_of
from simulations.measures.tables import ResultsTable
from simulations.prepared.preparing import Prepared
from simulations.results import PARTIES


def add_claimless(table: ResultsTable, prepared: Prepared) -> int:
    """Write the results of all disputes without a claim; return how many these are."""
    count = prepared.manifest.without_claim
    if not count:
        return 0
    rows = ", ".join(text_of(str(file)) for file in prepared.rows)
    parties = ", ".join(map(text_of, PARTIES))
    table.connection.execute(f"""
        INSERT INTO {table.names.results} BY NAME
        WITH without AS (FROM read_parquet({text_of(str(prepared.no_claim))})),
        answered AS (
            SELECT DISTINCT dispute_id FROM read_parquet([{rows}])
            SEMI JOIN without USING (dispute_id)
            WHERE kind = 'responses' AND json_extract_string(payload, '$.party') IN ({parties})
                AND json_extract_string(payload, '$.action') IS DISTINCT FROM 'message')
        SELECT w.dispute_id, 'no_claim' AS ended, 0 AS refunded, FALSE AS handed_over, 0 AS asked,
            a.dispute_id IS NOT NULL AS has_answers, 0 AS left_out, 0 AS moments,
            FALSE AS human_before, FALSE AS arrived_after, 'fast' AS engine
        FROM without w LEFT JOIN answered a USING (dispute_id)
    """)
    return count
