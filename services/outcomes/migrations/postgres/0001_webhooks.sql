-- How far each partner's webhook is. No view: it cannot be made again from the log. The messages themselves are not
-- here but in the view `outcomes`, by position and ordinal. Times are in milliseconds since 1970, UTC.
--
-- What always holds: every message up to an endpoint's (position, ordinal) was accepted, or is a dead letter, or lies in
-- a waiting lane at or after the (position, ordinal) of that lane. -1 is before every message.

CREATE TABLE parcours_webhooks.endpoints (
    partner     text COLLATE "C" PRIMARY KEY,
    position    bigint NOT NULL DEFAULT -1,
    ordinal     bigint NOT NULL DEFAULT -1,
    -- When it was disabled, and why; null while it is called.
    disabled    bigint,
    why         text,
    -- Counts how often the command line asked to try at once what waits.
    hastened    bigint NOT NULL DEFAULT 0,
    accepted_at bigint,
    failed_at   bigint,
    failure     text
);

-- The messages about one trainee or one session, kind/uuid, of which the one at (position, ordinal) is tried next.
CREATE TABLE parcours_webhooks.waiting (
    partner     text COLLATE "C" NOT NULL,
    lane        text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    ordinal     bigint NOT NULL,
    attempts    bigint NOT NULL,
    due         bigint NOT NULL,
    why         text,
    unreachable bigint NOT NULL,
    PRIMARY KEY (partner, lane)
);

-- Messages given up after the last attempt. `replay`: 1 when it was asked to try it again.
CREATE TABLE parcours_webhooks.dead (
    partner  text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    ordinal  bigint NOT NULL,
    lane     text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    died     bigint NOT NULL,
    why      text COLLATE "C" NOT NULL,
    replay   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (partner, position, ordinal)
);
CREATE INDEX dead_to_replay ON parcours_webhooks.dead (partner, position, ordinal) WHERE replay = 1;
