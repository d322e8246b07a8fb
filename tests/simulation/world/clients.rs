//! The product's own clients over the simulated vendors: below them nothing but the transport is swapped.

use std::sync::Arc;

use bytes::Bytes;
use fabrik_app::neighbours_of;
use fabrik_clouds::{
    BaseUrl, Call, GitHub, Gitea, Http, N8n, Resend, Site, Token, Transport, TransportError,
    Vercel, supabase,
};
use fabrik_domain::{
    Problem,
    customer::Customer,
    id::CustomerId,
    ports::Secrets,
    provider::Provider,
    resource::{Resource, ResourceKind, ResourceState},
    run::Run,
    secret::SecretRef,
};
use fabrik_sandbox::Cut;
use fabrik_steps::{Clouds, Registry};
use fabrik_store::Lease;
use http::Request;
use serde_json::{Value, json};

use crate::blueprints::shares_project;

use super::{World, checks::workflows, probe::ProbedVault};

impl World {
    fn transport(&self) -> Transport {
        let (cloud, probe) = (self.cloud.clone(), Arc::clone(&self.probe));
        let (answers, order) = (Arc::clone(&self.answers), Arc::clone(&self.order));
        Transport::new(tower::service_fn(move |mut request: Request<Bytes>| {
            // As the network's own transport does.
            let agent = http::HeaderValue::from_static("fabrik");
            request
                .headers_mut()
                .insert(http::header::USER_AGENT, agent);
            let (cloud, probe) = (cloud.clone(), Arc::clone(&probe));
            let (answers, order) = (Arc::clone(&answers), Arc::clone(&order));
            let operation = request
                .extensions()
                .get::<Call>()
                .map(|call| call.operation);
            async move {
                probe.stop().await;
                order.mix().await;
                let answer = cloud.call(request).await;
                order.mix().await;
                probe.stop().await;
                if let (Some(operation), Ok(answer)) = (operation, &answer)
                    && answer.status().is_success()
                {
                    answers
                        .lock()
                        .unwrap()
                        .insert(operation, answer.body().clone());
                }
                answer.map_err(|cut| match cut {
                    Cut::Unreachable => TransportError::NotSent(cut.to_string()),
                    Cut::Underway => TransportError::Cut(cut.to_string()),
                })
            }
        }))
    }

    /// What the agency's token sees at a vendor from now on: these, or everything.
    pub(crate) fn narrow_token(&self, provider: Provider, only: Option<&[&str]>) {
        let token = self.token_of(provider);
        let change = json!({ "provider": provider.key(), "token": token, "only": only });
        self.cloud.tokens(change).unwrap();
    }

    /// What the agency's token may do at a vendor from now on: what these scopes allow, in the vendor's words.
    pub(crate) fn limit_token(&self, provider: Provider, scopes: &[&str]) {
        let token = self.token_of(provider);
        let change = json!({ "provider": provider.key(), "token": token, "scopes": scopes });
        self.cloud.tokens(change).unwrap();
    }

    /// The vendor takes the agency's token no longer.
    pub(crate) fn revoke_token(&self, provider: Provider) {
        let token = self.token_of(provider);
        let change = json!({ "provider": provider.key(), "token": token, "revoked": true });
        self.cloud.tokens(change).unwrap();
    }

    fn token_of(&self, provider: Provider) -> Value {
        let name = format!("FABRIK_SECRET_{}", provider.key().to_ascii_uppercase());
        self.cloud.environment()[&name].clone()
    }

    /// Somebody deletes a project in Supabase's own pages.
    pub(crate) async fn delete_project(&self, reference: &str) {
        let path = format!("/v1/projects/{reference}");
        self.delete_by_hand(Provider::Supabase, &path).await;
    }

    /// Somebody deletes a customer's projects and repository, each in its vendor's own pages.
    pub(crate) async fn delete_instance(&self, customer: &Customer) {
        let team = &self.settings["vercel.team"];
        for row in self.rows(customer).await {
            let id = &row.id;
            let (provider, path) = match row.kind {
                ResourceKind::SupabaseProject => (Provider::Supabase, format!("/v1/projects/{id}")),
                ResourceKind::Repository => (Provider::GitHub, format!("/repos/{}", row.name)),
                ResourceKind::VercelProject => {
                    let path = format!("/v9/projects/{id}?teamId={team}");
                    (Provider::Vercel, path)
                }
                _ => continue,
            };
            self.delete_by_hand(provider, &path).await;
        }
    }

    /// Somebody takes a domain from the project that all share, in Vercel's own pages.
    pub(crate) async fn delete_domain(&self, name: &str) {
        let project = &self.settings["vercel.project"];
        let team = &self.settings["vercel.team"];
        let path = format!("/v9/projects/{project}/domains/{name}?teamId={team}");
        self.delete_by_hand(Provider::Vercel, &path).await;
    }

    /// Somebody takes away what a removal has left over, in the vendors' own pages, and lets go of it.
    pub(crate) async fn let_go_by_hand(&self, removal: &Run) {
        let rows = self.store.resources(removal.customer).await.unwrap();
        let left = rows
            .iter()
            .filter(|row| row.state == ResourceState::Leftover);
        for row in left {
            self.take_by_hand(row, true).await;
            let engine = self.engine("first");
            let key = row.key.to_string();
            let let_go = engine.let_go(removal.id, &key, "test", Some("first"));
            let_go.await.unwrap();
        }
    }

    /// Somebody takes away parts of an instance that stands: a workflow of each set, and the domains in what all share.
    pub(crate) async fn delete_parts(&self, customer: &Customer) {
        for row in self.rows(customer).await {
            let is_shared = shares_project(&customer.blueprint);
            if match row.kind {
                ResourceKind::Domain => is_shared,
                kind => kind == ResourceKind::Workflows,
            } {
                self.take_by_hand(&row, false).await;
            }
        }
    }

    /// The `whole` of what the row stands for, or a part of it.
    async fn take_by_hand(&self, row: &Resource, whole: bool) {
        let team = &self.settings["vercel.team"];
        match row.kind {
            ResourceKind::Workflows => {
                let mut parts = workflows(row);
                parts.retain(|(kind, _)| whole || kind == "n8n workflow");
                parts.truncate(if whole { usize::MAX } else { 1 });
                for (kind, id) in parts {
                    let kind = kind.replace("n8n ", "");
                    let path = format!("/api/v1/{kind}s/{id}");
                    self.delete_by_hand(Provider::N8n, &path).await;
                }
            }
            ResourceKind::VercelEnvironment => {
                let key = ("vercel".to_owned(), "project".to_owned(), row.id.clone());
                let project = Arc::clone(&self.cloud.documents()[&key]);
                for variable in project["variables"].as_array().into_iter().flatten() {
                    let name = variable["key"].as_str().unwrap();
                    if row.name.split(", ").any(|written| written == name) {
                        let id = variable["id"].as_str().unwrap();
                        let path = format!("/v9/projects/{}/env/{id}?teamId={team}", row.id);
                        self.delete_by_hand(Provider::Vercel, &path).await;
                    }
                }
            }
            ResourceKind::Domain => {
                self.delete_domain(&row.id).await;
            }
            _ => {}
        }
    }

    async fn delete_by_hand(&self, provider: Provider, path: &str) {
        let token = self.token_of(provider);
        let token = token.as_str().unwrap();
        let base = &self.settings[&format!("{}.url", provider.key())];
        let request = Request::delete(format!("{base}{path}"))
            .header(http::header::USER_AGENT, "somebody")
            .header(http::header::AUTHORIZATION, format!("Bearer {token}"))
            .header("X-N8N-API-KEY", token);
        let answer = self.cloud.call(request.body(Bytes::new()).unwrap()).await;
        let status = answer.unwrap().status();
        assert!(status.is_success(), "{path} is deleted: {status}");
    }

    pub(crate) async fn registry(&self, customer: CustomerId) -> Registry {
        let http = self.gates(&Http::new(self.transport(), self.clock.clone()), customer);
        let secrets = self.secrets();
        let base = |key: &str| BaseUrl::parse(&self.settings[key]).unwrap();
        let token = |provider| {
            let reference = SecretRef::token(self.store.workspace(), provider);
            Token::new(Arc::clone(&secrets), reference)
        };
        let clouds = Clouds {
            supabase: supabase::Management::new(
                http.clone(),
                base("supabase.url"),
                token(Provider::Supabase),
            ),
            projects: supabase::ProjectUrl::parse(&self.settings["supabase.project.url"]).unwrap(),
            github: GitHub::new(http.clone(), base("github.url"), token(Provider::GitHub)),
            vercel: Vercel::new(http.clone(), base("vercel.url"), token(Provider::Vercel)),
            n8n: Some(N8n::new(
                http.clone(),
                base("n8n.url"),
                token(Provider::N8n),
            )),
            gitea: Some(Gitea::new(
                http.clone(),
                base("gitea.url"),
                token(Provider::Gitea),
            )),
            resend: Resend::new(http.clone(), base("resend.url"), token(Provider::Resend)),
            site: Site::new(http.clone()),
            http,
            secrets,
            neighbours: self.neighbours.clone(),
        };
        let neighbours = neighbours_of(self.store.as_ref(), customer).await.unwrap();
        Registry::new(clouds, self.store.workspace()).beside(neighbours)
    }

    pub(super) async fn registry_of(&self, lease: &Lease) -> Result<Registry, Problem> {
        let run = self.store.run(lease.run).await?;
        Ok(self.registry(run.customer).await)
    }

    pub(super) fn secrets(&self) -> Arc<dyn Secrets> {
        Arc::new(ProbedVault {
            below: Arc::clone(&self.vault),
            probe: Arc::clone(&self.probe),
        })
    }
}
