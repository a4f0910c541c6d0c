//! Sites: the places of an organisation.
use super::{at, here, kinds, send};
use serde_json::json;
use world::{Method, Scope, Span};

world::stories! {
    async fn sites_are_added_renamed_and_removed_but_never_the_last(world) {
        let (_, browser) = world.with_owner_inside().await;
        let own = here(&browser).await;
        let sites = format!("{}/sites", at(&own));
        let first = browser.get(&sites).await.json()["items"][0]["id"].as_str().unwrap().to_owned();
        let last = browser.ask(Method::DELETE, &format!("{sites}/{first}")).send().await;
        assert_eq!((last.code(), last.json()["reason"].as_str()), (409, Some("OG-007")), "{}", last.body);
        world.clock.advance(Span::seconds(1));
        let leeds = send(&browser, Method::POST, &sites, &json!({"name": "Leeds"})).await;
        assert_eq!(leeds.code(), 201, "{}", leeds.body);
        let leeds = leeds.json()["id"].as_str().unwrap().to_owned();
        for (body, code) in [(json!({"name": "LEEDS"}), 422), (json!({"name": ""}), 422), (json!({"name": "x", "id": leeds}), 400), (json!({}), 400)] {
            assert_eq!(send(&browser, Method::POST, &sites, &body).await.code(), code, "{body}");
        }
        let renamed = send(&browser, Method::PATCH, &format!("{sites}/{leeds}"), &json!({"name": "Leeds branch"})).await;
        assert_eq!(renamed.json()["name"], "Leeds branch", "{}", renamed.body);
        assert_eq!(send(&browser, Method::PATCH, &format!("{sites}/{own}"), &json!({"name": "X"})).await.code(), 404);
        let part = browser.get(&format!("{sites}?limit=1")).await.json();
        assert_eq!((part["items"][0]["name"].as_str(), part["next"].as_str()), (Some("Main site"), Some(first.as_str())));
        let ana = world.person("ana").await;
        world.give_role_for(&ana, "Technician", Scope::Site(leeds.parse().unwrap())).await;
        assert_eq!(browser.ask(Method::DELETE, &format!("{sites}/{leeds}")).send().await.code(), 204);
        assert_eq!(browser.ask(Method::DELETE, &format!("{sites}/{leeds}")).send().await.code(), 404);
        let told = kinds(&browser, &own).await;
        for kind in ["site-made", "site-renamed", "site-removed"] {
            assert!(told.contains(&kind.to_owned()), "{kind}");
        }
        let hers = world.browser();
        ana.enter(&hers).await;
        assert_eq!(send(&hers, Method::POST, &sites, &json!({"name": "Mine"})).await.code(), 403);
    }

    async fn of_two_removals_at_once_one_site_is_left(world) {
        let (_, browser) = world.with_owner_inside().await;
        let sites = format!("{}/sites", at(here(&browser).await));
        send(&browser, Method::POST, &sites, &json!({"name": "Leeds"})).await;
        let list = browser.get(&sites).await.json();
        let path = |n: usize| format!("{sites}/{}", list["items"][n]["id"].as_str().unwrap());
        let (first, second) = (path(0), path(1));
        let (one, other) = tokio::join!(
            browser.ask(Method::DELETE, &first).send(),
            browser.ask(Method::DELETE, &second).send(),
        );
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(codes, [204, 409]);
        assert_eq!(browser.get(&sites).await.json()["items"].as_array().unwrap().len(), 1);
    }

    async fn the_page_of_sites_does_the_same(world) {
        let (_, browser) = world.with_owner_inside().await;
        assert!(browser.get("/app/settings").await.links().contains(&"/app/settings/sites".to_owned()));
        assert_eq!(browser.get("/app/settings/sites").await.heading(), "Sites");
        world.clock.advance(Span::seconds(1));
        assert_eq!(browser.post("/app/settings/sites", &[("name", "Leeds")]).await.location(), "/app/settings/sites?done=added");
        let taken = browser.post("/app/settings/sites", &[("name", "leeds")]).await;
        assert!(taken.code() == 422 && taken.body.contains("value=\"leeds\""), "{}", taken.text());
        let sites = browser.get(&format!("{}/sites", at(here(&browser).await))).await.json();
        let [first, leeds] = [0, 1].map(|n| sites["items"][n]["id"].as_str().unwrap().to_owned());
        assert_eq!(browser.post(&format!("/app/settings/sites/{leeds}/name"), &[("name", "Leeds branch")]).await.code(), 303);
        assert_eq!(browser.post(&format!("/app/settings/sites/{leeds}/name"), &[("name", "")]).await.code(), 422);
        assert_eq!(browser.post(&format!("/app/settings/sites/{leeds}/remove"), &[]).await.code(), 303);
        assert_eq!(browser.post(&format!("/app/settings/sites/{first}/remove"), &[]).await.code(), 409);
    }
}
