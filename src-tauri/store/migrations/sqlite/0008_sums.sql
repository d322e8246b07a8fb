-- What the rows of each table add up to. The triggers that keep it are made from the tables' columns, by the program.
CREATE TABLE sums (
    name TEXT    PRIMARY KEY,
    sum  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
