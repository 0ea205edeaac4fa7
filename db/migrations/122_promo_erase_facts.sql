-- migrate:up
-- What a click's rules asked about names viewer and device by their hashes, so a viewer who is forgotten is replaced there
-- too: by what follows from their pseudonym and from the hash alone. Equal stays equal, so a replay counts them as the one
-- person that they were; nobody can tell any more which.
--
-- A function is replaced, and no table is touched, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create or replace function promo_erase_viewer(viewer text, hash bytea, chosen_pseudonym text, asked_by text, because text)
returns table (pseudonym text, events bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  stable text;
  changed bigint;
begin
  insert into public.promo_viewer_erasure (viewer_hash, pseudonym, requested_by, reason)
  values (hash, chosen_pseudonym, asked_by, because)
  on conflict (viewer_hash) do update set reason = excluded.reason
  returning promo_viewer_erasure.pseudonym into stable;
  perform set_config('callsheet.erasing', 'on', true);
  with erased as (
    update public.promo_event e
    set user_id = case when e.user_id = viewer then stable else e.user_id end,
      anon_fp_hash = case when e.anon_fp_hash = viewer or e.user_id = viewer then stable else e.anon_fp_hash end
    where e.user_id = viewer or e.anon_fp_hash = viewer
    returning e.event_id, e.campaign_id
  ), forgotten as (
    update public.promo_click_decision d
    set facts = d.facts || coalesce((
      select jsonb_object_agg(f.key, left(encode(sha256(convert_to(stable || f.value, 'UTF8')), 'hex'), 16))
      from jsonb_each_text(d.facts) f where f.key in ('viewer', 'device')), '{}')
    from erased e
    where d.campaign_id = e.campaign_id and d.event_id = e.event_id
    returning 1
  )
  select count(*) from erased into changed;
  perform set_config('callsheet.erasing', '', true);
  update public.promo_viewer_erasure r set events = r.events + changed where r.viewer_hash = hash;
  return query select stable, changed;
end
$$;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
