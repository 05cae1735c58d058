-- What lies in a scope, kept by document: what comes is written behind what is there, and the scopes of
-- a document stand together. One tree less to write for every document in every scope.
CREATE TABLE placed(
    org BLOB NOT NULL, document BLOB NOT NULL, scope TEXT NOT NULL, position INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    PRIMARY KEY(org, document, scope)
) STRICT, WITHOUT ROWID;
INSERT INTO placed SELECT org, document, scope, position, gone FROM placement
    ORDER BY org, document, scope;
DROP TABLE placement;
ALTER TABLE placed RENAME TO placement;
CREATE UNIQUE INDEX placement_position ON placement(org, scope, position);
