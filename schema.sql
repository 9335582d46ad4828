-- The registry: all tables and indexes, once, in SQL that SQLite and PostgreSQL both accept.
-- TEXT and BIGINT only (INTEGER for 0 and 1); instants are milliseconds UTC and end in _ms; digests are hex.
-- `position` is the ledger entry of the act that made or last changed the row.
-- What only one of them can say stands in traceqr/registry/sqlite.sql and postgres.sql. Where a table ends with
-- /* CLUSTERED */, rows are best stored by their primary key: there SQLite puts WITHOUT ROWID, and PostgreSQL
-- PARTITION BY HASH (batch). Where it ends with /* KEYED */, the same for SQLite, and nothing for PostgreSQL.

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

-- A link that an enterprise keeps about what a GS1 Digital Link names: `about` is the key in the path of the address, with
-- `identifier` in front (01, 00, 414 or 417), and `qualified` the lot or the serial behind it, or nothing. `languages` are tags with blanks between; empty is for all. One
-- that is removed stays, as the ledger has it.
CREATE TABLE link (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    identifier TEXT NOT NULL,
    about TEXT NOT NULL,
    qualified TEXT NOT NULL,
    kind TEXT NOT NULL,
    href TEXT NOT NULL,
    title TEXT NOT NULL,
    languages TEXT NOT NULL,
    media_type TEXT NOT NULL,
    context TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('set', 'removed')),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX link_set ON link (about, qualified) WHERE state = 'set';
CREATE INDEX link_of_enterprise ON link (enterprise_id, identifier) WHERE state = 'set';

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
    role TEXT NOT NULL CHECK (role IN ('label', 'ledger', 'bundle', 'passport')),
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

-- A hold or a recall, opened and closed by id: over a range of a batch, or (batch is null) over a product, all of it or
-- all its batches of a lot. Those of later batches are covered too. A recall of a lot of a `material` that is no product
-- here (its GTIN, and what it is called) covers what was made of it alone.
CREATE TABLE notice (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('hold', 'recall')),
    gtin TEXT REFERENCES product (gtin),
    batch BIGINT REFERENCES batch (number),
    first BIGINT,
    last BIGINT,
    lot TEXT,
    material TEXT CHECK (length(material) = 14),
    material_name TEXT,
    reason TEXT NOT NULL,
    opened_position BIGINT NOT NULL REFERENCES ledger (position),
    closed_position BIGINT REFERENCES ledger (position),
    CHECK ((batch IS NULL) = (first IS NULL)),
    CHECK ((batch IS NULL) = (last IS NULL)),
    CHECK (lot IS NULL OR (batch IS NULL AND kind = 'recall')),
    CHECK ((gtin IS NULL) = (material IS NOT NULL)),
    CHECK ((material IS NULL) = (material_name IS NULL)),
    CHECK (material IS NULL OR (lot IS NOT NULL AND batch IS NULL))
);
CREATE INDEX notice_open ON notice (gtin, batch) WHERE closed_position IS NULL;

-- What people are told of a recall: the hazard, what to do and whom to ask, each empty where it is not told in that
-- language. `ordered_by` is the organisation that ordered it, null where the enterprise recalls by itself. `closing` says
-- how it ended. The ledger holds a salted digest of the words; the act that changed it last is at `changed_position`.
CREATE TABLE recall (
    id TEXT NOT NULL PRIMARY KEY REFERENCES notice (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    ordered_by TEXT REFERENCES organisation (id),
    grade BIGINT CHECK (grade BETWEEN 1 AND 3),
    hazard_zh_hans TEXT NOT NULL CHECK (hazard_zh_hans <> ''),
    advice_zh_hans TEXT NOT NULL,
    contact_zh_hans TEXT NOT NULL,
    hazard_zh_hant TEXT NOT NULL,
    advice_zh_hant TEXT NOT NULL,
    contact_zh_hant TEXT NOT NULL,
    hazard_en TEXT NOT NULL,
    advice_en TEXT NOT NULL,
    contact_en TEXT NOT NULL,
    salt TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('completed', 'unfounded', 'other')),
    closing TEXT,
    reach_whole INTEGER NOT NULL CHECK (reach_whole IN (0, 1)),
    position BIGINT NOT NULL REFERENCES ledger (position),
    changed_position BIGINT NOT NULL REFERENCES ledger (position),
    closed_position BIGINT REFERENCES ledger (position),
    CHECK ((closed_position IS NULL) = (outcome IS NULL)),
    CHECK ((closed_position IS NULL) = (closing IS NULL))
);
CREATE INDEX recall_in_order ON recall (position);
CREATE INDEX recall_changed ON recall (changed_position);

-- The labels that a recall reaches besides those that it is laid over: they were made of its things, as events say
-- (docs/tracing.md). Ranges of a batch are disjoint for one recall, and counted by the spans while it is open; those of a
-- recall that was lifted stay as they were then. Whether all were found, `recall.reach_whole` says.
CREATE TABLE recall_reach (
    notice_id TEXT NOT NULL REFERENCES notice (id),
    batch BIGINT NOT NULL REFERENCES batch (number),
    first BIGINT NOT NULL CHECK (first >= 0),
    last BIGINT NOT NULL,
    PRIMARY KEY (notice_id, batch, first),
    CHECK (first <= last)
) /* KEYED */;
CREATE INDEX recall_reach_of_batch ON recall_reach (batch, first);
CREATE INDEX recall_of_enterprise ON recall (enterprise_id, position);

-- Enterprises whose labels the recall of another reaches, by which act there came to be more of them, and when that was
-- announced to those who want to be told (traceqr/delivering).
CREATE TABLE recall_affected (
    notice_id TEXT NOT NULL REFERENCES recall (id),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    position BIGINT NOT NULL REFERENCES ledger (position),
    announced_ms BIGINT,
    PRIMARY KEY (notice_id, enterprise_id)
);
CREATE INDEX recall_affected_unannounced ON recall_affected (position) WHERE announced_ms IS NULL;

-- How far a recall has come, as the enterprise states it: packs taken back and destroyed so far, and, where it tells,
-- how many labels were looked at since. The latest counts.
CREATE TABLE recall_progress (
    id TEXT NOT NULL PRIMARY KEY,
    recall TEXT NOT NULL REFERENCES recall (id),
    recovered BIGINT NOT NULL CHECK (recovered >= 0),
    destroyed BIGINT NOT NULL CHECK (destroyed >= 0),
    reached BIGINT CHECK (reached >= 0),
    remark TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX recall_progress_of_recall ON recall_progress (recall, position);

-- What verifiers hold that have no network (docs/bundle-format.md). A publication tells of the ledger's first
-- `ledger_size` entries; its number is the version of its manifests, one for each scope.
CREATE TABLE bundle (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    ledger_size BIGINT NOT NULL CHECK (ledger_size >= 0),
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    key_number BIGINT NOT NULL REFERENCES signing_key (number),
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK (made_ms < expires_ms)
);

-- A manifest as the file that is sent; `content` is base64. Those of the last publication are kept, and those of a day.
CREATE TABLE bundle_manifest (
    bundle BIGINT NOT NULL REFERENCES bundle (number),
    scope TEXT NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    content TEXT NOT NULL,
    PRIMARY KEY (bundle, scope)
);
CREATE INDEX bundle_manifest_of_scope ON bundle_manifest (scope, bundle);

-- A part that manifests name; `content` is base64. It repeats what batches, spans and notices say: `source` is a digest
-- of what it was made from, by which one is found that need not be made again. `dropped_ms` is since when no publication
-- names it, null while the last one does.
CREATE TABLE bundle_part (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    source TEXT NOT NULL CHECK (length(source) = 64),
    bytes BIGINT NOT NULL CHECK (bytes >= 1),
    dropped_ms BIGINT,
    content TEXT NOT NULL
);
CREATE INDEX bundle_part_of_source ON bundle_part (source, digest);

-- Product passports (docs/passport.md): each credential signed as it is handed out, by the path of its address. `source`
-- is the digest of what it says without its term, by which one is found that need not be signed again, and one that says
-- no longer what the registry says. An issue is what was signed by one act: `digest` is over the paths and digests of its
-- credentials. Those that have run out are taken out.
CREATE TABLE passport_issue (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    key_number BIGINT NOT NULL REFERENCES signing_key (number),
    credentials BIGINT NOT NULL CHECK (credentials >= 1),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK (made_ms < expires_ms)
);

CREATE TABLE passport (
    path TEXT NOT NULL PRIMARY KEY,
    issue BIGINT NOT NULL REFERENCES passport_issue (number),
    source TEXT NOT NULL CHECK (length(source) = 64),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    content TEXT NOT NULL
);
CREATE INDEX passport_of_issue ON passport (issue);

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
    channel TEXT NOT NULL CHECK (channel IN ('page', 'photo', 'inspector')),
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

-- A label whose hidden code was entered rightly: when, where and by which device first. `place` is a code of the gazetteer,
-- or empty. Later right entries are counted (`entries` has all of them), those of other devices apart. `device` is as in
-- `scan`, and empty once it was forgotten.
CREATE TABLE purchase (
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    confirmed_ms BIGINT NOT NULL,
    place TEXT NOT NULL,
    device TEXT NOT NULL,
    entries BIGINT NOT NULL CHECK (entries >= 1),
    other_entries BIGINT NOT NULL CHECK (other_entries >= 0 AND other_entries < entries),
    last_other_ms BIGINT NOT NULL,
    last_other_place TEXT NOT NULL,
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
-- `announced_ms` is null until those who want to be told are.
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
    announced_ms BIGINT,
    PRIMARY KEY (batch, label_index)
);
CREATE INDEX suspect_unannounced ON suspect (batch, label_index) WHERE announced_ms IS NULL;
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

-- One matter: what people report of a product, a batch and a province, and labels there that look copied, gather in the
-- case that is open. `gtin` is empty, `batch` 0 and `enterprise_id` null for what is no product of ours; `place` is empty
-- where it is not known. `region` is that of the association in charge. An answer is due at `due_ms` once somebody has
-- reported something; `answered_ms` is the first one. Opening a case is no act: `act_position` is null until
-- one follows.
CREATE TABLE case_file (
    id TEXT NOT NULL PRIMARY KEY,
    gtin TEXT NOT NULL,
    batch BIGINT NOT NULL,
    place TEXT NOT NULL,
    enterprise_id TEXT REFERENCES enterprise (id),
    region TEXT NOT NULL CHECK (length(region) = 6),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    opened_ms BIGINT NOT NULL,
    reports BIGINT NOT NULL CHECK (reports >= 0),
    suspects BIGINT NOT NULL CHECK (suspects >= 0),
    reported_ms BIGINT,
    due_ms BIGINT,
    answered_ms BIGINT,
    escalated_ms BIGINT,
    closed_ms BIGINT,
    finding TEXT CHECK (finding IN ('copied', 'genuine', 'defect', 'misuse', 'not-reproducible', 'other')),
    account_id TEXT REFERENCES account (id),
    act_position BIGINT REFERENCES ledger (position),
    CHECK ((gtin = '') = (enterprise_id IS NULL)),
    CHECK ((reported_ms IS NULL) = (due_ms IS NULL)),
    CHECK ((reported_ms IS NULL) = (reports = 0)),
    CHECK ((state = 'closed') = (closed_ms IS NOT NULL)),
    CHECK ((state = 'closed') = (finding IS NOT NULL))
);
CREATE UNIQUE INDEX case_file_open ON case_file (gtin, batch, place) WHERE state = 'open';
CREATE INDEX case_file_of_enterprise ON case_file (enterprise_id, opened_ms, id);
CREATE INDEX case_file_reported ON case_file (enterprise_id, reported_ms);
CREATE INDEX case_file_in_region ON case_file (region, opened_ms, id);
CREATE INDEX case_file_in_order ON case_file (opened_ms, id);
CREATE INDEX case_file_unanswered ON case_file (due_ms) WHERE state = 'open' AND answered_ms IS NULL;
CREATE INDEX case_file_closed ON case_file (closed_ms);

-- What somebody reports from the page of a verdict. `receipt` is the digest of the number by which he follows it, `verdict`
-- and `verdict_reason` are what the page said, `batch` and `label_index` 0 for no label of ours; `likeness` tells the same words sent again. `contact` is sealed under a key
-- of the deployment, for the record's id alone, and taken out some time after the case is closed.
CREATE TABLE report (
    id TEXT NOT NULL PRIMARY KEY,
    receipt TEXT NOT NULL UNIQUE CHECK (length(receipt) = 64),
    case_id TEXT NOT NULL REFERENCES case_file (id),
    at_ms BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_reason TEXT NOT NULL,
    reason TEXT NOT NULL CHECK (reason IN ('copied', 'wrong-product', 'opened', 'quality', 'inactive', 'price', 'other')),
    content TEXT NOT NULL,
    likeness TEXT CHECK (length(likeness) = 64),
    shop TEXT NOT NULL,
    place TEXT NOT NULL,
    language TEXT NOT NULL,
    contact TEXT
);
CREATE INDEX report_of_case ON report (case_id, at_ms, id);
CREATE INDEX report_with_contact ON report (case_id) WHERE contact IS NOT NULL;
CREATE UNIQUE INDEX report_alike ON report (case_id, likeness) WHERE likeness IS NOT NULL;

-- A picture beside a report, encoded anew; the folder of attachments holds it, by its digest. The position is the
-- picture's own, in hundredths of a degree, where the sender agreed to it.
CREATE TABLE report_photo (
    report_id TEXT NOT NULL REFERENCES report (id),
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    latitude BIGINT CHECK (latitude BETWEEN -9000 AND 9000),
    longitude BIGINT CHECK (longitude BETWEEN -18000 AND 18000),
    PRIMARY KEY (report_id, ordinal),
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX report_photo_of_digest ON report_photo (digest);

-- A label that looks copied, and since when.
CREATE TABLE case_suspect (
    case_id TEXT NOT NULL REFERENCES case_file (id),
    batch BIGINT NOT NULL,
    label_index BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (case_id, batch, label_index)
);

-- What those who reported are told: answers, and that their case was escalated, closed or opened again. The ledger holds a
-- salted digest. `organisation_id` is null where the enterprise said it.
CREATE TABLE case_answer (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES case_file (id),
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'escalation', 'closing', 'reopening')),
    organisation_id TEXT REFERENCES organisation (id),
    content TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX case_answer_of_case ON case_answer (case_id, position);

-- What one body notes for itself, and whom it gives the case to: nobody else reads it.
CREATE TABLE case_note (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES case_file (id),
    kind TEXT NOT NULL CHECK (kind IN ('note', 'assignment')),
    organisation_id TEXT REFERENCES organisation (id),
    account_id TEXT REFERENCES account (id),
    content TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX case_note_of_case ON case_note (case_id, position);

-- That something happened to a case, for whoever tells others of it.
CREATE TABLE case_event (
    id TEXT NOT NULL PRIMARY KEY,
    at_ms BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reported', 'suspected', 'assigned', 'answered', 'escalated', 'closed', 'reopened',
        'inspected')),
    case_id TEXT NOT NULL REFERENCES case_file (id),
    report_id TEXT
);
CREATE INDEX case_event_at ON case_event (at_ms, id);

-- Paces of those who report: a table of its own, since public nodes write it, and must not reach those of signing in.
CREATE TABLE report_pace (
    name TEXT NOT NULL PRIMARY KEY,
    free_ms BIGINT NOT NULL
);
CREATE INDEX report_pace_free ON report_pace (free_ms);

-- The number of an inspector's certificate (执法证号), which he states himself. The ledger holds a salted digest.
CREATE TABLE inspector (
    account_id TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
    badge TEXT NOT NULL,
    salt TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);

-- A device that an inspector has enrolled, with its public key: a point on P-256, uncompressed, in hex. The name is for its
-- owner alone and stays off the ledger. A key is enrolled once, whatever becomes of it.
CREATE TABLE field_device (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES account (id),
    name TEXT NOT NULL,
    public_key TEXT NOT NULL UNIQUE CHECK (length(public_key) = 130),
    state TEXT NOT NULL CHECK (state IN ('enrolled', 'revoked')),
    enrolled_ms BIGINT NOT NULL,
    revoked_ms BIGINT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((state = 'revoked') = (revoked_ms IS NOT NULL))
);
CREATE INDEX field_device_of_account ON field_device (account_id, enrolled_ms);

-- A photo that a device has sent, by the digest that it was kept under on the device; the folder of attachments holds it.
-- One that no entry comes to name goes after some time.
CREATE TABLE field_photo (
    digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    bytes BIGINT NOT NULL CHECK (bytes > 0),
    account_id TEXT NOT NULL REFERENCES account (id),
    received_ms BIGINT NOT NULL
);
CREATE INDEX field_photo_received ON field_photo (received_ms);

-- An inspection, as it is looked for: what its entries say, which are what counts. `region` is that of the organisation whose
-- inspectors made it, `enterprise_id` that of the premises, if it is enrolled. `follows` is the inspection whose corrections
-- it looks at, which may not be here yet; `reference` is the case that the record names. `entries` is how many there are.
-- What was erased after its term keeps what the ledger tells of it: that it was, by whom, and the digests of its entries.
CREATE TABLE inspection (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 32),
    account_id TEXT NOT NULL REFERENCES account (id),
    organisation_id TEXT NOT NULL REFERENCES organisation (id),
    region TEXT NOT NULL CHECK (length(region) = 6),
    enterprise_id TEXT REFERENCES enterprise (id),
    premises TEXT NOT NULL,
    uscc TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('routine', 'random', 'complaint', 'special', 'recall', 'follow-up')),
    finding TEXT NOT NULL CHECK (finding IN ('conforming', 'problem', 'unclear')),
    labels BIGINT NOT NULL CHECK (labels >= 0),
    reference TEXT,
    follows TEXT,
    started_ms BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('recorded', 'withdrawn', 'erased')),
    entries BIGINT NOT NULL CHECK (entries >= 1),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX inspection_in_order ON inspection (received_ms, id);
CREATE INDEX inspection_in_region ON inspection (region, received_ms, id);
CREATE INDEX inspection_at_premises ON inspection (uscc, received_ms, id);
CREATE INDEX inspection_withdrawn ON inspection (region, received_ms, id) WHERE state = 'withdrawn';
CREATE INDEX inspection_that_follows ON inspection (follows) WHERE follows IS NOT NULL;

-- An entry of an inspection, never changed, and empty once its inspection was erased: `content` is the text that `digest` and `signature` are over. `made_ms` and
-- `server_ms` are what the device took the time to be, `received_ms` is when it came.
CREATE TABLE inspection_entry (
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    entry BIGINT NOT NULL CHECK (entry >= 0),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    device_id TEXT NOT NULL REFERENCES field_device (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('record', 'correction', 'supplement', 'followed-up', 'withdrawn')),
    made_ms BIGINT NOT NULL,
    server_ms BIGINT,
    received_ms BIGINT NOT NULL,
    content TEXT NOT NULL,
    signature TEXT NOT NULL CHECK (length(signature) IN (0, 86)),
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (inspection_id, entry),
    CHECK ((content = '') = (signature = ''))
);

-- The officers of an inspection, the products that it met, and the photos that its entries name: to find it by.
CREATE TABLE inspection_officer (
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    account_id TEXT NOT NULL REFERENCES account (id),
    received_ms BIGINT NOT NULL,
    PRIMARY KEY (inspection_id, account_id)
);
CREATE INDEX inspection_officer_account ON inspection_officer (account_id, received_ms, inspection_id);
CREATE TABLE inspection_product (
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    gtin TEXT NOT NULL CHECK (length(gtin) = 14),
    PRIMARY KEY (inspection_id, gtin)
);
CREATE INDEX inspection_product_gtin ON inspection_product (gtin, inspection_id);
CREATE TABLE inspection_photo (
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    entry BIGINT NOT NULL,
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    digest TEXT NOT NULL REFERENCES field_photo (digest),
    PRIMARY KEY (inspection_id, entry, ordinal)
);
CREATE INDEX inspection_photo_digest ON inspection_photo (digest);

-- A correction that was ordered, by the place of the measure in the record: until when, and what looked at it later: an
-- entry of this inspection, or an inspection that follows it.
CREATE TABLE inspection_correction (
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    measure BIGINT NOT NULL CHECK (measure >= 0),
    region TEXT NOT NULL CHECK (length(region) = 6),
    due_ms BIGINT NOT NULL,
    followed_ms BIGINT,
    followed_entry BIGINT,
    followed_by TEXT REFERENCES inspection (id),
    PRIMARY KEY (inspection_id, measure),
    CHECK ((followed_ms IS NULL) = (followed_entry IS NULL AND followed_by IS NULL))
);
CREATE INDEX inspection_correction_open ON inspection_correction (due_ms) WHERE followed_ms IS NULL;
CREATE INDEX inspection_correction_followed_by ON inspection_correction (followed_by) WHERE followed_by IS NOT NULL;

-- What came of an inspection: a case, a recall or a finding against a pledge, by its id.
CREATE TABLE inspection_referral (
    id TEXT NOT NULL PRIMARY KEY,
    inspection_id TEXT NOT NULL REFERENCES inspection (id),
    kind TEXT NOT NULL CHECK (kind IN ('case', 'recall', 'breach')),
    target TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    UNIQUE (inspection_id, kind, target)
);
CREATE INDEX inspection_referral_target ON inspection_referral (kind, target);

-- A place that events name (docs/tracing.md): where something is read, kept or sold. `key` is 414/GLN or 414/GLN/EXTENSION,
-- or a URI for those who have no GLN. `region` is a GB/T 2260 code.
CREATE TABLE location (
    key TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    kind TEXT NOT NULL CHECK (kind IN ('farm', 'factory', 'warehouse', 'shop', 'laboratory', 'port', 'other')),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    region TEXT NOT NULL CHECK (length(region) = 6),
    address TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX location_of_enterprise ON location (enterprise_id, position);

-- Whom an enterprise lets state events about its things: those who handle them, and (`makes`) those who make them for it.
CREATE TABLE partner (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    partner_id TEXT NOT NULL REFERENCES enterprise (id),
    makes INTEGER NOT NULL CHECK (makes IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('named', 'dropped')),
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (enterprise_id, partner_id),
    CHECK (enterprise_id <> partner_id)
);
CREATE INDEX partner_of ON partner (partner_id, enterprise_id);

-- Who is told of an enterprise's events of a step, where it has set it; `step` is empty for all others.
CREATE TABLE step_audience (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    step TEXT NOT NULL,
    audience TEXT NOT NULL CHECK (audience IN ('public', 'partners', 'regulators')),
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (enterprise_id, step)
);

-- What an enterprise calls a material whose GTIN is no product that is enrolled: pages tell it by this name where the
-- enterprise's events name it.
CREATE TABLE material_name (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    gtin TEXT NOT NULL CHECK (length(gtin) = 14),
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    position BIGINT NOT NULL REFERENCES ledger (position),
    PRIMARY KEY (enterprise_id, gtin)
);
CREATE INDEX material_name_of_gtin ON material_name (gtin, position);

-- Numbers of logistic units (SSCC) that were given out, 17 digits each: the check digit follows from them. `skipped` is how
-- many of each line were given to nobody by then, since acts may have been lost that gave them out (traceqr/chain/allocating.py).
CREATE TABLE sscc_allocation (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    low TEXT NOT NULL UNIQUE CHECK (length(low) = 17),
    high TEXT NOT NULL CHECK (length(high) = 17),
    skipped BIGINT NOT NULL CHECK (skipped >= 0),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX sscc_allocation_of_enterprise ON sscc_allocation (enterprise_id, position);

-- What was captured at once: so many events, numbered from `first_event` on; `digest` is over theirs, in this order.
CREATE TABLE capture (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    first_event BIGINT NOT NULL CHECK (first_event >= 1),
    events BIGINT NOT NULL CHECK (events >= 1),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE INDEX capture_of_enterprise ON capture (enterprise_id, position);

-- Things that differ in their last digits alone are on one line (traceqr/tracing/thing.py): its text has # for these. `gtin`
-- is empty where things have none. `taken` says whether a transformation has ever named things of it as an input, `made`
-- whether one has named carriers of it as an output.
CREATE TABLE trace_line (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    text TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('21', '10', '01', '00', '8003', '8004', 'uri')),
    gtin TEXT NOT NULL CHECK (length(gtin) IN (0, 14)),
    taken INTEGER NOT NULL CHECK (taken IN (0, 1)),
    made INTEGER NOT NULL CHECK (made IN (0, 1))
);
CREATE INDEX trace_line_taken ON trace_line (kind) WHERE taken = 1;
CREATE INDEX trace_line_made ON trace_line (kind) WHERE made = 1;
CREATE INDEX trace_line_of_gtin ON trace_line (gtin, number) WHERE gtin <> '';

-- An event (docs/tracing.md), stated by an enterprise: `standing` is by what right. `content` is its JSON but for the lists of
-- single things, `digest` is over all that it says. `declared_ms` is since when it is declared to be an error, by the event
-- `declared_by`; then nothing follows from it. Events that arise from acts on labels are not here: the ledger tells them.
CREATE TABLE trace_event (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number >= 1),
    event_id TEXT NOT NULL,
    declares INTEGER NOT NULL CHECK (declares IN (0, 1)),
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    capture_id TEXT NOT NULL REFERENCES capture (id),
    kind TEXT NOT NULL CHECK (kind IN ('object', 'aggregation', 'transaction', 'transformation', 'association')),
    action TEXT NOT NULL CHECK (action IN ('add', 'observe', 'delete', '')),
    at_ms BIGINT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    step TEXT NOT NULL,
    disposition TEXT NOT NULL,
    read_point TEXT NOT NULL,
    location TEXT NOT NULL,
    transformation TEXT,
    audience TEXT NOT NULL CHECK (audience IN ('public', 'partners', 'regulators')),
    standing TEXT NOT NULL CHECK (standing IN ('owner', 'partner', 'stranger')),
    declared_ms BIGINT,
    declared_by BIGINT,
    content TEXT NOT NULL,
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    UNIQUE (event_id, enterprise_id, declares),
    CHECK ((declared_ms IS NULL) = (declared_by IS NULL))
);
CREATE INDEX trace_event_of_enterprise ON trace_event (enterprise_id, at_ms, number);
CREATE INDEX trace_event_recorded ON trace_event (enterprise_id, recorded_ms, number);
CREATE INDEX trace_event_step ON trace_event (enterprise_id, step, at_ms, number);
CREATE INDEX trace_event_disposition ON trace_event (enterprise_id, disposition, at_ms, number);
CREATE INDEX trace_event_location ON trace_event (enterprise_id, location, at_ms, number) WHERE location <> '';
CREATE INDEX trace_event_read_point ON trace_event (enterprise_id, read_point, at_ms, number) WHERE read_point <> '';
CREATE INDEX trace_event_transformation ON trace_event (transformation) WHERE transformation IS NOT NULL;

-- A run of things in an event, kept under the block or the two neighbours that it lies in, on the level that fits its length
-- (traceqr/tracing/run.py). `ordinal` is its place in the event; `spelling` is how its identifiers were written.
CREATE TABLE trace_item (
    line BIGINT NOT NULL REFERENCES trace_line (number),
    level BIGINT NOT NULL CHECK (level BETWEEN 0 AND 7),
    block BIGINT NOT NULL CHECK (block >= 0),
    event_number BIGINT NOT NULL REFERENCES trace_event (number),
    ordinal BIGINT NOT NULL CHECK (ordinal >= 0),
    part TEXT NOT NULL CHECK (part IN ('object', 'parent', 'child', 'input', 'output')),
    first BIGINT NOT NULL CHECK (first >= 0),
    last BIGINT NOT NULL,
    spelling TEXT NOT NULL,
    quantity TEXT,
    unit TEXT NOT NULL,
    PRIMARY KEY (line, level, block, event_number, ordinal),
    CHECK (first <= last)
) /* KEYED */;
CREATE INDEX trace_item_of_event ON trace_item (event_number, ordinal, block);

-- The business transactions, sources and destinations that events name.
CREATE TABLE trace_mention (
    kind TEXT NOT NULL CHECK (kind IN ('transaction', 'source', 'destination')),
    value TEXT NOT NULL,
    event_number BIGINT NOT NULL REFERENCES trace_event (number),
    type TEXT NOT NULL,
    PRIMARY KEY (kind, value, event_number, type)
);
CREATE INDEX trace_mention_of_event ON trace_mention (event_number);

-- Whose things an event names, where they are not those of the enterprise that states it: as it was when it was captured. So
-- an owner finds what others state of his things.
CREATE TABLE trace_concern (
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    event_number BIGINT NOT NULL REFERENCES trace_event (number),
    at_ms BIGINT NOT NULL,
    recorded_ms BIGINT NOT NULL,
    PRIMARY KEY (enterprise_id, event_number)
);
CREATE INDEX trace_concern_at ON trace_concern (enterprise_id, at_ms, event_number);
CREATE INDEX trace_concern_recorded ON trace_concern (enterprise_id, recorded_ms, event_number);

-- What became of a document of events that a program sent. No act: `errors`, a list in JSON, says what was wrong with it;
-- what was captured is in the capture that it made, where it made one.
CREATE TABLE capture_job (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    capture_id TEXT REFERENCES capture (id),
    behaviour TEXT NOT NULL CHECK (behaviour IN ('rollback', 'proceed')),
    success INTEGER NOT NULL CHECK (success IN (0, 1)),
    created_ms BIGINT NOT NULL,
    finished_ms BIGINT NOT NULL,
    errors TEXT NOT NULL
);
CREATE INDEX capture_job_of_enterprise ON capture_job (enterprise_id, created_ms, id);
CREATE INDEX capture_job_at ON capture_job (created_ms);

-- Which enterprise an entry of the ledger concerns: what was done in its name, or to what is its own. It repeats what the
-- ledger and the rows say, so that an enterprise finds its acts without all others being read; the enterprise itself may
-- come with the entry. `kind` groups acts for people, `batch` is the one that the act was done to.
CREATE TABLE trail (
    position BIGINT NOT NULL REFERENCES ledger (position),
    enterprise_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    batch BIGINT,
    PRIMARY KEY (enterprise_id, position)
);
CREATE INDEX trail_position ON trail (position);
CREATE INDEX trail_of_kind ON trail (enterprise_id, kind, position);
CREATE INDEX trail_of_batch ON trail (batch, position) WHERE batch IS NOT NULL;

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

-- Whom an enterprise or an organisation lets be told what happens, by mail or by a call to a program of its own. `events`
-- are words with blanks between; `secret` signs what a program is sent, and is sealed. The address may name a person and
-- stays off the ledger: `salt` goes into its digest there. One that is removed keeps neither.
CREATE TABLE subscription (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT REFERENCES enterprise (id),
    organisation_id TEXT REFERENCES organisation (id),
    kind TEXT NOT NULL CHECK (kind IN ('mail', 'webhook')),
    address TEXT NOT NULL,
    salt TEXT NOT NULL,
    events TEXT NOT NULL,
    language TEXT NOT NULL,
    secret TEXT,
    since_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'removed')),
    position BIGINT NOT NULL REFERENCES ledger (position),
    CHECK ((enterprise_id IS NULL) <> (organisation_id IS NULL)),
    CHECK ((secret IS NOT NULL) = (kind = 'webhook' AND state = 'active'))
);
CREATE INDEX subscription_of_enterprise ON subscription (enterprise_id);
CREATE INDEX subscription_of_organisation ON subscription (organisation_id);

-- A question for events that an enterprise keeps under a name: `query` is its parameters in JSON, as they were given.
CREATE TABLE named_query (
    id TEXT NOT NULL PRIMARY KEY,
    enterprise_id TEXT NOT NULL REFERENCES enterprise (id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'removed')),
    position BIGINT NOT NULL REFERENCES ledger (position)
);
CREATE UNIQUE INDEX named_query_of_name ON named_query (enterprise_id, name) WHERE state = 'active';

-- That what a named query finds anew goes to a subscription: by a schedule in JSON, or as it comes where that is empty. It is
-- asked again at `next_ms`, for what was recorded behind `mark`.
CREATE TABLE query_subscription (
    subscription_id TEXT NOT NULL PRIMARY KEY REFERENCES subscription (id),
    query_id TEXT NOT NULL REFERENCES named_query (id),
    schedule TEXT NOT NULL,
    report_if_empty INTEGER NOT NULL CHECK (report_if_empty IN (0, 1)),
    initial_ms BIGINT,
    position BIGINT NOT NULL REFERENCES ledger (position),
    next_ms BIGINT NOT NULL,
    mark TEXT NOT NULL
);
CREATE INDEX query_subscription_of_query ON query_subscription (query_id);
CREATE INDEX query_subscription_next ON query_subscription (next_ms);

-- What happened, as one body is told of it: what it must not miss, and nobody else reads. `payload` is canonical JSON, the
-- very text that is sent: ids and a link, no person. The id is made from what happened, so that nothing is told twice.
CREATE TABLE notification (
    id TEXT NOT NULL PRIMARY KEY,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    enterprise_id TEXT REFERENCES enterprise (id),
    organisation_id TEXT REFERENCES organisation (id),
    payload TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    CHECK ((enterprise_id IS NULL) <> (organisation_id IS NULL))
);
CREATE INDEX notification_of_enterprise ON notification (enterprise_id, at_ms, id);
CREATE INDEX notification_of_organisation ON notification (organisation_id, at_ms, id);
CREATE INDEX notification_at ON notification (at_ms);

-- That a notification goes to a subscription. Each attempt is counted before it is made; the next is made at `next_ms`.
-- `fault` is empty or why the last attempt failed, `status` what the receiver answered, `tried_ms` when that was.
CREATE TABLE delivery (
    subscription_id TEXT NOT NULL REFERENCES subscription (id),
    notification_id TEXT NOT NULL REFERENCES notification (id),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    next_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    fault TEXT NOT NULL,
    status BIGINT,
    tried_ms BIGINT,
    PRIMARY KEY (subscription_id, notification_id)
);
CREATE INDEX delivery_of_notification ON delivery (notification_id);
CREATE INDEX delivery_waiting ON delivery (subscription_id, next_ms) WHERE state = 'waiting';
