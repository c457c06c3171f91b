-- What platforms with buttons need: commands too long for a button, and what was handled already.

CREATE TABLE kept_commands (
    hash    TEXT PRIMARY KEY,
    command TEXT NOT NULL,
    kept_at BIGINT NOT NULL
);
CREATE INDEX kept_commands_at ON kept_commands (kept_at);

CREATE TABLE inbound_seen (
    key     TEXT PRIMARY KEY,                -- of an event or an interaction, as its platform names it
    seen_at BIGINT NOT NULL
);
CREATE INDEX inbound_seen_at ON inbound_seen (seen_at);
