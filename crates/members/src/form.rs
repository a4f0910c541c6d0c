//! What lists are asked for with, and what forms and programs send about people, read strictly.
//! Must never happen: a filter that cannot be read and is taken for none.
use crate::{
    decide::{Filter, State},
    invite,
};
use ground::{
    Ground,
    cursor::{ByName, Cursors},
};
use kernel::{FieldError, Language, OrganisationId, Reason, RoleId};
use roles::{GrantSent, Wanted};
use serde::Deserialize;

/// How a list is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Listing {
    /// The organisation's id: the door has looked at it.
    #[serde(rename = "organisation")]
    pub _organisation: Option<String>,
    /// Part of a name or an address.
    pub q: Option<String>,
    /// `active`, `disabled` or `invited`.
    pub state: Option<String>,
    /// A role's id.
    pub role: Option<String>,
    /// Items of a page.
    pub limit: Option<String>,
    /// Where the page begins.
    pub cursor: Option<String>,
    /// What a page tells that was just done.
    pub done: Option<String>,
}

/// Items of a page where nothing is asked for, and at most.
const USUAL: usize = 50;
const MOST: usize = 200;
/// Characters that are searched for at most.
const LONGEST: usize = 100;

impl Listing {
    /// The filter. None: one of its parts is none.
    pub fn filter(&self) -> Option<Filter> {
        let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let q = self.q.as_deref().unwrap_or_default();
        if q.chars().count() > LONGEST || q.contains('\0') {
            return None;
        }
        Some(Filter {
            pattern: people::pattern(q),
            state: match set(&self.state) {
                Some(word) => Some(State::from_name(&word)?),
                None => None,
            },
            role: match set(&self.role) {
                Some(id) => Some(id.parse::<RoleId>().ok()?),
                None => None,
            },
        })
    }
    /// How many items. None: no number from 1 to 200.
    pub fn limit(&self) -> Option<usize> {
        match &self.limit {
            None => Some(USUAL),
            Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)),
        }
    }
    /// Where the page begins. None: the cursor is of another organisation or filter, or was made up.
    pub fn place(&self, ground: &Ground, organisation: OrganisationId, filter: &Filter) -> Option<ByName> {
        match &self.cursor {
            None => Some(ByName::default()),
            Some(text) => cursors(ground, organisation, &filter.text()).open(text),
        }
    }
}

/// The cursor of what follows.
pub(crate) fn seal(ground: &Ground, organisation: OrganisationId, filter: &Filter, next: &ByName) -> String {
    cursors(ground, organisation, &filter.text()).seal(next)
}

fn cursors<'a>(ground: &'a Ground, organisation: OrganisationId, filter: &'a str) -> Cursors<'a> {
    Cursors {
        keys: &ground.keys,
        list: "people-cursor",
        organisation,
        filter,
    }
}

/// Roles and how far they go, as they were sent.
pub(crate) fn wanted(sent: &[GrantSent]) -> Result<Vec<Wanted>, FieldError> {
    let read = sent.iter().map(GrantSent::wanted);
    read.collect::<Option<_>>()
        .ok_or_else(|| FieldError::new("roles", Reason::ScopeUnknown))
}

/// A role and how far it goes, as a form sends them. Nothing where no role was chosen.
pub(crate) fn chosen(role: &str, scope: &str) -> Result<Option<Wanted>, FieldError> {
    if role.is_empty() {
        return Ok(None);
    }
    let role = role.parse().map_err(|_| FieldError::new("role", Reason::RoleUnknown))?;
    let word = if scope.is_empty() { "everything" } else { scope };
    let scope = roles::read_scope(word).ok_or_else(|| FieldError::new("scope", Reason::ScopeUnknown))?;
    Ok(Some(Wanted { role, scope }))
}

/// Whom to invite, or everything that is wrong with it.
pub(crate) fn invited(
    (name, email, language): (&str, &str, Option<&str>),
    roles: Result<Vec<Wanted>, FieldError>,
) -> Result<invite::Asked, Vec<FieldError>> {
    let name = organisations::check_name("name", name, Reason::NameInvalid);
    let email = people::canonical_email(email);
    let language = language
        .map(|tag| Language::from_tag(tag.trim()).ok_or_else(|| FieldError::new("language", Reason::LanguageUnknown)))
        .transpose();
    match (name, email, language, roles) {
        (Ok(name), Ok(email), Ok(language), Ok(roles)) => Ok(invite::Asked {
            name,
            email,
            language,
            roles,
        }),
        (name, email, language, roles) => Err([name.err(), email.err(), language.err(), roles.err()]
            .into_iter()
            .flatten()
            .collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(change: impl Fn(&mut Listing)) -> Listing {
        let mut listing = Listing::default();
        change(&mut listing);
        listing
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_none() {
        assert_eq!(Listing::default().filter(), Some(Filter::default()));
        let empty = listing(|asked| {
            (asked.q, asked.state, asked.role) = (Some(String::new()), Some(String::new()), Some(String::new()));
        });
        assert_eq!(
            empty.filter(),
            Some(Filter::default()),
            "a form sends what was left empty"
        );
        for bad in [
            listing(|asked| asked.state = Some("gone".into())),
            listing(|asked| asked.role = Some("Owner' OR 1=1".into())),
            listing(|asked| asked.q = Some("a".repeat(101))),
            listing(|asked| asked.q = Some("a\0".into())),
        ] {
            assert_eq!(bad.filter(), None, "{bad:?}");
        }
    }

    #[test]
    fn a_page_has_1_to_200_items() {
        for (text, wanted) in [
            (None, Some(50)),
            (Some("1"), Some(1)),
            (Some("200"), Some(200)),
            (Some("0"), None),
            (Some("201"), None),
            (Some("-1"), None),
            (Some("ten"), None),
        ] {
            let asked = listing(|asked| asked.limit = text.map(str::to_owned));
            assert_eq!(asked.limit(), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_role_and_its_scope_are_read_or_refused() {
        let role = "01936d2c-5b7e-7000-8000-000000000000";
        assert_eq!(chosen("", "site:x").unwrap(), None);
        assert_eq!(chosen(role, "").unwrap().unwrap().scope, kernel::Scope::Everything);
        assert_eq!(chosen("Owner", "").unwrap_err().field, "role");
        assert_eq!(chosen(role, "planet:1").unwrap_err().field, "scope");
    }
}
