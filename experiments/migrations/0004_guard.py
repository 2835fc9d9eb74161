"""What no door gets round: the database refuses writes that do not come from a step (guard.py)."""

from django.db import migrations

# Where a state may lead.
EDGES = (
    ("draft", "registered"),
    ("registered", "approved"),
    ("approved", "running"),
    ("running", "paused"),
    ("paused", "running"),
    ("running", "stopped"),
    ("paused", "stopped"),
    ("stopped", "decided"),
    ("draft", "archived"),
    ("registered", "archived"),
    ("approved", "archived"),
    ("decided", "archived"),
)

# Columns that change after the registration; every other one is frozen with the plan.
MOVING = (
    "state",
    "registered_by",
    "registered_at",
    "digest",
    "approved_by",
    "approved_at",
    "approval_reason",
    "started_at",
    "paused_at",
    "stopped_at",
    "seconded_by",
    "seconding_reason",
    "decided_by",
    "decided_at",
    "verdict",
    "verdict_reason",
    "archived_at",
)

# Of those, what is written once.
ONCE = (
    "registered_by",
    "digest",
    "approved_by",
    "approved_at",
    "started_at",
    "stopped_at",
    "decided_by",
    "decided_at",
    "verdict",
)


def _array(names: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]"


EDGE_LIST = ", ".join(f"('{start}', '{end}')" for start, end in EDGES)

GUARD_SQL = f"""
CREATE FUNCTION experiments_refuse(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', what USING ERRCODE = 'integrity_constraint_violation',
        HINT = 'Take the step through experiments.api, which checks the gates and keeps the ledger.';
END $$;

CREATE FUNCTION experiments_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    name text;
    was jsonb;
    becomes jsonb;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM experiments_refuse('An experiment is archived, never deleted.');
    END IF;
    IF coalesce(current_setting('northway.experiment', true), '') <> NEW.key THEN
        PERFORM experiments_refuse('An experiment is changed by its own steps only.');
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM experiments_refuse('An experiment begins as a draft.');
        END IF;
        RETURN NEW;
    END IF;
    was := to_jsonb(OLD);
    becomes := to_jsonb(NEW);
    IF OLD.state <> NEW.state AND NOT (OLD.state, NEW.state) IN (VALUES {EDGE_LIST}) THEN
        PERFORM experiments_refuse('From ' || OLD.state || ' no step leads to ' || NEW.state || '.');
    END IF;
    IF NOT (OLD.state = 'draft' AND NEW.state = 'draft')
       AND was - {_array(MOVING)} <> becomes - {_array(MOVING)} THEN
        PERFORM experiments_refuse('The plan was frozen when it was registered.');
    END IF;
    IF OLD.author <> NEW.author OR OLD.key <> NEW.key THEN
        PERFORM experiments_refuse('Who wrote an experiment, and its key, stay.');
    END IF;
    FOREACH name IN ARRAY {_array(ONCE)} LOOP
        IF coalesce(was ->> name, '') <> '' AND was -> name IS DISTINCT FROM becomes -> name THEN
            PERFORM experiments_refuse(name || ' is written once.');
        END IF;
    END LOOP;
    IF OLD.approved_by <> NEW.approved_by AND NEW.approved_by <> 'system:northway' AND EXISTS (
        SELECT 1 FROM experiments_version v WHERE v.experiment_id = NEW.id AND v.by = NEW.approved_by
        UNION ALL SELECT 1 WHERE NEW.author = NEW.approved_by
    ) THEN
        PERFORM experiments_refuse('Nobody approves a plan they wrote.');
    END IF;
    IF OLD.approved_by <> NEW.approved_by AND NEW.approved_by = 'system:northway'
       AND (NEW.author <> 'system:northway' OR NEW.key <> 'model-vs-generic') THEN
        PERFORM experiments_refuse('The product approves only the experiment it brings itself.');
    END IF;
    IF OLD.verdict <> NEW.verdict AND NEW.verdict = 'ship' AND NEW.decided_by NOT LIKE 'staff:%' THEN
        PERFORM experiments_refuse('Only a person decides to ship.');
    END IF;
    IF NEW.seconded_by <> '' AND NEW.seconded_by IN (NEW.author, NEW.approved_by, NEW.decided_by) THEN
        PERFORM experiments_refuse('The second approver had no part in the experiment before.');
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION experiments_evidence_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM experiments_refuse('Versions and looks are kept as they were written.');
    END IF;
    IF coalesce(current_setting('northway.experiment', true), '') IS DISTINCT FROM
       (SELECT e.key FROM experiments_experiment e WHERE e.id = NEW.experiment_id)::text THEN
        PERFORM experiments_refuse('Versions and looks are written by the steps of an experiment.');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER experiment_steps_only BEFORE INSERT OR UPDATE OR DELETE ON experiments_experiment
    FOR EACH ROW EXECUTE FUNCTION experiments_guard();
CREATE TRIGGER version_kept BEFORE INSERT OR UPDATE OR DELETE ON experiments_version
    FOR EACH ROW EXECUTE FUNCTION experiments_evidence_guard();
CREATE TRIGGER look_kept BEFORE INSERT OR UPDATE OR DELETE ON experiments_snapshot
    FOR EACH ROW EXECUTE FUNCTION experiments_evidence_guard();
"""

UNGUARD_SQL = """
DROP TRIGGER experiment_steps_only ON experiments_experiment;
DROP TRIGGER version_kept ON experiments_version;
DROP TRIGGER look_kept ON experiments_snapshot;
DROP FUNCTION experiments_guard, experiments_evidence_guard, experiments_refuse;
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0003_states_and_versions")]

    operations = [migrations.RunSQL(GUARD_SQL, UNGUARD_SQL)]
