-- What SQLite's SQL knows and PostgreSQL's does not, so that one text of a statement serves both.

CREATE FUNCTION min(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN CASE WHEN a < b THEN a ELSE b END;
CREATE FUNCTION max(a bigint, b bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN CASE WHEN a > b THEN a ELSE b END;
CREATE FUNCTION min(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN CASE WHEN a COLLATE "C" < b COLLATE "C" THEN a ELSE b END;
CREATE FUNCTION max(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN CASE WHEN a COLLATE "C" > b COLLATE "C" THEN a ELSE b END;
CREATE FUNCTION instr(a text, b text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN strpos(a, b);
CREATE FUNCTION json_extract(a text, path text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN (a::json ->> substr(path, 3));
CREATE FUNCTION json_remove(a text, one text, two text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ((a::jsonb - substr(one, 3)) - substr(two, 3))::text;
CREATE FUNCTION each_number(a text) RETURNS bigint[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN translate(a, '[]', '{}')::bigint[];
CREATE FUNCTION each_text(a text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN ARRAY(SELECT * FROM json_array_elements_text(a::json));
CREATE FUNCTION each_value(a text) RETURNS TABLE (value text) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  BEGIN ATOMIC SELECT * FROM json_array_elements_text(a::json); END;
CREATE FUNCTION julianday(a text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN extract(julian FROM (a::timestamptz AT TIME ZONE 'UTC')) - 0.5;  -- every session's time zone is UTC
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;
CREATE FUNCTION julianday(a text, later text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN julianday(a) + extract(epoch FROM later::interval) / 86400;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;
CREATE FUNCTION one_more(n bigint, holds boolean) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN holds IS NULL THEN n ELSE coalesce(n, 0) + holds::int END;
CREATE AGGREGATE sum(boolean) (sfunc = one_more, stype = bigint, parallel = safe);
CREATE FUNCTION json_array_length(a text, path text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE json_typeof(a::json -> substr(path, 3)) WHEN 'array' THEN json_array_length(a::json -> substr(path, 3)) WHEN NULL THEN NULL ELSE 0 END;
CREATE FUNCTION one_longer(text, text, text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || $3 || $2 END;
CREATE FUNCTION one_longer(text, bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN one_longer($1, $2::text, ',');
CREATE AGGREGATE group_concat(text, text) (sfunc = one_longer, stype = text);
CREATE AGGREGATE group_concat(bigint) (sfunc = one_longer, stype = text);
