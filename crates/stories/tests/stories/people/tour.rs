//! Everything that is done about people once, for the check that runs every statement.
use super::{call, invite, link, newcomer, role};
use serde_json::json;
use world::{Browser, Method, PASSWORD, Span, World};

/// The tour; the owner is signed in and freshly proved.
pub async fn tour(world: &World, browser: &Browser) {
    let technician = role(world, "Technician").await;
    let invited = invite(browser, "ivo@northwind.example", std::slice::from_ref(&technician)).await;
    assert_eq!(invited.code(), 201, "{}", invited.body);
    let ivo = invited.json()["id"].as_str().unwrap().to_owned();
    // Brought one by one, so that the last one is the newest.
    world.bring_mail().await;
    world.clock.advance(Span::seconds(1));
    call(
        browser,
        Method::POST,
        &format!("/api/v1/people/{ivo}/resend"),
        &json!({}),
    )
    .await;
    let mail = world
        .mail_to("ivo@northwind.example", super::INVITED)
        .await
        .pop()
        .unwrap();
    let code = mail
        .text
        .split("and this code: ")
        .nth(1)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    let page = world
        .browser_at(40)
        .post("/invitation", &[("email", "ivo@northwind.example"), ("code", &code)])
        .await;
    assert_eq!(page.code(), 303);
    for path in [
        "/app/people".to_owned(),
        "/api/v1/people?state=active&q=o".into(),
        "/api/v1/people?state=disabled".into(),
        "/api/v1/people?state=invited".into(),
        format!("/api/v1/people?role={technician}&state=active"),
        format!("/app/people/{ivo}"),
        "/app/people/invite".into(),
        "/api/v1/people/export".into(),
    ] {
        assert_eq!(browser.get(&path).await.code(), 200, "{path}");
    }
    assert_eq!(
        browser
            .ask(Method::DELETE, &format!("/api/v1/people/{ivo}"))
            .send()
            .await
            .code(),
        204
    );

    let (ines, id) = newcomer(world, browser, "ines@northwind.example", &["Technician"]).await;
    let path = format!("/api/v1/people/{id}");
    let change = json!({"name": "Ines Marsh", "email": "ines.marsh@northwind.example", "disabled": true, "roles": []});
    assert_eq!(call(browser, Method::PATCH, &path, &change).await.code(), 200);
    assert_eq!(
        call(browser, Method::PATCH, &path, &json!({"disabled": false}))
            .await
            .code(),
        200
    );
    world.browser_at(41).sign_in(&ines.email, PASSWORD).await;
    assert_eq!(
        call(browser, Method::POST, &format!("{path}/data"), &json!({}))
            .await
            .code(),
        200
    );
    assert_eq!(browser.ask(Method::DELETE, &path).send().await.code(), 204);
    assert_eq!(
        call(browser, Method::POST, &format!("{path}/erase"), &json!({}))
            .await
            .code(),
        204
    );

    let there = world.elsewhere("Adventure").await;
    invite(browser, &there.owner.email, &[]).await;
    let theirs = world.browser_at(42);
    let join = link(world, &there.owner.email)
        .await
        .replace("/invitation", "/app/join");
    there.owner.enter(&theirs).await;
    theirs.get(&join).await;
    assert_eq!(theirs.post(&join, &[]).await.code(), 303);
    let member = format!("/api/v1/people/{}", there.person);
    assert_eq!(browser.ask(Method::DELETE, &member).send().await.code(), 204);
}
