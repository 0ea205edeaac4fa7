-- name: offers(service_profile_ids, package_ids, codes, now)
-- For each pair of profile and package that is asked for, in their order: the profile with the package, the rates that
-- any of them asks for, the fee policy in force in its city, and its owner's terms.
select asked.place, s.service_profile_id, s.provider_user_id, s.title, s.city, s.hourly_cents, s.currency, s.active,
       s.created_at, s.updated_at,
       k.package_id, k.title as package_title, k.price_cents as package_cents,
       k.duration_minutes as package_minutes, k.license_tier as package_license,
       (select json_agg(json_build_array(r.kind, r.code, r.title, r.unit_cents))
        from booking.rate r
        where r.service_profile_id = s.service_profile_id and r.active and r.code = any(:codes::text[]))::text as rates,
       f.fee_policy_id, f.fee_bips, f.fee_min_cents, f.fee_max_cents, f.tax_bips, f.credit_shrinks_tax,
       f.commission_bips,
       coalesce(f.cancellation_policy, p.cancellation_policy, 'standard') as cancellation_policy,
       coalesce(p.travel_buffer_minutes, 0) as travel_buffer_minutes
from unnest(:service_profile_ids::text[], :package_ids::text[]) with ordinality
  as asked (service_profile_id, package_id, place)
join booking.service_profile s on s.service_profile_id = asked.service_profile_id and s.active
left join booking.provider_profile p on p.provider_user_id = s.provider_user_id
left join booking.package k
  on k.package_id = asked.package_id and k.service_profile_id = s.service_profile_id and k.active
join lateral (
  select * from booking.fee_policy f
  where (f.city = s.city or f.city is null) and f.currency = s.currency and f.effective_from <= :now
  order by f.city nulls last, f.effective_from desc
  limit 1
) f on true
order by asked.place;

-- name: insert_order(order_id, buyer_user_id, provider_user_id, service_profile_id, mode, status, city, start_ts, end_ts, time_zone, location_kind, location_address, package_id, travel_miles, license_tier, subtotal_cents, platform_fee_cents, tax_cents, tip_cents, credit_cents, total_cents, currency, quote_hash, fee_policy_id, fee_bips, fee_min_cents, fee_max_cents, tax_bips, credit_shrinks_tax, commission_bips, cancellation_policy, full_refund_until, half_refund_until, busy_from, busy_to, version, lbg_id, invite_id, shown_at, now)*!
-- Stores new orders.
insert into booking.order
  (order_id, buyer_user_id, provider_user_id, service_profile_id, mode, status, city, start_ts, end_ts, time_zone,
   location_kind, location_address, package_id, travel_miles, license_tier, subtotal_cents, platform_fee_cents,
   tax_cents, tip_cents, credit_cents, total_cents, currency, quote_hash, fee_policy_id, fee_bips, fee_min_cents,
   fee_max_cents, tax_bips, credit_shrinks_tax, commission_bips, cancellation_policy, full_refund_until,
   half_refund_until, busy_from, busy_to, version, lbg_id, invite_id, shown_at, created_at, updated_at)
values
  (:order_id, :buyer_user_id, :provider_user_id, :service_profile_id, :mode::booking.booking_mode,
   :status::booking.booking_status, :city, :start_ts, :end_ts, :time_zone, :location_kind, :location_address,
   :package_id, :travel_miles, :license_tier, :subtotal_cents, :platform_fee_cents, :tax_cents, :tip_cents,
   :credit_cents, :total_cents, :currency, :quote_hash, :fee_policy_id, :fee_bips, :fee_min_cents, :fee_max_cents,
   :tax_bips, :credit_shrinks_tax, :commission_bips, :cancellation_policy, :full_refund_until, :half_refund_until,
   :busy_from, :busy_to, :version, :lbg_id, :invite_id, :shown_at, :now, :now);

-- name: insert_line_item(id, order_id, position, kind, title, qty, unit_cents, total_cents)*!
-- Stores the lines of a price.
insert into booking.line_item (id, order_id, position, kind, title, qty, unit_cents, total_cents)
values (:id, :order_id, :position, :kind, :title, :qty, :unit_cents, :total_cents);

-- name: get_order(order_id)^
-- One order with its lines, in one indexed read.
select o.order_id, o.buyer_user_id, o.provider_user_id, o.service_profile_id, o.mode, o.status, o.city, o.start_ts,
       o.end_ts, o.time_zone, o.location_kind, o.location_address, o.package_id, o.travel_miles, o.license_tier,
       o.subtotal_cents, o.platform_fee_cents, o.tax_cents, o.tip_cents, o.credit_cents, o.total_cents, o.currency,
       o.quote_hash, o.fee_policy_id, o.fee_bips, o.fee_min_cents, o.fee_max_cents, o.tax_bips, o.credit_shrinks_tax,
       o.commission_bips, o.cancellation_policy, o.full_refund_until, o.half_refund_until, o.busy_from, o.busy_to,
       o.version, o.created_at, o.updated_at, o.lbg_id, o.invite_id, o.shown_at, o.holds_slot,
       o.status_before_dispute, o.change_rounds, o.closed_reason, o.pay_by, o.accepted_at, o.confirmed_at, o.grace_until,
       o.checked_in_at, o.delivered_at, o.review_until, o.completed_at, o.chat_thread_id, o.stripe_payment_intent_id,
       (select json_agg(json_build_array(l.kind, l.title, l.qty::text, l.unit_cents, l.total_cents) order by l.position)
        from booking.line_item l where l.order_id = o.order_id)::text as line_items
from booking.order o
where o.order_id = :order_id;

-- name: lock_order(order_id)^
-- The same, holding the order's row until the transaction ends. Locks: order.
select o.order_id, o.buyer_user_id, o.provider_user_id, o.service_profile_id, o.mode, o.status, o.city, o.start_ts,
       o.end_ts, o.time_zone, o.location_kind, o.location_address, o.package_id, o.travel_miles, o.license_tier,
       o.subtotal_cents, o.platform_fee_cents, o.tax_cents, o.tip_cents, o.credit_cents, o.total_cents, o.currency,
       o.quote_hash, o.fee_policy_id, o.fee_bips, o.fee_min_cents, o.fee_max_cents, o.tax_bips, o.credit_shrinks_tax,
       o.commission_bips, o.cancellation_policy, o.full_refund_until, o.half_refund_until, o.busy_from, o.busy_to,
       o.version, o.created_at, o.updated_at, o.lbg_id, o.invite_id, o.shown_at, o.holds_slot,
       o.status_before_dispute, o.change_rounds, o.closed_reason, o.pay_by, o.accepted_at, o.confirmed_at, o.grace_until,
       o.checked_in_at, o.delivered_at, o.review_until, o.completed_at, o.chat_thread_id, o.stripe_payment_intent_id,
       (select json_agg(json_build_array(l.kind, l.title, l.qty::text, l.unit_cents, l.total_cents) order by l.position)
        from booking.line_item l where l.order_id = o.order_id)::text as line_items
from booking.order o
where o.order_id = :order_id
for no key update of o;

-- name: list_orders_of_buyer(user_id, statuses, before, limit)
-- A buyer's orders, newest first: ids sort by time.
select o.order_id, o.buyer_user_id, o.provider_user_id, o.service_profile_id, o.mode, o.status, o.city, o.start_ts,
       o.end_ts, o.time_zone, o.location_kind, o.location_address, o.package_id, o.travel_miles, o.license_tier,
       o.subtotal_cents, o.platform_fee_cents, o.tax_cents, o.tip_cents, o.credit_cents, o.total_cents, o.currency,
       o.quote_hash, o.fee_policy_id, o.fee_bips, o.fee_min_cents, o.fee_max_cents, o.tax_bips, o.credit_shrinks_tax,
       o.commission_bips, o.cancellation_policy, o.full_refund_until, o.half_refund_until, o.busy_from, o.busy_to,
       o.version, o.created_at, o.updated_at, o.lbg_id, o.invite_id, o.shown_at, o.holds_slot,
       o.status_before_dispute, o.change_rounds, o.closed_reason, o.pay_by, o.accepted_at, o.confirmed_at, o.grace_until,
       o.checked_in_at, o.delivered_at, o.review_until, o.completed_at, o.chat_thread_id, o.stripe_payment_intent_id,
       (select json_agg(json_build_array(l.kind, l.title, l.qty::text, l.unit_cents, l.total_cents) order by l.position)
        from booking.line_item l where l.order_id = o.order_id)::text as line_items
from booking.order o
where o.buyer_user_id = :user_id
  and (:before::text is null or o.order_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or o.status::text = any(:statuses::text[]))
order by o.order_id desc
limit :limit;

-- name: list_orders_of_provider(user_id, statuses, before, limit)
-- A provider's orders, as far as they see them, newest first.
select o.order_id, o.buyer_user_id, o.provider_user_id, o.service_profile_id, o.mode, o.status, o.city, o.start_ts,
       o.end_ts, o.time_zone, o.location_kind, o.location_address, o.package_id, o.travel_miles, o.license_tier,
       o.subtotal_cents, o.platform_fee_cents, o.tax_cents, o.tip_cents, o.credit_cents, o.total_cents, o.currency,
       o.quote_hash, o.fee_policy_id, o.fee_bips, o.fee_min_cents, o.fee_max_cents, o.tax_bips, o.credit_shrinks_tax,
       o.commission_bips, o.cancellation_policy, o.full_refund_until, o.half_refund_until, o.busy_from, o.busy_to,
       o.version, o.created_at, o.updated_at, o.lbg_id, o.invite_id, o.shown_at, o.holds_slot,
       o.status_before_dispute, o.change_rounds, o.closed_reason, o.pay_by, o.accepted_at, o.confirmed_at, o.grace_until,
       o.checked_in_at, o.delivered_at, o.review_until, o.completed_at, o.chat_thread_id, o.stripe_payment_intent_id,
       (select json_agg(json_build_array(l.kind, l.title, l.qty::text, l.unit_cents, l.total_cents) order by l.position)
        from booking.line_item l where l.order_id = o.order_id)::text as line_items
from booking.order o
where o.provider_user_id = :user_id and o.shown_at is not null
  and (:before::text is null or o.order_id < :before::text)
  and (cardinality(:statuses::text[]) = 0 or o.status::text = any(:statuses::text[]))
order by o.order_id desc
limit :limit;

-- name: save_order(order_id, expected_version, status, start_ts, end_ts, subtotal_cents, platform_fee_cents, tax_cents, tip_cents, credit_cents, total_cents, quote_hash, full_refund_until, half_refund_until, busy_from, busy_to, holds_slot, status_before_dispute, change_rounds, closed_reason, shown_at, pay_by, accepted_at, confirmed_at, grace_until, checked_in_at, delivered_at, review_until, completed_at, chat_thread_id, connect_transfer_group, lbg_id, version, now)$
-- Writes what a change made of an order, if it is still what the decision was made from; null where it is not. The
-- payment's id is left to whoever stores payments.
update booking.order
set status = :status::booking.booking_status, start_ts = :start_ts, end_ts = :end_ts,
    subtotal_cents = :subtotal_cents, platform_fee_cents = :platform_fee_cents, tax_cents = :tax_cents,
    tip_cents = :tip_cents, credit_cents = :credit_cents, total_cents = :total_cents, quote_hash = :quote_hash,
    full_refund_until = :full_refund_until, half_refund_until = :half_refund_until, busy_from = :busy_from,
    busy_to = :busy_to, holds_slot = :holds_slot,
    status_before_dispute = :status_before_dispute::booking.booking_status, change_rounds = :change_rounds,
    closed_reason = :closed_reason, shown_at = :shown_at, pay_by = :pay_by, accepted_at = :accepted_at,
    confirmed_at = :confirmed_at, grace_until = :grace_until, checked_in_at = :checked_in_at,
    delivered_at = :delivered_at, review_until = :review_until, completed_at = :completed_at,
    chat_thread_id = :chat_thread_id, connect_transfer_group = :connect_transfer_group, lbg_id = :lbg_id,
    version = :version, updated_at = :now
where order_id = :order_id and version = :expected_version
returning order_id;

-- name: insert_order_events(order_id, sequence, event_id, event, from_status, to_status, actor_kind, actor_user_id, correlation_id, details, now)*!
-- Writes steps of orders' histories, each for good, and wakes whoever watches its order once it is committed.
with told as materialized (select pg_notify('callsheet_order_events', :order_id::text))
insert into booking.order_event
  (order_id, sequence, event_id, event, from_status, to_status, actor_kind, actor_user_id, correlation_id, details, created_at)
select :order_id::text, :sequence::bigint, :event_id::text, :event::text, :from_status::booking.booking_status,
       :to_status::booking.booking_status, :actor_kind::text, :actor_user_id::text, :correlation_id::text,
       :details::jsonb, :now::timestamptz
from told;

-- name: order_events_after(order_id, sequence, limit)
-- An order's history from a sequence on.
select order_id, sequence, event, from_status, to_status, actor_kind, actor_user_id, details, correlation_id, created_at
from booking.order_event
where order_id = :order_id and sequence > :sequence
order by sequence
limit :limit;

-- name: provider_of(order_id)$
-- Whose time an order is about, so that it can be locked before the order.
select provider_user_id from booking.order where order_id = :order_id;

-- name: end_offers(order_id, reason, now)!
-- Ends what waited for an answer about an order that will not happen: its offer, and its place in an invite.
with unanswered as (
  update booking.request set status = 'expired', answered_at = :now, answer_reason = :reason
  where order_id = :order_id and status = 'pending'
)
update booking.invite_recipient set status = 'not_awarded', decided_at = :now
where order_id = :order_id and status in ('new', 'responded');

-- name: lock_provider(provider_user_id)$
-- Makes everybody who wants a slot of a provider's wait for their turn. Locks: provider.
select pg_advisory_xact_lock(hashtextextended('provider:' || :provider_user_id::text, 0));

-- name: slot_conflict(provider_user_id, order_id, busy_from, busy_to)^
-- The first booking that keeps a slot which an order wants, as the exclusion constraint would see it.
select o.busy_from, o.busy_to
from booking.order o
where o.provider_user_id = :provider_user_id and o.holds_slot and o.order_id <> :order_id
  and tstzrange(o.busy_from, o.busy_to, '[)') && tstzrange(:busy_from::timestamptz, :busy_to::timestamptz, '[)')
order by o.busy_from
limit 1;

-- name: delete_line_items(order_id)!
-- Forgets the lines of a price that another one replaces.
delete from booking.line_item where order_id = :order_id;
