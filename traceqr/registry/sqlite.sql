-- What only SQLite can say: the ledger takes no change and no deletion, whoever asks.

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- What devices have signed in the field takes none either, but that it is emptied once its inspection was erased.
CREATE TRIGGER inspection_entry_no_update BEFORE UPDATE ON inspection_entry
WHEN NOT (
    NEW.content = '' AND NEW.signature = '' AND NEW.inspection_id = OLD.inspection_id AND NEW.entry = OLD.entry
    AND NEW.digest = OLD.digest AND NEW.device_id = OLD.device_id AND NEW.account_id = OLD.account_id
    AND NEW.kind = OLD.kind AND NEW.made_ms = OLD.made_ms AND NEW.server_ms IS OLD.server_ms
    AND NEW.received_ms = OLD.received_ms AND NEW.position = OLD.position
    AND EXISTS (SELECT 1 FROM inspection i WHERE i.id = OLD.inspection_id AND i.state = 'erased')
)
BEGIN
    SELECT RAISE(ABORT, 'entries of inspections are append-only');
END;

CREATE TRIGGER inspection_entry_no_delete BEFORE DELETE ON inspection_entry
BEGIN
    SELECT RAISE(ABORT, 'entries of inspections are append-only');
END;

-- INSERT OR REPLACE deletes without firing the trigger above unless recursive triggers are on; refuse it here.
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN NEW.position <> COALESCE((SELECT MAX(position) + 1 FROM ledger), 0)
BEGIN
    SELECT RAISE(ABORT, 'the ledger takes the next position only');
END;
