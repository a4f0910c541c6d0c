//! Second factors and what a stolen cookie is worth: rows S13 and S29 as sweeps over every door there is, and whose clock counts.
use crate::factors::flow::{at_factor, confirm};
use serde_json::json;
use world::{App, Browser, Method, OWNER, PASSWORD, Person, Span, World};

const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";
const WANTED: &str = "copper kettle beside the harbour";

/// An owner with an app, and a browser inside whose proof is an hour old.
async fn stale(world: &World) -> (Person, App, Browser) {
    let (owner, browser) = world.with_owner_inside().await;
    let app = world.with_app(&owner).await;
    let code = app.code(world.clock.now());
    assert_eq!(
        browser.post("/app/step-up?next=/app", &[("code", &code)]).await.code(),
        303
    );
    for _ in 0..4 {
        world.clock.advance(Span::minutes(15));
        assert!(browser.is_signed_in().await);
    }
    (owner, app, browser)
}

world::stories! {
    async fn s13_no_place_that_takes_a_password_lets_it_stand_for_both_factors(world) {
        let owner = world.with_owner().await;
        world.with_app(&owner).await;
        let basic = format!("Basic {}", base64::Engine::encode(&base64::engine::general_purpose::STANDARD, format!("{OWNER}:{PASSWORD}")));
        let unsafe_ones: Vec<_> = world.routes().iter().filter(|route| route.method != "GET" && route.who == "anyone").copied().collect();
        assert!(unsafe_ones.len() > 10, "the list of routes is not there");
        for route in unsafe_ones {
            let path = route.path.replace("{id}", STRANGE);
            let ask = |browser: &Browser| browser.ask(route.method.parse().unwrap(), &path).header("authorization", &basic);
            for fields in [
                &[("email", OWNER), ("password", PASSWORD)][..],
                &[("email", OWNER), ("password", PASSWORD), ("code", "")],
                &[("username", OWNER), ("password", PASSWORD)],
                &[("password", PASSWORD)],
            ] {
                let browser = world.browser_at(3);
                browser.get("/sign-in").await;
                ask(&browser).form(fields).send().await;
                assert!(browser.cookie("session").is_none() && !browser.is_signed_in().await, "{} {path} with {fields:?}", route.method);
                world.clock.advance(Span::minutes(1));
            }
            let browser = world.browser_at(4);
            browser.get("/sign-in").await;
            ask(&browser).json(&json!({ "email": OWNER, "password": PASSWORD })).send().await;
            assert!(browser.cookie("session").is_none() && !browser.is_signed_in().await, "{} {path} with JSON", route.method);
        }
        for path in ["/app", "/api/v1/me"] {
            let page = world.browser().ask(Method::GET, path).header("authorization", &basic).send().await;
            assert!([303, 401].contains(&page.code()), "{path}: {}", page.code());
        }
    }

    async fn s29_a_stolen_cookie_changes_no_password_no_address_no_factor_and_takes_nobody_in(world) {
        let (owner, app, browser) = stale(&world).await;
        for current in [None, Some(""), Some(" "), Some("surely not the right one")] {
            let with = |name: &'static str| current.map(|current| (name, current)).into_iter();
            let fields: Vec<_> = with("current").chain([("password", WANTED)]).collect();
            assert_eq!(browser.post("/app/security/password", &fields).await.code(), 422, "{current:?}");
            let fields: Vec<_> = with("email_password").chain([("email", "thief@elsewhere.example")]).collect();
            assert_eq!(browser.post("/app/security/email", &fields).await.code(), 422, "{current:?}");
        }
        let own = browser.get("/api/v1/me/authenticators").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        for (method, path) in [
            (Method::DELETE, format!("/api/v1/me/authenticators/{own}")),
            (Method::POST, "/api/v1/me/authenticators/totp".to_owned()),
            (Method::POST, "/api/v1/me/authenticators/recovery-codes".to_owned()),
            (Method::POST, "/api/v1/me/authenticators/phone".to_owned()),
            (Method::POST, "/api/v1/me/authenticators/passkeys".to_owned()),
        ] {
            let page = browser.ask(method.clone(), &path).json(&json!({})).send().await;
            assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"), "{method} {path}: {}", page.text());
        }
        for path in [format!("/app/security/ways/{own}/remove"), "/app/security/app".to_owned(), "/app/security/phone".to_owned()] {
            let page = browser.post(&path, &[]).await;
            assert!(page.location().starts_with("/app/step-up"), "{path}: {} {}", page.code(), page.location());
        }
        // All is as it was: the owner's password and app, and no mail went to the thief.
        assert!(world.mail_to("thief@elsewhere.example", "Confirm your new e-mail address").await.is_empty());
        let again = world.browser_at(9);
        assert_eq!(owner.sign_in(&again).await.location(), "/sign-in/factor");
        assert_eq!(confirm(&again, &app.code(world.clock.now())).await.location(), "/app");
    }

    async fn the_servers_clock_counts_and_nothing_that_a_browser_says_of_the_time(world) {
        let owner = world.with_owner().await;
        let mut app = world.with_app(&owner).await;
        world.clock.advance(Span::minutes(30));
        app.ahead = Span::minutes(-8);
        let then = world.clock.now() + app.ahead;
        let browser = at_factor(&world, &owner).await;
        let page = browser
            .ask(Method::POST, "/sign-in/factor")
            .header("date", &then.rfc3339())
            .header("x-time", &then.seconds().to_string())
            .form(&[("code", &app.code(world.clock.now()))])
            .send()
            .await;
        assert_eq!(page.code(), 422, "{}", page.text());
        let timed = browser.post("/sign-in/factor", &[("code", &app.code(world.clock.now())), ("time", &then.seconds().to_string())]).await;
        assert_eq!(timed.code(), 400, "a field that nobody asked for");
        assert!(!browser.is_signed_in().await);
    }
}
