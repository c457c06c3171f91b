-- Subscriptions, and the ledger of deliveries: each subscribed channel gets each day's digest exactly once (DELIVERY).

CREATE TABLE subscriptions (
    id            TEXT PRIMARY KEY,
    platform      TEXT NOT NULL,
    tenant        TEXT NOT NULL,
    channel       TEXT NOT NULL,
    name          TEXT NOT NULL,
    query         TEXT NOT NULL,
    top           BIGINT NOT NULL,
    layout        TEXT NOT NULL,
    min_votes     BIGINT NOT NULL,
    zone          TEXT NOT NULL,             -- IANA name
    at            TEXT NOT NULL,             -- local time, 09:00
    days          TEXT NOT NULL,             -- ISO weekdays, 12345
    kind          TEXT NOT NULL,             -- daily or weekly
    since         BIGINT NOT NULL,           -- what was due before is not owed
    created_by    TEXT NOT NULL,
    state         TEXT NOT NULL,             -- active, paused or gone
    pause         TEXT NOT NULL,             -- why, where it is paused
    paused_at     BIGINT,
    paused_until  TEXT,                      -- day
    probe_at      BIGINT,
    notified_at   BIGINT,
    cursor_day    TEXT,                      -- newest batch that it has had
    planned_until BIGINT NOT NULL,           -- deliveries due up to then are written
    version       BIGINT NOT NULL,
    UNIQUE (platform, tenant, channel, name)
);
-- the planner asks for this every minute
CREATE INDEX subscriptions_planned ON subscriptions (state, planned_until);

CREATE TABLE digests (
    key       TEXT PRIMARY KEY,
    days      TEXT NOT NULL,                 -- JSON list, newest first
    frozen_at BIGINT NOT NULL,
    votes_at  BIGINT NOT NULL,
    freshness TEXT NOT NULL,                 -- fresh, stale or partial
    ranking   TEXT NOT NULL,                 -- JSON list of ids, best first
    size      BIGINT NOT NULL
);

CREATE TABLE deliveries (
    key          TEXT PRIMARY KEY,
    subscription TEXT NOT NULL,
    platform     TEXT NOT NULL,
    tenant       TEXT NOT NULL,
    channel      TEXT NOT NULL,
    name         TEXT NOT NULL,
    local_date   TEXT NOT NULL,
    kind         TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    state        TEXT NOT NULL,              -- pending, sent, skipped, uncertain or dead
    run_at       DOUBLE PRECISION NOT NULL,  -- when it may be claimed; while it is claimed, when the lease ends
    attempts     BIGINT NOT NULL,            -- that may have been sent; fences acknowledgements
    failures     BIGINT NOT NULL,            -- in a row, for the back-off
    first_claim  DOUBLE PRECISION,
    lease_owner  TEXT NOT NULL,              -- empty when nobody holds it
    digest       TEXT NOT NULL,              -- empty before it is frozen
    batch        TEXT,                       -- the newest that the digest brings
    payload      TEXT NOT NULL,              -- JSON of the card; empty before it is frozen and after it is settled
    papers       TEXT NOT NULL,              -- JSON list of ids
    left_out     BIGINT NOT NULL,
    message_id   TEXT NOT NULL,
    sent_at      BIGINT,
    settle_at    BIGINT,
    settled_at   BIGINT,
    why          TEXT NOT NULL,
    error        TEXT NOT NULL,
    UNIQUE (platform, tenant, channel, name, local_date, kind)
);
-- what is due, by the outbox; what a channel waits for; what was sent and is to be settled
CREATE INDEX deliveries_due ON deliveries (state, run_at);
CREATE INDEX deliveries_channel ON deliveries (platform, tenant, channel, state, due_at);
CREATE INDEX deliveries_subscription ON deliveries (subscription, due_at);
CREATE INDEX deliveries_settle ON deliveries (state, settle_at);

-- No paper is shown twice in a channel; one is reserved from when its card is frozen.
CREATE TABLE posted (
    platform   TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    channel    TEXT NOT NULL,
    paper      TEXT NOT NULL,
    local_date TEXT NOT NULL,
    delivery   TEXT NOT NULL,
    PRIMARY KEY (platform, tenant, channel, paper)
);
CREATE INDEX posted_delivery ON posted (delivery);
