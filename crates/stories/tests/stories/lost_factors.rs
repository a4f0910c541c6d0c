//! Lost second factors: started by an administrator, finished by the person with a link, or by the operator for a last owner; and first aid beside it.
//! SECURITY.md S23 (others' factors), S29 (a stolen session), S31 (nobody verifies themselves).
use crate::policies;
use serde_json::json;
use world::{App, Browser, Mail, Method, OWNER, PASSWORD, Page, Person, Span, World};

const STARTED: &str = "Remove your lost second factors";
const REMOVED: &str = "A way to sign in was removed";
const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

async fn id_of(world: &World, person: &Person) -> String {
    world.stored(&person.email).await.id.to_string()
}

async fn aid(browser: &Browser, id: &str, what: &str) -> Page {
    browser
        .ask(Method::POST, &format!("/api/v1/people/{id}/{what}"))
        .send()
        .await
}

/// An owner inside, and Ana with an app and a session.
async fn with_ana(world: &World) -> (Browser, Person, App, Browser) {
    let (_, browser) = world.with_owner_inside().await;
    let (ana, hers) = (world.person("ana").await, world.browser());
    ana.enter(&hers).await;
    let app = world.with_app(&ana).await;
    let page = hers
        .post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))])
        .await;
    assert_eq!(page.code(), 303, "{}", page.text());
    (browser, ana, app, hers)
}

async fn started(world: &World, browser: &Browser, person: &Person) -> Mail {
    let before = world.mail_to(&person.email, STARTED).await.len();
    let page = aid(browser, &id_of(world, person).await, "reset-factors").await;
    assert_eq!(page.code(), 202, "{}", page.body);
    let mut mails = world.mail_to(&person.email, STARTED).await;
    assert_eq!(mails.len(), before + 1);
    mails.pop().expect("a mail")
}

async fn kinds(browser: &Browser) -> Vec<String> {
    let events = browser.get("/api/v1/events?limit=20").await.json();
    let items = events["items"].as_array().expect("a list").clone();
    items
        .iter()
        .map(|item| item["kind"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn has_app(world: &World, person: &Person) -> bool {
    world.stored(&person.email).await.kinds.has_factor()
}

fn is_dead(page: &Page) {
    assert_eq!(
        (page.code(), page.heading().as_str()),
        (422, "This link does not work any more"),
        "{}",
        page.text()
    );
}

world::stories! {
    async fn an_administrator_starts_it_and_the_person_finishes_it(world) {
        let (browser, ana, _, hers) = with_ana(&world).await;
        let mail = started(&world, &browser, &ana).await;
        assert!(mail.text.contains("Olive Owner"), "{}", mail.text);
        assert!(has_app(&world, &ana).await && hers.is_signed_in().await, "starting it removed something");
        assert!(kinds(&browser).await.contains(&"factor-reset-started".to_owned()));

        let path = mail.path(&world, "/lost-factors");
        let anyone = world.browser();
        for _ in 0..2 {
            let page = anyone.get(&path).await;
            assert_eq!((page.code(), page.buttons()), (200, vec!["Remove my second factors".to_owned()]), "{}", page.text());
        }
        assert!(has_app(&world, &ana).await && hers.is_signed_in().await, "a GET removed something");

        let page = anyone.post(&path, &[]).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in?done=factors"), "{}", page.text());
        assert!(!anyone.is_signed_in().await, "the link opened a session");
        assert!(!has_app(&world, &ana).await && !hers.is_signed_in().await);
        assert!(anyone.get("/sign-in?done=factors").await.text().contains("Your second factors are removed"));
        assert!(kinds(&browser).await.contains(&"factors-reset".to_owned()));
        let removed = world.mail_to(&ana.email, REMOVED).await;
        assert_eq!(removed.len(), 1, "the person is told once");

        is_dead(&anyone.get(&path).await);
        is_dead(&anyone.post(&path, &[]).await);
    }

    async fn the_next_sign_in_adds_a_factor_whatever_the_grace(world) {
        let (browser, ana, _, _) = with_ana(&world).await;
        world.with_real_policy().await;
        world.set_policy(|values| values.grace_hours = Some(336)).await;
        let path = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        world.browser().post(&path, &[]).await;
        let again = world.browser();
        let page = ana.sign_in(&again).await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in/enrol"), "{}", page.text());
        assert!(!again.is_signed_in().await);
        // Once there is one again, everything is as before.
        let app = world.with_app(&ana).await;
        let again = world.browser();
        assert_eq!(ana.sign_in(&again).await.location(), "/sign-in/factor");
        let code = app.code(world.clock.now());
        let page = again.post("/sign-in/factor", &[("code", &code)]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert!(again.is_signed_in().await);
    }

    async fn a_link_works_for_24_hours_once_and_until_another_is_sent(world) {
        let (browser, ana, _, _) = with_ana(&world).await;
        let first = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        let second = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        is_dead(&world.browser().get(&first).await);
        is_dead(&world.browser().post(&first, &[]).await);
        assert!(has_app(&world, &ana).await);
        world.clock.advance(Span::hours(24));
        is_dead(&world.browser().post(&second, &[]).await);
        assert!(has_app(&world, &ana).await, "a link that has ended removed something");
        for token in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            is_dead(&world.browser().post(&format!("/lost-factors?token={token}"), &[]).await);
        }
    }

    async fn of_many_who_use_the_link_at_once_one_succeeds(world) {
        let (browser, ana, _, _) = with_ana(&world).await;
        let path = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        let tries = (0..8).map(|_| {
            let (one, path) = (world.browser(), path.clone());
            tokio::spawn(async move { one.post(&path, &[]).await.code() })
        });
        let mut codes = Vec::new();
        for one in tries.collect::<Vec<_>>() {
            codes.push(one.await.unwrap());
        }
        assert_eq!(codes.iter().filter(|code| **code == 303).count(), 1, "{codes:?}");
    }

    async fn the_administrator_learns_no_secret(world) {
        let (browser, ana, _, _) = with_ana(&world).await;
        let answer = aid(&browser, &id_of(&world, &ana).await, "reset-factors").await;
        let fields: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, ["ends_at"]);
        let mail = world.mail_to(&ana.email, STARTED).await.remove(0);
        let path = mail.path(&world, "/lost-factors");
        let token = path.split_once("token=").unwrap().1;
        for shown in ["/app/settings/messages", "/api/v1/messages", "/api/v1/events?limit=20", "/app/activity"] {
            assert!(!browser.get(shown).await.body.contains(token), "{shown} shows the link");
        }
        assert!(world.mail_to(OWNER, STARTED).await.is_empty());
        // Nor can a secret be sent along.
        let id = id_of(&world, &ana).await;
        let page = browser.ask(Method::POST, &format!("/api/v1/people/{id}/reset-factors")).json(&json!({"secret": "x"})).send().await;
        assert_eq!(page.code(), 400);
    }

    async fn people_of_other_organisations_are_not_there(world) {
        let (browser, _, _, _) = with_ana(&world).await;
        for id in [STRANGE, "ana", "ana@northwind.example"] {
            for what in ["reset-factors", "unlock", "sign-out"] {
                let page = aid(&browser, id, what).await;
                assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{id} {what}");
            }
        }
    }

    async fn it_needs_the_right_and_step_up(world) {
        let (browser, ana, _, hers) = with_ana(&world).await;
        let (olive, own) = (world.stored(OWNER).await.id.to_string(), id_of(&world, &ana).await);
        for what in ["reset-factors", "unlock", "sign-out"] {
            for id in [&olive, &own] {
                assert_eq!(aid(&hers, id, what).await.code(), 403, "{what}");
            }
        }
        world.clock.advance(Span::minutes(16));
        let page = aid(&browser, &own, "reset-factors").await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"));
        assert!(world.mail_to(&ana.email, STARTED).await.is_empty());
    }

    async fn the_last_owner_needs_the_operator(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        let code = app.code(world.clock.now());
        browser.post("/app/step-up", &[("code", &code)]).await;
        let own = id_of(&world, &owner).await;
        let page = aid(&browser, &own, "reset-factors").await;
        assert_eq!((page.code(), page.problem().as_str(), page.json()["reason"].as_str()), (409, "conflict", Some("LO-001")), "{}", page.body);

        // `doorward person reset-factors`, as the command does it.
        let stored = world.stored(OWNER).await;
        doorward::operate::reset_factors(world.app().ground(), &stored).await.unwrap();
        assert!(!has_app(&world, &owner).await && !browser.is_signed_in().await);
        assert_eq!(world.mail_to(OWNER, REMOVED).await.len(), 1);
        let again = world.browser();
        owner.enter(&again).await;
        let events = again.get("/api/v1/events?kind=factors-reset").await.json();
        assert!(events["items"][0]["detail"].as_str().unwrap().contains("operator"), "{events}");
        // With another owner there it is no matter for the operator any more.
        let other = world.person("otto").await;
        world.give_role(&other, "Owner").await;
        assert_eq!(aid(&again, &own, "reset-factors").await.code(), 202);
    }

    async fn a_link_dies_with_the_address(world) {
        let (browser, ana, _, hers) = with_ana(&world).await;
        let path = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        hers.post("/app/security/email", &[("email", "ana.new@northwind.example"), ("email_password", PASSWORD)]).await;
        let confirm = world.mail_to("ana.new@northwind.example", "Confirm your new e-mail address").await.remove(0);
        let confirm = confirm.path(&world, "/email/confirm");
        assert_eq!(world.browser().post(&confirm, &[]).await.code(), 303);
        is_dead(&world.browser().post(&path, &[]).await);
        let ana = Person { email: "ana.new@northwind.example".into(), ..ana };
        assert!(has_app(&world, &ana).await, "a link to an address that is hers no more removed something");
    }

    async fn a_link_dies_when_its_owner_raises_the_alarm(world) {
        let (browser, ana, _, hers) = with_ana(&world).await;
        let path = started(&world, &browser, &ana).await.path(&world, "/lost-factors");
        let notice = world.mail_to(&ana.email, "A way to sign in was added").await.remove(0);
        let page = world.browser().post(&notice.path(&world, "/not-me"), &[]).await;
        assert!(page.location().starts_with("/reset?token="), "{}", page.text());
        assert!(!hers.is_signed_in().await);
        is_dead(&world.browser().post(&path, &[]).await);
        assert!(has_app(&world, &ana).await, "a link that was made before the alarm removed something");
    }

    async fn unlock_and_sign_out_are_first_aid(world) {
        let (browser, ana, _, hers) = with_ana(&world).await;
        let id = id_of(&world, &ana).await;
        assert_eq!(aid(&browser, &id, "sign-out").await.code(), 204);
        assert!(!hers.is_signed_in().await);
        let stranger = world.browser_at(7);
        stranger.get("/sign-in").await;
        for _ in 0..10 {
            stranger.post("/sign-in", &[("email", &ana.email), ("password", "surely not the right one")]).await;
        }
        assert_eq!(ana.sign_in(&world.browser_at(8)).await.code(), 422, "not locked");
        assert_eq!(aid(&browser, &id, "unlock").await.code(), 204);
        assert_eq!(ana.sign_in(&world.browser_at(8)).await.code(), 303);
        for kind in ["session-ended", "lane-unlocked"] {
            assert!(kinds(&browser).await.contains(&kind.to_owned()), "{kind}");
        }
    }

    async fn after_half_a_year_the_ways_to_sign_in_are_to_be_reviewed(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        let says_so = |page: &Page| page.buttons().contains(&"They are right".to_owned());
        assert!(!says_so(&browser.get("/app").await));
        world.clock.advance(Span::days(181));
        let again = world.browser();
        owner.sign_in(&again).await;
        let code = app.code(world.clock.now());
        again.post("/sign-in/factor", &[("code", &code)]).await;
        for path in ["/app", "/app/security"] {
            assert!(says_so(&again.get(path).await), "{path} says nothing");
        }
        assert_eq!(again.post("/app/security/reviewed", &[]).await.code(), 303);
        for path in ["/app", "/app/security"] {
            assert!(!says_so(&again.get(path).await), "{path} still asks");
        }
        assert!(kinds(&again).await.contains(&"ways-reviewed".to_owned()));
    }

    async fn a_stolen_session_changes_no_policy_and_nobodys_factors(world) {
        // S29: the cookie alone, once the proof of its owner is old.
        let (browser, ana, _, _) = with_ana(&world).await;
        world.clock.advance(Span::minutes(20));
        let id = id_of(&world, &ana).await;
        assert_eq!(aid(&browser, &id, "reset-factors").await.code(), 401);
        assert_eq!(policies::put(&browser, &json!({"factors": {"require": "no"}})).await.code(), 401);
        for password in ["", " ", "surely not the right one"] {
            browser.post("/app/step-up", &[("password", password)]).await;
            assert_eq!(policies::put(&browser, &json!({"factors": {"require": "no"}})).await.code(), 401, "{password:?}");
        }
        assert!(has_app(&world, &ana).await);
    }

    async fn nobody_verifies_themselves_by_the_api(world) {
        // S31
        let (_, _, _, hers) = with_ana(&world).await;
        for body in [
            json!({"email_verified": true}), json!({"phone_verified": true}), json!({"name": "Ana", "email_verified": true}),
            json!({"factors": 15}), json!({"reviewed_at": "2026-11-24T00:00:00Z"}), json!({"kinds": ["passkey"]}),
        ] {
            let page = hers.ask(Method::PATCH, "/api/v1/me").json(&body).send().await;
            assert_eq!(page.code(), 400, "{body}: {}", page.body);
        }
    }
}
