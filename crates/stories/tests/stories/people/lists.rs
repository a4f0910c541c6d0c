//! The list of people: searched, filtered, read page by page, taken as a file, and acted upon for many at once.
//! SECURITY.md S63 (one foreign id refuses the whole), S68 (a cursor that was edited).
use super::{NOBODY, call, invite, kinds, newcomer, role, with_role};
use serde_json::json;
use world::{Browser, Method, OWNER, Page, World};

async fn names(browser: &Browser, query: &str) -> Vec<String> {
    let page = browser.get(&format!("/api/v1/people?{query}")).await;
    assert_eq!(page.code(), 200, "{query}: {}", page.body);
    let items = page.json()["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn id_of(world: &World, name: &str) -> String {
    world.stored(&format!("{name}@northwind.example")).await.id.to_string()
}

async fn bulk(browser: &Browser, action: &str, people: &[&str]) -> Page {
    let body = json!({"action": action, "people": people});
    call(browser, Method::POST, "/api/v1/people/bulk", &body).await
}

world::stories! {
    async fn people_are_found_by_name_state_and_role(world) {
        let (_, browser) = world.with_owner_inside().await;
        for name in ["ana", "bert", "zoë"] {
            let email = if name == "zoë" { "zoe" } else { name };
            let person = world.person(email).await;
            world.give_role(&person, "Technician").await;
        }
        let id = id_of(&world, "bert").await;
        call(&browser, Method::PATCH, &format!("/api/v1/people/{id}"), &json!({"name": "Bert Ångström", "disabled": true})).await;
        invite(&browser, "ines@northwind.example", &[]).await;
        assert_eq!(names(&browser, "").await, ["ana", "Bert Ångström", "Ines Ivers", "Olive Owner", "zoe"]);
        assert_eq!(names(&browser, "q=%C3%85NGSTR%C3%96M").await, ["Bert Ångström"], "case of letters beyond ASCII");
        assert_eq!(names(&browser, "q=NORTHWIND").await.len(), 5);
        assert_eq!(names(&browser, "state=disabled").await, ["Bert Ångström"]);
        assert_eq!(names(&browser, "state=invited").await, ["Ines Ivers"]);
        assert_eq!(names(&browser, "state=active").await, ["ana", "Olive Owner", "zoe"]);
        let technician = role(&world, "Technician").await;
        assert_eq!(names(&browser, &format!("role={technician}")).await, ["ana", "Bert Ångström", "zoe"]);
        assert_eq!(names(&browser, &format!("role={technician}&state=active&q=z")).await, ["zoe"]);
        for nothing in ["q=100%25", "q=_", "q=%5C", "q=%27%20OR%201%3D1%20--"] {
            assert_eq!(names(&browser, nothing).await, Vec::<String>::new(), "{nothing}");
        }
        let page = browser.get(&format!("/app/people?q=ber&state=disabled&role={technician}")).await;
        assert!(page.text().contains("Bert Ångström") && page.value_of("q").as_deref() == Some("ber"), "{}", page.text());
        assert!(browser.get("/app/people?q=nobody-at-all").await.text().contains("Nobody matches"));
    }

    async fn the_list_is_read_page_by_page_to_its_end(world) {
        let (_, browser) = world.with_owner_inside().await;
        for name in ["ana", "bert", "cleo", "dora"] {
            world.person(name).await;
        }
        invite(&browser, "ines@northwind.example", &[]).await;
        let (mut seen, mut query) = (Vec::new(), "limit=2".to_owned());
        loop {
            let page = browser.get(&format!("/api/v1/people?{query}")).await.json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("limit=2&cursor={next}");
        }
        assert_eq!(seen, ["ana", "bert", "cleo", "dora", "Ines Ivers", "Olive Owner"]);
        // The same on the page, by its links.
        let page = browser.get("/app/people?limit=2&q=northwind").await;
        let more = page.links().into_iter().find(|to| to.contains("cursor=")).unwrap();
        assert!(browser.get(&more).await.text().contains("cleo"), "{more}");
    }

    async fn a_cursor_that_was_edited_or_is_of_other_filters_is_refused(world) {
        // S68
        let (_, browser) = world.with_owner_inside().await;
        for name in ["ana", "bert"] {
            world.person(name).await;
        }
        let page = browser.get("/api/v1/people?limit=1").await.json();
        let next = page["next"].as_str().unwrap().to_owned();
        let flipped = format!("{}{}", if next.starts_with('A') { "B" } else { "A" }, &next[1..]);
        for bad in [
            format!("limit=1&cursor={flipped}"),
            format!("limit=1&cursor={next}&state=active"),
            format!("limit=1&cursor={next}A"),
            "cursor=".into(), "cursor=1".into(), "cursor=%27%20OR%201%3D1".into(),
            "limit=0".into(), "limit=201".into(), "limit=x".into(), "state=gone".into(), "role=Owner".into(),
            "sort=email".into(), "order=email%20DESC".into(), "done=invited".into(),
        ] {
            let page = browser.get(&format!("/api/v1/people?{bad}")).await;
            assert_eq!((page.code(), page.problem().as_str()), (400, "malformed"), "{bad}: {}", page.body);
        }
        for bad in ["cursor=1", "state=gone", "sort=email"] {
            assert_eq!(browser.get(&format!("/app/people?{bad}")).await.code(), 400, "{bad}");
        }
    }

    async fn the_list_is_taken_as_a_file_that_runs_nothing(world) {
        let (_, browser) = world.with_owner_inside().await;
        let (_, id) = newcomer(&world, &browser, "ines@northwind.example", &["Technician"]).await;
        call(&browser, Method::PATCH, &format!("/api/v1/people/{id}"), &json!({"name": "=HYPERLINK(\"http://evil\")"})).await;
        for path in ["/app/people/export", "/api/v1/people/export"] {
            let page = browser.get(path).await;
            assert_eq!((page.code(), page.header("content-type")), (200, Some("text/csv; charset=utf-8")));
            assert!(page.header("content-disposition").unwrap().contains("people.csv"));
            let lines: Vec<&str> = page.body.split("\r\n").collect();
            assert_eq!(lines.len(), 4, "{}", page.body);
            assert!(page.body.contains("\"'=HYPERLINK(\"\"http://evil\"\")\",ines@northwind.example,active,Technician,Northwind IT,"), "{}", page.body);
        }
        assert_eq!(browser.get("/api/v1/people/export?q=olive").await.body.matches("\r\n").count(), 2);
        assert_eq!(browser.get("/api/v1/people/export?state=gone").await.code(), 400);
        let (_, hers) = with_role(&world, "tess", "Technician").await;
        assert_eq!(hers.get("/api/v1/people/export").await.code(), 403);
    }

    async fn one_action_for_many_is_all_or_nothing(world) {
        // S63
        let (_, browser) = world.with_owner_inside().await;
        let there = world.elsewhere("Contoso").await;
        let (ana, bert) = (world.person("ana").await, world.person("bert").await);
        let hers = world.browser();
        ana.enter(&hers).await;
        let (a, b, olive) = (id_of(&world, "ana").await, id_of(&world, "bert").await, world.stored(OWNER).await.id.to_string());
        let foreign = there.person.to_string();
        for action in ["sign-out", "disable", "enable", "remove"] {
            for bad in [foreign.as_str(), NOBODY] {
                let page = bulk(&browser, action, &[&a, bad, &b]).await;
                assert_eq!((page.code(), page.problem().as_str()), (404, "not-found"), "{action}: {}", page.body);
                let page = browser.post("/app/people/bulk", &[("action", action), ("person", &a), ("person", bad)]).await;
                assert_eq!(page.code(), 404, "{action}");
            }
        }
        assert!(hers.is_signed_in().await, "a part was done");
        // One who may not be taken out refuses the whole, too.
        assert_eq!(bulk(&browser, "disable", &[&a, &olive]).await.code(), 409);
        assert!(hers.is_signed_in().await, "a part was done");
        assert_eq!(bulk(&browser, "sign-out", &[&a, &b]).await.code(), 204);
        assert!(!hers.is_signed_in().await);
        assert_eq!(bulk(&browser, "disable", &[&a, &b, &a]).await.code(), 204);
        assert_eq!(names(&browser, "state=disabled").await, ["ana", "bert"]);
        let page = browser.post("/app/people/bulk", &[("person", &a), ("person", &b), ("action", "enable")]).await;
        assert_eq!(page.location(), "/app/people?done=done", "{}", page.text());
        bert.enter(&world.browser()).await;
        assert_eq!(bulk(&browser, "remove", &[&a, &b]).await.code(), 204);
        assert_eq!(names(&browser, "").await, ["Olive Owner"]);
        assert_eq!(bulk(&browser, "disable", &[]).await.code(), 422);
        let many: Vec<String> = (0..201).map(|n| format!("01936d2c-5b7e-7000-8000-{n:012}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(bulk(&browser, "disable", &many).await.code(), 422);
        assert_eq!(bulk(&browser, "promote", &[&a]).await.code(), 400);
        let none = browser.post("/app/people/bulk", &[("action", "disable")]).await;
        assert_eq!(none.code(), 422, "{}", none.text());
        assert!(kinds(&browser).await.contains(&"person-removed".to_owned()));
    }
}
