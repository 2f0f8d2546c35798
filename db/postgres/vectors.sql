-- The vectors of a large kind once more, as the extension "vector" compares them: a table for each kind and model, kept up with "vectors" in
-- the same transaction. All of it can be made anew at any time. {x} is the schema the extension lies in.

CREATE TABLE IF NOT EXISTS near_tables (
  name text PRIMARY KEY,
  kind text NOT NULL,
  model_id text NOT NULL,
  dimensions integer NOT NULL,
  reached bigint NOT NULL DEFAULT 0,      -- vectors up to this number are in it; of later ones those that came since it is there
  is_ready boolean NOT NULL DEFAULT false, -- it holds everything and has its index
  UNIQUE (kind, model_id)
);

-- float16, little-endian, as a vector; {steps} holds what one step of the last ten bits is worth, by sign and exponent.
CREATE OR REPLACE FUNCTION near_of(vector bytea) RETURNS {x}.halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ARRAY(
    SELECT ('{steps}'::real[])[(get_byte(vector, i + 1) >> 2) + 1]
      * (((get_byte(vector, i + 1) & 3) << 8) + get_byte(vector, i) + CASE WHEN get_byte(vector, i + 1) & 124 = 0 THEN 0 ELSE 1024 END)::real
    FROM generate_series(0, length(vector) - 2, 2) AS i
  )::{x}.halfvec
$$;

-- What is put into or taken out of "vectors" is so in these tables too.
CREATE OR REPLACE FUNCTION vectors_near() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  t record;
BEGIN
  IF to_regprocedure('near_of(bytea)') IS NULL THEN  -- the extension was taken away, and with it what the tables held
    DELETE FROM near_tables;
  END IF;
  FOR t IN SELECT * FROM near_tables LOOP
    IF TG_OP = 'TRUNCATE' THEN
      EXECUTE format('TRUNCATE %I', t.name);
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
      EXECUTE format('DELETE FROM %I n USING gone g WHERE g.kind = %L AND g.model_id = %L AND n.object_id = g.object_id', t.name, t.kind, t.model_id);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
      EXECUTE format(
        'INSERT INTO %I SELECT object_id, seq, near_of(vector) FROM fresh WHERE kind = %L AND model_id = %L '
        'ON CONFLICT (object_id) DO UPDATE SET seq = excluded.seq, near = excluded.near', t.name, t.kind, t.model_id);
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER vectors_near_put AFTER INSERT ON vectors REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION vectors_near();
CREATE OR REPLACE TRIGGER vectors_near_changed AFTER UPDATE ON vectors REFERENCING OLD TABLE AS gone NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION vectors_near();
CREATE OR REPLACE TRIGGER vectors_near_gone AFTER DELETE ON vectors REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION vectors_near();
CREATE OR REPLACE TRIGGER vectors_near_emptied AFTER TRUNCATE ON vectors FOR EACH STATEMENT EXECUTE FUNCTION vectors_near();
