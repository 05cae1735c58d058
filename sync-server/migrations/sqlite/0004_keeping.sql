-- What was erased: the id is refused for ever. Why and who, never what.
CREATE TABLE tombstone(
    org BLOB NOT NULL, document BLOB NOT NULL, at INTEGER NOT NULL, why TEXT NOT NULL,
    who TEXT NOT NULL,
    PRIMARY KEY(org, document)
) STRICT, WITHOUT ROWID;
-- Blobs that no document names any more, until their files are gone.
CREATE TABLE doomed(
    org BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(org, hash)
) STRICT, WITHOUT ROWID;
-- Documents that nothing may erase: a procedure needs them.
CREATE TABLE hold(
    org BLOB NOT NULL, document BLOB NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
    PRIMARY KEY(org, document)
) STRICT, WITHOUT ROWID;
-- How long each kind is kept, where the organisation has said so.
CREATE TABLE retention(
    org BLOB NOT NULL, kind TEXT NOT NULL, days INTEGER NOT NULL, after TEXT NOT NULL,
    PRIMARY KEY(org, kind)
) STRICT, WITHOUT ROWID;
-- What happens now and then, and how far it has come.
CREATE TABLE chore(
    org BLOB NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY(org, name)
) STRICT, WITHOUT ROWID;
-- What a lost device held: ids alone.
CREATE TABLE held(
    org BLOB NOT NULL, device BLOB NOT NULL, document BLOB NOT NULL, kind TEXT NOT NULL,
    scope TEXT NOT NULL, sure INTEGER NOT NULL,
    PRIMARY KEY(org, device, document)
) STRICT, WITHOUT ROWID;
-- Lost: it erases everything at its next contact; when it was first told to.
ALTER TABLE device ADD COLUMN lost_at INTEGER;
ALTER TABLE device ADD COLUMN told_at INTEGER;
