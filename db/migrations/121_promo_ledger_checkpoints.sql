-- migrate:up
-- Where every chain of an advertiser's campaigns stood at a day's beginning. A ledger that was written anew from its
-- beginning is whole in itself; it is not what stands here, nor in a copy that somebody else keeps.
--
-- The table is new, so no lock is held for long:
-- squawk-ignore-file require-lock-timeout, require-statement-timeout

create table promo_ledger_checkpoint (
  advertiser_id text collate "C" not null references promo_advertiser (advertiser_id),
  day date not null,
  heads jsonb not null, -- campaign, chain, sequence, sums of both kinds, hash
  digest bytea not null, -- of the sorted heads
  made_at timestamptz not null,
  primary key (advertiser_id, day)
);
create trigger promo_ledger_checkpoint_append_only before update or delete or truncate on promo_ledger_checkpoint
  for each statement execute function core.refuse_change();

grant select, insert on promo_ledger_checkpoint to callsheet_app;

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
