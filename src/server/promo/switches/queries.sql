-- name: get_switchboard()^
-- What is switched off.
select version, everything, rules, campaigns from promo_switchboard;

-- name: lock_switchboard()^
-- What is switched off, which nobody else changes until the transaction ends.
select version, everything, rules, campaigns from promo_switchboard for no key update;

-- name: save_switchboard(version, everything, rules, campaigns)!
-- What is switched off from now on.
update promo_switchboard
set version = :version, everything = :everything, rules = :rules, campaigns = :campaigns;

-- name: insert_switch_event(version, scope, subject, stopped, reason, actor_user_id, correlation_id, now)!
-- Who switched what, for good.
insert into promo_switch_event
  (version, scope, subject, stopped, reason, actor_user_id, correlation_id, created_at)
values (:version, :scope, :subject, :stopped, :reason, :actor_user_id, :correlation_id, :now);
