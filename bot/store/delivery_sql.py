"""The longer statements of the ledger, in portable SQL."""

from bot.store.delivery_rows import COLUMNS, DIGEST_COLUMNS
from bot.store.releases import LATEST_SECONDS
from bot.store.subscriptions import SELECT as SUBSCRIPTION_SELECT

SELECT = ", ".join(f"d.{name}" for name in COLUMNS)
RETURNING = ", ".join(COLUMNS)
# A subscription has one of a kind on a date, whatever it is called now; the key sees to the rest.
PLAN = (
    "INSERT INTO deliveries (key, subscription, platform, tenant, channel, name, local_date, kind, due_at, expires_at, "
    "state, run_at, attempts, failures, lease_owner, digest, payload, papers, left_out, message_id, why, error) SELECT "
    "$1, $2, $3, $4, $5, $6, $7, $8, CAST($9 AS BIGINT), $10, 'pending', CAST($9 AS BIGINT), 0, 0, '', '', '', '[]', "
    "0, '', '', '' WHERE NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.subscription = $2 AND o.local_date = $7 "
    "AND o.kind = $8) ON CONFLICT DO NOTHING"
)
# One of a channel at a time, and the older one first; what is not frozen yet holds nobody up.
FIRST_IN_CHANNEL = (
    "NOT EXISTS (SELECT 1 FROM deliveries o WHERE o.platform = d.platform AND o.tenant = d.tenant "
    "AND o.channel = d.channel AND o.state = 'pending' AND o.payload <> '' AND o.key <> d.key AND (o.due_at < d.due_at "
    "OR (o.due_at = d.due_at AND o.key < d.key) OR (o.lease_owner <> '' AND o.run_at > $2)))"
)
CLAIM = (
    "UPDATE deliveries SET run_at = $3, attempts = attempts + 1, lease_owner = $4, "
    "first_claim = COALESCE(first_claim, $2) WHERE state = 'pending' AND key IN (SELECT d.key FROM deliveries d "
    f"WHERE d.state = 'pending' AND d.run_at <= $2 AND d.platform = $1 AND d.payload <> '' AND {FIRST_IN_CHANNEL} "
    f"ORDER BY d.run_at, d.due_at, d.key LIMIT $5) RETURNING {RETURNING}"
)
HELD = "key = $1 AND attempts = $2 AND state = 'pending'"  # fencing: whoever claimed it since has another count
AGAIN_SECONDS = 3_600  # within which what is posted after all has to succeed
AGAIN_UP_TO = 259_200  # after it was due: its date is two days ago at most
BEYOND = "state IN ('pending', 'skipped') AND attempts = 0 AND due_at > $1"
# It lasts longer than any that was planned: so it is told from them, and goes out as it was.
_LONGEST = f"CASE WHEN $3 > due_at + {LATEST_SECONDS} THEN $3 ELSE due_at + {LATEST_SECONDS} + 1 END"
AGAIN = (
    "UPDATE deliveries SET state = 'pending', attempts = 0, failures = 0, first_claim = NULL, run_at = $2, "
    f"expires_at = {_LONGEST}, why = '', error = '' WHERE key = $1 AND state = 'uncertain' AND due_at >= $4 "
    "AND platform = $5 AND tenant = $6 AND channel = $7 "
    f"AND subscription IN (SELECT id FROM subscriptions) RETURNING {RETURNING}"
)
TO_SETTLE = (
    f"SELECT {SELECT} FROM deliveries d WHERE d.state = 'sent' AND d.platform = $1 AND d.settle_at <= $2 "
    "AND d.settled_at IS NULL ORDER BY d.settle_at LIMIT $3"
)
LAST_DIGEST = (
    f"SELECT {', '.join(f'g.{name}' for name in DIGEST_COLUMNS)} FROM deliveries d JOIN digests g ON g.key = d.digest "
    "WHERE d.subscription = $1 AND d.batch IS NOT NULL AND d.state IN ('sent', 'skipped', 'uncertain') "
    "ORDER BY d.due_at DESC LIMIT 1"
)
UNFROZEN = (
    f"SELECT {SELECT}, {SUBSCRIPTION_SELECT} FROM deliveries d JOIN subscriptions s ON s.id = d.subscription "
    "WHERE d.state = 'pending' AND d.payload = '' AND d.run_at <= $1 AND (d.due_at > $2 OR (d.due_at = $2 "
    "AND d.key > $3)) ORDER BY d.due_at, d.key LIMIT $4"
)
