//! Policies: read and changed by the API and on the page, checked, told, and in force at once.
use serde_json::{Value, json};
use world::{Browser, Method, OWNER, PASSWORD, Page, Person, Span, World};

const CHANGED: &str = "A policy of Northwind IT was changed";
const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

/// The address of the policy of the organisation that this session speaks for.
pub async fn address(browser: &Browser) -> String {
    let me = browser.get("/api/v1/me").await.json();
    let id = me["organisation"]["id"].as_str().expect("an id");
    format!("/api/v1/organisations/{id}/policy")
}

/// Changes the policy.
pub async fn put(browser: &Browser, change: &Value) -> Page {
    let address = address(browser).await;
    browser.ask(Method::PUT, &address).json(change).send().await
}

/// What holds.
async fn policy(browser: &Browser) -> Value {
    let address = address(browser).await;
    let page = browser.get(&address).await;
    assert_eq!(page.code(), 200, "{}", page.body);
    page.json()
}

async fn details(browser: &Browser) -> Vec<String> {
    let events = browser.get("/api/v1/events?kind=policy-changed").await.json();
    let items = events["items"].as_array().expect("a list").clone();
    items
        .iter()
        .map(|item| item["detail"].as_str().unwrap_or_default().to_owned())
        .collect()
}

async fn second_owner(world: &World, name: &str) -> Person {
    let person = world.person(name).await;
    world.give_role(&person, "Owner").await;
    person
}

world::stories! {
    async fn a_new_organisation_has_the_products_defaults(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.with_real_policy().await;
        let policy = policy(&browser).await;
        for (group, field, value) in [
            ("factors", "require", json!("yes")),
            ("factors", "grace_hours", json!(24)),
            ("factors", "allowed", json!(["passkey", "totp", "phone", "recovery-codes"])),
            ("devices", "mode", json!("notify")),
            ("devices", "trust_days", json!(30)),
            ("devices", "limit", json!(10)),
            ("sessions", "lock_minutes", json!(30)),
            ("sessions", "end_minutes", json!(720)),
            ("networks", "people", json!([])),
            ("networks", "agents", json!([])),
            ("passwords", "min_length", json!(8)),
            ("sms", "allowed", json!(true)),
            ("sms", "countries", json!([])),
        ] {
            let told = &policy[group][field];
            assert_eq!(told["value"], value, "{group}.{field}");
            assert_eq!((&told["from"], &told["locked"]), (&json!("default"), &json!(false)), "{group}.{field}");
        }
    }

    async fn a_change_is_partial_and_says_where_values_come_from(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = put(&browser, &json!({"devices": {"limit": 3}, "sms": {"allowed": false, "countries": ["GB", "+49"]}})).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        assert_eq!(page.json()["devices"]["limit"]["value"], 3);
        let policy = policy(&browser).await;
        let me = browser.get("/api/v1/me").await.json();
        assert_eq!(policy["devices"]["limit"]["from"], me["organisation"]["id"]);
        assert_eq!(policy["devices"]["trust_days"]["from"], "default");
        assert_eq!(policy["sms"]["allowed"]["value"], false);
        assert_eq!(policy["sms"]["countries"]["value"], json!(["GB", "+49"]));
        // Given back, the default holds again.
        put(&browser, &json!({"devices": {"limit": null}})).await;
        assert_eq!(browser.get(&address(&browser).await).await.json()["devices"]["limit"], json!({"value": 10, "from": "default", "locked": false}));
    }

    async fn a_whole_policy_can_be_put(world) {
        let (_, browser) = world.with_owner_inside().await;
        let whole = json!({
            "factors": {"require": "yes", "grace_hours": 48, "allowed": ["passkey", "totp", "recovery-codes"]},
            "devices": {"mode": "verify", "trust_days": 7, "limit": 5},
            "sessions": {"lock_minutes": 15, "end_minutes": 480},
            "networks": {"people": ["127.0.0.0/8"], "agents": ["2001:db8::/32"]},
            "passwords": {"min_length": 12},
            "sms": {"allowed": false, "countries": []}
        });
        let page = put(&browser, &whole).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        let policy = policy(&browser).await;
        for (group, fields) in whole.as_object().unwrap() {
            for (field, value) in fields.as_object().unwrap() {
                assert_eq!(&policy[group][field]["value"], value, "{group}.{field}");
            }
        }
    }

    async fn unknown_fields_are_refused_and_wrong_values_name_their_field(world) {
        let (_, browser) = world.with_owner_inside().await;
        let before = policy(&browser).await;
        for body in [
            json!({"factor": {"require": "yes"}}), json!({"factors": {"required": "yes"}}), json!({"factors": {"require": 1}}),
            json!({"devices": {"limit": "3"}}), json!([]), json!({"factors": ["yes"]}), json!({"devices": {"limit": {"value": 3}}}), json!("x"),
        ] {
            let page = put(&browser, &body).await;
            assert_eq!((page.code(), page.header("content-type")), (400, Some("application/problem+json")), "{body}: {}", page.body);
        }
        let page = put(&browser, &json!({"devices": {"limit": 0, "mode": "maybe"}, "sessions": {"lock_minutes": 60}})).await;
        assert_eq!((page.code(), page.problem().as_str()), (422, "invalid"), "{}", page.body);
        let errors = page.json()["errors"].clone();
        let fields: Vec<&str> = errors.as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["devices.mode", "devices.limit"]);
        assert_eq!(put(&browser, &json!({"factors": {"require": "phishing-resistant", "allowed": ["totp"]}})).await.code(), 422);
        assert_eq!(policy(&browser).await, before, "something of a refused change holds");
        let dry = format!("{}?dry_run=true", address(&browser).await);
        let page = browser.ask(Method::PUT, &dry).json(&json!({"devices": {"limit": 1}})).send().await;
        assert!(page.code() == 400 || page.json().get("stops").is_some(), "a dry run was taken for a change: {}", page.body);
        assert_eq!(policy(&browser).await, before, "a dry run changed something");
    }

    async fn another_organisations_policy_is_not_there(world) {
        let (_, browser) = world.with_owner_inside().await;
        for id in [STRANGE, "northwind", "1"] {
            let path = format!("/api/v1/organisations/{id}/policy");
            let page = browser.get(&path).await;
            assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{id}");
            let page = browser.ask(Method::PUT, &path).json(&json!({"devices": {"limit": 3}})).send().await;
            assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{id}");
        }
        let foreign = format!("{}?organisation={STRANGE}", address(&browser).await);
        assert_eq!(browser.get(&foreign).await.code(), 404);
    }

    async fn only_those_who_may_change_policies(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, hers) = (world.person("ana").await, world.browser());
        ana.enter(&hers).await;
        let path = address(&browser).await;
        for page in [
            hers.get("/app/policies").await,
            hers.get(&path).await,
            hers.ask(Method::PUT, &path).json(&json!({"devices": {"limit": 1}})).send().await,
            hers.post("/app/policies/devices", &[("devices.limit", "1")]).await,
            hers.post("/app/policies/strict", &[("on", "yes")]).await,
        ] {
            assert_eq!(page.code(), 403, "{}: {}", page.path, page.text());
        }
        assert!(!hers.get("/app").await.links().contains(&"/app/policies".to_owned()));
        assert!(browser.get("/app").await.links().contains(&"/app/policies".to_owned()));
        assert_eq!(policy(&browser).await["devices"]["limit"]["value"], 10);
    }

    async fn a_change_needs_step_up(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.clock.advance(Span::minutes(16));
        let page = put(&browser, &json!({"devices": {"limit": 3}})).await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"), "{}", page.body);
        let page = browser.post("/app/policies/devices", &[("devices.limit", "3")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert!(page.location().starts_with("/app/step-up?next="), "{}", page.location());
        let page = browser.get("/app/policies").await;
        assert!(page.links().iter().any(|link| link.starts_with("/app/step-up?next=/app/policies")), "{:?}", page.links());
        assert_eq!(policy(&browser).await["devices"]["limit"]["value"], 10);
        let page = browser.post("/app/step-up?next=/app/policies", &[("password", PASSWORD)]).await;
        assert_eq!((page.code(), page.location()), (303, "/app/policies"), "{}", page.text());
        assert_eq!(put(&browser, &json!({"devices": {"limit": 3}})).await.code(), 200);
    }

    async fn a_change_is_an_event_and_told_to_the_other_administrators(world) {
        let (_, browser) = world.with_owner_inside().await;
        let other = second_owner(&world, "otto").await;
        world.person("ana").await;
        put(&browser, &json!({"devices": {"limit": 3}, "sessions": {"lock_minutes": 20}})).await;
        assert_eq!(details(&browser).await, ["devices.limit: default → 3; sessions.lock_minutes: default → 20"]);
        let mails = world.mail_to(&other.email, CHANGED).await;
        assert_eq!(mails.len(), 1);
        for said in ["Olive Owner", OWNER, "default → 3", "default → 20"] {
            assert!(mails[0].text.contains(said) && mails[0].html.contains(said), "{said}: {}", mails[0].text);
        }
        for address in [OWNER, "ana@northwind.example"] {
            assert!(world.mail_to(address, CHANGED).await.is_empty(), "{address}");
        }
        // The same once more changes nothing, and is not told.
        put(&browser, &json!({"devices": {"limit": 3}})).await;
        assert_eq!(details(&browser).await.len(), 1);
        assert_eq!(world.mail_to(&other.email, CHANGED).await.len(), 1);
    }

    async fn a_change_holds_at_once_for_live_sessions(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, hers) = (world.person("ana").await, world.browser());
        ana.enter(&hers).await;
        world.clock.advance(Span::minutes(14));
        assert!(hers.is_signed_in().await);
        world.clock.advance(Span::minutes(10));
        browser.post("/app/step-up", &[("password", PASSWORD)]).await;
        assert_eq!(put(&browser, &json!({"sessions": {"lock_minutes": 5, "end_minutes": 60}})).await.code(), 200);
        let page = hers.get("/app").await;
        assert_eq!(page.code(), 303);
        assert!(page.location().starts_with("/app/unlock"), "{}", page.location());
        world.clock.advance(Span::minutes(40));
        assert!(hers.get("/app").await.location().starts_with("/sign-in"), "it lives on beyond its end");
    }

    async fn people_without_a_factor_are_stopped_at_once_where_there_is_no_grace(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, hers) = (world.person("ana").await, world.browser());
        ana.enter(&hers).await;
        assert_eq!(put(&browser, &json!({"factors": {"require": "yes", "grace_hours": 0}})).await.code(), 200);
        let page = hers.get("/app").await;
        assert_eq!((page.code(), page.location()), (303, "/app/security/add?required"));
        let page = hers.get("/api/v1/me").await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "factor-needed"));
        // The one who did it, too.
        assert_eq!(browser.get("/app").await.location(), "/app/security/add?required");
    }

    async fn grace_begins_anew_when_more_is_asked_for(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.set_policy(|values| {
            values.lock_minutes = Some(24 * 60);
            values.end_minutes = Some(30 * 24 * 60);
        }).await;
        world.clock.advance(Span::days(3));
        let owner = world.browser();
        owner.sign_in(OWNER, PASSWORD).await;
        assert_eq!(put(&owner, &json!({"factors": {"require": "yes"}})).await.code(), 200);
        assert!(owner.is_signed_in().await, "no grace");
        drop(browser);
        world.clock.advance(Span::hours(23));
        let again = world.browser();
        // The first sign-in under the policy: from here its 24 hours count.
        assert_eq!(again.sign_in(OWNER, PASSWORD).await.location(), "/app");
        world.clock.advance(Span::hours(23));
        assert_eq!(again.get("/app").await.code(), 200);
        world.clock.advance(Span::hours(2));
        let page = again.get("/app").await;
        assert_eq!((page.code(), page.location()), (303, "/app/security/add?required"));
        assert_eq!(world.browser().sign_in(OWNER, PASSWORD).await.location(), "/sign-in/enrol");
    }

    async fn networks_keep_people_out_and_never_who_sets_them(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ana, hers) = (world.person("ana").await, world.browser_at(9));
        ana.enter(&hers).await;
        let page = put(&browser, &json!({"networks": {"people": ["203.0.113.0/24"]}})).await;
        assert_eq!((page.code(), page.json()["errors"][0]["field"].as_str()), (422, Some("networks.people")), "{}", page.body);
        assert_eq!(put(&browser, &json!({"networks": {"people": ["127.0.0.1", "203.0.113.0/24"]}})).await.code(), 200);
        assert!(browser.is_signed_in().await);
        for path in ["/app", "/api/v1/me", "/app/security"] {
            let page = hers.get(path).await;
            assert_eq!(page.code(), 403, "{path}: {}", page.text());
        }
        assert_eq!(hers.get("/api/v1/me").await.json()["reason"], "AZ-004");
        assert_eq!(put(&browser, &json!({"networks": {"people": []}})).await.code(), 200);
        assert_eq!(hers.get("/app").await.code(), 200);
    }

    async fn the_page_changes_what_the_api_does(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/app/policies").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Policies"), "{}", page.text());
        let done = browser.post("/app/policies/sessions", &[("sessions.lock_minutes", "20"), ("sessions.end_minutes", "")]).await;
        assert_eq!((done.code(), done.location()), (303, "/app/policies?done"), "{}", done.text());
        let page = browser.get("/app/policies").await;
        assert_eq!(page.value_of("sessions.lock_minutes").as_deref(), Some("20"));
        let factors = [("factors.require", "no"), ("factors.grace_hours", "12"), ("totp", "on"), ("passkey", "on"), ("factors.aaguids", "")];
        assert_eq!(browser.post("/app/policies/factors", &factors).await.code(), 303);
        assert_eq!(browser.post("/app/policies/devices", &[("devices.mode", "off"), ("devices.trust_days", "7"), ("devices.limit", "")]).await.code(), 303);
        assert_eq!(browser.post("/app/policies/networks", &[("networks.people", "127.0.0.0/8, ::1/128"), ("networks.agents", "")]).await.code(), 303);
        assert_eq!(browser.post("/app/policies/passwords", &[("passwords.min_length", "10")]).await.code(), 303);
        assert_eq!(browser.post("/app/policies/sms", &[("sms.countries", "GB FR")]).await.code(), 303);
        let policy = policy(&browser).await;
        assert_eq!(policy["factors"]["allowed"]["value"], json!(["passkey", "totp"]));
        assert_eq!((&policy["devices"]["mode"]["value"], &policy["devices"]["trust_days"]["value"]), (&json!("off"), &json!(7)));
        assert_eq!(policy["networks"]["people"]["value"], json!(["127.0.0.0/8", "::1/128"]));
        assert_eq!((&policy["sms"]["allowed"]["value"], &policy["sms"]["countries"]["value"]), (&json!(false), &json!(["GB", "FR"])));
        let refused = browser.post("/app/policies/devices", &[("devices.mode", ""), ("devices.trust_days", "soon"), ("devices.limit", "0")]).await;
        assert_eq!(refused.code(), 422);
        assert!(refused.error_of("devices.trust_days").is_some() && refused.error_of("devices.limit").is_some(), "{}", refused.text());
        assert_eq!(refused.value_of("devices.trust_days").as_deref(), Some("soon"));
        assert_eq!(browser.post("/app/policies/devices", &[("devices.color", "red")]).await.code(), 400);
    }

    async fn the_strict_profile_is_one_switch(world) {
        let (_, browser) = world.with_owner_inside().await;
        assert_eq!(browser.post("/app/policies/strict", &[("on", "yes"), ("sure", "yes")]).await.code(), 303);
        let strict = policy(&browser).await;
        assert_eq!(strict["factors"]["require"]["value"], "phishing-resistant");
        assert_eq!(strict["factors"]["allowed"]["value"], json!(["passkey", "recovery-codes"]));
        assert_eq!((&strict["sessions"]["lock_minutes"]["value"], &strict["sessions"]["end_minutes"]["value"]), (&json!(15), &json!(720)));
        assert_eq!(strict["sms"]["allowed"]["value"], false);
        assert_eq!(browser.post("/app/policies/strict", &[("on", "no"), ("sure", "yes")]).await.code(), 303);
        let loose = policy(&browser).await;
        assert_eq!(loose["factors"]["require"], json!({"value": "yes", "from": "default", "locked": false}));
        assert_eq!(details(&browser).await.len(), 2);
    }

    async fn a_password_alone_has_15_characters_and_8_beside_a_factor(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let short = "tq7!vKx2zp";
        let change = [("current", PASSWORD), ("password", short)];
        let page = browser.post("/app/security/password", &change).await;
        assert_eq!(page.code(), 422, "{}", page.text());
        assert!(page.error_of("password").is_some_and(|error| error.contains("15")), "{:?}", page.error_of("password"));
        // A factor alone is not enough: the policy has to ask for it, else the password could open the door alone.
        let app = world.with_app(&owner).await;
        let page = browser.post("/app/step-up?next=/app", &[("code", &app.code(world.clock.now()))]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        assert_eq!(browser.post("/app/security/password", &change).await.code(), 422);
        world.with_real_policy().await;
        world.set_policy(|values| values.min_length = Some(11)).await;
        let page = browser.post("/app/security/password", &change).await;
        assert_eq!(page.code(), 422);
        world.set_policy(|values| values.min_length = None).await;
        assert_eq!(browser.post("/app/security/password", &change).await.code(), 303);
    }

    async fn of_two_changes_at_once_neither_is_lost(world) {
        let (_, browser) = world.with_owner_inside().await;
        let path = address(&browser).await;
        let (limit, lock) = (json!({"devices": {"limit": 4}}), json!({"sessions": {"lock_minutes": 25}}));
        let (one, two) = tokio::join!(
            browser.ask(Method::PUT, &path).json(&limit).send(),
            browser.ask(Method::PUT, &path).json(&lock).send(),
        );
        assert_eq!((one.code(), two.code()), (200, 200));
        let policy = policy(&browser).await;
        assert_eq!((&policy["devices"]["limit"]["value"], &policy["sessions"]["lock_minutes"]["value"]), (&json!(4), &json!(25)));
    }
}
