//! Added once, waited for without holding the run, removed before its project.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::testing::{Asked, Scene, Vendor, parameters, vercel};

const DOMAIN: &str = "akermark.norrform.se";
/// When the project was given it.
const GIVEN: i64 = 1_795_000_000_000;

fn domain(created_at: i64) -> Domain {
    let shown = json!({"name": DOMAIN, "verified": true, "createdAt": created_at});
    serde_json::from_value(shown).unwrap()
}

fn step(vendor: &Vendor, domain: &str) -> CustomDomain {
    let with = json!({"project": "prj_1", "team": "acme", "domain": domain});
    CustomDomain {
        vercel: vercel(&vendor.base),
        with: parameters(&with).read(&[]).unwrap(),
    }
}

fn scene() -> Scene {
    Scene::new(StepKind::CustomDomain, "domain")
}

fn not_found() -> (u16, Value) {
    (
        404,
        json!({"error": {"code": "not_found", "message": "no"}}),
    )
}

/// How far the owner's records have come.
#[derive(Clone, Copy, PartialEq)]
enum Records {
    None,
    Proof,
    Both,
}

/// A project that has the domain, or not, and a DNS.
fn project(has: bool, records: Records) -> impl Fn(&Asked) -> (u16, Value) {
    let has = std::sync::Mutex::new(has);
    move |asked| {
        let mut has = has.lock().unwrap();
        let shown = |verified: bool| {
            json!({
                "name": DOMAIN, "apexName": "norrform.se", "projectId": "prj_1", "verified": verified,
                "createdAt": GIVEN,
                "verification": [
                    {"type": "TXT", "domain": "_vercel.norrform.se", "value": "vc=1", "reason": "pending"},
                ],
            })
        };
        match (asked.method.as_str(), asked.path.split('?').next().unwrap()) {
            (_, "/v2/teams/acme") => (200, json!({"id": "team_1", "slug": "acme"})),
            ("POST", "/v10/projects/prj_1/domains") => {
                *has = true;
                (200, shown(false))
            }
            ("DELETE", "/v9/projects/prj_1/domains/akermark.norrform.se") if *has => {
                *has = false;
                (200, json!({}))
            }
            ("GET", "/v9/projects/prj_1/domains/akermark.norrform.se") if *has => {
                (200, shown(false))
            }
            ("POST", "/v9/projects/prj_1/domains/akermark.norrform.se/verify") => match records {
                Records::None => (
                    400,
                    json!({"error": {"code": "missing_txt_record", "message": "no"}}),
                ),
                Records::Proof | Records::Both => (200, shown(true)),
            },
            ("GET", "/v6/domains/akermark.norrform.se/config") => (
                200,
                json!({
                    "misconfigured": records != Records::Both,
                    "recommendedCNAME": [{"rank": 1, "value": "cname.vercel-dns.com."}],
                    "recommendedIPv4": [{"rank": 1, "value": ["76.76.21.21"]}],
                }),
            ),
            _ => not_found(),
        }
    }
}

#[tokio::test]
async fn without_a_domain_of_the_agencys_there_is_nothing_to_do() {
    let vendor = Vendor::start(|_| panic!("nobody is asked")).await;
    let step = step(&vendor, "");
    assert_eq!(
        step.find(&scene().context()).await.unwrap(),
        Found::Satisfied
    );
    let ready = step.await_ready(&scene().context(), None).await.unwrap();
    let Readiness::Ready(outputs) = ready else {
        panic!("{ready:?}")
    };
    assert_eq!(outputs["url"], Output::Public(String::new()));
}

#[tokio::test]
async fn a_domain_waits_for_its_records_and_the_run_does_not() {
    for (records, wanted) in [
        (Records::None, vec!["TXT", "CNAME"]),
        (Records::Proof, vec!["CNAME"]),
        (Records::Both, vec![]),
    ] {
        let vendor = Vendor::start(project(false, records)).await;
        let mut scene = scene();
        let step = step(&vendor, DOMAIN);
        scene.intends(step.find(&scene.context()).await.unwrap());
        let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
            panic!("it has an id")
        };
        assert_eq!(made.id, DOMAIN);
        let readiness = step
            .await_ready(&scene.context(), Some(&made))
            .await
            .unwrap();
        let (outputs, kinds) = match readiness {
            Readiness::Ready(outputs) => (outputs, Vec::new()),
            Readiness::Deferred { outputs, why } => {
                let Cause::DomainPending { domain, records } = *why.cause else {
                    panic!("{why:?}")
                };
                assert_eq!(domain, DOMAIN);
                (
                    outputs,
                    records.into_iter().map(|record| record.kind).collect(),
                )
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(kinds, wanted);
        let url = format!("https://{DOMAIN}");
        let live = if wanted.is_empty() {
            url.clone()
        } else {
            String::new()
        };
        assert_eq!(outputs["url"], Output::Public(url));
        assert_eq!(
            outputs["live_url"],
            Output::Public(live),
            "nobody is met there before"
        );
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(found, Found::Ours(made), "it is known again");
    }
}

#[tokio::test]
async fn nobody_waits_at_a_domain_of_which_vercel_does_not_tell_where_it_leads() {
    let vendor = Vendor::start(|asked| match asked.path.split('?').next().unwrap() {
        "/v9/projects/prj_1/domains/akermark.norrform.se" => (
            200,
            json!({"name": DOMAIN, "verified": true, "createdAt": GIVEN}),
        ),
        _ => not_found(),
    })
    .await;
    let step = step(&vendor, DOMAIN);
    let ready = step.await_ready(&scene().context(), None).await.unwrap();
    let Readiness::Ready(outputs) = ready else {
        panic!("{ready:?}")
    };
    let url = format!("https://{DOMAIN}");
    assert_eq!(outputs["url"], Output::Public(url));
    assert_eq!(outputs["live_url"], Output::Public(String::new()));
}

#[tokio::test]
async fn a_domain_of_another_project_is_in_the_way() {
    let vendor = Vendor::start(|asked| match asked.method.as_str() {
        "POST" => (
            409,
            json!({"error": {"code": "domain_already_in_use", "message": "no"}}),
        ),
        _ => not_found(),
    })
    .await;
    let failure = step(&vendor, DOMAIN)
        .create(&scene().context())
        .await
        .unwrap_err();
    assert_eq!(failure.problem.code(), "name_taken");
}

#[tokio::test]
async fn what_another_customer_has_put_on_a_shared_project_meanwhile_is_not_taken() {
    let (intended, live) = (ResourceState::Intended, ResourceState::Live);
    for (shared, recorded, is_ours) in [
        (true, None, false),
        // The intent of the call that is refused, or of one before it that a find has settled.
        (true, Some(intended), false),
        (true, Some(live), true),
        (false, None, true),
    ] {
        let vendor = Vendor::start(|asked| match asked.method.as_str() {
            "POST" => (
                409,
                json!({"error": {"code": "domain_already_in_use", "message": "no"}}),
            ),
            _ => (
                200,
                json!({"name": DOMAIN, "verified": true, "createdAt": GIVEN}),
            ),
        })
        .await;
        let mut scene = scene();
        if shared {
            let shared = ("vercel.project".to_owned(), "prj_1".to_owned());
            scene.snapshot.settings.extend([shared]);
        }
        if let Some(state) = recorded {
            let mut row = scene.row(ResourceKind::Domain, DOMAIN, DOMAIN, None);
            row.state = state;
            scene.all.push(row);
        }
        scene.intends(Found::Absent {
            evidence: Value::Null,
        });
        let created = step(&vendor, DOMAIN).create(&scene.context()).await;
        let told = format!("{shared} {recorded:?}");
        if is_ours {
            let ours = CustomDomain::existing(&domain(GIVEN));
            assert_eq!(created.unwrap(), Created::Resource(ours), "{told}");
        } else {
            let failure = created.unwrap_err();
            assert_eq!(failure.problem.code(), "name_taken", "{told}");
        }
    }
}

#[tokio::test]
async fn an_undo_removes_it_before_its_project_and_may_come_twice() {
    let vendor = Vendor::start(project(true, Records::None)).await;
    let step = step(&vendor, DOMAIN);
    assert!(
        step.within().is_some_and(|project| project.goes_first),
        "it goes first, so nothing covers it"
    );
    let existing = CustomDomain::existing(&domain(GIVEN));
    for turn in ["once", "twice"] {
        let undone = step.undo(&scene().context(), &existing).await.unwrap();
        assert_eq!(undone, Undone::Gone, "{turn}");
    }
    let hidden = Vendor::start(|_| not_found()).await;
    let undone = self::step(&hidden, DOMAIN)
        .undo(&scene().context(), &existing)
        .await
        .unwrap();
    assert_eq!(
        undone,
        left_standing::cannot_see(Provider::Vercel, DOMAIN),
        "a 404 is not believed"
    );
}

#[tokio::test]
async fn on_a_shared_project_a_domain_without_a_record_is_somebody_elses() {
    let vendor = Vendor::start(project(true, Records::None)).await;
    let step = step(&vendor, DOMAIN);
    let ours = Found::Ours(CustomDomain::existing(&domain(GIVEN)));
    let mut scene = scene();
    let found = step.find(&scene.context()).await.unwrap();
    assert_eq!(found, ours, "what is on the customer's own project is its");

    let shared = ("vercel.project".to_owned(), "prj_1".to_owned());
    scene.snapshot.settings.extend([shared]);
    let found = step.find(&scene.context()).await.unwrap();
    let Found::Foreign(problem) = found else {
        panic!("{found:?}")
    };
    assert_eq!(problem.code(), "name_taken");
    for (state, is_ours) in [
        (ResourceState::Live, true),
        (ResourceState::Leftover, true),
        (ResourceState::LetGo, false),
        (ResourceState::Removed, false),
    ] {
        scene.all = vec![Resource {
            state,
            ..scene.row(ResourceKind::Domain, DOMAIN, DOMAIN, None)
        }];
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(found == ours, is_ours, "{state:?}");
    }
    // A call whose answer was lost.
    scene.all.clear();
    scene.intends(Found::Absent {
        evidence: json!({}),
    });
    assert_eq!(step.find(&scene.context()).await.unwrap(), ours);
}

#[tokio::test]
async fn on_a_shared_project_one_that_our_call_cannot_have_given_is_asked_about() {
    let given = Timestamp::from_millisecond(GIVEN).unwrap();
    let seconds = |seconds: i64| given + SignedDuration::from_secs(seconds);
    for (looked, sent, is_ours) in [
        (-5, -1, true),
        // Our clock is a little ahead, or the call came true late.
        (20, 21, true),
        (-70, -65, true),
        // Asked for once more after a while.
        (-600, -30, true),
        // Another customer's run gave it before we looked.
        (60, 61, false),
        // By then our call could not come true any more.
        (-600, -80, false),
        (-86_400, -86_399, false),
    ] {
        let told = format!("looked {looked} s, sent {sent} s from when it was given");
        let mut scene = scene();
        let shared = ("vercel.project".to_owned(), "prj_1".to_owned());
        scene.snapshot.settings.extend([shared]);
        *scene.clock.0.lock().unwrap() = seconds(looked);
        let empty = Vendor::start(project(false, Records::None)).await;
        let absent = step(&empty, DOMAIN).find(&scene.context()).await.unwrap();
        scene.intends(absent);
        scene.sent = Some(seconds(sent));
        let again = step(&empty, DOMAIN).find(&scene.context()).await.unwrap();
        let Found::Absent { evidence } = again else {
            panic!("{told}: {again:?}")
        };
        assert_eq!(
            Some(&evidence),
            scene.evidence.as_ref(),
            "{told}: the first look stays the measure"
        );

        let vendor = Vendor::start(project(true, Records::None)).await;
        let step = step(&vendor, DOMAIN);
        let domain = CustomDomain::existing(&domain(GIVEN));
        let found = step.find(&scene.context()).await.unwrap();
        if is_ours {
            assert_eq!(found, Found::Ours(domain), "{told}");
            continue;
        }
        assert_eq!(found, Found::Ambiguous(vec![domain]), "{told}");
        // The owner says that it is not: there is no other of that name.
        scene.ruled_out.push(DOMAIN.to_owned());
        let found = step.find(&scene.context()).await.unwrap();
        let Found::Foreign(problem) = found else {
            panic!("{told}: {found:?}")
        };
        assert_eq!(problem.code(), "name_taken", "{told}");
        // What is on the customer's own project is its, whenever it was given.
        scene.ruled_out.clear();
        scene.snapshot.settings.clear();
        let found = step.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Ours(_)), "{told}: {found:?}");
    }
}

#[tokio::test]
async fn one_that_a_shared_project_was_given_anew_stays() {
    let vendor = Vendor::start(project(true, Records::None)).await;
    let step = step(&vendor, DOMAIN);
    let mut scene = scene();
    let shared = ("vercel.project".to_owned(), "prj_1".to_owned());
    scene.snapshot.settings.extend([shared]);
    let before = CustomDomain::existing(&domain(GIVEN - 60_000));
    let undone = step.undo(&scene.context(), &before).await.unwrap();
    assert_eq!(undone, left_standing::not_ours(Provider::Vercel, DOMAIN));
    // Let go of by the owner, a record says nothing of whose it is.
    let given = GIVEN.to_string();
    scene.knows(ResourceKind::Domain, DOMAIN, DOMAIN, Some(&given));
    scene.all[0].state = ResourceState::LetGo;
    let undone = step.undo(&scene.context(), &before).await.unwrap();
    assert_eq!(undone, left_standing::not_ours(Provider::Vercel, DOMAIN));
    // A later run of the customer's had given it again, be it one that was rolled back.
    for state in [ResourceState::Live, ResourceState::LetGo] {
        let again = Vendor::start(project(true, Records::None)).await;
        let again = self::step(&again, DOMAIN);
        scene.all[0].origin = Origin::Adopted;
        scene.all[0].state = state;
        let undone = again.undo(&scene.context(), &before).await.unwrap();
        assert_eq!(undone, Undone::Gone, "{state:?}");
    }
    scene.all.clear();
    let own = CustomDomain::existing(&domain(GIVEN));
    let undone = step.undo(&scene.context(), &own).await.unwrap();
    assert_eq!(undone, Undone::Gone);
}

#[test]
fn an_instances_address_is_none_that_this_step_gave_it() {
    let scene = scene();
    let domains: Vec<Domain> = serde_json::from_value(json!([
        {"name": DOMAIN, "verified": true},
        {"name": "akermark.se", "verified": true},
        {"name": "akermark.vercel.app", "verified": true},
    ]))
    .unwrap();
    let rows = [
        scene.row(ResourceKind::Domain, DOMAIN, DOMAIN, None),
        scene.row(ResourceKind::VercelProject, "prj_1", "akermark.se", None),
    ];
    let left = without_added(domains, &rows);
    let names: Vec<_> = left.iter().map(|domain| domain.name.as_str()).collect();
    assert_eq!(
        names,
        ["akermark.se", "akermark.vercel.app"],
        "the owner's own choice counts"
    );
}
