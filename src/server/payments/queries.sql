-- name: insert_call(call_id, idempotency_key, method, params_hash, params, slice, owner_kind, owner_id, reply_kind, now)^
-- Stores a call; no row where its key is stored already.
insert into payments.stripe_call
  (call_id, idempotency_key, method, params_hash, params, slice, owner_kind, owner_id, reply_kind, key_since,
   created_at, updated_at)
values
  (:call_id, :idempotency_key, :method, :params_hash, :params::jsonb, :slice, :owner_kind, :owner_id, :reply_kind,
   :now, :now, :now)
on conflict (idempotency_key) do nothing
returning *;

-- name: call_of_key(idempotency_key)^
-- The call stored under a key.
select * from payments.stripe_call where idempotency_key = :idempotency_key;

-- name: get_call(call_id)^
-- One call.
select * from payments.stripe_call where call_id = :call_id;

-- name: calls_of_owner(slice, owner_kind, owner_id)
-- Every call made for one thing, the oldest first.
select * from payments.stripe_call
where slice = :slice and owner_kind = :owner_kind and owner_id = :owner_id
order by created_at, call_id;

-- name: settle_call(call_id, status, outcome, error_code, failure, now)^
-- Writes the outcome of a call that has none yet; no row where somebody else was first.
update payments.stripe_call
set status = :status, outcome = :outcome::jsonb, error_code = :error_code, failure = :failure::jsonb,
    attempts = attempts + 1, updated_at = :now
where call_id = :call_id and status in ('pending', 'unknown')
returning *;

-- name: lose_sight_of_call(call_id, error_code, now)^
-- Writes that nobody knows how the latest attempt ended; no row where the call is settled.
update payments.stripe_call
set status = 'unknown', error_code = :error_code, attempts = attempts + 1, updated_at = :now
where call_id = :call_id and status in ('pending', 'unknown')
returning *;

-- name: begin_generation(call_id, generation, now)^
-- Gives a call that did not happen a new key at the processor; no row where the call moved on in between.
update payments.stripe_call
set generation = :generation + 1, key_since = :now, updated_at = :now
where call_id = :call_id and generation = :generation and status in ('pending', 'unknown')
returning *;

-- name: stray_calls(before, limit)
-- Calls that should have been settled by then.
select call_id from payments.stripe_call
where status in ('pending', 'unknown') and updated_at < :before
order by updated_at
limit :limit;

-- name: register_objects(object_ids, slice, owner_kind, owner_id)
-- Says whose these objects of the processor are; the first word stands. Tells which were nobody's before.
insert into payments.object_owner (object_id, slice, owner_kind, owner_id)
select object_id, :slice, :owner_kind, :owner_id from unnest(:object_ids::text[]) as made (object_id)
on conflict (object_id) do nothing
returning object_id;

-- name: owners_of(object_ids)
-- Whose these objects are.
select object_id, slice, owner_kind, owner_id from payments.object_owner where object_id = any(:object_ids::text[]);

-- name: insert_event(event_id, type, api_version, livemode, payload, now)^
-- Puts an event into the inbox; no row where it is there already.
insert into payments.webhook_event (event_id, type, api_version, livemode, payload, received_at)
values (:event_id, :type, :api_version, :livemode, :payload::jsonb, :now)
on conflict (event_id) do nothing
returning event_id;

-- name: get_event(event_id)^
-- One event with what became of it.
select event_id, type, payload, status, attempts, reason, received_at, handled_at
from payments.webhook_event
where event_id = :event_id;

-- name: mark_event(event_id, status, reason, handled_at)^
-- Writes what one look at an event led to; no row where it was done with before.
update payments.webhook_event
set status = :status, reason = :reason, handled_at = :handled_at, attempts = attempts + 1
where event_id = :event_id and status in ('received', 'parked')
returning attempts;

-- name: parked_events_about(object_ids)
-- Events that wait for the owner of one of these objects.
select event_id from payments.webhook_event
where status = 'parked'
  and (payload #>> '{data,object,id}' = any(:object_ids::text[])
    or payload #>> '{data,object,payment_intent}' = any(:object_ids::text[])
    or payload #>> '{data,object,charge}' = any(:object_ids::text[])
    or payload #>> '{data,object,transfer}' = any(:object_ids::text[]));

-- name: get_payer(user_id)^
-- A user as the processor's customer.
select user_id, stripe_customer_id, default_payment_method_id from payments.customer where user_id = :user_id;

-- name: payer_of_customer(stripe_customer_id)^
-- The user behind a customer.
select user_id, stripe_customer_id, default_payment_method_id
from payments.customer
where stripe_customer_id = :stripe_customer_id;

-- name: insert_payer(user_id, stripe_customer_id, now)!
-- Keeps a new customer; the first one of a user stands.
insert into payments.customer (user_id, stripe_customer_id, created_at, updated_at)
values (:user_id, :stripe_customer_id, :now, :now)
on conflict (user_id) do nothing;

-- name: set_default_card(user_id, payment_method_id, now)!
-- Names the card that is charged where nobody chose one.
update payments.customer
set default_payment_method_id = :payment_method_id, updated_at = :now
where user_id = :user_id;

-- name: upsert_card(payment_method_id, user_id, brand, last4, exp_month, exp_year, fingerprint_hash, now)!
-- Keeps what a person recognises a card by.
insert into payments.payment_method
  (payment_method_id, user_id, brand, last4, exp_month, exp_year, fingerprint_hash, created_at)
values (:payment_method_id, :user_id, :brand, :last4, :exp_month, :exp_year, :fingerprint_hash, :now)
on conflict (payment_method_id) do update
  set brand = excluded.brand, last4 = excluded.last4, exp_month = excluded.exp_month, exp_year = excluded.exp_year;

-- name: detach_other_cards(user_id, kept, now)!
-- Marks the cards of a user that the processor does not hold any more.
update payments.payment_method
set detached_at = :now
where user_id = :user_id and detached_at is null and payment_method_id <> all(:kept::text[]);

-- name: detach_card(user_id, payment_method_id, now)^
-- Marks one card as given up; no row where it is not a card of that user, or was given up before.
update payments.payment_method
set detached_at = :now
where user_id = :user_id and payment_method_id = :payment_method_id and detached_at is null
returning payment_method_id;

-- name: cards_of(user_id)
-- The cards that can be charged, the newest first.
select payment_method_id, user_id, brand, last4, exp_month, exp_year, detached_at
from payments.payment_method
where user_id = :user_id and detached_at is null
order by created_at desc, payment_method_id desc;

-- name: events_about_owner(owner_id)
-- Events about the objects of one thing, the oldest first.
select e.event_id, e.type, e.status, e.reason, e.received_at, e.handled_at
from payments.object_owner o
join payments.webhook_event e
  on o.object_id in (e.payload #>> '{data,object,id}', e.payload #>> '{data,object,payment_intent}',
                     e.payload #>> '{data,object,charge}')
where o.owner_id = :owner_id
group by e.event_id
order by e.received_at, e.event_id;

-- name: calls_about_owner(owner_id)
-- Calls made for one thing, of whatever kind it is, the oldest first.
select call_id, method, status, error_code, attempts, created_at, updated_at
from payments.stripe_call
where owner_id = :owner_id
order by created_at, call_id;

-- name: fingerprint_of(payment_method_id)$
-- What a card's number hashes to; kept when the card is given up, gone when its holder is erased.
select fingerprint_hash from payments.payment_method where payment_method_id = :payment_method_id;
