//! Whose project it is, what is known to fail beforehand, and when it is ready.

use fabrik_domain::{ports::Secrets, run::Output};
use serde_json::{Value, json};

use super::*;
use crate::testing::{Asked, Scene, Vendor, parameters, supabase};

const ONE: &str = "aaaaaaaaaaaaaaaaaaaa";
const TWO: &str = "bbbbbbbbbbbbbbbbbbbb";
/// In another customer's records.
const THREE: &str = "dddddddddddddddddddd";

fn step(vendor: &Vendor) -> SupabaseProject {
    let with = json!({"name": "akermark", "organization": "norrform", "region": "eu-north-1"});
    SupabaseProject {
        management: supabase(&vendor.base),
        projects: ProjectUrl::parse(&format!("{}/_projects/{{ref}}", vendor.base)).unwrap(),
        with: parameters(&with).read(&[]).unwrap(),
        others: vec![THREE.to_owned()],
        password: OnceLock::new(),
    }
}

/// As the engine does: what is kept is kept before the call.
async fn make(vendor: &Vendor, scene: &Scene) -> Created {
    let step = step(vendor);
    step.prepare(&scene.context()).await.unwrap();
    step.create(&scene.context()).await.unwrap()
}

fn scene() -> Scene {
    Scene::new(StepKind::SupabaseProject, "supabase")
}

fn project(reference: &str, name: &str, status: &str) -> Value {
    json!({"id": reference, "ref": reference, "name": name, "status": status})
}

fn list(projects: &[Value]) -> (u16, Value) {
    let pagination = json!({"count": projects.len(), "limit": 100, "offset": 0});
    (200, json!({"projects": projects, "pagination": pagination}))
}

async fn found(scene: &Scene, projects: Vec<Value>) -> Found {
    let vendor = Vendor::start(move |_| list(&projects)).await;
    step(&vendor).find(&scene.context()).await.unwrap()
}

#[tokio::test]
async fn a_name_that_was_there_before_is_anothers() {
    let others = vec![
        project(ONE, "akermark-2", "ACTIVE_HEALTHY"),
        project(TWO, "akermark", "REMOVED"),
    ];
    let nothing = found(&scene(), others).await;
    assert!(
        matches!(nothing, Found::Absent { .. }),
        "a like name and a removed one: {nothing:?}"
    );
    let taken = found(&scene(), vec![project(ONE, "akermark", "INACTIVE")]).await;
    let Found::Foreign(problem) = taken else {
        panic!("{taken:?}")
    };
    assert_eq!(problem.code(), "name_taken");
}

#[tokio::test]
async fn after_the_intent_the_one_new_project_may_be_ours() {
    let mut scene = scene();
    scene.evidence = Some(json!({"before": [ONE]}));
    let (old, new) = (
        project(ONE, "akermark", "COMING_UP"),
        project(TWO, "akermark", "UNKNOWN"),
    );
    let Found::Absent { evidence } = found(&scene, vec![old.clone()]).await else {
        panic!("the one that was there before is not ours");
    };
    assert_eq!(
        evidence,
        json!({"before": [ONE]}),
        "what was there before stays the measure"
    );
    // Nothing on it says so: as long as the call can come true, ours may be another.
    let Found::Alone(ours) = found(&scene, vec![old, new.clone()]).await else {
        panic!("one is new")
    };
    assert_eq!(ours.id, TWO);
    let third = project("cccccccccccccccccccc", "akermark", "UNKNOWN");
    let Found::Ambiguous(both) = found(&scene, vec![new, third]).await else {
        panic!("two are new");
    };
    assert_eq!(both.len(), 2);
}

#[tokio::test]
async fn a_new_project_that_was_not_made_by_our_call_is_asked_about() {
    let mut scene = scene();
    scene.intends(found(&scene, vec![]).await);
    for (made, ours) in [
        ("2026-11-21T08:00:40Z", true),
        // Our clock is a little ahead.
        ("2026-11-21 07:59:30", true),
        ("a time that nobody reads", true),
        // By then our call could not come true any more: somebody who missed it has made it by hand.
        ("2026-11-21T08:01:20Z", false),
        ("2026-11-21T15:20:00Z", false),
        ("2026-11-20T08:00:00Z", false),
    ] {
        let mut new = project(ONE, "akermark", "ACTIVE_HEALTHY");
        new["inserted_at"] = json!(made);
        let found = found(&scene, vec![new]).await;
        assert_eq!(matches!(found, Found::Alone(_)), ours, "{made}: {found:?}");
        let asks = matches!(&found, Found::Ambiguous(asked) if asked.len() == 1);
        assert_eq!(asks, !ours, "{made}: {found:?}");
    }
    // Asked for once more after a while, it may have come of that.
    scene.sent = Some("2026-11-21T08:10:00Z".parse().unwrap());
    let mut late = project(ONE, "akermark", "ACTIVE_HEALTHY");
    late["inserted_at"] = json!("2026-11-21T08:10:20Z");
    let found = found(&scene, vec![late]).await;
    assert!(matches!(found, Found::Alone(_)), "{found:?}");
}

#[tokio::test]
async fn the_recorded_project_is_known_by_its_ref_whatever_its_name() {
    let mut scene = scene();
    scene.knows(ResourceKind::SupabaseProject, ONE, "akermark", None);
    let vendor = Vendor::start(|_| (200, project(ONE, "renamed", "ACTIVE_HEALTHY"))).await;
    let Found::Ours(ours) = step(&vendor).find(&scene.context()).await.unwrap() else {
        panic!("it is in the records");
    };
    assert_eq!((ours.id.as_str(), ours.name.as_str()), (ONE, "renamed"));
    assert_eq!(vendor.asked().len(), 1, "one look is enough");
}

#[tokio::test]
async fn a_deleted_project_is_made_again_and_a_hidden_one_is_not() {
    let mut scene = scene();
    scene.snapshot.customer.supabase_project_ref = Some(ONE.to_owned());
    let deleted = |asked: &Asked| match asked.path.as_str() {
        path if path.ends_with(ONE) => (400, json!({"message": "Resource has been removed"})),
        _ => list(&[]),
    };
    let vendor = Vendor::start(deleted).await;
    let found = step(&vendor).find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    let shown = |asked: &Asked| match asked.path.as_str() {
        path if path.ends_with(ONE) => (200, project(ONE, "akermark", "REMOVED")),
        _ => list(&[]),
    };
    let vendor = Vendor::start(shown).await;
    let found = step(&vendor).find(&scene.context()).await.unwrap();
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    let hidden = Vendor::start(|_| (404, json!({"message": "Project not found"}))).await;
    let found = step(&hidden).find(&scene.context()).await.unwrap();
    assert!(
        matches!(found, Found::CannotSee(_)),
        "a second project would be billed: {found:?}"
    );
}

/// Regions, plan and organizations of an agency with two projects.
fn agency(plan: &'static str) -> impl Fn(&Asked) -> (u16, Value) {
    move |asked| match asked.path.split('?').next().unwrap() {
        "/v1/organizations" => (
            200,
            json!([{"id": "o", "slug": "norrform", "name": "Norrform"}]),
        ),
        "/v1/organizations/norrform" => (200, json!({"id": "o", "name": "Norrform", "plan": plan})),
        "/v1/projects/available-regions" => (
            200,
            json!({"recommendations": {}, "all": {
                "smartGroup": [{"code": "emea"}],
                "specific": [{"code": "eu-north-1"}, {"code": "eu-west-1"}],
            }}),
        ),
        "/v1/organizations/norrform/projects" => list(&[
            project(ONE, "a", "ACTIVE_HEALTHY"),
            project(TWO, "b", "COMING_UP"),
        ]),
        "/v1/projects/aaaaaaaaaaaaaaaaaaaa" => (200, project(ONE, "a", "ACTIVE_HEALTHY")),
        path => panic!("{path} was not expected"),
    }
}

#[tokio::test]
async fn a_region_that_is_not_offered_names_those_that_are() {
    let vendor = Vendor::start(agency("pro")).await;
    let mut scene = scene();
    assert_eq!(step(&vendor).check(&scene.context()).await.unwrap(), []);
    scene
        .snapshot
        .settings
        .insert("supabase.region".to_owned(), "af-south-1".to_owned());
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    let (region, offered) = (
        "af-south-1".to_owned(),
        vec!["eu-north-1".into(), "eu-west-1".into()],
    );
    let expected =
        Problem::from(Cause::RegionNotOffered { region, offered }).by(Provider::Supabase);
    assert_eq!(problems, [expected]);
    scene.knows(ResourceKind::SupabaseProject, ONE, "a", None);
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    assert_eq!(problems, [], "a project that is there needs no region");
}

/// Deleted in the dashboard, say: another is made, which a region that isn't offered would stop in the middle.
#[tokio::test]
async fn in_place_of_a_project_that_is_gone_a_region_and_room_are_needed_again() {
    for gone in [
        (400, json!({"message": "Resource has been removed"})),
        (200, project(ONE, "a", "REMOVED")),
        (200, project(ONE, "a", "INIT_FAILED")),
    ] {
        let agency = agency("free");
        let told = gone.clone();
        let vendor = Vendor::start(move |asked| {
            if asked.path.ends_with(ONE) {
                told.clone()
            } else {
                agency(asked)
            }
        })
        .await;
        let mut scene = scene();
        scene.knows(ResourceKind::SupabaseProject, ONE, "a", None);
        scene.snapshot.customer.supabase_project_ref = Some(ONE.to_owned());
        let region = ("supabase.region".to_owned(), "af-south-1".to_owned());
        scene.snapshot.settings.extend([region]);
        let problems = step(&vendor).check(&scene.context()).await.unwrap();
        let codes: Vec<_> = problems.iter().map(Problem::code).collect();
        let expected = ["region_not_offered", "project_limit_reached"];
        assert_eq!(codes, expected, "{gone:?}");
        let looks = vendor.asked();
        let looks = looks.iter().filter(|asked| asked.path.ends_with(ONE));
        assert_eq!(looks.count(), 1, "one look is enough: {gone:?}");
    }
}

#[tokio::test]
async fn it_is_waited_for_as_long_as_the_run_began_with() {
    let vendor = Vendor::start(agency("pro")).await;
    let mut scene = scene();
    for (setting, seconds) in [(None, 300), (Some("180"), 180), (Some("soon"), 300)] {
        let setting = setting.map(|text| (CEILING.to_owned(), text.to_owned()));
        scene.snapshot.settings.extend(setting);
        let ceiling = step(&vendor).ceiling(&scene.snapshot);
        assert_eq!(ceiling, Duration::from_secs(seconds));
    }
}

#[tokio::test]
async fn the_free_plan_has_room_for_two() {
    let vendor = Vendor::start(agency("free")).await;
    let mut scene = scene();
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].code(), "project_limit_reached");
    scene.knows(ResourceKind::SupabaseProject, ONE, "a", None);
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    assert_eq!(problems, [], "a project that is there needs no room");
}

#[tokio::test]
async fn a_project_that_sleeps_is_told_before_anything_is_waited_for() {
    for (status, asleep) in [
        ("INACTIVE", true),
        ("PAUSING", true),
        ("RESTORING", false),
        ("ACTIVE_HEALTHY", false),
    ] {
        let agency = agency("pro");
        let of_it = format!("/v1/projects/{ONE}");
        let vendor = Vendor::start(move |asked| {
            if asked.path == of_it {
                (200, project(ONE, "akermark", status))
            } else {
                agency(asked)
            }
        })
        .await;
        let mut scene = scene();
        scene.knows(ResourceKind::SupabaseProject, ONE, "akermark", None);
        let problems = step(&vendor).check(&scene.context()).await.unwrap();
        let name = "akermark".to_owned();
        let told = Problem::from(Cause::ProjectPaused { name }).by(Provider::Supabase);
        let expected = if asleep { vec![told] } else { vec![] };
        assert_eq!(problems, expected, "{status}");
    }
}

#[tokio::test]
async fn an_organization_out_of_sight_names_those_in_sight() {
    let vendor = Vendor::start(agency("pro")).await;
    let mut step = step(&vendor);
    step.with.organization = "other".to_owned();
    // The other reads fail as the vendor's would; what matters is said first.
    let vendor = Vendor::start(|asked| match asked.path.as_str() {
        "/v1/organizations" => (200, json!([{"slug": "norrform", "name": "Norrform"}])),
        _ => (404, json!({"message": "Organization not found"})),
    })
    .await;
    step.management = supabase(&vendor.base);
    let problems = step.check(&scene().context()).await.unwrap();
    let named = serde_json::to_value(&problems).unwrap();
    assert_eq!(named[0]["code"], "organization_not_visible");
    assert_eq!(named[0]["visible"], json!(["norrform"]));
}

#[tokio::test]
async fn creating_sends_what_the_document_knows_and_keeps_the_password() {
    let vendor = Vendor::start(|_| (201, project(ONE, "akermark", "UNKNOWN"))).await;
    let scene = scene();
    let made = make(&vendor, &scene).await;
    assert!(matches!(made, Created::Resource(project) if project.id == ONE));
    let changes = vendor.changes();
    assert_eq!(changes.len(), 1, "one mutating call");
    let body = changes[0].body.as_object().unwrap();
    let fields: Vec<_> = body.keys().map(String::as_str).collect();
    assert_eq!(
        fields,
        ["name", "organization_slug", "db_pass", "region_selection"]
    );
    assert_eq!(
        body["region_selection"],
        json!({"type": "specific", "code": "eu-north-1"})
    );
    // After a kill, the same password goes out again.
    make(&vendor, &scene).await;
    assert_eq!(vendor.changes()[1].body["db_pass"], body["db_pass"]);
}

#[tokio::test]
async fn it_is_ready_when_each_service_is_and_the_keys_are_there() {
    let health = |rest: &str| {
        json!([
            {"name": "auth", "healthy": true, "status": "ACTIVE_HEALTHY"},
            {"name": "db", "healthy": true, "status": "ACTIVE_HEALTHY"},
            {"name": "rest", "healthy": true, "status": rest},
        ])
    };
    let keys = json!([
        {"name": "default", "type": "publishable", "api_key": "sb_publishable_x"},
        {"name": "default", "type": "secret", "api_key": "sb_secret_canary"},
    ]);
    for (status, rest, ready) in [
        ("UNKNOWN", "COMING_UP", false),
        ("ACTIVE_HEALTHY", "COMING_UP", false),
        ("ACTIVE_HEALTHY", "ACTIVE_HEALTHY", true),
    ] {
        let (keys, health) = (keys.clone(), health(rest));
        let vendor = Vendor::start(move |asked| match asked.path.split('?').next().unwrap() {
            path if path.ends_with("/health") => (200, health.clone()),
            path if path.ends_with("/api-keys") => (200, keys.clone()),
            _ => (200, project(ONE, "akermark", status)),
        })
        .await;
        let step = step(&vendor);
        let existing = step.existing(ONE, "akermark");
        let readiness = step
            .await_ready(&scene().context(), Some(&existing))
            .await
            .unwrap();
        let Readiness::Ready(outputs) = readiness else {
            assert!(!ready, "{status} with {rest}: {readiness:?}");
            continue;
        };
        assert!(ready, "{status} with {rest} is not ready");
        assert_eq!(
            outputs["url"],
            Output::Public(format!("{}/_projects/{ONE}", vendor.base))
        );
        assert_eq!(
            outputs["publishable_key"],
            Output::Public("sb_publishable_x".to_owned())
        );
        let Output::Secret(reference) = &outputs["secret_key"] else {
            panic!("it is a secret")
        };
        assert_eq!(reference.to_string(), format!("supabase:{ONE}/default"));
        assert!(
            !format!("{outputs:?}").contains("canary"),
            "outputs hold references alone"
        );
        let health = vendor
            .asked()
            .into_iter()
            .find(|asked| asked.path.contains("/health"));
        let path = health.unwrap().path;
        assert!(
            path.ends_with("?services=auth&services=db&services=rest"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn all_that_the_search_gives_is_what_was_there_before() {
    let mut scene = scene();
    let others = [
        project(ONE, "akermark-2", "ACTIVE_HEALTHY"),
        project(TWO, "akermark", "REMOVED"),
    ];
    scene.intends(found(&scene, others.to_vec()).await);
    // Renamed to our name meanwhile: it was there before all the same.
    let renamed = project(ONE, "akermark", "ACTIVE_HEALTHY");
    let found = found(&scene, vec![renamed]).await;
    assert!(matches!(found, Found::Absent { .. }), "{found:?}");
}

#[tokio::test]
async fn what_the_owner_ruled_out_or_another_customer_has_is_never_ours() {
    let mut scene = scene();
    scene.evidence = Some(json!({"before": []}));
    scene.ruled_out = vec![ONE.to_owned()];
    let (out, new) = (
        project(ONE, "akermark", "COMING_UP"),
        project(TWO, "akermark", "COMING_UP"),
    );
    let anothers = project(THREE, "akermark", "COMING_UP");
    let nothing = found(&scene, vec![out.clone(), anothers]).await;
    assert!(matches!(nothing, Found::Absent { .. }), "{nothing:?}");
    let one = found(&scene, vec![out, new]).await;
    assert!(matches!(one, Found::Alone(ours) if ours.id == TWO));
    scene.knows(ResourceKind::SupabaseProject, ONE, "akermark", None);
    let vendor = Vendor::start(|_| list(&[])).await;
    let found = step(&vendor).find(&scene.context()).await.unwrap();
    assert!(
        matches!(found, Found::Absent { .. }),
        "nor by the records: {found:?}"
    );
}

#[tokio::test]
async fn a_project_that_never_came_up_is_passed_over() {
    let mut scene = scene();
    scene.evidence = Some(json!({"before": []}));
    scene.knows(ResourceKind::SupabaseProject, ONE, "akermark", None);
    let failed = || project(ONE, "akermark", "INIT_FAILED");
    let vendor = Vendor::start(move |asked| {
        if asked.path.ends_with(ONE) {
            (200, failed())
        } else {
            list(&[failed()])
        }
    })
    .await;
    let found = step(&vendor).find(&scene.context()).await.unwrap();
    assert!(
        matches!(found, Found::Absent { .. }),
        "another is made: {found:?}"
    );
}

#[tokio::test]
async fn a_marked_name_is_known_without_a_record_and_anothers_mark_is_not() {
    let scene = scene();
    let vendor = Vendor::start(|_| list(&[])).await;
    let mut step = step(&vendor);
    step.with.mark = scene.mark().to_string();
    let name = step.name();
    assert!(
        name.starts_with("akermark-") && name.len() == "akermark-".len() + 8,
        "{name}"
    );
    for (listed, ours) in [(name, true), ("akermark-00000000".to_owned(), false)] {
        let vendor = Vendor::start(move |_| list(&[project(ONE, &listed, "ACTIVE_HEALTHY")])).await;
        step.management = supabase(&vendor.base);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(matches!(found, Found::Ours(_)), ours, "{found:?}");
        assert_eq!(matches!(found, Found::Absent { .. }), !ours, "{found:?}");
    }
}

/// A project that can be deleted once it is up.
async fn deletable(answers: [(u16, Value); 2]) -> (Vendor, Undone) {
    let [look, deletion] = answers;
    let vendor = Vendor::start(move |asked| match asked.method.as_str() {
        "DELETE" => deletion.clone(),
        _ if asked.path.contains("/organizations/") => list(&[project(ONE, "a", "COMING_UP")]),
        _ => look.clone(),
    })
    .await;
    let mut scene = scene();
    scene.evidence = Some(json!({"before": [TWO]}));
    let step = step(&vendor);
    let existing = step.existing(ONE, "akermark");
    let undone = step.undo(&scene.context(), &existing).await.unwrap();
    (vendor, undone)
}

#[tokio::test]
async fn an_undo_waits_while_it_is_made_and_believes_no_404() {
    let there = || (200, project(ONE, "akermark", "COMING_UP"));
    let removed = || (400, json!({"message": "Resource has been removed"}));
    let hidden = || (404, json!({"message": "Project not found"}));
    let early = (400, json!({"message": "Project not ready for deletion."}));
    for (answers, expected, deletions) in [
        (
            [there(), (200, project(ONE, "akermark", "REMOVED"))],
            "gone",
            1,
        ),
        ([there(), early], "not yet", 1),
        ([there(), removed()], "gone", 1),
        ([removed(), removed()], "gone", 0),
        ([hidden(), hidden()], "cannot see", 0),
        ([there(), hidden()], "cannot see", 1),
    ] {
        let (vendor, undone) = deletable(answers).await;
        let got = match &undone {
            Undone::Gone => "gone",
            Undone::NotYet { .. } => "not yet",
            Undone::CannotSee(problem) if problem.code() == "cannot_see" => "cannot see",
            _ => "other",
        };
        assert_eq!(got, expected, "{undone:?}");
        assert_eq!(vendor.changes().len(), deletions, "{expected}");
    }
}

#[tokio::test]
async fn an_undo_leaves_what_was_there_before_and_what_bears_no_mark() {
    let vendor =
        Vendor::start(|_| (200, project(ONE, "akermark-00000000", "ACTIVE_HEALTHY"))).await;
    let mut scene = scene();
    let mut step = step(&vendor);
    let existing = step.existing(ONE, "akermark");
    scene.evidence = Some(json!({"before": [ONE]}));
    let before = step.undo(&scene.context(), &existing).await.unwrap();
    assert_eq!(
        before,
        left_standing::not_ours(Provider::Supabase, "akermark")
    );
    scene.evidence = Some(json!({"before": []}));
    step.with.mark = scene.mark().to_string();
    let unmarked = step.undo(&scene.context(), &existing).await.unwrap();
    assert_eq!(
        unmarked,
        left_standing::not_ours(Provider::Supabase, "akermark-00000000")
    );
    assert!(vendor.changes().is_empty(), "nothing was asked to go");
}

#[tokio::test]
async fn the_password_of_a_database_with_addresses_stays_until_the_project_has_gone() {
    let removed = (400, json!({"message": "Resource has been removed"}));
    let refused = (403, json!({"message": "Forbidden"}));
    for (addresses, deletion, stays) in [
        (true, refused.clone(), true),
        (true, removed, false),
        // Nobody needs it again.
        (false, refused, false),
    ] {
        let vendor = Vendor::start(move |asked| match asked.method.as_str() {
            "DELETE" => deletion.clone(),
            _ if asked.path.contains("/organizations/") => {
                list(&[project(ONE, "akermark", "ACTIVE_HEALTHY")])
            }
            _ => (200, project(ONE, "akermark", "ACTIVE_HEALTHY")),
        })
        .await;
        let mut scene = scene();
        scene.evidence = Some(json!({"before": []}));
        if addresses {
            let mut step = scene.step.clone();
            step.id = "database".to_owned();
            step.kind = StepKind::DatabaseUrl;
            scene.snapshot.blueprint.steps.push(step);
        }
        let kept = Kept::DatabasePassword.here(&scene.context());
        let password = Secret::from("canary-of-the-database");
        scene.secrets.set(&kept, password).await.unwrap();
        let step = step(&vendor);
        let existing = step.existing(ONE, "akermark");
        let undone = step.undo(&scene.context(), &existing).await;
        let lasting = kept::lasting_password(scene.mark(), ONE);
        let found = scene.secrets.get(&lasting).await.unwrap();
        assert_eq!(found.is_some(), stays, "{addresses}: {undone:?}");
    }
}
