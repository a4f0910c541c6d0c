//! The pages that belong to no capability: the start of the site, and Help.
use axum::{extract::State, http::StatusCode, response::Response};
use ground::{
    Failure, Ground, Guard, Routes, Visitor,
    page::{DoorShell, HelpPage, html, see_other},
};
use kernel::Deployment;

/// `/` and `/help`.
pub fn routes(ground: Ground) -> Routes {
    Routes::new()
        .get("/", Guard::Anyone("site.start"), start)
        .get("/help", Guard::Anyone("help.see"), help)
        .with_state(ground)
}

async fn start() -> Response {
    see_other("/app")
}

async fn help(State(ground): State<Ground>, visitor: Visitor) -> Result<Response, Failure> {
    let door = ground
        .store
        .read(|view| organisations::at_the_door(view, Deployment))
        .await;
    let door = door.map_err(|error| Failure::store(&visitor, &error))?;
    let logo = door.has_logo.then(|| "/logo".to_owned());
    let shell = DoorShell::new("Help").of(door.name, logo, door.contact);
    let mut page = HelpPage::new(shell, ground.config.public_url.as_str());
    page.has_session = !visitor.session_tokens().is_empty();
    Ok(html(StatusCode::OK, page))
}
