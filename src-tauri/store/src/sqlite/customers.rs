//! The table `customers`: adding, changing, removing one.

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerPatch, InstanceState},
    id::CustomerId,
    secret::SecretRef,
};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::{
    audit, changes,
    column::{json, micros, time, to_json, to_word, word, word_option},
    fault::{Fault, is_taken},
    leases, resources, runs,
    writer::Write,
};
use crate::{
    NewAudit, Topic,
    customers::{apply, search_text},
    text::name_key,
};

/// Reads a row.
pub(super) fn from_row(row: &Row<'_>) -> Result<Customer, Fault> {
    Ok(Customer {
        id: word(row, "id")?,
        external_id: row.get("external_id")?,
        source: row.get("source")?,
        name: row.get("name")?,
        slug: row.get("slug")?,
        subdomain: row.get("subdomain")?,
        status: word(row, "status")?,
        plan: row.get("plan")?,
        blueprint: row.get("blueprint")?,
        contact_email: row.get("contact_email")?,
        contact_name: row.get("contact_name")?,
        language: word(row, "language")?,
        credits: row.get("credits")?,
        modules: json(row, "modules")?,
        production_url: row.get("production_url")?,
        github_repo_url: row.get("github_repo_url")?,
        supabase_project_ref: row.get("supabase_project_ref")?,
        database_url: word_option(row, "database_url")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

/// The customer with this id.
pub(super) fn get(connection: &Connection, id: CustomerId) -> Result<Customer, Fault> {
    by(connection, "id", &id.to_string())?.ok_or_else(|| {
        Cause::CustomerUnknown {
            customer: id.to_string(),
        }
        .into()
    })
}

/// The customer whose `column` (one that is unique) holds `value`.
pub(super) fn by(
    connection: &Connection,
    column: &'static str,
    value: &str,
) -> Result<Option<Customer>, Fault> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT * FROM customers WHERE {column} = ?1"))?;
    let mut rows = statement.query([value])?;
    rows.next()?.map(from_row).transpose()
}

/// Who else has a Supabase project.
pub(super) fn project_holder(
    connection: &Connection,
    reference: &str,
    customer: CustomerId,
) -> Result<Option<Customer>, Fault> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM customers WHERE id <> :customer AND (
             supabase_project_ref = :reference
             OR id IN (
                 SELECT customer_id FROM resources
                 WHERE kind = 'supabase_project' AND id = :reference
                     AND origin = 'created' AND state NOT IN ('removed', 'let_go')))
         LIMIT 1",
    )?;
    let mut rows = statement.query(named_params! {
        ":customer": customer.to_string(),
        ":reference": reference,
    })?;
    rows.next()?.map(from_row).transpose()
}

/// The customer that people mean by `text`.
pub(super) fn find(connection: &Connection, text: &str) -> Result<Customer, Fault> {
    let text = text.trim();
    if let Ok(id) = text.parse::<CustomerId>()
        && let Some(customer) = by(connection, "id", &id.to_string())?
    {
        return Ok(customer);
    }
    let lower = text.to_lowercase();
    if let Some(customer) = by(connection, "subdomain", &lower)? {
        return Ok(customer);
    }
    let by_slug = by(connection, "slug", &lower)?;
    let by_external_id = by(connection, "external_id", text)?;
    match (by_slug, by_external_id) {
        (Some(one), Some(other)) if one.id == other.id => Ok(one),
        (Some(one), None) | (None, Some(one)) => Ok(one),
        // One customer's slug and another's external id: a guess could hit the wrong one.
        _ => Err(Cause::CustomerUnknown {
            customer: text.to_owned(),
        }
        .into()),
    }
}

/// Adds a customer.
pub(super) fn add(
    write: &Write<'_>,
    customer: Customer,
    audit: NewAudit,
) -> Result<Customer, Fault> {
    let customer = insert(write, customer)?;
    let audit = NewAudit {
        customer: audit.customer.or(Some(customer.id)),
        ..audit
    };
    audit::add(write, &audit)?;
    changes::add(write.connection, Topic::Customers, &customer.id.to_string())?;
    Ok(customer)
}

/// Writes the row alone.
pub(super) fn insert(write: &Write<'_>, customer: Customer) -> Result<Customer, Fault> {
    put(
        write.connection,
        &customer,
        "INSERT INTO customers
            (id, external_id, source, name, slug, subdomain, status, plan, blueprint, contact_email,
             contact_name, language, credits, modules, production_url, github_repo_url,
             supabase_project_ref, database_url, created_at, updated_at, instance_state, name_key,
             search_text)
         VALUES
            (:id, :external_id, :source, :name, :slug, :subdomain, :status, :plan, :blueprint, :contact_email,
             :contact_name, :language, :credits, :modules, :production_url, :github_repo_url,
             :supabase_project_ref, :database_url, :created_at, :updated_at, :instance_state, :name_key,
             :search_text)",
    )?;
    Ok(customer)
}

/// Changes a customer.
pub(super) fn edit(
    write: &Write<'_>,
    id: CustomerId,
    patch: CustomerPatch,
    audit: NewAudit,
) -> Result<Customer, Fault> {
    if let Some(wanted) = &patch.subdomain {
        assert_renameable(write, id, wanted)?;
    }
    let customer = change(write, id, patch)?;
    audit::add(
        write,
        &NewAudit {
            customer: audit.customer.or(Some(id)),
            ..audit
        },
    )?;
    Ok(customer)
}

/// Names are worked out once: whoever looked by another subdomain for what there is would find nothing.
fn assert_renameable(write: &Write<'_>, id: CustomerId, wanted: &str) -> Result<(), Fault> {
    let subdomain = get(write.connection, id)?.subdomain;
    let is_other = subdomain != wanted;
    if is_other
        && (resources::go_by_subdomain(write.connection, id)? || leases::hold_any(write, id)?)
    {
        return Err(Cause::SubdomainInUse { subdomain }.into());
    }
    Ok(())
}

/// Changes a customer and says so, without a word in the audit log.
pub(super) fn change(
    write: &Write<'_>,
    id: CustomerId,
    patch: CustomerPatch,
) -> Result<Customer, Fault> {
    rewrite(write, id, |customer| apply(customer, patch))
}

/// Stores where the database URL of an older system is kept.
pub(super) fn set_database_url(
    write: &Write<'_>,
    id: CustomerId,
    reference: SecretRef,
    audit: NewAudit,
) -> Result<(), Fault> {
    rewrite(write, id, |customer| {
        customer.database_url = Some(reference);
    })?;
    audit::add(
        write,
        &NewAudit {
            customer: audit.customer.or(Some(id)),
            ..audit
        },
    )
}

fn rewrite(
    write: &Write<'_>,
    id: CustomerId,
    change: impl FnOnce(&mut Customer),
) -> Result<Customer, Fault> {
    let mut customer = get(write.connection, id)?;
    change(&mut customer);
    customer.updated_at = write.now;
    put(
        write.connection,
        &customer,
        "UPDATE customers SET
            external_id = :external_id, source = :source, name = :name, slug = :slug, subdomain = :subdomain,
            status = :status, plan = :plan, blueprint = :blueprint, contact_email = :contact_email,
            contact_name = :contact_name, language = :language, credits = :credits,
            modules = :modules, production_url = :production_url,
            github_repo_url = :github_repo_url, supabase_project_ref = :supabase_project_ref,
            database_url = :database_url, created_at = :created_at, updated_at = :updated_at,
            instance_state = :instance_state,
            name_key = :name_key, search_text = :search_text
         WHERE id = :id",
    )?;
    changes::add(write.connection, Topic::Customers, &id.to_string())?;
    Ok(customer)
}

/// Works out the column `instance_state` again, after a run was written.
pub(super) fn refresh_state(connection: &Connection, id: CustomerId) -> Result<(), Fault> {
    let state = instance_state(connection, &get(connection, id)?)?;
    connection
        .prepare_cached(
            "UPDATE customers SET instance_state = ?2 WHERE id = ?1 AND instance_state <> ?2",
        )?
        .execute((id.to_string(), state))?;
    Ok(())
}

fn instance_state(connection: &Connection, customer: &Customer) -> Result<String, Fault> {
    let newest = runs::newest_state(connection, customer.id)?;
    let has_address = customer.production_url.is_some();
    Ok(to_word(&InstanceState::of(
        customer.status,
        has_address,
        newest,
    ))?)
}

/// Runs a statement that has a parameter for each column.
fn put(connection: &Connection, customer: &Customer, sql: &str) -> Result<(), Fault> {
    let written = connection.prepare_cached(sql)?.execute(named_params! {
        ":id": customer.id.to_string(),
        ":external_id": customer.external_id,
        ":source": customer.source,
        ":name": customer.name,
        ":slug": customer.slug,
        ":subdomain": customer.subdomain,
        ":status": customer.status.key(),
        ":plan": customer.plan,
        ":blueprint": customer.blueprint,
        ":contact_email": customer.contact_email,
        ":contact_name": customer.contact_name,
        ":language": to_word(&customer.language)?,
        ":credits": customer.credits,
        ":modules": to_json(&customer.modules)?,
        ":production_url": customer.production_url,
        ":github_repo_url": customer.github_repo_url,
        ":supabase_project_ref": customer.supabase_project_ref,
        ":database_url": customer.database_url.as_ref().map(ToString::to_string),
        ":created_at": micros(customer.created_at),
        ":updated_at": micros(customer.updated_at),
        ":instance_state": instance_state(connection, customer)?,
        ":name_key": name_key(&customer.name),
        ":search_text": search_text(customer),
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) if is_taken(&error) => Err(taken(connection, customer)?.unwrap_or(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// Which of the unique fields another customer has. What people can choose freely comes first.
fn taken(connection: &Connection, customer: &Customer) -> Result<Option<Fault>, Fault> {
    let other = |column, value: &str| -> Result<Option<String>, Fault> {
        Ok(by(connection, column, value)?
            .filter(|other| other.id != customer.id)
            .map(|other| other.name))
    };
    if let Some(name) = other("subdomain", &customer.subdomain)? {
        let subdomain = customer.subdomain.clone();
        return Ok(Some(
            Cause::SubdomainTaken {
                subdomain,
                customer: name,
            }
            .into(),
        ));
    }
    if let Some(name) = other("slug", &customer.slug)? {
        let slug = customer.slug.clone();
        return Ok(Some(
            Cause::SlugTaken {
                slug,
                customer: name,
            }
            .into(),
        ));
    }
    if let Some(external_id) = &customer.external_id
        && let Some(name) = other("external_id", external_id)?
    {
        let external_id = external_id.clone();
        return Ok(Some(
            Cause::ExternalIdTaken {
                external_id,
                customer: name,
            }
            .into(),
        ));
    }
    Ok(None)
}

/// Removes a customer with its ended runs. The audit log stays.
pub(super) fn remove(write: &Write<'_>, id: CustomerId, audit: NewAudit) -> Result<(), Fault> {
    let customer = get(write.connection, id)?;
    if let Some(run) = runs::active(write.connection, id)? {
        return Err(Cause::RunActive { run }.into());
    }
    // A leftover is still there, too: an undo could not take it away. What was asked for may be there. A mail
    // that was sent needs no owner.
    let instance: Option<i64> = write
        .connection
        .prepare_cached(
            "SELECT 1 FROM resources
             WHERE customer_id = ?1 AND state IN ('intended', 'live', 'leftover')
                AND origin = 'created' AND kind <> 'mail' LIMIT 1",
        )?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    if instance.is_some() {
        return Err(Problem::from(Cause::CustomerHasInstance {
            customer: customer.name,
        })
        .into());
    }
    write
        .connection
        .prepare_cached("DELETE FROM customers WHERE id = ?1")?
        .execute([id.to_string()])?;
    audit::add(
        write,
        &NewAudit {
            customer: audit.customer.or(Some(id)),
            ..audit
        },
    )?;
    changes::add(write.connection, Topic::Customers, &id.to_string())
}
