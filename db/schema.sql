-- What the migrations add up to, for readers. A test keeps it true.

CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  folded TEXT NOT NULL,            -- words.fold(name), for look-up
  gender TEXT NOT NULL DEFAULT '',
  organisation INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
, merged_into INTEGER REFERENCES people(id), filed_under TEXT NOT NULL DEFAULT '', surname_key TEXT NOT NULL DEFAULT '', statement_count INTEGER NOT NULL DEFAULT 0, claim_count INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE person_aliases (
  person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  alias TEXT NOT NULL,
  folded TEXT NOT NULL,
  PRIMARY KEY (folded, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX person_aliases_person ON person_aliases(person_id);

CREATE TABLE person_offices (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people(id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  since TEXT,
  until TEXT
) STRICT;

CREATE INDEX person_offices_person ON person_offices(person_id);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('reader', 'journalist', 'editor', 'administrator')),
  language TEXT NOT NULL DEFAULT '',
  theme TEXT NOT NULL DEFAULT '',
  keys INTEGER NOT NULL DEFAULT 1,
  must_change_password INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
, email TEXT NOT NULL DEFAULT '', time_zone TEXT NOT NULL DEFAULT '', disabled_at TEXT, seen_at TEXT, factor_salt TEXT NOT NULL DEFAULT '', factor_step INTEGER NOT NULL DEFAULT 0, erased_at TEXT) STRICT;

CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,     -- sha256 of the cookie's token: the database alone signs nobody in
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
, agent TEXT NOT NULL DEFAULT '', address TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;

CREATE INDEX sessions_user ON sessions(user_id);

CREATE TABLE newsroom (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_attempts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE INDEX sign_in_attempts_name ON sign_in_attempts(name, at);

CREATE INDEX sign_in_attempts_address ON sign_in_attempts(address, at);

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  url TEXT UNIQUE,
  text TEXT NOT NULL,
  text_hash TEXT NOT NULL UNIQUE,
  language TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  author TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  published_at TEXT,
  added_at TEXT NOT NULL,
  added_by INTEGER REFERENCES users(id) ON DELETE SET NULL,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'working', 'ready', 'failed')),
  error TEXT NOT NULL DEFAULT ''
, taken_by TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX articles_state ON articles(state) WHERE state <> 'ready';

CREATE INDEX articles_published ON articles(published_at);

CREATE TABLE claims (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  speaker TEXT NOT NULL DEFAULT '',
  speaker_folded TEXT NOT NULL DEFAULT '',
  person_id INTEGER REFERENCES people(id) ON DELETE SET NULL,
  topics TEXT NOT NULL DEFAULT '[]',
  first_said_at TEXT,
  is_promise INTEGER NOT NULL DEFAULT 0,
  criterion TEXT NOT NULL DEFAULT '',
  deadline TEXT,
  deadline_text TEXT NOT NULL DEFAULT '',
  promise_status TEXT NOT NULL DEFAULT 'not yet rated',
  rating TEXT NOT NULL DEFAULT 'not rated', -- that of the newest rated review, kept with the reviews
  occurrence_count INTEGER NOT NULL DEFAULT 0, -- kept with occurrences and decisions
  origin TEXT NOT NULL DEFAULT '',
  content_hash TEXT NOT NULL,
  created_at TEXT NOT NULL,
  created_by INTEGER REFERENCES users(id) ON DELETE SET NULL
, merged_into INTEGER REFERENCES claims(id), changed_at TEXT NOT NULL DEFAULT '', newest_review_at TEXT, deadline_hours REAL, deadline_from TEXT, deadline_zone TEXT NOT NULL DEFAULT '', given_status TEXT, given_terms TEXT, edited TEXT NOT NULL DEFAULT '{}') STRICT;

CREATE INDEX claims_person ON claims(person_id);

CREATE INDEX claims_speaker ON claims(speaker_folded);

CREATE INDEX claims_language ON claims(language);

CREATE INDEX claims_rating ON claims(rating);

CREATE INDEX claims_promises ON claims(deadline) WHERE is_promise = 1;

CREATE INDEX claims_repeated ON claims(occurrence_count DESC) WHERE occurrence_count > 0;

CREATE TABLE status_changes (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  status TEXT NOT NULL,
  at TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  source_url TEXT NOT NULL DEFAULT '',
  by TEXT NOT NULL DEFAULT ''
, added_at TEXT NOT NULL DEFAULT '', user_id INTEGER REFERENCES users(id) ON DELETE SET NULL, undone_at TEXT, undone_by TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX status_changes_claim ON status_changes(claim_id, at);

CREATE TABLE reviews (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  publisher TEXT NOT NULL,
  url TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  summary TEXT NOT NULL DEFAULT '',
  rating_text TEXT NOT NULL DEFAULT '',
  rating TEXT NOT NULL,
  published_at TEXT,
  language TEXT NOT NULL DEFAULT '',
  raw TEXT NOT NULL DEFAULT ''
, added_by INTEGER REFERENCES users(id) ON DELETE SET NULL, added_at TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX reviews_claim ON reviews(claim_id);

CREATE TABLE coverage (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  url TEXT NOT NULL DEFAULT '',
  publisher TEXT NOT NULL DEFAULT '',
  published_at TEXT,
  language TEXT NOT NULL DEFAULT ''
, added_at TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX coverage_claim ON coverage(claim_id);

CREATE TABLE occurrences (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  quote TEXT NOT NULL,
  speaker TEXT NOT NULL DEFAULT '',
  person_id INTEGER REFERENCES people(id) ON DELETE SET NULL,
  said_at TEXT,
  place TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT 'direct'
, added_at TEXT NOT NULL DEFAULT '', added_by TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX occurrences_claim ON occurrences(claim_id, said_at);

CREATE TABLE decisions (
  id INTEGER PRIMARY KEY,
  statement_id INTEGER NOT NULL REFERENCES statements(id),
  claim_id INTEGER REFERENCES claims(id),
  relation TEXT NOT NULL CHECK (relation IN ('same', 'related', 'opposite', 'not a match')),
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  probability REAL,                -- what was shown when it was decided
  made_claim INTEGER NOT NULL DEFAULT 0,
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT ''
, batch TEXT NOT NULL DEFAULT '') STRICT;

CREATE UNIQUE INDEX decisions_active ON decisions(statement_id, claim_id) WHERE undone_at IS NULL;

CREATE INDEX decisions_claim ON decisions(claim_id, relation) WHERE undone_at IS NULL;

CREATE INDEX decisions_user ON decisions(user_id, id);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  user_name TEXT NOT NULL,
  action TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  before TEXT,
  after TEXT
) STRICT;

CREATE INDEX audit_object ON audit(object_type, object_id);

CREATE TRIGGER audit_keep BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE vectors (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- grows with every change: an index in memory reads on from the last one it has
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'statement')),
  object_id INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  vector BLOB NOT NULL,            -- float16, little-endian, unit length
  UNIQUE (kind, object_id, model_id)
) STRICT;

CREATE INDEX vectors_news ON vectors(kind, model_id, seq);

CREATE TABLE vector_deletions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  object_id INTEGER NOT NULL
) STRICT;

CREATE TABLE candidates (
  statement_id INTEGER NOT NULL REFERENCES statements(id) ON DELETE CASCADE,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  rank INTEGER NOT NULL,
  score REAL NOT NULL,
  probability REAL NOT NULL,
  relation TEXT NOT NULL,
  evidence TEXT NOT NULL,
  PRIMARY KEY (statement_id, claim_id)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE claims_words USING fts5(text, title, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");

CREATE VIRTUAL TABLE claims_trigrams USING fts5(text, content='', contentless_delete=1, tokenize="trigram");

CREATE VIRTUAL TABLE statements_words USING fts5(text, speaker, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");

CREATE VIRTUAL TABLE statements_trigrams USING fts5(text, content='', contentless_delete=1, tokenize="trigram");

CREATE TABLE "statements" (
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
, assigned_to INTEGER REFERENCES users(id) ON DELETE SET NULL) STRICT;

CREATE UNIQUE INDEX statements_place ON statements(article_id, start, "end") WHERE is_gone = 0;

CREATE INDEX statements_gone ON statements(article_id) WHERE is_gone = 1;

CREATE INDEX statements_person ON statements(person_id, said_at);

CREATE INDEX statements_queue ON statements(urgency DESC, id) WHERE is_open = 1;

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

CREATE INDEX claims_merged ON claims(merged_into) WHERE merged_into IS NOT NULL;

CREATE INDEX claims_said ON claims(first_said_at);

CREATE INDEX claims_reviewed ON claims(newest_review_at);

CREATE INDEX reviews_publisher ON reviews(publisher);

CREATE INDEX reviews_url ON reviews(url);

CREATE TABLE rearrangements (
  id INTEGER PRIMARY KEY,
  act TEXT NOT NULL CHECK (act IN ('merged', 'split')),
  claim_id INTEGER NOT NULL REFERENCES claims(id),  -- the one that stands for both; the one something was taken out of
  other_id INTEGER NOT NULL REFERENCES claims(id),  -- the one merged into it; the one that was split off
  moved TEXT NOT NULL DEFAULT '{}',                 -- JSON: what a split moved, for undoing; a merge moves nothing
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX rearrangements_claim ON rearrangements(claim_id);

CREATE INDEX rearrangements_other ON rearrangements(other_id);

CREATE TABLE claim_relations (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id),
  other_id INTEGER NOT NULL REFERENCES claims(id),
  relation TEXT NOT NULL CHECK (relation IN ('related', 'opposite')),
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT '',
  CHECK (claim_id <> other_id)
) STRICT;

CREATE UNIQUE INDEX claim_relations_pair ON claim_relations(min(claim_id, other_id), max(claim_id, other_id)) WHERE undone_at IS NULL;

CREATE INDEX claim_relations_other ON claim_relations(other_id);

CREATE INDEX claim_relations_claim ON claim_relations(claim_id);

CREATE TABLE walkbacks (
  id INTEGER PRIMARY KEY,
  claim_id INTEGER NOT NULL REFERENCES claims(id),
  statement_id INTEGER NOT NULL REFERENCES statements(id),
  kind TEXT NOT NULL CHECK (kind IN ('contradicts', 'softens', 'in jest')),
  probability REAL NOT NULL,
  reason TEXT NOT NULL DEFAULT '',   -- the words that say so, as they stand in the statement
  state TEXT NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'rejected')),
  note TEXT NOT NULL DEFAULT '',
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,                  -- of the proposal, then of the decision
  UNIQUE (claim_id, statement_id)
) STRICT;

CREATE INDEX walkbacks_statement ON walkbacks(statement_id);

CREATE INDEX walkbacks_open ON walkbacks(probability DESC) WHERE state = 'proposed';

CREATE TABLE governments (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  since TEXT,
  until TEXT,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE government_members (
  government_id INTEGER NOT NULL REFERENCES governments(id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people(id),
  PRIMARY KEY (government_id, person_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX government_members_person ON government_members(person_id);

CREATE UNIQUE INDEX people_folded ON people(folded) WHERE merged_into IS NULL;

CREATE INDEX people_name ON people(folded);

CREATE INDEX people_filed ON people(filed_under, id, statement_count, claim_count) WHERE merged_into IS NULL;

CREATE INDEX people_said ON people(statement_count + claim_count DESC, filed_under, id) WHERE merged_into IS NULL;

CREATE INDEX people_claims ON people(claim_count DESC, filed_under, id, statement_count) WHERE merged_into IS NULL;

CREATE INDEX people_statements ON people(statement_count DESC, filed_under, id, claim_count) WHERE merged_into IS NULL;

CREATE INDEX people_surname ON people(surname_key) WHERE merged_into IS NULL;

CREATE INDEX people_merged ON people(merged_into) WHERE merged_into IS NOT NULL;

CREATE TRIGGER statements_count_in AFTER INSERT ON statements WHEN new.person_id IS NOT NULL AND new.is_gone = 0
BEGIN UPDATE people SET statement_count = statement_count + 1 WHERE id = new.person_id; END;

CREATE TRIGGER statements_count_out AFTER DELETE ON statements WHEN old.person_id IS NOT NULL AND old.is_gone = 0
BEGIN UPDATE people SET statement_count = statement_count - 1 WHERE id = old.person_id; END;

CREATE TRIGGER statements_count_moved AFTER UPDATE OF person_id, is_gone ON statements
WHEN old.person_id IS NOT new.person_id OR old.is_gone <> new.is_gone
BEGIN
  UPDATE people SET statement_count = statement_count - 1 WHERE id = old.person_id AND old.is_gone = 0;
  UPDATE people SET statement_count = statement_count + 1 WHERE id = new.person_id AND new.is_gone = 0;
END;

CREATE TRIGGER claims_count_in AFTER INSERT ON claims WHEN new.person_id IS NOT NULL AND new.merged_into IS NULL
BEGIN UPDATE people SET claim_count = claim_count + 1 WHERE id = new.person_id; END;

CREATE TRIGGER claims_count_out AFTER DELETE ON claims WHEN old.person_id IS NOT NULL AND old.merged_into IS NULL
BEGIN UPDATE people SET claim_count = claim_count - 1 WHERE id = old.person_id; END;

CREATE TRIGGER claims_count_moved AFTER UPDATE OF person_id, merged_into ON claims
WHEN old.person_id IS NOT new.person_id OR (old.merged_into IS NULL) <> (new.merged_into IS NULL)
BEGIN
  UPDATE people SET claim_count = claim_count - 1 WHERE id = old.person_id AND old.merged_into IS NULL;
  UPDATE people SET claim_count = claim_count + 1 WHERE id = new.person_id AND new.merged_into IS NULL;
END;

CREATE TABLE people_kept_apart (     -- looked alike, and an editor said they are two
  person_id INTEGER NOT NULL REFERENCES people(id),
  other_id INTEGER NOT NULL REFERENCES people(id),
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (person_id, other_id),
  CHECK (person_id < other_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE person_merges (
  id INTEGER PRIMARY KEY,
  person_id INTEGER NOT NULL REFERENCES people(id),
  into_id INTEGER NOT NULL REFERENCES people(id),
  moved TEXT NOT NULL,               -- JSON: ids of what was moved, for undoing
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  undone_at TEXT,
  undone_by TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX person_merges_into ON person_merges(into_id);

CREATE INDEX person_merges_person ON person_merges(person_id);

CREATE INDEX occurrences_person ON occurrences(person_id);

CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE, -- in English, or in whatever language the newsroom works in
  name_de TEXT NOT NULL DEFAULT '',  -- what German readers see; '' shows the name
  description TEXT NOT NULL,         -- what it is about, a sentence a line, in any language: claims and statements are compared with each
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE TABLE topic_vectors (         -- of the lines of descriptions and of the examples they are measured against; can be rebuilt at any time
  model_id TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('query', 'passage')),
  text TEXT NOT NULL,
  vector BLOB NOT NULL,              -- float32, little-endian, unit length
  PRIMARY KEY (model_id, role, text)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_states (          -- by which topics and which vector a row was assigned; without one, or with another, it waits
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'statement')),
  object_id INTEGER NOT NULL,
  state TEXT NOT NULL,               -- hash of descriptions and model
  content_hash TEXT NOT NULL,        -- of the row's text
  PRIMARY KEY (kind, object_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE topic_assignments (
  topic_id INTEGER NOT NULL REFERENCES topics(id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('claim', 'statement')),
  object_id INTEGER NOT NULL,
  score REAL NOT NULL,               -- how likely by the description, 0..1; derived
  by_hand TEXT NOT NULL DEFAULT '' CHECK (by_hand IN ('', 'given', 'removed')), -- an editor's word outlasts every new assignment
  PRIMARY KEY (kind, object_id, topic_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX topic_assignments_topic ON topic_assignments(topic_id, kind, object_id) WHERE by_hand <> 'removed';

CREATE TRIGGER claims_topics_gone AFTER DELETE ON claims BEGIN -- a number that is free again must not inherit them
  DELETE FROM topic_assignments WHERE kind = 'claim' AND object_id = old.id;
  DELETE FROM topic_states WHERE kind = 'claim' AND object_id = old.id;
END;

CREATE TRIGGER statements_topics_gone AFTER DELETE ON statements BEGIN
  DELETE FROM topic_assignments WHERE kind = 'statement' AND object_id = old.id;
  DELETE FROM topic_states WHERE kind = 'statement' AND object_id = old.id;
END;

CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,                -- records.EventKind
  claim_id INTEGER,
  statement_id INTEGER,
  person_id INTEGER,
  before TEXT NOT NULL DEFAULT '',
  after TEXT NOT NULL DEFAULT '',
  by TEXT NOT NULL DEFAULT '',
  thing TEXT NOT NULL                -- the same for what must not be told twice: "review 5", "statement 7 is claim 3"
) STRICT;

CREATE INDEX events_claim ON events(claim_id, id);

CREATE INDEX events_kind ON events(kind, at);

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  about TEXT NOT NULL CHECK (about IN ('search', 'claim', 'person', 'topic', 'promise status', 'rating')),
  object_id INTEGER,                 -- of the claim, person or topic; of a promise status: the person whose promises are meant, NULL for all
  query TEXT NOT NULL DEFAULT '',    -- of a search: its address's query string; of a promise status or rating: its name, '' for any
  in_app INTEGER NOT NULL DEFAULT 1,
  by_mail INTEGER NOT NULL DEFAULT 0,
  webhook_id INTEGER REFERENCES webhooks(id) ON DELETE SET NULL,
  pace TEXT NOT NULL DEFAULT 'at once' CHECK (pace IN ('at once', 'daily', 'weekly')),
  feed_hash TEXT UNIQUE,             -- sha256 of the token in its feed's address
  after_event INTEGER NOT NULL DEFAULT 0, -- events up to this one have been looked at
  language TEXT NOT NULL DEFAULT '', -- of the page it was made on, for mails and feeds of users who leave the choice to their browser
  created_at TEXT NOT NULL
) STRICT;

CREATE INDEX alerts_user ON alerts(user_id);

CREATE INDEX alerts_place ON alerts(after_event);

CREATE TABLE notice_wishes (         -- how somebody hears of a new rating of claims they linked or exported, beside the page
  user_id INTEGER PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  by_mail INTEGER NOT NULL DEFAULT 0,
  pace TEXT NOT NULL DEFAULT 'at once' CHECK (pace IN ('at once', 'daily', 'weekly'))
) STRICT;

CREATE TABLE bookmarks (             -- events up to this one have been read by what reads all of them
  name TEXT PRIMARY KEY,
  after_event INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  alert_id INTEGER REFERENCES alerts(id) ON DELETE SET NULL, -- NULL: because the user linked or exported the claim
  event_id INTEGER NOT NULL REFERENCES events(id),
  thing TEXT NOT NULL,
  because TEXT NOT NULL,             -- "follows", "linked", "exported"
  in_app INTEGER NOT NULL DEFAULT 1, -- 0: wanted in a feed, by mail or webhook only
  at TEXT NOT NULL,
  read_at TEXT,
  UNIQUE (user_id, thing)
) STRICT;

CREATE INDEX notices_unread ON notices(user_id, id) WHERE read_at IS NULL AND in_app = 1;

CREATE INDEX notices_user ON notices(user_id, id) WHERE in_app = 1;

CREATE INDEX notices_alert ON notices(alert_id);

CREATE TABLE notice_alerts (         -- every alert that a notice came by: each has its feed
  alert_id INTEGER NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
  notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
  PRIMARY KEY (alert_id, notice_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notice_alerts_notice ON notice_alerts(notice_id);

CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  salt TEXT NOT NULL,                -- its signing key is made from this and the installation's secret, which is not in the database
  created_at TEXT NOT NULL,
  disabled_at TEXT
) STRICT;

CREATE INDEX webhooks_user ON webhooks(user_id);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
  user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
  webhook_id INTEGER REFERENCES webhooks(id) ON DELETE CASCADE,
  key TEXT NOT NULL UNIQUE,          -- names what is sent to whom: the same is never queued twice
  content TEXT NOT NULL,             -- JSON: what is sent
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
  tries INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',   -- of the last try: status or error
  created_at TEXT NOT NULL,
  sent_at TEXT
) STRICT;

CREATE INDEX deliveries_waiting ON deliveries(next_at) WHERE state = 'waiting';

CREATE INDEX deliveries_webhook ON deliveries(webhook_id, id);

CREATE INDEX deliveries_user ON deliveries(user_id, channel, id);

CREATE TABLE dispatches (            -- one row for each notice and each way it goes out: by the same way it never goes twice
  notice_id INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
  channel TEXT NOT NULL CHECK (channel IN ('mail', 'webhook')),
  webhook_id INTEGER NOT NULL DEFAULT 0, -- 0 for mail
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  due_at TEXT NOT NULL,              -- '' at once
  delivery_id INTEGER REFERENCES deliveries(id) ON DELETE CASCADE, -- NULL until it is packed
  PRIMARY KEY (notice_id, channel, webhook_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dispatches_due ON dispatches(due_at) WHERE delivery_id IS NULL;

CREATE INDEX dispatches_delivery ON dispatches(delivery_id);

CREATE TABLE exported_claims (       -- who took which claim out of the house, to tell them when its rating changes
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  claim_id INTEGER NOT NULL REFERENCES claims(id) ON DELETE CASCADE,
  at TEXT NOT NULL,
  PRIMARY KEY (claim_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL DEFAULT '',  -- JSON
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done', 'failed')),
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,
  result TEXT NOT NULL DEFAULT '',   -- JSON
  error TEXT NOT NULL DEFAULT '',
  by TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT
) STRICT;

CREATE INDEX jobs_open ON jobs(id) WHERE state IN ('waiting', 'working');

CREATE INDEX decisions_batch ON decisions(batch) WHERE batch <> '';

CREATE INDEX statements_assigned ON statements(assigned_to, urgency DESC, id) WHERE is_open = 1 AND assigned_to IS NOT NULL;

CREATE TABLE postponed (
  statement_id INTEGER NOT NULL REFERENCES statements(id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  until TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (user_id, statement_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE desk_acts (             -- what each did at the queue, in order, so that undo takes back the last thing whatever it was
  id INTEGER PRIMARY KEY,
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  act TEXT NOT NULL CHECK (act IN ('decided', 'later', 'assigned', 'confirmed')),
  content TEXT NOT NULL,             -- JSON: what undoing has to put back
  at TEXT NOT NULL,
  undone_at TEXT
) STRICT;

CREATE INDEX desk_acts_user ON desk_acts(user_id, id);

CREATE INDEX statements_unmatched ON statements(id) WHERE matched_seq < 0 AND is_gone = 0;

CREATE INDEX candidates_claim ON candidates(claim_id);

CREATE INDEX articles_source ON articles(source);

CREATE INDEX statements_said ON statements(said_at);

CREATE INDEX statements_worth ON statements(check_worthy DESC, id) WHERE is_gone = 0;

CREATE TABLE drafts (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  title TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  published_at TEXT,                 -- the day its statements are dated from
  is_shared INTEGER NOT NULL DEFAULT 0, -- seen by everybody who may have drafts; else by its owner only
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

CREATE INDEX drafts_user ON drafts(user_id, id);

CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  user_name TEXT NOT NULL,
  object_type TEXT NOT NULL CHECK (object_type IN ('claim', 'statement', 'person', 'article', 'draft')),
  object_id INTEGER NOT NULL,
  text TEXT NOT NULL,
  is_shared INTEGER NOT NULL DEFAULT 0,
  at TEXT NOT NULL,
  changed_at TEXT
) STRICT;

CREATE INDEX notes_object ON notes(object_type, object_id);

CREATE TABLE invitations (
  id INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL CHECK (role IN ('reader', 'journalist', 'editor', 'administrator')),
  by TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT,
  used_by INTEGER REFERENCES users(id) ON DELETE SET NULL,
  revoked_at TEXT
) STRICT;

CREATE TABLE api_tokens (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,              -- JSON list
  created_at TEXT NOT NULL,
  expires_at TEXT,
  used_at TEXT,
  revoked_at TEXT
) STRICT;

CREATE INDEX api_tokens_user ON api_tokens(user_id);

CREATE INDEX audit_at ON audit(at);

CREATE INDEX audit_user ON audit(user_name, id);

CREATE INDEX audit_action ON audit(action, id);

CREATE INDEX audit_type ON audit(object_type, id);

CREATE TABLE card_changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  object_id INTEGER NOT NULL,
  UNIQUE (kind, object_id)
) STRICT;

CREATE TRIGGER claims_card_new AFTER INSERT ON claims BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.id);
END;

CREATE TRIGGER claims_card_changed AFTER UPDATE OF text, title, body, language, speaker, person_id, first_said_at, is_promise, promise_status, rating, occurrence_count, merged_into ON claims BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.id);
END;

CREATE TRIGGER claims_card_gone AFTER DELETE ON claims BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.id);
END;

CREATE TRIGGER statements_card_new AFTER INSERT ON statements BEGIN
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = new.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.id);
END;

CREATE TRIGGER statements_card_changed AFTER UPDATE OF text, article_id, kind, speaker, person_id, said_at, check_worthy, nature, is_promise, is_gone ON statements BEGIN
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = new.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.id);
END;

CREATE TRIGGER statements_card_gone AFTER DELETE ON statements BEGIN
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = old.id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', old.id);
END;

CREATE TRIGGER reviews_card_new AFTER INSERT ON reviews BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
END;

CREATE TRIGGER reviews_card_changed AFTER UPDATE OF claim_id, publisher, published_at ON reviews BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.claim_id);
END;

CREATE TRIGGER reviews_card_gone AFTER DELETE ON reviews BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.claim_id);
END;

CREATE TRIGGER occurrences_card_new AFTER INSERT ON occurrences BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
END;

CREATE TRIGGER occurrences_card_changed AFTER UPDATE OF claim_id, source, said_at ON occurrences BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.claim_id);
END;

CREATE TRIGGER occurrences_card_gone AFTER DELETE ON occurrences BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.claim_id);
END;

CREATE TRIGGER decisions_card_new AFTER INSERT ON decisions WHEN new.relation = 'same' AND new.claim_id IS NOT NULL BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = new.statement_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.statement_id);
END;

CREATE TRIGGER decisions_card_changed AFTER UPDATE OF claim_id, relation, undone_at ON decisions WHEN old.claim_id IS NOT NULL BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = old.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', old.claim_id);
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = new.statement_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.statement_id);
END;

CREATE TRIGGER decisions_card_moved AFTER UPDATE OF claim_id ON decisions WHEN new.claim_id IS NOT NULL BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id = new.claim_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('claim', new.claim_id);
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id = new.statement_id;
  INSERT INTO card_changes (kind, object_id) VALUES ('statement', new.statement_id);
END;

CREATE TRIGGER topics_card_new AFTER INSERT ON topic_assignments BEGIN
  DELETE FROM card_changes WHERE kind = new.kind AND object_id = new.object_id;
  INSERT INTO card_changes (kind, object_id) VALUES (new.kind, new.object_id);
END;

CREATE TRIGGER topics_card_changed AFTER UPDATE ON topic_assignments BEGIN
  DELETE FROM card_changes WHERE kind = new.kind AND object_id = new.object_id;
  INSERT INTO card_changes (kind, object_id) VALUES (new.kind, new.object_id);
END;

CREATE TRIGGER topics_card_gone AFTER DELETE ON topic_assignments BEGIN
  DELETE FROM card_changes WHERE kind = old.kind AND object_id = old.object_id;
  INSERT INTO card_changes (kind, object_id) VALUES (old.kind, old.object_id);
END;

CREATE TRIGGER articles_card_changed AFTER UPDATE OF source, language, published_at ON articles BEGIN
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id IN (SELECT id FROM statements WHERE article_id = new.id);
  INSERT INTO card_changes (kind, object_id) SELECT 'statement', id FROM statements WHERE article_id = new.id;
END;

CREATE TRIGGER people_card_changed AFTER UPDATE OF name, merged_into ON people BEGIN
  DELETE FROM card_changes WHERE kind = 'claim' AND object_id IN (SELECT id FROM claims WHERE person_id = new.id);
  INSERT INTO card_changes (kind, object_id) SELECT 'claim', id FROM claims WHERE person_id = new.id;
  DELETE FROM card_changes WHERE kind = 'statement' AND object_id IN (SELECT id FROM statements WHERE person_id = new.id);
  INSERT INTO card_changes (kind, object_id) SELECT 'statement', id FROM statements WHERE person_id = new.id;
END;

CREATE TABLE keyed_requests (
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  asked TEXT NOT NULL,               -- sha256 of method, address and body
  status INTEGER,                    -- NULL while it is under way
  answer TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL,
  PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX keyed_requests_at ON keyed_requests(at);

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  url TEXT NOT NULL UNIQUE,                -- of the feed or sitemap
  language TEXT NOT NULL DEFAULT '',       -- of all its texts; '' lets each text tell
  licence TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
  minutes INTEGER NOT NULL DEFAULT 30,     -- from one look to the next while all is well
  etag TEXT NOT NULL DEFAULT '',
  modified TEXT NOT NULL DEFAULT '',
  looked_at TEXT,                          -- the last time the feed answered
  next_at TEXT NOT NULL DEFAULT '',        -- the next look; '' at once. While somebody looks: when another may
  failures INTEGER NOT NULL DEFAULT 0,     -- in a row
  problem TEXT NOT NULL DEFAULT '',        -- JSON: message, key and values of the last failure; '' when all is well
  added_by TEXT NOT NULL DEFAULT '',
  added_at TEXT NOT NULL
) STRICT;

CREATE TABLE feed_items (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  guid TEXT NOT NULL,
  content_hash TEXT NOT NULL,              -- of what the feed says; another one is a changed item
  link TEXT NOT NULL DEFAULT '',
  site TEXT NOT NULL DEFAULT '',           -- of the link; what it asks for is in sites
  title TEXT NOT NULL DEFAULT '',
  author TEXT NOT NULL DEFAULT '',
  published_at TEXT,
  html TEXT NOT NULL DEFAULT '',           -- the whole text, where the feed carries it; emptied when the item is done
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'failed', 'skipped')),
  tries INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL DEFAULT '',        -- of a waiting one: the next try; '' at once
  article_id INTEGER REFERENCES articles(id),
  problem TEXT NOT NULL DEFAULT '',
  seen_at TEXT NOT NULL,
  changed_at TEXT,                         -- the last time the feed said something else of it
  UNIQUE (source_id, guid)
) STRICT;

CREATE TABLE sites (                        -- whose pages are read one after another
  name TEXT PRIMARY KEY,
  rest REAL NOT NULL DEFAULT 0,            -- seconds it wants between two pages (Crawl-delay)
  until TEXT NOT NULL DEFAULT ''           -- nothing is fetched from it before
) STRICT;

CREATE INDEX feed_items_waiting ON feed_items(next_at) WHERE state = 'waiting';

CREATE INDEX feed_items_seen ON feed_items(source_id, seen_at);

CREATE TABLE appearances (
  id INTEGER PRIMARY KEY,
  article_id INTEGER NOT NULL REFERENCES articles(id),
  source_id INTEGER REFERENCES sources(id) ON DELETE SET NULL,
  outlet TEXT NOT NULL,
  url TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  published_at TEXT,
  licence TEXT NOT NULL DEFAULT '',
  seen_at TEXT NOT NULL,
  changed_at TEXT,                         -- the page was changed a little after it was read
  earlier_id INTEGER REFERENCES articles(id),  -- what stood at this address before, when the text there became another one
  UNIQUE (article_id, url)
) STRICT;

CREATE INDEX appearances_url ON appearances(url);

CREATE INDEX appearances_source ON appearances(source_id);

CREATE INDEX appearances_earlier ON appearances(earlier_id) WHERE earlier_id IS NOT NULL;

CREATE TABLE text_prints (                 -- some runs of words of each article, by which texts that share passages are found
  print INTEGER NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles(id),
  PRIMARY KEY (print, article_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE printed (up_to INTEGER NOT NULL) STRICT;

CREATE TABLE rating_words (
  key TEXT PRIMARY KEY,              -- ratings.key(words)
  words TEXT NOT NULL,               -- as a publisher wrote them
  rating TEXT NOT NULL,
  by TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX reviews_words ON reviews(rating_text) WHERE added_at = '';

CREATE TABLE uploads (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  content BLOB NOT NULL,
  columns TEXT NOT NULL DEFAULT '{}', -- JSON: column of a table -> field
  user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL,
  job_id INTEGER REFERENCES jobs(id), -- NULL while it is only looked at
  reached INTEGER NOT NULL DEFAULT 0, -- entries imported
  report TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE INDEX uploads_job ON uploads(job_id);

CREATE TABLE recovery_codes (        -- each lets its user in once without the second factor
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  used_at TEXT,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE half_sign_ins (         -- the password was right, the code is still to come
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE reset_wishes (          -- addresses somebody asked a reset link for, known here or not; gone when the worker has looked
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  at TEXT NOT NULL
) STRICT;

CREATE TABLE password_resets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT
) STRICT;

CREATE INDEX password_resets_user ON password_resets(user_id);

CREATE TABLE erasing (
  name TEXT NOT NULL,
  pseudonym TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit
WHEN new.id <> old.id OR new.at <> old.at OR new.action <> old.action OR new.object_type <> old.object_type OR new.object_id <> old.object_id
  OR (
    NOT EXISTS (SELECT 1 FROM erasing WHERE new.user_name = old.user_name OR (old.user_name = erasing.name AND new.user_name = erasing.pseudonym))
    AND NOT (
      old.action IN ('signed in', 'signed out', 'failed to sign in') AND new.user_name = old.user_name
      AND new.before IS NULL AND new.after IS NULL AND EXISTS (SELECT 1 FROM newsroom WHERE name = 'sign_ins_blanked_before' AND old.at < newsroom.value)
    )
  )
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER corrections_fixed BEFORE UPDATE OF id, article_id, statement_id, act, before, after, checked, undoes, user_name, at ON corrections
WHEN NOT EXISTS (SELECT 1 FROM erasing)
BEGIN SELECT RAISE(ABORT, 'corrections are append-only'); END;

CREATE TABLE errata (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  claim_id INTEGER NOT NULL REFERENCES claims(id),
  what TEXT NOT NULL CHECK (what IN ('rating', 'link', 'text')),
  review_id INTEGER,                 -- of a wrong rating
  statement_id INTEGER REFERENCES statements(id), -- of a wrong link
  before TEXT NOT NULL DEFAULT '',   -- what stood there, as readers saw it
  after TEXT NOT NULL DEFAULT '',    -- what stands there now; '' when it is gone
  reason TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '', -- of the reason
  user_id INTEGER REFERENCES users(id) ON DELETE SET NULL,
  user_name TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;

CREATE INDEX errata_claim ON errata(claim_id);

CREATE TRIGGER errata_keep BEFORE DELETE ON errata BEGIN SELECT RAISE(ABORT, 'published corrections are append-only'); END;

CREATE TRIGGER errata_fixed BEFORE UPDATE OF id, claim_id, what, review_id, statement_id, before, after, reason, at ON errata
WHEN NOT EXISTS (SELECT 1 FROM erasing)
BEGIN SELECT RAISE(ABORT, 'published corrections are append-only'); END;

CREATE INDEX claims_promise_counts ON claims(promise_status, merged_into, first_said_at, deadline, person_id, topics) WHERE is_promise = 1;
