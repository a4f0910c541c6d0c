//! "Why?": the answer names the grant, the scope, what is missing and who has it; and it is the answer that the door gives.
use super::{send, with_role};
use kernel::Scope;
use serde_json::{Value, json};
use world::{Browser, Method};

const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

async fn ask(browser: &Browser, body: &Value) -> Value {
    let page = send(browser, Method::POST, "/api/v1/decisions", body).await;
    assert_eq!(page.code(), 200, "{body}: {}", page.body);
    page.json()
}

fn texts(answer: &Value) -> String {
    let because = answer["because"].as_array().expect("reasons");
    let text = |reason: &Value| reason["text"].as_str().expect("a text").to_owned();
    because.iter().map(text).collect::<Vec<_>>().join(" ")
}

world::stories! {
    async fn the_answer_says_which_grant_which_scope_and_who_has_what_is_missing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (home, leeds, york) = (world.home().await, world.site("Leeds branch").await, world.site("York").await);
        let jon = world.person("jon").await;
        let id = world.stored(&jon.email).await.id;
        world.set_roles(home, id, &[("Technician", Scope::Site(leeds))]).await.expect("it is given");
        let no = ask(&browser, &json!({"person": id, "action": "agents.revoke", "resource": leeds})).await;
        assert_eq!(no["allowed"], false);
        assert_eq!(
            texts(&no),
            "jon is Technician at the site Leeds branch. Technician has no “Revoke agents”. The roles Owner and Administrator have it."
        );
        assert_eq!((&no["granted_by"], &no["roles"], &no["step_up"]), (&Value::Null, &json!(["Owner", "Administrator"]), &json!(true)));
        assert_eq!((&no["because"][0]["id"], &no["because"][1]["id"]), (&json!("AZ-003"), &json!("AZ-020")));
        let yes = ask(&browser, &json!({"person": id, "action": "agents.pair", "resource": format!("site:{leeds}")})).await;
        assert_eq!((&yes["allowed"], &yes["granted_by"]["name"], &yes["granted_by"]["place"]), (&json!(true), &json!("Technician"), &json!("Leeds branch")));
        let elsewhere = ask(&browser, &json!({"person": id, "action": "agents.pair", "resource": {"site": york}})).await;
        assert_eq!((&elsewhere["allowed"], &elsewhere["because"][0]["id"]), (&json!(false), &json!("AZ-015")));
        assert_eq!(ask(&browser, &json!({"person": id, "action": "agents.pair"})).await["allowed"], true, "somewhere");
        assert_eq!(ask(&browser, &json!({"person": id, "action": "agents.pair", "resource": home})).await["allowed"], false, "everywhere");
        world.disable(&jon).await;
        let disabled = ask(&browser, &json!({"person": id, "action": "agents.pair", "resource": leeds})).await;
        assert_eq!((&disabled["allowed"], &disabled["because"][0]["id"]), (&json!(false), &json!("SI-007")));
    }

    async fn what_is_not_ones_own_cannot_be_asked_about(world) {
        let (_, browser) = world.with_owner_inside().await;
        let other = world.elsewhere("Fabrikam").await;
        let me = browser.get("/api/v1/me").await.json()["id"].clone();
        for (body, code) in [
            (json!({"person": other.person, "action": "agents.see"}), 404),
            (json!({"person": STRANGE, "action": "agents.see"}), 404),
            (json!({"person": "olive", "action": "agents.see"}), 404),
            (json!({"person": me, "action": "agents.see", "resource": other.site}), 404),
            (json!({"person": me, "action": "agents.see", "resource": other.organisation}), 404),
            (json!({"person": me, "action": "people.see", "resource": other.person}), 404),
            (json!({"person": me, "action": "agents.see", "resource": "moon"}), 404),
            (json!({"person": me, "action": "agents.fly"}), 422),
            (json!({"person": me}), 400),
            (json!({"action": "agents.see"}), 400),
            (json!({"person": me, "action": "agents.see", "because": true}), 400),
        ] {
            let page = send(&browser, Method::POST, "/api/v1/decisions", &body).await;
            assert_eq!(page.code(), code, "{body}: {}", page.body);
        }
        let (_, hers) = with_role(&world, "ana", "Technician").await;
        assert_eq!(send(&hers, Method::POST, "/api/v1/decisions", &json!({"person": me, "action": "agents.see"})).await.code(), 403);
    }

    async fn who_can_do_something_is_listed_part_by_part(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (home, leeds) = (world.home().await, world.site("Leeds").await);
        for (n, (role, scope)) in [("Technician", Scope::Site(leeds)), ("Administrator", Scope::Everything), ("Auditor", Scope::Everything)].into_iter().enumerate() {
            let person = world.person(["tom", "adam", "audrey"][n]).await;
            world.set_roles(home, world.stored(&person.email).await.id, &[(role, scope)]).await.expect("it is given");
        }
        let list = |page: world::Page| -> Vec<String> {
            assert_eq!(page.code(), 200, "{}", page.body);
            let json = page.json();
            json["items"].as_array().expect("items").iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
        };
        let path = "/api/v1/permissions/agents.pair/people";
        let sorted = |page: world::Page| -> Vec<String> {
            let mut names = list(page);
            names.sort();
            names
        };
        assert_eq!(sorted(browser.get(path).await), ["Olive Owner", "adam", "tom"]);
        assert_eq!(sorted(browser.get(&format!("{path}?resource=organisation")).await), ["Olive Owner", "adam"]);
        assert_eq!(sorted(browser.get(&format!("{path}?resource={leeds}")).await), ["Olive Owner", "adam", "tom"]);
        let first = browser.get(&format!("{path}?limit=2")).await.json();
        let next = first["next"].as_str().expect("more").to_owned();
        let rest = list(browser.get(&format!("{path}?limit=2&cursor={next}")).await);
        assert_eq!([list(browser.get(&format!("{path}?limit=2")).await), rest].concat(), list(browser.get(path).await));
        let roles: Vec<&Value> = first["items"].as_array().expect("items").iter().map(|item| &item["roles"][0]).collect();
        assert!(roles.iter().all(|role| ["Owner", "Technician", "Administrator"].contains(&role.as_str().expect("a role"))), "{roles:?}");
        for (query, code) in [("?limit=0", 400), ("?limit=201", 400), ("?cursor=x", 400), ("?more=1", 400), ("?resource=moon", 404)] {
            assert_eq!(browser.get(&format!("{path}{query}")).await.code(), code, "{query}");
        }
        assert_eq!(browser.get("/api/v1/permissions/agents.fly/people").await.code(), 404);
        let world_wide = browser.get("/api/v1/permissions/own.see/people").await;
        assert_eq!(world_wide.code(), 404);
    }

    async fn the_answer_is_the_one_that_the_door_gives(world) {
        let (_, browser) = world.with_owner_inside().await;
        let doors = [("events.read", "/api/v1/events"), ("roles.see", "/api/v1/roles"), ("settings.see", "/app/settings"), ("policies.see", "/app/policies")];
        for role in roles_to_try() {
            let (person, hers) = with_role(&world, &role.to_lowercase().replace(' ', "-"), role).await;
            let id = world.stored(&person.email).await.id;
            for (action, path) in doors {
                let answer = ask(&browser, &json!({"person": id, "action": action})).await;
                let code = hers.get(path).await.code();
                assert_eq!(answer["allowed"] == json!(true), code == 200, "{role} {action}: {code} {answer}");
            }
        }


    }
}

fn roles_to_try() -> [&'static str; 5] {
    ["Administrator", "Technician", "Help desk", "Auditor", "No access"]
}
