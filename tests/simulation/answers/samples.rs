//! Good answers to what no run asks for, or to what a run gets an empty list for: after the vendors' documents.

/// By the vendor's name of the operation.
pub(super) const SAMPLES: &[(&str, &str)] = &[
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
