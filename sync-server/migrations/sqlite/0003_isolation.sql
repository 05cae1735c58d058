-- Devices that sent what no honest device sends: how often, and since when nothing is taken from them.
CREATE TABLE isolation(
    org BLOB NOT NULL, device BLOB NOT NULL, poisoned INTEGER NOT NULL, since INTEGER,
    PRIMARY KEY(org, device)
) STRICT, WITHOUT ROWID;
