-- name: insert_notice(notice_id, case_id, kind, content_id, respondent_user_id, elements, parties, received_at, restore_from, restore_until)!
-- Stores a complete notice; a counter-notice is passed on at once.
insert into dmca_notice
  (notice_id, case_id, kind, content_id, respondent_user_id, elements, parties_ciphertext, received_at, complete_at,
   copied_at, restore_from, restore_until, created_at, updated_at)
values
  (:notice_id, :case_id, :kind, :content_id, :respondent_user_id, :elements::jsonb, :parties, :received_at::timestamptz,
   :received_at::timestamptz, case when :kind = 'counter_notice' then :received_at::timestamptz end, :restore_from,
   :restore_until, :received_at::timestamptz, :received_at::timestamptz);

-- name: newest_notice(case_id, kind)^
-- The newest notice of a kind in a case.
select * from dmca_notice where case_id = :case_id and kind = :kind order by notice_id desc limit 1;

-- name: open_case_about_content(content_id)$
-- The case by whose notice a content is hidden now.
select c.case_id from dmca_notice n join support_case c on c.case_id = n.case_id
where n.content_id = :content_id and n.kind = 'notice' and c.status <> 'closed' and n.restored_at is null
limit 1;

-- name: count_notices_against(respondent_user_id)$
-- How many notices somebody's content has met with; those that ended with its return do not count.
select count(*) from dmca_notice
where respondent_user_id = :respondent_user_id and kind = 'notice' and restored_at is null;

-- name: set_court_action(notice_id, now)!
-- A court is asked: the content stays hidden.
update dmca_notice set court_action_at = :now, updated_at = :now where notice_id = :notice_id;

-- name: set_restored(case_id, now)!
-- The content of a case is shown again: its notices have ended.
update dmca_notice set restored_at = :now, updated_at = :now
where case_id = :case_id and restored_at is null and court_action_at is null;
