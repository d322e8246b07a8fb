//! A mail as it goes out, and the welcome mail outside a run: shown before it is sent, and sent again on the
//! owner's wish.

use std::collections::BTreeMap;

use fabrik_clouds::resend::{Email, Resend};
use fabrik_domain::{
    blueprint::{StepKind, StepSpec},
    failure::Failure,
    run::{Output, Outputs, Snapshot},
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_engine::step::{Inputs, Occasion};

use crate::{
    admin_user::first_sign_in, registry::Registry, sign_in::SignIn, welcome_email::WelcomeEmail,
};

/// What stands for a secret in a preview.
const MASK: &str = "••••••••";

/// A mail, whole. Its bodies may hold a sign-in link.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `Name <address>`.
    pub from: String,
    /// One address.
    pub to: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// With markup.
    pub html: Secret,
    /// Without.
    pub text: Secret,
}

impl Mail {
    /// Hands it to Resend, and gives its id there. The same mail under the same key goes out once, so this may be
    /// called again after a failure.
    pub async fn send(&self, resend: &Resend, key: &str) -> Result<String, Failure> {
        let email = Email {
            from: &self.from,
            to: &self.to,
            reply_to: self.reply_to.as_deref(),
            subject: &self.subject,
            html: &self.html,
            text: &self.text,
        };
        resend.send(email, key).await
    }
}

/// A mail as it would be, with a mask for each secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// `Name <address>`.
    pub from: String,
    /// One address.
    pub to: String,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// With markup.
    pub html: String,
    /// Without.
    pub text: String,
}

/// The mail step of a blueprint.
fn mail_step(snapshot: &Snapshot) -> Option<&StepSpec> {
    let mut steps = snapshot.blueprint.steps.iter();
    steps.find(|step| step.kind == StepKind::WelcomeEmail)
}

impl Registry {
    /// The welcome mail of a customer, without a run and without sending: with the outputs that there are, and
    /// examples for the rest. `None` where the blueprint sends none.
    pub async fn preview_welcome(
        &self,
        snapshot: &Snapshot,
        outputs: &BTreeMap<String, Outputs>,
    ) -> Result<Option<Preview>, Failure> {
        let Some(step) = mail_step(snapshot) else {
            return Ok(None);
        };
        let mut outputs = first_sign_in::after_the_run(snapshot, outputs);
        for other in &snapshot.blueprint.steps {
            let known = outputs.entry(other.id.clone()).or_default();
            if other.kind == StepKind::AdminUser {
                let by_password = self.is_by_password(snapshot, other).await?;
                for (name, output) in first_sign_in::handed(by_password, masked()) {
                    known.entry(name).or_insert(output);
                }
            }
            for name in other.kind.outputs() {
                known
                    .entry((*name).to_owned())
                    .or_insert_with(|| example(snapshot, other.kind, name));
            }
        }
        let inputs = Inputs {
            snapshot,
            outputs: &outputs,
            occasion: Occasion::Plan,
        };
        let secrets = self.clouds().secrets.as_ref();
        let parameters = self.parameters(step, inputs, secrets).await?;
        let mail = WelcomeEmail::new(self.clouds().resend.clone(), &parameters)?;
        let mail = mail.mail(&snapshot.blueprint, Some(MASK))?;
        Ok(Some(Preview {
            from: mail.from,
            to: mail.to,
            reply_to: mail.reply_to,
            subject: mail.subject,
            html: mail.html.expose_secret().to_owned(),
            text: mail.text.expose_secret().to_owned(),
        }))
    }

    /// Whether the mail would be handed a password, as far as that is known before a run.
    async fn is_by_password(&self, snapshot: &Snapshot, admin: &StepSpec) -> Result<bool, Failure> {
        let inputs = Inputs {
            snapshot,
            outputs: &BTreeMap::new(),
            occasion: Occasion::Plan,
        };
        let secrets = self.clouds().secrets.as_ref();
        let parameters = self.parameters(admin, inputs, secrets).await?;
        Ok(first_sign_in::is_by_password(&parameters)?)
    }

    /// The welcome mail once more, with a sign-in link made now: those of before are worth nothing any more, and a
    /// temporary password is kept nowhere by now. It is the caller's to send it, under a key of its own that it has
    /// written down before. `None` where the blueprint sends none.
    pub async fn welcome_again(
        &self,
        snapshot: &Snapshot,
        outputs: &BTreeMap<String, Outputs>,
    ) -> Result<Option<Mail>, Failure> {
        let Some(step) = mail_step(snapshot) else {
            return Ok(None);
        };
        let outputs = &first_sign_in::after_the_run(snapshot, outputs);
        let parameters = match SignIn::of(self, step, snapshot, outputs) {
            Some(sign_in) => sign_in.parameters().await?,
            None => {
                let inputs = Inputs {
                    snapshot,
                    outputs,
                    occasion: Occasion::Run,
                };
                let secrets = self.clouds().secrets.as_ref();
                self.parameters(step, inputs, secrets).await?
            }
        };
        let mail = WelcomeEmail::new(self.clouds().resend.clone(), &parameters)?;
        Ok(Some(mail.mail(&snapshot.blueprint, None)?))
    }

    /// Sends a mail through the workspace's account at Resend.
    pub async fn send(&self, mail: &Mail, key: &str) -> Result<String, Failure> {
        mail.send(&self.clouds().resend, key).await
    }
}

/// A secret that is masked, and never looked up.
fn masked() -> SecretRef {
    SecretRef::Env("PREVIEW".to_owned())
}

/// What a step would hand on.
fn example(snapshot: &Snapshot, kind: StepKind, output: &str) -> Output {
    if kind.secret_outputs().contains(&output) {
        return Output::Secret(masked());
    }
    let customer = &snapshot.customer;
    Output::Public(match output {
        "url" => customer
            .production_url
            .clone()
            .unwrap_or_else(|| format!("https://{}.example", customer.subdomain)),
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use std::sync::Mutex;

    use fabrik_blueprints::load_built_in;
    use serde_json::json;

    use super::*;
    use crate::testing::{Asked, Memory, Scene, Vendor, clouds_with};

    const REF: &str = "aaaaaaaaaaaaaaaaaaaa";

    fn scene() -> Scene {
        let mut scene = Scene::new(StepKind::WelcomeEmail, "welcome");
        scene.snapshot.blueprint = load_built_in("factory").unwrap();
        let sender = (
            "email.from".to_owned(),
            "Norrform <hej@norrform.se>".to_owned(),
        );
        scene.snapshot.settings.extend([sender]);
        scene
    }

    /// The blueprint as one that gives a password, in a letter that tells both.
    fn by_password(scene: &mut Scene) {
        let blueprint = &mut scene.snapshot.blueprint;
        for step in &mut blueprint.steps {
            match step.kind {
                StepKind::AdminUser => {
                    step.with
                        .insert("temporary_password".to_owned(), true.into());
                }
                StepKind::WelcomeEmail => {
                    step.with["values"]["password"] = "{{ admin.password }}".into();
                }
                _ => {}
            }
        }
        let letter = "link {{ link }}, password {{ password }}.";
        blueprint
            .files
            .insert("email/welcome.sv.txt".to_owned(), letter.to_owned());
    }

    fn registry(scene: &Scene, base: &str) -> Registry {
        let clouds = clouds_with(base, Arc::new(Memory::default()));
        Registry::new(clouds, scene.workspace)
    }

    /// What a run has handed on.
    fn outputs(base: &str) -> BTreeMap<String, Outputs> {
        let public = |value: String| Output::Public(value);
        let old = SecretRef::Keyring("v1/of/the/run".to_owned());
        [
            (
                "supabase",
                vec![
                    ("url", public(format!("{base}/_projects/{REF}"))),
                    ("publishable_key", public("sb_publishable_x".to_owned())),
                    (
                        "secret_key",
                        Output::Secret(SecretRef::SupabaseKey {
                            project: REF.to_owned(),
                            key: "default".to_owned(),
                        }),
                    ),
                ],
            ),
            (
                "site",
                vec![("url", public("https://a.example".to_owned()))],
            ),
            (
                "deploy",
                vec![("url", public("https://a.example".to_owned()))],
            ),
            ("admin", vec![("link", Output::Secret(old))]),
        ]
        .into_iter()
        .map(|(step, outputs)| {
            let outputs = outputs.into_iter();
            let outputs = outputs.map(|(name, output)| (name.to_owned(), output));
            (step.to_owned(), outputs.collect())
        })
        .collect()
    }

    #[tokio::test]
    async fn a_preview_needs_no_run_and_shows_no_secret() {
        let vendor = Vendor::start(|_| panic!("nobody is asked")).await;
        let scene = scene();
        let registry = registry(&scene, &vendor.base);
        let preview = registry
            .preview_welcome(&scene.snapshot, &BTreeMap::new())
            .await;
        let preview = preview.unwrap().unwrap();
        assert_eq!(preview.to, "anna@akermark.se");
        assert!(preview.subject.contains("Åkermark"), "{}", preview.subject);
        assert!(
            preview.text.contains("https://akermark.example"),
            "{}",
            preview.text
        );
        assert!(preview.text.contains(MASK) && preview.html.contains(MASK));
        let outputs = [(
            "deploy".to_owned(),
            Outputs::from([(
                "url".to_owned(),
                Output::Public("https://real.example".to_owned()),
            )]),
        )];
        let preview = registry
            .preview_welcome(&scene.snapshot, &outputs.into())
            .await;
        let text = preview.unwrap().unwrap().text;
        assert!(
            text.contains("https://real.example"),
            "what is known is shown: {text}"
        );
    }

    #[tokio::test]
    async fn a_preview_shows_which_of_the_two_the_mail_will_have() {
        let vendor = Vendor::start(|_| panic!("nobody is asked")).await;
        let mut scene = scene();
        by_password(&mut scene);
        let registry = registry(&scene, &vendor.base);
        let handed = |by_password| {
            let place = SecretRef::Keyring("v1/of/the/run".to_owned());
            let outputs = Outputs::from(first_sign_in::handed(by_password, place));
            BTreeMap::from([("admin".to_owned(), outputs)])
        };
        let (link, password) = (
            format!("link {MASK}, password ."),
            format!("link , password {MASK}."),
        );
        for (outputs, expected) in [
            (BTreeMap::new(), &password),
            (handed(false), &link),
            // The run has ended: the password is kept no more.
            (handed(true), &link),
        ] {
            let preview = registry.preview_welcome(&scene.snapshot, &outputs).await;
            assert_eq!(preview.unwrap().unwrap().text, *expected, "{outputs:?}");
        }
    }

    #[tokio::test]
    async fn sent_again_it_has_a_link_of_now_and_the_same_bytes_under_its_key() {
        let links = Mutex::new(0);
        let vendor = Vendor::start(move |asked: &Asked| {
            let path = asked.path.split('?').next().unwrap();
            match path.rsplit('/').next().unwrap() {
                "api-keys" => (
                    200,
                    json!([{"name": "default", "type": "secret", "api_key": "sb_secret_x"}]),
                ),
                "generate_link" => {
                    let mut links = links.lock().unwrap();
                    *links += 1;
                    (
                        200,
                        json!({"action_link": format!("https://a.example/verify?token=t{links}")}),
                    )
                }
                _ => (200, json!({"id": "mail_2"})),
            }
        })
        .await;
        let mut scene = scene();
        let registry = registry(&scene, &vendor.base);
        let mut outputs = outputs(&vendor.base);
        let mail = registry.welcome_again(&scene.snapshot, &outputs).await;
        let mail = mail.unwrap().unwrap();
        assert!(mail.text.expose_secret().contains("token=t1"));
        for _ in 0..2 {
            let id = registry.send(&mail, "run/welcome/again/1").await.unwrap();
            assert_eq!(id, "mail_2");
        }
        let sent: Vec<_> = vendor
            .changes()
            .into_iter()
            .filter(|asked| asked.path == "/emails")
            .collect();
        assert_eq!(sent[0].body, sent[1].body);
        assert_eq!(sent[0].headers["idempotency-key"], "run/welcome/again/1");

        // After a run that handed on a password.
        by_password(&mut scene);
        let place = SecretRef::Keyring("v1/of/the/run/admin-password".to_owned());
        let admin = outputs.get_mut("admin").unwrap();
        admin.extend(first_sign_in::handed(true, place));
        let mail = registry.welcome_again(&scene.snapshot, &outputs).await;
        assert_eq!(
            mail.unwrap().unwrap().text.expose_secret(),
            "link https://a.example/verify?token=t2, password ."
        );
    }

    #[tokio::test]
    async fn the_link_is_made_for_the_address_that_the_user_has() {
        const USER: &str = "11111111-1111-4111-8111-111111111111";
        let vendor = Vendor::start(|asked: &Asked| {
            let path = asked.path.split('?').next().unwrap();
            match path.rsplit('/').next().unwrap() {
                "api-keys" => (
                    200,
                    json!([{"name": "default", "type": "secret", "api_key": "sb_secret_x"}]),
                ),
                "generate_link" => (
                    200,
                    json!({"action_link": "https://a.example/verify?token=t1"}),
                ),
                USER => (200, json!({"id": USER, "email": "before@akermark.se"})),
                other => panic!("{other} was not expected"),
            }
        })
        .await;
        let scene = scene();
        let registry = registry(&scene, &vendor.base);
        let mut outputs = outputs(&vendor.base);
        // A run of before has not said whose the link is.
        for (user, expected) in [
            (None, "anna@akermark.se"),
            (Some(USER), "before@akermark.se"),
        ] {
            if let Some(user) = user {
                let admin = outputs.get_mut("admin").unwrap();
                admin.insert("user_id".to_owned(), Output::Public(user.to_owned()));
            }
            let mail = registry.welcome_again(&scene.snapshot, &outputs).await;
            let mail = mail.unwrap().unwrap();
            assert_eq!(mail.to, "anna@akermark.se", "the mail's way is another");
            let link = vendor.changes().pop().unwrap();
            assert!(link.path.ends_with("/generate_link"), "{}", link.path);
            assert_eq!(link.body["email"], expected);
        }
    }
}
