//! An answer of the server, and the questions that a story asks of it.
use crate::html::{self, Piece, Tag};
use reqwest::{StatusCode, header::HeaderMap};

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Page {
    /// What was asked for: path and query.
    pub path: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The body as text.
    pub body: String,
    /// How many redirects were followed to come here.
    pub redirects: usize,
}

impl Page {
    /// The status as a number.
    pub fn code(&self) -> u16 {
        self.status.as_u16()
    }
    /// A header's value; none where it is missing.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or_default()
    }
    /// Every `Set-Cookie` line.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect()
    }
    /// How long to wait, in seconds.
    pub fn retry_after(&self) -> Option<i64> {
        self.header("retry-after").and_then(|value| value.parse().ok())
    }
    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none: then the story fails here, with the body in view.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| {
            panic!(
                "{} answered {} with no JSON ({error}): {}",
                self.path, self.status, self.body
            )
        })
    }
    /// The last part of a problem's `type`.
    pub fn problem(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        kind.strip_prefix("https://doorward.example/problems/")
            .unwrap_or(&kind)
            .to_owned()
    }
    fn pieces(&self) -> Vec<Piece> {
        html::read(&self.body)
    }
    fn first(&self, name: &str) -> String {
        html::texts(&self.pieces(), |tag| tag.name == name)
            .into_iter()
            .next()
            .unwrap_or_default()
    }
    /// The title.
    pub fn title(&self) -> String {
        self.first("title")
    }
    /// The first heading.
    pub fn heading(&self) -> String {
        self.first("h1")
    }
    /// All that a reader reads in the body.
    pub fn text(&self) -> String {
        html::texts(&self.pieces(), |tag| tag.name == "body")
            .into_iter()
            .next()
            .unwrap_or_default()
    }
    /// What a screen reader announces: every element with `role="alert"`.
    pub fn alerts(&self) -> Vec<String> {
        html::texts(&self.pieces(), |tag| tag.get("role") == Some("alert"))
    }
    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<Tag> {
        let is_field =
            |tag: &Tag| matches!(tag.name.as_str(), "input" | "select" | "textarea") && tag.get("name") == Some(name);
        html::tags(&self.pieces()).find(|tag| is_field(tag)).cloned()
    }
    /// The value that stands in the field of this name.
    pub fn value_of(&self, name: &str) -> Option<String> {
        self.field(name).and_then(|tag| tag.get("value").map(str::to_owned))
    }
    /// The text of the label that belongs to the field.
    pub fn label_of(&self, name: &str) -> Option<String> {
        let field = self.field(name)?;
        let id = field.get("id")?;
        html::texts(&self.pieces(), |tag| tag.name == "label" && tag.get("for") == Some(id))
            .into_iter()
            .next()
    }
    /// What the field is described by: its error, where it has one.
    pub fn error_of(&self, name: &str) -> Option<String> {
        let field = self.field(name).filter(|tag| tag.get("aria-invalid") == Some("true"))?;
        let ids: Vec<&str> = field.get("aria-describedby")?.split_whitespace().collect();
        let told = html::texts(&self.pieces(), |tag| tag.get("id").is_some_and(|id| ids.contains(&id)));
        Some(told.join(" ")).filter(|text| !text.is_empty())
    }
    /// The texts of all buttons.
    pub fn buttons(&self) -> Vec<String> {
        html::texts(&self.pieces(), |tag| tag.name == "button")
    }
    /// The addresses of all links.
    pub fn links(&self) -> Vec<String> {
        html::tags(&self.pieces())
            .filter(|tag| tag.name == "a")
            .filter_map(|tag| tag.get("href").map(str::to_owned))
            .collect()
    }
    /// Every address that the browser would load by itself: scripts, styles, pictures.
    pub fn loads(&self) -> Vec<String> {
        let pieces = self.pieces();
        let of = |tag: &Tag| match tag.name.as_str() {
            "script" | "img" => tag.get("src").map(str::to_owned),
            "link" => tag.get("href").map(str::to_owned),
            _ => None,
        };
        html::tags(&pieces)
            .filter_map(of)
            .filter(|address| !address.starts_with("data:"))
            .collect()
    }
}
