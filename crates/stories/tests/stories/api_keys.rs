//! API keys: what programs may do with them, and what nobody may. (S64, S66, S67; of S39 what concerns keys.)
use kernel::{EventKind, Reason};
use serde_json::{Value, json};
use world::{Browser, Method, Page, Person, Program, Span, World};

/// The id of nothing.
const ID: &str = "01936d2c-5b7e-7000-8000-000000000000";

async fn make(browser: &Browser, wish: &Value) -> Page {
    browser.ask(Method::POST, "/api/v1/api-keys").json(wish).send().await
}

fn plain() -> Value {
    json!({"name": "Nightly report", "permissions": ["own.see", "events.read"]})
}

/// The status and the reason of a problem.
fn told(page: &Page) -> (u16, String) {
    let reason = page.json()["reason"].as_str().unwrap_or_default().to_owned();
    (page.code(), reason)
}

fn refused(status: u16, reason: Reason) -> (u16, String) {
    (status, reason.id().to_owned())
}

/// The owner, in a browser in which a key may be made.
async fn owner(world: &World) -> (Person, Browser) {
    let owner = world.with_owner().await;
    let browser = world.entered_with_app(&owner).await;
    (owner, browser)
}

/// Somebody with this role, in a browser in which a key may be made.
async fn somebody(world: &World, name: &str, role: &'static str) -> (Person, Browser) {
    let person = world.person(name).await;
    world.give_role(&person, role).await;
    let browser = world.entered_with_app(&person).await;
    (person, browser)
}

/// Runs this about a person, straight in the store, as a change on another node would.
async fn change(world: &World, person: &Person, sql: &'static str) {
    let id = world.stored(&person.email).await.id;
    let store = world.app().ground().store.clone();
    store.write(move |tx| tx.run(sql, &[&id])).await.unwrap();
}

async fn take_roles(world: &World, person: &Person) {
    change(world, person, "DELETE FROM membership_grant WHERE person = ?1").await;
}

/// Everything that is done with keys, once, for the statements.
pub async fn tour(world: &World) {
    let (_, browser) = somebody(world, "kim", "Administrator").await;
    let program = world.program_of(&browser, &["own.see", "own.change"]).await;
    assert_eq!(program.get("/api/v1/me").await.code(), 200);
    let list = browser.get("/api/v1/api-keys").await.json();
    let at = format!("/api/v1/api-keys/{}", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(program.ask(Method::DELETE, &at).send().await.code(), 204);
}

/// A stream has no end to wait for.
fn is_stream(path: &str) -> bool {
    path.ends_with("/stream") || path == "/api/v1/session/events"
}

async fn every_other_call(world: &World, program: &Program) {
    const ID: &str = "01936d2c-5b7e-7000-8000-000000000000";
    let own = program.get("/api/v1/me").await.json()["organisation"]["id"].clone();
    let own = own.as_str().unwrap();
    for route in world
        .routes()
        .iter()
        .filter(|route| route.path.starts_with("/api/") && route.who.contains("person") && !is_stream(route.path))
    {
        let path = route
            .path
            .replace("organisations/{id}/", &format!("organisations/{own}/"));
        let path = path.replace("{id}", ID);
        let ask = program.ask(route.method.parse().unwrap(), &path);
        let page = match route.method {
            "GET" => ask.send().await,
            _ => ask.json(&json!({})).send().await,
        };
        let at = format!("{} {}: {} {}", route.method, route.path, page.code(), page.body);
        let is_given = ["own.see", "events.read"].contains(&route.action) && route.fresh.is_none();
        if is_given {
            assert!([200, 400, 404].contains(&page.code()), "{at}");
        } else {
            assert_eq!(page.code(), 403, "{at}");
        }
        let elsewhere = format!("{path}?organisation={ID}");
        let page = program.ask(route.method.parse().unwrap(), &elsewhere).send().await;
        assert!(
            [400, 403, 404].contains(&page.code()),
            "{elsewhere}: {} {}",
            page.code(),
            page.body
        );
    }
}

world::stories! {
    async fn a_key_is_told_once_and_opens_the_api_without_a_cookie(world) {
        let (_, browser) = owner(&world).await;
        let made = make(&browser, &plain()).await;
        assert_eq!(made.code(), 201, "{}", made.body);
        let made = made.json();
        let key = made["key"].as_str().unwrap();
        assert!(key.starts_with("dwk_") && key.len() == 47, "{key}");
        assert_eq!((&made["scope"], &made["used_at"]), (&json!("everything"), &Value::Null));
        let list = browser.get("/api/v1/api-keys").await;
        assert!(!list.body.contains(&key[4..]) && list.json()["items"][0].get("key").is_none());
        let program = world.program(key);
        let me = program.get("/api/v1/me").await;
        assert_eq!(me.code(), 200, "{}", me.body);
        assert_eq!((&me.json()["api_key"], &me.json()["session"]), (&made["id"], &Value::Null));
        assert_eq!(me.json()["permissions"], json!(["own.see", "events.read"]));
        assert!(me.set_cookies().is_empty());
        assert_eq!(program.get("/api/v1/events").await.code(), 200);
        let used = browser.get("/api/v1/api-keys").await.json()["items"][0].clone();
        assert!(used["used_at"].is_string() && used["used_from"].as_str().is_some_and(|from| from.starts_with("127.")), "{used}");
        let events = browser.get(&format!("/api/v1/events?kind={}", EventKind::ApiKeyMade.id())).await;
        let detail = events.json()["items"][0]["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("Nightly report") && detail.contains("events.read") && !events.body.contains(&key[4..]), "{detail}");
        let mail = world.mail_to(world::OWNER, "An API key was made").await;
        assert!(mail.first().is_some_and(|mail| mail.text.contains("Nightly report") && !mail.text.contains(&key[4..])));
    }

    async fn last_used_is_written_at_most_once_a_minute(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        let used = async || browser.get("/api/v1/api-keys").await.json()["items"][0]["used_at"].clone();
        program.get("/api/v1/me").await;
        let first = used().await;
        world.clock.advance(Span::seconds(59));
        program.get("/api/v1/me").await;
        assert_eq!(used().await, first);
        world.clock.advance(Span::seconds(2));
        program.get("/api/v1/me").await;
        assert_ne!(used().await, first);
    }

    async fn s67_a_key_may_what_it_was_given_and_nothing_else_at_any_route(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see", "events.read"]).await;
        every_other_call(&world, &program).await;
        // A page knows no keys.
        let page = program.get("/app").await;
        assert_eq!((page.code(), page.location()), (303, "/sign-in?next=%2Fapp"));
        assert!(browser.is_signed_in().await);
    }

    async fn s64_nobody_makes_a_key_that_is_wider_than_themselves(world) {
        let (_, owner) = owner(&world).await;
        let all: Vec<&str> = kernel::Action::ALL.iter().map(|action| action.name()).collect();
        let (_, administrator) = somebody(&world, "ada", "Administrator").await;
        for (permissions, wanted) in [
            (&["organisations.delete"][..], refused(403, Reason::ApiKeyBeyond)),
            (&["own.see", "people.see", "organisations.delete"], refused(403, Reason::ApiKeyBeyond)),
            (&["api-keys.make"], refused(422, Reason::RequestRefused)),
            (&all, refused(422, Reason::RequestRefused)),
            (&["*"], refused(422, Reason::RequestRefused)),
            (&[], refused(422, Reason::RequestRefused)),
        ] {
            let page = make(&administrator, &json!({"name": "x", "permissions": permissions})).await;
            assert_eq!(told(&page), wanted, "{permissions:?}");
        }
        for role in ["Technician", "Help desk", "Auditor"] {
            let (_, browser) = somebody(&world, &role.replace(' ', "-").to_lowercase(), role).await;
            assert_eq!(make(&browser, &plain()).await.code(), 403, "{role}");
        }
        for (scope, right, wanted) in [
            (json!({"site": ID}), "agents.see", 404),
            (json!(format!("customer:{ID}")), "organisations.see", 404),
            (json!(format!("customer:{ID}")), "agents.see", 422),
            (json!("all"), "agents.see", 422),
            (json!({"site": ID, "customer": ID}), "agents.see", 400),
        ] {
            let page = make(&owner, &json!({"name": "x", "permissions": [right], "scope": scope})).await;
            assert_eq!(page.code(), wanted, "{scope}: {}", page.body);
        }
        assert_eq!(owner.get("/api/v1/api-keys").await.json()["items"], json!([]));
    }

    async fn s64_a_key_loses_what_its_maker_loses_at_the_next_call(world) {
        world.with_owner().await;
        let (ada, browser) = somebody(&world, "ada", "Administrator").await;
        let program = world.program_of(&browser, &["own.see", "events.read", "policies.see"]).await;
        assert_eq!(program.get("/api/v1/events").await.code(), 200);
        take_roles(&world, &ada).await;
        assert_eq!(program.get("/api/v1/events").await.code(), 403);
        assert_eq!(program.get("/api/v1/me").await.json()["permissions"], json!(["own.see"]));
        world.give_role(&ada, "Auditor").await;
        assert_eq!(program.get("/api/v1/events").await.code(), 200);
        let other = if world.engine() == world::Engine::Postgres { world.second_node().await } else { world.addresses()[0] };
        world.disable(&ada).await;
        let page = program.towards(other).get("/api/v1/events").await;
        assert_eq!(told(&page), refused(401, Reason::ApiKeyMakerGone));
        assert_eq!(page.header("www-authenticate"), Some("Bearer"));
    }

    async fn a_key_of_somebody_who_left_opens_nothing(world) {
        world.with_owner().await;
        let (ada, browser) = somebody(&world, "ada", "Administrator").await;
        let program = world.program_of(&browser, &["own.see"]).await;
        take_roles(&world, &ada).await;
        change(&world, &ada, "DELETE FROM membership WHERE person = ?1").await;
        assert_eq!(told(&program.get("/api/v1/me").await), refused(401, Reason::ApiKeyMakerGone));
    }

    async fn a_key_ends_by_its_time_or_at_once(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        let brief = json!({"name": "Brief", "permissions": ["own.see"], "ends_at": (world.clock.now() + Span::hours(1)).rfc3339()});
        let brief = world.program(make(&browser, &brief).await.json()["key"].as_str().unwrap());
        world.clock.advance(Span::minutes(59));
        assert_eq!((brief.get("/api/v1/me").await.code(), program.get("/api/v1/me").await.code()), (200, 200));
        world.clock.advance(Span::minutes(1));
        assert_eq!(told(&brief.get("/api/v1/me").await), refused(401, Reason::ApiKeyOver));
        world.clock.advance(Span::days(90));
        assert_eq!(told(&program.get("/api/v1/me").await), refused(401, Reason::ApiKeyOver));
        for days in [0, -1, 366] {
            let late = json!({"name": "Late", "permissions": ["own.see"], "ends_at": (world.clock.now() + Span::days(days)).rfc3339()});
            assert!([401, 422].contains(&make(&browser, &late).await.code()), "{days}");
        }
    }

    async fn whoever_made_a_key_ends_it_and_nobody_else_does(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        let id = browser.get("/api/v1/api-keys").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let at = format!("/api/v1/api-keys/{id}");
        let (_, ada) = somebody(&world, "ada", "Administrator").await;
        assert_eq!(ada.get("/api/v1/api-keys").await.json()["items"], json!([]));
        assert_eq!(ada.ask(Method::DELETE, &at).send().await.code(), 404);
        assert_eq!(ada.post(&format!("/app/security/api-keys/{id}/end"), &[]).await.code(), 404);
        assert_eq!(program.get("/api/v1/me").await.code(), 200);
        assert_eq!(browser.ask(Method::DELETE, &at).send().await.code(), 204);
        assert_eq!(browser.ask(Method::DELETE, &at).send().await.code(), 404);
        assert_eq!(told(&program.get("/api/v1/me").await), refused(401, Reason::ApiKeyUnknown));
        let ended = browser.get(&format!("/api/v1/events?kind={}", EventKind::ApiKeyEnded.id())).await.json();
        assert_eq!(ended["items"].as_array().map(Vec::len), Some(1));
    }

    async fn making_a_key_takes_a_fresh_second_factor_whatever_policy_asks_for(world) {
        let (bare, inside) = world.with_owner_inside().await;
        let page = make(&inside, &plain()).await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "factor-needed"), "{}", page.body);
        let browser = world.entered_with_app(&bare).await;
        assert_eq!(make(&inside, &plain()).await.code(), 401, "a session that proved a password only");
        assert_eq!(make(&browser, &plain()).await.code(), 201);
        world.clock.advance(Span::minutes(16));
        let page = make(&browser, &plain()).await;
        assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"), "{}", page.body);
    }

    async fn s66_a_key_is_made_of_what_it_is_asked_for_and_of_nothing_else(world) {
        let (_, browser) = owner(&world).await;
        for (field, value) in [
            ("id", json!("01936d2c-5b7e-7000-8000-000000000000")),
            ("person", json!("01936d2c-5b7e-7000-8000-000000000000")),
            ("organisation", json!("01936d2c-5b7e-7000-8000-000000000000")),
            ("organisation_id", json!("01936d2c-5b7e-7000-8000-000000000000")),
            ("key", json!("dwk_mine")),
            ("hash", json!("00")),
            ("role", json!("Owner")),
            ("roles", json!(["Owner"])),
            ("is_admin", json!(true)),
            ("used_at", json!(null)),
            ("made_at", json!("2026-11-24T00:00:00Z")),
        ] {
            let mut wish = plain();
            wish[field] = value;
            let page = make(&browser, &wish).await;
            assert_eq!(page.code(), 400, "{field}: {}", page.body);
        }
        for body in [json!({}), json!([]), json!("x"), json!({"name": 1}), json!({"name": "x", "permissions": "own.see"})] {
            assert_eq!(make(&browser, &body).await.code(), 400, "{body}");
        }
        assert_eq!(browser.get("/api/v1/api-keys").await.json()["items"], json!([]));
    }

    async fn a_key_changes_nothing_of_how_its_maker_signs_in_and_makes_no_key(world) {
        let (_, browser) = owner(&world).await;
        let all: Vec<&str> = kernel::Action::ALL.iter().map(|action| action.name()).filter(|name| *name != "api-keys.make").collect();
        let program = world.program_of(&browser, &all).await;
        for path in ["totp", "recovery-codes", "phone", "passkeys"] {
            let page = program.post(&format!("/api/v1/me/authenticators/{path}"), &json!({})).await;
            assert_eq!(told(&page), refused(403, Reason::ApiKeyPersonal), "{path}");
        }
        assert_eq!(told(&program.post("/api/v1/api-keys", &plain()).await), refused(403, Reason::ApiKeyNotGiven));
        // The delicate things of the organisation were allowed with the proof that made the key.
        let changed = program.ask(Method::PUT, &crate::policies::address(&browser).await).json(&json!({"devices": {"limit": 7}})).send().await;
        assert_eq!(changed.code(), 200, "{}", changed.body);
        let event = browser.get(&format!("/api/v1/events?kind={}", EventKind::PolicyChanged.id())).await;
        assert!(event.body.contains("API key “Nightly report”"), "{}", event.body);
    }

    async fn a_bearer_token_counts_alone_and_no_spelling_of_none_is_one(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        let with = async |header: &str| browser.ask(Method::GET, "/api/v1/me").header("authorization", header).send().await.code();
        for header in ["Bearer dwk_nothing", "Bearer", "Bearer ", "bearer x", "BEARER null", &format!("Bearer {}x", program.key), &format!("Bearer {} ", &program.key[..40])] {
            assert_eq!(with(header).await, 401, "{header:?} and a cookie that is good");
        }
        assert_eq!(with(&format!("bearer  {}", program.key)).await, 200);
        // Another scheme is none of ours: a proxy in front may add it.
        assert_eq!(with("Basic b2xpdmU6eA==").await, 200);
        let target = format!("Authorization: Bearer {}\r\nAuthorization: Bearer dwk_other\r\n", program.key);
        assert_eq!(world.raw_request("GET", "/api/v1/me", &target).await.code, 401);
    }

    async fn who_says_it_was_not_them_ends_their_keys_too(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        let mail = world.mail_to(world::OWNER, "An API key was made").await.pop().unwrap();
        let stranger = world.browser_at(4);
        assert_eq!(stranger.post(&mail.path(&world, "/not-me"), &[]).await.code(), 303);
        assert_eq!(told(&program.get("/api/v1/me").await), refused(401, Reason::ApiKeyUnknown));
    }

    async fn of_many_keys_made_at_once_no_more_than_fifty_live(world) {
        let (_, browser) = owner(&world).await;
        for _ in 0..45 {
            assert_eq!(make(&browser, &plain()).await.code(), 201);
        }
        let tasks: Vec<_> = (0..12).map(|_| { let tab = browser.clone(); tokio::spawn(async move { make(&tab, &plain()).await.code() }) }).collect();
        let mut codes = Vec::new();
        for task in tasks {
            codes.push(task.await.unwrap());
        }
        codes.sort_unstable();
        assert_eq!(codes, [vec![201; 5], vec![409; 7]].concat());
        let first = browser.get("/api/v1/api-keys?limit=40").await.json();
        let rest = browser.get(&format!("/api/v1/api-keys?limit=40&cursor={}", first["next"].as_str().unwrap())).await.json();
        assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (40, 10));
        assert_eq!(rest["next"], Value::Null);
    }

    async fn the_page_makes_a_key_shows_it_once_and_ends_it(world) {
        let (_, browser) = owner(&world).await;
        let page = browser.get("/app/security").await;
        assert!(page.links().iter().any(|link| link == "/app/security/api-keys"));
        let home = "/app/security/api-keys";
        let empty = browser.get(home).await;
        assert!(empty.text().contains("You have no API keys here.") && empty.label_of("name").as_deref() == Some("Name"));
        let form = [("name", "Inventory <b>"), ("days", "30"), ("permissions", "own.see"), ("permissions", "events.read")];
        let made = browser.post(home, &form).await;
        assert_eq!(made.code(), 200, "{}", made.text());
        let key = made.body.split("<code class=\"secret\">dwk_").nth(1).and_then(|rest| rest.split('<').next()).map(|rest| format!("dwk_{rest}")).unwrap();
        assert_eq!(made.header("cache-control"), Some("no-store"));
        let program = world.program(&key);
        assert_eq!(program.get("/api/v1/me").await.json()["permissions"], json!(["own.see", "events.read"]));
        let list = browser.get(home).await;
        assert!(list.text().contains("Inventory <b>") && !list.body.contains(&key[4..]), "{}", list.text());
        for (bad, code) in [
            (vec![("name", ""), ("days", "30"), ("permissions", "own.see")], 422),
            (vec![("name", "x"), ("days", "3000"), ("permissions", "own.see")], 422),
            (vec![("name", "x"), ("days", "30")], 422),
            (vec![("name", "x"), ("days", "30"), ("permissions", "nothing")], 422),
            (vec![("name", "x"), ("permissions", "own.see")], 400),
            (vec![("name", "x"), ("days", "30"), ("days", "30"), ("permissions", "own.see")], 400),
            (vec![("name", "x"), ("days", "30"), ("person", "y")], 400),
        ] {
            let page = browser.post(home, &bad).await;
            assert_eq!(page.code(), code, "{bad:?}");
            assert!(code == 400 || !page.alerts().is_empty(), "{bad:?}");
        }
        let id = browser.get("/api/v1/api-keys").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let ended = browser.post(&format!("{home}/{id}/end"), &[]).await;
        assert_eq!((ended.code(), ended.location()), (303, "/app/security/api-keys?done"));
        assert_eq!(program.get("/api/v1/me").await.code(), 401);
    }

    async fn a_key_from_a_network_that_is_not_let_in_is_refused(world) {
        let (_, browser) = owner(&world).await;
        let program = world.program_of(&browser, &["own.see"]).await;
        world.set_policy(|values| values.people = Some(vec!["203.0.113.0/24".parse().unwrap()])).await;
        assert_eq!(told(&program.get("/api/v1/me").await), refused(403, Reason::AccessNetwork));
    }
}
