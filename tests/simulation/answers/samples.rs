//! Good answers after the vendors' documents.

/// To what a run gets an empty list for, or never asks for.
pub(super) const INSTEAD: &[(&str, &str)] = &[
    (
        "GetAccount",
        r#"{"id": "acct_1", "email": "anna@norrform.se", "settings": {"dashboard": {"display_name": "Norrform"}}}"#,
    ),
    (
        "GetEvents",
        r#"{"object": "list", "has_more": false, "data": [{"id": "evt_1", "object": "event", "created": 1795000000,
            "type": "customer.subscription.deleted", "data": {"object": {"id": "sub_1", "object": "subscription"}}}]}"#,
    ),
    (
        "GetSubscriptions",
        r#"{"object": "list", "has_more": true, "data": [{"id": "sub_1", "object": "subscription", "status": "active",
            "customer": "cus_1", "metadata": {"subdomain": "lyran"}, "created": 1795000000, "items": {"object": "list", "data":
            [{"id": "si_1", "current_period_end": 1, "price": {"id": "price_1", "metadata": {"plan": "medium"}, "lookup_key": null}}]}}]}"#,
    ),
    (
        "GetSubscriptionsSubscriptionExposedId",
        r#"{"id": "sub_1", "object": "subscription", "status": "active", "customer": {"id": "cus_1", "object": "customer"},
            "metadata": {"subdomain": "lyran"}, "items": {"object": "list", "data": [{"id": "si_1", "current_period_end": 1,
            "price": {"id": "price_1", "metadata": {"plan": "medium"}, "lookup_key": null}}]}}"#,
    ),
    (
        "GetCheckoutSessions",
        r#"{"object": "list", "has_more": false, "data": []}"#,
    ),
    (
        "GetPrices",
        r#"{"object": "list", "has_more": false, "data": []}"#,
    ),
    (
        "GetCustomers",
        r#"{"object": "list", "has_more": false, "data": []}"#,
    ),
    (
        "GetCheckoutSessionsSession",
        r#"{"id": "cs_1", "object": "checkout.session", "mode": "subscription", "subscription": "sub_1"}"#,
    ),
    (
        "GetCustomersCustomer",
        r#"{"id": "cus_1", "object": "customer", "name": "Lyran AB", "email": "info@lyran.se"}"#,
    ),
    (
        "GetPricesPrice",
        r#"{"id": "price_1", "object": "price", "metadata": {"plan": "medium"}, "lookup_key": "medium", "product": "prod_1"}"#,
    ),
    ("activateWorkflow", r#"{"id": "1", "active": true}"#),
    ("archiveWorkflow", r#"{"id": "1", "isArchived": true}"#),
    ("site", r#"{"page": "Welcome"}"#),
    (
        "emails/list",
        r#"{"object": "list", "has_more": true, "data": [{"id": "m1", "to": ["anna@lyran.se"], "from": "x@norrform.se",
            "subject": "Hej", "created_at": "2026-11-21 12:00:00.000+00", "last_event": "delivered"}]}"#,
    ),
    (
        "emails/get",
        r#"{"object": "email", "id": "m1", "to": ["anna@lyran.se"], "from": "x@norrform.se", "subject": "Hej",
            "created_at": "2026-11-21 12:00:00.000+00", "last_event": "delivered"}"#,
    ),
];

/// To what runs may not ask for.
pub(super) const LACKING: &[(&str, &str)] = &[
    (
        "adminGetUser",
        r#"{"id": "00000000-0000-4000-8000-000000000000", "email": "anna@lyran.se"}"#,
    ),
    ("adminDeleteUser", "{}"),
    (
        "cancelDeployment",
        r#"{"id": "dpl_1", "uid": "dpl_1", "name": "lyran", "url": "lyran-x.vercel.app", "readyState": "CANCELED", "alias": ["lyran.vercel.app"]}"#,
    ),
    (
        "deleteDeployment",
        r#"{"uid": "dpl_1", "state": "DELETED"}"#,
    ),
    (
        "createCredential",
        r#"{"id": "x", "name": "lyran", "type": "smtp"}"#,
    ),
    (
        "updateCredential",
        r#"{"id": "x", "name": "lyran", "type": "smtp"}"#,
    ),
    (
        "createCurrentUserRepo",
        r#"{"id": 1, "name": "lyran", "full_name": "norrform/lyran", "html_url": "https://github.example/norrform/lyran", "default_branch": "main", "description": "x", "private": true}"#,
    ),
    (
        "createOrgRepo",
        r#"{"id": 1, "name": "lyran", "full_name": "norrform/lyran", "html_url": "https://github.example/norrform/lyran", "default_branch": "main", "description": "x", "private": true}"#,
    ),
    (
        "createProject",
        r#"{"id": "prj_1", "name": "lyran", "link": {"type": "github", "repoId": 1, "org": "norrform", "repo": "lyran"}}"#,
    ),
    (
        "createWorkflow",
        r#"{"id": "1", "name": "lyran", "active": false}"#,
    ),
    (
        "updateWorkflow",
        r#"{"id": "1", "name": "lyran", "active": false}"#,
    ),
    ("publishWorkflow", r#"{"id": "1", "active": true}"#),
    ("deleteProject", "{}"),
    (
        "discover",
        r#"{"data": {"scopes": ["workflow:list", "workflow:create"], "resources": {}}}"#,
    ),
    (
        "getAuthUser",
        r#"{"user": {"id": "u1", "username": "anna", "email": "anna@norrform.se"}}"#,
    ),
    (
        "getCurrentToken",
        r#"{"id": 1, "name": "fabrik", "scopes": ["write:repository", "read:user"]}"#,
    ),
    (
        "gitNamespaces",
        r#"[{"id": 1, "slug": "norrform", "provider": "github", "ownerType": "team", "isAccessRestricted": false}]"#,
    ),
    (
        "searchRepo",
        r#"{"gitAccount": {"provider": "github", "namespaceId": 1}, "repos": [{"id": 1, "provider": "github", "name": "lyran",
            "slug": "lyran", "namespace": "norrform", "private": true, "defaultBranch": "main"}]}"#,
    ),
    ("orgCreate", r#"{"id": 1, "username": "norrform"}"#),
    ("orgGet", r#"{"id": 1, "username": "norrform"}"#),
    (
        "orgs/get",
        r#"{"id": 1, "login": "norrform", "type": "Organization"}"#,
    ),
    (
        "orgs/list-app-installations",
        r#"{"total_count": 1, "installations": [{"id": 1, "app_slug": "vercel", "repository_selection": "selected"}]}"#,
    ),
    (
        "orgs/get-membership-for-authenticated-user",
        r#"{"state": "active", "role": "admin"}"#,
    ),
    ("users/get-authenticated", r#"{"id": 1, "login": "anna"}"#),
    (
        "repos/create-or-update-file-contents",
        r#"{"content": {"sha": "a"}, "commit": {"sha": "b"}}"#,
    ),
    (
        "repos/create-using-template",
        r#"{"id": 1, "name": "lyran", "full_name": "norrform/lyran", "html_url": "https://github.example/norrform/lyran", "default_branch": "main", "description": "x", "private": true}"#,
    ),
    ("repos/delete", "{}"),
    ("rest-insert", r#"[{"id": 1}]"#),
    ("rest-rpc", r#"[{"id": 1}]"#),
    ("v1-apply-project-addon", "{}"),
    ("v1-remove-project-addon", "{}"),
    (
        "v1-create-a-project",
        r#"{"id": "abcdefghijklmnopqrst", "ref": "abcdefghijklmnopqrst", "name": "n", "status": "UNKNOWN", "region": "eu-north-1"}"#,
    ),
    (
        "v1-get-all-projects-for-organization",
        r#"{"projects": [{"id": "abcdefghijklmnopqrst", "ref": "abcdefghijklmnopqrst", "name": "n", "status": "UNKNOWN", "region": "eu-north-1"}], "pagination": {"count": 1, "limit": 100, "offset": 0}}"#,
    ),
    (
        "v1-get-an-organization",
        r#"{"id": "o", "name": "Norrform", "plan": "free", "opt_in_tags": []}"#,
    ),
    (
        "v1-get-available-regions",
        r#"{"recommendations": {}, "all": {"smartGroup": [{"name": "E", "code": "emea", "type": "smartGroup"}], "specific": [{"name": "S", "code": "eu-north-1", "type": "specific", "provider": "AWS"}]}}"#,
    ),
    (
        "v1-get-pooler-config",
        r#"[{"database_type": "PRIMARY", "pool_mode": "transaction", "connection_string": "postgresql://n:[YOUR-PASSWORD]@db.example:6543/postgres"}]"#,
    ),
    (
        "v1-list-all-organizations",
        r#"[{"id": "o", "slug": "norrform", "name": "Norrform"}]"#,
    ),
    (
        "verifyProjectDomain",
        r#"{"name": "lyran.se", "verified": true}"#,
    ),
    (
        "getTeam",
        r#"{"id": "team_1", "slug": "norrform", "name": "Norrform"}"#,
    ),
];
