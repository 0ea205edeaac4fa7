-- name: erase_viewer(viewer, hash, pseudonym, requested_by, reason)^
-- Puts a pseudonym in a viewer's place, in every event that is kept; the one they have already where they have one.
select pseudonym, events from promo_erase_viewer(:viewer, :hash, :pseudonym, :requested_by, :reason);

-- name: ensure_partitions(first_day, last_day)$
-- Makes the partitions of these days that are missing; how many.
select promo_event_ensure_partitions(:first_day, :last_day);

-- name: drop_partition(keep_from)$
-- Lets go of the oldest day before the given one; null where there is none.
select promo_event_drop_partition(:keep_from);
