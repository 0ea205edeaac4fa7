-- name: add_strike(provider_user_id, now)$
-- Counts one more cancellation of a provider's own; how many there are now.
update booking.provider_profile
set strikes = strikes + 1, updated_at = :now
where provider_user_id = :provider_user_id
returning strikes;
