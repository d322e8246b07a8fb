-- With numbers: a sum is then written in its place, where by its name it would be taken out of the tree and put back.
DROP TABLE sums;
CREATE TABLE sums (
    number INTEGER PRIMARY KEY,
    name   TEXT    NOT NULL UNIQUE,
    sum    INTEGER NOT NULL
) STRICT;
