//! What becomes of members: changed, kept out, removed; the last owner stays; another organisation ends its own membership and nothing else.
//! SECURITY.md S39 (whoever is disabled is out at once, on every node).
use super::{call, invite, join, kinds, link, newcomer, role, with_role};
use kernel::Scope;
use serde_json::json;
use world::{Browser, Engine, Method, OWNER, PASSWORD, Page, Person, World};

fn of(id: &str) -> String {
    format!("/api/v1/people/{id}")
}

async fn patch(browser: &Browser, id: &str, body: serde_json::Value) -> Page {
    call(browser, Method::PATCH, &of(id), &body).await
}

async fn delete(browser: &Browser, id: &str) -> Page {
    browser.ask(Method::DELETE, &of(id)).send().await
}

fn reason(page: &Page) -> (u16, String) {
    (
        page.code(),
        page.json()["reason"].as_str().unwrap_or_default().to_owned(),
    )
}

/// A customer of the owner's organisation with an owner of its own, signed in; Olive is a member of it by her role for it.
async fn with_customer(world: &World) -> (Browser, Browser, String) {
    let (_, browser) = world.with_owner_inside().await;
    let (home, customer) = (world.home().await, world.bare_customer("Contoso").await);
    let (carl, _) = world.member("carl", customer, "Owner").await;
    let olive = world.stored(OWNER).await.id;
    let wanted = [("Owner", Scope::Everything), ("Owner", Scope::Customer(customer))];
    world.set_roles(home, olive, &wanted).await.unwrap();
    let his = world.browser();
    carl.enter(&his).await;
    (browser, his, olive.to_string())
}

world::stories! {
    async fn name_and_address_are_changed_and_both_addresses_are_told(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let hers = world.browser();
        ines.enter(&hers).await;
        let page = patch(&browser, &id, json!({"name": "Ines Marsh", "email": "ines.marsh@northwind.example"})).await;
        assert_eq!((page.code(), page.json()["name"].as_str()), (200, Some("Ines Marsh")), "{}", page.body);
        assert!(!hers.is_signed_in().await, "the session lives on under another address");
        let told = "Your e-mail address was changed";
        let (old, new) = (world.mail_to(&ines.email, told).await, world.mail_to("ines.marsh@northwind.example", told).await);
        assert_eq!((old.len(), new.len()), (1, 1));
        assert!(!old[0].text.contains("/not-me?") && new[0].text.contains("/not-me?"), "who reads the old mailbox may act");
        assert_eq!(world.browser().sign_in(&ines.email, PASSWORD).await.code(), 422);
        assert_eq!(world.browser().sign_in("ines.marsh@northwind.example", PASSWORD).await.code(), 303);
        for kind in ["name-changed", "email-changed"] {
            assert!(kinds(&browser).await.contains(&kind.to_owned()), "{kind}");
        }
        // A part that is refused refuses the whole.
        let page = patch(&browser, &id, json!({"name": "Nobody", "email": OWNER})).await;
        assert_eq!(reason(&page), (422, "PE-015".into()));
        let page = browser.post(&format!("/app/people/{id}/change"), &[("name", "Ines"), ("email", OWNER)]).await;
        assert!(page.code() == 422 && page.error_of("email").is_some(), "{}", page.text());
        assert_eq!(browser.get(&of(&id)).await.json()["name"], "Ines Marsh");
        assert_eq!(patch(&browser, &id, json!({})).await.code(), 400);
    }

    async fn whoever_is_disabled_is_out_at_once_on_every_node(world) {
        // S39
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let hers = world.browser();
        ines.enter(&hers).await;
        let node = if world.engine() == Engine::Postgres { Some(world.second_node().await) } else { None };
        let there = node.map_or_else(|| hers.clone(), |node| hers.towards(node));
        assert!(there.is_signed_in().await);
        assert_eq!(browser.post(&format!("/app/people/{id}/disable"), &[]).await.location(), format!("/app/people/{id}?done=disabled"));
        assert!(!hers.is_signed_in().await && !there.is_signed_in().await);
        let page = ines.sign_in(&world.browser()).await;
        assert_eq!(page.code(), 422);
        assert_eq!(browser.get(&of(&id)).await.json()["state"], "disabled");
        assert_eq!(patch(&browser, &id, json!({"disabled": false})).await.code(), 200);
        ines.enter(&world.browser()).await;
        for kind in ["person-disabled", "person-enabled"] {
            assert!(kinds(&browser).await.contains(&kind.to_owned()), "{kind}");
        }
    }

    async fn whoever_is_removed_is_gone_and_the_address_is_free(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician", "Auditor"]).await;
        let hers = world.browser();
        ines.enter(&hers).await;
        let page = delete(&browser, &id).await;
        assert_eq!((page.code(), page.body.as_str()), (204, ""));
        assert!(!hers.is_signed_in().await);
        assert_eq!(ines.sign_in(&world.browser()).await.code(), 422);
        assert_eq!(browser.get(&of(&id)).await.code(), 404);
        assert_eq!(delete(&browser, &id).await.code(), 404);
        let events = browser.get("/api/v1/events?kind=person-removed").await.json();
        assert_eq!(events["items"][0]["subject"]["name"], "Ines Ivers", "the log cannot name who it was: {events}");
        let (again, other) = newcomer(&world, &browser, "ines@northwind.example", &[]).await;
        assert_ne!(other, id);
        again.enter(&world.browser()).await;
        assert_eq!(browser.get(&of(&other)).await.json()["roles"], json!([]), "what the one before held came back");
    }

    async fn the_last_owner_stays(world) {
        let (_, browser) = world.with_owner_inside().await;
        let olive = world.stored(OWNER).await.id.to_string();
        let (_, hers) = with_role(&world, "otto", "Owner").await;
        let otto = hers.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(patch(&browser, &otto, json!({"disabled": true})).await.code(), 200);
        // Olive is the only owner who can come in now. She cannot step down, and nobody can take her out.
        assert_eq!(reason(&patch(&browser, &olive, json!({"roles": []})).await), (409, "AZ-006".into()));
        assert_eq!(delete(&browser, &olive).await.code(), 409);
        assert_eq!(patch(&browser, &otto, json!({"disabled": false})).await.code(), 200);
        let again = world.browser();
        again.sign_in("otto@northwind.example", PASSWORD).await;
        assert_eq!(patch(&again, &olive, json!({"disabled": true})).await.code(), 200);
        assert_eq!(reason(&patch(&again, &otto, json!({"disabled": true})).await), (409, "PE-011".into()));
        let bulk = json!({"action": "enable", "people": [olive]});
        assert_eq!(call(&again, Method::POST, "/api/v1/people/bulk", &bulk).await.code(), 204);
    }

    async fn two_owners_who_take_each_other_out_at_once_leave_one(world) {
        let (_, first) = world.with_owner_inside().await;
        let (_, second) = with_role(&world, "otto", "Owner").await;
        let olive = world.stored(OWNER).await.id.to_string();
        let otto = world.stored("otto@northwind.example").await.id.to_string();
        for round in 0..4 {
            let (one, other) = (first.clone(), second.clone());
            let (to_otto, to_olive) = (otto.clone(), olive.clone());
            let one = tokio::spawn(async move { patch(&one, &to_otto, json!({"disabled": true})).await.code() });
            let other = tokio::spawn(async move { patch(&other, &to_olive, json!({"disabled": true})).await.code() });
            let codes = [one.await.unwrap(), other.await.unwrap()];
            assert!(codes.contains(&200) && codes != [200, 200], "round {round}: {codes:?}");
            // Whoever is left lets the other in again, who comes back through the door.
            let (left, gone, email) = if codes[0] == 200 { (&first, &otto, "otto@northwind.example") } else { (&second, &olive, OWNER) };
            assert_eq!(patch(left, gone, json!({"disabled": false})).await.code(), 200);
            let back = if codes[0] == 200 { &second } else { &first };
            assert_eq!(back.sign_in(email, PASSWORD).await.code(), 303);
        }
    }

    async fn nobody_touches_somebody_who_may_do_more(world) {
        let (_, browser) = world.with_owner_inside().await;
        let olive = world.stored(OWNER).await.id.to_string();
        let (_, hers) = with_role(&world, "ada", "Administrator").await;
        for body in [json!({"name": "Olive Ousted"}), json!({"email": "eve@northwind.example"}), json!({"disabled": true})] {
            assert_eq!(reason(&patch(&hers, &olive, body).await), (403, "PE-010".into()));
        }
        assert_eq!(delete(&hers, &olive).await.code(), 403);
        assert_eq!(patch(&hers, &olive, json!({"roles": []})).await.code(), 403);
        for what in ["disable", "remove", "erase"] {
            let page = hers.post(&format!("/app/people/{olive}/{what}"), &[]).await;
            assert_eq!(page.code(), 403, "{what}: {}", page.text());
        }
        assert!(kinds(&browser).await.contains(&"access-refused".to_owned()));
        // And nobody does it to themselves.
        let ada = hers.get("/api/v1/me").await.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(reason(&patch(&hers, &ada, json!({"disabled": true})).await), (409, "PE-011".into()));
        assert_eq!(delete(&hers, &ada).await.code(), 409);
    }

    async fn roles_are_given_and_taken_as_far_as_one_holds_them(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let (owner, auditor, technician) = (role(&world, "Owner").await, role(&world, "Auditor").await, role(&world, "Technician").await);
        let (_, hers) = with_role(&world, "ada", "Administrator").await;
        let page = hers.post(&format!("/app/people/{id}/roles"), &[("role", &owner), ("scope", "everything"), ("turn", "give")]).await;
        assert_eq!(page.code(), 403, "{}", page.text());
        let page = hers.post(&format!("/app/people/{id}/roles"), &[("role", &auditor), ("turn", "give")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        let page = hers.get(&format!("/app/people/{id}")).await;
        assert!(page.text().contains("Auditor") && page.text().contains("Technician"), "{}", page.text());
        let page = hers.post(&format!("/app/people/{id}/roles"), &[("role", &technician), ("scope", "everything"), ("turn", "take")]).await;
        assert_eq!(page.code(), 303, "{}", page.text());
        let seen = browser.get(&of(&id)).await.json();
        assert_eq!((seen["roles"].as_array().unwrap().len(), seen["roles"][0]["name"].as_str()), (1, Some("Auditor")));
        let site = world.site("Leeds branch").await;
        let body = json!({"roles": [{"role_id": technician, "scope": format!("site:{site}")}]});
        let page = patch(&browser, &id, body).await;
        assert_eq!(page.json()["roles"][0]["place"], "Leeds branch", "{}", page.body);
        assert!(kinds(&browser).await.contains(&"grants-changed".to_owned()));
    }

    async fn a_customer_sees_whoever_comes_from_above_and_can_end_it(world) {
        let (browser, his, olive) = with_customer(&world).await;
        let seen = his.get(&of(&olive)).await.json();
        assert_eq!((seen["home"]["name"].as_str(), seen["state"].as_str()), (Some("Northwind IT"), Some("active")));
        let page = his.get("/app/people").await;
        assert!(page.text().contains("from Northwind IT"), "{}", page.text());
        // The account is its home's alone.
        for body in [json!({"name": "X"}), json!({"email": "x@contoso.example"}), json!({"disabled": true})] {
            assert_eq!(reason(&patch(&his, &olive, body).await), (403, "PE-012".into()));
        }
        for what in ["data", "erase"] {
            let page = call(&his, Method::POST, &format!("{}/{what}", of(&olive)), &json!({})).await;
            assert_eq!(page.code(), 403, "{what}");
        }
        for what in ["unlock", "sign-out", "reset-factors"] {
            let page = call(&his, Method::POST, &format!("{}/{what}", of(&olive)), &json!({})).await;
            assert_eq!(page.code(), 404, "{what}");
        }
        let customer = his.get("/api/v1/me").await.json()["organisation"]["id"].as_str().unwrap().to_owned();
        let inside = format!("/api/v1/people?organisation={customer}");
        assert_eq!(browser.get(&inside).await.code(), 200);
        assert_eq!(delete(&his, &olive).await.code(), 204);
        assert_eq!(browser.get(&inside).await.code(), 404, "she is in still");
        assert!(browser.is_signed_in().await, "the account suffered");
        let held = browser.get(&of(&olive)).await.json();
        assert_eq!(held["roles"].as_array().unwrap().len(), 1, "the grant that led there is left: {held}");
        assert!(kinds(&his).await.contains(&"membership-ended".to_owned()));
    }

    async fn removing_at_home_ends_every_membership(world) {
        let (browser, his, _) = with_customer(&world).await;
        let (ines, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        let page = invite(&his, &ines.email, &[]).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let mail = world.mail_to(&ines.email, "Join Contoso").await.remove(0);
        let hers = world.browser();
        ines.enter(&hers).await;
        let path = mail.path(&world, "/invitation").replace("/invitation", "/app/join");
        assert_eq!(hers.post(&path, &[]).await.code(), 303);
        assert_eq!(his.get(&of(&id)).await.code(), 200);
        assert_eq!(delete(&browser, &id).await.code(), 204);
        assert_eq!(his.get(&of(&id)).await.code(), 404);
        assert!(kinds(&his).await.contains(&"membership-ended".to_owned()));
    }

    async fn an_address_that_looks_like_another_one_joins_nowhere(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = invite(&browser, "\u{43e}live@northwind.example", &[]).await;
        assert_eq!(page.code(), 201, "whether it has an account elsewhere is told: {}", page.body);
        let page = join(&world, &link(&world, "\u{43e}live@northwind.example").await).await;
        assert_eq!(page.code(), 422, "{}", page.text());
        let fake = Person { name: "Fake".into(), email: "\u{43e}live@northwind.example".into(), password: PASSWORD.into() };
        assert_eq!(fake.sign_in(&world.browser()).await.code(), 422);
    }
}
