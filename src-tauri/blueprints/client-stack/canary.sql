-- A row in every table, so that an empty answer proves a shut door and not an empty room. For the owner
-- of the database, inside a transaction that is rolled back. Runs on a fresh and on a used database.

insert into auth.users (id, email, aud, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'authenticated', 'authenticated');

-- One of its own: the rows below are nobody else's.
insert into public.organizations (id, name) values ('ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.users (user_id, organization_id, email, name, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'ca4a1700-0000-4000-8000-000000000002',
    'canary@canary.invalid', 'Canary', 'viewer');

insert into public.companies (id, organization_id, name)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.contacts (id, organization_id, company_id, name)
  values ('ca4a1700-0000-4000-8000-000000000004', 'ca4a1700-0000-4000-8000-000000000002',
    'ca4a1700-0000-4000-8000-000000000003', 'Canary');

insert into public.deals (id, organization_id, contact_id, name)
  values ('ca4a1700-0000-4000-8000-000000000005', 'ca4a1700-0000-4000-8000-000000000002',
    'ca4a1700-0000-4000-8000-000000000004', 'Canary');

insert into public.activities (organization_id, deal_id, subject)
  values ('ca4a1700-0000-4000-8000-000000000002', 'ca4a1700-0000-4000-8000-000000000005', 'Canary');

insert into public.email_templates (id, organization_id, name)
  values ('ca4a1700-0000-4000-8000-000000000006', 'ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.email_campaigns (id, organization_id, template_id, name)
  values ('ca4a1700-0000-4000-8000-000000000007', 'ca4a1700-0000-4000-8000-000000000002',
    'ca4a1700-0000-4000-8000-000000000006', 'Canary');

insert into public.email_sequences (organization_id, name)
  values ('ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.email_sends (organization_id, campaign_id, email)
  values ('ca4a1700-0000-4000-8000-000000000002', 'ca4a1700-0000-4000-8000-000000000007',
    'canary@canary.invalid');

insert into public.email_unsubscribes (organization_id, email)
  values ('ca4a1700-0000-4000-8000-000000000002', 'canary@canary.invalid');

insert into public.social_accounts (id, organization_id, platform, handle)
  values ('ca4a1700-0000-4000-8000-000000000008', 'ca4a1700-0000-4000-8000-000000000002', 'other', 'canary');

insert into public.content_templates (id, organization_id, name)
  values ('ca4a1700-0000-4000-8000-000000000009', 'ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.content_queue (id, organization_id, template_id, title)
  values ('ca4a1700-0000-4000-8000-000000000010', 'ca4a1700-0000-4000-8000-000000000002',
    'ca4a1700-0000-4000-8000-000000000009', 'Canary');

insert into public.social_posts (organization_id, account_id, content_id, body)
  values ('ca4a1700-0000-4000-8000-000000000002', 'ca4a1700-0000-4000-8000-000000000008',
    'ca4a1700-0000-4000-8000-000000000010', 'Canary');

insert into public.client_usage_metrics (organization_id, metric, period_on, value)
  values ('ca4a1700-0000-4000-8000-000000000002', 'canary', current_date, 1);

insert into public.subscription_history (organization_id, plan, status)
  values ('ca4a1700-0000-4000-8000-000000000002', 'canary', 'active');

insert into public.analytics_snapshots (organization_id, source, figures)
  values ('ca4a1700-0000-4000-8000-000000000002', 'canary', '{"canary": 1}');

insert into public.platform_metrics (metric, value) values ('canary', 1);

insert into public.notifications (organization_id, user_id, title)
  values ('ca4a1700-0000-4000-8000-000000000002', 'ca4a1700-0000-4000-8000-000000000001', 'Canary');

-- The rows above have already left theirs.
insert into public.audit_log (organization_id, action, table_name, row_key)
  values ('ca4a1700-0000-4000-8000-000000000002', 'insert', 'canary', 'canary');
