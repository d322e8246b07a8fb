//! An agency's own table of customers, on a real server: the four systems' tables as they stand, what is wrong with a
//! mapping, customers that come from it, what a run came to written back, and a server that goes in the middle of it.

mod gone;
mod reading;
mod requests;
mod results;

use serde_json::Value;

use crate::{server::Database, world::TestApp};

/// System A: organisations with their credits in a view.
pub(crate) const FACTORY: &str = "
    CREATE TYPE org_status AS ENUM ('active', 'inactive', 'trial');
    CREATE TABLE organizations (
        id uuid PRIMARY KEY, name text NOT NULL, slug varchar(80) NOT NULL, email text,
        status org_status NOT NULL DEFAULT 'trial', production_url varchar(200), github_repo_url text,
        supabase_project_ref text, provisioned_at timestamptz, internal_notes text);
    CREATE TABLE credits (organization_id uuid, amount numeric(12,2));
    CREATE VIEW organizations_with_credits AS
        SELECT o.*, coalesce((SELECT sum(amount) FROM credits WHERE organization_id = o.id), 0) AS credits_balance
        FROM organizations o;
    INSERT INTO organizations (id, name, slug, email, internal_notes) VALUES
        ('00000000-0000-0000-0000-000000000001', 'Åkermark & Co', 'akermark', 'anna@akermark.example', 'Ring \"Anna\"'),
        ('00000000-0000-0000-0000-000000000002', 'Berg', 'berg', 'info@berg.example', 'Andra'),
        ('00000000-0000-0000-0000-000000000003', 'Utan adress', 'utan', NULL, NULL);
    INSERT INTO credits VALUES ('00000000-0000-0000-0000-000000000001', 1250.00);";

/// System B: requests, of which only those that are approved are customers; pending ones ask to become one.
const AGENCY: &str = "
    CREATE TABLE agency_onboarding_requests (
        id bigserial PRIMARY KEY, agency_name text, admin_email text, admin_name text,
        desired_subdomain text, plan text, status text, instance_url text, supabase_project_id text,
        vercel_project_id text, error_message text, started_at timestamp, completed_at timestamp);
    INSERT INTO agency_onboarding_requests (agency_name, admin_email, admin_name, desired_subdomain, status) VALUES
        ('Ceder Byrå', 'clara@ceder.example', 'Clara', 'ceder', 'approved'),
        ('Dahl Byrå', 'david@dahl.example', 'David', 'dahl', 'pending'),
        ('Ek Byrå', 'eva@ek.example', 'Eva', 'ek', 'rejected');";

/// System C: as an ORM writes it, with capitals.
const ORCHESTRA: &str = "
    CREATE TABLE \"Customer\" (
        \"id\" text PRIMARY KEY, \"name\" text, \"subdomain\" text, \"adminEmail\" text, \"plan\" text,
        \"status\" text, \"databaseUrl\" text, \"vercelUrl\" text, \"provisionedAt\" timestamp(3));
    INSERT INTO \"Customer\" VALUES
        ('clx1', 'Orkester Ett', 'ett', 'kansli@ett.example', NULL, 'active', 'postgres://u:hunter2@db/ett', NULL, NULL);";

/// System D: clients with their modules.
const CLIENT_STACK: &str = "
    CREATE TABLE clients (
        client_id text PRIMARY KEY, company_name text, contact_email text, tier text, modules jsonb,
        status text CHECK (status IN ('new', 'active', 'failed', 'inactive')), repository_url text, error text);
    INSERT INTO clients VALUES ('AC-1', 'Forsberg', 'f@forsberg.example', NULL, '[]', 'new', NULL, NULL);";

/// A database with one of them, and its address.
fn agency(tables: &str) -> (Database, String) {
    let database = Database::new();
    database.run(tables);
    let url = database.direct().to_string();
    (database, url)
}

async fn document(app: &TestApp, arguments: &[&str], status: i32) -> Value {
    let arguments = [&["source"], arguments, &["--json"]].concat();
    app.run(&arguments).await.exits(status).json()
}

async fn customers(app: &TestApp) -> Vec<Value> {
    let list = app.run(&["customers", "list", "--json"]).await.exits(0);
    list.json()["customers"].as_array().unwrap().clone()
}

async fn akermark(app: &TestApp) -> Value {
    let mut all = customers(app).await.into_iter();
    let found = all.find(|customer| customer["subdomain"] == "akermark");
    found.expect("it is there")
}

/// The one row of a question about a database.
async fn asked(database: &Database, sql: &str) -> Value {
    let (client, connection) = tokio_postgres::connect(&database.config(), tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let row = client.query_one(sql, &[]).await.unwrap();
    let text: String = row.get(0);
    serde_json::from_str(&text).unwrap()
}
