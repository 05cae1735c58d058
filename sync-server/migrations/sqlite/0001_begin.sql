-- One row per organisation; every other table is keyed by it first.
CREATE TABLE org(
    id BLOB PRIMARY KEY, name TEXT NOT NULL, epoch INTEGER NOT NULL, receipts INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Documents: the accepted changes are the truth, `document` is derived from them.
CREATE TABLE document(
    org BLOB NOT NULL, id BLOB NOT NULL, kind TEXT NOT NULL, creator BLOB NOT NULL,
    year INTEGER NOT NULL, received_at INTEGER NOT NULL, body BLOB NOT NULL, heads BLOB NOT NULL,
    PRIMARY KEY(org, id)
) STRICT;
CREATE INDEX document_kind ON document(org, kind, id);
CREATE TABLE change(
    org BLOB NOT NULL, document BLOB NOT NULL, hash BLOB NOT NULL, actor BLOB NOT NULL,
    seq INTEGER NOT NULL, bytes BLOB NOT NULL, device BLOB NOT NULL, person BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY(org, document, hash)
) STRICT;
CREATE TABLE actor(
    org BLOB NOT NULL, document BLOB NOT NULL, actor BLOB NOT NULL, device BLOB NOT NULL,
    PRIMARY KEY(org, document, actor)
) STRICT, WITHOUT ROWID;

-- Scopes: a counter each, and one row per document at its latest position.
CREATE TABLE scope(
    org BLOB NOT NULL, name TEXT NOT NULL, head INTEGER NOT NULL, PRIMARY KEY(org, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE placement(
    org BLOB NOT NULL, scope TEXT NOT NULL, document BLOB NOT NULL, position INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY(org, scope, document)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX placement_position ON placement(org, scope, position);
CREATE INDEX placement_document ON placement(org, document, gone);

-- What became of each push, and those that were refused.
CREATE TABLE outcome(
    org BLOB NOT NULL, device BLOB NOT NULL, push BLOB NOT NULL, receipt BLOB, signature BLOB,
    code TEXT, detail TEXT, at INTEGER NOT NULL,
    PRIMARY KEY(org, device, push)
) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine(
    org BLOB NOT NULL, device BLOB NOT NULL, push BLOB NOT NULL, person BLOB NOT NULL,
    document BLOB NOT NULL, kind TEXT NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL,
    changes BLOB NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY(org, device, push)
) STRICT;
CREATE INDEX quarantine_at ON quarantine(org, device, at);

-- Blobs: what documents name, what has arrived, what is arriving.
CREATE TABLE blob_ref(
    org BLOB NOT NULL, document BLOB NOT NULL, hash BLOB NOT NULL, media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY(org, document, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_ref_hash ON blob_ref(org, hash);
CREATE TABLE blob(
    org BLOB NOT NULL, hash BLOB NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    device BLOB NOT NULL, received_at INTEGER NOT NULL,
    PRIMARY KEY(org, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE upload(
    org BLOB NOT NULL, id BLOB NOT NULL, device BLOB NOT NULL, hash BLOB NOT NULL,
    media_type TEXT NOT NULL, size INTEGER NOT NULL, touched_at INTEGER NOT NULL,
    PRIMARY KEY(org, id), UNIQUE(org, device, hash)
) STRICT, WITHOUT ROWID;

-- Who may do what, from the directory.
CREATE TABLE seat(
    org BLOB NOT NULL, person BLOB NOT NULL, seat TEXT NOT NULL, PRIMARY KEY(org, person)
) STRICT, WITHOUT ROWID;

-- Accounts.
CREATE TABLE account(
    org BLOB NOT NULL, person BLOB NOT NULL, password TEXT NOT NULL, changed_at INTEGER NOT NULL,
    PRIMARY KEY(org, person)
) STRICT, WITHOUT ROWID;
CREATE TABLE invitation(
    org BLOB NOT NULL, id BLOB NOT NULL, code BLOB NOT NULL, secret BLOB NOT NULL,
    person BLOB NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    used_at INTEGER,
    PRIMARY KEY(org, id), UNIQUE(org, code), UNIQUE(org, secret)
) STRICT, WITHOUT ROWID;
CREATE TABLE device(
    org BLOB NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, created_at INTEGER NOT NULL, last_contact_at INTEGER,
    clock_off_ms INTEGER, revoked_at INTEGER,
    PRIMARY KEY(org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_person ON device(org, person);
-- Tokens of a device, stored hashed: `next` until first used, `current`, then `spent`.
CREATE TABLE token(
    hash BLOB PRIMARY KEY, org BLOB NOT NULL, device BLOB NOT NULL, state TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX token_device ON token(org, device);
CREATE TABLE session(
    hash BLOB PRIMARY KEY, org BLOB NOT NULL, device BLOB NOT NULL, person BLOB NOT NULL,
    created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_device ON session(org, device);
CREATE TABLE cursor(
    org BLOB NOT NULL, device BLOB NOT NULL, scope TEXT NOT NULL, epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY(org, device, scope)
) STRICT, WITHOUT ROWID;

-- Every administrative act, each row sealing the one before it.
CREATE TABLE audit(
    org BLOB NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
    what TEXT NOT NULL, about TEXT NOT NULL, seal BLOB NOT NULL,
    PRIMARY KEY(org, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
