//! People of other organisations are not there, whatever is asked about them; and nothing is set that was not offered.
//! SECURITY.md S63 (ids of other organisations), S66 (an organisation set through a user).
use super::{NOBODY, call, newcomer, with_role};
use serde_json::json;
use world::{Browser, Method, Page, World};

/// Every route about one person: method, path behind their id, and what is sent.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "", ""),
    ("PATCH", "", r#"{"name": "Eve"}"#),
    ("PATCH", "", r#"{"disabled": true}"#),
    ("PATCH", "", r#"{"roles": []}"#),
    ("DELETE", "", ""),
    ("POST", "/resend", "{}"),
    ("POST", "/data", "{}"),
    ("POST", "/erase", "{}"),
    ("POST", "/unlock", "{}"),
    ("POST", "/sign-out", "{}"),
    ("POST", "/reset-factors", "{}"),
];
/// The same on pages.
const PAGES: &[&str] = &[
    "change",
    "roles",
    "disable",
    "enable",
    "remove",
    "unlock",
    "sign-out",
    "reset-factors",
    "resend",
    "withdraw",
    "data",
    "erase",
];

async fn ask(browser: &Browser, method: &str, path: &str, body: &str) -> Page {
    let ask = browser.ask(method.parse::<Method>().unwrap(), path);
    if body.is_empty() {
        ask.send().await
    } else {
        ask.header("content-type", "application/json")
            .body(body.as_bytes().to_vec())
            .send()
            .await
    }
}

async fn tried(browser: &Browser, id: &str) {
    for (method, what, body) in ROUTES {
        let page = ask(browser, method, &format!("/api/v1/people/{id}{what}"), body).await;
        assert_eq!(
            (page.code(), page.problem().as_str()),
            (404, "not-found"),
            "{method} {what}: {}",
            page.body
        );
    }
    for what in PAGES {
        let fields: &[(&str, &str)] = match *what {
            "change" => &[("name", "Eve"), ("email", "eve@northwind.example")],
            "roles" => &[("role", NOBODY), ("scope", "everything"), ("turn", "give")],
            _ => &[],
        };
        let page = browser.post(&format!("/app/people/{id}/{what}"), fields).await;
        assert_eq!(page.code(), 404, "{what}: {}", page.text());
    }
    assert_eq!(browser.get(&format!("/app/people/{id}")).await.code(), 404);
}

async fn invited_there(world: &World, theirs: &Browser) -> String {
    let body = json!({"email": "p@contoso.example", "name": "P"});
    let page = call(theirs, Method::POST, "/api/v1/people", &body).await;
    assert_eq!(page.code(), 201, "{}", page.body);
    let _ = world;
    page.json()["id"].as_str().unwrap().to_owned()
}

world::stories! {
    async fn people_of_another_organisation_are_nowhere(world) {
        let (_, browser) = world.with_owner_inside().await;
        let there = world.elsewhere("Contoso").await;
        let theirs = world.browser();
        there.owner.enter(&theirs).await;
        let invited = invited_there(&world, &theirs).await;
        let before = theirs.get("/api/v1/people").await.json();
        for id in [there.person.to_string(), invited, NOBODY.into(), "x".into(), "..%2Fme".into()] {
            tried(&browser, &id).await;
        }
        let inside = format!("?organisation={}", there.organisation);
        assert_eq!(browser.get(&format!("/api/v1/people{inside}")).await.code(), 404);
        let body = json!({"email": "spy@northwind.example", "name": "Spy"});
        for path in ["/api/v1/people", "/api/v1/people/bulk"] {
            let body = if path.ends_with("bulk") { json!({"action": "disable", "people": [there.person]}) } else { body.clone() };
            assert_eq!(call(&browser, Method::POST, &format!("{path}{inside}"), &body).await.code(), 404, "{path}");
        }
        assert_eq!(browser.get("/api/v1/people?q=contoso").await.json()["items"], json!([]));
        assert_eq!(theirs.get("/api/v1/people").await.json(), before, "something was changed");
    }

    async fn nothing_is_set_that_was_not_offered(world) {
        // S66
        let (_, browser) = world.with_owner_inside().await;
        let there = world.elsewhere("Contoso").await;
        let (_, id) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        let extras = [
            json!({"id": NOBODY}), json!({"organisation": there.organisation}), json!({"home_organisation": there.organisation}),
            json!({"is_admin": true}), json!({"role": "Owner"}), json!({"password_hash": "x"}), json!({"password": "x"}),
            json!({"mfa_required": false}), json!({"factors": 15}), json!({"epoch": 1}), json!({"email_verified": true}),
            json!({"via": NOBODY}), json!({"invited_by": NOBODY}), json!({"state": "active"}), json!({"removed_at": null}),
        ];
        for extra in &extras {
            let (key, value) = extra.as_object().unwrap().iter().next().unwrap();
            let mut patch = json!({"name": "Ines"});
            patch[key] = value.clone();
            let page = call(&browser, Method::PATCH, &format!("/api/v1/people/{id}"), &patch).await;
            assert_eq!((page.code(), page.problem().as_str()), (400, "malformed"), "{key}: {}", page.body);
            let mut new = json!({"name": "New", "email": "new@northwind.example"});
            new[key] = value.clone();
            let page = call(&browser, Method::POST, "/api/v1/people", &new).await;
            assert_eq!(page.code(), 400, "{key}: {}", page.body);
        }
        let nested = json!({"roles": [{"role_id": NOBODY, "permissions": ["people.change"]}]});
        assert_eq!(call(&browser, Method::PATCH, &format!("/api/v1/people/{id}"), &nested).await.code(), 400);
        assert_eq!(browser.get("/api/v1/people?q=new%40").await.json()["items"], json!([]));
        assert_eq!(browser.get(&format!("/api/v1/people/{id}")).await.json()["name"], "Ines Ivers");
    }

    async fn each_right_opens_its_own_routes_and_no_other(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, id) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        let body = json!({"email": "new@northwind.example", "name": "New"});
        for (role, may_see) in [("Help desk", true), ("Auditor", true), ("Technician", false), ("No access", false)] {
            let name = role.split(' ').next().unwrap().to_lowercase();
            let (_, theirs) = with_role(&world, &name, role).await;
            let seen = theirs.get("/api/v1/people").await.code();
            assert_eq!(seen, if may_see { 200 } else { 403 }, "{role}");
            assert_eq!(theirs.get("/app/people").await.code(), seen, "{role}");
            assert_eq!(call(&theirs, Method::POST, "/api/v1/people", &body).await.code(), 403, "{role}");
            for (method, what, body) in [("PATCH", "", r#"{"name": "X"}"#), ("DELETE", "", ""), ("POST", "/data", "{}"), ("POST", "/erase", "{}")] {
                let page = ask(&theirs, method, &format!("/api/v1/people/{id}{what}"), body).await;
                assert_eq!(page.code(), 403, "{role} {method} {what}: {}", page.body);
            }
            if may_see {
                let page = theirs.get(&format!("/app/people/{id}")).await;
                assert_eq!(page.buttons().iter().any(|button| button == "Unlock"), role == "Help desk", "{role}");
                assert!(!page.buttons().iter().any(|button| ["Remove", "Save", "Erase"].contains(&button.as_str())), "{role}");
            }
        }
    }

    async fn the_buttons_on_the_page_are_first_aid(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let (_, desk) = with_role(&world, "help", "Help desk").await;
        let hers = world.browser();
        ines.enter(&hers).await;
        let pressed = async |what: &str| desk.post(&format!("/app/people/{id}/{what}"), &[]).await.location().to_owned();
        assert_eq!(pressed("unlock").await, format!("/app/people/{id}?done=unlocked"));
        assert_eq!(pressed("sign-out").await, format!("/app/people/{id}?done=signed-out"));
        assert!(!hers.is_signed_in().await);
        assert_eq!(pressed("reset-factors").await, format!("/app/people/{id}?done=reset"));
        assert_eq!(world.mail_to(&ines.email, "Remove your lost second factors").await.len(), 1);
        assert!(desk.get(&format!("/app/people/{id}?done=reset")).await.text().contains("on its way"));
    }
}
