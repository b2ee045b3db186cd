-- The first schema. A released migration is never edited; the next one goes into a file of its own.

-- What the store says of itself. A row that isn't there is 0; rows that a program doesn't know it
-- leaves alone.
--   format, min_reader, min_writer: the store's version, and the oldest programs that may read it
--     and write to it.
--   erasures_marked: how many transactions have removed something for good. It is counted up in
--     each of them.
--   erasures_made_anew: the last of these, counted so, for which the file was made anew (VACUUM)
--     but the write-ahead log could not be emptied.
--   erasures_done: the last of these of which nothing is left in any file; what is above it is due.
-- The last three only grow, and are never deleted.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A project's row, and the head of its journal: revision and digest are compared at each append.
CREATE TABLE projects (
  project             TEXT PRIMARY KEY,
  revision            INTEGER NOT NULL,
  digest              BLOB NOT NULL,
  name                TEXT NOT NULL,
  status              TEXT NOT NULL,
  plans               INTEGER NOT NULL,
  plans_completed     INTEGER NOT NULL,
  plans_unfinished    INTEGER NOT NULL,
  active_agents       INTEGER NOT NULL,
  items               INTEGER NOT NULL,
  items_archived      INTEGER NOT NULL,
  tokens              INTEGER NOT NULL,
  checkpoints         INTEGER NOT NULL,
  paused_at           TEXT,
  pause_reason        TEXT,
  pause_checkpoint_id TEXT,
  created_at          TEXT NOT NULL,
  created_by          TEXT NOT NULL,
  updated_at          TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal: text is the entry's JSON; digest = BLAKE3('holdpoint/entry/1', 0, prev, text).
CREATE TABLE entries (
  project  TEXT NOT NULL,
  revision INTEGER NOT NULL,
  command  TEXT NOT NULL,
  prev     BLOB NOT NULL,
  digest   BLOB NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (project, revision)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX entries_by_command ON entries (project, command);

CREATE TABLE plans (
  project             TEXT NOT NULL,
  plan                TEXT NOT NULL,
  number              INTEGER NOT NULL,
  request             TEXT NOT NULL,
  state               TEXT NOT NULL,
  unfinished          INTEGER NOT NULL
    GENERATED ALWAYS AS (state NOT IN ('completed', 'failed', 'cancelled')) VIRTUAL,
  steps               INTEGER NOT NULL,
  last_completed_step INTEGER NOT NULL DEFAULT -1,
  last_attempt        INTEGER NOT NULL DEFAULT 0,
  reversion_count     INTEGER NOT NULL DEFAULT 0,
  max_reversions      INTEGER NOT NULL DEFAULT 3,
  retry_count         INTEGER NOT NULL DEFAULT 0,
  submission          INTEGER,
  last_checkpoint_id  TEXT,
  created_at          TEXT NOT NULL,
  created_by          TEXT NOT NULL,
  updated_at          TEXT NOT NULL,
  completed_at        TEXT,
  applied_at          TEXT,
  PRIMARY KEY (project, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX plans_by_id ON plans (plan);
CREATE INDEX plans_unfinished ON plans (project, number) WHERE unfinished = 1;

CREATE TABLE checkpoints (
  project    TEXT NOT NULL,
  number     INTEGER NOT NULL,
  checkpoint TEXT NOT NULL,
  plan       TEXT,
  revision   INTEGER NOT NULL,
  trigger    TEXT NOT NULL,
  safety     INTEGER NOT NULL,
  name       TEXT NOT NULL,
  reason     TEXT,
  pinned     INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (project, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX checkpoints_by_id ON checkpoints (checkpoint);

-- Bodies, once by content in each project.
CREATE TABLE blobs (
  project TEXT NOT NULL,
  digest  BLOB NOT NULL,
  body    BLOB NOT NULL,
  PRIMARY KEY (project, digest)
) STRICT;

CREATE TABLE snapshots (
  project  TEXT NOT NULL,
  revision INTEGER NOT NULL,
  digest   BLOB NOT NULL,
  text     TEXT NOT NULL,
  PRIMARY KEY (project, revision)
) STRICT;

CREATE TABLE leases (
  project TEXT NOT NULL,
  plan    TEXT NOT NULL,
  epoch   INTEGER NOT NULL,
  text    TEXT NOT NULL,
  PRIMARY KEY (project, plan)
) STRICT, WITHOUT ROWID;

-- What is left of removed projects.
CREATE TABLE tombstones (
  project        TEXT PRIMARY KEY,
  command        TEXT NOT NULL,
  command_digest BLOB NOT NULL,
  revision       INTEGER NOT NULL,
  digest         BLOB NOT NULL
) STRICT, WITHOUT ROWID;
