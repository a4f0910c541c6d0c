//! All that is known of somebody, as one file; and erasing somebody, so that nothing is left of them and the log still proves itself.
use super::{NOBODY, call, invite, newcomer};
use crate::house::reading::files;
use serde_json::json;
use world::{Method, PASSWORD, World};

async fn audit(world: &World) {
    let ground = world.app().ground().clone();
    ground::journal::once(&ground).await.unwrap();
    let (trust, _) = ground::journal::known(&ground).await.unwrap();
    let audit = ground::journal::audit_store(&ground.store, &trust, &ground.config.data_dir).await;
    let audit = audit.unwrap();
    assert!(audit.is_whole, "{:?}", audit.lines);
}

/// Tables with a column about people that erasing leaves alone, with why.
const STAY: &[(&str, &str)] = &[
    ("person", "the row stays, blank, so that the log's ids lead to nobody"),
    ("membership", "ended when the person is removed, which comes first"),
    ("membership_role", "replaced by membership_grant"),
    ("membership_grant", "taken away with the membership"),
    ("group_member", "taken away with the membership"),
    ("api_key", "ended when the person is removed"),
    ("event", "erased line by line, in chunks"),
    ("passkey", "goes with its authenticator"),
    ("alarm_link", "erased with the account's row"),
    ("invitation_taken", "erased with the account's row"),
];

#[test]
fn every_table_that_names_people_is_erased_or_says_why_not() {
    let all = files(&[".sql", ".rs"]);
    let rooms = [
        "crates/members/src/store/erase.rs",
        "crates/people/src/store/lasting.rs",
    ];
    let erased: String = all
        .iter()
        .filter(|file| rooms.contains(&file.path.as_str()))
        .map(|file| file.text.clone())
        .collect();
    let mut forgotten = Vec::new();
    for file in all.iter().filter(|file| file.path.starts_with("migrations/")) {
        for table in file.text.split("CREATE TABLE ").skip(1) {
            let (name, columns) = table.split_once(" (").unwrap();
            let columns = columns.split(");").next().unwrap_or_default();
            let is_about = |line: &str| {
                ["person UUID", "subject UUID", "actor UUID"]
                    .iter()
                    .any(|column| line.trim().starts_with(column))
            };
            let is_erased =
                erased.contains(&format!("DELETE FROM {name} ")) || STAY.iter().any(|(stays, _)| *stays == name);
            if columns.lines().any(is_about) && !is_erased && name != "erasure" {
                forgotten.push(format!("{}: {name}", file.path));
            }
        }
    }
    assert!(
        forgotten.is_empty(),
        "erasing somebody forgets these tables:\n{}",
        forgotten.join("\n")
    );
}

world::stories! {
    async fn what_is_known_of_somebody_is_one_file_without_secrets(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        world.with_app(&ines).await;
        ines.sign_in(&world.browser()).await;
        let page = call(&browser, Method::POST, &format!("/api/v1/people/{id}/data"), &json!({})).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        assert!(page.header("content-disposition").unwrap().contains("person.json"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let file = page.json();
        assert_eq!(file["person"]["email"], "ines@northwind.example");
        assert_eq!(file["memberships"][0]["roles"][0], "Technician");
        assert_eq!(file["ways_to_sign_in"][0]["kind"], "totp");
        assert_eq!(file["messages"][0]["to"], "ines@northwind.example");
        assert_eq!(file["is_whole"], true);
        let kinds: Vec<&str> = file["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
        assert!(kinds.contains(&"person-joined") && kinds.contains(&"person-invited"), "{kinds:?}");
        let invited = file["events"].as_array().unwrap().iter().find(|event| event["kind"] == "person-invited").unwrap();
        assert_eq!((invited["network"].as_str(), invited["by_themselves"].as_bool()), (Some(""), Some(false)), "whose network is that?");
        for secret in ["argon2", "hash", "token", "sealed", PASSWORD] {
            assert!(!page.body.contains(secret), "{secret}");
        }
        let told = browser.get("/api/v1/events?kind=person-handed-out").await.json();
        assert_eq!(told["items"].as_array().unwrap().len(), 1);
        assert_eq!(browser.post(&format!("/app/people/{id}/data"), &[]).await.code(), 200);
    }

    async fn erasing_leaves_nothing_but_a_log_that_proves_itself(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let hers = world.browser();
        ines.enter(&hers).await;
        world.with_app(&ines).await;
        audit(&world).await;
        assert!(browser.get("/api/v1/events?limit=200").await.body.contains(&id));
        let page = call(&browser, Method::POST, &format!("/api/v1/people/{id}/erase"), &json!({})).await;
        assert_eq!((page.code(), page.body.as_str()), (204, ""));
        assert!(!hers.is_signed_in().await);
        audit(&world).await;

        let events = browser.get("/api/v1/events?limit=200").await;
        assert!(!events.body.contains("ines@") && !events.body.contains("Ines"), "{}", events.body);
        let named: Vec<_> = events.json()["items"].as_array().unwrap().iter().filter(|item| item.to_string().contains(&id)).cloned().collect();
        assert_eq!((named.len(), named[0]["kind"].as_str()), (1, Some("person-erased")), "{named:?}");
        for path in ["/api/v1/people", "/api/v1/people/export", "/api/v1/messages", "/app/activity", "/app/settings/messages"] {
            assert!(!browser.get(path).await.body.contains("ines@"), "{path} still shows them");
        }
        assert_eq!(browser.get(&format!("/api/v1/people/{id}")).await.code(), 404);
        let twice = call(&browser, Method::POST, &format!("/api/v1/people/{id}/erase"), &json!({})).await;
        assert_eq!(twice.code(), 404);
        newcomer(&world, &browser, "ines@northwind.example", &[]).await;
    }

    async fn whoever_was_removed_can_still_be_erased_and_an_alias_goes_with_them(world) {
        let (_, browser) = world.with_owner_inside().await;
        let there = world.elsewhere("Contoso").await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        // Ines joins another organisation, whose log knows her by the id of its invitation.
        let theirs = world.browser();
        there.owner.enter(&theirs).await;
        let alias = invite(&theirs, &ines.email, &[]).await.json()["id"].as_str().unwrap().to_owned();
        let mail = world.mail_to(&ines.email, "Join Contoso").await.remove(0);
        let hers = world.browser();
        ines.enter(&hers).await;
        let path = mail.path(&world, "/invitation").replace("/invitation", "/app/join");
        assert_eq!(hers.post(&path, &[]).await.code(), 303);
        assert!(theirs.get("/api/v1/events").await.body.contains("ines@"));
        assert_eq!(browser.ask(Method::DELETE, &format!("/api/v1/people/{id}")).send().await.code(), 204);
        let page = call(&theirs, Method::POST, &format!("/api/v1/people/{id}/erase"), &json!({})).await;
        assert_eq!(page.code(), 404, "another organisation erased her");
        let page = call(&browser, Method::POST, &format!("/api/v1/people/{id}/erase"), &json!({})).await;
        assert_eq!(page.code(), 204, "{}", page.body);
        let log = theirs.get("/api/v1/events?limit=200").await.body;
        assert!(!log.contains("ines@") && !log.contains(&alias), "{log}");
        audit(&world).await;
    }

    async fn the_sweep_finishes_what_was_begun(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, id) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        assert_eq!(browser.post(&format!("/app/people/{id}/erase"), &[]).await.location(), "/app/people?done=erased");
        let ground = world.app().ground().clone();
        doorward::janitor::sweep(&ground).await.unwrap();
        assert!(!members::sweep(&ground).await.unwrap(), "something is left to erase");
        let page = call(&browser, Method::POST, &format!("/api/v1/people/{NOBODY}/erase"), &json!({})).await;
        assert_eq!(page.code(), 404);
    }
}
