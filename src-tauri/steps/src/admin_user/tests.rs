//! The first user: once, proved, and with the key that the project takes.

use std::sync::{Arc, Mutex};

use fabrik_clouds::supabase::{ProjectUrl, SupabaseKeys};
use fabrik_domain::{event::Happening, secret::ExposeSecret};

use super::*;
use crate::testing::{Asked, Memory, Scene, Vendor, clouds_with, parameters, supabase};

const REF: &str = "aaaaaaaaaaaaaaaaaaaa";
const EMAIL: &str = "anna@akermark.se";

/// A project with users and a table `members`.
#[derive(Default)]
struct Project {
    users: Mutex<Vec<Value>>,
    members: Mutex<Vec<Value>>,
    /// The newer key is refused for writes.
    wants_jwt: bool,
    /// The row is hidden from its own user.
    hides_rows: bool,
    /// It was deleted.
    is_gone: bool,
}

impl Project {
    fn answer(&self, asked: &Asked) -> (u16, Value) {
        let header = |name: &str| asked.headers.get(name).map(|value| value.to_str().unwrap());
        let path = asked
            .path
            .split_once(REF)
            .unwrap()
            .1
            .split('?')
            .next()
            .unwrap();
        let writes = asked.method == "POST" && path.contains("/admin/");
        if self.wants_jwt && writes && header("authorization").is_none() {
            return (
                403,
                json!({"code": 403, "error_code": "bad_jwt", "msg": "invalid JWT"}),
            );
        }
        let (mut users, mut members) = (self.users.lock().unwrap(), self.members.lock().unwrap());
        match (asked.method.as_str(), path) {
            // The platform's word on the project.
            ("GET", "") if self.is_gone => (400, json!({"message": "Resource has been removed"})),
            ("GET", "") => (
                200,
                json!({"id": REF, "ref": REF, "name": "a", "status": "ACTIVE_HEALTHY"}),
            ),
            ("GET", "/api-keys") => (
                200,
                json!([
                    {"name": "default", "type": "secret", "api_key": "sb_secret_x"},
                    {"name": "service_role", "type": "legacy", "api_key": "eyJ.legacy.key"},
                ]),
            ),
            ("DELETE", path) => {
                let before = users.len();
                users.retain(|user| !path.ends_with(user["id"].as_str().unwrap()));
                if users.len() < before {
                    (200, json!({}))
                } else {
                    (
                        404,
                        json!({"error_code": "user_not_found", "msg": "User not found"}),
                    )
                }
            }
            ("GET", "/auth/v1/admin/users") => (200, json!({"users": *users})),
            ("GET", path) if path.starts_with("/auth/v1/admin/users/") => {
                match users
                    .iter()
                    .find(|user| path.ends_with(user["id"].as_str().unwrap()))
                {
                    Some(user) => (200, user.clone()),
                    None => (
                        404,
                        json!({"error_code": "user_not_found", "msg": "User not found"}),
                    ),
                }
            }
            ("POST", "/auth/v1/admin/users") => {
                users.push(asked.body.clone());
                (200, asked.body.clone())
            }
            ("POST", "/auth/v1/admin/generate_link") => (
                200,
                json!({"action_link": "https://a.example/verify?token=canary-link"}),
            ),
            ("POST", "/auth/v1/token") => {
                let fits = users
                    .iter()
                    .any(|user| user["password"] == asked.body["password"]);
                if fits {
                    (200, json!({"access_token": "users-token"}))
                } else {
                    (
                        400,
                        json!({"error_code": "invalid_credentials", "msg": "no"}),
                    )
                }
            }
            ("GET", "/rest/v1/members") => {
                let own = header("authorization") == Some("Bearer users-token");
                let shown = if own && self.hides_rows {
                    Vec::new()
                } else {
                    members.clone()
                };
                (200, json!(shown))
            }
            ("POST", "/rest/v1/members") => {
                members.push(asked.body.clone());
                (201, Value::Null)
            }
            other => panic!("{other:?} was not expected"),
        }
    }
}

async fn vendor(project: Project) -> Vendor {
    Vendor::start(move |asked| project.answer(asked)).await
}

fn scene() -> Scene {
    Scene::new(StepKind::AdminUser, "admin")
}

fn step(vendor: &Vendor) -> AdminUser {
    let projects = ProjectUrl::parse(&format!("{}/_projects/{{ref}}", vendor.base)).unwrap();
    let with = json!({
        "project_url": projects.of(REF), "publishable_key": "sb_publishable_x",
        "secret_key": "secret:sb_secret_x", "email": EMAIL, "name": "Anna", "role": "admin",
        "table": "members", "redirect_to": "https://a.example",
    });
    // As the registry does: the project's keys are asked of the vendor.
    let keys = SupabaseKeys::new(Arc::new(Memory::default()), supabase(&vendor.base));
    let clouds = clouds_with(&vendor.base, Arc::new(keys));
    let (with, project) = access::read(&clouds, &parameters(&with)).unwrap();
    AdminUser {
        with,
        project,
        clouds,
        password: OnceLock::new(),
        undoes: false,
    }
}

async fn create(scene: &mut Scene, vendor: &Vendor) -> Existing {
    let step = step(vendor);
    let Found::Absent { evidence } = step.find(&scene.context()).await.unwrap() else {
        panic!("nobody is there");
    };
    assert!(!evidence.to_string().contains("secret"), "{evidence}");
    scene.evidence = Some(evidence);
    step.prepare(&scene.context()).await.unwrap();
    match step.create(&scene.context()).await.unwrap() {
        Created::Resource(user) => user,
        other => panic!("a user is a resource, whole: {other:?}"),
    }
}

#[tokio::test]
async fn a_user_is_made_proved_and_linked() {
    let vendor = vendor(Project::default()).await;
    let mut scene = scene();
    let user = create(&mut scene, &vendor).await;
    assert_eq!(user.name, EMAIL);
    let made = &vendor.changes()[0];
    assert_eq!(made.body["id"], user.id.as_str());
    assert_eq!(made.body["app_metadata"]["role"], "admin");
    assert_eq!(made.body["email_confirm"], true);
    assert!(
        made.headers.get("authorization").is_none(),
        "the newer key is no bearer"
    );
    let row = &vendor.changes()[1].body;
    assert_eq!(
        *row,
        json!({"user_id": user.id, "email": EMAIL, "name": "Anna", "role": "admin"})
    );

    let ready = step(&vendor)
        .await_ready(&scene.context(), Some(&user))
        .await
        .unwrap();
    let Readiness::Ready(outputs) = ready else {
        panic!("{ready:?}")
    };
    let Output::Secret(reference) = &outputs["link"] else {
        panic!("a link is a secret")
    };
    assert!(matches!(reference, SecretRef::Keyring(_)));
    assert!(
        links(&vendor) == 0 && !scene.secrets.0.lock().unwrap().contains_key(reference),
        "the link is made for its mail, and not before"
    );
    assert!(scene.words.lock().unwrap().iter().any(|word| matches!(
        word,
        Happening::Detail {
            detail: Detail::AdminProved,
            ..
        }
    )));

    let before = vendor.changes().len();
    let Found::Ours(again) = step(&vendor).find(&scene.context()).await.unwrap() else {
        panic!("it is ours");
    };
    assert_eq!(again, user);
    assert_eq!(vendor.changes().len(), before, "looking changes nothing");
}

#[tokio::test]
async fn a_temporary_password_is_handed_on_as_long_as_it_is_kept() {
    let vendor = vendor(Project::default()).await;
    let mut first = scene();
    let user = create(&mut first, &vendor).await;
    let made = vendor.changes()[0].body["password"].clone();
    // A run after one that failed before it had sent the mail.
    let mut second = scene();
    second.workspace = first.workspace;
    second.snapshot.customer = first.snapshot.customer.clone();
    second.secrets = Arc::clone(&first.secrets);
    let mut row = second.row(ResourceKind::AuthUser, &user.id, EMAIL, None);
    (row.run, row.step) = (first.run, first.step.id.clone());
    second.all.push(row);
    for (scene, wanted, kept) in [
        (&first, false, true),
        (&first, true, true),
        (&second, true, true),
        (&second, true, false),
    ] {
        if !kept {
            scene.secrets.0.lock().unwrap().clear();
        }
        let mut step = step(&vendor);
        step.with.temporary_password = wanted;
        let ready = step.await_ready(&scene.context(), Some(&user)).await;
        let Readiness::Ready(outputs) = ready.unwrap() else {
            panic!("it is ready")
        };
        let (given, left_out) = if wanted && kept {
            ("password", "link")
        } else {
            ("link", "password")
        };
        assert!(
            matches!(&outputs[left_out], Output::Public(text) if text.is_empty()),
            "{outputs:?}"
        );
        let Output::Secret(place) = &outputs[given] else {
            panic!("{given} is a secret: {outputs:?}")
        };
        let secrets = scene.secrets.0.lock().unwrap();
        let secret = secrets.get(place).map(ExposeSecret::expose_secret);
        let expected = made.as_str().filter(|_| given == "password");
        assert_eq!(secret, expected, "wanted: {wanted}, kept: {kept}");
    }
}

#[tokio::test]
async fn who_only_looks_changes_nothing_and_keeps_nothing() {
    let vendor = vendor(Project::default()).await;
    let mut first = scene();
    let user = create(&mut first, &vendor).await;
    let before = vendor.changes().len();
    // A plan, whose vault holds nothing of the run's.
    let mut second = scene();
    second.workspace = first.workspace;
    second.snapshot.customer = first.snapshot.customer.clone();
    let Found::Ours(found) = step(&vendor).find(&second.context()).await.unwrap() else {
        panic!("its id follows from the customer");
    };
    assert_eq!(found, user);
    let ready = step(&vendor)
        .await_ready(&second.context(), Some(&found))
        .await
        .unwrap();
    assert!(matches!(ready, Readiness::Ready(_)), "{ready:?}");
    assert_eq!(vendor.changes().len(), before, "no sign-in, no link");
    assert!(second.secrets.0.lock().unwrap().is_empty());
}

fn links(vendor: &Vendor) -> usize {
    let changes = vendor.changes();
    let links = changes
        .iter()
        .filter(|asked| asked.path.ends_with("/generate_link"));
    links.count()
}

#[tokio::test]
async fn anothers_address_is_taken() {
    let project = Project::default();
    let other = json!({"id": "11111111-1111-4111-8111-111111111111", "email": "ANNA@akermark.se"});
    project.users.lock().unwrap().push(other);
    let vendor = vendor(project).await;
    let found = step(&vendor).find(&scene().context()).await.unwrap();
    let Found::Foreign(problem) = found else {
        panic!("{found:?}")
    };
    assert_eq!(problem.code(), "name_taken");
}

#[tokio::test]
async fn the_older_key_is_used_where_the_newer_is_refused() {
    let vendor = vendor(Project {
        wants_jwt: true,
        ..Project::default()
    })
    .await;
    let mut scene = scene();
    create(&mut scene, &vendor).await;
    let changes = vendor.changes();
    assert!(
        changes[0].headers.get("authorization").is_none(),
        "the newer one is tried first"
    );
    assert_eq!(changes[1].headers["authorization"], "Bearer eyJ.legacy.key");
    assert_eq!(changes[1].headers["apikey"], "eyJ.legacy.key");
    assert!(scene.words.lock().unwrap().iter().any(|word| matches!(
        word,
        Happening::Detail {
            detail: Detail::LegacyKeyUsed,
            ..
        }
    )));
}

#[tokio::test]
async fn a_row_that_its_user_cannot_read_is_no_proof() {
    let vendor = vendor(Project {
        hides_rows: true,
        ..Project::default()
    })
    .await;
    let mut scene = scene();
    let user = create(&mut scene, &vendor).await;
    let ready = step(&vendor)
        .await_ready(&scene.context(), Some(&user))
        .await
        .unwrap();
    let Readiness::Failed(problem) = ready else {
        panic!("{ready:?}")
    };
    assert_eq!(problem.code(), "admin_proof_failed");
}

#[tokio::test]
async fn a_kill_between_user_and_row_is_mended() {
    let vendor = vendor(Project::default()).await;
    let mut scene = scene();
    let id = id(&scene.context());
    // The user was made by the call before the kill.
    let step = step(&vendor);
    let (_, admin) = step.project().unwrap();
    step.prepare(&scene.context()).await.unwrap();
    step.create_user(admin, &id).await.unwrap();
    let user = create(&mut scene, &vendor).await;
    assert_eq!(user.id, id);
    let users = vendor
        .changes()
        .iter()
        .filter(|a| a.path.ends_with("/admin/users"))
        .count();
    assert_eq!(users, 1, "the user was not made twice");
    let ready = step
        .await_ready(&scene.context(), Some(&user))
        .await
        .unwrap();
    assert!(
        matches!(ready, Readiness::Ready(_)),
        "the password of before the kill still fits: {ready:?}"
    );
}

#[tokio::test]
async fn an_undo_deletes_the_user_by_its_id_and_may_come_twice() {
    let vendor = vendor(Project::default()).await;
    let mut scene = scene();
    let user = create(&mut scene, &vendor).await;
    let step = step(&vendor);
    assert_eq!(
        step.within(),
        Some(left_standing::supabase(REF)),
        "it goes with its project"
    );
    for turn in ["once", "twice"] {
        let undone = step.undo(&scene.context(), &user).await.unwrap();
        assert_eq!(undone, Undone::Gone, "{turn}");
    }
    let deleted: Vec<_> = vendor
        .changes()
        .into_iter()
        .filter(|asked| asked.method == "DELETE")
        .map(|asked| asked.path)
        .collect();
    assert!(
        deleted.iter().all(|path| path.ends_with(&user.id)),
        "{deleted:?}"
    );
}

#[tokio::test]
async fn a_user_that_is_not_ours_stays_and_one_in_a_deleted_project_is_gone() {
    let vendor = vendor(Project {
        is_gone: true,
        ..Project::default()
    })
    .await;
    let scene = scene();
    let mut user = Existing {
        id: "11111111-1111-4111-8111-111111111111".to_owned(),
        name: EMAIL.to_owned(),
        url: None,
        content_hash: None,
    };
    let undone = step(&vendor).undo(&scene.context(), &user).await.unwrap();
    assert_eq!(undone, left_standing::not_ours(Provider::Supabase, EMAIL));
    user.id = id(&scene.context());
    let undone = step(&vendor).undo(&scene.context(), &user).await.unwrap();
    assert_eq!(undone, Undone::Gone);
    assert!(vendor.changes().is_empty(), "nothing was asked to go");
}

/// The key that the run had is left empty for an undo.
#[tokio::test]
async fn what_an_undo_looks_for_it_looks_for_with_a_key_of_its_own() {
    let vendor = vendor(Project::default()).await;
    let mut scene = scene();
    let user = create(&mut scene, &vendor).await;
    let mut step = step(&vendor);
    let (api, _) = step.project.take().unwrap();
    let nobodys = Admin::new(api.clone(), Secret::default(), scene.secrets.clone(), None);
    step.project = Some((api, nobodys));
    step.undoes = true;
    let seen = vendor.asked().len();
    let found = step.find(&scene.context()).await.unwrap();
    assert!(
        matches!(&found, Found::Ours(existing) if existing.id == user.id),
        "it is there: {found:?}"
    );
    for asked in &vendor.asked()[seen..] {
        let key = asked.headers.get("apikey");
        assert!(
            key.is_none_or(|key| key == "sb_secret_x"),
            "{} goes with the project's key",
            asked.path
        );
    }
}
