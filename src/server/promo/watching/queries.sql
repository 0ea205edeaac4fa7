-- name: pace_of(campaign_id, budget_day)^
-- How a campaign's day is planned and paced; no row before the day's first step.
select planned_cents, pass_through from promo_pacing where campaign_id = :campaign_id and budget_day = :budget_day;

-- name: newest_place(log_partition)^
-- Where the stream has got to in a partition.
select last_offset from stream_partition where log = 'clicks' and partition = :log_partition;

-- name: spend_length(campaign_id)^
-- How many entries the stream has written for a campaign; no row before the first.
select sequence from promo_spend_head where campaign_id = :campaign_id;
