-- The registry: all tables and indexes, once, in SQL that SQLite and PostgreSQL both accept.
-- TEXT and BIGINT only (INTEGER for 0 and 1); instants are milliseconds UTC and end in _ms; digests are hex.
-- `position` is the ledger entry of the act that made or last changed the row.
-- What only one of them can say stands in traceqr/registry/sqlite.sql and postgres.sql. Where a table ends with
-- /* CLUSTERED */, rows are best stored by their primary key: there SQLite puts WITHOUT ROWID, and PostgreSQL
-- PARTITION BY HASH (batch).

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Every act, in order. `entry` is the canonical JSON (RFC 8785) that `leaf_hash` is taken over; at_ms, act and subject
-- repeat what is in it, for those who read the table. The entries are the leaves of the Merkle tree of RFC 6962:
-- `root_hash` is its root after this entry, `peak_hash` the largest perfect subtree that ends with it.
CREATE TABLE ledger (
    position BIGINT NOT NULL PRIMARY KEY CHECK (position >= 0),
    at_ms BIGINT NOT NULL,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    entry TEXT NOT NULL,
    leaf_hash TEXT NOT NULL CHECK (length(leaf_hash) = 64),
    peak_hash TEXT NOT NULL CHECK (length(peak_hash) = 64),
    root_hash TEXT NOT NULL CHECK (length(root_hash) = 64)
);

-- An association or a regulator, and the region it speaks for (GB/T 2260 code, 000000 is the country).
CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('association', 'regulator')),
    level TEXT NOT NULL CHECK (level IN ('national', 'province', 'city', 'district')),
    region TEXT NOT NULL CHECK (length(region) = 6),
    name_zh TEXT NOT NULL UNIQUE,
    name_en TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);

-- The contact stays off the ledger; `contact_salt` goes into its digest there.
CREATE TABLE enterprise (
    id TEXT NOT NULL PRIMARY KEY,
    uscc TEXT NOT NULL UNIQUE CHECK (length(uscc) = 18),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    region TEXT NOT NULL CHECK (length(region) = 6),
    sector TEXT NOT NULL,
    service_phone TEXT NOT NULL,
    contact TEXT NOT NULL,
    contact_salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX enterprise_changed ON enterprise (position);
CREATE INDEX enterprise_in_region ON enterprise (region, uscc);

-- Who may use a GTIN or a GS1 company prefix. `value` is 14 digits, or the prefix without indicator digit. The one who
-- decided last, and when, stand beside the state: who accepted what was revoked later, the ledger says.
CREATE TABLE gtin_claim (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    kind TEXT NOT NULL CHECK (kind IN ('gtin', 'prefix')),
    value TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('filed', 'accepted', 'refused', 'revoked')),
    organisation_id TEXT REFERENCES organisation (id),
    decided_ms BIGINT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((state = 'filed') = (decided_ms IS NULL)),
    CHECK ((state = 'filed') = (organisation_id IS NULL))
);
CREATE UNIQUE INDEX gtin_claim_accepted ON gtin_claim (kind, value) WHERE state = 'accepted';
CREATE INDEX gtin_claim_filed ON gtin_claim (kind, value) WHERE state = 'filed';
CREATE INDEX gtin_claim_in_state ON gtin_claim (state, position, id);
CREATE INDEX gtin_claim_of_enterprise ON gtin_claim (enterprise_id);

-- A certificate that an enterprise filed: a PDF as it came, a picture re-encoded; `content` is base64. The ledger holds
-- the digests of those beside each claim.
CREATE TABLE document (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    media_type TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/jpeg')),
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    UNIQUE (enterprise_id, digest)
);

CREATE TABLE claim_document (
    claim_id TEXT NOT NULL REFERENCES gtin_claim (id),
    place BIGINT NOT NULL CHECK (place >= 0),
    document_id TEXT NOT NULL REFERENCES document (id),
    PRIMARY KEY (claim_id, place),
    UNIQUE (claim_id, document_id)
);

-- A product picture, re-encoded on import; `content` is base64.
CREATE TABLE picture (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    media_type TEXT NOT NULL,
    content TEXT NOT NULL
);

CREATE TABLE product (
    gtin TEXT NOT NULL PRIMARY KEY CHECK (length(gtin) = 14),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    version BIGINT NOT NULL CHECK (version >= 1)
);
CREATE INDEX product_of_enterprise ON product (enterprise_id, gtin);

CREATE TABLE product_version (
    gtin TEXT NOT NULL REFERENCES product (gtin),
    version BIGINT NOT NULL CHECK (version >= 1),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    brand TEXT NOT NULL,
    specification TEXT NOT NULL,
    standard TEXT NOT NULL,
    picture TEXT REFERENCES picture (digest),
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (gtin, version)
);

-- One edition of a campaign, such as Quality Month 2026. `code` begins the numbers of its certificates. `region` is whose
-- enterprises may apply (000000: all), `sectors` are the codes of those invited, `co_organisers` ids of organisations, both
-- with spaces between. Pledges are valid for the edition's dates unless they were signed on paper with others.
CREATE TABLE campaign (
    id TEXT NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    co_organisers TEXT NOT NULL,
    year BIGINT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    theme_zh TEXT NOT NULL,
    theme_en TEXT NOT NULL,
    slogan_zh TEXT NOT NULL,
    slogan_en TEXT NOT NULL,
    region TEXT NOT NULL CHECK (length(region) = 6),
    sectors TEXT NOT NULL,
    apply_from_ms BIGINT NOT NULL,
    apply_to_ms BIGINT NOT NULL,
    valid_from_ms BIGINT NOT NULL,
    valid_to_ms BIGINT NOT NULL,
    text_version BIGINT NOT NULL CHECK (text_version >= 1),
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK (apply_from_ms < apply_to_ms),
    CHECK (valid_from_ms < valid_to_ms)
);

-- A version of the text that enterprises sign: `articles` is a JSON list of {"en", "group", "zh"}.
CREATE TABLE pledge_text (
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    version BIGINT NOT NULL CHECK (version >= 1),
    articles TEXT NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (campaign_id, version)
);

-- An enterprise in a campaign, from its application on, under one number. Region and sector are those it applied with.
-- What it signed, and when, is there once it has signed; its dates once it is published. That it has expired is not
-- stored: it follows from the dates.
CREATE TABLE pledge (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
    campaign_id TEXT NOT NULL REFERENCES campaign (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    state TEXT NOT NULL CHECK (state IN ('applied', 'returned', 'accepted', 'refused', 'signed', 'published',
        'withdrawn', 'breached')),
    region TEXT NOT NULL CHECK (length(region) = 6),
    sector TEXT NOT NULL,
    text_version BIGINT,
    signed_ms BIGINT,
    valid_from_ms BIGINT,
    valid_to_ms BIGINT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    UNIQUE (campaign_id, enterprise_id),
    FOREIGN KEY (campaign_id, text_version) REFERENCES pledge_text (campaign_id, version),
    CHECK (valid_from_ms < valid_to_ms),
    CHECK ((text_version IS NULL) = (signed_ms IS NULL)),
    CHECK ((valid_from_ms IS NULL) = (valid_to_ms IS NULL)),
    CHECK (state NOT IN ('signed', 'published', 'breached') OR signed_ms IS NOT NULL),
    CHECK (state NOT IN ('published', 'breached') OR valid_from_ms IS NOT NULL)
);
CREATE INDEX pledge_of_enterprise ON pledge (enterprise_id);
CREATE INDEX pledge_of_campaign ON pledge (campaign_id, state, region, number);
CREATE INDEX pledge_in_order ON pledge (campaign_id, number);
CREATE INDEX pledge_changed ON pledge (campaign_id, position);

-- Who signed a pledge. Name and title are personal: they stay off the ledger, `salt` goes into their digest there. A
-- pledge that was withdrawn before it was published, and made anew, is signed again.
CREATE TABLE pledge_signature (
    id TEXT NOT NULL PRIMARY KEY,
    pledge BIGINT NOT NULL REFERENCES pledge (number),
    text_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    account_id TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX pledge_signature_of_pledge ON pledge_signature (pledge);

-- What officers and enterprises wrote to each other about a pledge, which may name people: off the ledger, as above.
CREATE TABLE pledge_note (
    id TEXT NOT NULL PRIMARY KEY,
    pledge BIGINT NOT NULL REFERENCES pledge (number),
    kind TEXT NOT NULL CHECK (kind IN ('question', 'answer', 'refusal', 'withdrawal')),
    content TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX pledge_note_of_pledge ON pledge_note (pledge);

-- That a pledge was not kept, and the enterprise's one reply, which is published beside it. A finding that was wrong is
-- closed, with a reason, and stays. The texts are off the ledger, as above.
CREATE TABLE pledge_finding (
    id TEXT NOT NULL PRIMARY KEY,
    pledge BIGINT NOT NULL REFERENCES pledge (number),
    content TEXT NOT NULL,
    reply TEXT,
    closing TEXT,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    reply_position BIGINT REFERENCES ledger (position),
    closed_position BIGINT REFERENCES ledger (position),
    CHECK ((reply IS NULL) = (reply_position IS NULL)),
    CHECK ((closing IS NULL) = (closed_position IS NULL))
);
CREATE INDEX pledge_finding_of_pledge ON pledge_finding (pledge);

-- A kind of mark that an organisation lets enterprises carry; the id is chosen by it. `artwork` names one of the
-- drawings that come with the program, `prefix` stands before the numbers of its licences.
CREATE TABLE mark (
    id TEXT NOT NULL PRIMARY KEY,
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    prefix TEXT NOT NULL UNIQUE,
    artwork TEXT NOT NULL,
    text_version BIGINT NOT NULL CHECK (text_version >= 1),
    position BIGINT NOT NULL REFERENCES ledger (position)
);

-- A version of a mark's words: its name, and what it stands for.
CREATE TABLE mark_text (
    mark_id TEXT NOT NULL REFERENCES mark (id),
    version BIGINT NOT NULL CHECK (version >= 1),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    meaning_zh TEXT NOT NULL,
    meaning_en TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (mark_id, version)
);

-- A licence to put a mark on so many labels of named products, for some time. `spelled` is its number for people;
-- `used` counts the labels of all batches that carry the mark under it, in the transaction that issues them. The act
-- that gave the licence its state is at `state_position`; `reason` says why it is suspended or withdrawn.
CREATE TABLE mark_licence (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
    spelled TEXT NOT NULL UNIQUE,
    mark_id TEXT NOT NULL REFERENCES mark (id),
    text_version BIGINT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    valid_from_ms BIGINT NOT NULL,
    valid_to_ms BIGINT NOT NULL,
    quota BIGINT NOT NULL CHECK (quota >= 1),
    used BIGINT NOT NULL CHECK (used BETWEEN 0 AND quota),
    state TEXT NOT NULL CHECK (state IN ('granted', 'suspended', 'withdrawn')),
    reason TEXT,
    state_position BIGINT NOT NULL REFERENCES ledger (position),
    position BIGINT NOT NULL REFERENCES ledger (position),
    FOREIGN KEY (mark_id, text_version) REFERENCES mark_text (mark_id, version),
    CHECK (valid_from_ms < valid_to_ms),
    CHECK ((state = 'granted') = (reason IS NULL))
);
CREATE INDEX mark_licence_of_mark ON mark_licence (mark_id, number);
CREATE INDEX mark_licence_of_enterprise ON mark_licence (enterprise_id, number);
CREATE INDEX mark_licence_in_state ON mark_licence (state, number);
CREATE INDEX mark_licence_changed ON mark_licence (position);

-- The products that a licence is for.
CREATE TABLE licence_product (
    licence BIGINT NOT NULL REFERENCES mark_licence (number),
    gtin TEXT NOT NULL REFERENCES product (gtin),
    PRIMARY KEY (licence, gtin)
);
CREATE INDEX licence_product_of_product ON licence_product (gtin);

-- An honour of an enterprise that the association vouches for on its page. One that is revoked stays, with the reason.
CREATE TABLE recognition (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    kind TEXT NOT NULL CHECK (kind IN ('award', 'demonstration', 'practice')),
    level TEXT NOT NULL CHECK (level IN ('national', 'province', 'city', 'district', 'other')),
    year BIGINT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    conferred_by_zh TEXT NOT NULL,
    conferred_by_en TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('recorded', 'revoked')),
    reason TEXT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((state = 'recorded') = (reason IS NULL))
);
CREATE INDEX recognition_of_enterprise ON recognition (enterprise_id, year, number);

CREATE TABLE signing_key (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
    role TEXT NOT NULL CHECK (role IN ('label', 'ledger', 'bundle')),
    algorithm TEXT NOT NULL,
    public_key TEXT NOT NULL UNIQUE CHECK (length(public_key) = 64),
    signing_from_ms BIGINT NOT NULL,
    signing_to_ms BIGINT NOT NULL,
    verifying_from_ms BIGINT NOT NULL,
    verifying_to_ms BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'retired', 'destroyed', 'compromised')),
    compromised_position BIGINT REFERENCES ledger (position),
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((status = 'compromised') = (compromised_position IS NOT NULL))
);

-- A secret that hidden codes are derived from: it is in a key file, `commitment` is a hash of it. It serves the batches
-- from `first_batch` on, up to the first one of the next root.
CREATE TABLE hidden_root (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 65535),
    commitment TEXT NOT NULL UNIQUE CHECK (length(commitment) = 64),
    first_batch BIGINT NOT NULL CHECK (first_batch BETWEEN 1 AND 99999999),
    position BIGINT NOT NULL REFERENCES ledger (position)
);

-- Labels are computed from this row and the signing key, never stored. `pledge` is 0 for none, as on the label. The
-- enterprise is the one that issued it, since a product may pass to another, as it was by the ledger's entry. `market` are
-- the regions that the goods are meant for, with spaces between, if they are not for all.
CREATE TABLE batch (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number BETWEEN 1 AND 99999999),
    gtin TEXT NOT NULL,
    product_version BIGINT NOT NULL,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    enterprise_position BIGINT NOT NULL REFERENCES ledger (position),
    pledge BIGINT NOT NULL CHECK (pledge BETWEEN 0 AND 4294967295),
    key_number BIGINT NOT NULL REFERENCES signing_key (number),
    label_count BIGINT NOT NULL CHECK (label_count BETWEEN 1 AND 100000000),
    origin TEXT NOT NULL,
    lot TEXT,
    produced_on TEXT,
    expires_on TEXT,
    market TEXT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    FOREIGN KEY (gtin, product_version) REFERENCES product_version (gtin, version)
);
CREATE INDEX batch_of_product ON batch (gtin);
CREATE INDEX batch_of_key ON batch (key_number);
CREATE INDEX batch_of_enterprise ON batch (enterprise_id, number);

-- The marks that the labels of a batch carry, by the licences under which they do.
CREATE TABLE batch_mark (
    batch BIGINT NOT NULL REFERENCES batch (number),
    licence BIGINT NOT NULL REFERENCES mark_licence (number),
    PRIMARY KEY (batch, licence)
);
CREATE INDEX batch_mark_of_licence ON batch_mark (licence, batch);

-- The disjoint current ranges of a batch, split on write: label i is in the span with the greatest first <= i.
-- `life_position` is the act that gave the labels their life; `holds` and `recalls` count the open notices over them.
CREATE TABLE span (
    batch BIGINT NOT NULL REFERENCES batch (number),
    first BIGINT NOT NULL CHECK (first >= 0),
    last BIGINT NOT NULL,
    life TEXT NOT NULL CHECK (life IN ('issued', 'active', 'void')),
    life_position BIGINT NOT NULL REFERENCES ledger (position),
    holds BIGINT NOT NULL CHECK (holds >= 0),
    recalls BIGINT NOT NULL CHECK (recalls >= 0),
    PRIMARY KEY (batch, first),
    CHECK (first <= last)
);

-- A hold or a recall, opened and closed by id, over a range of a batch or over a whole product (batch is null).
CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'recall')),
    gtin TEXT NOT NULL REFERENCES product (gtin),
    batch BIGINT REFERENCES batch (number),
    first BIGINT,
    last BIGINT,
    reason TEXT NOT NULL,
    opened_position BIGINT NOT NULL REFERENCES ledger (position),
    closed_position BIGINT REFERENCES ledger (position),
    CHECK ((batch IS NULL) = (first IS NULL)),
    CHECK ((batch IS NULL) = (last IS NULL))
);
CREATE INDEX notice_open ON notice (gtin, batch) WHERE closed_position IS NULL;

-- Labels that left the house for print, or hidden codes of theirs: who, when and how its entry on the ledger says. An
-- export that was broken off has no digest: the SHA-256 of all that was written, and how many bytes that was.
CREATE TABLE label_export (
    id TEXT NOT NULL PRIMARY KEY,
    batch BIGINT NOT NULL REFERENCES batch (number),
    first BIGINT NOT NULL CHECK (first >= 0),
    last BIGINT NOT NULL,
    content TEXT NOT NULL CHECK (content IN ('labels', 'hidden', 'both')),
    format TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    finished_position BIGINT REFERENCES ledger (position),
    digest TEXT CHECK (length(digest) = 64),
    bytes BIGINT CHECK (bytes >= 0),
    CHECK (first <= last),
    CHECK ((finished_position IS NULL) = (digest IS NULL)),
    CHECK ((finished_position IS NULL) = (bytes IS NULL))
);
CREATE INDEX label_export_of_batch ON label_export (batch);

-- One device's scan of one label. It counts once the device has come back with its cookie (`confirmed`).
-- `device` is an HMAC under a key of the deployment, never the cookie itself. `early` says that the device came back while
-- the label was not for sale. `place` is a city or a country, or empty; `network` is 16 bits that stand for the network with
-- this one label, -1 where it is not known. `shared` says that the place was told by the person.
CREATE TABLE scan (
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    device TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('page', 'photo')),
    agent TEXT NOT NULL,
    language TEXT NOT NULL,
    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
    early INTEGER NOT NULL CHECK (early IN (0, 1)),
    place TEXT NOT NULL,
    network BIGINT NOT NULL CHECK (network BETWEEN -1 AND 65535),
    shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    PRIMARY KEY (batch, label_index, device, at_ms)
) /* CLUSTERED */;

-- The summary of a label's confirmed scans, kept current in the scan's own transaction. `trace` is what suspicion is weighed
-- from (traceqr/suspicion/trace.py), `signs` are what makes the label suspect, if it is.
CREATE TABLE sighting (
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    first_seen_ms BIGINT NOT NULL,
    last_seen_ms BIGINT NOT NULL,
    times_seen BIGINT NOT NULL CHECK (times_seen >= 0),
    devices BIGINT NOT NULL CHECK (devices BETWEEN 0 AND times_seen),
    trace TEXT NOT NULL,
    signs TEXT NOT NULL,
    PRIMARY KEY (batch, label_index)
) /* CLUSTERED */;

-- How many labels of a batch a device has looked at, one after the other. One that goes through many says nothing of each.
CREATE TABLE visitor (
    batch BIGINT NOT NULL,
    device TEXT NOT NULL,
    labels BIGINT NOT NULL CHECK (labels >= 1),
    last_index BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    PRIMARY KEY (batch, device)
) /* CLUSTERED */;

-- A label that is suspect, since when, and how it stood when it was seen last: its score and signs, and the place of that
-- sighting. It repeats what the label's trace says, so that an enterprise finds its suspects by their time.
CREATE TABLE suspect (
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    enterprise_id TEXT NOT NULL,
    gtin TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL,
    score BIGINT NOT NULL,
    signs TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (batch, label_index)
);
CREATE INDEX suspect_of_enterprise ON suspect (enterprise_id, since_ms, batch, label_index);
CREATE INDEX suspect_of_product ON suspect (gtin, since_ms, batch, label_index);
CREATE INDEX suspect_by_time ON suspect (since_ms, batch, label_index);

-- How many scans of an enterprise's labels were kept, by their day (from 1970-01-01 on, in the deployment's time zone) and
-- by the verdict that was told: kept current in the scan's own transaction, and not pruned. `batch` is that of suspect
-- scans, and 0 for all others. Processes that record at the same time keep to lanes of their own, so that none waits for
-- another's commit.
CREATE TABLE scan_day (
    enterprise_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    batch BIGINT NOT NULL,
    lane BIGINT NOT NULL CHECK (lane BETWEEN 0 AND 7),
    scans BIGINT NOT NULL CHECK (scans >= 1),
    PRIMARY KEY (enterprise_id, day, verdict, batch, lane),
    CHECK ((verdict = 'suspect') = (batch <> 0))
);

-- How many scans of a product's labels were kept, by the week (the day of its Monday) and the place where they were made, and
-- whether the label was suspect then. A place that is told later moves a scan from one to another: of its lanes, one may
-- count less than nothing. Lanes and the rest are as above.
CREATE TABLE scan_place (
    gtin TEXT NOT NULL,
    week BIGINT NOT NULL,
    place TEXT NOT NULL,
    suspect INTEGER NOT NULL CHECK (suspect IN (0, 1)),
    lane BIGINT NOT NULL CHECK (lane BETWEEN 0 AND 7),
    scans BIGINT NOT NULL,
    PRIMARY KEY (gtin, week, place, suspect, lane)
);

-- How many scans of a batch's labels were kept, by the day.
CREATE TABLE scan_batch (
    batch BIGINT NOT NULL,
    day BIGINT NOT NULL,
    lane BIGINT NOT NULL CHECK (lane BETWEEN 0 AND 7),
    scans BIGINT NOT NULL CHECK (scans >= 1),
    PRIMARY KEY (batch, day, lane)
);

-- A person's access, in one role for one body. `login` is what he signs in by, a mail address or a phone number. Who it is
-- stays off the ledger: `salt` goes into the digest there. An account that is erased keeps its id and no more.
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('operator', 'officer', 'inspector', 'manager', 'clerk')),
    organisation_id TEXT REFERENCES organisation (id),
    enterprise_id TEXT REFERENCES enterprise (id),
    state TEXT NOT NULL CHECK (state IN ('active', 'closed')),
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((role IN ('officer', 'inspector')) = (organisation_id IS NOT NULL)),
    CHECK ((role IN ('manager', 'clerk')) = (enterprise_id IS NOT NULL))
);
CREATE INDEX account_of_enterprise ON account (enterprise_id);
CREATE INDEX account_of_organisation ON account (organisation_id);

-- What a person proves himself by. `password` is a hash (Argon2id), empty once access has ended; `totp` the sealed secret of the second factor, whose
-- codes are good once: `totp_step` is the time step of the last one.
CREATE TABLE credential (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    password TEXT NOT NULL,
    totp TEXT,
    totp_step BIGINT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);

-- Recovery codes that are left, as digests.
CREATE TABLE recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    PRIMARY KEY (account_id, digest)
);

-- A link by which a person gets access, or gets it anew (account_id). `digest` is that of the token in the link.
CREATE TABLE invitation (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
    role TEXT NOT NULL CHECK (role IN ('operator', 'officer', 'inspector', 'manager', 'clerk')),
    organisation_id TEXT REFERENCES organisation (id),
    enterprise_id TEXT REFERENCES enterprise (id),
    account_id TEXT REFERENCES account (id),
    until_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'used', 'withdrawn')),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX invitation_of_enterprise ON invitation (enterprise_id);
CREATE INDEX invitation_of_organisation ON invitation (organisation_id);

-- Who is signed in, by the digest of the token in the cookie. `complete` is 0 while the second factor is awaited.
CREATE TABLE session (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    begun_ms BIGINT NOT NULL,
    seen_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX session_of_account ON session (account_id);
CREATE INDEX session_until ON session (until_ms);

-- A token of an enterprise for its own programs. `scopes` are words, separated by blanks.
CREATE TABLE api_token (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE CHECK (length(digest) = 64),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    until_ms BIGINT NOT NULL,
    used_ms BIGINT,
    state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX api_token_of_enterprise ON api_token (enterprise_id);

-- How fast something may be done again, shared by all workers: by the instant from which there is no debt (GCRA).
CREATE TABLE pace (
    name TEXT NOT NULL PRIMARY KEY,
    free_ms BIGINT NOT NULL
);
CREATE INDEX pace_free ON pace (free_ms);

-- Which enterprise an entry of the ledger concerns: what was done in its name, or to what is its own. It repeats what the
-- ledger and the rows say, so that an enterprise finds its acts without all others being read; the enterprise itself may
-- come with the entry. `kind` groups acts for people, `batch` is the one that the act was done to.
CREATE TABLE trail (
    position BIGINT NOT NULL REFERENCES ledger (position),
    enterprise_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    batch BIGINT,
    PRIMARY KEY (position, enterprise_id)
);
CREATE INDEX trail_of_enterprise ON trail (enterprise_id, position);
CREATE INDEX trail_of_kind ON trail (enterprise_id, kind, position);
CREATE INDEX trail_of_batch ON trail (enterprise_id, batch, position) WHERE batch IS NOT NULL;

-- What a program of an enterprise was answered to a request with an idempotency key, kept for a day in the transaction
-- of the act itself. `digest` is that of the request, `body` the answer as JSON.
CREATE TABLE answered (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    key TEXT NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (enterprise_id, key)
);
CREATE INDEX answered_at ON answered (at_ms);

-- An act that cannot be undone, proposed by one person and done with the yes of another. `arguments` is canonical JSON.
CREATE TABLE proposal (
    id TEXT NOT NULL PRIMARY KEY,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    arguments TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    enterprise_id TEXT REFERENCES enterprise (id),
    organisation_id TEXT REFERENCES organisation (id),
    until_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'seconded', 'declined', 'withdrawn', 'done')),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX proposal_open ON proposal (state, until_ms);
