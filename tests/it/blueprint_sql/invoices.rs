//! The agency's invoices: sums, numbers, and that one that was sent stays as it is.

use serde_json::json;

use super::{
    Instance, REFUSED, VIOLATED,
    agency::{ADMIN, CLIENT, EMPLOYEE, MANAGER, agency, client, project},
    signed_in, user,
};

fn invoice(number: u8) -> String {
    format!("d0000000-0000-4000-8000-0000000000{number:02}")
}

fn line(number: u8) -> String {
    format!("e0000000-0000-4000-8000-0000000000{number:02}")
}

impl Instance {
    /// What the manager does, one row each.
    async fn manager(&self, sql: &str) {
        let done = self.count(&signed_in(MANAGER), sql).await;
        assert!(done.as_ref().is_ok_and(|rows| *rows > 0), "{sql}: {done:?}");
    }

    /// A draft for the first client with two lines.
    async fn draft(&self, number: u8) -> String {
        let id = invoice(number);
        self.manager(&format!(
            "insert into invoices (id, client_id) values ('{id}', '{}')",
            client(1)
        ))
        .await;
        let (one, two) = (line(number * 2), line(number * 2 + 1));
        self.manager(&format!(
            "insert into invoice_lines (id, invoice_id, description, quantity, unit_price, vat_rate) values
               ('{one}', '{id}', 'Arbete', 1.5, 900.10, 25), ('{two}', '{id}', 'Bok', 1, 100, 6)"
        ))
        .await;
        id
    }
}

#[tokio::test]
async fn sums_follow_the_lines() {
    let instance = agency().await;
    let id = instance.draft(1).await;
    let sums = "select net, vat, total from invoices";
    // 1350.15 and 100; 25 % of the one, rounded, and 6 % of the other.
    let expected = json!({"net": "1450.15", "vat": "343.54", "total": "1793.69"});
    assert_eq!(instance.owner(sums).await, [expected]);
    instance
        .manager(&format!(
            "delete from invoice_lines where id = '{}'",
            line(2)
        ))
        .await;
    let expected = json!({"net": "100.00", "vat": "6.00", "total": "106.00"});
    assert_eq!(instance.owner(sums).await, [expected]);
    for own in [
        "net = 1",
        "vat = 1",
        "number = 7",
        "seller = '{}'",
        "buyer = '{}'",
    ] {
        let set = format!("update invoices set {own} where id = '{id}'");
        let done = instance.count(&signed_in(MANAGER), &set).await;
        assert_eq!(
            done,
            Err(REFUSED.to_owned()),
            "{own} is not a person's to write"
        );
    }
}

#[tokio::test]
async fn numbers_are_given_in_one_series_when_invoices_are_sent() {
    let instance = agency().await;
    instance
        .owner(&format!(
            "update company set first_invoice_number = 1001, name = 'Byrån';
             update clients set payment_days = 10, invoice_email = 'faktura@ake.se' where id = '{}'",
            client(1)
        ))
        .await;
    let empty = invoice(9);
    instance
        .manager(&format!(
            "insert into invoices (id, client_id) values ('{empty}', '{}')",
            client(1)
        ))
        .await;
    let nothing = format!("update invoices set status = 'sent' where id = '{empty}'");
    let sent = instance.count(&signed_in(MANAGER), &nothing).await;
    assert_eq!(sent, Err(VIOLATED.to_owned()), "an invoice for nothing");
    instance
        .manager(&format!("delete from invoices where id = '{empty}'"))
        .await;

    let (first, second, third) = (
        instance.draft(1).await,
        instance.draft(2).await,
        instance.draft(3).await,
    );
    instance
        .manager(&format!("delete from invoices where id = '{second}'"))
        .await;
    for id in [&third, &first] {
        instance
            .manager(&format!(
                "update invoices set status = 'sent' where id = '{id}'"
            ))
            .await;
    }
    let sent = instance
        .owner("select id, number, due_on - issued_on as days, seller ->> 'name' as seller, buyer from invoices order by number")
        .await;
    assert_eq!(
        sent.iter()
            .map(|row| (row["id"].clone(), row["number"].clone()))
            .collect::<Vec<_>>(),
        [(json!(third), json!(1001)), (json!(first), json!(1002))],
        "in the order in which they were sent, without a gap for the one that never was"
    );
    assert_eq!(sent[0]["days"], 10);
    assert_eq!(sent[0]["seller"], "Byrån");
    assert_eq!(sent[0]["buyer"]["name"], "Åkes");
    assert_eq!(sent[0]["buyer"]["email"], "faktura@ake.se");
}

#[tokio::test]
async fn what_was_sent_stays_as_it_is() {
    let instance = agency().await;
    let id = instance.draft(1).await;
    let (worked, lined) = (project(1), line(2));
    instance
        .owner(&format!(
            "insert into time_entries (project_id, user_id, minutes, invoice_line_id)
               values ('{worked}', '{}', 90, '{lined}')",
            user(EMPLOYEE)
        ))
        .await;
    let set = |what: &str| format!("update invoices set {what} where id = '{id}'");
    for (from, wrong) in [("draft", "paid"), ("draft", "credited")] {
        let jumped = instance
            .count(&signed_in(MANAGER), &set(&format!("status = '{wrong}'")))
            .await;
        assert_eq!(jumped, Err(VIOLATED.to_owned()), "{from} → {wrong}");
    }
    instance.manager(&set("status = 'sent'")).await;
    for number in [ADMIN, MANAGER] {
        let login = signed_in(number);
        for change in [
            set("note = 'x'"),
            set("client_id = 'c0000000-0000-4000-8000-000000000002'"),
            set("due_on = '2030-01-01'"),
            "update invoice_lines set quantity = 2".to_owned(),
            "delete from invoice_lines".to_owned(),
            format!(
                "insert into invoice_lines (invoice_id, description, unit_price) values ('{id}', 'x', 1)"
            ),
            "update time_entries set minutes = 5".to_owned(),
            "update time_entries set invoice_line_id = null".to_owned(),
            "delete from time_entries".to_owned(),
        ] {
            let changed = instance.count(&login, &change).await;
            assert_eq!(changed, Err(REFUSED.to_owned()), "user {number}: {change}");
        }
        let removed = format!("delete from invoices where id = '{id}'");
        assert_eq!(
            instance.is_shut(&login, &removed).await,
            Ok(()),
            "it is credited, not removed"
        );
    }
    instance.manager(&set("status = 'paid'")).await;
    let paid = "select paid_on is not null as paid from invoices";
    assert_eq!(instance.owner(paid).await, [json!({"paid": true})]);
    instance.manager(&set("status = 'sent'")).await;
    assert_eq!(
        instance.owner(paid).await,
        [json!({"paid": false})],
        "it was a mistake"
    );
    let back = instance
        .count(&signed_in(MANAGER), &set("status = 'draft'"))
        .await;
    assert_eq!(back, Err(VIOLATED.to_owned()), "never a draft again");

    // A credit note takes it back.
    let credit = invoice(5);
    instance
        .manager(&format!(
            "insert into invoices (id, client_id, credits_id) values ('{credit}', '{}', '{id}')",
            client(1)
        ))
        .await;
    instance
        .manager(&format!(
            "insert into invoice_lines (invoice_id, description, quantity, unit_price, vat_rate)
               select '{credit}', description, -quantity, unit_price, vat_rate from invoice_lines
               where invoice_id = '{id}'"
        ))
        .await;
    instance.manager(&set("status = 'credited'")).await;
    instance
        .manager(&format!(
            "update invoices set status = 'sent' where id = '{credit}'"
        ))
        .await;
    let sum = instance
        .owner("select sum(total) as sum from invoices")
        .await;
    assert_eq!(sum, [json!({"sum": "0.00"})]);
    assert_eq!(
        instance
            .count(&signed_in(CLIENT), "select 1 from invoices")
            .await,
        Ok(2)
    );

    // Who worked is removed; the work and the name stay.
    let leave = format!("delete from users where user_id = '{}'", user(EMPLOYEE));
    assert_eq!(instance.count(&signed_in(ADMIN), &leave).await, Ok(1));
    let left = instance
        .owner("select person, user_id, minutes from time_entries")
        .await;
    assert_eq!(
        left,
        [json!({"person": "Emil", "user_id": null, "minutes": 90})]
    );
}
