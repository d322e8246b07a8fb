//! `fabrik requests`: who wants to become a customer, and whose subscription has ended.

mod reject;
mod shown;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use fabrik_app::{App, RequestQuery};
use fabrik_domain::{
    Problem,
    language::Language,
    request::{OnboardingRequest, RequestState, Wish},
    run,
};

use self::shown::{show, table};
use super::{asking, outcome, provision::OnFailure};
use crate::{
    arguments::Tag,
    exit::Exit,
    session::Session,
    words::Label,
    work::{self, Work},
};

/// `fabrik requests …`.
#[derive(Subcommand)]
pub(crate) enum Requests {
    /// Lists them: the undecided before the decided, of each the newest first
    List {
        /// Only those in this state; `all` is every one
        #[arg(long, default_value = "open", value_parser = states())]
        state: States,
        /// At most so many; 0 is all
        #[arg(long, default_value_t = 0)]
        limit: u64,
        /// After so many
        #[arg(long, default_value_t = 0)]
        offset: u64,
    },
    /// Shows one
    Show {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
    },
    /// Adds one that came in another way
    Add(Box<Asked>),
    /// Changes what an open one asks for; what is not given stays as it is
    Edit(Box<Changed>),
    /// What provisioning its customer would do, and whether the names are free; makes nothing
    Review {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
        /// Another subdomain than was asked for
        #[arg(long, allow_hyphen_values = true)]
        subdomain: Option<String>,
    },
    /// Adds the customer and provisions it; each request once, whoever approves
    Approve {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
        /// Another subdomain than was asked for
        #[arg(long, allow_hyphen_values = true)]
        subdomain: Option<String>,
        /// What to do when a step fails for good; else the run is rolled back
        #[arg(long, value_enum)]
        on_failure: Option<OnFailure>,
        /// Asks nothing
        #[arg(long, short)]
        yes: bool,
    },
    /// Says no to one
    Reject {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// Puts one away undecided, also the end of a subscription; nobody is told
    Archive {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
    },
    /// Opens one again that was put away
    Restore {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
    },
    /// Settles the end of a subscription; `fabrik deprovision` does so by removing the instance
    Settle {
        /// The request, by id; an undecided one also by subdomain or e-mail
        request: String,
        /// Marks the customer as paused; else it is kept as it is
        #[arg(long)]
        pause: bool,
    },
}

/// `fabrik requests add`.
#[derive(Args)]
pub(crate) struct Asked {
    /// The customer's name
    name: String,
    /// The administrator's address
    #[arg(long)]
    email: String,
    /// The subdomain wished for; else one that is free
    #[arg(long, allow_hyphen_values = true)]
    subdomain: Option<String>,
    /// The administrator's name
    #[arg(long, value_name = "NAME")]
    contact_name: Option<String>,
    /// The blueprint; may be chosen later
    #[arg(long)]
    blueprint: Option<String>,
    /// A plan of it; may be chosen later
    #[arg(long)]
    plan: Option<String>,
    /// A module that is switched on; may be given several times
    #[arg(long = "module", value_name = "MODULE")]
    modules: Vec<String>,
    /// The customer's language
    #[arg(long, value_parser = Tag)]
    language: Option<Language>,
    /// What the sender wrote
    #[arg(long)]
    message: Option<String>,
}

/// `fabrik requests edit`.
#[derive(Args)]
pub(crate) struct Changed {
    /// The request, by id; an undecided one also by subdomain or e-mail
    request: String,
    /// The customer's name
    #[arg(long)]
    name: Option<String>,
    /// The administrator's address
    #[arg(long)]
    email: Option<String>,
    /// The subdomain wished for
    #[arg(long, allow_hyphen_values = true)]
    subdomain: Option<String>,
    /// The administrator's name
    #[arg(long, value_name = "NAME")]
    contact_name: Option<String>,
    /// The blueprint
    #[arg(long)]
    blueprint: Option<String>,
    /// A plan of it
    #[arg(long)]
    plan: Option<String>,
    /// The modules that are switched on, in place of those before; an empty one switches all off
    #[arg(long = "module", value_name = "MODULE")]
    modules: Option<Vec<String>>,
    /// The customer's language
    #[arg(long, value_parser = Tag)]
    language: Option<Language>,
}

/// Which states are listed; all of them where none is named.
#[derive(Clone, Copy)]
pub(crate) struct States(Option<RequestState>);

fn states() -> impl TypedValueParser<Value = States> {
    let words = RequestState::ALL.map(RequestState::key);
    PossibleValuesParser::new(words.into_iter().chain(["all"])).map(|word| {
        let mut all = RequestState::ALL.into_iter();
        States(all.find(|state| state.key() == word))
    })
}

/// Runs it.
pub(crate) async fn run(command: Requests, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    let language = session.language;
    match command {
        Requests::List {
            state: States(state),
            limit,
            offset,
        } => {
            let states = state.into_iter().collect();
            let query = RequestQuery {
                states,
                limit,
                offset,
            };
            let page = app.requests_list(query).await?;
            session.answer(&page, |out| table(out, language, &page))?;
            Ok(Exit::Done)
        }
        Requests::Show { request } => {
            let request = app.find_request(&request, RequestState::Open).await?;
            let removal = app.removal_of(&request).await?;
            session.answer(&request, |out| {
                show(out, language, &request, removal.as_ref());
            })?;
            Ok(Exit::Done)
        }
        Requests::Add(asked) => {
            let wish = Wish {
                name: asked.name,
                subdomain: asked.subdomain.unwrap_or_default(),
                contact_email: asked.email,
                contact_name: asked.contact_name,
                blueprint: asked.blueprint.unwrap_or_default(),
                plan: asked.plan.unwrap_or_default(),
                language: asked.language.unwrap_or(language),
                modules: asked.modules,
                message: asked.message,
            };
            answer(session, &app.request_add(wish).await?, Label::Added)
        }
        Requests::Edit(changed) => {
            let request = app
                .find_request(&changed.request, RequestState::Open)
                .await?;
            // Who mends something else has chosen no language.
            if changed.language.is_none()
                && let Some(problem) = request.unread_language()
            {
                return Err(problem.clone());
            }
            let wish = edited(request.wish, *changed);
            let request = app.request_edit(request.id, wish).await?;
            answer(session, &request, Label::Changed)
        }
        Requests::Review { request, subdomain } => {
            let request = app.find_request(&request, RequestState::Open).await?;
            let plan = app.request_review(request.id, subdomain).await?;
            super::plan::answer(session, &plan)
        }
        Requests::Approve {
            request,
            subdomain,
            on_failure,
            yes,
        } => {
            let request = app.find_request(&request, RequestState::Open).await?;
            if !yes && !app.is_sandbox() && !agreed(session, &request) {
                session.output.note(Label::Declined.get(language));
                return Ok(Exit::Refused);
            }
            // The customer is new, and has no instance yet.
            let on_failure = on_failure.map(run::OnFailure::from).unwrap_or_default();
            let (request, customer) = app.approve(request.id, subdomain, on_failure).await?;
            let work = Work::Begin(request.id, Box::new(customer), on_failure);
            let outcomes = work::perform(session, &app, vec![work]).await;
            let exit = outcome::print(session, &outcomes, true);
            outcome::note_end(session, &app, &outcomes);
            Ok(exit)
        }
        Requests::Reject { request, reason } => {
            reject::reject(session, &app, &request, &reason).await
        }
        Requests::Archive { request } => {
            let request = app.find_request(&request, RequestState::Open).await?;
            let request = app.request_archive(request.id).await?;
            answer(session, &request, Label::RequestArchived)
        }
        Requests::Restore { request } => {
            let request = app.find_request(&request, RequestState::Archived).await?;
            let request = app.request_restore(request.id).await?;
            answer(session, &request, Label::RequestRestored)
        }
        Requests::Settle { request, pause } => settle(session, &app, &request, pause).await,
    }
}

async fn settle(session: &Session, app: &App, request: &str, pause: bool) -> Result<Exit, Problem> {
    let request = app.find_request(request, RequestState::Open).await?;
    let request = app.request_settle(request.id, pause).await?;
    answer(session, &request, Label::RequestSettled)
}

fn agreed(session: &Session, request: &OnboardingRequest) -> bool {
    let wish = &request.wish;
    let question = Label::Provision.get(session.language);
    let question = format!("  {}  ({})\n{question}", wish.name, wish.subdomain);
    asking::agreed(session, &question)
}

fn edited(before: Wish, changed: Changed) -> Wish {
    let modules = changed.modules.map(|mut modules| {
        modules.retain(|module| !module.is_empty());
        modules
    });
    Wish {
        name: changed.name.unwrap_or(before.name),
        subdomain: changed.subdomain.unwrap_or(before.subdomain),
        contact_email: changed.email.unwrap_or(before.contact_email),
        contact_name: changed.contact_name.or(before.contact_name),
        blueprint: changed.blueprint.unwrap_or(before.blueprint),
        plan: changed.plan.unwrap_or(before.plan),
        language: changed.language.unwrap_or(before.language),
        modules: modules.unwrap_or(before.modules),
        message: before.message,
    }
}

fn answer(session: &Session, request: &OnboardingRequest, done: Label) -> Result<Exit, Problem> {
    session.answer(request, |out| {
        show(out, session.language, request, None);
        let done = done.get(session.language);
        session
            .output
            .note(format_args!("{}: {done}", request.wish.name));
    })?;
    Ok(Exit::Done)
}
