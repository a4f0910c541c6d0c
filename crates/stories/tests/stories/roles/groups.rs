//! Groups: people who hold roles together.
use super::{details, make, send, with_role};
use kernel::Scope;
use serde_json::json;
use world::{Method, World};

const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

async fn id(world: &World, name: &str) -> String {
    world.stored(&format!("{name}@northwind.example")).await.id.to_string()
}

world::stories! {
    async fn whoever_is_in_a_group_holds_its_roles_and_loses_them_with_it(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, hers) = with_role(&world, "ana", "No access").await;
        let auditor = world.role_of(world.home().await, "Auditor").await;
        let body = json!({"name": "Reviewers", "people": [id(&world, "ana").await], "roles": [{"role_id": auditor}]});
        assert_eq!(hers.get("/api/v1/events").await.code(), 403);
        let made = send(&browser, Method::POST, "/api/v1/groups", &body).await;
        assert_eq!(made.code(), 201, "{}", made.body);
        assert_eq!((&made.json()["people"][0]["name"], &made.json()["roles"][0]["scope"]), (&json!("ana"), &json!("everything")));
        assert_eq!(hers.get("/api/v1/events").await.code(), 200);
        let path = format!("/api/v1/groups/{}", made.json()["id"].as_str().expect("an id"));
        let empty = send(&browser, Method::PUT, &path, &json!({"name": "Reviewers", "people": [], "roles": [{"role_id": auditor}]})).await;
        assert_eq!(empty.code(), 200, "{}", empty.body);
        assert_eq!(hers.get("/api/v1/events").await.code(), 403);
        send(&browser, Method::PUT, &path, &body).await;
        assert_eq!(hers.get("/api/v1/events").await.code(), 200);
        assert_eq!(send(&browser, Method::DELETE, &path, &json!({})).await.code(), 204);
        assert_eq!(hers.get("/api/v1/events").await.code(), 403);
        assert_eq!(browser.get(&path).await.code(), 404);
        assert_eq!(details(&browser, "group-made").await, ["Reviewers: given Auditor; added ana"]);
        assert_eq!(details(&browser, "group-changed").await, ["Reviewers: added ana", "Reviewers: taken out ana"]);
        assert_eq!(details(&browser, "group-removed").await, ["Reviewers"]);
    }

    async fn a_request_with_one_foreign_id_is_refused_whole(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.person("ana").await;
        let other = world.elsewhere("Fabrikam").await;
        let (ana, auditor) = (id(&world, "ana").await, world.role_of(world.home().await, "Auditor").await);
        let theirs = world.role_of(other.organisation, "Auditor").await;
        for (what, body) in [
            ("a person", json!({"name": "Crew", "people": [ana, other.person], "roles": [{"role_id": auditor}]})),
            ("nobody", json!({"name": "Crew", "people": [ana, STRANGE]})),
            ("no id", json!({"name": "Crew", "people": [ana, "x"]})),
            ("a role", json!({"name": "Crew", "people": [ana], "roles": [{"role_id": auditor}, {"role_id": theirs}]})),
            ("a site", json!({"name": "Crew", "roles": [{"role_id": auditor, "scope": {"site": other.site}}]})),
        ] {
            let page = send(&browser, Method::POST, "/api/v1/groups", &body).await;
            assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{what}: {}", page.body);
        }
        assert_eq!(browser.get("/api/v1/groups").await.json()["items"], json!([]), "half of one was made");
        let made = send(&browser, Method::POST, "/api/v1/groups", &json!({"name": "Crew", "people": [ana]})).await;
        let path = format!("/api/v1/groups/{}", made.json()["id"].as_str().expect("an id"));
        let page = send(&browser, Method::PUT, &path, &json!({"name": "Mob", "people": [other.person]})).await;
        assert_eq!(page.code(), 404, "{}", page.body);
        let whole = browser.get(&path).await.json();
        assert_eq!((&whole["name"], &whole["people"][0]["id"]), (&json!("Crew"), &json!(ana)), "{whole}");
    }

    async fn nobody_hands_on_by_a_group_what_they_do_not_hold(world) {
        let (_, owner) = world.with_owner_inside().await;
        let (_, admin) = with_role(&world, "adam", "Administrator").await;
        let (home, adam) = (world.home().await, id(&world, "adam").await);
        let boss = world.role_of(home, "Owner").await;
        let body = json!({"name": "Bosses", "people": [adam], "roles": [{"role_id": boss}]});
        let page = send(&admin, Method::POST, "/api/v1/groups", &body).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (403, Some("AZ-005")), "{}", page.body);
        let made = send(&owner, Method::POST, "/api/v1/groups", &json!({"name": "Bosses", "roles": [{"role_id": boss}]})).await;
        let path = format!("/api/v1/groups/{}", made.json()["id"].as_str().expect("an id"));
        // Not by joining it, and not by taking somebody out, either.
        for body in [&body, &json!({"name": "Bosses", "roles": []})] {
            assert_eq!(send(&admin, Method::PUT, &path, body).await.code(), 403, "{body}");
        }
        assert_eq!(send(&admin, Method::DELETE, &path, &json!({})).await.code(), 403);
        let renamed = send(&admin, Method::PUT, &path, &json!({"name": "The bosses", "roles": [{"role_id": boss}]})).await;
        assert_eq!(renamed.code(), 200, "{}", renamed.body);
    }

    async fn what_is_wrong_with_a_group_is_said(world) {
        let (_, browser) = world.with_owner_inside().await;
        let customer = world.bare_customer("Contoso").await;
        let auditor = world.role_of(world.home().await, "Auditor").await;
        send(&browser, Method::POST, "/api/v1/groups", &json!({"name": "Crew"})).await;
        for (body, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": "CREW"}), "name"),
            (json!({"name": "Other", "roles": [{"role_id": auditor, "scope": format!("customer:{customer}")}]}), "roles"),
            (json!({"name": "Other", "roles": [{"role_id": auditor, "scope": "moon"}]}), "roles"),
        ] {
            let page = send(&browser, Method::POST, "/api/v1/groups", &body).await;
            assert_eq!((page.code(), page.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{body}: {}", page.body);
        }
        for body in [json!({}), json!({"name": "x", "members": []}), json!({"name": "x", "roles": [{"role": auditor}]}), json!({"name": "x", "people": "all"})] {
            assert_eq!(send(&browser, Method::POST, "/api/v1/groups", &body).await.code(), 400, "{body}");
        }
    }

    async fn a_role_that_a_group_holds_stays_and_a_group_at_a_site_reaches_no_further(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (home, leeds) = (world.home().await, world.site("Leeds").await);
        let (ana, _) = with_role(&world, "ana", "No access").await;
        let own = make(&browser, "Local", &["agents.see", "events.read"]).await;
        let body = json!({"name": "Leeds crew", "people": [id(&world, "ana").await], "roles": [{"role_id": own, "scope": {"site": leeds}}]});
        assert_eq!(send(&browser, Method::POST, "/api/v1/groups", &body).await.code(), 201);
        assert_eq!(send(&browser, Method::DELETE, &format!("/api/v1/roles/{own}"), &json!({})).await.code(), 409);
        let id = world.stored(&ana.email).await.id;
        assert!(world.holds(home, id).await.contains(&"Local at the site Leeds, by the group Leeds crew".to_owned()));
        let asked = json!({"person": id, "action": "agents.see", "resource": format!("site:{leeds}")});
        assert_eq!(send(&browser, Method::POST, "/api/v1/decisions", &asked).await.json()["allowed"], true);
        let asked = json!({"person": id, "action": "events.read"});
        assert_eq!(send(&browser, Method::POST, "/api/v1/decisions", &asked).await.json()["because"][0]["id"], "AZ-016");
        // Leaving the organisation leaves its groups, too.
        world.set_roles(home, id, &[("Auditor", Scope::Everything)]).await.expect("it is given");
        world.end_membership(home, id).await.expect("it ends");
        let groups = browser.get("/api/v1/groups").await.json();
        assert_eq!(groups["items"][0]["people"], 0);
    }
}
