//! `fabrik customers`.

mod edit;

use std::path::PathBuf;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use fabrik_app::{
    App, CustomerQuery, CustomerSort,
    views::{CustomerDetail, CustomerPage},
};
use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerStatus, NewCustomer},
    language::Language,
};
use serde_json::json;

use self::edit::Edit;
use super::{
    asking,
    import::{self, Format},
    members,
};
use crate::{
    arguments::Tag,
    exit::Exit,
    output::{Output, strong},
    session::Session,
    table::{Table, facts},
    words::{Label, Term, local, state_of},
};

/// `fabrik customers …`.
#[derive(Subcommand)]
pub(crate) enum Customers {
    /// Lists them, by name
    List(List),
    /// Adds one
    Add(Add),
    /// Shows one, with its instance
    Show {
        /// The customer, by id or subdomain
        customer: String,
    },
    /// Changes one
    Edit(Box<Edit>),
    /// Removes the record of one that has no instance
    Remove {
        /// The customer, by id or subdomain
        customer: String,
        /// The customer's subdomain, typed; asks nothing then
        #[arg(long, value_name = "SUBDOMAIN", conflicts_with = "yes")]
        confirm: Option<String>,
        /// Asks nothing
        #[arg(long, short)]
        yes: bool,
    },
    /// Adds many, from CSV, JSON or an older customer-config.json
    Import {
        /// The file; `-` is standard input
        file: PathBuf,
        /// Shows what would be done
        #[arg(long)]
        dry_run: bool,
        /// The blueprint of rows that name none
        #[arg(long)]
        blueprint: Option<String>,
        /// The plan of rows that name none
        #[arg(long)]
        plan: Option<String>,
    },
    /// Adds members to a customer's instance, from CSV; who is there stays as they are
    ImportMembers {
        /// The customer, by id or subdomain
        customer: String,
        /// The file; `-` is standard input
        file: PathBuf,
        /// Shows what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Prints all, as a file that can be imported
    Export {
        /// The format; JSON with --json
        #[arg(long, value_enum)]
        format: Option<Format>,
    },
}

/// `fabrik customers list`.
#[derive(Args)]
pub(crate) struct List {
    /// Words found in name, subdomain, e-mail or external id
    #[arg(long)]
    search: Option<String>,
    /// Only those of this status
    #[arg(long, value_parser = status())]
    status: Option<CustomerStatus>,
    /// Only those on this plan
    #[arg(long)]
    plan: Option<String>,
    /// At most so many; 0 is all
    #[arg(long, default_value_t = 0)]
    limit: u64,
    /// After so many
    #[arg(long, default_value_t = 0)]
    offset: u64,
}

/// `fabrik customers add`.
#[derive(Args)]
pub(crate) struct Add {
    /// The name
    name: String,
    /// The subdomain, such as `akermark`
    #[arg(long, allow_hyphen_values = true)]
    subdomain: String,
    /// Who is written to
    #[arg(long)]
    email: String,
    /// What it gets; see `fabrik blueprints list`
    #[arg(long)]
    blueprint: String,
    /// The blueprint's plan
    #[arg(long)]
    plan: String,
    /// A module that is switched on; may be given several times
    #[arg(long = "module", value_name = "MODULE")]
    modules: Vec<String>,
    /// The contact's name
    #[arg(long, value_name = "NAME")]
    contact_name: Option<String>,
    /// The customer's language
    #[arg(long, value_parser = Tag)]
    language: Option<Language>,
    /// Credits to begin with
    #[arg(long, default_value_t = 0)]
    credits: i64,
    /// The id in an older system
    #[arg(long)]
    external_id: Option<String>,
}

/// Runs it.
pub(crate) async fn run(command: Customers, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    match command {
        Customers::List(command) => list(session, &app, command).await,
        Customers::Add(command) => {
            let new = NewCustomer {
                name: command.name,
                subdomain: command.subdomain,
                contact_email: command.email,
                contact_name: command.contact_name,
                blueprint: command.blueprint,
                plan: command.plan,
                language: command.language.unwrap_or(session.language),
                modules: command.modules,
                credits: command.credits,
                external_id: command.external_id,
                ..NewCustomer::default()
            };
            if let Some(exit) = refused(session, app.faults_of_new(&new).await?)? {
                return Ok(exit);
            }
            answer(session, &app.customer_add(new).await?, Label::Added)
        }
        Customers::Show { customer } => {
            let customer = session.customer(&app, &customer).await?;
            let detail = app.customer_get(customer.id).await?;
            // The customer's own fields first, so that the document is a customer with more to it.
            let mut document = json!(detail.row);
            document["links"] = json!(detail.links);
            document["resources"] = json!(detail.resources);
            document["runs"] = json!(detail.runs);
            session.answer(&document, |out| show(out, session.language, &detail))?;
            Ok(Exit::Done)
        }
        Customers::Edit(command) => {
            let customer = session.customer(&app, &command.customer).await?;
            let patch = command.patch();
            let faults = app.faults_of_edit(customer.id, &patch).await?;
            if let Some(exit) = refused(session, faults)? {
                return Ok(exit);
            }
            let changed = app.customer_edit(customer.id, patch).await?;
            answer(session, &changed, Label::Changed)
        }
        Customers::Remove {
            customer,
            confirm,
            yes,
        } => {
            let customer = session.customer(&app, &customer).await?;
            warn_of_row(session, &app, &customer).await?;
            let confirmation = confirm.unwrap_or_else(|| confirmation(session, &customer, yes));
            app.customer_remove(customer.id, confirmation).await?;
            answer(session, &customer, Label::Removed)
        }
        Customers::Import {
            file,
            dry_run,
            blueprint,
            plan,
        } => import::import(session, &app, &file, dry_run, blueprint, plan).await,
        Customers::ImportMembers {
            customer,
            file,
            dry_run,
        } => {
            let customer = session.customer(&app, &customer).await?;
            members::import(session, &app, customer.id, &file, dry_run).await
        }
        Customers::Export { format } => {
            let usual = if session.json {
                Format::Json
            } else {
                Format::Csv
            };
            import::export(session, &app, format.unwrap_or(usual)).await
        }
    }
}

/// Says all that is wrong with what was given, as a form marks each of its fields; `None` where nothing is.
fn refused(session: &Session, mut faults: Vec<Problem>) -> Result<Option<Exit>, Problem> {
    if faults.len() < 2 {
        return faults.pop().map_or(Ok(None), Err);
    }
    session.answer_with(&json!({ "problems": faults }), faults.first(), |_| {
        for fault in &faults {
            session.complain(fault);
        }
    })?;
    let exits = faults.iter().map(Exit::of_problem);
    Ok(Some(exits.fold(Exit::Done, Exit::worse)))
}

async fn list(session: &Session, app: &App, command: List) -> Result<Exit, Problem> {
    let query = CustomerQuery {
        search: command.search,
        status: command.status,
        plan: command.plan,
        sort: CustomerSort::Name,
        limit: command.limit,
        offset: command.offset,
        ..CustomerQuery::default()
    };
    let page = app.customers_list(query).await?;
    session.answer(&page, |out| table(out, session.language, &page))?;
    Ok(Exit::Done)
}

fn table(out: &Output, language: Language, page: &CustomerPage) {
    if page.customers.is_empty() {
        out.line(Label::NoCustomers.get(language));
        return;
    }
    let headings = [
        Label::Name,
        Label::Subdomain,
        Label::State,
        Label::Plan,
        Label::Blueprint,
        Label::Address,
    ];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for row in &page.customers {
        let customer = &row.customer;
        table.row([
            customer.name.clone(),
            customer.subdomain.clone(),
            state_of(row, language).to_owned(),
            customer.plan.clone(),
            customer.blueprint.clone(),
            customer.production_url.clone().unwrap_or_default(),
        ]);
    }
    table.print(out);
    out.line(format_args!(
        "{} {} {}",
        page.customers.len(),
        Label::Of.get(language),
        page.total
    ));
}

fn show(out: &Output, language: Language, detail: &CustomerDetail) {
    let customer = &detail.row.customer;
    record(out, language, customer);
    if let Some(run) = detail.runs.first() {
        let state = run.state.word(language);
        facts(
            out,
            &[(
                Label::Run.get(language),
                format!("{} {state} ({})", run.number, run.id),
            )],
        );
    }
    for resource in &detail.resources {
        let url = resource.url.as_deref().unwrap_or_default();
        let how = resource.state.word(language);
        let line = format!(
            "- {} {} ({how})  {url}",
            resource.kind.word(language),
            resource.name
        );
        out.line(format_args!("  {}", line.trim_end()));
    }
}

fn record(out: &Output, language: Language, customer: &Customer) {
    let say = |label: Label| label.get(language);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    out.line(strong(&customer.name));
    facts(
        out,
        &[
            (say(Label::Id), customer.id.to_string()),
            (say(Label::ExternalId), text(&customer.external_id)),
            (say(Label::Slug), customer.slug.clone()),
            (say(Label::Subdomain), customer.subdomain.clone()),
            (
                say(Label::Status),
                customer.status.word(language).to_owned(),
            ),
            (say(Label::Blueprint), customer.blueprint.clone()),
            (say(Label::Plan), customer.plan.clone()),
            (say(Label::Modules), customer.modules.join(", ")),
            (say(Label::Email), customer.contact_email.clone()),
            (say(Label::Contact), text(&customer.contact_name)),
            (say(Label::Language), customer.language.code().to_owned()),
            (say(Label::Credits), customer.credits.to_string()),
            (say(Label::Address), text(&customer.production_url)),
            (say(Label::Repository), text(&customer.github_repo_url)),
            (say(Label::Project), text(&customer.supabase_project_ref)),
            (
                say(Label::DatabaseUrl),
                // Where it is kept, never what it is.
                customer
                    .database_url
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            ),
            (say(Label::CreatedAt), local(customer.created_at)),
            (say(Label::UpdatedAt), local(customer.updated_at)),
        ],
    );
}

fn answer(session: &Session, customer: &Customer, done: Label) -> Result<Exit, Problem> {
    session.answer(customer, |out| {
        record(out, session.language, customer);
        session.output.note(format_args!(
            "{}: {}",
            customer.name,
            done.get(session.language)
        ));
    })?;
    Ok(Exit::Done)
}

/// Says that whoever has a row in the connected table comes back from it.
async fn warn_of_row(session: &Session, app: &App, customer: &Customer) -> Result<(), Problem> {
    if customer.source.is_some()
        && let Some(connected) = app.source_get().await?.connected
    {
        let comes_back = Label::RowComesBack.get(session.language);
        let table = connected.mapping.table;
        session.output.note(format_args!("{table}: {comes_back}"));
    }
    Ok(())
}

/// What is typed to confirm a removal. Whoever names the customer in a script has said which.
fn confirmation(session: &Session, customer: &Customer, yes: bool) -> String {
    let label = Label::ConfirmRemoval.get(session.language);
    let (name, subdomain) = (&customer.name, &customer.subdomain);
    let prompt = format!("{label} {name} ({subdomain}):");
    let typed = (!yes).then(|| asking::typed(session, prompt)).flatten();
    typed.unwrap_or_else(|| subdomain.clone())
}

fn status() -> impl TypedValueParser<Value = CustomerStatus> {
    PossibleValuesParser::new(CustomerStatus::ALL.map(CustomerStatus::key)).try_map(|word| {
        let mut all = CustomerStatus::ALL.into_iter();
        all.find(|status| status.key() == word).ok_or("no status")
    })
}
