-- name: promise_for(type, severity)^
-- The policy and the calendar by which a new case of that type and severity is measured.
select p.first_response_minutes, p.next_response_minutes, p.resolution_minutes, c.time_zone, c.intervals, c.holidays
from sla_policy p join calendar c on c.calendar_id = p.calendar_id
where p.type = :type and p.severity = :severity;

-- name: insert_calendar(calendar_id, name, time_zone, intervals, holidays, now)^
-- Stores a new calendar; no row where the name is taken.
insert into calendar (calendar_id, name, time_zone, intervals, holidays, created_at, updated_at)
values (:calendar_id, :name, :time_zone, :intervals::jsonb, :holidays::date[], :now, :now)
on conflict (name) do nothing
returning calendar_id, name, time_zone, intervals, holidays, version, updated_at;

-- name: update_calendar(calendar_id, name, time_zone, intervals, holidays, expected_version, now)^
-- Replaces a calendar; 0 replaces whatever version is newest. No row where there is none of that id and version.
update calendar
set name = :name, time_zone = :time_zone, intervals = :intervals::jsonb, holidays = :holidays::date[],
    version = version + 1, updated_at = :now
where calendar_id = :calendar_id and :expected_version::bigint in (0, version)
returning calendar_id, name, time_zone, intervals, holidays, version, updated_at;

-- name: calendar_version(calendar_id)$
-- The newest version of a calendar; null where there is none.
select version from calendar where calendar_id = :calendar_id;

-- name: list_calendars(after, limit)
-- Calendars by id.
select calendar_id, name, time_zone, intervals, holidays, version, updated_at
from calendar
where :after::text is null or calendar_id > :after::text
order by calendar_id
limit :limit;

-- name: put_policy(sla_policy_id, type, severity, calendar_id, first_response_minutes, next_response_minutes, resolution_minutes, now)^
-- Stores or replaces the policy of a type and severity; no row where the calendar does not exist.
insert into sla_policy
  (sla_policy_id, type, severity, calendar_id, first_response_minutes, next_response_minutes, resolution_minutes,
   created_at, updated_at)
select :sla_policy_id::text, :type::text, :severity::text, c.calendar_id, :first_response_minutes::int,
       :next_response_minutes::int, :resolution_minutes::int, :now::timestamptz, :now::timestamptz
from calendar c
where c.calendar_id = :calendar_id
on conflict (type, severity) do update
  set calendar_id = excluded.calendar_id, first_response_minutes = excluded.first_response_minutes,
      next_response_minutes = excluded.next_response_minutes, resolution_minutes = excluded.resolution_minutes,
      version = sla_policy.version + 1, updated_at = excluded.updated_at
returning sla_policy_id, type, severity, calendar_id, first_response_minutes, next_response_minutes,
  resolution_minutes, version, updated_at;

-- name: list_policies(after, limit)
-- Policies by id.
select sla_policy_id, type, severity, calendar_id, first_response_minutes, next_response_minutes, resolution_minutes,
       version, updated_at
from sla_policy
where :after::text is null or sla_policy_id > :after::text
order by sla_policy_id
limit :limit;
