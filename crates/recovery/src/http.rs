//! The routes of getting back in.
use crate::{alarm, email, first_aid, forgot, lost, page::AskPage, reset, review};
use axum::{http::StatusCode, response::Response};
use factors::Prover;
use ground::{
    Failure, Guard, House, Routes, Visitor,
    page::{Errors, Notice, html},
};
pub(crate) use ground::{cookies::put, page::see_other};
use kernel::{Action, Deployment, Freshness};
use organisations::AtTheDoor;
use serde::Deserialize;
pub(crate) use sessions::door_shell as shell;

/// The state of these routes.
#[derive(Clone)]
pub struct Recovery {
    pub(crate) house: House,
    pub(crate) prover: Prover,
}

impl Recovery {
    /// On the house, with what checks passwords and counts tries.
    pub fn new(house: House, prover: Prover) -> Self {
        Self { house, prover }
    }
    /// What stands at the door.
    pub(crate) async fn door(&self, visitor: &Visitor) -> Result<AtTheDoor, Failure> {
        let door = self
            .house
            .ground
            .store
            .read(|view| organisations::at_the_door(view, Deployment))
            .await;
        door.map_err(|error| Failure::store(visitor, &error))
    }
}

/// The routes.
pub fn routes(state: Recovery) -> Routes {
    Routes::new()
        .get("/forgot", Guard::Anyone("recovery.see"), forgot::show)
        .post("/forgot", Guard::Anyone("recovery.ask"), forgot::ask)
        .get("/forgot/state", Guard::Anyone("recovery.state"), forgot::state)
        .get("/reset", Guard::Anyone("recovery.see"), reset::show)
        .post("/reset", Guard::Anyone("recovery.reset"), reset::reset)
        .get("/not-me", Guard::Anyone("recovery.see"), alarm::show)
        .post("/not-me", Guard::Anyone("recovery.alarm"), alarm::raise)
        .post("/app/security/email", Guard::Person(Action::ChangeOwn), email::ask)
        .get("/email/confirm", Guard::Anyone("email.see"), email::show_confirm)
        .post("/email/confirm", Guard::Anyone("email.confirm"), email::confirm)
        .get("/email/undo", Guard::Anyone("email.see"), email::show_undo)
        .post("/email/undo", Guard::Anyone("email.undo"), email::undo)
        .post(
            "/app/security/reviewed",
            Guard::Person(Action::ChangeOwn),
            review::reviewed,
        )
        .get("/lost-factors", Guard::Anyone("recovery.see"), lost::show)
        .post("/lost-factors", Guard::Anyone("recovery.lost-factors"), lost::remove)
        .post(
            "/api/v1/people/{id}/reset-factors",
            Guard::Fresh(Action::ResetFactors, Freshness::Factor),
            first_aid::reset_factors,
        )
        .post(
            "/api/v1/people/{id}/unlock",
            Guard::Person(Action::UnlockPeople),
            first_aid::unlock,
        )
        .post(
            "/api/v1/people/{id}/sign-out",
            Guard::Person(Action::SignOutPeople),
            first_aid::sign_out,
        )
        .with_state(state)
}

/// The address's part of a link from a mail.
#[derive(Deserialize, Default)]
pub(crate) struct Token {
    #[serde(default)]
    pub token: String,
}

/// A form with one button and no field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A page with one question and one button: opening it does nothing.
pub(crate) struct Question {
    pub title: &'static str,
    pub text: String,
    pub action: String,
    pub button: &'static str,
}

pub(crate) fn question(door: &AtTheDoor, question: Question) -> Response {
    let Question {
        title,
        text,
        action,
        button,
    } = question;
    html(
        StatusCode::OK,
        AskPage {
            shell: shell(title, door),
            notice: None,
            errors: Errors::none(),
            text,
            action,
            button: button.to_owned(),
        },
    )
}

/// A link that works no more: says so, and offers a new way.
pub(crate) fn dead(door: &AtTheDoor, reason: kernel::Reason, action: &str, button: &str) -> Response {
    let page = AskPage {
        shell: shell("This link does not work any more", door),
        notice: Some(Notice::refused(reason)),
        errors: Errors::none(),
        text: String::new(),
        action: action.to_owned(),
        button: button.to_owned(),
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, page)
}
