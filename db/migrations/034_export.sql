-- migrate:up
-- What is stored about a person, read through the same register by which they are erased: a column that is erased is a
-- column that is exported, and there is no second list to forget one in.
--
-- No table has rows yet, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create function directory.export_user(person text)
returns table (relation text, content jsonb)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target directory.personal_column;
  hidden text[];
begin
  for target in
    select distinct on (p.relation) p.* from directory.personal_column p
    where p.treatment in ('replace', 'follows') order by p.relation, p.treatment desc, p.column_name
  loop
    -- Keyed hashes and ciphertexts say nothing to a person, and are bytes.
    select coalesce(array_agg(a.attname::text), '{}') into hidden
    from pg_attribute a where a.attrelid = target.relation::regclass and a.atttypid = 'bytea'::regtype;
    relation := target.relation;
    for content in execute format(
      'select to_jsonb(t) - $2 from %s t where %s',
      target.relation::regclass,
      (select string_agg(format('t.%I = $1', q.column_name), ' or ')
       from directory.personal_column q
       where q.relation = target.relation and q.treatment in ('replace', 'follows')))
      using person, hidden
    loop
      return next;
    end loop;
  end loop;
end
$$;
revoke execute on function directory.export_user(text) from public;
grant execute on function directory.export_user(text) to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
