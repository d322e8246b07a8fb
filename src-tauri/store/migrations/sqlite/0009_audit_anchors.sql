-- Up to where the audit log was as a computer saw it, made by the key in its keyring: what is changed before can be told.
CREATE TABLE audit_anchors (
    -- Which key: a digest of it.
    key    TEXT    NOT NULL,
    -- The last entry that is covered.
    number INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    -- An HMAC of the key's anchor before this one and of every entry since.
    mac    TEXT    NOT NULL,
    PRIMARY KEY (key, number)
) STRICT;
