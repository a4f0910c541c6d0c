//! What the stories of the sign-in flow share: a browser that stands at a step, and the forms of the steps.
use world::{Browser, Page, Person, World};

/// A browser in which this person's password has passed, so that it stands at the second factor.
pub async fn at_factor(world: &World, person: &Person) -> Browser {
    let browser = world.browser();
    let page = person.sign_in(&browser).await;
    assert_eq!(
        (page.code(), page.location()),
        (303, "/sign-in/factor"),
        "{}",
        page.text()
    );
    browser
}

/// Sends the form of the second factor.
pub async fn confirm(browser: &Browser, code: &str) -> Page {
    browser.post("/sign-in/factor", &[("code", code)]).await
}

/// The status of a page.
pub async fn code_of(browser: &Browser, path: &str) -> u16 {
    browser.get(path).await.code()
}
