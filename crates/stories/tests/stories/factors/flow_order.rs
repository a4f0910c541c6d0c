//! Steps out of turn, twice, from another browser, too late, and while something changed. S12, S13, S20, S34.
use super::flow::{at_factor, confirm};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kernel::{AuthenticatorKind, Kinds};
use organisations::Require;
use world::{Method, Page, Span};

fn leads_to_the_door(page: &Page) {
    assert_eq!(page.code(), 303, "{}", page.text());
    let path = page.location().split('?').next().unwrap();
    assert_eq!(path, "/sign-in", "{}", page.location());
}

const STEPS: [&str; 4] = ["/sign-in/factor", "/sign-in/lost", "/sign-in/device", "/sign-in/enrol"];

world::stories! {
    async fn no_step_can_be_called_without_a_first_factor(world) {
        world.with_owner().await;
        let browser = world.browser();
        for path in STEPS {
            leads_to_the_door(&browser.get(path).await);
            if path != "/sign-in/lost" {
                leads_to_the_door(&browser.post(path, &[("code", "123456")]).await);
            }
            assert_eq!(browser.visit(path).await.heading(), "Sign in");
        }
        for path in ["/sign-in/passkey/start?for=factor", "/sign-in/passkey/start?for=enrol"] {
            let page = browser.ask(Method::POST, path).json(&serde_json::json!({})).send().await;
            assert_eq!(page.code(), 422, "{path}: {}", page.body);
        }
        assert!(!browser.is_signed_in().await);
    }

    async fn out_of_turn_every_step_leads_back_to_where_the_sign_in_stands(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        for path in ["/sign-in/device", "/sign-in/enrol"] {
            for page in [browser.get(path).await, browser.post(path, &[("code", "123456")]).await] {
                assert_eq!((page.code(), page.location()), (303, "/sign-in/factor"), "{path}");
            }
        }
        // The sign-in page stays a sign-in page, and says that one is under way.
        let page = browser.get("/sign-in").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Sign in"));
        assert!(page.links().contains(&"/sign-in/factor".to_owned()));
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.code(), 303, "looking at it lost the sign-in");
        // What comes after the last step leads in, not in a circle.
        for path in STEPS {
            assert_eq!(browser.visit(path).await.code(), 200, "{path}");
        }
        assert!(browser.is_signed_in().await);
    }

    async fn s12_with_a_factor_set_up_a_password_alone_opens_nothing_whatever_the_policy(world) {
        let owner = world.with_owner().await;
        world.set_policy(|values| values.require = Some(Require::No)).await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        for route in world.routes().iter().filter(|route| route.who == "person" && route.path.starts_with("/api/")) {
            let path = route.path.replace("{id}", "01936d2c-5b7e-7000-8000-000000000000");
            let ask = browser.ask(route.method.parse().unwrap(), &path);
            let page = if route.method == "GET" { ask.send().await } else { ask.json(&serde_json::json!({})).send().await };
            assert_eq!((page.code(), page.problem().as_str()), (401, "factor-needed"), "{} {path}", route.method);
        }
        assert_eq!(browser.get("/app").await.code(), 303);
        // A code alone is nothing either.
        let other = world.browser();
        other.get("/sign-in").await;
        leads_to_the_door(&confirm(&other, &app.code(world.clock.now())).await);
        assert!(!other.is_signed_in().await && !browser.is_signed_in().await);
    }

    async fn s13_a_new_password_by_mail_still_asks_for_the_second_factor(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let link = world.operators_reset_link(&owner.email).await;
        let browser = world.browser();
        let page = browser.post(&link, &[("password", "another lantern under the mill")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert!(!browser.is_signed_in().await);
        let page = browser.sign_in(&owner.email, "another lantern under the mill").await;
        assert_eq!(page.location(), "/sign-in/factor");
        assert!(!browser.is_signed_in().await);
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app");
    }

    async fn s20_neither_password_nor_code_lies_in_the_half_done_sign_in(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let canary = "violet canary over the harbour 7731";
        let link = world.operators_reset_link(&owner.email).await;
        world.browser().post(&link, &[("password", canary)]).await;
        let browser = world.browser();
        assert_eq!(browser.sign_in(&owner.email, canary).await.location(), "/sign-in/factor");
        let wrong = app.wrong_code(world.clock.now());
        confirm(&browser, &wrong).await;
        let kept = browser.cookie("flow").expect("a flow");
        assert!(kept.starts_with("s.") && !kept.contains(&owner.email), "{kept}");
        let secret = kept.split('.').nth(1).unwrap().to_owned();
        assert!(!kept.contains(&STANDARD.encode(canary)), "{kept}");
        for file in crate::security::door::files_below(world.folder()) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            for needle in [canary.to_owned(), STANDARD.encode(canary), secret.clone()] {
                let is_there = bytes.windows(needle.len()).any(|part| part == needle.as_bytes());
                assert!(!is_there, "{} holds {needle}", file.display());
            }
        }
    }

    async fn s34_the_cookie_is_new_after_each_step_and_an_old_one_is_worth_nothing(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = world.browser();
        browser.get("/sign-in").await;
        let before = browser.cookie("flow").expect("a flow");
        owner.sign_in(&browser).await;
        let half = browser.cookie("flow").expect("a flow");
        assert_ne!(before, half);
        assert!(browser.cookie("session").is_none(), "a half done sign-in has a session cookie");
        confirm(&browser, &app.code(world.clock.now())).await;
        assert!(browser.is_signed_in().await);
        for old in [&before, &half] {
            let other = world.browser();
            other.plant("flow", old);
            leads_to_the_door(&other.get("/sign-in/factor").await);
            other.plant("session", old);
            assert!(!other.is_signed_in().await);
        }
        // A planted secret is never taken for a sign-in that begins.
        let planted = format!("s.{}.x", "A".repeat(43));
        let other = world.browser();
        other.plant("flow", &planted);
        owner.sign_in(&other).await;
        assert_ne!(other.cookie("flow"), Some(planted));
    }

    async fn a_stale_copy_of_the_flows_cookie_keeps_nobody_out(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let half = browser.cookie("flow").unwrap();
        for stale in ["", "x", "s.", "s.x.y", &format!("s.{}.z", "B".repeat(43))] {
            let tab = world.browser();
            tab.plant("flow", stale);
            tab.plant("flow", &half);
            assert_eq!(tab.get("/sign-in/factor").await.code(), 200, "{stale:?}");
        }
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app");
    }

    async fn another_browser_cannot_go_on_with_a_sign_in(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let other = world.browser();
        other.get("/sign-in?next=/app/security").await;
        let page = confirm(&other, &app.code(world.clock.now())).await;
        leads_to_the_door(&page);
        assert!(page.location().contains("next=%2Fapp%2Fsecurity"), "{}", page.location());
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app", "the code was spent by a stranger");
    }

    async fn after_ten_minutes_a_new_sign_in_begins_and_keeps_where_one_was_going(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = world.browser();
        browser.get("/sign-in?next=/app/security").await;
        browser.post("/sign-in?next=/app/security", &[("email", &owner.email), ("password", &owner.password)]).await;
        world.clock.advance(Span::minutes(11));
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        leads_to_the_door(&page);
        let page = browser.follow(page).await;
        assert_eq!(page.heading(), "Sign in");
        assert!(page.text().contains("open for a long time"), "{}", page.text());
        let action = page.body.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let page = browser.post(&action, &[("email", &owner.email), ("password", &owner.password)]).await;
        assert_eq!(page.location(), "/sign-in/factor");
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app/security");
    }

    async fn the_last_step_twice_at_once_opens_one_session(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let code = app.code(world.clock.now());
        // As many as a sign-in has tries: each is counted before it is looked at.
        let tasks: Vec<_> = (0..5).map(|_| {
            let (tab, code) = (browser.clone(), code.clone());
            tokio::spawn(async move { confirm(&tab, &code).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            let page = task.await.expect("no panic");
            assert!(page.code() < 500);
            opened += usize::from(page.set_cookies().iter().any(|line| line.starts_with("doorward_session=") && !line.contains("Max-Age=0")));
        }
        assert_eq!(opened, 1);
        let sessions = browser.get("/api/v1/me/sessions").await.json();
        assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
        // The one who came second is led in, too.
        assert_eq!(browser.visit("/sign-in/factor").await.code(), 200);
    }

    async fn whoever_ended_all_sessions_or_changed_the_password_meanwhile_is_not_let_in(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        world.raise_epoch(&owner).await;
        leads_to_the_door(&confirm(&browser, &app.code(world.clock.now())).await);
        let browser = at_factor(&world, &owner).await;
        let link = world.operators_reset_link(&owner.email).await;
        world.browser().post(&link, &[("password", "another lantern under the mill")]).await;
        leads_to_the_door(&confirm(&browser, &app.code(world.clock.now())).await);
        assert!(!browser.is_signed_in().await);
    }

    async fn whoever_was_disabled_meanwhile_is_not_let_in(world) {
        world.with_owner().await;
        let ana = world.person("ana").await;
        let app = world.with_app(&ana).await;
        let browser = at_factor(&world, &ana).await;
        world.disable(&ana).await;
        leads_to_the_door(&confirm(&browser, &app.code(world.clock.now())).await);
        assert!(!browser.is_signed_in().await);
    }

    async fn a_policy_that_changed_meanwhile_holds_for_the_next_step(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        world.set_policy(|values| {
            values.require = Some(Require::PhishingResistant);
            values.grace_hours = Some(0);
        }).await;
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.location(), "/sign-in/enrol", "{}", page.text());
        assert!(!browser.is_signed_in().await);
        let page = browser.get("/sign-in/enrol").await;
        assert!(page.body.contains("data-passkey=\"enrol\"") && page.field("code").is_none(), "{}", page.text());
    }

    async fn a_kind_that_was_forbidden_meanwhile_proves_nothing(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        world.set_policy(|values| values.allowed = Some(Kinds::NONE.with(AuthenticatorKind::Passkey))).await;
        let page = confirm(&browser, &app.code(world.clock.now())).await;
        assert_eq!(page.location(), "/sign-in/enrol", "{}", page.text());
        assert!(!browser.is_signed_in().await);
    }

    async fn on_a_shared_device_all_steps_leave_nothing_behind(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = world.browser();
        browser.get("/sign-in").await;
        browser.post("/sign-in", &[("email", &owner.email), ("password", &owner.password), ("shared_device", "on")]).await;
        confirm(&browser, &app.code(world.clock.now())).await;
        assert!(browser.is_signed_in().await);
        let lasting: Vec<String> = browser.jar(|jar| jar.all().iter().filter(|c| c.ends_at.is_some()).map(|c| c.name.clone()).collect());
        assert!(lasting.is_empty(), "these outlive the browser: {lasting:?}");
    }

    async fn a_sign_in_that_nobody_went_through_with_is_told_in_the_log(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let app = world.with_app(&owner).await;
        inside.post("/app/step-up", &[("code", &app.code(world.clock.now()))]).await;
        at_factor(&world, &owner).await;
        at_factor(&world, &owner).await;
        world.clock.advance(Span::minutes(11));
        doorward::janitor::sweep(world.app().ground()).await.unwrap();
        let events = inside.get("/api/v1/events?kind=sign-in-unfinished").await.json();
        let items = events["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{events}");
        assert_eq!(items[0]["count"], 2, "{events}");
    }

    async fn signing_in_anew_replaces_what_was_under_way_in_this_browser(world) {
        let owner = world.with_owner().await;
        let app = world.with_app(&owner).await;
        let browser = at_factor(&world, &owner).await;
        let first = browser.cookie("flow").unwrap();
        owner.sign_in(&browser).await;
        let other = world.browser();
        other.plant("flow", &first);
        leads_to_the_door(&confirm(&other, &app.code(world.clock.now())).await);
        assert_eq!(confirm(&browser, &app.code(world.clock.now())).await.location(), "/app");
    }
}
