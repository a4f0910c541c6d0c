//! Customers: made, seen, renamed, suspended, moved. What a foreign organisation may not.
use super::{at, here, kinds, send};
use serde_json::{Value, json};
use world::{Method, Scope, Span};

const STRANGE: &str = "01936d2c-5b7e-7000-8000-000000000000";

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("a list");
    items
        .iter()
        .map(|item| item["name"].as_str().expect("a name"))
        .collect()
}

world::stories! {
    async fn a_customer_is_made_with_its_maker_as_owner_and_a_first_site(world) {
        let (_, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let made = send(&browser, Method::POST, "/api/v1/organisations", &json!({"name": "Contoso", "parent": own})).await;
        assert_eq!(made.code(), 201, "{}", made.body);
        let customer = made.json();
        assert_eq!((&customer["name"], &customer["parent"], &customer["state"]), (&json!("Contoso"), &json!(own), &json!("active")));
        let id = customer["id"].as_str().unwrap();
        let list = browser.get("/api/v1/organisations").await.json();
        assert_eq!(names(&list), ["Northwind IT", "Contoso"]);
        assert_eq!(browser.get(&at(id)).await.json(), customer);
        let me = browser.get(&format!("/api/v1/me?organisation={id}")).await;
        // `me` is oneself: it takes no organisation, or it speaks for it; either way nobody else's.
        assert!([200, 400].contains(&me.code()), "{}", me.body);
        let sites = browser.get(&format!("{}/sites", at(id))).await.json();
        assert_eq!(names(&sites), ["Main site"]);
        assert!(kinds(&browser, id).await.contains(&"organisation-made".to_owned()));
        assert!(kinds(&browser, &own).await.contains(&"organisation-made".to_owned()));
        let policy = browser.get(&format!("{}/policy", at(id))).await;
        assert_eq!(policy.code(), 200, "{}", policy.body);
    }

    async fn a_name_is_taken_once_and_a_customer_has_no_customers(world) {
        let (_, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        for (path, body, code, reason) in [
            ("/api/v1/organisations".to_owned(), json!({"name": "CONTOSO"}), 422, "OG-002"),
            ("/api/v1/organisations".to_owned(), json!({"name": " "}), 422, "HT-010"),
            ("/api/v1/organisations".to_owned(), json!({"name": "X", "colour": "red"}), 400, "HT-006"),
            ("/api/v1/organisations".to_owned(), json!({"name": "X", "parent": STRANGE}), 404, "HT-003"),
            (format!("/api/v1/organisations?organisation={contoso}"), json!({"name": "Below"}), 409, "OG-003"),
        ] {
            let page = send(&browser, Method::POST, &path, &body).await;
            assert_eq!((page.code(), page.json()["reason"].as_str()), (code, Some(reason)), "{path} {body}: {}", page.body);
        }
        let one = json!({"name": "Fabrikam"});
        let (first, second) = tokio::join!(
            send(&browser, Method::POST, "/api/v1/organisations", &one),
            send(&browser, Method::POST, "/api/v1/organisations", &one),
        );
        let mut codes = [first.code(), second.code()];
        codes.sort_unstable();
        assert_eq!(codes, [201, 422]);
    }

    async fn the_list_is_read_part_by_part_and_searched(world) {
        let (_, browser) = world.with_owner_inside().await;
        for name in ["Contoso", "adatum", "Fabrikam", "Ärzte 50%"] {
            world.customer(&browser, name).await;
        }
        let mut seen = Vec::new();
        let mut path = "/api/v1/organisations?limit=2".to_owned();
        loop {
            let list = browser.get(&path).await.json();
            seen.extend(names(&list).into_iter().map(str::to_owned));
            match list["next"].as_str() {
                Some(next) => path = format!("/api/v1/organisations?limit=2&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, ["Northwind IT", "adatum", "Contoso", "Fabrikam", "Ärzte 50%"]);
        for (search, found) in [("RZTE", "Ärzte 50%"), ("0%25", "Ärzte 50%"), ("fab", "Fabrikam")] {
            let list = browser.get(&format!("/api/v1/organisations?search={search}")).await.json();
            assert_eq!(names(&list), [found], "{search}");
        }
        for bad in ["limit=0", "limit=201", "cursor=x", &format!("cursor={STRANGE}"), "order=name"] {
            assert_eq!(browser.get(&format!("/api/v1/organisations?{bad}")).await.code(), 400, "{bad}");
        }
    }

    async fn another_ones_customers_are_not_there(world) {
        let (_, browser) = world.with_owner_inside().await;
        let msp = here(&browser).await;
        let (contoso, fabrikam) = (world.customer(&browser, "Contoso").await, world.customer(&browser, "Fabrikam").await);
        let (cora, hers) = (world.person_at(contoso, "cora", "Owner").await, world.browser());
        cora.enter(&hers).await;
        let list = hers.get("/api/v1/organisations").await.json();
        assert_eq!(names(&list), ["Contoso"]);
        for foreign in [fabrikam.to_string(), msp, STRANGE.to_owned(), "x".to_owned()] {
            let path = at(&foreign);
            for (method, path, body) in [
                (Method::GET, path.clone(), None),
                (Method::PATCH, path.clone(), Some(json!({"name": "Mine now"}))),
                (Method::DELETE, path.clone(), None),
                (Method::GET, format!("{path}/sites"), None),
                (Method::POST, format!("{path}/sites"), Some(json!({"name": "Mine now"}))),
                (Method::GET, format!("{path}/policy"), None),
                (Method::PUT, format!("{path}/policy"), Some(json!({}))),
                (Method::POST, format!("/api/v1/organisations?organisation={foreign}"), Some(json!({"name": "Mine"}))),
                (Method::GET, format!("/app/organisations/{foreign}"), None),
            ] {
                let asking = hers.ask(method.clone(), &path);
                let page = match &body {
                    Some(body) => asking.json(body).send().await,
                    None => asking.send().await,
                };
                assert_eq!(page.code(), 404, "{method} {path} {body:?}: {}", page.body);
            }
        }
        let moved = send(&hers, Method::PATCH, &at(contoso), &json!({"parent": fabrikam.to_string()})).await;
        assert_eq!((moved.code(), moved.json()["reason"].as_str()), (409, Some("OG-004")), "{}", moved.body);
        assert_eq!(browser.get(&at(fabrikam)).await.json()["name"], "Fabrikam");
        // Without the right it is 403, whatever is named.
        let (ana, plain) = (world.person("ana").await, world.browser());
        ana.enter(&plain).await;
        assert_eq!(plain.get("/api/v1/organisations").await.code(), 403);
        assert!(!plain.get("/app").await.links().contains(&"/app/organisations".to_owned()));
    }

    async fn a_role_for_one_customer_shows_that_one_alone(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (contoso, fabrikam) = (world.customer(&browser, "Contoso").await, world.customer(&browser, "Fabrikam").await);
        let (tom, his) = (world.person("tom").await, world.browser());
        world.give_role_for(&tom, "Administrator", Scope::Customer(contoso)).await;
        tom.enter(&his).await;
        assert_eq!(names(&his.get("/api/v1/organisations").await.json()), ["Northwind IT", "Contoso"]);
        assert_eq!(his.get(&at(fabrikam)).await.code(), 404);
        let renamed = send(&his, Method::PATCH, &at(contoso), &json!({"name": "Contoso Ltd"})).await;
        assert_eq!(renamed.code(), 200, "{}", renamed.body);
        assert_eq!(send(&his, Method::PATCH, &at(fabrikam), &json!({"name": "Mine"})).await.code(), 404);
        // An administrator deletes nothing, and changes nothing of the organisation itself.
        assert_eq!(his.ask(Method::DELETE, &at(contoso)).send().await.code(), 403);
        let own = here(&his).await;
        assert_eq!(send(&his, Method::PATCH, &at(&own), &json!({"name": "Mine"})).await.code(), 403);
        assert_eq!(send(&his, Method::POST, "/api/v1/organisations", &json!({"name": "Mine"})).await.code(), 403);
        // It made him a member there.
        let mine = his.get("/api/v1/me/organisations").await.json();
        assert_eq!(names(&mine), ["Northwind IT", "Contoso Ltd"]);
        assert_eq!(mine["items"][1]["via"], "Northwind IT");
    }

    async fn a_change_needs_step_up_and_is_told_in_both_logs(world) {
        let (_, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await;
        let body = json!({"name": "Contoso Ltd"});
        world.clock.advance(Span::minutes(16));
        for page in [
            send(&browser, Method::POST, "/api/v1/organisations", &json!({"name": "X"})).await,
            send(&browser, Method::PATCH, &at(contoso), &body).await,
            browser.ask(Method::DELETE, &at(contoso)).send().await,
        ] {
            assert_eq!((page.code(), page.problem().as_str()), (401, "step-up-needed"), "{}", page.body);
        }
        let page = browser.post("/app/organisations", &[("name", "X")]).await;
        assert!(page.location().starts_with("/app/step-up"), "{}", page.location());
        browser.post("/app/step-up", &[("password", world::PASSWORD)]).await;
        assert_eq!(send(&browser, Method::PATCH, &at(contoso), &body).await.code(), 200);
        assert_eq!(send(&browser, Method::PATCH, &at(contoso), &json!({"state": "suspended"})).await.code(), 200);
        assert_eq!(send(&browser, Method::PATCH, &at(contoso), &json!({"state": "active"})).await.code(), 200);
        for organisation in [own.clone(), contoso.to_string()] {
            let told = kinds(&browser, &organisation).await;
            for kind in ["organisation-renamed", "organisation-suspended", "organisation-resumed"] {
                assert!(told.contains(&kind.to_owned()), "{kind}: {told:?}");
            }
        }
        // Half of a change is none.
        let half = send(&browser, Method::PATCH, &at(contoso), &json!({"name": "Other", "parent": STRANGE})).await;
        assert_eq!((half.code(), half.json()["errors"][0]["field"].as_str()), (422, Some("parent")), "{}", half.body);
        assert_eq!(browser.get(&at(contoso)).await.json()["name"], "Contoso Ltd");
        for (body, code) in [(json!({"state": "asleep"}), 422), (json!({"state": 1}), 400), (json!({"owner": "x"}), 400), (json!({"name": ""}), 422)] {
            assert_eq!(send(&browser, Method::PATCH, &at(contoso), &body).await.code(), code, "{body}");
        }
        for body in [json!({"state": "suspended"}), json!({"state": "active", "parent": contoso.to_string()})] {
            let page = send(&browser, Method::PATCH, &at(&own), &body).await;
            assert!([409, 422].contains(&page.code()), "{body}: {}", page.body);
        }
        assert_eq!(browser.ask(Method::DELETE, &at(&own)).send().await.json()["reason"], "OG-004");
    }

    async fn a_suspended_customer_lets_nobody_in_at_once_and_everybody_again_later(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let contoso = world.customer(&browser, "Contoso").await;
        let (cora, hers) = (world.person_at(contoso, "cora", "Owner").await, world.browser_at(8));
        cora.enter(&hers).await;
        let inside = world.browser_at(9);
        owner.enter(&inside).await;
        assert_eq!(inside.post("/app/organisation", &[("organisation", &contoso.to_string())]).await.location(), "/app");
        assert_eq!(send(&browser, Method::PATCH, &at(contoso), &json!({"state": "suspended"})).await.json()["state"], "suspended");
        for out in [&hers, &inside] {
            assert_eq!(out.get("/api/v1/me").await.code(), 401);
            assert!(out.get("/app").await.location().starts_with("/sign-in"));
        }
        let page = world.browser_at(8).sign_in(&cora.email, &cora.password).await;
        assert_eq!(page.code(), 422);
        assert!(page.text().contains("suspended"), "{}", page.text());
        let wrong = world.browser_at(10).sign_in(&cora.email, "surely not the right one").await;
        assert!(!wrong.text().contains("suspended"), "a stranger hears of it: {}", wrong.text());
        assert_eq!(browser.get(&format!("{}/sites", at(contoso))).await.code(), 404);
        assert_eq!(browser.post("/app/organisation", &[("organisation", &contoso.to_string())]).await.code(), 404);
        // Its people elsewhere are out, too; other people are not.
        let other = world.another_organisation("Tailspin").await;
        world.join(other, &cora, "Auditor").await;
        assert_eq!(world.browser_at(8).sign_in(&cora.email, &cora.password).await.code(), 422);
        assert!(browser.is_signed_in().await);
        assert_eq!(send(&browser, Method::PATCH, &at(contoso), &json!({"state": "active"})).await.json()["state"], "active");
        assert!(hers.is_signed_in().await, "the session had not ended by itself");
        cora.enter(&world.browser_at(8)).await;
    }

    async fn a_customer_is_moved_to_another_organisation_or_stands_on_its_own(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let contoso = world.customer(&browser, "Contoso").await;
        let tailspin = world.another_organisation("Tailspin").await;
        world.join(tailspin, &owner, "Auditor").await;
        let to = |parent: Value| { let (browser, path) = (browser.clone(), at(contoso)); async move { send(&browser, Method::PATCH, &path, &json!({"parent": parent})).await } };
        // It needs an owner of its own to stand alone, and the right to make customers there.
        assert_eq!(to(Value::Null).await.json()["reason"], "OG-011");
        assert_eq!(to(json!(tailspin.to_string())).await.json()["reason"], "OG-009");
        let fabrikam = world.customer(&browser, "Fabrikam").await;
        assert_eq!(to(json!(fabrikam.to_string())).await.json()["reason"], "OG-009");
        world.join(tailspin, &owner, "Owner").await;
        let moved = to(json!(tailspin.to_string())).await;
        assert_eq!(moved.code(), 200, "{}", moved.body);
        assert_eq!(moved.json()["parent"], tailspin.to_string());
        assert_eq!(browser.get(&at(contoso)).await.code(), 404);
        let there = browser.get(&format!("/api/v1/organisations?organisation={tailspin}")).await.json();
        assert_eq!(names(&there), ["Tailspin", "Contoso"]);
        let mine = browser.get("/api/v1/me/organisations").await.json();
        let contoso_line = mine["items"].as_array().unwrap().iter().find(|item| item["name"] == "Contoso").cloned().unwrap();
        assert_eq!(contoso_line["via"], "Tailspin");
        // With an owner of its own it leaves, and those above are out.
        let cora = world.person_at(contoso, "cora", "Owner").await;
        let path = format!("{}?organisation={tailspin}", at(contoso));
        let freed = send(&browser, Method::PATCH, &path, &json!({"parent": null})).await;
        assert_eq!((freed.code(), freed.json()["parent"].clone()), (200, Value::Null), "{}", freed.body);
        assert_eq!(browser.get(&format!("{}/sites", at(contoso))).await.code(), 404);
        let hers = world.browser();
        cora.enter(&hers).await;
        assert!(kinds(&hers, contoso).await.iter().filter(|kind| *kind == "organisation-moved").count() >= 2);
        assert_ne!(here(&browser).await, tailspin.to_string());
        assert_eq!(here(&browser).await, own);
    }

    async fn the_pages_do_what_the_api_does(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/app/organisations").await;
        assert_eq!((page.code(), page.heading().as_str()), (200, "Customers"), "{}", page.text());
        let made = browser.post("/app/organisations", &[("name", "Contoso")]).await;
        assert_eq!(made.code(), 303, "{}", made.text());
        let one = made.location().to_owned();
        let taken = browser.post("/app/organisations", &[("name", "contoso")]).await;
        assert_eq!(taken.code(), 422);
        assert!(taken.error_of("name").is_some() && taken.value_of("name").as_deref() == Some("contoso"), "{}", taken.text());
        assert_eq!(browser.get(&one).await.heading(), "Contoso");
        let renamed = browser.post(&format!("{one}/name"), &[("name", "Contoso Ltd")]).await;
        assert_eq!(renamed.location(), format!("{one}?done=name"));
        assert!(browser.get("/app/organisations?search=ltd").await.text().contains("Contoso Ltd"));
        assert_eq!(browser.post(&format!("{one}/name"), &[("name", "")]).await.code(), 422);
        assert_eq!(browser.post(&format!("{one}/state"), &[("state", "suspended")]).await.code(), 303);
        assert!(browser.get(&one).await.text().contains("Open it again"));
        assert_eq!(browser.post(&format!("{one}/state"), &[("state", "active")]).await.code(), 303);
        let stuck = browser.post(&format!("{one}/move"), &[("parent", "")]).await;
        assert_eq!(stuck.code(), 409, "{}", stuck.text());
        assert_eq!(browser.post(&format!("{one}/delete"), &[]).await.location(), format!("{one}?done=deleted"));
        let page = browser.get(&one).await;
        assert!(page.text().contains("Bring it back") && page.text().contains("30 days") || page.text().contains("goes on"), "{}", page.text());
        assert_eq!(browser.post(&format!("{one}/state"), &[("state", "active")]).await.code(), 303);
        assert_eq!(browser.get("/app/organisations/x").await.code(), 404);
    }
}
