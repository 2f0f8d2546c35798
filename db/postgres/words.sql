-- The word indexes, in place of FTS5's. ``words`` holds stems with a weight for each column: A, B, C in their order.
CREATE TABLE claims_words (id bigint PRIMARY KEY, words tsvector NOT NULL, length integer NOT NULL);
CREATE INDEX claims_words_words ON claims_words USING gin (words);
CREATE TABLE claims_trigrams (id bigint PRIMARY KEY, text text COLLATE "C" NOT NULL);
CREATE INDEX claims_trigrams_text ON claims_trigrams USING gin (text public.gin_trgm_ops);
CREATE TABLE statements_words (id bigint PRIMARY KEY, words tsvector NOT NULL, length integer NOT NULL);
CREATE INDEX statements_words_words ON statements_words USING gin (words);
CREATE TABLE statements_trigrams (id bigint PRIMARY KEY, text text COLLATE "C" NOT NULL);
CREATE INDEX statements_trigrams_text ON statements_trigrams USING gin (text public.gin_trgm_ops);
-- How many rows each holds and how long they are together: what a rank goes by.
CREATE TABLE word_totals (name text PRIMARY KEY, rows bigint NOT NULL, length bigint NOT NULL);
INSERT INTO word_totals VALUES ('claims_words', 0, 0), ('claims_trigrams', 0, 0), ('statements_words', 0, 0), ('statements_trigrams', 0, 0);
