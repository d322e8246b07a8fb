//! Every call that the clients have, with whatever they ask for. What is missing here is named by the test.

use std::sync::Arc;

use fabrik_clouds::{
    BaseUrl, GitHub, Gitea, Http, N8n, Resend, Site, Stripe, Token, Vercel, gitea,
    github::{self, NewRepository},
    n8n::{NewCredential, NewWorkflow},
    resend::Email,
    stripe::EventsFrom,
    supabase::{
        Admin, AuthConfigChange, LinkKind, Management, NewProject, NewUser, ProjectApi,
        RegionSelection, Session,
    },
    vercel::{self, Kind, NewDeployment, Target, Variable},
};
use fabrik_domain::{
    id::WorkspaceId,
    ports::Secrets,
    provider::Provider,
    secret::{Secret, SecretRef},
};
use fabrik_vault::MemoryVault;
use futures::future::LocalBoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

const REF: &str = "abcdefghijklmnopqrst";
const TEAM: vercel::Team<'static> = Some("norrform");

/// The clients of every vendor over one transport.
pub(super) struct Vendors {
    supabase: Management,
    project: ProjectApi,
    admin: Admin,
    github: GitHub,
    vercel: Vercel,
    n8n: N8n,
    gitea: Gitea,
    resend: Resend,
    stripe: Stripe,
    site: Site,
    secret: Secret,
    session: Session,
    row: Map<String, Value>,
    repository: github::Repository,
    copies: gitea::Repository,
    workflow: NewWorkflow,
}

impl Vendors {
    pub(super) async fn over(http: Http) -> Self {
        let base = || BaseUrl::parse("https://vendor.example").unwrap();
        let vault: Arc<dyn Secrets> = Arc::new(MemoryVault::new());
        let workspace = WorkspaceId::new();
        let token = async |provider: Provider| {
            let reference = SecretRef::token(workspace, provider);
            let secret = Secret::from("rk_test_a-token-long-enough");
            vault.set(&reference, secret).await.unwrap();
            Token::new(Arc::clone(&vault), reference)
        };
        let repository = json!({
            "id": 1, "full_name": "norrform/lyran", "html_url": "https://github.com/norrform/lyran", "default_branch": "main",
        });
        let project = ProjectApi::new(http.clone(), base());
        let secret = Secret::from("sb_secret_x");
        Self {
            supabase: Management::new(http.clone(), base(), token(Provider::Supabase).await),
            admin: Admin::new(project.clone(), secret.clone(), Arc::clone(&vault), None),
            project,
            github: GitHub::new(http.clone(), base(), token(Provider::GitHub).await),
            vercel: Vercel::new(http.clone(), base(), token(Provider::Vercel).await),
            n8n: N8n::new(http.clone(), base(), token(Provider::N8n).await),
            gitea: Gitea::new(http.clone(), base(), token(Provider::Gitea).await),
            resend: Resend::new(http.clone(), base(), token(Provider::Resend).await),
            stripe: Stripe::new(http.clone(), base(), token(Provider::Stripe).await),
            site: Site::new(http),
            session: Session {
                access_token: secret.clone(),
            },
            secret,
            row: json!({ "id": 1 }).as_object().cloned().unwrap(),
            repository: serde_json::from_value(repository.clone()).unwrap(),
            copies: serde_json::from_value(repository).unwrap(),
            workflow: NewWorkflow::of(
                "lyran".to_owned(),
                &json!({ "nodes": [{ "id": "1" }], "connections": {}, "settings": {} }),
            )
            .unwrap(),
        }
    }
}

/// A call, made to its end.
pub(super) type Call = for<'a> fn(&'a Vendors) -> LocalBoxFuture<'a, ()>;

/// No call of ours needs more requests than this, whatever it is told.
pub(super) const REQUESTS: usize = 1000;

/// What the first line of a kept answer says: its status, and by its text the call that gets it, as in
/// `200 v.n8n.workflows("lyran")`. How the compiler breaks a text into lines is all the same.
pub(super) fn answered(line: &str) -> Option<(&'static str, Call, StatusCode)> {
    let (status, text) = line.split_once(' ')?;
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let (name, call) = CALLS.iter().find(|(name, _)| plain(name) == plain(text))?;
    Some((*name, *call, status.parse().ok()?))
}

/// The headers that any client of ours looks at, and those that it should not fall over.
pub(super) const HEADERS: [&str; 18] = [
    "content-type",
    "date",
    "github-authentication-token-expiration",
    "link",
    "location",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "retry-after",
    "set-cookie",
    "x-github-request-id",
    "x-oauth-scopes",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-resource",
    "x-request-id",
    "x-sb-error-code",
];

/// What follows on the first line of a kept answer: as many lines as say one of the headers, as in `retry-after: 30`, and
/// the body. A line whose value can't be a header's is left out.
pub(super) fn headers_and_body(mut rest: &[u8]) -> (HeaderMap, &[u8]) {
    let mut headers = HeaderMap::new();
    while let Some((name, value, following)) = header(rest) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
        rest = following;
    }
    (headers, rest)
}

/// The header that a text begins with, its value, and what comes after its line.
fn header(text: &[u8]) -> Option<(&'static str, &[u8], &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let (line, following) = (&text[..end], &text[end + 1..]);
    let mut named = HEADERS.iter().filter_map(|name| {
        let value = line.strip_prefix(name.as_bytes())?.strip_prefix(b": ")?;
        Some((*name, value, following))
    });
    named.next()
}

macro_rules! calls {
    ($v:ident; $($call:expr;)+) => {
        /// By their own text. Succeeding or not is all the same.
        pub(super) const CALLS: &[(&str, Call)] =
            &[$((stringify!($call), |$v| Box::pin(async move { drop($call.await) }))),+];
    };
}

calls! { v;
    v.supabase.organizations();
    v.supabase.whoami();
    v.supabase.plan("norrform");
    v.supabase.regions("norrform");
    v.supabase.projects("norrform", Some("lyran"));
    v.supabase.create_project(&NewProject {
        name: "lyran",
        organization_slug: "norrform",
        database_password: &v.secret,
        region_selection: RegionSelection::of("eu-north-1"),
        desired_instance_size: None,
    });
    v.supabase.project(REF);
    v.supabase.health(REF, &["auth", "db"]);
    v.supabase.api_keys(REF);
    v.supabase.execute(REF, "select 1");
    v.supabase.read::<Map<String, Value>>(REF, "select 1");
    v.supabase.ask::<Map<String, Value>>(REF, "select $1", &[json!(1)]);
    v.supabase.change::<Map<String, Value>>(REF, "select $1", &[json!(1)]);
    v.supabase.rolled_back::<Map<String, Value>>(REF, "select 1");
    v.supabase.auth_config(REF);
    v.supabase.change_auth_config(REF, &AuthConfigChange::default());
    v.supabase.restore_auth_config(REF, &v.row);
    v.supabase.connection(REF);
    v.supabase.recovery(REF);
    v.supabase.set_recovery(REF, "pitr_7");
    v.supabase.remove_recovery(REF, "pitr_7");
    v.supabase.instance_size(REF);
    v.supabase.set_instance_size(REF, "small");
    v.supabase.delete_project(REF, "norrform");
    v.supabase.is_gone_from("norrform", REF);
    v.project.sign_in("key", "anna@lyran.se", &v.secret);
    v.project.rows("key", &v.session, "tasks", ("id", "1"));
    v.project.visitor(&v.secret).read("tasks");
    v.project.visitor(&v.secret).write("tasks", &v.row);
    v.project.visitor(&v.secret).call("rpc", &v.row);
    v.admin.user("00000000-0000-4000-8000-000000000000");
    v.admin.user_by_email("nobody@lyran.se");
    v.admin.create_user(&NewUser {
        id: "00000000-0000-4000-8000-000000000000",
        email: "anna@lyran.se",
        password: &v.secret,
        email_confirm: true,
        user_metadata: Map::new(),
        app_metadata: Map::new(),
    });
    v.admin.delete_user("00000000-0000-4000-8000-000000000000");
    v.admin.link(LinkKind::Recovery, "anna@lyran.se", None);
    v.admin.has_row("tasks", "id", "1");
    v.admin.add_row("tasks", &v.row);
    v.github.whoami();
    v.github.owner("norrform");
    v.github.app_is_limited("norrform", "vercel");
    v.github.repository("norrform", "lyran");
    v.github.repository_by_id("1");
    v.github.generate("norrform", "template", NewRepository {
        owner: "norrform",
        name: "lyran",
        description: "x",
    });
    v.github.branch("norrform", "lyran", "main");
    v.github.file("norrform", "lyran", "main", "a.json");
    v.github.write_file(("norrform", "lyran"), "main", "a.json", b"{}", "x", None);
    v.github.last_commit("norrform", "lyran", "main", "a.json");
    v.github.commits("norrform", "lyran", "main", "a.json");
    v.github.delete_file(("norrform", "lyran"), "main", "a.json", "x", "sha");
    v.github.delete_repository(&v.repository);
    v.github.sees_private("norrform", Some("anna"));
    v.vercel.whoami();
    v.vercel.user_id();
    v.vercel.team("norrform");
    v.vercel.plan(TEAM);
    v.vercel.git_access(TEAM, "norrform", "lyran");
    v.vercel.project(TEAM, "lyran");
    v.vercel.create_project(TEAM, vercel::NewProject {
        name: "lyran",
        framework: Some("nextjs"),
        repository: "norrform/lyran",
        mark: ("FABRIK_MARK", "x"),
    });
    v.vercel.delete_project(TEAM, "prj_1");
    v.vercel.domains(TEAM, "prj_1");
    v.vercel.set_variables(TEAM, "prj_1", Target::Production, &[Variable {
        key: "A",
        value: &v.secret,
        kind: Kind::Encrypted,
    }]);
    v.vercel.delete_variable(TEAM, "prj_1", "env_1");
    v.vercel.variables(TEAM, "prj_1");
    v.vercel.add_domain(TEAM, "prj_1", "lyran.se");
    v.vercel.domain(TEAM, "prj_1", "lyran.se");
    v.vercel.verify_domain(TEAM, "prj_1", "lyran.se");
    v.vercel.domain_config(TEAM, "prj_1", "lyran.se");
    v.vercel.remove_domain(TEAM, "prj_1", "lyran.se");
    v.vercel.create_deployment(TEAM, NewDeployment {
        name: "lyran",
        project: "prj_1",
        repo_id: "1",
        branch: "main",
        meta: &[("run", "x")],
    });
    v.vercel.deployment(TEAM, "dpl_1");
    v.vercel.cancel_deployment(TEAM, "dpl_1");
    v.vercel.delete_deployment(TEAM, "dpl_1");
    v.vercel.deployments(TEAM, "prj_1");
    v.n8n.whoami();
    v.n8n.user();
    v.n8n.credentials("lyran");
    v.n8n.create_credential(NewCredential { id: "x", name: "lyran", kind: "smtp", data: &[] });
    v.n8n.replace_credential("1", NewCredential { id: "x", name: "lyran", kind: "smtp", data: &[] });
    v.n8n.delete_credential("1");
    v.n8n.workflows("lyran");
    v.n8n.workflow("1");
    v.n8n.create_workflow(&v.workflow);
    v.n8n.replace_workflow("1", &v.workflow);
    v.n8n.publish("1");
    v.n8n.delete_workflow("1");
    v.gitea.login();
    v.gitea.whoami();
    v.gitea.repository("norrform", "copies");
    v.gitea.sees_organization("norrform");
    v.gitea.create_organization("norrform");
    v.gitea.create_repository(Some("norrform"), "copies", "x");
    v.gitea.create_repository(None, "copies", "x");
    v.gitea.file(&v.copies, "main", "a.json");
    v.gitea.change_files(&v.copies, "main", "x", &[gitea::Change::Create { path: "a.json", content: b"{}" }]);
    v.resend.senders();
    v.resend.team();
    v.resend.whoami();
    v.resend.send(Email {
        from: "x@norrform.se",
        to: "anna@lyran.se",
        reply_to: None,
        subject: "Hej",
        html: &v.secret,
        text: &v.secret,
    }, "key");
    v.resend.sent_since("2026-11-21T12:00:00Z".parse().unwrap());
    v.resend.email("m1");
    v.stripe.whoami();
    v.stripe.events(&EventsFrom::After("evt_1".to_owned()));
    v.stripe.subscription("sub_1");
    v.stripe.subscriptions(None);
    v.stripe.subscription_of_checkout("cs_1");
    v.stripe.payer("cus_1");
    v.stripe.price("price_1");
    v.site.ask("https://lyran.example");
}
