//! Templates become answers here, and the help page that has no other home.
use super::DoorShell;
use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// A page as an answer that nobody may keep. Takes the template by value: it is rendered once.
pub fn html(status: StatusCode, page: impl Template) -> Response {
    let (status, body) = match page.render() {
        Ok(body) => (status, body),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something went wrong on our side. Try again in a moment.".to_owned(),
            )
        }
    };
    let kind = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    (
        status,
        [kind, (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        body,
    )
        .into_response()
}

/// On to another path of ours, after a form or instead of a page. What cannot stand in a header leads to the door.
pub fn see_other(to: &str) -> Response {
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/sign-in"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// What to do when something does not work: true for what exists now.
#[derive(Debug, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// The shell; its contact is the organisation's.
    pub shell: DoorShell,
    /// The one right address of this deployment.
    pub public_url: String,
    /// Whoever reads it is signed in, or was a moment ago.
    pub has_session: bool,
}

impl HelpPage {
    /// The page in this shell.
    pub fn new(shell: DoorShell, public_url: impl Into<String>) -> Self {
        Self {
            shell: DoorShell {
                title: "Help".into(),
                is_wide: true,
                ..shell
            },
            public_url: public_url.into(),
            has_session: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_renders_with_the_contact() {
        let shell = DoorShell::new("Help").of("Northwind IT", None, "help@northwind.example");
        let text =
            super::super::sample::check("help", &HelpPage::new(shell, "https://access.northwind.example")).unwrap();
        assert!(text.contains("help@northwind.example") && text.contains("https://access.northwind.example"));
    }
}
