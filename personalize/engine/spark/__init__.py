"""L3: als fitted on a Spark cluster, where rows outgrow one machine. One file per step."""
