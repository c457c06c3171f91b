-- Papers, the batches that list them, and every vote count that was seen.
-- Portable: TEXT, BIGINT, DOUBLE PRECISION; times are UTC epoch seconds, days ISO text, flags 0/1.

CREATE TABLE papers (
    id                  TEXT PRIMARY KEY,    -- arXiv id without version
    title               TEXT NOT NULL,
    abstract            TEXT NOT NULL,
    authors             TEXT NOT NULL,       -- JSON list of names, in order
    published           TEXT,                -- day
    categories          TEXT NOT NULL,       -- JSON list, the primary one first
    organization        TEXT NOT NULL,
    organization_handle TEXT NOT NULL,
    ai_summary          TEXT NOT NULL,
    keywords            TEXT NOT NULL,       -- JSON list
    code_url            TEXT NOT NULL,
    project_url         TEXT NOT NULL,
    thumbnail_url       TEXT NOT NULL,
    stars               BIGINT,
    votes               BIGINT,
    comments            BIGINT,
    batch               TEXT,                -- day of the newest batch that lists it
    version             BIGINT,              -- of the arXiv record that its text is from
    changed             BIGINT NOT NULL      -- number of the change that wrote it last
);
-- the index follows the store by this
CREATE UNIQUE INDEX papers_changed ON papers (changed);

CREATE TABLE batches (
    day        TEXT PRIMARY KEY,
    size       BIGINT NOT NULL,
    skipped    BIGINT NOT NULL,              -- entries that could not be read
    fetched_at BIGINT NOT NULL
);

CREATE TABLE batch_papers (
    day   TEXT NOT NULL REFERENCES batches (day),
    paper TEXT NOT NULL REFERENCES papers (id),
    place BIGINT NOT NULL,                   -- in the order of the feed, from 0
    PRIMARY KEY (day, paper)
);
CREATE INDEX batch_papers_paper ON batch_papers (paper);

-- One row for as long as a count stayed the same, so that nothing seen is lost and nothing is said twice.
CREATE TABLE votes (
    paper      TEXT NOT NULL REFERENCES papers (id),
    first_seen BIGINT NOT NULL,
    last_seen  BIGINT NOT NULL,
    votes      BIGINT NOT NULL,
    PRIMARY KEY (paper, first_seen)
);

CREATE TABLE sources (
    name        TEXT PRIMARY KEY,
    answered_at BIGINT,
    failed_at   BIGINT,
    error       TEXT NOT NULL
);

CREATE TABLE facts (
    name  TEXT PRIMARY KEY,                  -- 'identity': a name that this database alone has
    value TEXT NOT NULL
);

CREATE TABLE counters (
    name  TEXT PRIMARY KEY,                  -- 'changes': the number of the newest change of a paper
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('changes', 0);
