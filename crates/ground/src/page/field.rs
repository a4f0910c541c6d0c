//! The parts of forms: a field with label, hint and error tied together, and the summary of what was refused.
//! Used in templates as `{{ Field::new("name", "Your name").value(name).errors(errors) }}`; they write safe HTML by themselves.
use askama::{Template, filters::HtmlSafe};
use kernel::{FieldError, Reason};

/// The fields of our forms as the summary calls them.
const LABELS: &[(&str, &str)] = &[
    ("organisation", "Organisation"),
    ("name", "Name"),
    ("email", "E-mail address"),
    ("code", "Code"),
    ("number", "Mobile number"),
    ("current", "Current password"),
    ("password", "Password"),
    ("contact", "Contact"),
    ("logo", "Logo"),
    ("language", "Language"),
    ("person", "Person"),
    ("network", "Network address"),
    ("url", "Address"),
    ("days", "Days"),
    ("uses", "Uses"),
    ("site_id", "Site"),
    ("user_code", "Code"),
    ("from", "From"),
    ("to", "To"),
];

/// What was refused, field by field. Writes the summary that links to the fields; nothing where nothing was refused.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "part/errors.html")]
pub struct Errors(Vec<FieldError>);
impl HtmlSafe for Errors {}

impl Errors {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }
    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.message.as_str())
    }
    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Each refusal in the order of the form.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }
    /// What a field is called in the summary, where several have the same sentence.
    fn label(&self, error: &FieldError) -> String {
        let is_clear = self.0.iter().filter(|other| other.message == error.message).count() < 2;
        let known = LABELS.iter().find(|(name, _)| *name == error.field && !is_clear);
        known.map_or_else(String::new, |(_, label)| format!("{label}: "))
    }
    /// One more.
    pub fn push(&mut self, field: &'static str, reason: Reason) {
        self.0.push(FieldError::new(field, reason));
    }
}

impl From<Vec<FieldError>> for Errors {
    fn from(errors: Vec<FieldError>) -> Self {
        Self(errors)
    }
}

impl<'a> IntoIterator for &'a Errors {
    type Item = &'a FieldError;
    type IntoIter = std::slice::Iter<'a, FieldError>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// One line of input.
#[derive(Debug, Clone, Template)]
#[expect(clippy::struct_excessive_bools, reason = "each is one attribute of the input")]
#[template(path = "part/field.html")]
pub struct Field<'a> {
    name: &'a str,
    label: &'a str,
    value: &'a str,
    kind: &'a str,
    mode: &'a str,
    autocomplete: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    most: u32,
    is_code: bool,
    is_required: bool,
    is_first: bool,
    is_told_above: bool,
}
impl HtmlSafe for Field<'_> {}

impl<'a> Field<'a> {
    /// A line of text with this `name` and label.
    pub fn new(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            value: "",
            kind: "text",
            mode: "",
            autocomplete: "off",
            hint: "",
            error: None,
            most: 0,
            is_code: false,
            is_required: false,
            is_first: false,
            is_told_above: false,
        }
    }
    /// An e-mail address. Not `type=email`: browsers refuse addresses with letters beyond ASCII, which the server takes.
    pub fn email(name: &'a str, label: &'a str) -> Self {
        Self {
            mode: "email",
            autocomplete: "username",
            most: 254,
            ..Self::new(name, label)
        }
    }
    /// A code that was shown or sent to the person: large and spaced, filled in by the browser where it can. Recovery codes have letters, so the
    /// number pad is only asked for, and nothing typed is cut.
    pub fn code(name: &'a str, label: &'a str) -> Self {
        Self {
            mode: "numeric",
            autocomplete: "one-time-code",
            is_code: true,
            ..Self::new(name, label)
        }
    }
    /// A day, `2026-11-24`.
    pub fn date(name: &'a str, label: &'a str) -> Self {
        Self {
            kind: "date",
            ..Self::new(name, label)
        }
    }
    /// A code with letters in it: the whole keyboard.
    #[must_use]
    pub fn words(mut self) -> Self {
        self.mode = "text";
        self
    }
    /// The page's [`Notice`](super::Notice) is about it, so it is marked and read out with it.
    #[must_use]
    pub fn told_above(mut self, is_told: bool) -> Self {
        self.is_told_above = is_told;
        self
    }
    /// What stands in it.
    #[must_use]
    pub fn value(mut self, value: &'a str) -> Self {
        self.value = value;
        self
    }
    /// What a password manager or browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, token: &'a str) -> Self {
        self.autocomplete = token;
        self
    }
    /// A word of help below.
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }
    /// What was wrong with it, if it is among these.
    #[must_use]
    pub fn errors(mut self, errors: &'a Errors) -> Self {
        self.error = errors.of(self.name);
        self
    }
    /// At most so many characters.
    #[must_use]
    pub fn most(mut self, characters: u32) -> Self {
        self.most = characters;
        self
    }
    /// May not stay empty.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
    /// Where the reader starts.
    #[must_use]
    pub fn first(mut self) -> Self {
        self.is_first = true;
        self
    }
}

/// A password. Never has a value or a length limit: a pasted password must not be cut silently.
#[derive(Debug, Clone, Template)]
#[template(path = "part/secret.html")]
pub struct Secret<'a> {
    name: &'a str,
    label: &'a str,
    autocomplete: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    beside: Option<(&'a str, &'a str)>,
    is_told_above: bool,
    is_first: bool,
    may_be_empty: bool,
}
impl HtmlSafe for Secret<'_> {}

impl<'a> Secret<'a> {
    /// The password that the person has.
    pub fn current(name: &'a str, label: &'a str) -> Self {
        Self {
            name,
            label,
            autocomplete: "current-password",
            hint: "",
            error: None,
            beside: None,
            is_told_above: false,
            is_first: false,
            may_be_empty: false,
        }
    }
    /// A password that the person chooses now.
    pub fn new_one(name: &'a str, label: &'a str) -> Self {
        Self {
            autocomplete: "new-password",
            ..Self::current(name, label)
        }
    }
    /// A word of help below.
    #[must_use]
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }
    /// What was wrong with it, if it is among these.
    #[must_use]
    pub fn errors(mut self, errors: &'a Errors) -> Self {
        self.error = errors.of(self.name);
        self
    }
    /// A way on beside the label, such as "Forgot password?".
    #[must_use]
    pub fn beside(mut self, words: &'a str, to: &'a str) -> Self {
        self.beside = Some((words, to));
        self
    }
    /// The page's [`Notice`](super::Notice) is about it, so it is read out with it.
    #[must_use]
    pub fn told_above(mut self, is_told: bool) -> Self {
        self.is_told_above = is_told;
        self
    }
    /// Something else in the same form will do instead: a browser that insisted on it would hold that back.
    #[must_use]
    pub fn may_be_empty(mut self, may: &bool) -> Self {
        self.may_be_empty = *may;
        self
    }
    /// Where the reader starts.
    #[must_use]
    pub fn first(mut self) -> Self {
        self.is_first = true;
        self
    }
}

/// A box to tick, sent as `on`.
#[derive(Debug, Clone, Template)]
#[template(path = "part/tick.html")]
pub struct Tick<'a> {
    name: &'a str,
    label: &'a str,
    is_on: bool,
}
impl HtmlSafe for Tick<'_> {}

impl<'a> Tick<'a> {
    /// With this `name` and label.
    pub fn new(name: &'a str, label: &'a str, is_on: &bool) -> Self {
        Self {
            name,
            label,
            is_on: *is_on,
        }
    }
}
