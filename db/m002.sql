-- Statements that editors correct: they may go out of sight without being deleted, and say more about themselves.
-- The table is made anew, since its uniqueness now leaves out those that are gone; its ids stay, so all that refers to it does too.
CREATE TABLE statements_anew (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  text TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('direct', 'indirect', 'reported')),
  speaker TEXT NOT NULL DEFAULT '',
  mention TEXT NOT NULL DEFAULT '',
  cue TEXT NOT NULL DEFAULT '',
  person_id INTEGER REFERENCES people(id) ON DELETE SET NULL,
  said_at TEXT,
  check_worthy REAL NOT NULL DEFAULT 0,
  nature TEXT NOT NULL DEFAULT '' CHECK (nature IN ('', 'fact', 'opinion', 'prediction', 'promise')),
  is_promise INTEGER NOT NULL DEFAULT 0,
  deadline_text TEXT NOT NULL DEFAULT '',
  deadline_hours REAL,
  deadline_by TEXT,
  deadline_since TEXT,
  before TEXT NOT NULL DEFAULT '',
  after TEXT NOT NULL DEFAULT '',
  suggestions TEXT NOT NULL DEFAULT '[]',  -- whom an unsure mention may mean: JSON list of [name, reason, likelihood]
  mention_at TEXT NOT NULL DEFAULT '[]',   -- JSON list of [start, end]
  cue_at TEXT NOT NULL DEFAULT '[]',
  content_hash TEXT NOT NULL,
  is_gone INTEGER NOT NULL DEFAULT 0,      -- no statement any more: removed or not found again; kept for what refers to it
  is_open INTEGER NOT NULL DEFAULT 1,      -- waits for a decision; kept by review.py in the decision's transaction
  urgency REAL NOT NULL DEFAULT 0,         -- what the queue is ordered by, 0..1; derived
  matched_seq INTEGER NOT NULL DEFAULT -1, -- the newest claim vector seen when the candidates were made; derived
  matched_model TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO statements_anew (id, article_id, start, "end", text, kind, speaker, mention, cue, person_id, said_at, check_worthy, is_promise, deadline_text, deadline_hours, deadline_by, before, after, content_hash, is_open, urgency, matched_seq, matched_model) SELECT id, article_id, start, "end", text, kind, speaker, mention, cue, person_id, said_at, check_worthy, is_promise, deadline_text, deadline_hours, deadline_by, before, after, content_hash, is_open, urgency, matched_seq, matched_model FROM statements;
DROP TABLE statements;
ALTER TABLE statements_anew RENAME TO statements;
CREATE UNIQUE INDEX statements_place ON statements(article_id, start, "end") WHERE is_gone = 0;
CREATE INDEX statements_gone ON statements(article_id) WHERE is_gone = 1;
CREATE INDEX statements_person ON statements(person_id, said_at);
CREATE INDEX statements_queue ON statements(urgency DESC, id) WHERE is_open = 1;

-- Whom an editor says a mention means: the corrections that say so, and what was remembered of it for other articles.
CREATE TABLE confirmations (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id),
  mention TEXT NOT NULL,
  name TEXT NOT NULL,
  person_id INTEGER REFERENCES people(id) ON DELETE SET NULL,
  statements TEXT NOT NULL,        -- JSON list of ids
  corrections TEXT NOT NULL,       -- JSON list of ids
  alias TEXT NOT NULL DEFAULT '',  -- a name remembered for the person, '' for none
  office_id INTEGER REFERENCES person_offices(id) ON DELETE SET NULL, -- an office remembered
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX confirmations_article ON confirmations(article_id) WHERE undone_at IS NULL;
CREATE INDEX confirmations_user ON confirmations(user_id, id);

-- What editors did to the statements of articles. A new reading of an article never undoes them.
CREATE TABLE corrections (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id),
  statement_id INTEGER REFERENCES statements(id), -- NULL when the whole article was checked
  act TEXT NOT NULL CHECK (act IN ('added', 'changed', 'removed', 'confirmed', 'checked', 'undone')),
  before TEXT,                     -- JSON of a mark; NULL when there was no statement
  after TEXT,                      -- the same; NULL when there is none
  checked TEXT,                    -- JSON list of [statement id, mark]
  undoes INTEGER UNIQUE REFERENCES corrections(id),
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_article ON corrections(article_id, id);
CREATE TRIGGER corrections_keep BEFORE DELETE ON corrections BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
CREATE TRIGGER corrections_fixed BEFORE UPDATE OF id, article_id, statement_id, act, before, after, checked, undoes, user_name, at ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;
