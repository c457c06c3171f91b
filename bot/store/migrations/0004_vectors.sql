-- What each paper means, by one embedding model at a time; a paper whose text changes loses its vector.

CREATE TABLE vectors (
    paper  TEXT PRIMARY KEY REFERENCES papers (id),
    model  TEXT NOT NULL,                    -- that made it; what other models made means nothing to it
    vector BYTEA NOT NULL                    -- a signed byte for each of its numbers
);
CREATE INDEX vectors_model ON vectors (model, paper);
