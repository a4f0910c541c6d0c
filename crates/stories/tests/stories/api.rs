//! The JSON API: what it answers, how it pages, how it refuses.
use serde_json::json;
use world::{Method, ORGANISATION, OWNER};

world::stories! {
    async fn me_is_the_person_and_the_organisation(world) {
        let (owner, browser) = world.with_owner_inside().await;
        let page = browser.get("/api/v1/me").await;
        assert_eq!(page.header("content-type"), Some("application/json"));
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let me = page.json();
        assert_eq!((me["name"].as_str(), me["email"].as_str()), (Some(owner.name.as_str()), Some(OWNER)));
        assert_eq!(me["organisation"]["name"].as_str(), Some(ORGANISATION));
        for id in [&me["id"], &me["organisation"]["id"]] {
            let id = id.as_str().expect("an id");
            assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id} is no UUID version 7");
        }
    }

    async fn a_name_is_changed_by_patch_and_unknown_fields_are_refused(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.ask(Method::PATCH, "/api/v1/me").json(&json!({"name": "Olive Oak"})).send().await;
        assert_eq!(page.code(), 200, "{}", page.body);
        assert_eq!(browser.get("/api/v1/me").await.json()["name"], "Olive Oak");
        for body in [
            json!({"name": "x", "roles": ["Owner"]}), json!({"id": "1"}), json!({"email": "x@y.example"}), json!({"password_hash": "x"}),
            json!({"organisation": {"id": "x"}}), json!({"is_admin": true}), json!([]), json!("x"), json!({"name": 5}), json!({"name": ["x"]}),
        ] {
            let page = browser.ask(Method::PATCH, "/api/v1/me").json(&body).send().await;
            assert_eq!(page.code(), 400, "{body}: {}", page.body);
            assert_eq!(page.header("content-type"), Some("application/problem+json"));
        }
        let page = browser.ask(Method::PATCH, "/api/v1/me").json(&json!({"name": ""})).send().await;
        assert_eq!(page.code(), 422, "{}", page.body);
        assert_eq!(page.json()["errors"][0]["field"], "name");
        assert_eq!(browser.get("/api/v1/me").await.json()["name"], "Olive Oak");
    }

    async fn a_problem_names_its_kind_and_its_reason(world) {
        world.with_owner().await;
        let page = world.browser().get("/api/v1/me").await;
        assert_eq!(page.code(), 401);
        assert_eq!(page.header("content-type"), Some("application/problem+json"));
        let problem = page.json();
        assert_eq!(problem["type"], "https://doorward.example/problems/signed-out");
        assert_eq!(problem["status"], 401);
        for field in ["title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        let reason = problem["reason"].as_str().expect("a reason");
        assert!(kernel::Reason::from_id(reason).is_some(), "{reason} is on no list");
        assert_eq!(page.header("location"), None, "the API redirects");
    }

    async fn an_unknown_path_of_the_api_is_a_problem(world) {
        let (_, browser) = world.with_owner_inside().await;
        for path in ["/api/v1/nothing", "/api/v2/me", "/api", "/api/v1"] {
            let page = browser.get(path).await;
            assert_eq!((page.code(), page.header("content-type")), (404, Some("application/problem+json")), "{path}");
        }
        let page = browser.ask(Method::PUT, "/api/v1/me").json(&json!({})).send().await;
        assert_eq!((page.code(), page.header("content-type")), (405, Some("application/problem+json")));
        let allow = page.header("allow").unwrap_or_default();
        assert!(allow.contains("GET") && allow.contains("PATCH"), "{allow}");
    }

    async fn events_are_newest_first_and_page_by_cursor_without_gap_or_repeat(world) {
        let (owner, browser) = world.with_owner_inside().await;
        for _ in 0..7 {
            world.clock.advance(world::Span::seconds(1));
            owner.enter(&world.browser()).await;
        }
        let all = browser.get("/api/v1/events?limit=200").await.json();
        let ids = |list: &serde_json::Value| -> Vec<String> {
            list["items"].as_array().expect("items").iter().map(|e| e["id"].as_str().expect("an id").to_owned()).collect()
        };
        let whole = ids(&all);
        assert!(whole.len() >= 9, "{all}");
        assert_eq!(all["next"], serde_json::Value::Null);
        let times: Vec<&str> = all["items"].as_array().unwrap().iter().map(|e| e["at"].as_str().expect("a time")).collect();
        assert!(times.windows(2).all(|pair| pair[0] >= pair[1]), "{times:?}");
        assert!(times.iter().all(|t| t.ends_with('Z')), "{times:?}");
        let mut paged = Vec::new();
        let mut path = "/api/v1/events?limit=3".to_owned();
        for _ in 0..20 {
            let part = browser.get(&path).await.json();
            assert!(part["items"].as_array().unwrap().len() <= 3);
            paged.extend(ids(&part));
            let Some(next) = part["next"].as_str() else { break };
            path = format!("/api/v1/events?limit=3&cursor={next}");
        }
        assert_eq!(paged, whole);
    }

    async fn a_list_takes_at_most_two_hundred_and_refuses_what_is_no_cursor(world) {
        let (_, browser) = world.with_owner_inside().await;
        for query in ["cursor=x", "cursor=%00", "cursor=1'%20OR%201=1--", "limit=0", "limit=-1", "limit=x", "limit=201", "nothing=1", "limit=1&limit=2"] {
            for list in ["events", "me/sessions"] {
                let page = browser.get(&format!("/api/v1/{list}?{query}")).await;
                assert!(page.code() == 400 || (query == "limit=201" && page.code() == 200), "{list}?{query}: {} {}", page.code(), page.body);
            }
        }
    }

    async fn an_edited_cursor_shows_nothing_that_is_not_ones_own(world) {
        let (_, browser) = world.with_owner_inside().await;
        let first = browser.get("/api/v1/events?limit=1").await.json();
        let cursor = first["next"].as_str().expect("more than one event").to_owned();
        for at in [0, cursor.len() / 2, cursor.len() - 1] {
            let mut edited: Vec<char> = cursor.chars().collect();
            edited[at] = if edited[at] == 'A' { 'B' } else { 'A' };
            let page = browser.get(&format!("/api/v1/events?cursor={}", edited.into_iter().collect::<String>())).await;
            assert!(page.code() == 400 || page.code() == 200, "{}", page.code());
        }
    }

    async fn the_openapi_document_names_every_route_of_the_api(world) {
        let document = world.browser().get("/api/v1/openapi.json").await.json();
        assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document["openapi"]);
        // What agents say is a protocol of its own, proved by their keys: docs/guide/agents-protocol.md.
        for route in world.routes().iter().filter(|r| r.path.starts_with("/api/v1/") && r.path != "/api/v1/openapi.json" && r.who != "agent") {
            let path = &document["paths"][route.path];
            assert!(path[route.method.to_lowercase()].is_object(), "{} {} is not in the OpenAPI document", route.method, route.path);
        }
        for (path, operations) in document["paths"].as_object().expect("paths") {
            for method in operations.as_object().expect("operations").keys().filter(|m| *m != "parameters") {
                let known = world.routes().iter().any(|r| r.path == path && r.method.eq_ignore_ascii_case(method));
                assert!(known, "the OpenAPI document has {method} {path}, the program has not");
            }
        }
    }

    async fn an_unsafe_call_with_the_cookie_needs_the_origin(world) {
        let (_, browser) = world.with_owner_inside().await;
        let ask = || browser.ask(Method::PATCH, "/api/v1/me").json(&json!({"name": "Mallory"}));
        for page in [
            ask().without("origin").send().await,
            ask().header("origin", "https://evil.example").send().await,
            ask().header("origin", "null").send().await,
            ask().without("origin").header("sec-fetch-site", "cross-site").send().await,
            ask().without("origin").header("sec-fetch-site", "same-site").send().await,
        ] {
            assert_eq!((page.code(), page.header("content-type")), (403, Some("application/problem+json")), "{}", page.body);
        }
        assert_ne!(browser.get("/api/v1/me").await.json()["name"], "Mallory");
        assert_eq!(ask().without("origin").header("sec-fetch-site", "same-origin").send().await.code(), 200);
    }

    async fn the_policy_and_other_organisations_cannot_be_named_by_strangers(world) {
        let (_, browser) = world.with_owner_inside().await;
        let page = browser.get("/api/v1/me?organisation=01936d2c-5b7e-7000-8000-000000000000").await;
        assert!([400, 403, 404].contains(&page.code()), "{}: {}", page.code(), page.body);
    }
}
