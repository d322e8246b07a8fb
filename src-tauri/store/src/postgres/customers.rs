//! The table `customers`: adding, changing, removing one.

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, InstanceState},
    id::CustomerId,
    secret::SecretRef,
};
use futures::try_join;
use tokio_postgres::Row;

use super::{
    audit,
    column::{get as plain, json, micros, time, to_json, to_word, word, word_option},
    connections::Session,
    fault::Fault,
    import, leases, resources, runs,
    turn::Write,
};
use crate::{
    NewAudit, Topic,
    customers::{apply, search_text},
    text::name_key,
};

/// Reads a row.
pub(super) fn from_row(row: &Row) -> Result<Customer, Fault> {
    Ok(Customer {
        id: word(row, "id")?,
        external_id: plain(row, "external_id")?,
        source: plain(row, "source")?,
        name: plain(row, "name")?,
        slug: plain(row, "slug")?,
        subdomain: plain(row, "subdomain")?,
        status: word(row, "status")?,
        plan: plain(row, "plan")?,
        blueprint: plain(row, "blueprint")?,
        contact_email: plain(row, "contact_email")?,
        contact_name: plain(row, "contact_name")?,
        language: word(row, "language")?,
        credits: plain(row, "credits")?,
        modules: json(row, "modules")?,
        production_url: plain(row, "production_url")?,
        github_repo_url: plain(row, "github_repo_url")?,
        supabase_project_ref: plain(row, "supabase_project_ref")?,
        database_url: word_option(row, "database_url")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

fn unknown(customer: &str) -> Fault {
    Cause::CustomerUnknown {
        customer: customer.to_owned(),
    }
    .into()
}

/// The customer with this id.
pub(super) async fn get(session: &Session, id: CustomerId) -> Result<Customer, Fault> {
    let id = id.to_string();
    let customer = by(session, "id", &id).await?;
    customer.ok_or_else(|| unknown(&id))
}

/// The same, kept from other writings until this one ends.
pub(super) async fn locked(write: &Write, id: CustomerId) -> Result<Customer, Fault> {
    let id = id.to_string();
    let sql = "SELECT * FROM fabrik.customers WHERE id = $1 FOR UPDATE";
    let row = write.row(sql, &[&id]).await?;
    from_row(&row.ok_or_else(|| unknown(&id))?)
}

/// Keeps a customer from being changed or removed until the writing ends, and gives its subdomain.
pub(super) async fn keep(write: &Write, id: CustomerId) -> Result<String, Fault> {
    let id = id.to_string();
    let sql = "SELECT subdomain FROM fabrik.customers WHERE id = $1 FOR KEY SHARE";
    let row = write.row(sql, &[&id]).await?;
    plain(&row.ok_or_else(|| unknown(&id))?, "subdomain")
}

/// The customer whose `column` (one that is unique) holds `value`.
pub(super) async fn by(
    session: &Session,
    column: &'static str,
    value: &str,
) -> Result<Option<Customer>, Fault> {
    let sql = format!("SELECT * FROM fabrik.customers WHERE {column} = $1");
    let row = session.row(&sql, &[&value]).await?;
    row.as_ref().map(from_row).transpose()
}

/// Who else has a Supabase project.
pub(super) async fn project_holder(
    session: &Session,
    reference: &str,
    customer: CustomerId,
) -> Result<Option<Customer>, Fault> {
    let sql = "SELECT * FROM fabrik.customers WHERE id <> $2 AND (
                   supabase_project_ref = $1
                   OR id IN (
                       SELECT customer_id FROM fabrik.resources
                       WHERE kind = 'supabase_project' AND id = $1
                           AND origin = 'created' AND state NOT IN ('removed', 'let_go')))
               LIMIT 1";
    let row = session
        .row(sql, &[&reference, &customer.to_string()])
        .await?;
    row.as_ref().map(from_row).transpose()
}

/// The customer that people mean by `text`.
pub(super) async fn find(session: &Session, text: &str) -> Result<Customer, Fault> {
    let text = text.trim();
    let lower = text.to_lowercase();
    if let Ok(id) = text.parse::<CustomerId>()
        && let Some(customer) = by(session, "id", &id.to_string()).await?
    {
        return Ok(customer);
    }
    let (by_subdomain, by_slug, by_external_id) = try_join!(
        by(session, "subdomain", &lower),
        by(session, "slug", &lower),
        by(session, "external_id", text),
    )?;
    match (by_subdomain, by_slug, by_external_id) {
        (Some(customer), _, _) => Ok(customer),
        (None, Some(one), Some(other)) if one.id == other.id => Ok(one),
        (None, Some(one), None) | (None, None, Some(one)) => Ok(one),
        // One customer's slug and another's external id: a guess could hit the wrong one.
        _ => Err(unknown(text)),
    }
}

/// Adds a customer.
pub(super) async fn add(
    write: &Write,
    customer: Customer,
    audit: &NewAudit,
) -> Result<Customer, Fault> {
    if import::insert(write, &[&customer]).await?.is_empty() {
        let taken = taken(write, &customer).await?;
        return Err(taken.unwrap_or_else(|| Cause::DatabaseBusy.into()));
    }
    note(write, customer.id, audit).await?;
    write.announce(Topic::Customers, &customer.id.to_string());
    Ok(customer)
}

/// A word in the audit log about a customer.
async fn note(write: &Write, id: CustomerId, audit: &NewAudit) -> Result<(), Fault> {
    let entry = NewAudit {
        customer: audit.customer.or(Some(id)),
        ..audit.clone()
    };
    audit::add(write, &entry).await
}

/// Changes a customer.
pub(super) async fn edit(
    write: &Write,
    id: CustomerId,
    patch: &CustomerPatch,
    audit: &NewAudit,
) -> Result<Customer, Fault> {
    if let Some(wanted) = &patch.subdomain {
        assert_renameable(write, id, wanted).await?;
    }
    let customer = change(write, id, patch).await?;
    note(write, id, audit).await?;
    Ok(customer)
}

/// Names are worked out once: whoever looked by another subdomain for what there is would find nothing.
async fn assert_renameable(write: &Write, id: CustomerId, wanted: &str) -> Result<(), Fault> {
    // No run begins, and none is taken on, while it is looked whether there is one.
    let subdomain = locked(write, id).await?.subdomain;
    let is_other = subdomain != wanted;
    if is_other
        && (resources::go_by_subdomain(write, id).await? || leases::hold_any(write, id).await?)
    {
        return Err(Cause::SubdomainInUse { subdomain }.into());
    }
    Ok(())
}

/// Changes a customer and says so, without a word in the audit log.
pub(super) async fn change(
    write: &Write,
    id: CustomerId,
    patch: &CustomerPatch,
) -> Result<Customer, Fault> {
    let mut customer = locked(write, id).await?;
    apply(&mut customer, patch.clone());
    put(write, customer).await
}

/// Stores where the database URL of an older system is kept.
pub(super) async fn set_database_url(
    write: &Write,
    id: CustomerId,
    reference: &SecretRef,
    audit: &NewAudit,
) -> Result<(), Fault> {
    let mut customer = locked(write, id).await?;
    customer.database_url = Some(reference.clone());
    put(write, customer).await?;
    note(write, id, audit).await
}

/// Writes a customer's new row in place of the old. Its slug and the time it was added never change.
async fn put(write: &Write, mut customer: Customer) -> Result<Customer, Fault> {
    customer.updated_at = write.now;
    let newest = runs::newest_state(write, customer.id).await?;
    let state = InstanceState::of(customer.status, customer.production_url.is_some(), newest);
    let written = write
        .attempt(
            "UPDATE fabrik.customers SET
                external_id = $2, name = $3, subdomain = $4, status = $5, plan = $6, blueprint = $7,
                contact_email = $8, contact_name = $9, language = $10, credits = $11, modules = $12,
                production_url = $13, github_repo_url = $14, supabase_project_ref = $15,
                database_url = $16, updated_at = $17, instance_state = $18, name_key = $19,
                search_text = $20, source = $21
             WHERE id = $1",
            &[
                &customer.id.to_string(),
                &customer.external_id,
                &customer.name,
                &customer.subdomain,
                &customer.status.key(),
                &customer.plan,
                &customer.blueprint,
                &customer.contact_email,
                &customer.contact_name,
                &to_word(&customer.language)?,
                &customer.credits,
                &to_json(&customer.modules)?,
                &customer.production_url,
                &customer.github_repo_url,
                &customer.supabase_project_ref,
                &customer.database_url.as_ref().map(ToString::to_string),
                &micros(customer.updated_at),
                &to_word(&state)?,
                &name_key(&customer.name),
                &search_text(&customer),
                &customer.source,
            ],
        )
        .await;
    match written {
        Ok(_) => {
            write.announce(Topic::Customers, &customer.id.to_string());
            Ok(customer)
        }
        Err(fault) if fault.is_taken() => Err(taken(write, &customer).await?.unwrap_or(fault)),
        Err(fault) => Err(fault),
    }
}

/// Works out the column `instance_state` again, after a run was written.
pub(super) async fn refresh_state(write: &Write, id: CustomerId) -> Result<(), Fault> {
    // The customer is asked for under its lock, so that its status can't change before the answer is written.
    let sql = "SELECT status, production_url IS NOT NULL AS has_address
               FROM fabrik.customers WHERE id = $1 FOR NO KEY UPDATE";
    let key = id.to_string();
    let values: [&(dyn super::column::Value + Sync); 1] = [&key];
    let (row, newest) = try_join!(write.row(sql, &values), runs::newest_state(write, id))?;
    let row = row.ok_or_else(|| unknown(&key))?;
    let (status, has_address) = (word(&row, "status")?, plain(&row, "has_address")?);
    let state = to_word(&InstanceState::of(status, has_address, newest))?;
    let sql = "UPDATE fabrik.customers SET instance_state = $2
               WHERE id = $1 AND instance_state <> $2";
    write.execute(sql, &[&key, &state]).await?;
    Ok(())
}

/// Which of the unique fields another customer has. What people can choose freely comes first.
pub(super) async fn taken(session: &Session, customer: &Customer) -> Result<Option<Fault>, Fault> {
    let mut taken = taken_among(session, &[customer]).await?;
    Ok(taken.pop().flatten().map(Fault::from))
}

/// The same of many, in their order, by one question.
pub(super) async fn taken_among(
    session: &Session,
    customers: &[&Customer],
) -> Result<Vec<Option<Cause>>, Fault> {
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = customers.iter().map(|one| one.id.to_string()).collect();
    let subdomains: Vec<_> = customers.iter().map(|one| one.subdomain.clone()).collect();
    let slugs: Vec<_> = customers.iter().map(|one| one.slug.clone()).collect();
    let external_ids: Vec<_> = customers
        .iter()
        .map(|one| one.external_id.clone())
        .collect();
    // Each by its own index, however many there are.
    let holder = |column: &str| {
        format!(
            "(SELECT name FROM fabrik.customers AS other
              WHERE other.{column} = given.{column} AND other.id <> given.id) AS {column}"
        )
    };
    let sql = format!(
        "SELECT {}, {}, {}
         FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
             AS given (id, subdomain, slug, external_id, place)
         ORDER BY place",
        holder("subdomain"),
        holder("slug"),
        holder("external_id"),
    );
    let rows = session
        .rows(&sql, &[&ids, &subdomains, &slugs, &external_ids])
        .await?;
    let cause = |(row, customer): (&Row, &&Customer)| -> Result<Option<Cause>, Fault> {
        let holder = |column| plain::<Option<String>>(row, column);
        if let Some(name) = holder("subdomain")? {
            return Ok(Some(Cause::SubdomainTaken {
                subdomain: customer.subdomain.clone(),
                customer: name,
            }));
        }
        if let Some(name) = holder("slug")? {
            return Ok(Some(Cause::SlugTaken {
                slug: customer.slug.clone(),
                customer: name,
            }));
        }
        Ok(holder("external_id")?.map(|name| Cause::ExternalIdTaken {
            external_id: customer.external_id.clone().unwrap_or_default(),
            customer: name,
        }))
    };
    rows.iter().zip(customers).map(cause).collect()
}

/// Removes a customer with its ended runs. The audit log stays.
pub(super) async fn remove(write: &Write, id: CustomerId, audit: &NewAudit) -> Result<(), Fault> {
    // No run begins, and none is written, while it is looked whether there is one.
    let customer = locked(write, id).await?;
    if let Some(run) = runs::active(write, id).await? {
        return Err(Cause::RunActive { run }.into());
    }
    // A leftover is still there, too: an undo could not take it away. What was asked for may be there. A mail
    // that was sent needs no owner.
    let sql = "SELECT EXISTS (
                   SELECT FROM fabrik.resources
                   WHERE customer_id = $1 AND state IN ('intended', 'live', 'leftover')
                       AND origin = 'created' AND kind <> 'mail')";
    let key = id.to_string();
    if write.one(sql, &[&key]).await? {
        return Err(Problem::from(Cause::CustomerHasInstance {
            customer: customer.name,
        })
        .into());
    }
    let sql = "DELETE FROM fabrik.customers WHERE id = $1";
    write.execute(sql, &[&key]).await?;
    note(write, id, audit).await?;
    write.announce(Topic::Customers, &key);
    Ok(())
}
