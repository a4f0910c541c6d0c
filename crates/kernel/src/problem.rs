//! Problem details for HTTP APIs (RFC 9457), as SURFACE of the product has them.
use crate::Reason;
use serde::Serialize;

/// What is wrong with one field of a form or a JSON body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field's `name`.
    pub field: &'static str,
    /// What is wrong and what to do, for the person.
    pub message: String,
    /// The reason's stable id.
    pub reason: &'static str,
}

impl FieldError {
    /// The reason's own sentence at this field.
    pub fn new(field: &'static str, reason: Reason) -> Self {
        Self {
            field,
            message: reason.person().into(),
            reason: reason.id(),
        }
    }
}

/// One problem: `type` is `https://doorward.example/problems/SLUG`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The address that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status code.
    pub status: u16,
    /// This occurrence, in words that help.
    pub detail: String,
    /// The reason's stable id, such as `SI-001`.
    pub reason: &'static str,
    /// What is wrong field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of this kind, told by a reason.
    pub fn new(status: u16, slug: &str, title: &'static str, reason: Reason) -> Self {
        Self {
            kind: format!("https://doorward.example/problems/{slug}"),
            title,
            status,
            detail: format!("{} {}", reason.person(), reason.next()).trim_end().to_owned(),
            reason: reason.id(),
            errors: Vec::new(),
        }
    }
}
