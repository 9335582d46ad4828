-- What only PostgreSQL can say.

-- The ledger takes no change, no deletion and no gap, whoever asks.
CREATE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_final();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_final();

-- What devices have signed in the field takes no change and no deletion either, but that it is emptied once its inspection
-- was erased.
CREATE FUNCTION inspection_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    emptied inspection_entry%ROWTYPE;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        emptied := OLD;
        emptied.content := '';
        emptied.signature := '';
        IF NEW IS NOT DISTINCT FROM emptied
            AND EXISTS (SELECT 1 FROM inspection i WHERE i.id = OLD.inspection_id AND i.state = 'erased')
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'entries of inspections are append-only';
END $$;
CREATE TRIGGER inspection_entry_no_change BEFORE UPDATE OR DELETE ON inspection_entry
    FOR EACH ROW EXECUTE FUNCTION inspection_is_final();
CREATE TRIGGER inspection_entry_no_truncate BEFORE TRUNCATE ON inspection_entry
    FOR EACH STATEMENT EXECUTE FUNCTION inspection_is_final();

CREATE FUNCTION ledger_is_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position <> COALESCE((SELECT MAX(position) + 1 FROM ledger), 0) THEN
        RAISE EXCEPTION 'the ledger takes the next position only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_no_gap BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_is_dense();

-- Scans, sightings, purchases and visitors of a batch lie in one part: every statement about them names the batch.
DO $$
BEGIN
    FOR part IN 0..15 LOOP
        EXECUTE format(
            'CREATE TABLE scan_%s PARTITION OF scan FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format(
            'CREATE TABLE sighting_%s PARTITION OF sighting FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format(
            'CREATE TABLE purchase_%s PARTITION OF purchase FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
        EXECUTE format(
            'CREATE TABLE visitor_%s PARTITION OF visitor FOR VALUES WITH (MODULUS 16, REMAINDER %s)', part, part);
    END LOOP;
END $$;
