//! The tour of organisations, for the statements: everything that is done with customers and sites, once.
use super::{at, here, send};
use crate::policies::put;
use serde_json::json;
use world::{Browser, Method, Person, Scope, World};

/// All of it. `browser` is signed in as the owner, freshly. Leaves a deleted customer behind, whose end the operators' tour brings.
pub async fn tour(world: &World, owner: &Person, browser: &Browser) {
    let own = here(browser).await;
    let contoso = world.customer(browser, "Contoso").await;
    let adatum = world.customer(browser, "Adatum").await;
    let tailspin = world.another_organisation("Tailspin").await;
    world.join(tailspin, owner, "Owner").await;
    world.person_at(contoso, "cora", "Owner").await;
    let (tom, his) = (world.person("tom").await, world.browser_at(40));
    world
        .give_role_for(&tom, "Administrator", Scope::Customer(contoso))
        .await;
    tom.enter(&his).await;
    his.get("/api/v1/organisations").await;
    for path in [
        "/api/v1/organisations?limit=1&search=cont",
        "/api/v1/me/organisations",
        "/app/organisation?search=cont",
        "/app/organisations",
        "/app/settings/sites",
        "/app/policies",
    ] {
        assert_eq!(browser.get(path).await.code(), 200, "{path}");
    }
    let first = browser.get("/api/v1/organisations?limit=2").await.json();
    let next = first["next"].as_str().expect("more");
    browser.get(&format!("/api/v1/organisations?cursor={next}")).await;
    browser.get(&format!("/app/organisations/{contoso}")).await;
    let sites = format!("{}/sites", at(&own));
    let site = send(browser, Method::POST, &sites, &json!({"name": "Leeds"}))
        .await
        .json();
    let site = format!("{sites}/{}", site["id"].as_str().expect("an id"));
    send(browser, Method::PATCH, &site, &json!({"name": "Leeds branch"})).await;
    assert_eq!(browser.ask(Method::DELETE, &site).send().await.code(), 204);
    let path = at(contoso);
    for body in [
        json!({"name": "Contoso Ltd"}),
        json!({"state": "suspended"}),
        json!({"state": "active"}),
    ] {
        assert_eq!(send(browser, Method::PATCH, &path, &body).await.code(), 200, "{body}");
    }
    assert_eq!(put(browser, &json!({"factors": {"grace_hours": 12}})).await.code(), 200);
    let dry = format!("{}?dry_run=true", crate::policies::address(browser).await);
    let change = json!({"devices": {"mode": "approved"}, "networks": {"people": ["127.0.0.1/32"]}});
    assert_eq!(send(browser, Method::PUT, &dry, &change).await.code(), 200);
    // Tailspin asks for more than Northwind IT, so grace begins anew.
    let moved = send(browser, Method::PATCH, &path, &json!({"parent": tailspin.to_string()})).await;
    assert_eq!(moved.code(), 200, "{}", moved.body);
    let there = format!("{path}?organisation={tailspin}");
    assert_eq!(
        send(browser, Method::PATCH, &there, &json!({"parent": null}))
            .await
            .code(),
        200
    );
    browser
        .post("/app/organisation", &[("organisation", &adatum.to_string())])
        .await;
    browser.post("/app/organisation", &[("organisation", &own)]).await;
    world.person_at(adatum, "ada", "Owner").await;
    assert_eq!(browser.ask(Method::DELETE, &at(adatum)).send().await.code(), 200);
}
