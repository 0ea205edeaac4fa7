-- migrate:up
-- The publisher asks for what all servers have shown of a campaign; servers ask for what was shown of late.
--
-- The table holds what was shown within minutes, so the index is made at once:
-- squawk-ignore-file require-concurrent-index-creation, require-lock-timeout, require-statement-timeout

create index promo_open_exposure_of_campaign on promo_open_exposure (campaign_id);

-- migrate:down
-- Migrations go forward only: what is wrong is corrected by the next one.
do $$ begin raise exception 'migrations go forward only'; end $$;
