//! An organisation's own roles: made, changed, removed, and never wider than whoever makes them.
use super::{details, make, send, with_role};
use kernel::Scope;
use serde_json::{Value, json};
use world::{Engine, Method, Span};

const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("a list");
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name").to_owned())
        .collect()
}

world::stories! {
    async fn a_new_organisation_has_the_built_in_roles_and_every_permission_has_a_name(world) {
        let (_, browser) = world.with_owner_inside().await;
        let roles = browser.get("/api/v1/roles").await.json();
        assert_eq!(names(&roles), ["Owner", "Administrator", "Technician", "Help desk", "Auditor", "No access"]);
        assert_eq!(roles["items"][5]["permissions"], json!([]));
        assert_eq!((&roles["items"][0]["built_in"], &roles["next"]), (&json!(true), &Value::Null));
        let permissions = names(&browser.get("/api/v1/permissions").await.json());
        for name in [
            "agents.see", "agents.pair", "agents.revoke", "keys.make", "people.see", "people.invite", "people.reset-factors", "roles.change",
            "policies.change", "sso.change", "events.read", "settings.change",
        ] {
            assert!(permissions.contains(&name.to_owned()), "{name}");
        }
        assert!(!permissions.iter().any(|name| name.starts_with("own.")));
        let first = browser.get("/api/v1/roles?limit=2").await.json();
        let rest = browser.get(&format!("/api/v1/roles?cursor={}", first["next"].as_str().expect("more"))).await.json();
        assert_eq!([names(&first), names(&rest)].concat(), names(&roles));
    }

    async fn a_role_is_made_changed_and_removed_and_each_is_an_event(world) {
        let (_, browser) = world.with_owner_inside().await;
        let body = json!({"name": "Night desk", "description": "After six", "permissions": ["agents.see", "people.unlock"]});
        let page = send(&browser, Method::POST, "/api/v1/roles", &body).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let role = page.json();
        assert_eq!((&role["built_in"], &role["permissions"]), (&json!(false), &json!(["people.unlock", "agents.see"])));
        let path = format!("/api/v1/roles/{}", role["id"].as_str().expect("an id"));
        let changed = send(&browser, Method::PUT, &path, &json!({"name": "Night watch", "permissions": ["agents.see", "agents.pair"]})).await;
        assert_eq!(changed.code(), 200, "{}", changed.body);
        assert_eq!(changed.json()["permissions"], json!(["agents.see", "agents.pair"]));
        assert_eq!(send(&browser, Method::DELETE, &path, &json!({})).await.code(), 204);
        assert_eq!(send(&browser, Method::DELETE, &path, &json!({})).await.code(), 404);
        assert_eq!(details(&browser, "role-made").await, ["Night desk: Unlock people, See agents"]);
        let told = "Night watch: was Night desk; added Pair and approve agents; taken out Unlock people";
        assert_eq!(details(&browser, "role-changed").await, [told]);
        assert_eq!(details(&browser, "role-removed").await, ["Night watch"]);
    }

    async fn what_is_wrong_with_a_role_is_said_at_its_field(world) {
        let (_, browser) = world.with_owner_inside().await;
        make(&browser, "Night desk", &["agents.see"]).await;
        for (body, field) in [
            (json!({"name": "", "permissions": []}), "name"),
            (json!({"name": "x".repeat(61), "permissions": []}), "name"),
            (json!({"name": "night DESK", "permissions": []}), "name"),
            (json!({"name": "owner", "permissions": []}), "name"),
            (json!({"name": "Two\nlines", "permissions": []}), "name"),
            (json!({"name": "Other", "permissions": ["agents.fly"]}), "permissions"),
            (json!({"name": "Other", "permissions": ["own.change"]}), "permissions"),
            (json!({"name": "Other", "permissions": [], "description": "x".repeat(201)}), "description"),
        ] {
            let page = send(&browser, Method::POST, "/api/v1/roles", &body).await;
            assert_eq!((page.code(), page.json()["errors"][0]["field"].as_str()), (422, Some(field)), "{body}: {}", page.body);
        }
        for body in [
            json!({}), json!([]), json!({"name": "x"}), json!({"name": "x", "permissions": "agents.see"}), json!({"name": 1, "permissions": []}),
            json!({"name": "x", "permissions": [], "is_built_in": true}), json!({"name": "x", "permissions": [], "organisation": STRANGE}),
            json!({"id": STRANGE, "name": "x", "permissions": []}),
        ] {
            let page = send(&browser, Method::POST, "/api/v1/roles", &body).await;
            assert_eq!(page.code(), 400, "{body}: {}", page.body);
        }
    }

    async fn built_in_roles_and_roles_that_are_held_stay(world) {
        let (_, browser) = world.with_owner_inside().await;
        let home = world.home().await;
        let technician = format!("/api/v1/roles/{}", world.role_of(home, "Technician").await);
        let body = json!({"name": "Technician", "permissions": ["agents.revoke"]});
        for page in [send(&browser, Method::PUT, &technician, &body).await, send(&browser, Method::DELETE, &technician, &json!({})).await] {
            assert_eq!((page.code(), page.json()["reason"].as_str()), (409, Some("AZ-012")), "{}", page.body);
        }
        let own = make(&browser, "Night desk", &["agents.see"]).await;
        let ana = world.person("ana").await;
        let id = world.stored(&ana.email).await.id;
        world.set_roles(home, id, &[("Night desk", Scope::Everything)]).await.expect("it is given");
        let page = send(&browser, Method::DELETE, &format!("/api/v1/roles/{own}"), &json!({})).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (409, Some("AZ-013")), "{}", page.body);
        world.set_roles(home, id, &[]).await.expect("it is taken");
        assert_eq!(send(&browser, Method::DELETE, &format!("/api/v1/roles/{own}"), &json!({})).await.code(), 204);
    }

    async fn nobody_makes_or_changes_a_role_beyond_what_they_hold(world) {
        let (_, owner) = world.with_owner_inside().await;
        let (_, admin) = with_role(&world, "adam", "Administrator").await;
        let wide = json!({"name": "Wide", "permissions": ["agents.see", "organisations.delete"]});
        let page = send(&admin, Method::POST, "/api/v1/roles", &wide).await;
        assert_eq!((page.code(), page.json()["reason"].as_str()), (403, Some("AZ-005")), "{}", page.body);
        assert_eq!(send(&owner, Method::POST, "/api/v1/roles", &wide).await.code(), 201);
        let id = world.role_of(world.home().await, "Wide").await;
        let path = format!("/api/v1/roles/{id}");
        // Neither put in nor taken out.
        for permissions in [json!(["agents.see"]), json!([])] {
            let page = send(&admin, Method::PUT, &path, &json!({"name": "Wide", "permissions": permissions})).await;
            assert_eq!(page.code(), 403, "{}", page.body);
        }
        assert_eq!(send(&admin, Method::DELETE, &path, &json!({})).await.code(), 403);
        let page = send(&admin, Method::PUT, &path, &json!({"name": "Wider", "permissions": ["agents.see", "agents.pair", "organisations.delete"]})).await;
        assert_eq!(page.code(), 200, "{}", page.body);
        assert_eq!(details(&owner, "access-refused").await.len(), 1, "told once a minute");
    }

    async fn changing_roles_needs_step_up(world) {
        let (_, browser) = world.with_owner_inside().await;
        let role = make(&browser, "Night desk", &[]).await;
        world.clock.advance(Span::minutes(16));
        let path = format!("/api/v1/roles/{role}");
        let body = json!({"name": "Night desk", "permissions": ["agents.see"]});
        for (method, path) in [(Method::POST, "/api/v1/roles"), (Method::PUT, &path), (Method::DELETE, &path), (Method::POST, "/api/v1/groups")] {
            let page = send(&browser, method, path, &body).await;
            assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"), "{path}");
        }
        assert_eq!(browser.get("/api/v1/roles").await.code(), 200);
    }

    async fn a_change_acts_at_the_next_request_on_every_node(world) {
        let (_, browser) = world.with_owner_inside().await;
        let role = make(&browser, "Reader", &["events.read"]).await;
        let ana = world.person("ana").await;
        let id = world.stored(&ana.email).await.id;
        let hers = world.browser();
        ana.enter(&hers).await;
        let mut tabs = vec![hers.clone()];
        if world.engine() == Engine::Postgres {
            tabs.push(hers.towards(world.second_node().await));
        }
        for round in 0..3 {
            for tab in &tabs {
                assert_eq!(tab.get("/api/v1/events").await.code(), 403, "round {round}");
            }
            world.set_roles(world.home().await, id, &[("Reader", Scope::Everything)]).await.expect("it is given");
            for tab in &tabs {
                assert_eq!(tab.get("/api/v1/events").await.code(), 200, "round {round}");
            }
            let path = format!("/api/v1/roles/{role}");
            assert_eq!(send(&browser, Method::PUT, &path, &json!({"name": "Reader", "permissions": []})).await.code(), 200);
            for tab in &tabs {
                assert_eq!(tab.get("/api/v1/events").await.code(), 403, "round {round}");
            }
            assert_eq!(send(&browser, Method::PUT, &path, &json!({"name": "Reader", "permissions": ["events.read"]})).await.code(), 200);
            world.set_roles(world.home().await, id, &[]).await.expect("it is taken");
        }
    }

    async fn another_organisations_roles_and_groups_are_not_there(world) {
        let (_, browser) = world.with_owner_inside().await;
        let other = world.elsewhere("Fabrikam").await;
        let theirs = world.browser_at(9);
        other.owner.enter(&theirs).await;
        let role = make(&theirs, "Theirs", &["agents.see"]).await;
        let group = send(&theirs, Method::POST, "/api/v1/groups", &json!({"name": "Theirs"})).await.json();
        let group = group["id"].as_str().expect("an id");
        let body = json!({"name": "Mine", "permissions": []});
        let (role_path, group_path) = (format!("/api/v1/roles/{role}"), format!("/api/v1/groups/{group}"));
        for (method, path, body) in [
            (Method::PUT, &role_path, &body), (Method::DELETE, &role_path, &json!({})), (Method::GET, &group_path, &json!({})),
            (Method::PUT, &group_path, &json!({"name": "Mine"})), (Method::DELETE, &group_path, &json!({})),
        ] {
            let page = send(&browser, method.clone(), path, body).await;
            assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{method} {path}: {}", page.body);
        }
        let (role_page, group_page) = (format!("/app/roles/{role}"), format!("/app/roles/groups/{group}"));
        for (path, form) in [(&role_page, &[("name", "Mine")][..]), (&group_page, &[("what", "rename"), ("name", "Mine")])] {
            assert_eq!(browser.get(path).await.code(), 404, "{path}");
            assert_eq!(browser.post(path, form).await.code(), 404, "{path}");
        }
        assert_eq!(browser.post(&format!("{role_page}/remove"), &[]).await.code(), 404);
        let page = browser.get(&format!("/api/v1/roles?organisation={}", other.organisation)).await;
        assert_eq!(page.code(), 404, "{}", page.body);
    }

    async fn rights_are_exported_as_data_without_a_name_of_anybody(world) {
        let (_, browser) = world.with_owner_inside().await;
        make(&browser, "Night desk", &["agents.see"]).await;
        let ana = world.person("ana").await;
        let id = world.stored(&ana.email).await.id;
        let site = world.site("Leeds").await;
        world.set_roles(world.home().await, id, &[("Night desk", Scope::Site(site))]).await.expect("it is given");
        let group = json!({"name": "Crew", "people": [id], "roles": [{"role_id": world.role_of(world.home().await, "Auditor").await}]});
        assert_eq!(send(&browser, Method::POST, "/api/v1/groups", &group).await.code(), 201);
        let rights = world.rights().await;
        let own = &rights["organisations"][0];
        assert_eq!(own["roles"].as_array().expect("roles").len(), 7);
        assert!(own["grants"].as_array().expect("grants").iter().any(|g| g["person"] == json!(id) && g["scope"] == json!(format!("site:{site}"))), "{own}");
        assert_eq!(own["groups"][0]["roles"][0]["scope"], "everything");
        assert_eq!(own["group_members"][0]["person"], json!(id));
        assert!(rights["permissions"].as_array().expect("permissions").len() > 25);
        assert!(!rights.to_string().contains(&ana.email), "{rights}");
    }
}
