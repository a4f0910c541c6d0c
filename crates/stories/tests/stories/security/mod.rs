//! Real faults of systems like ours, each as a test from outside. A name begins with the row of the regression list that it tells.
pub mod door;
mod factors;
mod https;
mod load;
mod sessions;
mod web;

use world::{Browser, Page};

const WRONG: &str = "surely not the right one";

async fn try_in(browser: &Browser, email: &str, password: &str) -> Page {
    browser.get("/sign-in").await;
    browser
        .post("/sign-in", &[("email", email), ("password", password)])
        .await
}
